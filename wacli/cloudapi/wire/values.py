"""One JSON value at a time: what it says, or None when it says nothing usable. Nothing here raises.

Meta's fields change type between versions (identifiers and instants come as strings and as numbers), samples carry
placeholders such as `<BSUID>`, and hostile input carries anything at all. Strings that cannot be written as UTF-8
(half of an emoji, cut off before its escape was complete) have that half replaced: they could not be stored.
"""

from __future__ import annotations

import hashlib
import json
import re

from wacli.domain.event import Number, Unrecognised
from wacli.domain.identity import is_bsuid, wa_id_of

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_LAST_SECOND = 253_402_300_799  # the end of year 9999, the last that a datetime can hold
_LARGEST = 2**63 - 1  # what an SQLite integer holds
_PHONE_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015]+")

_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_write_sorted = json.JSONEncoder(check_circular=False, separators=(",", ":"), sort_keys=True).encode


def text_of(value: object) -> str | None:
    """A string with something in it, as it was given."""
    if type(value) is not str or not value:
        return None
    return value if value.isascii() else _LONE_SURROGATE.sub(_REPLACEMENT, value)


def word_of(value: object) -> str | None:
    """An identifier or a code word: a string or a whole number; placeholders (`<WABA_ID>`) are None."""
    if type(value) is str:
        return None if value[:1] == "<" else text_of(value)
    return str(value) if type(value) is int and abs(value) <= _LARGEST else None


def whole_of(value: object) -> int | None:
    """A whole number that a 64-bit integer holds, also when it was written as a string."""
    if type(value) is str and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int and abs(value) <= _LARGEST else None


def instant_of(value: object) -> int | None:
    """Seconds since 1970; milliseconds are recognised by their size (as seconds they lie past year 9999)."""
    number = int(value) if type(value) is float and abs(value) < _LARGEST else whole_of(value)
    if number is None or number < 0:
        return None
    if number <= _LAST_SECOND:
        return number
    return number // 1000 if number // 1000 <= _LAST_SECOND else None


def flag_of(value: object) -> bool | None:
    """True or False, when it is one."""
    return value if type(value) is bool else None


def bsuid_of(value: object) -> str | None:
    """A business-scoped user ID, parent or not."""
    return value if type(value) is str and is_bsuid(value) else None


def written_phone_of(value: object) -> str | None:
    """The digits of a phone number field as a phone's address book writes it, with its plus and spaces.

    Only punctuation is taken out: whatever holds a letter is no phone number.
    """
    return wa_id_of(_PHONE_PUNCTUATION.sub("", value)) if type(value) is str else None


def members_of(value: object) -> dict[str, object]:
    """The object, or an empty one."""
    return value if type(value) is dict else {}


def first_of(value: object) -> dict[str, object]:
    """The first object of a list, or an empty one."""
    return members_of(value[0]) if type(value) is list and value else {}


def raw_of(value: object) -> str:
    """The compact JSON text of a value, or nothing when it is nested too deeply to be written."""
    try:
        written = _write(value)
    except RecursionError:
        return ""
    return written if written.isascii() else _LONE_SURROGATE.sub(_REPLACEMENT, written)


def made_up_key(element: object, *surroundings: str | None) -> str:
    """A key for an element that has no id of its own: the same element in the same place gives the same key."""
    try:
        written = _write_sorted([element, surroundings])
    except RecursionError:
        written = repr(surroundings)
    return "sha256:" + hashlib.sha256(written.encode()).hexdigest()


def unread(number: Number, field: str, why: str, value: object) -> Unrecognised:
    """What could not be read, kept as it came."""
    return Unrecognised(number, text_of(field) or "", text_of(why) or "", raw_of(value))
