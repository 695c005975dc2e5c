"""`wacli report`: a month on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.services.report import month_report

from ..money_options import month_asked
from ..options import examples
from ..progress import steps
from ..session import Session
from ..stores import existing, prices_of
from ..written import check_new, write_file

_PAGE, _MARKDOWN = (".html", ".htm"), (".md", ".markdown")


@examples(
    "wacli report --month 2026-11 --out report.html",
    "wacli report --out november.md",
    "wacli report --month 2026-10 --format markdown",
)
def write(
    ctx: typer.Context,
    month: Annotated[
        str | None, typer.Option("--month", metavar="2026-11", help=mark("one whole month; this one if left out"))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=mark("a web page (.html) or Markdown (.md)"))
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=mark("write over a file that is there"))] = False,
) -> None:
    """Writes the report; without --out, to standard output."""
    session: Session = ctx.obj
    is_page = _is_page(session, out)
    if out is not None:
        check_new(out, overwrite=overwrite)
    with existing(session) as store:
        prices = prices_of(session)
        span = month_asked(session, None, None, month)
        with steps(session, t("Pricing messages")) as on_progress:
            found = month_report(
                store,
                prices,
                session.profile.name,
                session.profile["waba_id"],
                span,
                session.now,
                on_progress=on_progress,
            )
    from wacli.render.report_markdown import report_markdown
    from wacli.render.report_page import report_page
    from wacli.render.report_words import report_words

    said = report_words(found, session.words)
    text = report_page(said, session.language) if is_page else "".join(report_markdown(said))
    if out is None:
        session.context.out.write(text)
        return
    write_file(out, text.encode())
    session.tell(t("Saved {path}", path=str(out)))


def _is_page(session: Session, out: Path | None) -> bool:
    if out is None:
        return not session.options.is_markdown
    kind = out.suffix.lower()
    if kind not in (*_PAGE, *_MARKDOWN):
        raise Invalid("bad-value", t("{file} is neither .html nor .md", file=str(out)), t("Name it report.html"))
    return kind in _PAGE
