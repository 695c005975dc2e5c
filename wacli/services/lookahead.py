"""What is known of the people whose turn comes next, read for several at once.

Whoever is judged is judged by what the store holds at that moment: what was read ahead serves only while nobody else
has written to the store (SQLite tells), and is dropped when this very run has learned something that may matter.
While others write all the time, people are looked up one by one.

What was read while a run was checked serves the run as well, if until it begins not even this process has written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wacli.store.database import Store

from .thread import Known, known_of_many

_MOST = 32


class Lookahead:
    """`contact_ids` in the order of their turns; 0 for somebody who is nobody's contact yet."""

    def __init__(self, store: Store, contact_ids: Sequence[int]) -> None:
        self._store = store
        self._contact_ids = contact_ids
        self._known: dict[int, Known] = {}
        self._version = -1  # what is known holds while SQLite gives this one
        self._changes = -1  # and, until the run begins, while we have written no more than this
        self._count = 1

    def known(self, place: int, now: datetime) -> Known | None:
        """What holds now of the contact at this place; None: look them up yourself."""
        contact_id = self._contact_ids[place]
        if len(self._contact_ids) == 1 or not contact_id:
            return None
        version = self._store.data_version()
        if version != self._version:
            self._count = 1 if self._known else self._count
            self._known.clear()
            self._version = version
        found = self._known.get(contact_id)
        if found is None:
            found = self._read(place, now)[contact_id]
        return found

    def _read(self, place: int, now: datetime) -> dict[int, Known]:
        known = self._known
        if not known:
            self._changes = self._store.count_changes()
        coming = dict.fromkeys(self._contact_ids[place : place + self._count])
        known.update(known_of_many(self._store, [one for one in coming if one and one not in known], now))
        self._count = min(2 * self._count, _MOST)
        return known

    def begin(self) -> None:
        """The run begins: from now on it says itself what its writes change."""
        if self._store.count_changes() != self._changes:
            self.forget()

    def drop(self, contact_id: int) -> None:
        """A message to them is under way or has ended: the next is judged with what came of it."""
        self._known.pop(contact_id, None)

    def forget(self) -> None:
        """Something was learned of somebody."""
        self._known.clear()
