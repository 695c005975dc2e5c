"""One exported chat: opened, its form found out, its messages to be read as a stream.

Facts: cloud-api.md section 13. The form is found out from the first lines, the date order from as many dates as it
takes; both before the first message, so that what only the owner can tell is asked before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ...domain.chat_export import ChatForm, ChatMessage, DateOrder, OrderEvidence
from ...domain.finding import Findings
from ...domain.problem import Invalid
from ...domain.text import t
from ..text_blocks import TextBlocks
from .dates import OrderSeeker, is_hijri, is_korean, triple_of
from .opening import DamagedMember, OpenedChat, opened
from .reading import MessageReader
from .shapes import Shape, Stamp, commonest_shape, plain

_LINES_LOOKED_AT, _CHARACTERS_LOOKED_AT = 2_000, 100_000


@dataclass(slots=True)
class ChatExport:
    """One exported chat: what was found out, and its messages as a stream (each call reads the file again).

    `findings` fills while messages are read. `attachments` are the files that came in the same archive, name to bytes.
    """

    chat: OpenedChat
    form: ChatForm
    shape: Shape
    zone: tzinfo
    findings: Findings

    @property
    def title(self) -> str | None:
        """Whose chat it is, where the file name tells."""
        return self.chat.title

    @property
    def attachments(self) -> dict[str, int]:
        """Names and sizes of the files beside the chat; empty for a bare text."""
        return self.chat.attachments

    def messages(self) -> Iterator[ChatMessage]:
        """The messages in the order of the file. Never raises for what the file says: see `findings`."""
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[list[ChatMessage]]:
        """The same, a few hundred at a time: a list costs less than as many steps of an iterator."""
        with self.chat.stream() as stream:
            yield from MessageReader(self.form.order, self.shape, self.zone, self.findings).batches(
                TextBlocks(stream, self.findings)
            )


def read_chat(
    source: Path | BinaryIO, *, zone: tzinfo, day_first: bool | None = None, findings: Findings | None = None
) -> ChatExport:
    """Opens an exported chat and finds out how it is written; messages are read afterwards, as a stream.

    `zone` is the phone's time zone. `day_first` settles a date order that the file leaves open. Raises `NotFound`,
    `Refused` (an archive that is no chat), or `Invalid`: `undecided-date-order` when only the owner can tell (details:
    `example`), `wrong-date-order` when `day_first` contradicts the file, `not-a-chat-export` when no stamp is found.
    """
    findings = Findings() if findings is None else findings
    chat = opened(source, findings)
    with chat.stream() as stream:
        survey = TextBlocks(stream, Findings())
        head = _head(survey)
        found = commonest_shape(plain(head).split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT])
    if found is None:
        raise Invalid(
            "not-a-chat-export",
            t("{file} holds no line that begins like a message of WhatsApp", file=chat.name),
            t("Export the chat in WhatsApp (Export chat) and give that .txt or .zip"),
        )
    shape, stamp, _ = found
    triple = triple_of(stamp.date)
    if triple is not None and is_hijri(triple):
        raise Invalid(
            "unread-calendar",
            t("{example} is a date of the Hijri calendar, which wacli does not read", example=stamp.date),
            t("Set the phone to the Gregorian calendar and export the chat again"),
        )
    order, evidence = _order(chat, shape, stamp, day_first)
    form = ChatForm(
        shape.platform, order, evidence, shape.is_12_hour, shape.has_seconds, survey.encoding, stamp.text.strip()
    )
    return ChatExport(chat, form, shape, zone, findings)


def _head(blocks: TextBlocks) -> str:
    """The first blocks; of an archive that breaks off among them, what comes before."""
    found: list[str] = []
    with suppress(DamagedMember):  # reading the messages will say so
        for block in blocks:
            found.append(block)
            if sum(map(len, found)) >= _CHARACTERS_LOOKED_AT:
                break
    return "\n".join(found)


def _order(chat: OpenedChat, shape: Shape, stamp: Stamp, day_first: bool | None) -> tuple[DateOrder, OrderEvidence]:
    seeker = OrderSeeker(prefers_year_first=is_korean(stamp.clock))
    with chat.stream() as stream, suppress(DamagedMember):  # reading the messages will say so
        _seek(seeker, shape, TextBlocks(stream, Findings()))
    answer = seeker.answer(shape.separator)
    if day_first is None:
        if answer is None:
            raise Invalid(
                "undecided-date-order",
                t(
                    "{example} could be day first or month first, and nothing in {file} tells",
                    example=stamp.date,
                    file=chat.name,
                ),
                t("Say which: --day-first or --month-first"),
                {"example": stamp.date},
            )
        return answer
    given = DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST
    if answer is not None and answer[0] is not given and answer[1] in (OrderEvidence.VALUE, OrderEvidence.YEAR):
        raise Invalid(
            "wrong-date-order",
            t("the dates of {file} can only be read {order}", file=chat.name, order=answer[0].value),
            t("Leave out --day-first and --month-first"),
        )
    return given, OrderEvidence.GIVEN


def _seek(seeker: OrderSeeker, shape: Shape, blocks: TextBlocks) -> None:
    last = ""
    for block in blocks:
        parts = shape.pattern.split("\n" + plain(block))
        for date in parts[3 if shape.is_time_first else 2 :: 5]:
            if date != last:
                last = date
                triple = triple_of(date)
                if triple is not None:
                    seeker.add(triple)
                    if seeker.is_settled:
                        return
