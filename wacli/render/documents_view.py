"""Sensitive files as screens: the preview, what became of each, the ledger. Masked unless somebody asks to see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from wacli.domain.identity import display_phone
from wacli.domain.problem import Problem
from wacli.domain.text import Text, t, tn
from wacli.services.delivery import Sent
from wacli.services.documents import Item, Preview
from wacli.services.sending import Failed, Prepared
from wacli.store.documents import DocumentRow

from .emit import csv_text
from .masks import masked_label, masked_phone, masked_problem
from .sent_view import cost_of
from .thread_view import STATUSES
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

PREVIEW_FIELDS = (
    "row", "contact_id", "name", "phone", "file", "size", "sha256", "as", "template", "free_reason", "price",
    "currency", "error", "error_text",
)  # fmt: skip
RESULT_FIELDS = (
    "contact_id", "name", "phone", "file", "size", "sha256", "state", "key", "wamid", "price", "currency", "error",
    "error_text",
)  # fmt: skip
LEDGER_FIELDS = (
    "contact_id", "name", "phone", "file", "mime_type", "size", "sha256", "key", "state", "started_at", "sent_at",
    "delivered_at", "read_at", "media_deleted_at", "error",
)  # fmt: skip
_STATES: dict[str, tuple[Text, Style]] = {
    "accepted": (t("accepted"), Style.GOOD),
    "held": (t("held for a quality check"), Style.WARN),
    "refused": (t("refused"), Style.BAD),
    "unknown": (t("outcome unknown"), Style.BAD),
    "not-sent": (t("not sent"), Style.BAD),
}


def preview_listing(previews: Sequence[Preview], words: Words, *, reveal: bool) -> Listing[Preview]:
    """What would go to whom, how, and for how much."""
    total = sum((one.prepared.verdict.price or Decimal(0) for one in previews if one.prepared), Decimal(0))
    currency = next((one.prepared.verdict.currency for one in previews if one.prepared), None)
    ready = sum(one.prepared is not None for one in previews)
    is_known = all(one.prepared.verdict.price is not None for one in previews if one.prepared)
    sum_text = (
        t("{amount} {currency}", amount=total, currency=currency or "") if is_known else t("a cost that is not known")
    )
    footer = tn("{count} file for {total}", "{count} files for {total}", ready, total=sum_text)
    return Listing(
        fields=PREVIEW_FIELDS,
        rows=previews,
        flat=lambda one: preview_fields(one, words, reveal=reveal),
        headings=(
            Heading(t("Row"), right=True),
            Heading(t("Who"), share=2),
            Heading(t("File"), share=2),
            Heading(t("Size"), right=True),
            Heading(t("As"), share=1),
            Heading(t("Cost")),
            Heading(t("Why not"), share=2, wraps=True),
        ),
        cells=lambda one: _preview_cells(one, words, reveal=reveal),
        empty=t("No file was given"),
        footer=(footer,) if ready else (),
    )


def preview_fields(one: Preview, words: Words, *, reveal: bool) -> Flat:
    """One pair for machines."""
    prepared = one.prepared
    verdict = None if prepared is None else prepared.verdict
    return {
        "row": one.item.row,
        **_whose(one.item, reveal=reveal),
        "as": None if prepared is None else "template" if prepared.letter.template else "document",
        "template": None if prepared is None or prepared.letter.template is None else prepared.letter.template.name,
        "free_reason": None if verdict is None or verdict.free_reason is None else verdict.free_reason.value,
        "price": None if verdict is None else verdict.price,
        "currency": None if verdict is None else verdict.currency,
        **_error(shown_problem(one.item, one.problem, reveal=reveal), words),
    }


def result_fields(item: Item, result: Sent | Failed, words: Words, *, reveal: bool) -> Flat:
    """What became of one file, for machines."""
    sent = result if isinstance(result, Sent) else None
    verdict = None if sent is None else sent.prepared.verdict
    return {
        **_whose(item, reveal=reveal),
        "state": "not-sent" if sent is None else sent.state,
        "key": None if sent is None else sent.prepared.key,
        "wamid": None if sent is None else sent.wamid,
        "price": None if verdict is None else verdict.price,
        "currency": None if verdict is None else verdict.currency,
        **_error(shown_problem(item, result.problem, reveal=reveal), words),
    }


def result_listing(
    results: Sequence[tuple[Item, Sent | Failed]], words: Words, *, reveal: bool
) -> Listing[tuple[Item, Sent | Failed]]:
    """What became of each file."""
    return Listing(
        fields=RESULT_FIELDS,
        rows=results,
        flat=lambda one: result_fields(*one, words, reveal=reveal),
        headings=(
            Heading(t("Who"), share=1),
            Heading(t("File"), share=1),
            Heading(t("Outcome")),
            Heading(t("Cost")),
            Heading(t("Why"), share=2, wraps=True),
        ),
        cells=lambda one: _result_cells(*one, words, reveal=reveal),
        empty=t("Nothing was sent"),
    )


def ledger_fields(row: DocumentRow, *, reveal: bool) -> Flat:
    """One file of the ledger, for machines."""
    phone = None if row.phone is None else display_phone(row.phone)
    return {
        "contact_id": row.contact_id,
        "name": row.label if reveal else masked_label(row.label),
        "phone": phone if reveal or phone is None else masked_phone(phone),
        "file": row.name,
        "mime_type": row.mime_type,
        "size": row.size,
        "sha256": row.sha256.hex(),
        "key": row.outbox_key,
        "state": _state(row),
        "started_at": row.started_at,
        "sent_at": row.sent_at,
        "delivered_at": row.delivered_at,
        "read_at": row.read_at,
        "media_deleted_at": row.media_deleted_at,
        "error": row.problem,
    }


def ledger_listing(rows: Sequence[DocumentRow], words: Words, *, reveal: bool) -> Listing[DocumentRow]:
    """The ledger, newest first."""
    return Listing(
        fields=LEDGER_FIELDS,
        rows=rows,
        flat=lambda row: ledger_fields(row, reveal=reveal),
        headings=(
            Heading(t("Sent")),
            Heading(t("Who"), share=1),
            Heading(t("File"), share=2),
            Heading(t("Size"), right=True),
            Heading(t("SHA-256")),
            Heading(t("Outcome")),
            Heading(t("At Meta")),
        ),
        cells=lambda row: (
            Cell(words.instant(row.sent_at or row.started_at), Style.DIM),
            Cell(sanitise(row.label if reveal else masked_label(row.label)), Style.STRONG),
            Cell(sanitise(row.name)),
            Cell(shown_size(row.size, words)),
            Cell(row.sha256.hex()[:8], Style.DIM),
            _outcome(row, words),
            _at_meta(row, words),
        ),
        empty=t("No sensitive file was sent from here yet"),
    )


def ledger_markdown(rows: Sequence[DocumentRow], words: Words, *, reveal: bool) -> Iterator[str]:
    """The ledger as a Markdown table, to print or to file."""
    titles = (t("Sent"), t("Who"), t("Number"), t("File"), t("Size"), t("SHA-256"), t("Delivered"), t("Read"))
    yield "| " + " | ".join(words.say(title) for title in titles) + " |\n"
    yield "|" + " --- |" * len(titles) + "\n"
    for row in rows:
        flat = ledger_fields(row, reveal=reveal)
        instants = (row.sent_at, row.delivered_at, row.read_at)
        sent, delivered, read = ("" if at is None else words.instant(at) for at in instants)
        cells = (
            sent,
            flat["name"],
            flat["phone"],
            row.name,
            shown_size(row.size, words),
            row.sha256.hex(),
            delivered,
            read,
        )
        yield "| " + " | ".join(_markdown(str(cell or "")) for cell in cells) + " |\n"


def shown_size(size: int, words: Words) -> str:
    """Bytes as people read them."""
    if size < 1_000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{words.number(Decimal(size // 100) / 10)} kB"
    return f"{words.number(Decimal(size // 100_000) / 10)} MB"


def _markdown(cell: str) -> str:
    return sanitise(csv_text(cell)).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _whose(item: Item, *, reveal: bool) -> Flat:
    contact = item.contact
    phone = None if contact.phone is None else display_phone(contact.phone)
    return {
        "contact_id": contact.id or None,
        "name": contact.label if reveal else masked_label(contact.label),
        "phone": phone if reveal or phone is None else masked_phone(phone),
        "file": item.file.name,
        "size": item.file.size,
        "sha256": item.sha256.hex(),
    }


def shown_problem(item: Item, problem: Problem | None, *, reveal: bool) -> Problem | None:
    """What went wrong with an item, as it may be shown."""
    return problem if problem is None or reveal else masked_problem(problem, item.contact.label)


def _why(problem: Problem | None, words: Words) -> str:
    return "" if problem is None else sanitise(words.say(problem.message))


def _error(problem: Problem | None, words: Words) -> Flat:
    if problem is None:
        return {"error": None, "error_text": None}
    return {"error": problem.code, "error_text": words.say(problem.message)}


def _who(item: Item, *, reveal: bool) -> Cell:
    return Cell(sanitise(item.contact.label if reveal else masked_label(item.contact.label)), Style.STRONG)


def _preview_cells(one: Preview, words: Words, *, reveal: bool) -> tuple[Cell, ...]:
    return (
        Cell(words.number(one.item.row), Style.DIM),
        _who(one.item, reveal=reveal),
        Cell(sanitise(one.item.file.name)),
        Cell(shown_size(one.item.file.size, words)),
        Cell("" if one.prepared is None else sanitise(_way(one.prepared, words))),
        Cell("") if one.prepared is None else cost_of(one.prepared, words),
        Cell(_why(shown_problem(one.item, one.problem, reveal=reveal), words), Style.BAD),
    )


def _way(prepared: Prepared, words: Words) -> str:
    template = prepared.letter.template
    return words.say(t("answer")) if template is None else template.name


def _result_cells(item: Item, result: Sent | Failed, words: Words, *, reveal: bool) -> tuple[Cell, ...]:
    label, style = _STATES["not-sent" if isinstance(result, Failed) else result.state]
    return (
        _who(item, reveal=reveal),
        Cell(sanitise(item.file.name)),
        Cell(words.say(label), style),
        Cell("") if isinstance(result, Failed) else cost_of(result.prepared, words),
        Cell(_why(shown_problem(item, result.problem, reveal=reveal), words)),
    )


def _state(row: DocumentRow) -> str | None:
    if row.outbox_key is None:
        return "not-sent" if row.problem is not None else None
    return row.status or row.state


def _outcome(row: DocumentRow, words: Words) -> Cell:
    if row.status is not None and row.status in STATUSES:
        return Cell(words.say(STATUSES[row.status]), Style.BAD if row.status == "failed" else Style.GOOD)
    if row.outbox_key is None:
        label, style = _STATES["not-sent"] if row.problem else (t("broken off: see wacli outbox list"), Style.BAD)
    else:
        label, style = _STATES.get(row.state or "", (t("being sent"), Style.WARN))
    return Cell(words.say(label), style)


def _at_meta(row: DocumentRow, words: Words) -> Cell:
    if row.media_id is None:
        return Cell("")
    if row.media_deleted_at is None:
        return Cell(words.say(t("still there")), Style.WARN)
    return Cell(words.say(t("deleted")), Style.DIM)
