"""What a plan knows of people before it selects them: the few in whose way something stands, or whose clocks run.

Everything that needs a rule is decided by the rule itself, for those few only: failures by `store.setbacks`, ledgers
with a restart by `domain.consent`, ad clicks and clocks from the future by `domain.window`. The plain rest (an open
window, one word in the ledger) is a comparison, and SQL makes it.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice, product
from string import ascii_uppercase
from typing import NamedTuple

from wacli.domain.area_code import is_in_united_states
from wacli.domain.campaign import IN_ENTRY_POINT, IN_WINDOW
from wacli.domain.obstacles import is_cooling_off
from wacli.domain.window import Clocks, EntryPointState, entry_point, is_window_open, not_before
from wacli.store import campaign_selection as selection
from wacli.store import consents, setbacks
from wacli.store.campaign_selection import Clocked, Place
from wacli.store.consents import OPTED_IN, OPTED_OUT
from wacli.store.database import Store
from wacli.store.instants import moment_or_none
from wacli.store.setbacks import Setbacks

from .prices import Prices

_BATCH = 2_000
_NORTH_AMERICA = "1"


class Gathered(NamedTuple):
    """The markets in the order in which lines count; whether any ledger holds a START."""

    markets: tuple[str, ...]
    has_restarts: bool


def gather(store: Store, number_id: int, prices: Prices, now: datetime, *, asks_for_us: bool) -> Gathered:
    """Fills the temporary tables of `campaign_selection`."""
    markets, places = places_on(prices, now, asks_for_us=asks_for_us)
    connection = store.connection
    selection.prepare(connection, places)
    ids = iter(selection.list_with_setbacks(store))
    lately: dict[int, Setbacks] = {}  # held back within a day or so
    while batch := list(islice(ids, _BATCH)):
        found = setbacks.of_contacts(store, batch, now)
        selection.note_setbacks(connection, (_setback(one, back, now) for one, back in found.items()))
        lately.update({one: back for one, back in found.items() if is_cooling_off(back.held_back_at, now)})
    restarted = selection.list_restarted(store)
    ids = iter(restarted)
    while batch := list(islice(ids, _BATCH)):
        said = consents.permissions(store, batch)
        selection.note_restarted(
            connection,
            (
                (one, category, state)
                for one, permission in said.items()
                for state, categories in ((OPTED_IN, permission.opted_in), (OPTED_OUT, permission.opted_out))
                for category in categories
            ),
        )
    selection.note_open_windows(connection, number_id, now)
    odd = list(selection.list_odd_clocks(store, number_id, now))
    selection.note_situations(connection, ((one.contact_id, _situation(one, prices, now)) for one in odd))
    # Where a message of theirs is later than our clock, the verdict is that of its instant: see `not_before`.
    ahead = ((one.contact_id, not_before(clocks_of(one), now)) for one in odd if one.contact_id in lately)
    selection.note_setbacks(connection, (_setback(one, lately[one], at) for one, at in ahead))
    return Gathered(markets, bool(restarted))


def _setback(contact_id: int, back: Setbacks, at: datetime) -> tuple[int, int, int]:
    return contact_id, int(back.undeliverable_at is not None), int(is_cooling_off(back.held_back_at, at))


def places_on(prices: Prices, now: datetime, *, asks_for_us: bool) -> tuple[tuple[str, ...], list[Place]]:
    """The market of every beginning of a number and of every country, and those markets in a fixed order."""
    found: dict[str, str] = {}
    for length in range(1, 5):
        for start in range(10**length):
            digits = f"{start:0{length}d}"
            found[digits] = prices.market(digits, None, now) or ""
    for first, second in product(ascii_uppercase, repeat=2):
        found[first + second] = prices.market(None, f"{first}{second}.1", now) or ""
    markets = tuple(sorted(set(found.values())))
    number = {market: at for at, market in enumerate(markets)}
    us = _united_states() if asks_for_us else frozenset()
    return markets, [Place(key, number[market], market, key in us) for key, market in found.items()]


def _united_states() -> frozenset[str]:
    digits = (f"{_NORTH_AMERICA}{area:03d}" for area in range(200, 1000))
    return frozenset({"US", *(start for start in digits if is_in_united_states(start, None))})


def _situation(one: Clocked, prices: Prices, now: datetime) -> int:
    clocks = clocks_of(one)
    at = not_before(clocks, now)
    situation = IN_WINDOW if is_window_open(clocks, at) else 0
    state = entry_point(clocks, prices.entry_length(clocks.entry_started_at), at).state
    # As the verdict has it: the answer that starts an armed entry point is itself free.
    if state in (EntryPointState.RUNNING, EntryPointState.ARMED):
        situation |= IN_ENTRY_POINT
    return situation


def clocks_of(one: Clocked) -> Clocks:
    """The clocks as the domain takes them."""
    _, opener_at, referral_at, entry_referral_at, started_at, expires_at = one
    return Clocks(*map(moment_or_none, (opener_at, referral_at, entry_referral_at, started_at, expires_at)))
