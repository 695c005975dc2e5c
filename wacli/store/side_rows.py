"""Events that are neither messages nor statuses: calls, identities, preferences, notices, and what nobody reads.

Each kind is kept once for each content: the fingerprint of a row is made of what was said and of whom, by natural
keys, so it does not depend on the order in which things came.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from ..domain.category import Category
from ..domain.consent import OPTED_IN, OPTED_OUT, START_WORD, STOP_WORD
from ..domain.event import (
    CallSeen,
    ContactSynced,
    Event,
    IdentityChanged,
    IdentityKeySeen,
    MessageSeen,
    NoticeSeen,
    Number,
    PreferenceStated,
    TemplateChanged,
    Unrecognised,
)
from ..domain.identity import Party
from ..domain.stop_words import Wish
from .hashing import fingerprint
from .instants import instant
from .parties import Parties, party_key
from .settle import Touched


def number_key(number: Number) -> str:
    """What tells business numbers apart: Meta's id, else the number as displayed, else nothing known."""
    return number.phone_number_id or number.display_phone_number or ""


class Counts:
    """What an ingest found that was not there before.

    `unknown`: messages of a kind we do not read (counted as messages too) and everything the reader could not make
    out, status words included (it reports those beside the status).
    """

    __slots__ = (
        "calls_new",
        "echoes_new",
        "history_new",
        "messages_new",
        "samples_new",
        "statuses_new",
        "unknown",
    )

    def __init__(self) -> None:
        self.messages_new = self.statuses_new = self.echoes_new = self.history_new = 0
        self.calls_new = self.unknown = self.samples_new = 0

    def snapshot(self) -> tuple[int, ...]:
        """The counts as they are: a transaction that fails puts them back."""
        return tuple(getattr(self, name) for name in self.__slots__)

    def restore(self, snapshot: tuple[int, ...]) -> None:
        """Puts a snapshot back."""
        for name, value in zip(self.__slots__, snapshot, strict=True):
            setattr(self, name, value)


