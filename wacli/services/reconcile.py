"""Three numbers side by side: what we say was billed, what Meta's statuses say, and what Meta's analytics booked.

Statuses say of each message whether it is billed, analytics how much a category cost in a country; neither is the
invoice. Where they differ, the messages concerned are named with the likely reason; what cannot be known is said to
be a guess. Sources: facts pricing.md sections 10.1, 10.2 and 13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.category import Category
from wacli.domain.money import from_micros
from wacli.domain.problem import Problem
from wacli.domain.text import Text, t
from wacli.store import reconcile as beside
from wacli.store import spend
from wacli.store.database import Store
from wacli.store.reconcile import DifferingRow, Free

from .charges import bring_up_to_date
from .prices import Prices

if TYPE_CHECKING:
    from wacli.cloudapi.analytics import PricingPoint

PER_MESSAGE_FROM = date(2025, 7, 1)
_BILLED_FROM = "2026-10-01"  # from these rules on utility inside a window is billed, and service past the allowance


class Side(NamedTuple):
    """Billed messages and their amount, by one of the three."""

    message_count: int
    amount: Decimal


class ReconcileLine(NamedTuple):
    """A category and market. `meta` None: Meta was not asked, or could not say."""

    category: str | None
    market: str | None
    own: Side
    said: Side
    meta: Side | None


class Why(NamedTuple):
    """The likely reason of a difference: a stable code and a sentence."""

    code: str
    text: Text


class Differing(NamedTuple):
    """A message of which Meta says otherwise, and the likely reason."""

    row: DifferingRow
    contact_id: int | None
    name: str | None
    why: Why


class Reconciliation(NamedTuple):
    """The answer. `meta_free` and `total.meta` None without Meta's analytics; `obstacle` is why, where it was asked."""

    since: datetime
    until: datetime
    currency: str
    lines: list[ReconcileLine]
    total: ReconcileLine
    free: Free
    meta_free: int | None
    differing_count: int
    reasons: list[tuple[Why, int]]
    obstacle: Problem | None

    @property
    def gap(self) -> Decimal:
        """By how much money ours differs from Meta's analytics, or without them from its statuses."""
        other = self.total.said if self.total.meta is None else self.total.meta
        return abs(self.total.own.amount - other.amount)


def reconcile(
    store: Store,
    prices: Prices,
    since: datetime,
    until: datetime,
    points: Iterable[PricingPoint] | None = None,
    obstacle: Problem | None = None,
) -> Reconciliation:
    """Brings the charges up to date and compares a span. `points`: Meta's analytics; None: not asked for."""
    bring_up_to_date(store, prices)
    own = {(one.category, one.market): _side(one) for one in beside.list_own(store, since, until)}
    said = {(one.category, one.market): _side(one) for one in beside.list_said(store, since, until)}
    meta, meta_free = None if points is None else _booked(points, prices), None
    if meta is not None:
        meta_free = meta.pop((_FREE, None), _NOTHING).message_count
    keys = sorted({*own, *said, *(meta or {})}, key=lambda key: (key[0] or "~", key[1] or "~"))
    lines = [
        ReconcileLine(
            *key,
            own.get(key, _NOTHING),
            said.get(key, _NOTHING),
            None if meta is None else meta.get(key, _NOTHING),
        )
        for key in keys
    ]
    total = ReconcileLine(
        None,
        None,
        _sum(line.own for line in lines),
        _sum(line.said for line in lines),
        None if meta is None else _sum(line.meta for line in lines if line.meta is not None),
    )
    reasons = _reasons(beside.list_differing(store, since, until))
    return Reconciliation(
        since,
        until,
        prices.currency,
        lines,
        total,
        beside.count_free(store, since, until),
        meta_free,
        sum(count for _, count in reasons),
        reasons,
        obstacle,
    )


def _reasons(differing: Iterable[DifferingRow]) -> list[tuple[Why, int]]:
    """How often each, the most frequent first."""
    counted: Counter[str] = Counter()
    whys: dict[str, Why] = {}
    for row in differing:
        why = why_of(row)
        counted[why.code] += 1
        whys[why.code] = why
    return [(whys[code], count) for code, count in counted.most_common()]


def list_differing(store: Store, since: datetime, until: datetime, *, limit: int | None = None) -> list[Differing]:
    """The messages of which Meta says otherwise, oldest first; the charges must be up to date."""
    rows = []
    for row in beside.list_differing(store, since, until):
        rows.append(row)
        if limit is not None and len(rows) >= limit:
            break
    names = spend.thread_names(store, [row.thread_id for row in rows if row.thread_id is not None])
    return [Differing(row, *names.get(row.thread_id or 0, _NOBODY), why_of(row)) for row in rows]


_NOBODY: tuple[int | None, str | None] = (None, None)


def why_of(row: DifferingRow) -> Why:
    """The likely reason, from what both say; nobody but Meta knows."""
    if row.is_exempt:
        return Why("exempt", t("Meta marks it as exempt (public bodies and charities): nothing is charged"))
    if row.said_type == "free_entry_point":
        return Why(
            "entry-point-unseen",
            t("Meta saw a free entry point that no message here tells of, such as a Page button"),
        )
    if row.free_reason == "free_entry_point":
        return Why("entry-point-over", t("here the free entry point of an ad still ran; for Meta it was over"))
    if row.free_reason is None and row.said_type == "regular":
        return Why("other-category", t("Meta filed it under another category than the template had here"))
    is_since_october = row.rule_id >= _BILLED_FROM
    if row.category == Category.SERVICE:
        return _service(row, is_since_october)
    if row.free_reason is None and is_since_october:
        return Why(
            "utility-in-window",
            t("Meta let a template go free inside the window; its texts disagree on whether that ended in 2026"),
        )
    if row.category == Category.UTILITY:
        return Why("window", t("Meta saw the reply window otherwise: a message or call may be missing here"))
    return Why("unexplained", t("nothing here explains it"))


def _service(row: DifferingRow, is_since_october: bool) -> Why:
    if not is_since_october:
        return Why("service", t("Meta billed a reply at a time when its rules made replies free"))
    if row.free_reason is None:
        return Why(
            "allowance-left",
            t("for Meta there were free messages left: an earlier one may not have been delivered or counted"),
        )
    return Why(
        "allowance-gone",
        t("for Meta the free messages were used up: another program may have sent on this number too"),
    )


_FREE = "free"
_NOTHING = Side(0, Decimal(0))


def _booked(points: Iterable[PricingPoint], prices: Prices) -> dict[tuple[str | None, str | None], Side]:
    """Meta's points by our category and market; all that is free under one key."""
    sums: dict[tuple[str | None, str | None], list[int]] = {}
    for point in points:
        if point.kind is not None and point.kind != "REGULAR":
            key: tuple[str | None, str | None] = (_FREE, None)
        else:
            word = None if point.category is None else point.category.lower().replace("_", "-")
            word = "marketing" if word == "marketing-lite" else word
            key = (word, prices.market_of_country(point.country, point.starts_at))
        entry = sums.setdefault(key, [0, 0])
        entry[0] += point.volume
        entry[1] += point.cost_micros
    return {key: Side(count, from_micros(micros)) for key, (count, micros) in sums.items()}


def _side(billed: beside.Billed) -> Side:
    return Side(billed.message_count, from_micros(billed.amount))


def _sum(sides: Iterable[Side]) -> Side:
    count, amount = 0, Decimal(0)
    for side in sides:
        count, amount = count + side.message_count, amount + side.amount
    return Side(count, amount)
