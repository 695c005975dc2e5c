"""One thread, looked at again whenever something happened in the store: what `wacli chat` shows and tells.

Like the watch (`wacli.services.watch`), but one contact: it is polled, and gives a new look only when another process
(or our own sending) has committed, or when a clock passed a threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.allowance import month_of
from wacli.domain.problem import NotFound, Unavailable
from wacli.domain.text import t
from wacli.store import contacts
from wacli.store.database import Store
from wacli.store.messages import MessageRow
from wacli.store.notes import Note

from .board import AllowanceState, allowance_at
from .sending import Desk
from .thread import ThreadDetail, detail, standing_of
from .watch import LOOK_AT_LEAST_EVERY, Watchable

_UNDER_WAY = "queued"  # a send of ours before its answer: it becomes a message, or a failure


class Look(NamedTuple):
    """The thread at one instant. `allowance` None: there is none under these rules, or nothing was ever said here."""

    at: datetime
    detail: ThreadDetail
    allowance: AllowanceState | None

    @property
    def last_heard_at(self) -> datetime | None:
        """The contact's last message that is shown: up to it the thread can be called dealt with."""
        row = self.detail.standing.row
        return None if row is None else row.last_inbound_at


class NewsKind(StrEnum):
    """`history`: it was there at the first look. `message`: new. `status`: how far one of ours came. `changed`: edited
    or deleted. `note`: the owner's own."""

    HISTORY = "history"
    MESSAGE = "message"
    STATUS = "status"
    CHANGED = "changed"
    NOTE = "note"


class News(NamedTuple):
    """One thing that happened in the thread."""

    kind: NewsKind
    entry: MessageRow | Note


class Follower:
    """Polls one thread. What it keeps is the last look."""

    def __init__(
        self, watched: Watchable, desk_on: Callable[[Store], Desk], contact_id: int, limit: int, *, by_hand: bool
    ) -> None:
        """`desk_on` gives the desk with another store: the file may be replaced meanwhile."""
        self._watched = watched
        self._desk_on = desk_on
        self._contact_id = contact_id
        self._limit = limit
        self._by_hand = by_hand
        self._wake_at: datetime | None = None
        self.look: Look | None = None

    def poll(self, now: datetime) -> Look | None:
        """A new look if there is one. Raises `NotFound` when the store or the contact is gone."""
        if not self._watched.has_changed() and self.look is not None:
            assert self._wake_at is not None
            if self.look.at <= now < self._wake_at:
                return None
        try:
            self.look = self._look(now)
        except Unavailable:
            if self.look is None:
                raise
            self._wake_at = now  # locked for a moment: again the next time
            return None
        self._wake_at = self._next(self.look)
        return self.look

    def desk(self) -> Desk:
        """The desk that the next message is judged at; for reading only."""
        store = self._watched.store
        if store is None:
            raise NotFound("no-store", t("The store is gone"), t("Look with wacli db path"))
        return self._desk_on(store)

    def _look(self, now: datetime) -> Look:
        desk = self.desk()
        contact = contacts.get(desk.store, self._contact_id)
        standing = standing_of(desk.store, contact, desk.phone_number_id, desk.prices, now, by_hand=self._by_hand)
        found = detail(desk.store, standing, now, limit=self._limit)
        row = standing.row
        state = None if row is None or self._by_hand else allowance_at(desk.store, row.number_id, desk.prices, now)
        return Look(now, found, state)

    def _next(self, look: Look) -> datetime:
        verdict, now = look.detail.verdict, look.at
        entry = verdict.entry_point
        instants = [now + LOOK_AT_LEAST_EVERY, month_of(now, self.desk().prices.zone)[1]]
        instants += [at for at in (verdict.window_closes_at, entry.free_until, entry.answer_by) if at is not None]
        return min(at for at in instants if at > now)


def news(before: Look | None, after: Look) -> Iterator[News]:
    """What happened between two looks, in the order of the thread. Sends that are still under way are no news yet."""
    known = {} if before is None else {_key(one): one for one in before.detail.messages}
    noted = set() if before is None else {note.id for note in before.detail.notes}
    oldest = None if before is None or not before.detail.messages else before.detail.messages[0].at
    for message in after.detail.messages:
        if message.id < 0 and message.status == _UNDER_WAY:
            continue
        old = known.get(_key(message))
        if before is None:
            yield News(NewsKind.HISTORY, message)
        elif old is None or (old.id < 0 and old.status == _UNDER_WAY):
            if oldest is None or message.at is None or message.at >= oldest:
                yield News(NewsKind.MESSAGE, message)
        elif (old.text, old.revoked_at) != (message.text, message.revoked_at):
            yield News(NewsKind.CHANGED, message)
        elif (old.status, old.error_code) != (message.status, message.error_code):
            yield News(NewsKind.STATUS, message)
    for note in after.detail.notes:
        if note.id not in noted:
            yield News(NewsKind.NOTE, note)


def _key(message: MessageRow) -> tuple[str, int]:
    return (message.wamid, 0) if message.wamid else ("", message.id)
