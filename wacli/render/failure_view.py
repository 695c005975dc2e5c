"""Error codes of Meta as a list, and one of them explained."""

from __future__ import annotations

from wacli.domain.text import Text, t
from wacli.services.explanations import Explanation

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words

FAILURE_FIELDS = ("code", "last_code", "class", "scope", "happened", "why", "next", "source")

CLASSES: dict[str, Text] = {
    "retry": t("passing: the same may be sent again after a pause, and wacli does so"),
    "retry-once": t("unclear: once more is worth a try, then something has to change"),
    "later": t("later: it works again when the cause has ended, after hours"),
    "fix": t("to be put right: the same request will fail again"),
    "account": t("account or access token: nothing works until it is put right"),
}
SCOPES: dict[str, Text] = {
    "message": t("this request only"),
    "contact": t("everything of this kind to this contact"),
    "run": t("every further message"),
}


def failure_fields(row: Explanation, words: Words) -> Flat:
    """One code for machines; the sentences are in the reader's language."""
    return {
        "code": row.code,
        "last_code": row.last_code,
        "class": row.kind.value,
        "scope": row.scope.value,
        "happened": words.say(row.happened),
        "why": words.say(row.why),
        "next": words.say(row.next),
        "source": words.say(row.source),
    }


def failure_listing(rows: list[Explanation], words: Words) -> Listing[Explanation]:
    """All codes, one line each."""
    return Listing(
        fields=FAILURE_FIELDS,
        rows=rows,
        flat=lambda row: failure_fields(row, words),
        headings=(Heading(t("Code")), Heading(t("Class")), Heading(t("What happened"), share=1, wraps=True)),
        cells=lambda row: (
            Cell(_code(row), Style.STRONG),
            Cell(row.kind.value, Style.DIM),
            Cell(words.say(row.happened)),
        ),
        empty=t("Nothing"),
        footer=(t("One of them explained: wacli help error 131049"),),
    )


def failure_record(row: Explanation, words: Words) -> Record:
    """What happened, why, what to do next, and where that was read."""
    pairs = (
        (t("Why"), row.why),
        (t("What to do"), row.next),
        (t("Class"), CLASSES[row.kind.value]),
        (t("Concerns"), SCOPES[row.scope.value]),
        (t("Source"), row.source),
    )
    return Record(
        failure_fields(row, words),
        (
            Paragraph(lines=(Cell(f"{_code(row)}  {words.say(row.happened)}", Style.STRONG),)),
            Paragraph(pairs=tuple((words.say(label), Cell(words.say(text))) for label, text in pairs)),
        ),
    )


def _code(row: Explanation) -> str:
    return str(row.code) if row.last_code is None else f"{row.code}-{row.last_code}"
