"""What a message is to the price list.

The category of a template is the approved one (facts: pricing.md section 1); everything that is not a template is
service. Meta spells the international authentication rate with a hyphen in prices and an underscore elsewhere
(section 10.1): both are read, one is written.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """The price categories of one-to-one messages, spelled as wacli's commands and JSON spell them."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    AUTHENTICATION_INTERNATIONAL = "authentication-international"
    SERVICE = "service"


def category_of(meta: str) -> Category | None:
    """The category behind one of Meta's spellings (`MARKETING`, `authentication_international`), else None."""
    return _BY_VALUE.get(meta.lower().replace("_", "-"))


_BY_VALUE = {category.value: category for category in Category}
