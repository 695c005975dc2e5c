"""Who a person is to WhatsApp: a phone number, a business-scoped user ID (BSUID), a username; any may be missing.

Rules and sources (facts: cloud-api.md sections 0, 2, 9; pricing.md section 11):

- A BSUID is two capital letters, a dot, then up to 128 letters and digits (`US.1349...`); a parent BSUID has `ENT.`
  after the country. It must never be read as a phone number by stripping its letters.
- Meta's `wa_id` may differ from the number that was dialled: Brazil's ninth digit, Mexico's 1 after 52, Argentina's
  9 after 54. `match_key` folds those forms together for *comparing*; what was given is kept as it was given.
- Usernames are labels: they change hands, so they find a person but never identify one across time.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from .problem import Invalid
from .text import t

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_PARENT_BSUID = re.compile(r"[A-Z]{2}\.ENT\.[A-Za-z0-9]{1,128}")
_ERASED = "erased"  # what an invented one has after its country
_INVENTED = re.compile(rf"[A-Z]{{2}}\.{_ERASED}\d{{19}}")
INVENTED_GLOB = f"[A-Z][A-Z].{_ERASED}{'[0-9]' * 19}"  # the same for SQLite
_USERNAME = re.compile(r"@?(?=[a-z0-9._]*[a-z])[a-z0-9_][a-z0-9._]{1,33}[a-z0-9_]")
_PHONE_SHAPE = re.compile(r"\+?[\d\s().\-/\u00a0\u2010-\u2015]{5,40}")
_NOT_DIGIT = re.compile(r"\D+")
_MIN_DIGITS, _MAX_DIGITS = 7, 15  # E.164 allows 15; shorter than 7 is a short code, which WhatsApp has not


class IdentifierKind(StrEnum):
    """What a typed WHO looks like."""

    PHONE = "phone"
    BSUID = "bsuid"
    USERNAME = "username"
    NAME = "name"


class Party(NamedTuple):
    """One person as one payload shows them. Every field may be missing; `phone` is digits only, as Meta writes it.

    A named tuple and not a dataclass: one is made for each webhook message, and this is three times cheaper.
    """

    phone: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None
    username: str | None = None
    name: str | None = None

    @property
    def is_nobody(self) -> bool:
        """True when nothing in the payload tells who it was."""
        return self.phone is None and self.bsuid is None


def is_bsuid(text: str) -> bool:
    """True for a business-scoped user ID, parent or not."""
    return _BSUID.fullmatch(text) is not None


def is_parent_bsuid(text: str) -> bool:
    """True for the parent BSUID that linked portfolios share."""
    return _PARENT_BSUID.fullmatch(text) is not None


def invented_bsuid(country: str, number: int) -> str:
    """The user ID of nobody, which takes the place of a person who was erased. `number` has 19 digits.

    Meta's pattern allows letters, its own IDs are digits (facts: cloud-api.md section 9): this is nobody's.
    """
    return f"{country}.{_ERASED}{number}"


def is_invented(bsuid: str | None) -> bool:
    """True for a user ID that stands for an erased person: nothing may be sent to it."""
    return bsuid is not None and _INVENTED.fullmatch(bsuid) is not None


def bsuid_country(bsuid: str) -> str:
    """The ISO 3166 country that a BSUID starts with; it decides the market when there is no number."""
    return bsuid[:2]


def wa_id_of(text: object) -> str | None:
    """The digits of a `wa_id`, `from` or `recipient_id` field, or None when it holds no phone number.

    Placeholders, empty strings and BSUIDs put in the wrong field give None: letters are never stripped.
    """
    if type(text) is not str:
        return None
    digits = text[1:] if text[:1] == "+" else text
    if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS:
        return digits
    return None


def match_key(digits: str) -> str:
    """One key for the forms under which one number is met; for comparing only.

    Brazil: mobile numbers (first local digit 6-9) with and without the ninth digit; landlines are left alone.
    Mexico: 52 1 + ten digits is 52 + ten digits. Argentina: 54 9 + ten digits is 54 + ten digits.
    """
    country = digits[:2]
    if country == "55":
        if len(digits) == 13 and digits[4] == "9" and digits[5] in "6789":
            return digits[:4] + digits[5:]
    elif (country == "52" and len(digits) == 13 and digits[2] == "1") or (
        country == "54" and len(digits) == 13 and digits[2] == "9"
    ):
        return digits[:2] + digits[3:]
    return digits


def identifier_kind(text: str) -> IdentifierKind:
    """What a person typed for WHO, by its shape alone; whether it exists is another question."""
    if is_bsuid(text):
        return IdentifierKind.BSUID
    if text.startswith("@"):
        return IdentifierKind.USERNAME
    if _PHONE_SHAPE.fullmatch(text) and len(_NOT_DIGIT.sub("", text)) >= _MIN_DIGITS:
        return IdentifierKind.PHONE
    return IdentifierKind.NAME


def is_username(text: str) -> bool:
    """True for a WhatsApp username (3-35 of a-z 0-9 . _ with a letter, no period at an end), with or without @."""
    return _USERNAME.fullmatch(text) is not None and ".." not in text


# Country codes of two digits (ITU-T E.164, list of assigned codes); 1 and 7 stand alone, all others have three.
_TWO_DIGIT_CODES = frozenset(
    map(str, (20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67), 81, 82, 84, 86))
) | frozenset(map(str, (*range(90, 96), 98)))


def parse_phone(text: str, country: str | None = None) -> str:
    """The digits (country code first, no plus) of a phone number in any usual form.

    `country` is the ISO 3166 code that local forms such as `0812...` belong to. Raises `Invalid` (code
    `bad-phone`) for a BSUID, for letters, for a local form without a country, and for impossible lengths.
    """
    stripped = _with_plain_digits(text.strip())
    if is_bsuid(stripped) or not _PHONE_SHAPE.fullmatch(stripped):
        raise Invalid(
            "bad-phone",
            t("{text} is not a phone number", text=text),
            t("Write it with its country code, for example +62 812 3456 7890"),
        )
    digits = _NOT_DIGIT.sub("", stripped)
    is_plain = stripped.startswith("+") and not digits.startswith(("54", "0")) and "(0)" not in stripped
    if is_plain and not has_zero_after_code(digits) and len(digits) >= _MIN_DIGITS:
        if len(digits) > _MAX_DIGITS:
            raise _impossible(text)
        return digits
    return _parse_with_metadata(stripped, text, country)


def has_zero_after_code(digits: str) -> bool:
    """True when a zero follows the country code: `+62 0812...`, as people write it. Whether it belongs there (Italy)
    or not is for the metadata to say."""
    if digits[:1] in ("1", "7"):
        return digits[1:2] == "0"
    return (digits[2:3] if digits[:2] in _TWO_DIGIT_CODES else digits[3:4]) == "0"


def _with_plain_digits(text: str) -> str:
    """Digits of other scripts (Arabic, full-width) as 0-9; everything else as it is."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


