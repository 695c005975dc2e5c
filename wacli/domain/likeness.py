"""When two contacts are likely one person, and how sure that is. Nothing here merges anybody.

What WhatsApp itself shows as one person (a shared number in any of its forms, BSUID or parent BSUID, a change of
number) is one contact already: see `wacli.store.parties`. What is left is what only people get wrong: a trunk zero
kept after the country code (`+62 0812...`, by an earlier wacli), a country code left out (`+812...` for
`+62 812...`), Argentina's `15`, a parent BSUID typed as a BSUID, the same name twice.

Rules and sources: facts cloud-api.md sections 0.2 and 9 (identifiers, number variants), pricing.md section 11
(usernames change hands: one of long ago proves little). A name says something only while few have it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from .identity import match_key

FEW = 5  # a name that more people of one country have says nothing
_SHORTEST_WITHOUT_CODE = 8  # digits of a number without its country code
_LONGEST_CODE = 3
_ARGENTINA, _WITH_FIFTEEN = "54", 14
_NOT_IN_NAMES = re.compile(r"[^\w\s]+|_+")
_TITLES = frozenset(
    ("abang", "bang", "bapak", "bp", "bpk", "bu", "bunda", "dr", "drs", "h", "hj", "ibu", "ir", "kak", "kakak", "mas",
     "mbak", "miss", "mr", "mrs", "ms", "om", "pak", "prof", "sdr", "sdri", "tante")
)  # fmt: skip


class Sign(StrEnum):
    """What two contacts have in common."""

    NUMBER = "number"  # one number in two forms, of which one cannot be dialled
    SIMILAR_NUMBER = "similar-number"  # the same, but both can be
    BSUID = "bsuid"
    USERNAME = "username"
    FORMER_USERNAME = "former-username"
    CARD = "card"  # the same name and the same note: one card of an address book twice
    NAME = "name"  # the same name, in one country


class Strength(StrEnum):
    """How much that says, from most to least."""

    STRONG = "strong"
    LIKELY = "likely"
    POSSIBLE = "possible"


STRENGTHS = tuple(Strength)
_STRENGTH_OF = {
    Sign.NUMBER: Strength.STRONG,
    Sign.BSUID: Strength.STRONG,
    Sign.USERNAME: Strength.LIKELY,
    Sign.CARD: Strength.LIKELY,
    Sign.SIMILAR_NUMBER: Strength.POSSIBLE,
    Sign.FORMER_USERNAME: Strength.POSSIBLE,
    Sign.NAME: Strength.POSSIBLE,
}


class Evidence(NamedTuple):
    """One thing that two contacts have in common; `value` is what (a number, a name), as it is compared."""

    sign: Sign
    value: str


def strength_of(evidence: Evidence) -> Strength:
    """How much one piece says by itself."""
    return _STRENGTH_OF[evidence.sign]


def strongest(evidence: tuple[Evidence, ...]) -> Strength:
    """How much all of it says: two pieces that are likely by themselves do not make a proof."""
    return min((strength_of(one) for one in evidence), key=STRENGTHS.index)


def number_forms(digits: str, calling_code: str | None) -> Iterator[str]:
    """What a number can be meant for, its own key first: without a trunk zero after the country code, with the
    country code of the shop put before it, without Argentina's 15. `digits` as kept, with or without a country code.
    """
    yield match_key(digits)
    bare = digits.lstrip("0")
    for length in range(1, _LONGEST_CODE + 1):
        if digits[length : length + 1] == "0" and not digits.startswith("0"):
            yield match_key(digits[:length] + digits[length:].lstrip("0"))
    if calling_code and len(bare) >= _SHORTEST_WITHOUT_CODE and not bare.startswith(calling_code):
        yield match_key(calling_code + bare)
    elif bare != digits:
        yield match_key(bare)
    if digits.startswith(_ARGENTINA) and len(digits) == _WITH_FIFTEEN:
        national = digits[len(_ARGENTINA) :].removeprefix("9")
        for area in (2, 3, 4):
            if national[area : area + 2] == "15":
                yield match_key(_ARGENTINA + national[:area] + national[area + 2 :])


def sign_of_numbers(one: str, other: str) -> Sign:
    """What it means that two numbers have a form in common: a slip of the pen, if they are dialled as one, or if one of
    them cannot be dialled."""
    import phonenumbers  # 28 ms of metadata: only where two numbers look alike

    try:
        numbers = [phonenumbers.parse("+" + digits) for digits in (one, other)]
    except phonenumbers.NumberParseException:
        return Sign.NUMBER
    if numbers[0] == numbers[1] or not all(map(phonenumbers.is_valid_number, numbers)):
        return Sign.NUMBER
    return Sign.SIMILAR_NUMBER


def name_key(name: str | None) -> str | None:
    """A name for comparing: without case, signs, accents' spelling and a title before it. None: it says nothing."""
    if not name:
        return None
    plain = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFKC", name).casefold()).split()
    while len(plain) > 1 and plain[0] in _TITLES:
        plain = plain[1:]
    key = " ".join(plain)
    return key if sum(char.isalpha() for char in key) > 1 else None
