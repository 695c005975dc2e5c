"""Bytes of an export to blocks of text that end with a line, whatever the encoding and however long the lines.

Facts: issue 8, "Bad input". WhatsApp writes UTF-8; files that went through other programs come as UTF-16 or in a
Windows code page. A line that is no UTF-8 is read as Windows-1252 while the file has shown no UTF-8 beyond ASCII, and
otherwise as damaged UTF-8. Memory is bounded by the block and by the longest line kept.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

from ..domain.finding import Findings
from ..domain.text import t

BLOCK_SIZE = 1 << 15  # the pieces of a block should stay in the processor's cache
LINE_LIMIT = 1 << 20  # bytes; WhatsApp's longest message is 65,536 characters


class Readable(Protocol):
    """Anything with a binary `read`."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, empty at the end."""
        ...


class _Recoded:
    """UTF-16 read as UTF-8."""

    def __init__(self, stream: Readable, encoding: str, first: bytes) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._first = first

    def read(self, size: int = -1, /) -> bytes:
        data, self._first = self._first, b""
        if not data:
            data = self._stream.read(size)
        text = self._decoder.decode(data, final=not data)
        if not text and data:
            return self.read(size)
        return text.encode("utf-8", "replace")


class _Prefixed:
    """A stream of which some bytes were already read."""

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int = -1, /) -> bytes:
        if self._first:
            data, self._first = self._first, b""
            return data
        return self._stream.read(size)


def recognised(stream: Readable) -> tuple[Readable, str]:
    """A stream of UTF-8 without byte order mark, and the name of the encoding that `stream` has."""
    head = b""
    while len(head) < 4096 and (more := stream.read(4096 - len(head))):
        head += more
    if head.startswith(codecs.BOM_UTF8):
        return _Prefixed(head[3:], stream), "utf-8-sig"
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return _Recoded(stream, encoding, head[2:]), encoding
    zeros = head.count(0)
    if zeros > len(head) // 4:
        encoding = "utf-16-be" if head[0::2].count(0) > head[1::2].count(0) else "utf-16-le"
        return _Recoded(stream, encoding, head), encoding
    return _Prefixed(head, stream), "utf-8"


class TextBlocks:
    """Iterates over the text of a stream in blocks of whole lines, without the last line's end."""

    def __init__(self, stream: Readable, findings: Findings, block_size: int = BLOCK_SIZE) -> None:
        self._stream, self.encoding = recognised(stream)
        self._findings = findings
        self._size = block_size
        self._has_utf8 = False
        self._line = 1
        self.ends_open = False  # once all is read: whether the last line had no end

    def __iter__(self) -> Iterator[str]:
        for data in self._whole_lines():
            if self.ends_open:
                data = self._without_half_a_character(data)
            text = self._decoded(data)
            self._line += data.count(b"\n") + 1
            yield text.replace("\r\n", "\n").removesuffix("\r") if "\r" in text else text

    def head(self, size: int) -> str:
        """The first blocks, about `size` characters of them. The stream is used up by as much."""
        blocks, length = [], 0
        for block in self:
            blocks.append(block)
            length += len(block)
            if length >= size:
                break
        return "\n".join(blocks)

    def _whole_lines(self) -> Iterator[bytes]:
        """Blocks without the line end between them; of a line over the limit only the beginning."""
        carry, is_skipping = b"", False
        while chunk := self._stream.read(self._size):
            if is_skipping:
                _, found, chunk = chunk.partition(b"\n")
                if not found:
                    continue
                is_skipping = False
            cut = chunk.rfind(b"\n")
            if cut >= 0:
                yield carry + chunk[:cut]
                carry = chunk[cut + 1 :]
            else:
                carry += chunk
            if len(carry) > LINE_LIMIT:
                self._findings.add(
                    self._line,
                    "long-line",
                    t("line {line} is longer than {limit} bytes: cut", line=self._line, limit=LINE_LIMIT),
                )
                yield carry[:LINE_LIMIT]
                carry, is_skipping = b"", True
        if carry:
            self.ends_open = True
            yield carry

    def _without_half_a_character(self, data: bytes) -> bytes:
        """The end of the file without the beginning of a character that is not all there. One lone byte tells nothing
        in a file that has shown no UTF-8: it is a letter of Windows-1252."""
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        is_utf8 = not decoder.decode(data).isascii() or self._has_utf8
        half = decoder.getstate()[0]
        if not half or (len(half) == 1 and not is_utf8):
            return data
        line = self._line + data.count(b"\n")
        self._findings.add(
            line, "cut-short", t("line {line} breaks off inside a character: the file was cut short", line=line)
        )
        return data[: -len(half)]

    def _decoded(self, data: bytes) -> str:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return "\n".join(
                self._decoded_line(line, self._line + index) for index, line in enumerate(data.split(b"\n"))
            )
        if not self._has_utf8 and not text.isascii():
            self._has_utf8 = True
        return text

    def _decoded_line(self, line: bytes, number: int) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            if self._has_utf8:
                self._findings.add(
                    number,
                    "damaged-text",
                    t("line {line} is damaged: what cannot be read is shown as {sign}", line=number, sign="\ufffd"),
                )
                return line.decode("utf-8", "replace")
            self.encoding = "cp1252"
            self._findings.add(
                number,
                "not-utf8",
                t("line {line} is not UTF-8: read as Western European (Windows-1252), check its accents", line=number),
            )
            return line.decode("cp1252", "replace")
        self._has_utf8 = self._has_utf8 or not text.isascii()
        return text
