"""An estimate for people: the answer first, the table, comparisons, then what was taken for granted and the sources.

`[2]` beside a price or a free count is the source with that number at the end.
"""

from __future__ import annotations

from datetime import date

from wacli.domain.quote import Quote, Span
from wacli.domain.text import Quantity, t, tn

from .estimate_compare import comparison
from .estimate_table import estimate_table
from .estimate_view import Answer, answer_fields
from .estimate_words import UNITS, bullet, source_words, total_words
from .view import Cell, Paragraph, Record, Style
from .words import Words


def estimate_record(answer: Answer, words: Words, width: int) -> Record:
    """The whole answer; `width` is the terminal's, for sentences that go on in the next line."""
    quote = answer.quote
    paragraphs = [Paragraph(lines=_headline(quote, words, width)), Paragraph(table=estimate_table(quote, words))]
    below = _below(answer, words, width)
    if below:
        paragraphs.append(Paragraph(lines=below))
    if answer.columns:
        paragraphs += comparison(answer, words, width)
    if answer.assumptions:
        taken = [bullet(words.say(text), width) for text in answer.assumptions]
        paragraphs.append(_titled(words.say(t("Taken for granted")), taken))
    cited = [
        bullet(source_words(source, quote, words), width, f"[{number}] ")
        for number, source in enumerate(quote.sources, 1)
    ]
    paragraphs.append(_titled(words.say(t("Sources")), cited, Style.DIM))
    return Record(answer_fields(answer, words), tuple(paragraphs))


def _titled(title: str, items: list[list[str]], style: Style = Style.PLAIN) -> Paragraph:
    return Paragraph(lines=(Cell(title, Style.STRONG), *(Cell(line, style) for lines in items for line in lines)))


def _headline(quote: Quote, words: Words, width: int) -> tuple[Cell, ...]:
    markets = sorted({line.market for line in quote.lines})
    count, day, free = quote.message_count, quote.on, quote.free_count
    if len(markets) == 1:
        asked = tn(
            "{count} message to {market} on {day}",
            "{count} messages to {market} on {day}",
            count,
            day=day,
            market=markets[0],
        )
    else:
        asked = tn("{count} message on {day}", "{count} messages on {day}", count, day=day)
    told = asked if not free else t("{messages}; {free} of them free", messages=asked, free=Quantity(free))
    rules = t(
        "Rules of {day}: {unit}. Amounts in {currency}.",
        day=date.fromisoformat(quote.rules),
        unit=UNITS[quote.unit],
        currency=quote.currency,
    )
    total = total_words(quote.total, Span(quote.low, quote.high), quote.currency, words)
    return (
        *(Cell(line, Style.STRONG) for line in bullet(total, width, "")),
        *(Cell(line) for line in bullet(words.say(told), width, "")),
        *(Cell(line, Style.DIM) for line in bullet(words.say(rules), width, "")),
    )


def _below(answer: Answer, words: Words, width: int) -> tuple[Cell, ...]:
    said = []
    converted, counted = answer.quote.converted, answer.recipients
    if converted is not None:
        total = total_words(converted.total, converted.span, converted.currency, words)
        said.append(
            t(
                "To read in {target}: {total}, at {rate} {target} for 1 {currency}. The bill is in {currency}.",
                target=converted.currency,
                total=total,
                rate=converted.rate,
                currency=answer.quote.currency,
            )
        )
    if counted is not None and counted.rejected_count:
        said.append(
            tn(
                "{count} row of the file is no recipient and not counted here",
                "{count} rows of the file are no recipients and not counted here",
                counted.rejected_count,
            )
        )
    return tuple(Cell(line) for text in said for line in bullet(words.say(text), width, ""))
