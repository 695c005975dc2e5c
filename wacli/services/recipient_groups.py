"""What all numbers with the same beginning and the same length mean, if that is certain.

`parse_phone` is asked once for such a group, with made-up last digits. Its answer holds for the whole group unless
the later digits could change it, which the dialling plans allow in a few places: trunk codes that are stripped
(Italy none, Russia 8, Argentina's 15 inside a number), the country's own prefix for calls abroad (011, 810), calling
codes that several markets share (+1, +7). Those groups are left to be read number by number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import compress
from itertools import count as count_up
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from wacli.domain.identity import parse_phone
from wacli.domain.market import Markets
from wacli.domain.problem import Invalid

INTERNATIONAL = b"Z"  # stands for a leading 00
HEAD = 5  # a mark and four digits, which hold the longest prefix, or five digits
PUNCTUATION = b" -()./\r"
_ODD = b"!"
# Every byte that no plain number has becomes _ODD, all others stay.
_MARKED = bytes(byte if byte in b"0123456789+\n" + PUNCTUATION else _ODD[0] for byte in range(256))
_FEW_GROUPS = 6
_FILL = "2345678923456789"
_MIN_LENGTH, _MAX_LENGTH = 7, 20
_SHARED = ("1", "7")

Group: TypeAlias = tuple[bytes, int]
"""Numbers with the same first characters and the same length, once punctuation is gone."""

head_of = itemgetter(slice(0, HEAD))


class _Plan(NamedTuple):
    """A calling code's dialling plan, as far as it can change how a number is read."""

    code: str
    trunk: str  # a pattern, often plain digits
    dialled_out: str  # a pattern
    longest: int  # digits of a national number


def prefix_of_group(head: bytes, length: int, country: str | None, markets: Markets) -> str | None:
    """The calling-code prefix (`""`: unlisted) of every number that begins so and has so many characters.

    `head` is at least four digits, or a plus or `INTERNATIONAL` and four digits. None: not certain, or no number.
    """
    mark, known = head[:1], head.lstrip(b"+" + INTERNATIONAL)
    if not _MIN_LENGTH <= length <= _MAX_LENGTH or not known.isdigit() or head.startswith(b"00"):
        return None
    number = known.decode() + _FILL[: length - len(head)]
    text = {b"+": "+", INTERNATIONAL: "00"}.get(mark, "") + number
    try:
        digits = parse_phone(text, country)
    except Invalid:
        return None
    is_international = country is None or mark in (b"+", INTERNATIONAL)
    if mark == b"+" and not number.startswith("54"):
        certain = True  # parse_phone takes these as they are
    elif is_international:
        certain = digits == number and not _may_strip(number)
    else:
        certain = _is_certain(number, digits, country or "")
    return (markets.prefix_of(digits) or "") if certain else None


def _may_strip(number: str) -> bool:
    """True when the national part begins like a trunk code that might be stripped."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    code = next((number[:size] for size in (1, 2, 3) if int(number[:size]) in COUNTRY_CODE_TO_REGION_CODE), None)
    if code is None:
        return True
    plan = _plan_of(COUNTRY_CODE_TO_REGION_CODE[int(code)][0])
    first = number[len(code)]
    if plan is None or first == "0":
        return True
    return first in (plan.trunk[:1] if plan.trunk.isdigit() else "8" * bool(plan.trunk))


def _is_certain(number: str, digits: str, country: str) -> bool:
    plan = _plan_of(country)
    if plan is None:
        return False
    is_simple = not plan.trunk or plan.trunk.isdigit()
    if not digits.startswith(plan.code):
        return is_simple and number[0] not in plan.dialled_out and digits == number and not _may_strip(number)
    if plan.code in _SHARED:
        return len(digits) == 11 and digits in (number, plan.code + number, plan.code + number[1:])
    if is_simple:
        return True
    # Too long for one of the country's own numbers: it must carry the calling code.
    is_long = number.startswith(plan.code) and len(number) > plan.longest
    return is_long and digits == number and not _may_strip(number)


@lru_cache(maxsize=64)
def _plan_of(region: str) -> _Plan | None:
    from phonenumbers import PhoneMetadata, country_code_for_region

    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None:
        return None
    return _Plan(
        str(country_code_for_region(region)),
        metadata.national_prefix_for_parsing or "",
        metadata.international_prefix or "",
        max(metadata.general_desc.possible_length),
    )


def odd_places(cells: bytes) -> list[int]:
    """The places of cells that hold more than a number in digits and plain punctuation; to be read one by one.

    Every search here runs at the speed of memchr; a regular expression over all characters took longer than all else.
    """
    marked = cells.translate(_MARKED)
    if cells.count(b"+") != cells.count(b"\n+"):
        # A plus inside a number: take the leading ones away, keeping every length, and look for the others.
        marked = marked.replace(b"\n+", b"\n0").replace(b"+", _ODD)
    positions = [*_finds(_ODD, marked), *(_finds(b"(0", marked) if b"(" in marked else ())]
    return _lines_at(sorted(positions), cells)


def _finds(wanted: bytes, text: bytes) -> Iterator[int]:
    position = text.find(wanted)
    while position >= 0:
        yield position
        position = text.find(wanted, position + 1)


def places_of(groups: Collection[Group], bare: bytes, items: list[bytes]) -> Iterable[int]:
    """The places of all numbers of these groups. A few groups are searched for, many are looked up row by row."""
    if len(groups) > _FEW_GROUPS:
        wanted = set(groups)
        return compress(count_up(), map(wanted.__contains__, zip(map(head_of, items), map(len, items), strict=True)))
    places: list[int] = []
    text = bare + b"\n"
    for head, length in groups:
        if length == len(head):
            found = list(_finds(b"\n" + head + b"\n", text))
        else:
            pattern = b"\n" + re.escape(head) + b"[^\n]{%d}(?=\n)" % (length - len(head))
            found = [match.start() for match in re.finditer(pattern, text)]
        places += _lines_at([position + 1 for position in found], text)
    return places


def _lines_at(positions: list[int], text: bytes) -> list[int]:
    """The line of each position, counted from 0 after the first line end; each line once."""
    places: list[int] = []
    place, start = -1, 0
    for position in positions:
        place += text.count(b"\n", start, position)
        start = position
        if not places or places[-1] != place:
            places.append(place)
    return places
