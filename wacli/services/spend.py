"""Where the money went: charges of a span summed by anything, with what the free ones would have cost.

All sums are made of the same rows, so every dimension adds up to the same total. Amounts of different currencies are
never added: an account has one, and charges are priced with its card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.money import from_micros
from wacli.domain.pricing import FreeReason
from wacli.store import links
from wacli.store import spend as sums
from wacli.store.database import Store
from wacli.store.spend import Dimension, Group

from .charges import bring_up_to_date
from .prices import Prices

Progress = Callable[[int, int], None]


class Sum(NamedTuple):
    """Charges of one key, or all of them. `amount` and `saved` as far as prices are known.

    `saved`: what the free ones would have cost at the list rate. `unknown_count`: billed at a price nobody published.
    `free`: how many are free, by which free.
    """

    message_count: int
    billed_count: int
    unknown_count: int
    amount: Decimal
    saved: Decimal
    free: dict[FreeReason, int]

    @property
    def free_count(self) -> int:
        """All free ones."""
        return sum(self.free.values())


class SpendLine(NamedTuple):
    """One key of a dimension. `key` None: the messages that have none there (a reply has no template).

    `name`: what to call it, where the key is an id. `contact_id` of a contact or thread.
    """

    key: str | int | None
    name: str | None
    sum: Sum
    contact_id: int | None = None


class Spend(NamedTuple):
    """The answer: lines, the dearest first (days and months in their order), and their total.

    `contradicted_count`: messages of which Meta says otherwise (see `wacli reconcile`). `is_kept` False: the charges
    were worked out for this answer, as the store could not be written.
    """

    by: Dimension
    since: datetime
    until: datetime
    currency: str
    lines: list[SpendLine]
    total: Sum
    contradicted_count: int
    is_kept: bool


NOTHING = Sum(0, 0, 0, Decimal(0), Decimal(0), {})


def spend(
    store: Store,
    prices: Prices,
    by: Dimension,
    since: datetime,
    until: datetime,
    *,
    on_progress: Progress | None = None,
) -> Spend:
    """Brings the charges up to date and sums those at or after `since` and before `until` (aware instants)."""
    is_kept = bring_up_to_date(store, prices, on_progress=on_progress).is_kept
    found: dict[str | int | None, list[Group]] = {}
    everything: list[Group] = []
    if by is Dimension.LINK:
        links.lay_out_openings(store, until)
    for group in sums.list_groups(store, by, since, until):
        found.setdefault(group.key, []).append(group)
        everything.append(group)
    names = _names(store, by, list(found))
    lines = []
    for key, groups in found.items():
        contact_id, name = names.get(key, (None, None))
        lines.append(SpendLine(key, name, add_up(groups), contact_id))
    in_time = by in (Dimension.DAY, Dimension.MONTH)
    lines.sort(key=_by_time if in_time else _by_money)
    contradicted = sums.count_contradicted(store, since, until)
    return Spend(by, since, until, prices.currency, lines, add_up(everything), contradicted, is_kept)


def sums_by_key(
    store: Store, prices: Prices, by: Dimension, since: datetime, until: datetime
) -> dict[str | int | None, Sum]:
    """The sums of each key alone, for screens that show money beside something else."""
    return {line.key: line.sum for line in spend(store, prices, by, since, until).lines}


def add_up(groups: Iterable[Group]) -> Sum:
    """The sum of groups of one currency."""
    count = billed = unknown = amount = saved = 0
    free: dict[FreeReason, int] = {}
    for group in groups:
        count += group.message_count
        amount += group.amount
        if group.free_reason is None:
            billed += group.message_count
            unknown += group.message_count - group.priced_count
        else:
            reason = FreeReason(group.free_reason)
            free[reason] = free.get(reason, 0) + group.message_count
            saved += group.worth
    return Sum(count, billed, unknown, from_micros(amount), from_micros(saved), free)


def _by_money(line: SpendLine) -> tuple[object, ...]:
    return (
        -line.sum.amount,
        -line.sum.saved,
        -line.sum.message_count,
        line.key is None,
        str(line.name or line.key or ""),
    )


def _by_time(line: SpendLine) -> tuple[object, ...]:
    return (str(line.key),)


def _names(store: Store, by: Dimension, keys: list[str | int | None]) -> dict[str | int | None, tuple[int | None, str]]:
    """Whose the keys that are ids are, and what to call them."""
    ids = [key for key in keys if isinstance(key, int)]
    words = [key for key in keys if isinstance(key, str)]
    if by is Dimension.CONTACT:
        return {key: (key, name) for key, name in sums.contact_names(store, ids).items()}
    if by is Dimension.THREAD:
        return dict(sums.thread_names(store, ids).items())
    if by is Dimension.AD:
        return {key: (None, headline) for key, headline in sums.ad_names(store, words).items()}
    return {}