def _parse_with_metadata(stripped: str, text: str, country: str | None) -> str:
    import phonenumbers  # 28 ms of metadata: only for forms that need the country's own dialling rules

    digits = _NOT_DIGIT.sub("", stripped)
    international = stripped.startswith(("+", "00")) or country is None
    if country is None and stripped.startswith("0") and not stripped.startswith("00"):
        raise Invalid(
            "no-country",
            t("{text} is a local number and the profile has no country", text=text),
            t("Write it with its country code, or set one: wacli config set country ID"),
        )
    dialled = "+" + digits.removeprefix("00") if international else stripped
    try:
        number = phonenumbers.parse(dialled, country)
        if not international and not phonenumbers.is_possible_number(number):
            number = phonenumbers.parse("+" + digits, country)
    except phonenumbers.NumberParseException:
        raise _impossible(text) from None
    if not phonenumbers.is_possible_number(number):
        raise _impossible(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def _impossible(text: str) -> Invalid:
    return Invalid(
        "bad-phone",
        t("{text} cannot be a phone number: its length fits no country", text=text),
        t("Write it with its country code, for example +62 812 3456 7890"),
    )


def display_phone(digits: str) -> str:
    """The number as people dial it: a plus, then the digits. Spacing by country is left to the phone."""
    return "+" + digits
