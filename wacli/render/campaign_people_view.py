"""The people of a campaign, one a line: who is in, who is out, who was not reached, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from wacli.domain.campaign import SITUATIONS, Campaign
from wacli.domain.money import Money, from_micros
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.campaign_report import Person

from .campaign_words import reason_in_words
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

PERSON_FIELDS = (
    "contact_id", "name", "phone", "bsuid", "username", "state", "reason", "reason_text", "market", "free_reason",
    "price", "currency", "key", "wamid", "sent_at", "status_at", "file_line",
)  # fmt: skip


def people_listing(rows: Iterable[Person], campaign: Campaign, more_count: int, words: Words) -> Listing[Person]:
    """The recipients, one a line."""
    footer: tuple[Text, ...] = ()
    if more_count > 0:
        footer = (tn("{count} more: --limit 0", "{count} more: --limit 0", Quantity(more_count)),)
    return Listing(
        fields=PERSON_FIELDS,
        rows=rows,
        flat=lambda one: _person_fields(one, campaign, words),
        headings=(
            Heading(t("Contact"), share=1),
            Heading(t("Number")),
            Heading(t("State")),
            Heading(t("Cost"), right=True),
            Heading(t("Why"), share=1, wraps=True),
        ),
        cells=lambda one: _person_cells(one, campaign, words),
        empty=t("Nobody"),
        footer=footer,
    )


_PERSON_STATES: Mapping[str, tuple[Text, Style]] = {
    "excluded": (t("left out"), Style.DIM),
    "skipped": (t("left out"), Style.DIM),
    "waiting": (t("not sent yet"), Style.WARN),
    "queued": (t("waits for another try"), Style.WARN),
    "sending": (t("being sent"), Style.WARN),
    "accepted": (t("accepted"), Style.GOOD),
    "held": (t("held for a quality check"), Style.WARN),
    "sent": (t("sent"), Style.GOOD),
    "delivered": (t("delivered"), Style.GOOD),
    "read": (t("read"), Style.GOOD),
    "played": (t("played"), Style.GOOD),
    "failed": (t("failed"), Style.BAD),
    "refused": (t("refused"), Style.BAD),
    "unknown": (t("outcome unknown"), Style.BAD),
}


def _price_of(one: Person, campaign: Campaign) -> tuple[str | None, Decimal | None]:
    """Free and which free, or the price: what was judged at the send, else what was planned. Meta bills what is
    delivered, so what failed or was refused costs nothing, for no reason of ours."""
    if one.state in ("failed", "refused"):
        return None, Decimal(0)
    planned = campaign.charges.get(one.line)
    free = None if planned is None or planned.free_reason is None else planned.free_reason.value
    if one.price_micros is not None:
        price = from_micros(one.price_micros)
        return (free if not price else None), price
    return free, None if planned is None else planned.price if free is None else Decimal(0)


def _person_fields(one: Person, campaign: Campaign, words: Words) -> Flat:
    is_in = one.state not in ("excluded", "skipped")
    free, price = _price_of(one, campaign) if is_in else (None, None)
    place = one.line // SITUATIONS
    is_placed = one.contact_id is not None and one.file_line is None and place < len(campaign.markets)
    return {
        "contact_id": one.contact_id,
        "name": one.name,
        "phone": one.phone,
        "bsuid": one.bsuid,
        "username": one.username,
        "state": one.state,
        "reason": one.reason,
        "reason_text": None if one.reason is None else words.say(reason_in_words(one.reason)),
        "market": campaign.markets[place] if is_placed else None,
        "free_reason": free,
        "price": price,
        "currency": campaign.currency,
        "key": one.key,
        "wamid": one.wamid,
        "sent_at": one.sent_at,
        "status_at": one.status_at,
        "file_line": one.file_line,
    }


def _person_cells(one: Person, campaign: Campaign, words: Words) -> tuple[Cell, ...]:
    label, style = _PERSON_STATES.get(one.state, (t("{state}", state=one.state), Style.PLAIN))
    cost = ""
    if one.state not in ("excluded", "skipped"):
        _, price = _price_of(one, campaign)
        cost = "" if price is None else words.money(Money(price, campaign.currency))
    return (
        Cell(sanitise(one.label), Style.STRONG),
        Cell(one.phone or ""),
        Cell(words.say(label), style),
        Cell(cost),
        Cell(_why(one, words)),
    )


def _why(one: Person, words: Words) -> str:
    """The reason, and where in the file the line stands that became nobody."""
    if one.reason is None:
        return ""
    why = reason_in_words(one.reason)
    return words.say(why if one.file_line is None else t("line {number}: {why}", number=one.file_line, why=why))
