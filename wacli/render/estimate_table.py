"""The table of an estimate, made to be checked by hand: count - free = billed, billed x price = amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, cast

from wacli.domain.quote import Extra, Quote, QuoteLine, Span
from wacli.domain.text import Quantity, Text, t

from .estimate_words import CATEGORIES, amount_words, card_mark, free_mark, free_words, range_words
from .view import Cell, Heading, Listing, Style
from .words import Words, sanitise


class _Row(NamedTuple):
    """A line of the quote (`line`), the name of a market above its lines, or something on top of all lines."""

    label: str
    price: str = ""
    amount: str = ""
    counts: tuple[int, int | None, int] | None = None
    line: QuoteLine | None = None
    style: Style = Style.PLAIN


def estimate_table(quote: Quote, words: Words) -> Listing[object]:
    """Lines, extras and the total. Lines stand under the name of their market where there is more than one."""
    return Listing(
        fields=(),
        rows=_rows(quote, words) if quote.lines else (),
        flat=lambda _: {},
        headings=(
            Heading(t("Messages"), share=3, wraps=True),
            Heading(t("Count"), right=True),
            Heading(t("Free"), right=True, share=2, wraps=True),
            Heading(t("Billed"), right=True),
            Heading(t("Price"), right=True),
            Heading(t("Amount"), right=True),
        ),
        cells=lambda row: _cells(cast(_Row, row), quote, words),
        empty=t("No messages, no cost"),
    )


def _rows(quote: Quote, words: Words) -> Iterator[_Row]:
    markets = dict.fromkeys(line.market for line in quote.lines)
    for market in markets:
        if len(markets) > 1:
            yield _Row(sanitise(market), style=Style.STRONG)
        for line in quote.lines:
            if line.market == market:
                yield _line_row(line, quote, words, " " if len(markets) > 1 else "")
    if quote.extras:
        yield _sum_row(t("Meta's charges"), quote.subtotal, _subtotal_span(quote), words)
        for extra in quote.extras:
            yield _extra_row(extra, quote, words)
    total = _sum_row(t("Total"), quote.total, Span(quote.low, quote.high), words)
    counts = (quote.message_count, quote.free_count, quote.billed_count)
    yield total._replace(counts=counts, style=Style.STRONG)


def _line_row(line: QuoteLine, quote: Quote, words: Words, indent: str) -> _Row:
    price = ""
    if line.billed_count:
        source = words.say(t("yours")) if line.is_given else card_mark(line, quote)
        price = f"{range_words(line.unit_price, line.prices, words)} {source}".strip()
    counts = (line.message_count, line.free_count or None, line.billed_count)
    return _Row(indent + words.say(_label(line)), price, amount_words(line.amount, line.span, words), counts, line)


def _label(line: QuoteLine) -> Text:
    label = CATEGORIES[line.category.value]
    if line.tier is None:
        return label
    first, _, last = line.tier.partition(":")
    begin = Quantity(int(first))
    if last == "MAX":
        return t("{category}, tier from {first}", category=label, first=begin)
    return t("{category}, tier {first} to {last}", category=label, first=begin, last=Quantity(int(last)))


def _sum_row(label: Text, exact: Decimal | None, span: Span, words: Words) -> _Row:
    return _Row(words.say(label), "", amount_words(exact, span, words))


def _extra_row(extra: Extra, quote: Quote, words: Words) -> _Row:
    amount = amount_words(extra.amount, extra.span, words)
    if extra.kind == "fee":
        label = t("Fee: {name}", name=extra.name) if extra.name else t("Fee for each message")
        return _Row(
            words.say(label), words.figure(extra.rate), amount, (quote.message_count, None, quote.message_count)
        )
    label = t("Tax: {name}", name=extra.name) if extra.name else t("Tax")
    return _Row(words.say(label), words.number((extra.rate * 100).normalize() + 0) + "%", amount)


def _subtotal_span(quote: Quote) -> Span:
    """The bounds without the extras."""
    low = quote.low - sum((extra.span.low for extra in quote.extras), Decimal(0))
    highs = [extra.span.high for extra in quote.extras if extra.span.high is not None]
    if quote.high is None or len(highs) < len(quote.extras):
        return Span(low, None)
    return Span(low, quote.high - sum(highs, Decimal(0)))


def _cells(row: _Row, quote: Quote, words: Words) -> tuple[Cell, ...]:
    line, style = row.line, row.style
    count = free = billed = ""
    if row.counts is not None:
        count, free, billed = ("" if number is None else words.number(Quantity(number)) for number in row.counts)
    free_style = style
    if line is not None and line.free_count:
        free = f"{free} {free_words(line, words)} {free_mark(line, quote)}".strip()
        free_style = Style.GOOD
    return (
        Cell(row.label, style),
        Cell(count, style),
        Cell(free, free_style),
        Cell(billed, style),
        Cell(row.price, style),
        Cell(row.amount, style),
    )
