"""Whose clock says when a campaign may be sent: the account's, or each recipient's own.

A number tells its country, and in many countries its zone; where several zones are possible, all of them must be inside
the hours, so that nobody is woken by a guess. A BSUID tells the country only. Source of the zones: phonenumbers'
own tables, a dependency already (loaded only for hours of the recipient).
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wacli.domain.campaign import Hours
from wacli.domain.identity import bsuid_country

_DECIDING_DIGITS = 8  # zones are told by the first digits of a number


class Zones:
    """The hours of one campaign. Without hours everything is always open."""

    def __init__(self, account: tzinfo, hours: Hours | None) -> None:
        self._account, self._hours = account, hours

    def is_open(self, now: datetime) -> bool:
        """By the account's clock; True where the recipients' clocks decide."""
        hours = self._hours
        return hours is None or hours.of_recipient or hours.holds(now.astimezone(self._account))

    def may_get_now(self, phone: str | None, bsuid: str | None, now: datetime) -> bool:
        """By the recipient's clock; True where the account's decides. Somebody of no known zone has the account's."""
        hours = self._hours
        if hours is None or not hours.of_recipient:
            return True
        zones = zones_of(phone, bsuid) or (self._account,)
        return all(hours.holds(now.astimezone(zone)) for zone in zones)


def zones_of(phone: str | None, bsuid: str | None) -> tuple[tzinfo, ...]:
    """Every zone that the recipient may be in; empty where nothing is known."""
    if phone is not None:
        return _zones_of_number(phone[:_DECIDING_DIGITS], len(phone))
    return () if bsuid is None else _zones_of_country(bsuid_country(bsuid))


@lru_cache(maxsize=50_000)
def _zones_of_number(start: str, length: int) -> tuple[tzinfo, ...]:
    import phonenumbers
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse("+" + start.ljust(length, "2"))
    except phonenumbers.NumberParseException:
        return ()
    return _known(timezone.time_zones_for_number(number) or timezone.time_zones_for_geographical_number(number))


@lru_cache(maxsize=300)
def _zones_of_country(iso: str) -> tuple[tzinfo, ...]:
    import phonenumbers
    from phonenumbers import timezone

    code = phonenumbers.country_code_for_region(iso)
    if not code or code == 1:  # two dozen countries share the code 1: nothing follows from it
        return ()
    number = phonenumbers.PhoneNumber(country_code=code, national_number=1)
    return _known(timezone.time_zones_for_geographical_number(number))


def _known(names: tuple[str, ...]) -> tuple[tzinfo, ...]:
    found: list[tzinfo] = []
    for name in names:
        try:
            if name != "Etc/Unknown":
                found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return tuple(found)
