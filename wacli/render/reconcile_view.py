"""Our count, Meta's statuses and Meta's analytics beside each other; and the messages that differ."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from wacli.domain.money import Money, from_micros
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.reconcile import Differing, ReconcileLine, Reconciliation, Side

from .spend_view import in_column
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

RECONCILE_FIELDS = (
    "category",
    "market",
    "own_count",
    "own_amount",
    "status_count",
    "status_amount",
    "analytics_count",
    "analytics_amount",
    "difference",
    "currency",
)
DIFFERING_FIELDS = (
    "wamid",
    "at",
    "contact_id",
    "name",
    "category",
    "free_reason",
    "amount",
    "currency",
    "meta_type",
    "meta_category",
    "reason",
    "reason_text",
)


def reconcile_listing(found: Reconciliation, words: Words, tolerance: Decimal) -> Listing[ReconcileLine]:
    """One row for each category and market, billed messages only; what is free is told below."""
    rows = [*found.lines, found.total] if found.lines else []
    amounts = in_column([row.own.amount for row in rows], found.currency, words)
    said = in_column([row.said.amount for row in rows], found.currency, words)
    meta = in_column([Decimal(0) if row.meta is None else row.meta.amount for row in rows], found.currency, words)
    texts = dict(zip(map(id, rows), zip(amounts, said, meta, strict=True), strict=True))
    headings = [
        Heading(t("Category")),
        Heading(t("Market"), share=1),
        Heading(t("Ours"), right=True),
        Heading(t("Statuses"), right=True),
    ]
    if found.total.meta is not None:
        headings.append(Heading(t("Analytics"), right=True))
    return Listing(
        fields=RECONCILE_FIELDS,
        rows=rows,
        flat=lambda row: _fields(found, row),
        headings=tuple(headings),
        cells=lambda row: _cells(found, row, texts[id(row)], words),
        empty=t("Nothing was billed in that time, by anybody's count"),
        footer=tuple(_footer(found, tolerance)),
    )


def differing_listing(rows: list[Differing], currency: str, words: Words, *, has_more: bool) -> Listing[Differing]:
    """The messages of which Meta says otherwise, with the likely reason."""
    return Listing(
        fields=DIFFERING_FIELDS,
        rows=rows,
        flat=lambda one: _differing_fields(one, currency, words),
        headings=(
            Heading(t("Sent")),
            Heading(t("Contact"), share=1),
            Heading(t("Ours")),
            Heading(t("WhatsApp's")),
            Heading(t("Likely because"), share=3, wraps=True),
        ),
        cells=lambda one: (
            Cell(words.instant(one.row.at), Style.DIM),
            Cell(sanitise(one.name or "")),
            Cell(words.say(_ours(one, currency))),
            Cell(sanitise(f"{one.row.said_category or ''} {one.row.said_type or ''}".strip())),
            Cell(words.say(one.why.text)),
        ),
        empty=t("Of every message WhatsApp says what we say"),
        footer=(t("There are more: --limit 0"),) if has_more else (),
    )


def _fields(found: Reconciliation, row: ReconcileLine) -> Flat:
    meta = row.meta
    other = row.said if meta is None else meta
    is_total = row is found.total
    return {
        "category": "total" if is_total else row.category,
        "market": row.market,
        "own_count": row.own.message_count,
        "own_amount": row.own.amount,
        "status_count": row.said.message_count,
        "status_amount": row.said.amount,
        "analytics_count": None if meta is None else meta.message_count,
        "analytics_amount": None if meta is None else meta.amount,
        "difference": row.own.amount - other.amount,
        "currency": found.currency,
    }


def _cells(found: Reconciliation, row: ReconcileLine, texts: tuple[str, str, str], words: Words) -> tuple[Cell, ...]:
    is_total = row is found.total
    style = Style.STRONG if is_total else Style.PLAIN
    category = words.say(t("Total")) if is_total else sanitise(row.category or words.say(t("(not known)")))
    market = "" if is_total else sanitise(row.market or words.say(t("(not known)")))
    cells = [
        Cell(category, style),
        Cell(market),
        _side(row.own, texts[0], row.own, words),
        _side(row.said, texts[1], row.own, words),
    ]
    if row.meta is not None:
        cells.append(_side(row.meta, texts[2], row.own, words))
    return tuple(cells)


def _side(side: Side, amount: str, own: Side, words: Words) -> Cell:
    """An amount and how many messages; marked where it is not what we say."""
    style = Style.PLAIN if side == own else Style.WARN
    return Cell(f"{amount} ({words.number(side.message_count)})", style)


def _footer(found: Reconciliation, tolerance: Decimal) -> Iterator[Text]:
    free, currency = found.free, found.currency
    own, said = Quantity(free.own), Quantity(free.said)
    if found.meta_free is None:
        yield t("Free: {own} by our count, {said} by the statuses.", own=own, said=said)
    else:
        meta = Quantity(found.meta_free)
        yield t(
            "Free: {own} by our count, {said} by the statuses, {meta} by the analytics.", own=own, said=said, meta=meta
        )
    if free.silent:
        yield tn(
            "Of one message WhatsApp has not said what it costs.",
            "Of {count} messages WhatsApp has not said what they cost.",
            Quantity(free.silent),
        )
    if found.obstacle is not None:
        yield t("The analytics could not be asked: {why}", why=found.obstacle.message)
    for why, count in found.reasons:
        yield t("{count} × {why}", count=Quantity(count), why=why.text)
    if found.reasons:
        yield t("Which ones: wacli reconcile --messages")
    gap, limit = Money(found.gap, currency), Money(tolerance, currency)
    if found.gap > tolerance:
        yield t("They differ by {gap}, which is more than {limit}.", gap=gap, limit=limit)
    else:
        yield t("They differ by {gap}.", gap=gap)


def _differing_fields(one: Differing, currency: str, words: Words) -> Flat:
    row = one.row
    return {
        "wamid": row.wamid,
        "at": row.at,
        "contact_id": one.contact_id,
        "name": one.name,
        "category": row.category,
        "free_reason": row.free_reason,
        "amount": None if row.amount is None else from_micros(row.amount),
        "currency": currency,
        "meta_type": row.said_type,
        "meta_category": row.said_category,
        "reason": one.why.code,
        "reason_text": words.say(one.why.text),
    }


def _ours(one: Differing, currency: str) -> Text:
    row = one.row
    if row.free_reason is not None:
        return t("{category}, free", category=row.category or "?")
    if row.amount is None:
        return t("{category}, price not known", category=row.category or "?")
    return t("{category} {amount}", category=row.category or "?", amount=Money(from_micros(row.amount), currency))
