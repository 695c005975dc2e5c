"""The report as Markdown: for a note, a repository, a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .report_words import Fact, ReportWords, Table

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def report_markdown(report: ReportWords) -> Iterator[str]:
    """The report, line by line."""
    yield f"# {_plain(report.title)}\n\n{_plain(report.subtitle)}\n\n"
    yield from _facts(report.facts)
    for table in (*report.tables, report.days):
        yield from _table(table)
    yield f"## {_plain(report.service_title)}\n\n"
    yield from _facts(report.service)
    yield f"## {_plain(report.sources_title)}\n\n"
    yield from (f"- {_plain(line)}\n" for line in report.remarks)
    for source in report.sources:
        yield f"- {_plain(source.head)}\n"
        yield from (f"  - {_plain(text)}\n" for text in source.texts)
    yield f"\n{_plain(report.footer)}\n"


def _facts(facts: list[Fact]) -> Iterator[str]:
    for one in facts:
        note = f" ({_plain(one.note)})" if one.note else ""
        yield f"- **{_plain(one.name)}:** {_plain(one.value)}{note}\n"
    yield "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"## {_plain(table.title)}\n\n"
    yield _line(table.headings) + "|" + " --- |" + " ---: |" * (len(table.headings) - 1) + "\n"
    for row in table.rows:
        yield _line((row.name, *row.cells))
    yield _line(("", *(f"**{one}**" for one in map(_plain, table.total))), is_plain=False)
    yield (f"\n{_plain(table.note)}\n" if table.note else "") + "\n"


def _line(cells: tuple[str, ...], *, is_plain: bool = True) -> str:
    shown = map(_plain, cells) if is_plain else cells
    return "| " + " | ".join(shown) + " |\n"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
