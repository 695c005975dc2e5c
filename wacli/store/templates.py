"""Templates as the API last listed them, with what webhooks have said about them since.

A pull replaces what was known; a template that a pull no longer lists is kept as gone (old messages name it). What a
webhook reported after the pull holds over it: status, category and quality are looked up when a template is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.problem import NotFound
from ..domain.text import t
from .database import Row, Store
from .instants import moment, seconds


class PulledTemplate(NamedTuple):
    """One template of the API's list. `components` and `raw` are JSON texts."""

    template_id: str | None
    name: str
    language: str
    status: str
    category: str | None
    requested_category: str | None
    quality: str | None
    rejected_reason: str | None
    parameter_format: str | None
    components: str
    raw: str


class TemplateRow(NamedTuple):
    """One template, as it stands. `is_gone`: the last pull did not list it any more."""

    template_id: str | None
    name: str
    language: str
    status: str
    category: str | None
    requested_category: str | None
    quality: str | None
    rejected_reason: str | None
    parameter_format: str | None
    components: str
    raw: str
    pulled_at: datetime
    is_gone: bool


class PullReport(NamedTuple):
    """What a pull changed."""

    new_count: int
    changed_count: int
    same_count: int
    gone_count: int


class TemplateChange(NamedTuple):
    """What a webhook said about a template."""

    name: str | None
    language: str | None
    what: str
    before: str | None
    after: str | None
    reason: str | None
    at: datetime | None


def _since_pull(what: str, column: str) -> str:
    return (
        "coalesce((SELECT h.after FROM template_changes h WHERE h.name = p.name AND h.language = p.language "
        f"AND h.what = '{what}' AND h.after IS NOT NULL AND h.at >= p.pulled_at ORDER BY h.at DESC, h.after LIMIT 1), "
        f"p.{column})"
    )


_COLUMNS = (
    f"p.template_id, p.name, p.language, {_since_pull('status', 'status')}, {_since_pull('category', 'category')}, "
    f"p.requested_category, {_since_pull('quality', 'quality')}, p.rejected_reason, p.parameter_format, p.components, "
    "p.raw, p.pulled_at, p.is_gone"
)
_GIVEN = (
    "template_id, name, language, status, category, requested_category, quality, rejected_reason, parameter_format, "
    "components, raw"
)


def record_pull(store: Store, pulled: Sequence[PulledTemplate], now: datetime) -> PullReport:
    """Keeps the whole list of a pull; what it does not list is gone. All or nothing."""
    new = changed = 0
    at = seconds(now)
    with store.transaction() as connection:
        before = {
            (row[0], row[1]): (row[2], row[3])
            for row in connection.execute("SELECT name, language, raw, is_gone FROM templates")
        }
        connection.execute("UPDATE templates SET is_gone = 1")
        for one in pulled:
            old = before.get((one.name, one.language))
            new += old is None
            changed += old is not None and old != (one.raw, 0)
            _put(connection, one, at)
        listed = {(one.name, one.language) for one in pulled}
        gone = sum(1 for key, (_, was_gone) in before.items() if key not in listed and not was_gone)
    return PullReport(new, changed, len(listed) - new - changed, gone)


def record(store: Store, one: PulledTemplate, now: datetime) -> None:
    """Keeps one template as the API just described it, and leaves the others as they are."""
    with store.transaction() as connection:
        _put(connection, one, seconds(now))


def list_templates(store: Store, *, name: str | None = None, with_gone: bool = False) -> list[TemplateRow]:
    """By name and language; `name` for the languages of one."""
    rows = store.query(
        f"SELECT {_COLUMNS} FROM templates p WHERE (:name IS NULL OR p.name = :name) AND (:gone OR NOT p.is_gone) "
        "ORDER BY p.name, p.language",
        {"name": name, "gone": with_gone},
    )
    return [_template(row) for row in rows]


def find(store: Store, name: str, language: str) -> TemplateRow | None:
    """One template, also one that is gone, or None."""
    rows = store.query(f"SELECT {_COLUMNS} FROM templates p WHERE p.name = ? AND p.language = ?", (name, language))
    return _template(rows[0]) if rows else None


def get(store: Store, name: str, language: str) -> TemplateRow:
    """One template; raises NotFound (`no-such-template`)."""
    template = find(store, name, language)
    if template is None:
        raise NotFound(
            "no-such-template",
            t("There is no template {name} in {language}", name=name, language=language),
            t("Fetch them with `wacli templates pull`, see them with `wacli templates list`"),
        )
    return template


def list_changes(store: Store, *, since: datetime | None = None) -> list[TemplateChange]:
    """What webhooks said about templates, newest first."""
    rows = store.query(
        "SELECT name, language, what, before, after, reason, at FROM template_changes "
        "WHERE (:since IS NULL OR at >= :since) ORDER BY at DESC, name, language, what, after",
        {"since": None if since is None else seconds(since)},
    )
    return [TemplateChange._make((*row[:6], None if row[6] is None else moment(row[6]))) for row in rows]


def _put(connection: sqlite3.Connection, one: PulledTemplate, at: int) -> None:
    connection.execute(
        f"INSERT INTO templates ({_GIVEN}, pulled_at, is_gone) VALUES ({', '.join('?' * 12)}, 0) "
        "ON CONFLICT (name, language) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in (*_GIVEN.split(", "), "pulled_at", "is_gone")),
        (
            one.template_id, one.name, one.language, one.status, one.category, one.requested_category,
            one.quality, one.rejected_reason, one.parameter_format, one.components, one.raw, at,
        ),
    )  # fmt: skip


def _template(row: Row) -> TemplateRow:
    return TemplateRow._make((*row[:11], moment(row[11]), bool(row[12])))
