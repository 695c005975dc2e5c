"""The same messages on other days and after what-ifs, side by side: one row for each, the asked one first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import cast

from wacli.domain.category import Category
from wacli.domain.pricing import FreeReason
from wacli.domain.problem import Problem
from wacli.domain.quote import Quote, QuoteLine, Span, add_spans
from wacli.domain.text import Text, t

from .estimate_view import Answer, Column
from .estimate_words import CATEGORIES, UNITS, WHICH_FREE, amount_words, bullet
from .view import Cell, Heading, Listing, Paragraph, Style
from .words import Words, sanitise


def comparison(answer: Answer, words: Words, width: int) -> list[Paragraph]:
    """A table of amounts by category, and under it the rules and the card of each other day."""
    main = answer.quote
    columns = (Column(main.on, None, main, None), *answer.columns)
    categories = [category for category in Category if any(line.category is category for line in main.lines)]
    table = Listing[object](
        fields=(),
        rows=columns,
        flat=lambda _: {},
        headings=(
            Heading(t("Compared"), share=2, wraps=True),
            *(Heading(CATEGORIES[category.value], right=True, share=1, wraps=True) for category in categories),
            Heading(t("Total"), right=True, share=1, wraps=True),
            Heading(t("Change"), right=True),
        ),
        cells=lambda column: _cells(cast(Column, column), main, categories, words),
        empty=t("Nothing to compare"),
    )
    remarks = [line for column in answer.columns for line in _remark(column, words, width)]
    return [Paragraph(table=table), Paragraph(lines=tuple(Cell(line, Style.DIM) for line in remarks))]


def _cells(column: Column, main: Quote, categories: list[Category], words: Words) -> tuple[Cell, ...]:
    quote = column.quote
    label = Cell(_label(column), Style.STRONG if quote is main else Style.PLAIN)
    if quote is None:
        empty = (Cell("") for _ in categories)
        return (label, *empty, Cell(words.say(t("not known")), Style.WARN), Cell(""))
    amounts = (
        _category_cell([line for line in quote.lines if line.category is category], words) for category in categories
    )
    total = Cell(amount_words(quote.total, Span(quote.low, quote.high), words), Style.STRONG)
    return (label, *amounts, total, _difference(quote, main, words))


def _label(column: Column) -> str:
    # The day as it is typed: ten characters, and the columns beside it need the room.
    return sanitise(column.what_if) if column.what_if is not None else column.on.isoformat()


def _category_cell(lines: list[QuoteLine], words: Words) -> Cell:
    amounts = [line.amount for line in lines]
    known = None if None in amounts else sum((value for value in amounts if value is not None), Decimal(0))
    reasons = {line.free_reason for line in lines if line.free_count}
    if lines and not any(line.billed_count for line in lines) and len(reasons) == 1:
        return Cell(_free(next(iter(reasons)), words), Style.GOOD)
    return Cell(amount_words(known, add_spans([line.span for line in lines]), words))


def _free(reason: FreeReason | None, words: Words) -> str:
    which = WHICH_FREE[reason or FreeReason.RULES]
    return words.say(t("free: {which}", which=which))


def _difference(quote: Quote, main: Quote, words: Words) -> Cell:
    if quote is main or quote.total is None or main.total is None:
        return Cell("")
    change = quote.total - main.total
    if not change:
        return Cell("0", Style.DIM)
    sign = "+" if change > 0 else "−"
    text = sign + amount_words(abs(change), Span(change, change), words)
    return Cell(text, Style.WARN if change > 0 else Style.GOOD)


def _remark(column: Column, words: Words, width: int) -> list[str]:
    if column.quote is None:
        said = t("{label}: {reason}", label=_label(column), reason=_reason(column.problem))
        return bullet(words.say(said), width)
    if column.what_if is not None:
        return []
    quote = column.quote
    card = t("card {card}", card=quote.rate_card) if quote.rate_card is not None else t("no card is known")
    said = t(
        "{day}: rules of {rules}, {unit}; {card}",
        day=_label(column),
        rules=date.fromisoformat(quote.rules),
        unit=UNITS[quote.unit],
        card=card,
    )
    return bullet(words.say(said), width)


def _reason(problem: Problem | None) -> Text:
    return t("not known") if problem is None else problem.message
