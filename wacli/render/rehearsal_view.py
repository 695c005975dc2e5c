"""A dry run: every request exactly as it would have been posted, in order, and that nothing was sent."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.text import t
from wacli.services.sending import Failed, Rehearsed, Request

from .emit import dump
from .sent_view import cost_of
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

DRY_RUN_FIELDS = (
    "dry_run", "method", "path", "body", "before", "contact_id", "name", "template", "free_reason", "price", "currency",
    "error", "error_text",
)  # fmt: skip


def dry_run_fields(item: Rehearsed | Failed, place: str, words: Words) -> Flat:
    """One message for machines. `place` is version and number; `before` are the requests that would go first."""
    flat: dict[str, object] = {**dict.fromkeys(DRY_RUN_FIELDS), "dry_run": True, "before": []}
    if isinstance(item, Failed):
        return {**flat, "name": item.who, "error": item.problem.code, "error_text": words.say(item.problem.message)}
    prepared = item.prepared
    contact, verdict, template = prepared.standing.contact, prepared.verdict, prepared.letter.template
    return {
        **flat,
        "method": "POST",
        "path": f"{place}/messages",
        "body": prepared.body,
        "before": _requests(item, place)[:-1],
        "contact_id": contact.id or None,
        "name": contact.label,
        "template": None if template is None else template.name,
        "free_reason": None if verdict.free_reason is None else verdict.free_reason.value,
        "price": verdict.price,
        "currency": verdict.currency,
    }


def dry_run_record(item: Rehearsed, place: str, words: Words) -> Record:
    """One message: its requests, its cost, and that nothing was sent."""
    flat = dry_run_fields(item, place, words)
    cost = cost_of(item.prepared, words)
    return Record(
        flat,
        (
            *(_paragraph(request) for request in _requests(item, place)),
            Paragraph(
                lines=(
                    Cell(words.say(t("Cost: {cost}", cost=cost.text)), cost.style),
                    Cell(words.say(t("Dry run: nothing was sent.")), Style.STRONG),
                )
            ),
        ),
    )


def dry_run_listing(items: Sequence[Rehearsed | Failed], place: str, words: Words) -> Listing[Rehearsed | Failed]:
    """Several messages for machines."""
    return Listing(
        fields=DRY_RUN_FIELDS,
        rows=items,
        flat=lambda item: dry_run_fields(item, place, words),
        headings=(Heading(t("Contact")),),
        cells=lambda item: (Cell(sanitise(str(dry_run_fields(item, place, words)["name"]))),),
        empty=t("Nobody was written to"),
    )


def _requests(item: Rehearsed, place: str) -> list[dict[str, object]]:
    """Each request with its method and path; an upload has a form instead of a body."""
    last = Request("messages", item.prepared.body)
    return [
        {
            "method": "POST",
            "path": f"{place}/{request.end}",
            "form" if request.is_upload else "body": request.content,
        }
        for request in (*item.before, last)
    ]


def _paragraph(request: dict[str, object]) -> Paragraph:
    lines = (Cell(sanitise(line)) for line in dump(request.get("body", request.get("form")), indent=2).split("\n"))
    return Paragraph(lines=(Cell(f"{request['method']} {request['path']}", Style.STRONG), *lines))
