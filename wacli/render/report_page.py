"""The report as one web page that needs nothing else: no script, no picture, no font from elsewhere; prints well.

Bars are boxes of the page itself, so that they grow and shrink with it, on a phone too.
"""

# ruff: noqa: E501 - the style sheet of the page

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .report_words import Fact, ReportWords, Row, Table

_STYLE = """
:root{--ink:#1f2933;--soft:#616e7c;--line:#e4e7eb;--bar:#128c7e;--pale:#eef6f5;--paper:#fff}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 3rem}
h1{font-size:1.8rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
.sub{color:var(--soft);margin:.2rem 0 1.6rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:0}
.facts div{border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums}
.facts small{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .5rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;width:40%}
thead th{color:var(--soft);font-weight:500;font-size:.85rem}
tfoot td{font-weight:600;border-bottom:0}
.bar{display:block;height:.35rem;margin-top:.2rem;border-radius:.2rem;background:var(--bar);min-width:1px}
.days{display:flex;align-items:flex-end;gap:2px;height:9rem;border-bottom:1px solid var(--line);padding:0;margin:0 0 .3rem;list-style:none}
.days li{flex:1;background:var(--bar);border-radius:2px 2px 0 0;min-height:1px}
.scale{display:flex;justify-content:space-between;color:var(--soft);font-size:.8rem}
.note,footer,.sources{color:var(--soft);font-size:.85rem}
.sources li{overflow-wrap:anywhere;margin-bottom:.3rem}
details summary{cursor:pointer;color:var(--soft);margin:.6rem 0}
@media(max-width:34rem){th:nth-child(3),td:nth-child(3),th:nth-child(5),td:nth-child(5){display:none}.facts dd{font-size:1.2rem}
h1{font-size:1.4rem}main{padding-top:1rem}}
@media print{main{max-width:none;padding:0}body{font-size:11px}table,.facts div,section{break-inside:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}details::details-content{content-visibility:visible}}
"""


def report_page(report: ReportWords, language: str) -> str:
    """The page."""
    return "".join(_parts(report, language))


def _parts(report: ReportWords, language: str) -> Iterator[str]:
    yield f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
    yield f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    yield f'<h1>{escape(report.title)}</h1>\n<p class="sub">{escape(report.subtitle)}</p>\n'
    yield _facts(report.facts)
    yield from _days(report.days)
    yield f"<section>\n<h2>{escape(report.service_title)}</h2>\n" + _facts(report.service) + "</section>\n"
    for table in report.tables:
        yield from _table(table)
    yield f'<section>\n<h2>{escape(report.sources_title)}</h2>\n<ul class="sources">\n'
    yield from (f"<li>{escape(line)}</li>\n" for line in (*report.remarks, *report.sources))
    yield f"</ul>\n</section>\n<footer>{escape(report.footer)}</footer>\n</main>\n</body>\n</html>\n"


def _facts(facts: list[Fact]) -> str:
    boxes = (
        f"<div><dt>{escape(one.name)}</dt><dd>{escape(one.value)}"
        + (f"<small>{escape(one.note)}</small>" if one.note else "")
        + "</dd></div>\n"
        for one in facts
    )
    return '<dl class="facts">\n' + "".join(boxes) + "</dl>\n"


def _days(table: Table) -> Iterator[str]:
    if not table.rows:
        return
    yield f'<section>\n<h2>{escape(table.title)}</h2>\n<ol class="days" aria-hidden="true">\n'
    yield from (
        f'<li style="height:{_percent(row)}" title="{escape(row.name)}: {escape(row.cells[2])}"></li>\n'
        for row in table.rows
    )
    first, last = escape(table.rows[0].name), escape(table.rows[-1].name)
    yield f'</ol>\n<div class="scale"><span>{first}</span><span>{last}</span></div>\n'
    yield f"<details><summary>{escape(table.title)}: {escape(table.headings[3])}</summary>\n"
    yield from _rows(table, with_bars=False)
    yield "</details>\n</section>\n"


def _table(table: Table) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(table.title)}</h2>\n"
    yield from _rows(table, with_bars=True)
    if table.note:
        yield f'<p class="note">{escape(table.note)}</p>\n'
    yield "</section>\n"


def _rows(table: Table, *, with_bars: bool) -> Iterator[str]:
    yield (
        "<table>\n<thead><tr>"
        + "".join(f'<th scope="col">{escape(one)}</th>' for one in table.headings)
        + "</tr></thead>\n<tbody>\n"
    )
    for row in table.rows:
        bar = f'<span class="bar" style="width:{_percent(row)}"></span>' if with_bars and row.share else ""
        yield f"<tr><td>{escape(row.name)}{bar}</td>" + _cells(row.cells) + "</tr>\n"
    yield "</tbody>\n<tfoot><tr><td></td>" + _cells(table.total) + "</tr></tfoot>\n</table>\n"


def _cells(cells: tuple[str, ...]) -> str:
    return "".join(f"<td>{escape(one)}</td>" for one in cells)


def _percent(row: Row) -> str:
    return f"{row.share * 100:.1f}%"
