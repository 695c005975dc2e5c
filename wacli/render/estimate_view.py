"""An estimate as data: the object of COMMANDS.md ("Fields of an estimate") and its lines, for scripts.

Amounts keep every digit and at least two decimals; prices stand as they stand on the card (0.0250). What nobody
knows is null, with `low` and `high` beside it. The screen for people is `wacli.render.estimate_screen`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, overload

from wacli.domain.problem import Problem
from wacli.domain.quote import Converted, Quote, QuoteLine
from wacli.domain.text import Text, t

from .view import Cell, Flat, Listing
from .words import Words

if TYPE_CHECKING:
    from wacli.services.recipients import Recipients

QUOTE_FIELDS = (
    "on",
    "currency",
    "rules",
    "rate_card",
    "lines",
    "total",
    "low",
    "high",
    "assumptions",
    "unit",
    "message_count",
    "free_count",
    "billed_count",
    "subtotal",
    "extras",
    "converted",
    "sources",
)
LINE_FIELDS = (
    "market",
    "category",
    "count",
    "free_count",
    "free_reason",
    "billed_count",
    "unit_price",
    "amount",
    "tier",
    "low",
    "high",
    "price_low",
    "price_high",
    "rate_card",
    "rate_card_on",
    "source",
    "certainty",
    "is_given",
    "reason",
)
ROW_FIELDS = ("on", "what_if", "currency", *LINE_FIELDS)
_CENT = Decimal("0.01")


class Column(NamedTuple):
    """The same messages on another day, or after a what-if: a quote, or the reason why there is none."""

    on: date
    what_if: str | None
    quote: Quote | None
    problem: Problem | None


class Answer(NamedTuple):
    """Everything that one `wacli estimate` answers. `remarks` are assumptions made before the estimate."""

    quote: Quote
    columns: tuple[Column, ...] = ()
    recipients: Recipients | None = None
    remarks: tuple[Text, ...] = ()

    @property
    def assumptions(self) -> tuple[Text, ...]:
        """Everything taken for granted."""
        return (*self.remarks, *self.quote.assumptions)


class _Row(NamedTuple):
    quote: Quote
    what_if: str | None
    line: QuoteLine


@overload
def amount(value: Decimal) -> Decimal: ...
@overload
def amount(value: None) -> None: ...
@overload
def amount(value: Decimal | None) -> Decimal | None: ...
def amount(value: Decimal | None) -> Decimal | None:
    """The same value without idle zeros, but with at least two decimals: 41.1000 is 41.10."""
    if value is None:
        return None
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return value.quantize(_CENT) if isinstance(exponent, int) and exponent > -2 else short


def answer_fields(answer: Answer, words: Words) -> Flat:
    """The whole answer for machines: the estimate, then what it is compared with."""
    flat = dict(quote_fields(answer.quote, words))
    flat["assumptions"] = [words.say(text) for text in answer.assumptions]
    counted = answer.recipients
    flat["recipients"] = (
        None if counted is None else {"row_count": counted.row_count, "rejected_count": counted.rejected_count}
    )
    flat["compare"] = [_column(column, words) for column in answer.columns if column.what_if is None]
    flat["what_if"] = [
        {"change": column.what_if, **_column(column, words)} for column in answer.columns if column.what_if is not None
    ]
    return flat


def quote_fields(quote: Quote, words: Words) -> Flat:
    """One quote."""
    return {
        "on": quote.on,
        "currency": quote.currency,
        "rules": quote.rules,
        "rate_card": quote.rate_card,
        "lines": [line_fields(line, words) for line in quote.lines],
        "total": amount(quote.total),
        "low": amount(quote.low),
        "high": amount(quote.high),
        "assumptions": [words.say(text) for text in quote.assumptions],
        "unit": quote.unit,
        "message_count": quote.message_count,
        "free_count": quote.free_count,
        "billed_count": quote.billed_count,
        "subtotal": amount(quote.subtotal),
        "extras": [
            {
                "kind": extra.kind,
                "name": extra.name or None,
                "rate": extra.rate,
                "amount": amount(extra.amount),
                "low": amount(extra.span.low),
                "high": amount(extra.span.high),
            }
            for extra in quote.extras
        ],
        "converted": _converted(quote.converted),
        "sources": [
            {
                "what": source.what,
                "fact": source.fact,
                "id": source.id,
                "source": source.source,
                "retrieved_on": source.retrieved_on,
                "publisher": source.publisher,
                "is_user": source.is_user,
            }
            for source in quote.sources
        ],
    }


def line_fields(line: QuoteLine, words: Words) -> Flat:
    """One line of a quote."""
    return {
        "market": line.market,
        "category": line.category.value,
        "count": line.message_count,
        "free_count": line.free_count,
        "free_reason": None if line.free_reason is None else line.free_reason.value,
        "billed_count": line.billed_count,
        "unit_price": line.unit_price,
        "amount": amount(line.amount),
        "tier": line.tier,
        "low": amount(line.span.low),
        "high": amount(line.span.high),
        "price_low": line.prices.low,
        "price_high": line.prices.high,
        "rate_card": line.card_id,
        "rate_card_on": line.card_on,
        "source": line.source,
        "certainty": None if line.certainty is None else line.certainty.value,
        "is_given": line.is_given,
        "reason": None if line.reason is None else words.say(line.reason),
    }


def lines_listing(answer: Answer, words: Words) -> Listing[_Row]:
    """Every line of every quote, for ndjson, csv and plain; `on` and `what_if` tell the quotes apart."""
    return Listing(
        fields=ROW_FIELDS,
        rows=_rows(answer),
        flat=lambda row: {
            "on": row.quote.on,
            "what_if": row.what_if,
            "currency": row.quote.currency,
            **line_fields(row.line, words),
        },
        headings=(),
        cells=lambda row: (Cell(row.line.market),),
        empty=t("No messages, no cost"),
    )


def _rows(answer: Answer) -> Iterable[_Row]:
    for line in answer.quote.lines:
        yield _Row(answer.quote, None, line)
    for column in answer.columns:
        if column.quote is not None:
            for line in column.quote.lines:
                yield _Row(column.quote, column.what_if, line)


def _column(column: Column, words: Words) -> Flat:
    if column.quote is not None:
        return {**quote_fields(column.quote, words), "error": None}
    problem = column.problem
    flat: dict[str, object] = dict.fromkeys(QUOTE_FIELDS)
    flat.update(on=column.on, lines=[], extras=[], assumptions=[], sources=[])
    if problem is not None:
        flat["error"] = {"code": problem.code, "message": words.say(problem.message)}
    return flat


def _converted(converted: Converted | None) -> Flat | None:
    if converted is None:
        return None
    return {
        "currency": converted.currency,
        "rate": converted.rate,
        "total": amount(converted.total),
        "low": amount(converted.span.low),
        "high": amount(converted.span.high),
    }
