"""Blocks of text to messages: the loop that a million lines go through.

Facts: cloud-api.md section 13. One `re.split` a block cuts it at every stamp of the file's own form; dates and clock
readings repeat, so each is worked out once and looked up afterwards. What is rare (several lines, marks, other
forms) leaves the loop for functions of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from ...domain.chat_export import ChatMessage, DateOrder
from ...domain.finding import Findings
from ...domain.text import t
from ..text_blocks import TextBlocks
from .authors import Authors, clean_name
from .dates import day_number, triple_of
from .opening import DamagedMember
from .placeholders import EXACT_AS_WRITTEN, read_text
from .shapes import (
    LEFT_TO_RIGHT,
    Shape,
    Stamp,
    holds_figures_first,
    is_beginning_of_one,
    plain,
    seconds_of_day,
    stamp_of,
)

TEXT_LIMIT = 65_536  # characters: the longest message WhatsApp sends
_SEGMENT_LIMIT = 1 << 20  # characters of one message kept while it is not known where it ends
_DAY = 86_400
_REMEMBERED = 4_000
_READINGS_REMEMBERED = 100_000
_ENDINGS = frozenset([">", ")", ""])  # of a placeholder for a file, or of the sign that a message was edited
_PLACE = "/?q="  # of a link to a map
_MAYBE_PLACE = "?q="  # looked for in a whole block: every date may hold a slash, and few texts a question mark
# Latin, Arabic, Persian, Devanagari, Bengali, Thai, Tibetan, Burmese and Khmer figures, all of which phones write; and
# with what the years of eras begin.
_ZEROS = "0٠۰०০๐༠၀០"
_QUOTE_BEGINS = frozenset("[RH令平民M").union(*([chr(ord(zero) + n) for n in range(10)] for zero in _ZEROS))
_SHORT_TEXT = 80
_STAMPS_LOOKED_AT = 500  # of the last ones: how a file's stamps look
_read_short = lru_cache(maxsize=1024)(read_text)  # placeholders come again and again
_tuple = tuple.__new__  # half the time of calling the class, in the loop of a million


class Draft(NamedTuple):
    """A message before its text is understood."""

    line: int
    at: int
    local: int
    author: str | None
    text: str


class MessageReader:
    """Reads one file once; keeps what repeats."""

    def __init__(self, order: DateOrder, shape: Shape, zone: tzinfo, findings: Findings) -> None:
        self._order = order
        self._shape = shape
        self._zone = zone
        self._findings = findings
        self._authors = Authors()
        self._days: dict[str, tuple[int, int | None] | None] = {}
        self._clocks: dict[str, int | None] = {}
        self._whole_days: dict[str, tuple[int, int]] = {}  # of `_days`, those with one offset from morning to night
        self._clock_seconds: dict[str, int] = {}  # of `_clocks`, those that are a time
        self._seen: dict[int, int] = {}
        self._seen_before: dict[int, int] = {}
        self._orders: dict[Shape, DateOrder] = {shape: order}

    def batches(self, blocks: TextBlocks) -> Iterator[list[ChatMessage]]:
        """Every message, the last one included, those of a block together; what cannot be read becomes a finding.

        A message waits (`pending`) only while something could still belong to it: it has several lines, it ends a
        block, it quotes stamps of the file's form, or its block holds stamps that are no dates.
        """
        pending: Draft | None = None
        line = 1
        pattern, is_time_first = self._shape.pattern, self._shape.is_time_first
        days, clocks, names, finished = self._days, self._clocks, self._authors.known, self._finished
        seen, before = self._seen, self._seen_before
        whole_days, clock_seconds = self._whole_days, self._clock_seconds
        stamps: list[str] = []
        for block in self._sound(blocks):
            found: list[ChatMessage] = []
            add = found.append
            parts = pattern.split("\n" + plain(block))
            lead, last = parts[0], parts[-1]
            if lead:
                done, pending = self._continued(pending, lead, line)
                found += done
                line += lead.count("\n")
            stamps = parts[1::5] or stamps
            day_texts, clock_texts = (parts[3::5], parts[2::5]) if is_time_first else (parts[2::5], parts[3::5])
            block_days = set(day_texts)
            is_sound = self._learn(block_days, set(clock_texts), set(parts[4::5]))
            is_plain = (
                is_sound
                and block_days <= whole_days.keys()
                and len(block) <= TEXT_LIMIT
                and not (LEFT_TO_RIGHT in block or _MAYBE_PLACE in block)
            )
            for stamp, day, clock, name, text in zip(
                parts[1::5], day_texts, clock_texts, parts[4::5], parts[5::5], strict=True
            ):
                author = names[name]
                if (  # nineteen of twenty: nothing but words, and nothing before them to be finished first
                    is_plain
                    and pending is None
                    and author is not None
                    and text[-1:] not in _ENDINGS
                    and ("\n" not in text or _is_plain_below(text))
                    and (first := text[:1]) != "<"
                    and (first not in _QUOTE_BEGINS or pattern.match("\n" + text) is None)
                    and text not in EXACT_AS_WRITTEN
                    and text is not last
                ):
                    midnight, offset = whole_days[day]
                    local = midnight + clock_seconds[clock]
                    same = hash((local // 60, author, text))
                    ordinal = 0
                    if same in seen or same in before:
                        ordinal = seen.get(same) or before[same]
                    seen[same] = ordinal + 1
                    at = local - offset
                    add(_tuple(ChatMessage, (line, at, local, author, text, "text", None, False, ordinal)))
                    line += 1
                    if "\n" in text:
                        line += text.count("\n")
                    continue
                breaks = text.count("\n")
                here, line = line, line + 1 + breaks
                base, seconds = days[day], clocks[clock]
                if base is None or seconds is None:
                    pending = self._not_a_stamp(pending, stamp, name, text, here)
                    continue
                local = base[0] + seconds
                at = local - base[1] if base[1] is not None else self._instant(local, pending)
                if pending is not None:
                    if at < pending.at and pattern.match("\n" + pending.text) is not None:
                        pending = _glued(pending, stamp, name, text)  # older than a message that begins by quoting
                        continue
                    found += self._several_lines(pending, at)
                    pending = None
                if author is None and name is not None:
                    text = f"{name}: {text}"
                if (
                    breaks
                    or not is_sound
                    or text is last
                    or (text[:1] in _QUOTE_BEGINS and pattern.match("\n" + text) is not None)
                ):
                    pending = Draft(here, at, local, author, text)
                else:
                    add(finished(here, at, local, author, text))
            yield found
            if len(seen) > _REMEMBERED:
                before = self._seen_before = seen
                seen = self._seen = {}
        if pending is not None and blocks.ends_open:
            pending = self._without_half_a_line(pending, stamps)
        if pending is not None:
            yield self._several_lines(pending, None)

    def _without_half_a_line(self, last: Draft, stamps: list[str]) -> Draft | None:
        """The last message, when the file's last line has no end: without that line where it is the beginning of a
        stamp, or a stamp with the beginning of a name. What is cut inside its words looks like any other message."""
        lines, names = last.text.count("\n"), [name for name in self._authors.known.values() if name is not None]
        kept: Draft | None = last
        if not lines and last.author is None and any((name + ":").startswith(last.text) for name in names):
            kept = None
        elif lines and is_beginning_of_one(last.text.rpartition("\n")[2], stamps[-_STAMPS_LOOKED_AT:]):
            kept = last._replace(text=last.text.rpartition("\n")[0])
        if kept is not last:
            line = last.line + lines
            self._findings.add(
                line,
                "cut-short",
                t("line {line} breaks off: the file was cut short; that line was left out", line=line),
            )
        return kept

    def _learn(self, days: set[str], clocks: set[str], names: set[str | None]) -> bool:
        """Works out what a block holds for the first time; False when some of it is no date or time."""
        if len(self._days) > _READINGS_REMEMBERED:
            self._days.clear()
            self._whole_days.clear()
        if len(self._clocks) > _READINGS_REMEMBERED:
            self._clocks.clear()
            self._clock_seconds.clear()
        for day in days.difference(self._days):
            self._days[day] = read = self._day(day)
            if read is not None and read[1] is not None:
                self._whole_days[day] = read[0], read[1]
        for clock in clocks.difference(self._clocks):
            self._clocks[clock] = seconds = seconds_of_day(clock)
            if seconds is not None:
                self._clock_seconds[clock] = seconds
        self._authors.learn(names)
        return all(self._days[day] is not None for day in days) and all(self._clocks[c] is not None for c in clocks)

    def _sound(self, blocks: TextBlocks) -> Iterator[str]:
        try:
            yield from blocks
        except DamagedMember:
            self._findings.add(
                0, "broken-archive", t("the archive breaks off inside the chat: what comes before was read")
            )

    def _finished(self, line: int, at: int, local: int, author: str | None, text: str) -> ChatMessage:
        """A whole message. The common ones are recognised as plain text by a few cheap looks."""
        kind, file_name, is_edited = "text", None, False
        if author is None:
            kind, text = "system", text if text.isascii() else text.replace(LEFT_TO_RIGHT, "")
        elif (
            text[-1:] in _ENDINGS
            or text in EXACT_AS_WRITTEN
            or LEFT_TO_RIGHT in text
            or _PLACE in text
            or text[:1] == "<"
            or ")\n" in text
        ):
            kind, text, file_name, is_edited = read_text(text) if len(text) > _SHORT_TEXT else _read_short(text)
        if len(text) > TEXT_LIMIT:
            text = text[:TEXT_LIMIT]
            self._findings.add(
                line,
                "long-message",
                t("the message of line {line} is longer than {limit} characters: cut", line=line, limit=TEXT_LIMIT),
            )
        # Equal messages of one minute are counted by a hash, over the last tens of thousands of messages.
        same = hash((local // 60, author, text or kind, *((file_name,) if file_name else ())))
        ordinal = self._seen.get(same) or self._seen_before.get(same, 0)
        self._seen[same] = ordinal + 1
        return _tuple(ChatMessage, (line, at, local, author, text, kind, file_name, is_edited, ordinal))

    def _several_lines(self, draft: Draft, next_at: int | None) -> list[ChatMessage]:
        """A message with more lines, of which some may begin messages in another form."""
        return [self._finished(*each) for each in self._drafts(draft, next_at)]

    def _drafts(self, draft: Draft, next_at: int | None) -> list[Draft]:
        first, *rest = draft.text.split("\n")
        drafts, lines = [], [first]
        for number, text in enumerate(rest, draft.line + 1):
            other = self._other_form(text, number, draft.at, next_at)
            if other is None:
                lines.append(text)
            else:
                drafts.append(draft._replace(text="\n".join(lines)))
                draft, lines = other, [other.text]
        drafts.append(draft._replace(text="\n".join(lines)))
        return drafts

    def _other_form(self, line: str, number: int, after: int, before: int | None) -> Draft | None:
        """A message in another form than the file's, where it fits between its neighbours in time."""
        stamp = stamp_of(line)
        if stamp is None or stamp.shape is self._shape:
            return None
        day, seconds = self._other_day(stamp), seconds_of_day(stamp.clock)
        found = None
        if day is not None and seconds is not None:
            local = day * _DAY + seconds
            at = self._instant(local, None)
            if at >= after and (before is None or at <= before):
                pieces = stamp.shape.pattern.match("\n" + line)
                if pieces is not None:
                    name, text = pieces.group(4), line[pieces.end() - 1 :]
                    author = None if name is None else clean_name(name)
                    found = Draft(number, at, local, author, text if author or name is None else f"{name}: {text}")
        if found is None:
            self._findings.add(
                number,
                "stamp-in-text",
                t("line {line} begins like a message, in another form: kept as text", line=number),
            )
        return found

    def _other_day(self, stamp: Stamp) -> int | None:
        triple = triple_of(stamp.date)
        if triple is None:
            return None
        if triple.year_at == 0:
            return day_number(triple, DateOrder.YEAR_FIRST)
        usual = self._order if self._order is not DateOrder.YEAR_FIRST else DateOrder.DAY_FIRST
        order = self._orders.get(stamp.shape, usual)
        day = day_number(triple, order)
        if day is None:
            order = DateOrder.MONTH_FIRST if order is DateOrder.DAY_FIRST else DateOrder.DAY_FIRST
            day = day_number(triple, order)
            if day is not None:
                self._orders[stamp.shape] = order
        return day

    def _continued(self, pending: Draft | None, lead: str, line: int) -> tuple[list[ChatMessage], Draft | None]:
        """More lines of the message before: what is finished by now, and the message to go on with."""
        if pending is None:
            if lead.strip():
                last = line + lead.count("\n") - 1
                self._findings.add(
                    line,
                    "before-first-message",
                    t("lines {first} to {last} stand before the first message: left out", first=line, last=last),
                )
            return [], None
        pending = pending._replace(text=pending.text + lead)
        if len(pending.text) <= _SEGMENT_LIMIT:
            return [], pending
        *done, last_draft = self._drafts(pending, None)
        # One character too many stays, so that the cut is reported when the message is finished.
        return [self._finished(*each) for each in done], last_draft._replace(text=last_draft.text[: TEXT_LIMIT + 1])

    def _not_a_stamp(self, pending: Draft | None, stamp: str, name: str | None, text: str, line: int) -> Draft | None:
        self._findings.add(
            line,
            "no-such-date",
            t(
                "line {line}: {stamp} is no date and time in the order of this file: kept as text",
                line=line,
                stamp=stamp.strip(),
            ),
        )
        return None if pending is None else _glued(pending, stamp, name, text)

    def _day(self, day: str) -> tuple[int, int | None] | None:
        """Local midnight of a date as seconds, and the zone's offset when it holds all day."""
        triple = triple_of(day)
        number = None if triple is None else day_number(triple, self._order)
        if number is None:
            return None
        begins, ends = self._offset(number * _DAY), self._offset((number + 1) * _DAY)
        return number * _DAY, begins if begins == ends else None

    def _offset(self, local: int, fold: int = 0) -> int:
        naive = datetime.fromtimestamp(local, UTC)
        offset = naive.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta()
        return int(offset.total_seconds())

    def _instant(self, local: int, before: Draft | None) -> int:
        """The instant of a reading on a day when clocks change; of two possible ones, the one in sequence."""
        at = local - self._offset(local)
        if before is not None and at < before.at:
            later = local - self._offset(local, fold=1)
            return later if later >= before.at else at
        return at


def _is_plain_below(text: str) -> bool:
    """True when no line but the first can begin a message, and the first names no file."""
    return ")\n" not in text and not holds_figures_first(text)


def _glued(draft: Draft, stamp: str, name: str | None, text: str) -> Draft:
    """`draft` with a line that only looked like the beginning of another message."""
    if len(draft.text) > _SEGMENT_LIMIT:
        return draft
    spoken = "" if name is None else name + ": "
    return draft._replace(text=f"{draft.text}\n{stamp}{spoken}{text}")
