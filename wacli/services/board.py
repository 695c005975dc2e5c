"""The board: one query for the threads, one verdict for each row, both clocks at the same instant."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from wacli.domain.allowance import left_of, month_of
from wacli.domain.consent import NOTHING_SAID, Permission
from wacli.domain.identity import is_invented
from wacli.domain.pricing_rules import AllowanceCovers, AllowanceScope
from wacli.domain.verdict import Outcome, Person, Terms, Verdict, judge_reply
from wacli.domain.window import entry_point, not_before
from wacli.store import allowance, consents, setbacks, threads
from wacli.store.database import Store
from wacli.store.setbacks import Setbacks
from wacli.store.threads import BoardQuery, ThreadRow

from .prices import Prices


class Line(NamedTuple):
    """One thread and the verdict on the next reply in it."""

    row: ThreadRow
    verdict: Verdict


class AllowanceState(NamedTuple):
    """Free service messages of this month on one business number."""

    total: int
    used: int

    @property
    def left(self) -> int:
        """Never below zero."""
        return max(self.total - self.used, 0)


class Board(NamedTuple):
    """What `wacli threads` shows. `allowance` is of the number most lines belong to; None under rules without one."""

    lines: list[Line]
    more_count: int
    is_more_exact: bool
    allowance: AllowanceState | None


def terms_at(store: Store, number_id: int, prices: Prices, now: datetime, *, by_hand: bool = False) -> Terms:
    """What holds for every message of one business number at `now`."""
    state = allowance_at(store, number_id, prices, now)
    return Terms(prices.rules(now), prices.card(now), 0 if state is None else state.used, by_hand)


def allowance_at(store: Store, number_id: int, prices: Prices, now: datetime) -> AllowanceState | None:
    """The month's allowance of one number as the store knows it; None where the rules have no such allowance.

    Earlier rules gave free *conversations* to the whole account; those are counted by `spend`, not here.
    """
    rule = prices.rules(now).allowance
    if rule is None or rule.covers is not AllowanceCovers.SERVICE or rule.per is not AllowanceScope.NUMBER:
        return None
    since, until = month_of(now, prices.zone)
    until = min(until, _after(now))
    used = allowance.count_used(store, number_id, since, until, at_most=rule.free_count)
    used += allowance.count_under_way(store, number_id, since, until)
    return AllowanceState(rule.free_count, rule.free_count - left_of(rule, used))


def _after(now: datetime) -> datetime:
    from datetime import timedelta

    return now + timedelta(seconds=1)  # the store counts whole seconds; what was delivered this second is used


def person_of(
    row: ThreadRow,
    prices: Prices,
    now: datetime,
    permission: Permission = NOTHING_SAID,
    setback: Setbacks = setbacks.NONE,
) -> Person:
    """What a verdict needs to know of the contact of a thread."""
    return Person(
        contact_id=row.contact_id,
        has_phone=row.phone is not None,
        has_bsuid=row.bsuid is not None and not is_invented(row.bsuid),
        market=prices.market(row.phone, row.bsuid, now),
        clocks=row.clocks,
        entry_point=entry_point(row.clocks, prices.entry_length(row.clocks.entry_started_at), now),
        opted_out=permission.opted_out,
        opted_in=permission.opted_in,
        undeliverable_at=setback.undeliverable_at,
        held_back_at=setback.held_back_at,
    )


def board(
    store: Store, query: BoardQuery, prices: Prices, now: datetime, *, as_of: bool = False, by_hand: bool = False
) -> Board:
    """The threads that `query` asks for, each with the verdict on a free-form reply at `now` (aware, UTC).

    `as_of`: `now` is not the present, so the store works the rows out from what was there then. `may_be_free` rows
    whose verdict is not free are left out. Raises `Invalid` before 2018-08-01.
    """
    terms: dict[int, Terms] = {}

    def lines_of(rows: list[ThreadRow]) -> list[Line]:
        known = _known_of(store, rows, now, as_of=as_of)
        return [line_of(row, *known.get(row.contact_id, _NOTHING_KNOWN)) for row in rows]

    def line_of(row: ThreadRow, permission: Permission, setback: Setbacks) -> Line:
        if row.number_id not in terms:
            terms[row.number_id] = terms_at(store, row.number_id, prices, now, by_hand=by_hand)
        at = now if as_of else not_before(row.clocks, now)
        return Line(row, judge_reply(person_of(row, prices, at, permission, setback), terms[row.number_id], at))

    found = threads.list_board(store, query, now, as_of=as_of)
    lines = lines_of(found.rows)
    if query.may_be_free:
        lines = _free(lines)
        looked_at = query.limit
        while len(lines) < query.limit and found.more_count:  # the query knows only what may be free: look further
            looked_at *= 8
            found = threads.list_board(store, query._replace(limit=looked_at), now, as_of=as_of)
            lines = _free(lines_of(found.rows))[: query.limit]
    number_id = found.rows[0].number_id if found.rows else None
    state = None if number_id is None or by_hand else allowance_at(store, number_id, prices, now)
    return Board(lines, found.more_count, found.is_more_exact, state)


_NOTHING_KNOWN = (NOTHING_SAID, setbacks.NONE)


def _known_of(
    store: Store, rows: list[ThreadRow], now: datetime, *, as_of: bool
) -> dict[int, tuple[Permission, Setbacks]]:
    """What stands in the way of a reply to these contacts, for the few in whose way anything stands."""
    contact_ids = [row.contact_id for row in rows]
    failed = setbacks.of_contacts(store, contact_ids, now, as_of=as_of)
    said = consents.permissions(store, contact_ids, until=now if as_of else None)
    both = failed.keys() | said.keys()
    return {one: (said.get(one, NOTHING_SAID), failed.get(one, setbacks.NONE)) for one in both}


def _free(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.verdict.outcome is Outcome.FREE]
