"""Made-up notifications as screens: what there is to make up, and what the receiver said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wacli.domain.text import Quantity, Text, t, tn

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words

KIND_FIELDS = ("event", "chapter", "what")


@dataclass(slots=True)
class Posted:
    """What was posted and what came back. `first_id` is the id of the first one's message."""

    event: str
    to: str
    count: int = 0
    byte_count: int = 0
    first_id: str | None = None
    answers: dict[int, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """How many were answered with 200."""
        return self.answers.get(200, 0)

    def made(self, wamid: str, size: int) -> None:
        """One body more."""
        self.count, self.byte_count = self.count + 1, self.byte_count + size
        self.first_id = self.first_id or wamid

    def answered(self, status: int) -> None:
        """The receiver's HTTP status for it."""
        self.answers[status] = self.answers.get(status, 0) + 1


class EventRow(NamedTuple):
    """One event that can be made up."""

    chapter: Text
    name: str
    sentence: Text


def events_listing(rows: Sequence[EventRow], words: Words) -> Listing[EventRow]:
    """Every event with a sentence."""

    def flat(row: EventRow) -> Flat:
        return {"event": row.name, "chapter": words.say(row.chapter), "what": words.say(row.sentence)}

    return Listing(
        fields=KIND_FIELDS,
        rows=rows,
        flat=flat,
        headings=(Heading(t("Event")), Heading(t("What happens"), share=1, wraps=True)),
        cells=lambda row: (Cell(row.name, Style.STRONG), Cell(words.say(row.sentence))),
        empty=t("There is nothing to make up"),
    )


def posted_record(posted: Posted, words: Words) -> Record:
    """What the receiver answered."""
    flat: Flat = {
        "event": posted.event,
        "to": posted.to,
        "posted_count": posted.count,
        "accepted_count": posted.accepted,
        "byte_count": posted.byte_count,
        "answers": {str(status): count for status, count in sorted(posted.answers.items())},
        "wamid": posted.first_id,
    }
    lines = [
        Cell(
            words.say(
                tn(
                    "{url} took it: {event}, {bytes} bytes",
                    "{url} took all {count} of them: {event}, {bytes} bytes",
                    Quantity(posted.count),
                    url=posted.to,
                    event=posted.event,
                    bytes=Quantity(posted.byte_count),
                )
            ),
            Style.GOOD,
        )
    ]
    if posted.accepted < posted.count:
        lines = [
            Cell(
                words.say(
                    tn(
                        "{url} answered {status}, {count} time",
                        "{url} answered {status}, {count} times",
                        Quantity(count),
                        url=posted.to,
                        status=status,
                    )
                ),
                Style.GOOD if status == 200 else Style.BAD,
            )
            for status, count in sorted(posted.answers.items())
        ]
        if 403 in posted.answers:
            lines.append(Cell(words.say(t("403: its app secret is another one than this profile's"))))
    return Record(flat, (Paragraph(lines=tuple(lines)),))
