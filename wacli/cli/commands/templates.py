"""`wacli templates`: what Meta approved."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark, t
from wacli.render.view import Cell, Heading, Listing, Style
from wacli.render.words import sanitise
from wacli.services.templates import pull as pull_all
from wacli.store.templates import TemplateRow, list_templates

from ..clients import client_of
from ..options import Command, group
from ..session import Session
from ..stores import reading, writing

templates = group(mark("What Meta approved: fetch, list"))

TEMPLATE_FIELDS = (
    "name", "language", "status", "category", "requested_category", "quality", "rejected_reason", "template_id",
    "pulled_at", "is_gone",
)  # fmt: skip


@templates.command("pull", cls=Command, help=mark("Fetch every template of the account"))
def pull(ctx: typer.Context) -> None:
    """Fetches all pages; all or nothing."""
    session: Session = ctx.obj
    now = session.real_now()
    waba_id = session.profile.required("waba_id")
    with writing(session) as store, client_of(session) as client:
        report = pull_all(store, client, waba_id, now)
    session.tell(
        t(
            "Templates: {new} new, {changed} changed, {same} the same, {gone} gone",
            new=report.new_count,
            changed=report.changed_count,
            same=report.same_count,
            gone=report.gone_count,
        )
    )


@templates.command("list", cls=Command, help=mark("Every template with its status and category"))
def list_(
    ctx: typer.Context,
    gone: Annotated[bool, typer.Option("--gone", help=mark("also those that Meta lists no more"))] = False,
) -> None:
    """Lists what the last pull brought, with what webhooks said since."""
    session: Session = ctx.obj
    rows: list[TemplateRow] = []
    with reading(session) as store:
        if store is not None:
            rows = list_templates(store, with_gone=gone)
    session.write_listing(
        Listing(
            fields=TEMPLATE_FIELDS,
            rows=rows[: session.row_limit() or None],
            flat=lambda row: {name: getattr(row, name) for name in TEMPLATE_FIELDS},
            headings=(
                Heading(t("Template"), share=1),
                Heading(t("Language")),
                Heading(t("Status")),
                Heading(t("Category")),
                Heading(t("Quality")),
            ),
            cells=lambda row: (
                Cell(sanitise(row.name), Style.STRONG),
                Cell(sanitise(row.language)),
                Cell(sanitise(row.status.lower()), _status_style(row)),
                Cell(sanitise((row.category or "").lower())),
                Cell(sanitise((row.quality or "").lower())),
            ),
            empty=t("No templates yet. Fetch them: wacli templates pull"),
        )
    )


def _status_style(row: TemplateRow) -> Style:
    if row.is_gone:
        return Style.DIM
    return Style.GOOD if row.status == "APPROVED" else Style.WARN if row.status == "PENDING" else Style.BAD
