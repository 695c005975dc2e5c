"""Instants and durations as people write them: `2026-10-01T08:00+07:00`, `yesterday 9am`, `2h`, `3d`.

What has no zone is in the reader's. RFC 3339 is read by the standard library; only what a person types in words
goes to dateutil.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from wacli.domain.problem import Invalid
from wacli.domain.text import t

_UNIT = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"(?:\d{1,6}(?:\.\d{1,3})?[smhdw])+")
_DURATION_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([smhdw])")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_FIGURES = re.compile(r"[\d\s./-]*")
_DAY_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1, "hari ini": 0, "kemarin": -1, "besok": 1}


def parse_duration(text: str) -> timedelta:
    """`90m`, `2h`, `1h30m`, `3d`, `2w`. Raises `Invalid` (code `bad-duration`) for anything else and for zero."""
    compact = text.strip().lower().replace(" ", "")
    if not _DURATION.fullmatch(compact):
        raise Invalid("bad-duration", t("{text} is not a length of time", text=text), t("Write it like 2h, 90m or 3d"))
    span = sum(
        (_UNIT[unit] * float(amount) for amount, unit in _DURATION_PART.findall(compact)),
        start=timedelta(0),
    )
    if not span:
        raise Invalid("bad-duration", t("{text} is no time at all", text=text), t("Write it like 2h, 90m or 3d"))
    return span


def parse_instant(text: str, now: datetime, zone: tzinfo) -> datetime:
    """An aware instant in UTC. `now` and `zone` give words such as `yesterday` and bare times their meaning.

    Raises `Invalid` (code `bad-instant`).
    """
    wanted = text.strip().lower()
    if wanted == "now":
        return now
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        pass
    else:
        return _aware(read, zone)
    ago = re.fullmatch(r"(?:(?P<past>.+?) (?:ago|yang lalu)|(?:in |dalam )(?P<future>.+))", wanted)
    if ago:
        return now - parse_duration(ago["past"]) if ago["past"] else now + parse_duration(ago["future"])
    if wanted[:1] in "+-" and _DURATION.fullmatch(wanted[1:]):
        span = parse_duration(wanted[1:])
        return now + span if wanted[0] == "+" else now - span
    return _in_words(text, wanted, now.astimezone(zone), zone)


def parse_since(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Where a span of the past begins: so long ago (`30d`), or an instant. Raises `Invalid` as `parse_instant` does."""
    try:
        return now - parse_duration(text)
    except Invalid:
        return parse_instant(text, now, zone)


def parse_day(text: str, now: datetime, zone: tzinfo) -> date:
    """A calendar day in `zone`: `2026-10-01`, `yesterday`, `22 Nov`, or the day of an instant.

    Raises `Invalid` (code `bad-date`). Figures alone are read year first: 10/01/2026 is January to some of us and
    October to others.
    """
    parts = _YEAR_FIRST.fullmatch(text.strip())
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
        if not _FIGURES.fullmatch(text):
            return parse_instant(text, now, zone).astimezone(zone).date()
    except (ValueError, OverflowError, Invalid):
        pass
    raise Invalid("bad-date", t("{text} is not a date", text=text), t("Write it as 2026-10-01"))


def _in_words(text: str, wanted: str, local_now: datetime, zone: tzinfo) -> datetime:
    from dateutil import parser  # 36 us a call and 30 ms of import: only for what a person typed in words

    midnight = local_now.replace(hour=0, minute=0, second=0, microsecond=0)
    for word, days in _DAY_WORDS.items():
        if wanted == word or wanted.startswith(word + " "):
            midnight += timedelta(days=days)
            wanted = wanted[len(word) :].strip()
            if not wanted:
                return midnight.astimezone(UTC)
            break
    try:
        read = parser.parse(wanted, default=midnight.replace(tzinfo=None))
    except (ValueError, OverflowError):
        raise Invalid(
            "bad-instant",
            t("{text} is not a day or time", text=text),
            t("Write it like 2026-10-01T08:00+07:00 or “yesterday 9am”"),
        ) from None
    return _aware(read, zone)


def _aware(read: datetime, zone: tzinfo) -> datetime:
    return (read if read.tzinfo is not None else read.replace(tzinfo=zone)).astimezone(UTC)
