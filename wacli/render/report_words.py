"""What a month's report says, before anybody knows whether it becomes a web page or Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.money import Money
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.report import MonthReport
from wacli.services.spend import Spend
from wacli.store.spend import Dimension

from .spend_view import TITLES, in_column, label
from .words import Words, sanitise

_MOST_ROWS = 25
_HEADINGS = {
    Dimension.CATEGORY: t("By category"),
    Dimension.MARKET: t("By market"),
    Dimension.TEMPLATE: t("By template"),
    Dimension.CAMPAIGN: t("By campaign"),
    Dimension.AD: t("By ad"),
    Dimension.LINK: t("By link"),
    Dimension.DAY: t("Day by day"),
}


class Fact(NamedTuple):
    """A number with its name, and what has to be known of it."""

    name: str
    value: str
    note: str = ""


class Row(NamedTuple):
    """One line of a table; `share` of the largest (0 to 1) is how long its bar is."""

    name: str
    cells: tuple[str, ...]
    share: float


class Table(NamedTuple):
    """The month summed in one way. The first heading is that of the names."""

    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    total: tuple[str, ...]
    note: str = ""


class Source(NamedTuple):
    """A card or a period of the rules behind the numbers, and the texts it was read from."""

    head: str
    texts: tuple[str, ...]


class ReportWords(NamedTuple):
    """The whole report in words."""

    title: str
    subtitle: str
    facts: list[Fact]
    tables: list[Table]
    days: Table
    service_title: str
    service: list[Fact]
    sources_title: str
    sources: list[Source]
    remarks: list[str]
    footer: str


def report_words(found: MonthReport, words: Words) -> ReportWords:
    """The report in the reader's language. Everything somebody else typed is made harmless."""
    say = words.say
    month = found.since.astimezone(words.zone).date()
    title = say(t("WhatsApp in {month}", month=words.month(month)))
    numbers = ", ".join(
        sanitise("+" + one.display_phone_number.lstrip("+")) for one in found.numbers if one.display_phone_number
    )
    subtitle = (
        say(t("{profile}, {numbers}", profile=found.profile, numbers=numbers)) if numbers else sanitise(found.profile)
    )
    tables = [_table(found.by[one], words) for one in found.by if one is not Dimension.DAY and _has_keys(found.by[one])]
    made = say(t("Made by wacli on {at} from the messages on this machine.", at=found.made_at))
    return ReportWords(
        title,
        subtitle,
        list(_facts(found, words)),
        tables,
        _table(found.by[Dimension.DAY], words),
        say(t("How you answered")),
        list(_service(found, words)),
        say(t("Where the numbers come from")),
        [Source(say(head), texts) for head, texts in _sources(found)],
        [say(one) for one in _remarks(found)],
        made,
    )


def _facts(found: MonthReport, words: Words) -> Iterator[Fact]:
    say, total = words.say, found.whole.total
    yield Fact(
        say(t("Charged")), words.money(Money(total.amount, found.currency)), _unknown(total.unknown_count, words)
    )
    billed = tn("{billed} of {count} message billed", "{billed} of {count} messages billed",
                total.message_count, billed=Quantity(total.billed_count))  # fmt: skip
    yield Fact(say(t("Messages")), words.number(total.message_count), say(billed))
    yield Fact(say(t("Free")), words.number(total.free_count),
               say(t("worth {saved} at list prices", saved=Money(total.saved, found.currency))))  # fmt: skip
    for one in found.allowance:
        name = "+" + one.display.lstrip("+") if one.display else one.phone_number_id or ""
        used = t("{used} of {total}", used=Quantity(one.used), total=Quantity(one.total))
        yield Fact(say(t("Free replies used")), say(used), sanitise(name))


def _unknown(count: int, words: Words) -> str:
    if not count:
        return ""
    return words.say(
        tn(
            "and {count} message at a price nobody published",
            "and {count} messages at prices nobody published",
            count,
        )
    )


def _service(found: MonthReport, words: Words) -> Iterator[Fact]:
    say, seen = words.say, found.responses
    median, slow = seen.quantile(0.5), seen.quantile(0.9)
    if median is not None and slow is not None:
        half = say(t("Half of all answers came within"))
        yield Fact(half, words.short_duration(timedelta(seconds=median)))
        yield Fact(say(t("Nine of ten within")), words.short_duration(timedelta(seconds=slow)))
    answered = words.number(len(seen.seconds))
    yield Fact(say(t("Waiting customers answered in time")), answered)
    if seen.missed_count:
        late = tn(
            "{count} template had to be sent later instead, for {amount}",
            "{count} templates had to be sent later instead, for {amount}",
            len(seen.late),
            amount=Money(found.late_amount, found.currency),
        )
        yield Fact(say(t("Windows missed")), words.number(seen.missed_count), say(late))
    else:
        yield Fact(say(t("Windows missed")), words.number(0))


def _table(found: Spend, words: Words) -> Table:
    say = words.say
    shown, rest = found.lines, found.lines[_MOST_ROWS:]
    if found.by is not Dimension.DAY:
        shown = found.lines[:_MOST_ROWS]
    by_money = found.total.amount > 0
    largest = max((_size(line.sum.amount, line.sum.message_count, by_money) for line in shown), default=Decimal(0))
    total = found.total
    charged = in_column([*(line.sum.amount for line in shown), total.amount], found.currency, words)
    saved = in_column([*(line.sum.saved for line in shown), total.saved], found.currency, words)
    rows = [
        Row(
            sanitise(label(found.by, line, words)),
            (words.number(line.sum.message_count), words.number(line.sum.free_count), charged[place], saved[place]),
            float(_size(line.sum.amount, line.sum.message_count, by_money) / largest) if largest else 0.0,
        )
        for place, line in enumerate(shown)
    ]
    note = say(tn("and {count} more", "and {count} more", len(rest))) if rest and found.by is not Dimension.DAY else ""
    headings = (t(TITLES[found.by]), t("Messages"), t("Free"), t("Charged"), t("Saved"))
    return Table(
        say(_HEADINGS[found.by]),
        tuple(map(say, headings)),
        rows,
        (words.number(total.message_count), words.number(total.free_count), charged[-1], saved[-1]),
        note,
    )


def _size(amount: Decimal, count: int, by_money: bool) -> Decimal:
    return amount if by_money else Decimal(count)


def _has_keys(found: Spend) -> bool:
    """False for a way that says nothing: no message came through a link, belongs to a campaign ..."""
    return any(line.key is not None for line in found.lines)


def _sources(found: MonthReport) -> Iterator[tuple[Text, tuple[str, ...]]]:
    for card in found.cards:
        origin = t("imported by you") if card.is_user else t("read on {day}", day=card.retrieved_on)
        head = t(
            "Rate card {id} in {currency}, from {day} on, {origin}",
            id=card.id,
            currency=card.currency,
            day=card.effective_from,
            origin=origin,
        )
        yield head, card.sources
    for rules in found.rules:
        yield t("Pricing rules {id}, from {day} on", id=rules.id, day=rules.effective_from), rules.sources


def _remarks(found: MonthReport) -> Iterator[Text]:
    if found.is_running:
        yield t("The month is not over: this is what there is until {at}.", at=found.made_at)
    yield t("Worked out by wacli from delivered messages, by the published rates; the bill is WhatsApp's.")
    if found.whole.contradicted_count:
        yield tn(
            "WhatsApp says otherwise of {count} message: wacli reconcile",
            "WhatsApp says otherwise of {count} messages: wacli reconcile",
            found.whole.contradicted_count,
        )
    if found.whole.total.unknown_count:
        yield t("What nobody published a price for is in no sum.")
