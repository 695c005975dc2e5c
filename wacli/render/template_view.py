"""Templates as screens: the list, one template, and what a contact will see of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wacli.domain.money import Money
from wacli.domain.template_slots import Slot, SlotKind, link_end
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.template_alarms import VOLUME_DAYS
from wacli.services.template_overview import Overview, TemplateDetail, TemplateLine
from wacli.services.template_preview import Preview
from wacli.services.template_prices import MarketPrice
from wacli.store.templates import PullReport, TemplateChange

from .alarm_view import alarm_fields, alarms_paragraph
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise, sanitise_lines

TEMPLATE_FIELDS = (
    "name", "language", "status", "category", "requested_category", "quality", "rejected_reason", "template_id",
    "pulled_at", "is_gone", "previous_category", "last_used_at", "price", "currency", "market",
)  # fmt: skip
_ROW_FIELDS = TEMPLATE_FIELDS[:4] + TEMPLATE_FIELDS[5:10]
_STATUS_STYLES = {"APPROVED": Style.GOOD, "PENDING": Style.WARN, "IN_APPEAL": Style.WARN}
_QUALITY_STYLES = {"GREEN": Style.GOOD, "YELLOW": Style.WARN, "RED": Style.BAD}


def pulled_record(report: PullReport, words: Words) -> Record:
    """`wacli templates pull`: what is different now."""
    said = t(
        "Templates: {new} new, {changed} changed, {same} the same, {gone} gone",
        new=report.new_count,
        changed=report.changed_count,
        same=report.same_count,
        gone=report.gone_count,
    )
    flat: Flat = {
        "new": report.new_count,
        "changed": report.changed_count,
        "same": report.same_count,
        "gone": report.gone_count,
    }
    return Record(flat, (Paragraph(lines=(Cell(words.say(said)),)),))


def line_fields(line: TemplateLine) -> Flat:
    """One template for machines."""
    flat = {name: getattr(line.row, name) for name in _ROW_FIELDS}
    flat |= {"requested_category": line.requested_category, "previous_category": line.previous_category}
    flat |= {"last_used_at": line.last_used_at, "price": line.price, "market": line.market}
    flat["currency"] = None if line.price is None else line.currency
    return {name: flat[name] for name in TEMPLATE_FIELDS}


def overview_listing(overview: Overview, now: datetime, words: Words) -> Listing[TemplateLine]:
    """`wacli templates list`."""
    more = overview.more_count
    footer = [tn("{count} more: --limit 0", "{count} more: --limit 0", more)] if more else []
    if overview.market is not None and overview.contact_count:
        footer.append(
            t("Prices: {market}, where most of your contacts are, outside any free window.", market=overview.market)
        )
    elif overview.market is not None:
        footer.append(t("Prices: {market}, your own country, outside any free window.", market=overview.market))
    return Listing(
        fields=TEMPLATE_FIELDS,
        rows=overview.lines,
        flat=line_fields,
        headings=(
            Heading(t("Template"), share=1),
            Heading(t("Language")),
            Heading(t("Status")),
            Heading(t("Category"), share=1, wraps=True),
            Heading(t("Quality")),
            Heading(t("Last used"), right=True),
            Heading(t("Price"), right=True),
        ),
        cells=lambda line: _cells(line, now, words),
        empty=t("No templates yet. Fetch them: wacli templates pull"),
        footer=tuple(footer),
    )


def _cells(line: TemplateLine, now: datetime, words: Words) -> tuple[Cell, ...]:
    row = line.row
    used = "" if line.last_used_at is None else words.short_duration(max(now, line.last_used_at) - line.last_used_at, 1)
    return (
        Cell(sanitise(row.name), Style.DIM if row.is_gone else Style.STRONG),
        Cell(sanitise(row.language)),
        _status(line),
        _category(line, words),
        Cell(sanitise((row.quality or "").lower()), _QUALITY_STYLES.get(row.quality or "", Style.PLAIN)),
        Cell(used),
        Cell("" if line.price is None else words.money(Money(line.price, line.currency))),
    )


def _status(line: TemplateLine) -> Cell:
    status = line.row.status
    style = Style.DIM if line.row.is_gone else _STATUS_STYLES.get(status, Style.BAD)
    return Cell(sanitise(status.lower()), style)


def _category(line: TemplateLine, words: Words) -> Cell:
    decided = (line.row.category or "").lower()
    if line.requested_category not in (None, line.row.category):
        asked = (line.requested_category or "").lower()
        return Cell(words.say(t("{category} (asked: {asked})", category=decided, asked=asked)), Style.WARN)
    if line.previous_category is not None:
        before = line.previous_category.lower()
        return Cell(words.say(t("{category} (was: {before})", category=decided, before=before)), Style.WARN)
    return Cell(sanitise(decided))


def detail_record(detail: TemplateDetail, words: Words) -> Record:
    """`wacli templates show`."""
    say = words.say
    line = detail.line
    flat = {
        **line_fields(line),
        "parameter_format": detail.template.parameter_format.value,
        "components": _components(detail),
        "places": [_slot_fields(slot) for slot in detail.slots],
        "command": detail.command,
        "sent_count": detail.sent_count,
        "prices": [price._asdict() for price in detail.prices],
        "history": [_change_fields(change) for change in detail.history],
        "alarms": [alarm_fields(alarm) for alarm in detail.alarms],
    }
    shown = [
        (say(t("Status")), _status(line)),
        (say(t("Category")), _category(line, words)),
        (say(t("Quality")), Cell(sanitise((line.row.quality or "").lower()))),
        (say(t("Rejected")), Cell(_reason(line.row.rejected_reason), Style.BAD)),
        (say(t("Fetched")), Cell(words.instant(line.row.pulled_at))),
        (say(t("Last used")), Cell("" if line.last_used_at is None else words.instant(line.last_used_at))),
        (
            say(t("Sent")),
            Cell(say(t("{count} in {days} days", count=Quantity(detail.sent_count), days=VOLUME_DAYS))),
        ),
    ]
    paragraphs = [
        *alarms_paragraph(detail.alarms, words),
        Paragraph(lines=(Cell(sanitise(f"{line.row.name}  ·  {line.row.language}"), Style.STRONG),)),
        Paragraph(pairs=tuple((label, cell) for label, cell in shown if cell.text)),
        Paragraph(lines=tuple(Cell("  " + part) for part in sanitise_lines(_text(detail)))),
        *_places(detail, words),
        *_prices(detail.prices, words),
        *_history(detail.history, words),
        Paragraph(lines=(Cell(say(t("Send it: {command}", command=detail.command)), Style.DIM),)),
    ]
    return Record(flat, tuple(paragraphs))


def _reason(reason: str | None) -> str:
    return "" if reason in (None, "", "NONE") else sanitise((reason or "").lower())


def _text(detail: TemplateDetail) -> str:
    from wacli.domain.template_preview import preview

    return preview(detail.template, {})


def _components(detail: TemplateDetail) -> object:
    import json

    return json.loads(detail.line.row.components)


def _slot_fields(slot: Slot) -> Flat:
    return {
        "key": slot.key,
        "kind": slot.kind.name.lower(),
        "is_required": slot.is_required,
        "example": slot.example,
        "link": slot.link,
    }


SLOT_KINDS: dict[SlotKind, Text] = {
    SlotKind.TEXT: t("text on one line"),
    SlotKind.MEDIA: t("a file, a link or a media id"),
    SlotKind.FILENAME: t("the name of the document"),
    SlotKind.LOCATION: t("latitude,longitude,name,address"),
    SlotKind.LINK_END: t("the end of the link {link}"),
    SlotKind.CODE: t("the code"),
    SlotKind.COUPON: t("the code to copy"),
    SlotKind.PAYLOAD: t("what the button reports back"),
    SlotKind.FLOW_TOKEN: t("the token of the flow"),
    SlotKind.PRODUCT: t("the product on the picture"),
    SlotKind.PRODUCTS: t("the products, separated by commas"),
    SlotKind.INSTANT: t("when the offer ends, such as 3d or 2026-12-01T18:00+07:00"),
}


def _places(detail: TemplateDetail, words: Words) -> tuple[Paragraph, ...]:
    pairs = []
    for slot in detail.slots:
        kind = SLOT_KINDS[slot.kind]
        if slot.kind is SlotKind.LINK_END:
            kind = t("the end of the link {link}", link=slot.link or "")
        said = words.say(kind)
        if not slot.is_required:
            said = words.say(t("{what} (may be left out)", what=said))
        example = slot.example
        if example and slot.kind is SlotKind.LINK_END:
            example = link_end(slot.link or "", example)
        if example:
            said = words.say(t("{what}, such as {example}", what=said, example=example))
        pairs.append((f"  {sanitise(slot.key)}=", Cell(said)))
    return (Paragraph(lines=(Cell(words.say(t("Values"))),), pairs=tuple(pairs)),) if pairs else ()


def _prices(prices: Sequence[MarketPrice], words: Words) -> tuple[Paragraph, ...]:
    if not prices:
        return ()
    pairs = []
    for one in prices:
        amount: Text | Money = t("not known") if one.price is None else Money(one.price, one.currency)
        said = tn(
            "{amount}  ({count} contact)", "{amount}  ({count} contacts)", Quantity(one.contact_count), amount=amount
        )
        if one.is_free_in_window:
            said = t("{price}, free while the window is open", price=said)
        pairs.append(("  " + sanitise(one.market), Cell(words.say(said))))
    return (Paragraph(lines=(Cell(words.say(t("Price by market"))),), pairs=tuple(pairs)),)


def _change_fields(change: TemplateChange) -> Flat:
    return {
        "at": change.at,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    }


CHANGES: dict[str, Text] = {
    "status": t("status"),
    "quality": t("quality"),
    "category": t("category"),
    "category-announced": t("category, announced"),
    "components": t("text"),
}


def _history(history: Sequence[TemplateChange], words: Words) -> tuple[Paragraph, ...]:
    pairs = []
    for change in history:
        at = "" if change.at is None else words.instant(change.at)
        what = words.say(CHANGES.get(change.what, t("{word}", word=change.what)))
        moved = " → ".join(part.lower() for part in (change.before, change.after) if part)
        why = f" ({change.reason.lower()})" if change.reason else ""
        pairs.append((f"  {at}", Cell(sanitise(f"{what}: {moved}{why}" if moved else what))))
    return (Paragraph(lines=(Cell(words.say(t("History"))),), pairs=tuple(pairs)),) if pairs else ()


PREVIEW_FIELDS = ("name", "language", "contact_id", "text", "values", "missing", "extra", "command")


def preview_record(preview: Preview, words: Words) -> Record:
    """`wacli templates preview`: the message in a frame of its own, and the command that sends exactly this."""
    flat: Flat = {
        "name": preview.template.name,
        "language": preview.template.language,
        "contact_id": preview.contact.id,
        "text": preview.text,
        "values": dict(preview.values),
        "missing": preview.missing,
        "extra": preview.extra,
        "command": preview.command,
    }
    head = t("{name} will see:", name=preview.contact.label)
    lines = tuple(Cell("  │ " + line) for line in sanitise_lines(preview.text))
    return Record(
        {key: flat[key] for key in PREVIEW_FIELDS},
        (
            Paragraph(lines=(Cell(words.say(head), Style.STRONG), *lines)),
            Paragraph(lines=(Cell(words.say(t("Send it: {command}", command=preview.command)), Style.DIM),)),
        ),
    )


def preview_warnings(preview: Preview) -> tuple[Text, ...]:
    """What is missing, and what fits no place."""
    said = []
    if preview.missing:
        said.append(t("Not filled in: {keys}", keys=", ".join(preview.missing)))
    if preview.extra:
        said.append(t("Not in the template, left out: {keys}", keys=", ".join(preview.extra)))
    return tuple(said)
