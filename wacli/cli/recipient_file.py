"""`--recipients FILE`: counting with a progress bar, and the rows that are no recipients, each with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wacli.domain.problem import Invalid
from wacli.domain.text import Quantity, Text, t, tn
from wacli.render.emit import csv_text
from wacli.services.recipients import Recipients, Reject, count_recipients

from .input_file import input_file
from .progress import ProgressBar

if TYPE_CHECKING:
    from wacli.domain.market import Markets

    from .session import Session

_SCREENFUL = 20
REJECT_FIELDS = ("line", "text", "reason")


def read_recipients(
    session: Session, name: str, markets: Markets, column: str | None, rejects: str | None
) -> Recipients:
    """Counts the file. Rejected rows go to stderr as they come, on a terminal the first 20; all to `rejects`.

    Raises `Invalid` for a file that cannot be read, and (code `no-recipients`) for one without a single recipient.
    """
    bar = ProgressBar(session, t("Counting recipients"))
    with input_file(session, name) as path, _kept(session, path, rejects) as keep:
        report = _Report(session, bar, keep)
        try:
            found = count_recipients(
                path,
                markets,
                column=column,
                country=session.profile["country"],
                on_reject=report.add,
                on_progress=bar.step,
            )
        finally:
            bar.clear()
        report.close(found, rejects)
    if found.row_count and found.rejected_count == found.row_count:
        raise Invalid(
            "no-recipients",
            t("{file}: not one of its rows is a phone number", file=path.name),
            t("Name the column of the phone numbers with --column"),
        )
    return found


class _Report:
    """Rejected rows, said on stderr without ever holding them."""

    def __init__(self, session: Session, bar: ProgressBar, keep: Callable[[Reject], None]) -> None:
        self._session, self._bar, self._keep = session, bar, keep
        self._most = _SCREENFUL if session.context.err_is_terminal else None
        self._said = 0

    def add(self, reject: Reject) -> None:
        """One row more."""
        self._keep(reject)
        if self._most is None or self._said < self._most:
            self._bar.clear()
            self._session.warn([t("line {line}: {reason}", line=reject.line, reason=reject.reason)])
            self._said += 1

    def close(self, found: Recipients, rejects: str | None) -> None:
        """The sum, and where all of them are."""
        if not found.rejected_count:
            return
        more = found.rejected_count - self._said
        if more and rejects is None:
            self._session.warn([tn("{count} more: --rejects FILE", "{count} more: --rejects FILE", more)])
        said: Text = tn(
            "{count} of {rows} rows is no recipient",
            "{count} of {rows} rows are no recipients",
            found.rejected_count,
            rows=Quantity(found.row_count),
        )
        if rejects is not None:
            said = t("{sentence}: see {file}", sentence=said, file=rejects)
        self._session.warn([said])


@contextmanager
def _kept(session: Session, source: Path, rejects: str | None) -> Iterator[Callable[[Reject], None]]:
    """Writes rejects to a CSV file, whole or not at all."""
    if rejects is None:
        yield _forget
        return
    target = Path(rejects)
    if target.resolve() == source.resolve():
        raise Invalid("bad-value", t("--rejects would overwrite the file that is read"), t("Name another file"))
    draft = target.with_name(target.name + ".new")
    try:
        file = draft.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Invalid(
            "not-writable",
            t("{file} cannot be written: {reason}", file=rejects, reason=error.strerror or str(error)),
            t("Name another file with --rejects"),
        ) from None
    try:
        with file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(REJECT_FIELDS)
            yield lambda reject: writer.writerow([reject.line, csv_text(reject.text), session.say(reject.reason)])
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _forget(_reject: Reject) -> None:
    """For a run without --rejects."""
