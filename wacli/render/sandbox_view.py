"""The sandbox's own book as screens: its clock, its customers, its ledger, its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wacli.domain.identity import display_phone
from wacli.domain.money import Money, from_micros
from wacli.domain.text import Quantity, Text, t, tn

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

CUSTOMER_FIELDS = (
    "name", "phone", "bsuid", "username", "is_open", "closes_at", "is_entry_running", "entry_until", "is_on_whatsapp",
    "has_blocked", "has_stopped_marketing",
)  # fmt: skip
CHARGE_FIELDS = (
    "wamid", "number_id", "contact", "bsuid", "sent_at", "at", "category", "type", "pricing_model", "market",
    "template", "is_billed", "free_reason", "rate_category", "tier", "amount_micro", "currency", "conversation_id",
)  # fmt: skip
FAULT_FIELDS = ("kind", "after_acceptance", "path", "method", "times", "seconds", "http", "code")
_FREE: dict[str, Text] = {
    "allowance": t("one of the month's free ones"),
    "rules": t("free by the rules of that day"),
    "free_entry_point": t("free entry point"),
    "conversation": t("inside a conversation that was booked before"),
}


def clock_record(clock: Mapping[str, Any], words: Words) -> Record:
    """What the sandbox's clock says."""
    now, speed = _instant(clock["now"]), float(clock["speed"])
    said = t("In the sandbox it is {now}; its clock runs at {speed} times real speed", now=now, speed=f"{speed:g}")
    return Record({"now": clock["now"], "speed": speed}, (Paragraph(lines=(Cell(words.say(said)),)),))


def said_record(told: Mapping[str, Any], words: Words) -> Record:
    """A customer has written."""
    name = str(told["customer"]["name"])
    lines = (Cell(words.say(t("{name} has written", name=sanitise(name))), Style.GOOD),)
    return Record({"wamid": told["id"], "name": name}, (Paragraph(lines=lines),))


def customers_listing(
    customers: Sequence[Mapping[str, Any]], clock: Mapping[str, Any], words: Words
) -> Listing[Mapping[str, Any]]:
    """Every customer with both clocks, as the sandbox itself keeps them."""
    now, speed = _instant(clock["now"]), float(clock["speed"])
    footer = t("In the sandbox it is {now}; its clock runs at {speed} times real speed", now=now, speed=f"{speed:g}")
    return Listing(
        fields=CUSTOMER_FIELDS,
        rows=customers,
        flat=_customer_fields,
        headings=(
            Heading(t("Name"), share=1),
            Heading(t("Phone")),
            Heading(t("Window closes")),
            Heading(t("Free until")),
        ),
        cells=lambda one: _customer_cells(one, words),
        empty=t("The sandbox has no customers"),
        footer=(footer,),
    )


def _customer_fields(one: Mapping[str, Any]) -> Flat:
    thread = (one["threads"] or [{}])[0]
    whole = {**one, **thread, "phone": display_phone(one["wa_id"])}
    return {name: whole.get(name) for name in CUSTOMER_FIELDS}


def _customer_cells(one: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    flat = _customer_fields(one)
    return (
        Cell(sanitise(str(flat["name"])), Style.STRONG),
        Cell(str(flat["phone"])),
        _until(flat["closes_at"], bool(flat["is_open"]), words),
        _until(flat["entry_until"], bool(flat["is_entry_running"]), words),
    )


def _until(text: object, is_running: bool, words: Words) -> Cell:
    if not isinstance(text, str):
        return Cell("-", Style.DIM)
    return Cell(words.instant(_instant(text)), Style.GOOD if is_running else Style.DIM)


def charges_listing(told: Mapping[str, Any], words: Words) -> Listing[Mapping[str, Any]]:
    """The ledger, one line a message, with its sums."""
    lines: list[Mapping[str, Any]] = list(told["charges"])
    totals = [words.money(_money(int(micro), currency)) for currency, micro in told["total_micro"].items()]
    footer: list[Text] = []
    if lines:
        footer.append(
            t(
                "{billed} billed, {free} free: {total}",
                billed=Quantity(told["billed_count"]),
                free=Quantity(told["free_count"]),
                total=", ".join(totals),
            )
        )
    if told["unknown_count"]:
        count = Quantity(told["unknown_count"])
        footer.append(
            tn("the price of {count} was never published", "the prices of {count} were never published", count)
        )
    return Listing(
        fields=CHARGE_FIELDS,
        rows=lines,
        flat=lambda line: {name: line[name] for name in CHARGE_FIELDS},
        headings=(
            Heading(t("Delivered")),
            Heading(t("Contact")),
            Heading(t("Category")),
            Heading(t("Market"), share=1),
            Heading(t("Amount"), right=True),
            Heading(t("Why free"), share=1),
        ),
        cells=lambda line: _charge_cells(line, words),
        empty=t("Nothing was delivered yet"),
        footer=tuple(footer),
    )


def _charge_cells(line: Mapping[str, Any], words: Words) -> tuple[Cell, ...]:
    micro, free = line["amount_micro"], line["free_reason"]
    amount = Cell("?", Style.WARN) if micro is None else Cell(words.money(_money(int(micro), line["currency"])))
    return (
        Cell(words.instant(_instant(line["at"]))),
        Cell(display_phone(line["contact"])),
        Cell(str(line["category"])),
        Cell(str(line["market"])),
        amount,
        Cell(words.say(_FREE[free]) if free in _FREE else "", Style.DIM),
    )


def faults_listing(faults: Sequence[Mapping[str, Any]]) -> Listing[Mapping[str, Any]]:
    """What will go wrong next."""
    return Listing(
        fields=FAULT_FIELDS,
        rows=faults,
        flat=lambda one: {name: one[name] for name in FAULT_FIELDS},
        headings=(
            Heading(t("Fault")),
            Heading(t("Times"), right=True),
            Heading(t("Request")),
            Heading(t("Code"), right=True),
        ),
        cells=lambda one: (
            Cell(str(one["kind"]), Style.STRONG),
            Cell(str(one["times"])),
            Cell(f"{one['method']} …{one['path']}"),
            Cell(str(one["code"]) if one["kind"] == "error" else ""),
        ),
        empty=t("Nothing is going to go wrong"),
    )


def _money(micro: int, currency: str) -> Money:
    return Money(from_micros(micro), currency)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
