"""`wacli ingest`: webhook notifications out of files, folders or standard input into the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.importers.notifications import Rejected, read
from wacli.render.view import Cell, Paragraph, Record, Style
from wacli.services.inbound import IngestReport, ingest

from ..exits import ExitStatus
from ..options import examples
from ..progress import progress
from ..rehearsal import DryRun, changing
from ..session import Session


@examples("wacli ingest webhooks.ndjson", "cat body.json | wacli ingest -", "wacli ingest folder/ --json")
def run(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="[FILE|FOLDER|-]", help=mark("JSON, NDJSON or a folder of them; - is stdin"))
    ] = "-",
    dry_run: DryRun = False,
) -> ExitStatus:
    """Keeps every notification and applies what it says; says what it did. A dry run takes all of it back."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()

    def rejected(item: Rejected) -> None:
        meter.clear()
        session.warn([t("{place}: {problem}", place=item.place, problem=item.problem)])

    if not source:  # an empty variable in a script must not mean the current folder
        raise Invalid("missing", t("No file was named"), t("Name a file or a folder, or - for standard input"))
    items = read(session.context.stdin() if source == "-" else Path(source))
    reading = t("Taking in {file}", file="stdin" if source == "-" else source)
    with (
        changing(session, dry_run=dry_run) as store,
        progress(session, reading, None if source == "-" else _size_of(Path(source))) as meter,
    ):
        report = ingest(store, items, now, on_rejected=rejected, on_progress=lambda _, size: meter.step(size))
    if report == IngestReport():
        session.tell(t("There was nothing to read in {source}", source="stdin" if source == "-" else source))
    session.write_record(_record(report, session))
    return ExitStatus.PARTLY if report.rejected else ExitStatus.DONE


def _size_of(source: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files = source.rglob("*") if source.is_dir() else (source,)
    return sum(file.stat().st_size for file in files if file.is_file())


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
    samples = counts.pop("samples")  # a remark for people: the keys for scripts are promised, and these are all
    shown = {**counts, "samples": samples} if samples else counts
    pairs = tuple(
        (session.words.say(_LABELS[key]), Cell(session.words.number(count), Style.STRONG if count else Style.DIM))
        for key, count in shown.items()
    )
    return Record(counts, (Paragraph(pairs=pairs),))
