"""Simulated customers: who they are, how WhatsApp knows them, and how they behave.

Identity: facts cloud-api.md sections 0 and 9, pricing.md section 11. A user with a username is seen without a phone
number unless this number and they exchanged something by phone number in the last 30 days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .failures import Refusal

KNOWN_FOR = timedelta(days=30)

_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}\Z")
_TYPED_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer writes back, once, `after` reading a business message (that contains `to`, if given)."""

    text: str
    after: timedelta = timedelta(seconds=20)
    to: str = ""


@dataclass(slots=True)
class Customer:
    """One person. `wa_id` is the number as WhatsApp writes it; `delivered_after` None means the phone is off."""

    name: str
    wa_id: str
    bsuid: str
    username: str | None = None
    parent_bsuid: str | None = None
    is_on_whatsapp: bool = True
    has_blocked: bool = False
    has_stopped_marketing: bool = False
    is_spared_by_meta: bool = False  # Meta's per-user marketing limit: 131049
    delivered_after: timedelta | None = timedelta(seconds=1)
    read_after: timedelta | None = timedelta(seconds=4)  # after delivery; None: receipts are off
    answers: list[Answer] = field(default_factory=list)
    known_by_phone_at: dict[str, datetime] = field(default_factory=dict)  # by phone number id

    def shows_phone(self, number_id: str, now: datetime) -> bool:
        """True when webhooks carry this person's phone number to that business number."""
        if self.username is None:
            return True
        known_at = self.known_by_phone_at.get(number_id)
        return known_at is not None and now - known_at < KNOWN_FOR


def is_bsuid(text: str) -> bool:
    """True for a business-scoped user id or a parent one, by its form."""
    return _BSUID.match(text) is not None


def digits_of(to: str) -> str:
    """The digits of a phone number as it may be typed. Raises Refusal 131009 for anything else, a BSUID above all."""
    if not _TYPED_NUMBER.match(to):
        raise Refusal(131009, "Param to is not a phone number.")
    digits = re.sub(r"[^0-9]", "", to)
    if not 5 <= len(digits) <= 17:
        raise Refusal(131009, "Param to is not a phone number: it has the wrong length.")
    return digits


def country_of(digits: str) -> str:
    """The ISO code that a BSUID of this phone number begins with; XX where the number belongs to no country."""
    import phonenumbers

    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits}"))
        known = found or phonenumbers.region_code_for_country_code(phonenumbers.parse(f"+{digits}").country_code or 0)
    except phonenumbers.NumberParseException:
        return "XX"
    return known if re.fullmatch("[A-Z]{2}", known) and known != "ZZ" else "XX"


def spellings(digits: str) -> list[str]:
    """The numbers that WhatsApp takes for the same person: Brazil's ninth digit, Mexico's 1, Argentina's 9.

    Facts cloud-api.md section 2: the answer's wa_id may differ from the number given in these three countries.
    """
    found = [digits]
    if re.fullmatch(r"55\d{2}9\d{8}", digits):
        found.append(digits[:4] + digits[5:])
    elif re.fullmatch(r"55\d{2}[6-9]\d{7}", digits):
        found.append(digits[:4] + "9" + digits[4:])
    elif re.fullmatch(r"521\d{10}", digits):
        found.append("52" + digits[3:])
    elif re.fullmatch(r"52\d{10}", digits):
        found.append("521" + digits[2:])
    elif re.fullmatch(r"549\d{10}", digits):
        found.append("54" + digits[3:])
    elif re.fullmatch(r"54\d{10}", digits):
        found.append("549" + digits[2:])
    return found
