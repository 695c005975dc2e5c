"""Spend as a picture (`--chart`): the dearest lines, and one bar for all the rest."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from wacli.domain.money import Money
from wacli.domain.text import Quantity, t, tn
from wacli.services.spend import Spend, SpendLine
from wacli.store.spend import Dimension

from .chart import Bar, Chart, picture_of
from .spend_view import TITLES, in_column, label
from .words import Words

_MOST_BARS = 31  # a month of days


def spend_picture(file: Path, found: Spend, words: Words) -> bytes:
    """The content of the chart's file. Raises as `picture_of` does."""
    return picture_of(spend_chart(found, words), file)


def spend_chart(found: Spend, words: Words) -> Chart:
    """The chart: bars of money, or of messages where nothing cost anything."""
    lines, rest = found.lines[:_MOST_BARS], found.lines[_MOST_BARS:]
    if found.by in (Dimension.DAY, Dimension.MONTH) and rest:
        lines, rest = found.lines[-_MOST_BARS:], []
    amounts = in_column([line.sum.amount for line in lines], found.currency, words)
    bars = [_bar(found, line, amount, words) for line, amount in zip(lines, amounts, strict=True)]
    if rest:
        amount = sum((line.sum.amount for line in rest), Decimal(0))
        count = sum(line.sum.message_count for line in rest)
        name = words.say(tn("{count} other", "{count} others", len(rest)))
        bars.append(Bar(name, amount if found.total.amount else Decimal(count), _words(found, amount, count, words)))
    first = found.since.astimezone(words.zone).date()
    last = (found.until.astimezone(words.zone) - timedelta(seconds=1)).date()
    title = t("WhatsApp: {what}", what=t(TITLES[found.by]))
    subtitle = t(
        "{total} from {first} to {last}",
        total=Money(found.total.amount, found.currency),
        first=first,
        last=last,
    )
    note = t(
        "{free} of {count} messages were free; at list prices they would have cost {saved}",
        free=Quantity(found.total.free_count),
        count=Quantity(found.total.message_count),
        saved=Money(found.total.saved, found.currency),
    )
    return Chart(words.say(title), words.say(subtitle), bars, words.say(note))


def _bar(found: Spend, line: SpendLine, amount: str, words: Words) -> Bar:
    if found.total.amount:
        return Bar(label(found.by, line, words), line.sum.amount, amount)
    count = line.sum.message_count
    return Bar(label(found.by, line, words), Decimal(count), _words(found, line.sum.amount, count, words))


def _words(found: Spend, amount: Decimal, count: int, words: Words) -> str:
    if found.total.amount:
        return words.money(Money(amount, found.currency))
    return words.say(tn("{count} message", "{count} messages", Quantity(count)))
