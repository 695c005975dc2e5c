"""The month's free messages as a screen: used, left, until when they last, who used them, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator

from wacli.domain.text import Quantity, Text, t
from wacli.services.allowance import Allowances, NumberAllowance, Payment

from .bars import bars
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

ALLOWANCE_FIELDS = (
    "phone_number_id",
    "display_phone_number",
    "total",
    "used",
    "used_at_most",
    "under_way",
    "left",
    "per_day",
    "runs_out_on",
    "resets_at",
    "payment_method",
    "busiest",
)
_NEARLY = 10  # percent that are left when it is time to look


def allowance_listing(found: Allowances, words: Words) -> Listing[NumberAllowance]:
    """One row for each business number."""
    return Listing(
        fields=ALLOWANCE_FIELDS,
        rows=found.numbers,
        flat=lambda number: _fields(found, number),
        headings=(
            Heading(t("Business number"), share=1),
            Heading(t("Used"), right=True),
            Heading(t("Left"), right=True),
            Heading(t("Of"), right=True),
            Heading(t("A day"), right=True),
            Heading(t("Lasts"), share=1),
            Heading(t("Share")),
        ),
        cells=lambda number: _cells(number, words),
        empty=_nothing(found),
        footer=tuple(_footer(found, words)),
    )


def _fields(found: Allowances, number: NumberAllowance) -> Flat:
    return {
        "phone_number_id": number.phone_number_id,
        "display_phone_number": number.display,
        "total": number.total,
        "used": number.used,
        "used_at_most": number.used_at_most,
        "under_way": number.under_way,
        "left": number.left,
        "per_day": number.a_day,
        "runs_out_on": None if number.runs_out_on is None else number.runs_out_on.isoformat(),
        "resets_at": found.resets_at,
        "payment_method": found.payment.value,
        "busiest": [one._asdict() for one in number.busiest],
    }


def _cells(number: NumberAllowance, words: Words) -> tuple[Cell, ...]:
    name = number.display or number.phone_number_id
    is_low = number.left * 100 <= number.total * _NEARLY
    style = Style.BAD if not number.left else Style.WARN if is_low else Style.GOOD
    return (
        Cell(sanitise(name) if name else words.say(t("(the whole account)")), Style.STRONG),
        Cell(words.number(number.used)),
        Cell(words.number(number.left), style),
        Cell(words.number(number.total), Style.DIM),
        Cell("" if number.a_day is None else f"{number.a_day:g}"),
        Cell(words.say(_lasts(number)), style if number.runs_out_on is not None else Style.PLAIN),
        Cell(bars([number.total, number.used], 12)[1]),
    )


def _lasts(number: NumberAllowance) -> Text:
    if not number.left:
        return t("used up")
    if not number.is_pace_known:
        return t("not known yet")
    if number.runs_out_on is None:
        return t("to the end of the month")
    return t("until {day}", day=number.runs_out_on)


def _nothing(found: Allowances) -> Text:
    if found.rule is not None:
        return t("No business number is known yet: nothing has come in and nothing was sent")
    if found.is_unlimited:
        return t("By the rules of that day replies are free without limit: nothing to count")
    return t("The rules of that day give no free messages")


def _footer(found: Allowances, words: Words) -> Iterator[Text]:
    if found.rule is None or not found.numbers:
        return
    first = found.resets_at.astimezone(words.zone).date()
    yield t("Counted anew from {day}, 0:00 in the account's time zone.", day=first)
    if any(not number.is_pace_known and number.left for number in found.numbers):
        yield t("How long they last can be told once two whole weeks of messages are known.")
    for number in found.numbers:
        if number.used_at_most > number.used:
            yield t(
                "{count} more went out after ads; nobody says whether they count, so verdicts count them.",
                count=Quantity(number.used_at_most - number.used),
            )
        if number.busiest:
            names = ", ".join(f"{sanitise(one.name or f'#{one.contact_id}')} ({one.used})" for one in number.busiest)
            yield t("Most went to {names}.", names=names)
    yield from _payment(found)


def _payment(found: Allowances) -> Iterator[Text]:
    match found.payment:
        case Payment.REFUSED:
            yield t("WhatsApp refused messages this month for want of a payment method: wacli doctor")
        case Payment.MISSING:
            yield t("The account has no payment method: after the free messages nothing is delivered. wacli doctor")
        case Payment.UNKNOWN:
            yield t("Is there a payment method? Without one nothing is delivered after these. Ask: wacli doctor")
        case Payment.KNOWN:
            return