class SideRows:
    """The rows of one store, within one transaction at a time."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        parties: Parties,
        touched: Touched,
        counts: Counts,
        number_id: Callable[[Number], int],
    ) -> None:
        self._connection = connection
        self._parties = parties
        self._touched = touched
        self._counts = counts
        self._number_id = number_id

    def apply(self, event: Event) -> None:
        """Keeps one event that is neither a message nor a status."""
        if isinstance(event, CallSeen):
            self._apply_call(event)
        elif isinstance(event, IdentityChanged):
            at = instant(event.at)
            before_id, after_id = self._parties.link(event.before, event.after, at)
            self._insert_once(
                "identity_changes",
                ("before_party_id", "after_party_id", "at", "raw"),
                (before_id, after_id, at, event.raw),
                (party_key(event.before), party_key(event.after), at, event.raw),
            )
        elif isinstance(event, IdentityKeySeen):
            self._apply_identity_key(event)
        elif isinstance(event, ContactSynced):
            self._apply_synced(event)
        elif isinstance(event, PreferenceStated):
            state = {"stop": "opted-out", "resume": "opted-in"}.get(event.value, event.value)
            self.record_consent(event.party, event.category, state, "whatsapp", event.detail, event.at)
        else:
            self._apply_notice(event)

    def _apply_call(self, event: CallSeen) -> None:
        at, number_id = instant(event.at), self._number_id(event.number)
        party_id, contact_id = self._parties.resolve(event.party, at)
        thread_id = None if contact_id is None else self._parties.thread_of(contact_id, number_id)
        content = (event.key, event.event, event.direction, at, int(event.opens_window))
        if self._insert_once(
            "calls",
            ("key", "event", "direction", "at", "opens_window", "thread_id", "number_id", "party_id", "raw"),
            (*content, thread_id, number_id, party_id, event.raw),
            (said := (*content, number_key(event.number), party_key(event.party))),
        ):
            self._counts.calls_new += 1
        else:  # told again in other words: which of them is kept must not depend on which came first
            self._connection.execute(
                "UPDATE calls SET raw = :raw WHERE fingerprint = :print AND raw > :raw",
                {"raw": event.raw, "print": fingerprint(*said)},
            )
        if thread_id is not None:
            self._touched.threads.add(thread_id)

    def _apply_synced(self, event: ContactSynced) -> None:
        at = instant(event.at)
        nameless = event.party._replace(name=None)  # what the owner's phone calls them is not their profile name
        party_id, contact_id = self._parties.resolve(nameless, at)
        if party_id is None or contact_id is None:
            return
        content = (event.party.name, int(event.is_removed), at)
        self._insert_once(
            "book_entries",
            ("name", "is_removed", "at", "party_id"),
            (*content, party_id),
            (*content, party_key(nameless)),
        )
        self._parties.mark_stale(contact_id)

    def _apply_identity_key(self, event: IdentityKeySeen) -> None:
        at = instant(event.at)
        party_id, _ = self._parties.resolve(event.party, at)
        if party_id is not None:
            # Every sighting of one key says the same: the first is kept, and `last_at` of the latest.
            print_ = fingerprint(event.key_hash, party_key(event.party))
            self._connection.execute(
                "INSERT INTO identity_keys (fingerprint, party_id, key_hash, first_at, last_at) "
                "VALUES (:print, :party, :hash, :at, :at) ON CONFLICT (fingerprint) DO UPDATE SET "
                "first_at = min(coalesce(first_at, :at), coalesce(:at, first_at)), "
                "last_at = max(coalesce(last_at, :at), coalesce(:at, last_at))",
                {"print": print_, "party": party_id, "hash": event.key_hash, "at": at},
            )

    def record_consent(
        self, party: Party, category: str, state: str, source: str, evidence: str | None, at: int | None
    ) -> None:
        """Adds to the ledger what WhatsApp told us of a contact's permission."""
        _, contact_id = self._parties.resolve(party, instant(at))
        if contact_id is None:
            return
        content = (category, state, source, evidence, instant(at) or 0)
        self._insert_once(
            "consents",
            ("category", "state", "source", "evidence", "at", "contact_id"),
            (*content, contact_id),
            (*content, party_key(party)),
        )

    def record_wish(self, event: MessageSeen, wish: Wish) -> None:
        """Adds to the ledger that a contact wrote STOP or START; the message is the evidence."""
        state, source = (OPTED_OUT, STOP_WORD) if wish is Wish.STOP else (OPTED_IN, START_WORD)
        evidence = f"{event.text} ({event.key})"
        self.record_consent(event.party, Category.MARKETING.value, state, source, evidence, event.at)

    def record_pricing(self, message_id: int, raw: str) -> None:
        """Keeps what a status said of the price beyond the columns of `statuses`, once."""
        self._connection.execute(
            "INSERT INTO pricing_words (message_id, raw) VALUES (?, ?) ON CONFLICT DO NOTHING", (message_id, raw)
        )

    def _apply_notice(self, event: Event) -> None:
        number_id, number = self._number_id(event.number), number_key(event.number)
        if isinstance(event, TemplateChanged):
            content: tuple[object, ...] = (
                event.template_id,
                event.name,
                event.language,
                event.what,
                event.before,
                event.after,
                event.reason,
                instant(event.at),
                event.raw,
            )
            columns = ("template_id", "name", "language", "what", "before", "after", "reason", "at", "raw")
            self._insert_once("template_changes", (*columns, "number_id"), (*content, number_id), (*content, number))
        elif isinstance(event, NoticeSeen):
            content = (event.field, event.what, instant(event.at), event.raw)
            self._insert_once(
                "notices", ("field", "what", "at", "raw", "number_id"), (*content, number_id), (*content, number)
            )
        elif isinstance(event, Unrecognised):
            content = (event.field, event.why, event.raw)
            if self._insert_once(
                "unrecognised", ("field", "why", "raw", "number_id"), (*content, number_id), (*content, number)
            ):
                self._counts.unknown += 1

    def _insert_once(
        self, table: str, columns: Sequence[str], values: tuple[object, ...], content: tuple[object, ...]
    ) -> bool:
        """True when a row with this content was not there. `content` holds nothing that depends on arrival."""
        marks = ", ".join("?" * (len(columns) + 1))
        return (
            self._connection.execute(
                f"INSERT INTO {table} (fingerprint, {', '.join(columns)}) VALUES ({marks}) "
                "ON CONFLICT (fingerprint) DO NOTHING",
                (fingerprint(*content), *values),
            ).rowcount
            > 0
        )
