"""`wacli contacts erase`: one person, or everybody silent for too long, out of the store for good.

Notifications are rewritten without them and everything is made again from those, so no table, index or free page can
be forgotten; then the file is written anew. What the bill needs stays under an invented user ID of the same country:
instants, kinds, statuses, prices. Keyed tombstones keep old files from bringing them back; when they write again
themselves, they are met anew.

What wacli cannot reach is said: Meta's own copies, the phone, backups and exports.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from wacli.cloudapi.redaction import Person, redacted
from wacli.domain.contact import Contact
from wacli.domain.identity import invented_bsuid, is_invented, match_key, wa_id_of
from wacli.domain.problem import Refused
from wacli.domain.text import t
from wacli.importers.notifications import decode
from wacli.store import contacts, erasure, scrubbing, tombstones
from wacli.store.database import Store
from wacli.store.erasure import Known
from wacli.store.intake import Intake

from .forgotten import kept_bytes
from .rebuild import rebuild

_SOMEWHERE = "XX"  # the country of somebody of whom no number and no user ID is known


class Certificate(NamedTuple):
    """What was done. `tombstones` are keyed hashes in hex; `copies` are files beside the store that still know them."""

    contact_ids: tuple[int, ...]
    erased_at: datetime
    notifications_rewritten: int
    messages: int
    rows: dict[str, int]
    tombstones: tuple[str, ...]
    copies: tuple[Path, ...]
    mentions: tuple[tuple[str, str], ...] = ()  # the owner's own words that name them: kind and name
    is_scrubbed: bool = True  # False: another program kept the file from being written anew
    found_again: int | None = None  # places in the store's files where an identifier of theirs still stands


class Erasure(NamedTuple):
    """What was done, and the words to look for in the store's files afterwards."""

    certificate: Certificate
    path: Path
    words: tuple[str, ...]

    def checked(self) -> Certificate:
        """The certificate with what is found in the files. Only when no store of this process is open: closing a file
        beside SQLite would take its locks away."""
        if not self.certificate.is_scrubbed:
            return self.certificate
        return self.certificate._replace(found_again=_count_in_files(self.path, self.words))


def erase(store: Store, contact_ids: Sequence[int], now: datetime, country_of: Callable[[str], str | None]) -> Erasure:
    """Erases these contacts. `country_of` gives the country of a number's digits, which decides the market.

    One transaction: a killed process has erased everybody or nobody. Raises `Refused` (`erased-already`) where there
    is nobody to erase, Unavailable when the store is being written.
    """
    salt = os.urandom(32)
    rewritten = 0
    rows: dict[str, int] = {}
    marks: list[str] = []
    store.query("PRAGMA secure_delete=ON")
    scrubbing.owe(store.path)
    with store.transaction():  # nothing of theirs may come in between the looking and the erasing
        people = [contacts.get(store, contact_id) for contact_id in contact_ids]
        known = {contact.id: erasure.known_of(store, [contact.id]) for contact in people}
        if all(map(_is_erased, people)):
            raise Refused("erased-already", t("Nothing about them is left to erase"))
        mentions = tuple(erasure.list_mentions(store, list(known)))
        invented = {contact_id: _invented(one, country_of) for contact_id, one in known.items()}
        renamed = _renaming(known, salt)

        def forget(intake: Intake) -> None:
            nonlocal rewritten, rows, marks
            connection = intake.connection
            rewritten = erasure.rewrite_notifications(connection, _rewriting(known, invented, renamed))
            rows = erasure.take_out(connection, list(known), invented, renamed, now)
            everybody = [mark for one in known.values() for mark in (*one.phone_keys, *one.bsuids)]
            marks = tombstones.add(connection, everybody, int(now.timestamp()))

        rebuild(store, now, once_empty=forget)
        erasure.wait_no_more(store, list(known), now)
    is_scrubbed = scrubbing.scrub(store)
    messages = sum(len(one.wamids) for one in known.values())
    copies = tuple(_copies_of(store.path))
    words = sorted({word for one in known.values() for word in (*one.phone_keys, *one.bsuids, *one.wamids)})
    certificate = Certificate(tuple(known), now, rewritten, messages, rows, tuple(marks), copies, mentions, is_scrubbed)
    return Erasure(certificate, store.path, tuple(words))


def finish_scrubbing(store: Store) -> bool:
    """Writes the file anew where an erasure was cut short before that. False: another program is in the way."""
    return not scrubbing.is_owed(store.path) or scrubbing.scrub(store)


def list_due(store: Store, before: datetime) -> list[Contact]:
    """Who would be erased by a rule that keeps nobody silent since then."""
    return [contacts.get(store, contact_id) for contact_id in erasure.list_silent_since(store, before)]


def _rewriting(
    known: dict[int, Known], invented: dict[int, str], renamed: Callable[[str | None], str | None]
) -> Callable[[bytes], bytes | None]:
    people = [_person(one, invented[contact_id], renamed) for contact_id, one in known.items()]

    def rewritten(raw: bytes) -> bytes | None:
        value = before = decode(raw)
        for person in people:
            value = redacted(value, person)
        if value is before:
            return None
        return kept_bytes(value)

    return rewritten


def _person(known: Known, bsuid: str, renamed: Callable[[str | None], str | None]) -> Person:
    def is_theirs(identifier: str) -> bool:
        if identifier in known.bsuids:
            return True
        digits = wa_id_of(identifier)
        return bool(digits) and match_key(str(digits)) in known.phone_keys

    return Person(is_theirs, lambda wamid: renamed(wamid) if wamid in known.wamids else None, bsuid)


def _renaming(known: dict[int, Known], salt: bytes) -> Callable[[str | None], str | None]:
    import hmac

    theirs = frozenset().union(*(one.wamids for one in known.values()))

    def renamed(wamid: str | None) -> str | None:
        if wamid is None or wamid not in theirs:
            return wamid
        return "erased." + hmac.digest(salt, wamid.encode(), "sha256")[:16].hex()

    return renamed


def _invented(known: Known, country_of: Callable[[str], str | None]) -> str:
    country = known.country
    for digits in sorted(known.phone_keys):
        country = country or country_of(digits)
    return invented_bsuid(country or _SOMEWHERE, secrets.randbelow(10**18) + 10**18)


def _is_erased(contact: Contact) -> bool:
    return is_invented(contact.bsuid) and contact.phone is None


def _copies_of(path: Path) -> list[Path]:
    """Copies of the store that wacli itself made beside it."""
    folder = path.parent / "backups"
    return sorted(folder.glob(f"{path.stem}*")) if folder.is_dir() else []


def _count_in_files(path: Path, words: Sequence[str]) -> int:
    """How often a word still stands in the store's files: never, unless somebody else wrote it in a message."""
    import re

    if not words:
        return 0
    wanted = re.compile(b"|".join(re.escape(word.encode()) for word in words))
    overlap = max(map(len, words))
    count = 0
    for file in (path, path.with_name(path.name + "-wal")):
        if not file.exists():
            continue
        with file.open("rb") as stream:
            tail = b""
            while block := stream.read(1 << 20):
                count += len(wanted.findall(tail + block))
                tail = (tail + block)[-overlap + 1 :] if overlap > 1 else b""
                count -= len(wanted.findall(tail))
            count += len(wanted.findall(tail))
    return count
