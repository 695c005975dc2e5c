"""What a phone's exported chat says, before anything is decided about contacts or the store.

Facts: cloud-api.md section 13. An export has no message ids and no time zone: a message is known by its minute, its
author, its text and its ordinal among equals (`ChatMessage.key`), and its instant depends on the zone it was read with.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Platform(StrEnum):
    """Which app wrote the export, judged by its brackets and dashes."""

    IOS = "ios"
    ANDROID = "android"
    UNKNOWN = "unknown"  # very old exports, and files that people made themselves


class DateOrder(StrEnum):
    """How the three numbers of a date are to be read."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"


class OrderEvidence(StrEnum):
    """Why the date order is what it is."""

    YEAR = "year-first"  # the year stands first, so month and day follow
    VALUE = "value-above-12"  # a number that can be no month
    SEPARATOR = "separator"  # dots: no locale of CLDR writes the month first with them
    SEQUENCE = "sequence"  # only one order makes time run forwards
    EITHER = "either"  # every date reads the same both ways
    GIVEN = "given"  # the owner said so


class ChatForm(NamedTuple):
    """What was found out about the way one file is written."""

    platform: Platform
    order: DateOrder
    order_evidence: OrderEvidence
    is_12_hour: bool
    has_seconds: bool
    encoding: str
    example: str  # the first stamp, as it stands in the file


class ChatMessage(NamedTuple):
    """One message of an export.

    `at` is the instant (seconds since 1970, UTC); `local` the same clock reading without its zone, counted the same
    way, so that `local // 60` is the minute people see whatever zone the import assumed. `kind` is "text", "system",
    "media" (a file was left out and its kind is not told), "deleted", "call", "poll", or a kind of `domain.message`.
    `text` is what was typed: the caption, not the placeholder. A named tuple: a million are made in seconds.
    """

    line: int
    at: int
    local: int
    author: str | None
    text: str
    kind: str
    file_name: str | None
    is_edited: bool
    ordinal: int

    @property
    def is_system(self) -> bool:
        """True for what WhatsApp wrote and nobody typed."""
        return self.kind == "system"

    @property
    def key(self) -> tuple[int, str | None, str, str | None, int]:
        """What tells this message from all others of the chat: the same in every later export of it."""
        return (self.local // 60, self.author, self.text or self.kind, self.file_name, self.ordinal)
