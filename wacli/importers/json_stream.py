"""JSON documents out of a byte stream, one after another, however they are laid out.

One document a line, several on a line, pretty-printed over many lines, or the elements of one long array: all are
read with flat memory, because a document at the top is taken as soon as it is complete and the brackets and commas
of an array around it are only separators.

A broken document costs itself and nothing else. Where the next one begins is decided by the layout: a line that
opens an object no deeper indented than the broken one began is a new document; lines that continue the broken one
(deeper indented, or closing brackets and keys) are passed over with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from wacli.domain.text import Text, t

from .strict_json import UTF8_MARK, is_unfinished, scan, too_deep, why_not

LONGEST_LINE = 64 * 1024 * 1024
_ONE_PIECE = 1024 * 1024
_EXCERPT = 80
_DEEPEST_ARRAYS = 16
_SEPARATORS = re.compile(r"[\s,]*")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+("?)')  # to the end of the text when it is not closed: never read twice
_BRACKETS = re.compile(r"[][{}]")
_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"{\x00", b"[\x00", b"\x00{", b"\x00[")


class Document(NamedTuple):
    """One complete value: `text[start:end]`, decoded, and the line it begins on."""

    line: int
    text: str
    start: int
    end: int
    value: object


class Broken(NamedTuple):
    """Input that is no JSON, and the line it stands on."""

    line: int
    problem: Text
    excerpt: str


def documents(stream: BinaryIO) -> Iterator[Document | Broken]:
    """Every document of the stream, and everything between them that is none, in order."""
    return _Reading().run(stream)


class _Reading:
    """Where one stream stands: the lines of an unfinished document, or how deeply indented a broken one began."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._last = ""
        self._size = 0
        self._first_line = 0
        self._indent = 0
        self._depth = 0
        self._is_indented = False
        self._skipping: int | None = None
        self._arrays: list[int] = []
        self._seen = False
        self._is_whole = True

    def run(self, stream: BinaryIO) -> Iterator[Document | Broken]:
        line_number = 0
        for line_number, line in _lines_of(stream):
            if line is None:
                yield self._give_up(line_number, _too_long(), "")
                continue
            if line_number == 1:
                if line.startswith(_UTF16_STARTS):
                    yield Broken(1, t("this is UTF-16 text: save it as UTF-8"), "")
                    return
                line = line.removeprefix(UTF8_MARK)
            if not self._lines and line[:1] == b"{":  # the short way: a line, a document
                try:
                    text = line.decode()
                    value, end = scan(text)
                except (ValueError, RecursionError):
                    pass
                else:
                    if end == len(text) or text[end:].isspace():
                        self._seen, self._skipping = True, None
                        yield Document(line_number, text, 0, end, value)
                        continue
            yield from self._take(line_number, line)
        yield from self._finish(line_number)

    def _take(self, line_number: int, line: bytes) -> Iterator[Document | Broken]:
        try:
            text = line.decode()
        except UnicodeDecodeError as failure:
            yield self._give_up(line_number, why_not(failure), line.decode(errors="replace"))
            return
        bare = text.strip()
        if not bare:
            if self._lines:
                self._lines.append(text)
            return
        self._seen = True
        indent = len(text) - len(text.lstrip())
        if self._skipping is not None:
            if indent > self._skipping or bare[0] in '}],":':
                return
            self._skipping = None
        if self._lines and self._begins_anew(text, bare, indent):
            yield self._cut_off()
        if self._lines:
            yield from self._continue(line_number, text, indent)
        else:
            yield from self._read(line_number, text, 0, indent)

    def _begins_anew(self, text: str, bare: str, indent: int) -> bool:
        """True when a line cannot belong to the unfinished document before it.

        A value only follows a colon, a comma or an opening bracket; inside an indented document nothing starts as
        far left as the document itself. Without indentation to go by, a whole notification on a line of its own is
        taken for what it looks like.
        """
        if bare[0] not in "{[":
            return False
        if self._last not in ":,[":
            return True
        if indent > self._indent:
            return False
        if self._is_indented:
            return True
        try:
            value, end = scan(text, indent)
        except (ValueError, RecursionError):
            return False
        first = value[0] if type(value) is list and value else value
        return text[end:].strip() in ("", ",") and type(first) is dict and ("object" in first or "entry" in first)

    def _continue(self, line_number: int, text: str, indent: int) -> Iterator[Document | Broken]:
        if len(self._lines) == 1:
            self._is_indented = indent > self._indent
        self._lines.append(text)
        self._last = text.rstrip()[-1]
        self._size += len(text)
        bare, is_closed = _outside_strings(text)
        lowest, self._depth = _depths(bare, self._depth)
        if not is_closed or self._size > LONGEST_LINE:
            problem = _too_long() if self._size > LONGEST_LINE else t("a string is not closed")
            yield self._give_up(line_number, problem, text)
        elif lowest <= 0:
            whole, first_line = "".join(self._lines), self._first_line
            self._lines = []
            yield from self._read(first_line, whole, 0, self._indent)

    def _read(self, line_number: int, text: str, at: int, indent: int) -> Iterator[Document | Broken]:
        """The documents from `at` on; what is unfinished at the end waits for the next line."""
        counted = at
        while True:
            at = _SEPARATORS.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string too
            line_number += text.count("\n", counted, at)
            counted = at
            if at == len(text):
                return
            if text[at] in "[]":
                broken = self._bracket(line_number, text, at)
                if broken is not None:
                    self._is_whole = False
                    yield broken
                    return
                at += 1
                continue
            try:
                value, end = scan(text, at)
            except (ValueError, RecursionError) as failure:
                if is_unfinished(failure, text) and self._wait(line_number, text[at:], indent):
                    return
                where = failure.pos if isinstance(failure, json.JSONDecodeError) else at
                broken_line = line_number + text.count("\n", at, where)
                begin = text.rfind("\n", at, where) + 1 or at
                excerpt = text[begin : begin + 2 * _EXCERPT].strip().split("\n", 1)[0]
                yield Broken(broken_line, why_not(failure), excerpt[:_EXCERPT])
                self._is_whole = False
                if text[at] == "{":
                    self._skipping = indent
                return
            yield Document(line_number, text, at, end, value)
            at = end

    def _bracket(self, line_number: int, text: str, at: int) -> Broken | None:
        excerpt = text[at : at + _EXCERPT].strip()
        if text[at] == "[":
            if len(self._arrays) == _DEEPEST_ARRAYS:
                return Broken(line_number, too_deep(), excerpt)
            self._arrays.append(line_number)
        elif not self._arrays:
            return Broken(line_number, t("a bracket closes what was never opened"), excerpt)
        else:
            self._arrays.pop()
        return None

    def _wait(self, line_number: int, text: str, indent: int) -> bool:
        """Keeps an unfinished document for the next line; not when it ends inside a string, which nothing can go on."""
        bare, is_closed = _outside_strings(text)
        if not is_closed:
            return False
        self._lines, self._size = [text], len(text)
        self._last = text.rstrip()[-1]
        self._first_line, self._indent = line_number, indent
        _, self._depth = _depths(bare, 0)
        self._is_indented = False
        return True

    def _cut_off(self) -> Broken:
        broken = Broken(
            self._first_line, t("this document is cut off before its end"), self._lines[0][:_EXCERPT].strip()
        )
        self._lines, self._is_whole = [], False
        return broken

    def _give_up(self, line_number: int, problem: Text, text: str) -> Broken:
        """A line that cannot be read, and with it the document it stands in."""
        if self._lines:
            self._skipping = self._indent
            self._lines = []
        self._seen, self._is_whole = True, False
        return Broken(line_number, problem, text[:_EXCERPT].strip())

    def _finish(self, line_number: int) -> Iterator[Broken]:
        if self._lines:
            yield self._cut_off()
        if self._arrays and self._is_whole:
            yield Broken(self._arrays[0], t("the list that begins here is not closed"), "[")
        if not self._seen:
            yield Broken(max(line_number, 1), t("nothing in it"), "")


def _lines_of(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines with their ends; None for one that is too long to be loaded."""
    line_number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        line_number += 1
        if len(line) <= LONGEST_LINE:
            yield line_number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_ONE_PIECE)
        yield line_number, None


def _outside_strings(text: str) -> tuple[str, bool]:
    """What stands outside strings, and whether the last string is closed."""
    return _STRING.sub("", text), "" not in _STRING.findall(text)


def _depths(bare: str, depth: int) -> tuple[int, int]:
    """The lowest depth and the last one, after brackets outside strings have opened and closed from `depth` on."""
    lowest = depth
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in "{[" else -1
        lowest = min(lowest, depth)
    return lowest, depth


def _too_long() -> Text:
    return t("it is longer than {size} MB", size=LONGEST_LINE // (1024 * 1024))
