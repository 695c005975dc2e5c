"""`wacli ingest`: webhook notifications out of files, folders or standard input into the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.text import mark, t
from wacli.importers.notifications import Rejected, read
from wacli.render.view import Cell, Paragraph, Record, Style
from wacli.services.inbound import IngestReport, ingest

from ..exits import ExitStatus
from ..options import examples
from ..session import Session
from ..stores import writing


@examples("wacli ingest webhooks.ndjson", "cat body.json | wacli ingest -", "wacli ingest folder/ --json")
def run(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="[FILE|FOLDER|-]", help=mark("JSON, NDJSON or a folder of them; - is stdin"))
    ] = "-",
) -> ExitStatus:
    """Keeps every notification and applies what it says; says what it did."""
    session: Session = ctx.obj
    now = session.real_now()

    def rejected(item: Rejected) -> None:
        session.warn([t("{place}: {problem}", place=item.place, problem=item.problem)])

    items = read(session.context.stdin() if source == "-" else Path(source))
    with writing(session) as store:
        report = ingest(store, items, now, on_rejected=rejected)
    session.write_record(_record(report, session))
    return ExitStatus.PARTLY if report.rejected else ExitStatus.DONE


_LABELS = {
    "notifications_new": mark("notifications, new"),
    "notifications_seen": mark("notifications, known already"),
    "messages_new": mark("messages from contacts"),
    "statuses_new": mark("statuses"),
    "echoes_new": mark("messages typed in the phone app"),
    "history_new": mark("messages from the phone's history"),
    "calls_new": mark("call events"),
    "unknown": mark("kinds wacli does not know (kept)"),
    "rejected": mark("not readable"),
    "samples": mark("samples of Meta's test button (not on the board)"),
}


def _record(report: IngestReport, session: Session) -> Record:
    counts = asdict(report)
    pairs = tuple(
        (session.words.say(_LABELS[key]), Cell(session.words.number(count), Style.STRONG if count else Style.DIM))
        for key, count in counts.items()
    )
    return Record(counts, (Paragraph(pairs=pairs),))
