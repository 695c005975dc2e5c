"""What `wacli listen` does beside the receiving, every so often: made here, where everything it needs is known.

To add something: a function of `now` with a name and a period (`wacli.services.chores.Chore`), given to `add_rounds`.
Chores of one `add_rounds` take turns in one thread; one that may take its time has a thread and a connection of its
own. What a chore raises is told, and tried again the next time.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wacli.domain.text import Quantity, t, tn
from wacli.services.chores import Chore

from .retention import due_before
from .sending_options import desk_of, is_by_hand

if TYPE_CHECKING:
    from wacli.services.campaign_schedule import Kept
    from wacli.services.listening import Listener
    from wacli.services.sending import Desk
    from wacli.store.database import Store

    from .session import Session
    from .teller import Teller

_FOLD_EVERY = timedelta(minutes=5)
_LOOK_FOR_CAMPAIGNS_EVERY = timedelta(seconds=20)
_PURGE_EVERY = timedelta(minutes=1)
_FORGET_EVERY = timedelta(hours=1)


def add_chores(session: Session, listener: Listener, teller: Teller) -> None:
    """Gives the listener its chores. Reads the profile; opens no socket."""
    store = listener.open()

    def fold(_now: datetime) -> None:
        # The receiver's own commits never checkpoint (a caller waits for them): the WAL is worked off here.
        store.checkpoint()

    listener.add_rounds(Chore("checkpoint", _FOLD_EVERY, fold))
    if session.profile["phone_number_id"] is not None and not is_by_hand(session):
        campaigns = _Campaigns(session, desk_of(session, listener.open()), listener, teller)
        listener.add_rounds(Chore("campaigns", _LOOK_FOR_CAMPAIGNS_EVERY, campaigns.run))
        purging = _Purging(session, listener.open(), teller)
        listener.add_rounds(Chore("documents", _PURGE_EVERY, purging.run), wakes_after_applying=True)
    forgetting = _Forgetting(session, listener.open(), teller)
    listener.add_rounds(Chore("retention", _FORGET_EVERY, forgetting.run))


class _Campaigns:
    """Keeps the appointments of campaigns (`wacli campaigns send NAME --at`)."""

    def __init__(self, session: Session, desk: Desk, listener: Listener, teller: Teller) -> None:
        self._session, self._desk, self._listener, self._teller = session, desk, listener, teller
        self._missed: set[str] = set()

    def run(self, now: datetime) -> None:
        """Sends what is due; names what has missed its time, once."""
        from wacli.domain.campaign import as_typed
        from wacli.services.campaign_schedule import list_due, list_missed, run_due

        for one in list_missed(self._desk, now):
            if one.name not in self._missed:
                self._missed.add(one.name)
                self._teller.tell(
                    t("{name} missed its time ({at}) and was not sent. Send it now: wacli campaigns resume {name}",
                      name=as_typed(one.name), at=one.due_at)
                )  # fmt: skip
        if not list_due(self._desk, now):
            return
        from .campaign_runs import client_for, senders_of

        with client_for(self._session) as client:
            senders = senders_of(self._session, client)
            with closing(run_due(self._desk, senders, now, stopping=self._listener.stopping)) as kept:
                for done in kept:
                    self._tell(done)

    def _tell(self, done: Kept) -> None:
        if done.problem is not None:
            self._teller.trouble(done.problem)
        if done.ended is not None:
            counts = done.ended.counts
            self._teller.tell(
                tn(
                    "Campaign {name}: {count} message went out, {waiting} are left",
                    "Campaign {name}: {count} messages went out, {waiting} are left",
                    Quantity(counts.taken),
                    name=done.campaign.name,
                    waiting=Quantity(counts.waiting),
                )
            )


class _Purging:
    """Deletes sensitive files at Meta once they were delivered (`wacli documents send`)."""

    def __init__(self, session: Session, store: Store, teller: Teller) -> None:
        self._session, self._store, self._teller = session, store, teller

    def run(self, now: datetime) -> None:
        """Opens no socket while there is nothing to delete. What could not be deleted is told, and tried again."""
        from wacli.services.documents import due_for_deletion, purge

        due = due_for_deletion(self._store, "delivered", now)
        if not due:
            return
        from .clients import client_of

        count = 0
        with client_of(self._session) as client:
            for _, problem in purge(self._store, client, due, now):
                if problem is None:
                    count += 1
                else:
                    self._teller.trouble(problem)
        if count:
            self._teller.tell(tn("{count} file was deleted at Meta", "{count} files were deleted at Meta", count))


class _Forgetting:
    """Erases who was silent for longer than the profile's rule says, where it has one (`keep_silent_for`)."""

    def __init__(self, session: Session, store: Store, teller: Teller) -> None:
        self._session, self._store, self._teller = session, store, teller

    def run(self, now: datetime) -> None:
        """Also clears what an erasure that was cut short has left in the store's file."""
        from wacli.services.erasure import erase, finish_scrubbing, list_due

        finish_scrubbing(self._store)
        before = due_before(self._session, now)
        people = [] if before is None else list_due(self._store, before)
        if not people:
            return
        from wacli.domain.area_code import country_of_number

        erase(self._store, [contact.id for contact in people], now, country_of_number)
        said = tn("{count} contact was erased", "{count} contacts were erased", len(people))
        self._teller.tell(t("{said}: silent for longer than keep_silent_for allows", said=said))
