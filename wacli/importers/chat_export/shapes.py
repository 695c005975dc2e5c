"""How the stamps of one file are written, and the one regular expression that finds them all.

Facts: cloud-api.md section 13, and CLDR: WhatsApp writes a stamp with the phone's own short date and time, so any
locale's separators, glue words (`klo`, `à`), half-day words and time-first orders occur. A loose pattern reads the
stamp of one line; its literal parts then make a strict pattern for the whole file. The strict one begins with a
line feed, so that whole blocks are cut by `split` in C: a tenth of the time of matching line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ...domain.chat_export import Platform
from .dates import triple_of
from .day_periods import AFTERNOON, FORENOON, MIDDAY, NIGHT, folded

# Marks of direction carry nothing here but U+200E: WhatsApp puts it before what it wrote itself.
LEFT_TO_RIGHT = "\u200e"
_DROPPED = "\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_SPACES = "\u00a0\u202f"
_LEADS = {mark.encode()[:1] for mark in _DROPPED + _SPACES}  # the bytes with which all of them begin

_YEAR_ERA = r"(?:(?:[RH]|令和|平成|民國|民国|Minguo) ?)?"
_DATE = (
    r"(?P<date>"
    + _YEAR_ERA
    + r"\d{1,4}(?P<separator> ?[./\-] ?|[年년] ?)\d{1,2}(?: ?[./\-] ?|[月월] ?| )(?:[RH] ?)?\d{1,4}"
    r"(?:\.(?= |,|$)|[日일])?(?: (?:BE|AP|AH|AD|CE|ERA\d|г\.?|พ\.ศ\.|هـ))?)"
)
_CLOCK = r"\d{1,2}(?: ?[:.٫] ?| ?h ?)\d{1,2}(?:(?: ?[:.] ?| min )\d{1,2}(?: s\b)?)?"
_WORD = r" ?[^\W\d_][^\d\n\]\[]{0,20}?"
_GLUE = r"(?P<glue>[^\d\n\[\]]{1,24}?|T)"
_STRONG = r"(?P<close>\)?(?:\](?: ?[-–—] | )?| [-–—](?: |$)))"
_WEAK = r"(?P<close>: |, | )"
_AFTER = rf"(?P<after>{_WORD})"
_TIME = rf"(?P<clock>{_CLOCK})"
_REST = r"(?P<rest>.*)"
_DATE_FIRST = re.compile(rf"(?P<open>\[ ?)?{_DATE}{_GLUE}{_TIME}{_AFTER}??{_STRONG}{_REST}")
_TIME_FIRST = re.compile(rf"(?P<open>\[ ?)?{_TIME}{_AFTER}??(?P<glue>[,،]? ){_DATE}{_STRONG}{_REST}")
_WEAK_12_HOUR = re.compile(rf"(?P<open>\[)?{_DATE}{_GLUE}{_TIME}{_AFTER}{_WEAK}{_REST}")
_WEAK_24_HOUR = re.compile(rf"(?P<open>\[)?{_DATE}{_GLUE}{_TIME}(?P<after>(?!))?{_WEAK}{_REST}")
_BEGINS_LIKE_ONE = r"[\u200e ]*\[? ?(?:[^\W\d_]{1,6} ?)?\d"
_MAYBE_STAMP = re.compile(_BEGINS_LIKE_ONE)
_MAYBE_STAMP_BELOW = re.compile("\n" + _BEGINS_LIKE_ONE)
_AUTHOR = r"(?:([^\n:]++(?::(?![ \n]|\Z)[^\n:]*+)*+):(?: |(?=\n)|\Z))?"
_AUTHOR_AHEAD = re.compile(r"[^\n:]{1,100}:(?: |$)")
_MARK = LEFT_TO_RIGHT + "{0,4}"  # bounded: two unbounded ones side by side take quadratic time
_NUMBERS = re.compile(r"\d+")
_LOOK, _TELLING = re.compile(r"\d"), 6  # a digit; how many characters of a stamp are no accident
_UNIT_LENGTH = 7  # what may follow the time and is no half of the day: Uhr, ч., hodź.


class Shape(NamedTuple):
    """One way to write a stamp. `pattern` splits text into: stamp, date, clock, author or None, text."""

    pattern: re.Pattern[str]
    is_time_first: bool
    platform: Platform
    is_12_hour: bool
    has_seconds: bool
    separator: str  # between the numbers of the date


class Stamp(NamedTuple):
    """The stamp of one line: its shape and its two parts, as written."""

    shape: Shape
    date: str
    clock: str
    text: str  # the whole stamp, closing included


def plain(text: str) -> str:
    """`text` without hidden marks and with common spaces; U+200E (a signal) and U+200D (emoji) stay."""
    if text.isascii():
        return text
    written = text.encode("utf-8", "surrogatepass")
    if not any(lead in written for lead in _LEADS):  # letters and emoji only: three looks instead of thirteen
        return text
    for mark in _DROPPED:
        if mark in text:
            text = text.replace(mark, "")
    for space in _SPACES:
        if space in text:
            text = text.replace(space, " ")
    return text


def is_day_period(word: str) -> bool:
    """True for the words that say which half of the day it is."""
    key = folded(word)
    return key in FORENOON or key in AFTERNOON or key in NIGHT or key in MIDDAY


def stamp_of(line: str) -> Stamp | None:
    """The stamp that `line` (already `plain`) begins with, in any form; None when it begins with none."""
    if not _MAYBE_STAMP.match(line):
        return None
    bare = line[:200].partition("\n")[0].lstrip(LEFT_TO_RIGHT + " ").replace(LEFT_TO_RIGHT, "")
    for pattern in (_DATE_FIRST, _TIME_FIRST, _WEAK_12_HOUR, _WEAK_24_HOUR):
        match = pattern.match(bare)
        if match is not None and _holds(match):
            stamp = _stamp(match, bare)
            if triple_of(stamp.date) is not None and seconds_of_day(stamp.clock) is not None:
                return stamp
    return None


def holds_figures_first(text: str) -> bool:
    """False when no line but the first can begin with a stamp, of any form: a look that is cheap beside `stamp_of`."""
    return _MAYBE_STAMP_BELOW.search(text) is not None


def _holds(match: re.Match[str]) -> bool:
    close, after = match["close"], match["after"] or ""
    if match.re is _WEAK_12_HOUR or match.re is _WEAK_24_HOUR:
        # Too little to tell a stamp from a sentence: somebody must be speaking.
        speaks = match["open"] is None and _AUTHOR_AHEAD.match(match["rest"]) is not None
        return speaks and (match.re is _WEAK_24_HOUR or is_day_period(after))
    if (match["open"] is not None) != ("]" in close):
        return False
    return len(after) <= _UNIT_LENGTH or is_day_period(after)


def _stamp(match: re.Match[str], line: str) -> Stamp:
    glue, after, before = match["glue"], match["after"] or "", ""
    if match.re is not _TIME_FIRST:
        head, word, tail = _trailing_word(glue)
        if word and is_day_period(word):
            glue, before = head, word + tail
    has_word_after = is_day_period(after)
    shape = _shape(
        match["open"] or "",
        _generalised(match["date"]),
        glue,
        _clock_pattern(match["clock"], bool(before), after),
        match["close"],
        match.re is _TIME_FIRST,
        bool(before) or has_word_after,
        len(_NUMBERS.findall(match["clock"])) == 3,
        match["separator"].strip() or " ",
    )
    clock = before + match["clock"] + (after if has_word_after else "")
    return Stamp(shape, match["date"], clock, line[: match.end("close")])


def _trailing_word(glue: str) -> tuple[str, str, str]:
    stripped = glue.rstrip(" ")
    split = re.search(r"[^\W\d_][^\s,،]*(?: [^\W\d_][^\s,،]*)*$", stripped)
    if split is None:
        return glue, "", ""
    return stripped[: split.start()], split.group(), glue[len(stripped) :]


def _generalised(text: str) -> str:
    """A pattern for everything written like `text`: figures may vary, the signs between them may not."""
    parts, position = [], 0
    for number in _NUMBERS.finditer(text):
        length = len(number.group())
        parts += [_literal(text[position : number.start()]), rf"\d{{{length}}}" if length >= 3 else r"\d{1,2}"]
        position = number.end()
    return "".join(parts) + _literal(text[position:])


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ")


def _clock_pattern(clock: str, has_word_before: bool, after: str) -> str:
    pattern = _generalised(clock)
    if has_word_before:
        pattern = r"(?:[^\W\d_][^\d\n]{0,20}?)" + pattern
    if after:
        pattern += _WORD if is_day_period(after) else _literal(after)
    return pattern


@lru_cache(maxsize=64)
def _shape(
    opening: str,
    date: str,
    glue: str,
    clock: str,
    close: str,
    is_time_first: bool,
    is_12_hour: bool,
    has_seconds: bool,
    separator: str,
) -> Shape:
    if close.strip().endswith("]"):
        end = _literal(close.strip()) + " ?"
    elif close.strip() in ("", ":", ","):
        end = _literal(close)
    else:  # a dash ends with a space, or with the line when there is nothing to say
        end = _literal(close.rstrip()) + r"(?: |(?=\n)|\Z)"
    glue_pattern = _MARK + _literal(glue) + _MARK
    first, second = (f"({clock})", f"({date})") if is_time_first else (f"({date})", f"({clock})")
    pattern = rf"\n({_MARK}{_literal(opening)}{_MARK}{first}{glue_pattern}{second}{_MARK}{end}){_AUTHOR}"
    dashed = Platform.ANDROID if close.strip()[-1:] in ("-", "–", "—") else Platform.UNKNOWN
    platform = Platform.IOS if opening else dashed
    return Shape(re.compile(pattern), is_time_first, platform, is_12_hour, has_seconds, separator)


def is_beginning_of_one(line: str, stamps: Iterable[str]) -> bool:
    """True for the first half of a stamp like one of `stamps`, figures aside: `13/11/26 10.0`. A few figures alone may
    be anything that people write."""
    looks = _LOOK.sub("0", line.replace(LEFT_TO_RIGHT, ""))
    if len(looks) < _TELLING:
        return False
    return any(_LOOK.sub("0", stamp.replace(LEFT_TO_RIGHT, "")).startswith(looks) for stamp in set(stamps))


def commonest_shape(lines: Iterable[str]) -> tuple[Shape, Stamp, int] | None:
    """The shape most lines have, with its first stamp and that stamp's line number (from 1); None without stamps."""
    counts: Counter[Shape] = Counter()
    firsts: dict[Shape, tuple[Stamp, int]] = {}
    for number, line in enumerate(lines, 1):
        stamp = stamp_of(line)
        if stamp is not None:
            counts[stamp.shape] += 1
            firsts.setdefault(stamp.shape, (stamp, number))
    if not counts:
        return None
    shape = max(counts, key=lambda each: (counts[each], -firsts[each][1]))
    return shape, *firsts[shape]


def seconds_of_day(clock: str) -> int | None:
    """Seconds since midnight of a clock reading with or without its half-day word; None when it is no time."""
    numbers = _NUMBERS.findall(clock)
    if not 2 <= len(numbers) <= 3:
        return None
    hour, minute = int(numbers[0]), int(numbers[1])
    second = int(numbers[2]) if len(numbers) == 3 else 0
    word = folded(_NUMBERS.sub(" ", clock).replace(":", " ").replace("٫", " "))
    if word and 0 < hour <= 12:
        hour = _hour_of_24(hour, word)
    if hour > 23 or minute > 59 or second > 59:
        return 86399 if (hour, minute, second) == (23, 59, 60) else None
    return hour * 3600 + minute * 60 + second


def _hour_of_24(hour: int, word: str) -> int:
    if word in FORENOON:
        return hour % 12
    if word in AFTERNOON:
        return hour % 12 + 12
    if word in NIGHT:
        return hour % 12 + (12 if 6 <= hour < 12 else 0)
    if word in MIDDAY:
        return hour if hour >= 10 else hour + 12
    return hour
