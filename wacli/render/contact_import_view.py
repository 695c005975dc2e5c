"""What an import of contacts will do and has done: how columns were understood, what became of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wacli.domain.contact_import import Outcome
from wacli.domain.identity import display_phone
from wacli.domain.text import Quantity, Text, t, tn
from wacli.importers.contact_files import ColumnGuess, ContactsPreview
from wacli.services.contact_import import ImportTally, RowVerdict

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

VERDICT_FIELDS = (
    "row", "outcome", "contact_id", "name", "phone", "bsuid", "username", "column", "value", "code", "reason",
)  # fmt: skip
REJECT_FIELDS = ("row", "column", "value", "code", "reason")
_OUTCOMES = {
    Outcome.ADDED: t("added"),
    Outcome.UPDATED: t("added to"),
    Outcome.UNCHANGED: t("known already"),
    Outcome.SEVERAL: t("belong to several contacts"),
    Outcome.REJECTED: t("not readable"),
}
_STYLES = {Outcome.ADDED: Style.GOOD, Outcome.SEVERAL: Style.WARN, Outcome.REJECTED: Style.BAD}


def verdict_fields(verdict: RowVerdict, words: Words) -> Flat:
    """One row's verdict for machines; `reason` is a sentence in the reader's language."""
    flat = verdict._asdict()
    message = flat.pop("message")
    phone = verdict.phone
    return flat | {
        "outcome": verdict.outcome.value,
        "phone": None if phone is None else display_phone(phone),
        "reason": None if message is None else words.say(message),
    }


def verdicts_listing(verdicts: Iterable[RowVerdict], words: Words) -> Listing[RowVerdict]:
    """Every row and what became of it."""
    return Listing(
        fields=VERDICT_FIELDS,
        rows=verdicts,
        flat=lambda verdict: verdict_fields(verdict, words),
        headings=(
            Heading(t("Row"), right=True),
            Heading(t("Name"), share=1),
            Heading(t("Number")),
            Heading(t("Result")),
            Heading(t("Reason"), share=2),
        ),
        cells=lambda verdict: (
            Cell(str(verdict.row), Style.DIM),
            Cell(sanitise(verdict.name or verdict.value or "")),
            Cell(display_phone(verdict.phone) if verdict.phone else sanitise(verdict.bsuid or verdict.username or "")),
            Cell(words.say(_OUTCOMES[verdict.outcome]), _STYLES.get(verdict.outcome, Style.PLAIN)),
            Cell("" if verdict.message is None else words.say(verdict.message), Style.DIM),
        ),
        empty=t("There are no rows"),
    )


def tally_record(tally: ImportTally, columns: Iterable[ColumnGuess], words: Words, *, dry_run: bool) -> Record:
    """How many rows ended how."""
    flat: dict[str, object] = {
        "rows": tally.read,
        "added": tally.counts[Outcome.ADDED],
        "updated": tally.counts[Outcome.UPDATED],
        "unchanged": tally.counts[Outcome.UNCHANGED],
        "several_contacts": tally.counts[Outcome.SEVERAL],
        "rejected": tally.counts[Outcome.REJECTED],
        "dry_run": dry_run,
        "columns": [
            {
                "title": column.title,
                "field": column.field and column.field.value,
                "by": column.by and column.by.value,
                "example": column.example,
            }
            for column in columns
        ],
    }
    pairs = [(t("rows"), tally.read, Style.STRONG)]
    pairs += [
        (_OUTCOMES[outcome], count, _STYLES.get(outcome, Style.PLAIN))
        for outcome, count in tally.counts.items()
        if count or outcome is Outcome.ADDED
    ]
    shown = tuple((words.say(label), Cell(words.number(count), style)) for label, count, style in pairs)
    head = (Paragraph(lines=(Cell(words.say(t("A dry run: nothing was kept")), Style.WARN),)),) if dry_run else ()
    return Record(flat, (*head, Paragraph(pairs=shown)))


def preview_lines(preview: ContactsPreview) -> Iterator[Text]:
    """How each column is understood, one line each."""
    columns = preview.columns
    used = [column for column in columns if column.field is not None]
    yield tn(
        "{used} of {count} column is used:",
        "{used} of {count} columns are used:",
        len(columns),
        used=Quantity(len(used)),
    )
    for column in columns:
        title = column.title[:30]
        if column.field is None:
            yield t("  {title}: left out", title=title)
        elif column.example:
            yield t(
                "  {title}: {field}, for example {example}", title=title, field=column.field, example=column.example
            )
        else:
            yield t("  {title}: {field}", title=title, field=column.field)
