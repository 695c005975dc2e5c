"""Which country a number belongs to; above all which +1 country: the United States and two dozen others share the code.

Rule and source: facts pricing.md sections 2 and 9: since 2025-04-01 no marketing template is delivered to a +1 number
*with a US area code*. Canada is not the United States, nor are Puerto Rico and the Pacific territories in the list of
area codes kept by phonenumbers (Google's metadata, a dependency already). Only the three digits after the 1 decide: a
subscriber part that looks odd does not make a number less American. A BSUID names its country itself.
"""

from __future__ import annotations

from .identity import bsuid_country

_ANY_SUBSCRIBER = "2345678"  # seven digits that are well formed under every area code
_WITH_AREA_CODE = 4


def country_of_area_code(digits: str) -> str | None:
    """The ISO country of a +1 number (digits, no plus); None for another calling code or an unassigned area code."""
    if not digits.startswith("1") or len(digits) < _WITH_AREA_CODE:
        return None
    import phonenumbers  # 28 ms of metadata: only for +1 numbers, and only when marketing is meant for them

    number = phonenumbers.parse("+" + digits[:_WITH_AREA_CODE] + _ANY_SUBSCRIBER)
    return phonenumbers.region_code_for_number(number)


def country_of_number(digits: str) -> str | None:
    """The ISO country of a number (digits, no plus); None where its calling code belongs to none."""
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    found = phonenumbers.region_code_for_number(number)
    if found is None:
        found = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return found if len(found) == 2 and found.isalpha() and found != "ZZ" else None


def is_in_united_states(phone: str | None, bsuid: str | None) -> bool:
    """True for a number with a US area code; without a number, for a BSUID that begins with US."""
    if phone is not None:
        return country_of_area_code(phone) == "US"
    return bsuid is not None and bsuid_country(bsuid) == "US"
