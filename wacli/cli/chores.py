"""What `wacli listen` does beside the receiving, every so often: one list, made where everything it needs is known.

To add something: a function of `now` with a name and a period (`wacli.services.chores.Chore`). It runs in the chores'
own thread with the chores' own connection, after one another; what it raises is told and tried again next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wacli.services.chores import Chore

if TYPE_CHECKING:
    from wacli.store.database import Store

_FOLD_EVERY = timedelta(minutes=5)


def chores_of(store: Store) -> list[Chore]:
    """The chores of one listener. `store` is theirs alone."""

    def fold(_now: datetime) -> None:
        # The receiver's own commits never checkpoint (a caller waits for them): the WAL is worked off here.
        store.checkpoint()

    return [Chore("checkpoint", _FOLD_EVERY, fold)]
