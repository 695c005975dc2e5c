"""What is known of the people whose turn comes next, read for several at once.

Whoever is judged is judged by what the store holds at that moment: what was read ahead serves only while nobody else
has written to the store (SQLite tells), and is dropped when this very run has learned something that may matter.
While others write all the time, people are looked up one by one.
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
        self._version = -1
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
        if contact_id not in self._known:
            wanted = [one for one in dict.fromkeys(self._contact_ids[place : place + self._count]) if one]
            self._known = known_of_many(self._store, wanted, now)
            self._count = min(2 * self._count, _MOST)
        return self._known.pop(contact_id)  # a second message to them is judged with what came of the first

    def forget(self) -> None:
        """Something was learned of somebody."""
        self._known.clear()
