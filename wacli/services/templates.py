"""Templates of the account: pulled from the API into the store, and found again by name and language."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from wacli.cloudapi.templates import list_templates, parse_template, template_from_source
from wacli.domain.problem import Invalid, NotFound, Refused
from wacli.domain.template import Template
from wacli.domain.template_draft import TemplateDraft, comparable
from wacli.domain.text import t
from wacli.store import templates
from wacli.store.database import Store
from wacli.store.templates import PulledTemplate, PullReport, TemplateRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client


def pull(store: Store, client: Client, waba_id: str, now: datetime) -> PullReport:
    """Fetches every page of the account's templates and keeps them; all or nothing.

    Raises what the client raises; the store is untouched then.
    """
    return templates.record_pull(store, [pulled_of(template) for template in list_templates(client, waba_id)], now)


def find_template(store: Store, name: str, language: str | None) -> Template:
    """The template as it stands. Raises `NotFound` (`no-such-template`) or `Refused` (`which-language`)."""
    found = list_by_name(store, name, language)
    if len(found) > 1:
        raise Refused(
            "which-language",
            t(
                "The template {name} exists in {languages}",
                name=name,
                languages=", ".join(one.language for one in found),
            ),
            t("Say which: --language {language}", language=found[0].language),
        )
    return found[0]


def find_stored(store: Store, name: str, language: str) -> Template | None:
    """The template of exactly this name and language as the last pull brought it, or None."""
    row = templates.find(store, name, language)
    return None if row is None or row.is_gone else template_of(row)


def list_by_name(store: Store, name: str, language: str | None = None) -> list[Template]:
    """The languages of one template, at least one. Raises `NotFound` (`no-such-template`) with the nearest names."""
    rows = [row for row in templates.list_templates(store, name=name) if language in (None, row.language)]
    if rows:
        return [template_of(row) for row in rows]
    from difflib import get_close_matches

    known = sorted({row.name for row in templates.list_templates(store)})
    near = get_close_matches(name, known, n=3)
    hint = (
        t("Did you mean {names}?", names=", ".join(near))
        if near
        else t("Fetch them with `wacli templates pull`, see them with `wacli templates list`")
    )
    missing = t("There is no template {name}", name=name)
    if language is not None:
        missing = t("There is no template {name} in {language}", name=name, language=language)
    raise NotFound("no-such-template", missing, hint)


def template_of(row: TemplateRow) -> Template:
    """The template a row describes, with what webhooks changed since the pull."""
    read = template_from_source(row.raw)
    assert read is not None  # it was a template when it was pulled
    from dataclasses import replace

    return replace(
        read,
        status=row.status,
        category=row.category or read.category,
        quality=row.quality or read.quality,
        requested_category=row.requested_category,
    )


def draft_of(template: Template) -> TemplateDraft:
    """The template as a file would describe it: without what only Meta's answers have (see `template_draft`)."""
    told: Any = json.loads(template.source or "{}")
    parts = told.get("components")
    ttl = told.get("message_send_ttl_seconds")
    return comparable(
        TemplateDraft(
            template.name,
            template.language,
            template.category,
            tuple(part for part in parts if isinstance(part, dict)) if isinstance(parts, list) else (),
            ttl_seconds=int(ttl) if str(ttl).removeprefix("-").isdecimal() else None,  # a number, or digits in a text
        )
    )


def template_of_draft(draft: TemplateDraft) -> Template:
    """The draft as a template, for the checks and previews that templates have. Its status is DRAFT."""
    told = {"name": draft.name, "language": draft.language, **draft.create_body, "status": "DRAFT"}
    read = parse_template(told)
    if read is None:
        raise Invalid("bad-template-file", t("A template needs a name and a language"))
    return read


def pulled_of(template: Template) -> PulledTemplate:
    """The row that keeps it."""
    source: Any = json.loads(template.source or "{}")
    components = json.dumps(source.get("components", []), ensure_ascii=False, separators=(",", ":"))
    return PulledTemplate(
        template_id=template.id,
        name=template.name,
        language=template.language,
        status=template.status,
        category=template.category,
        requested_category=template.requested_category,
        quality=template.quality,
        rejected_reason=template.rejected_reason,
        parameter_format=template.parameter_format.value,
        components=components,
        raw=template.source or "{}",
    )
