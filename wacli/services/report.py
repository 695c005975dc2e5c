"""`wacli report`: a month as an owner mails it to the accountant, every number with where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.money import from_micros
from wacli.domain.responses import Responses, responses_of
from wacli.store import message_log, numbers
from wacli.store import spend as sums
from wacli.store.database import Store
from wacli.store.instants import seconds
from wacli.store.numbers import NumberRow
from wacli.store.spend import Dimension

from .allowance import NumberAllowance, allowances
from .charges import bring_up_to_date
from .prices import Prices
from .spend import Spend, spend

DIMENSIONS = (
    Dimension.CATEGORY, Dimension.MARKET, Dimension.TEMPLATE, Dimension.CAMPAIGN, Dimension.AD, Dimension.LINK,
    Dimension.DAY,
)  # fmt: skip


class CardUsed(NamedTuple):
    """A rate card behind the month's numbers, and where its figures were read."""

    id: str
    currency: str
    effective_from: date
    retrieved_on: date
    sources: tuple[str, ...]
    is_user: bool


class RulesUsed(NamedTuple):
    """A period of the rules behind the month's numbers, with the texts it rests on."""

    id: str
    effective_from: date
    sources: tuple[str, ...]


class MonthReport(NamedTuple):
    """Everything on the page. `by` holds the month's charges summed in each way, all with the same total.

    `late_amount`: what the templates cost that had to be sent because a window was missed; `responses` tells how many.
    """

    since: datetime
    until: datetime
    made_at: datetime
    is_running: bool  # the month is not over yet
    profile: str
    numbers: list[NumberRow]
    currency: str
    by: dict[Dimension, Spend]
    allowance: list[NumberAllowance]
    responses: Responses
    late_amount: Decimal
    cards: list[CardUsed]
    rules: list[RulesUsed]

    @property
    def whole(self) -> Spend:
        """The month by category: its total is that of every other way."""
        return self.by[Dimension.CATEGORY]


def month_report(
    store: Store,
    prices: Prices,
    profile: str,
    waba_id: str | None,
    span: tuple[datetime, datetime],
    now: datetime,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> MonthReport:
    """The report of a month, or of what there is of it by now."""
    since, until = span
    is_running = now < until
    end = min(until, now) if is_running else until
    bring_up_to_date(store, prices, on_progress=on_progress)
    by = {one: spend(store, prices, one, since, end) for one in DIMENSIONS}
    found = responses_of(message_log.stream(store, since, end), seconds(since), seconds(end))
    return MonthReport(
        since,
        until,
        now,
        is_running,
        profile,
        numbers.list_numbers(store),
        prices.currency,
        by,
        allowances(store, prices, waba_id, min(now, until - timedelta(seconds=1))).numbers,
        found,
        from_micros(sums.sum_of_messages(store, found.late)),
        _cards(store, prices, since, end),
        _rules(prices, since, end),
    )


def _cards(store: Store, prices: Prices, since: datetime, until: datetime) -> list[CardUsed]:
    used = []
    for card_id in sums.list_card_ids(store, since, until):
        head = next((head for head in prices.shelf.heads if head.id == card_id), None)
        if head is not None:
            card = prices.shelf.card(head)
            used.append(
                CardUsed(card.id, card.currency, card.effective_from, card.retrieved_on, card.sources, card.is_user)
            )
    return used


def _rules(prices: Prices, since: datetime, until: datetime) -> list[RulesUsed]:
    first, last = prices.rules(since), prices.rules(until)
    between = [one for one in prices.all_rules if first.effective_from <= one.effective_from <= last.effective_from]
    return [RulesUsed(one.id, one.effective_from, tuple(dict.fromkeys(one.sources.values()))) for one in between]
