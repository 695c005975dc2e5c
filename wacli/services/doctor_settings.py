"""What the settings and the price list have to say. Asks nobody.

Sources: facts cloud-api.md section 1 (how long a version of the API answers), pricing.md section 2 (prices change at
the start of a quarter only).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from wacli.cloudapi.account import VERSION_ENDS
from wacli.domain.text import t

from .checks import Check, Result, Subject, how_to_set

if TYPE_CHECKING:
    from .prices import Prices

_OK, _WARN, _FAIL, _UNKNOWN = Result.OK, Result.WARN, Result.FAIL, Result.UNKNOWN
ENDING_SOON: Final = timedelta(days=90)


def examine_settings(subject: Subject, prices: Prices, now: datetime) -> list[Check]:
    """The profile's completeness, its time zone, the version of the API, and the age of the price list."""
    return [
        _profile(subject),
        _time_zone(subject, now, prices),
        _api_version(subject, now.date()),
        _rate_card(prices, now),
    ]


def _profile(subject: Subject) -> Check:
    details = {"profile": subject.profile, "kind": subject.kind}
    if not subject.exists:
        return Check("profile", _FAIL, t("There is no profile yet"), t("Make one: wacli setup"), details)
    needed = [] if subject.kind == "phone-app" else ["phone_number_id", "waba_id"]
    missing = [key for key in needed if getattr(subject, key) is None]
    complete = t("{profile} ({kind})", profile=subject.profile, kind=subject.kind)
    if missing:
        return Check(
            "profile",
            _FAIL,
            t("{profile} has no {keys}", profile=subject.profile, keys=", ".join(missing)),
            t("Finish it: wacli -p {profile} setup", profile=subject.profile),
            details | {"missing": missing},
        )
    if subject.country is None:
        return Check(
            "profile",
            _WARN,
            t("{profile} has no country: numbers such as 0812... are not understood", profile=subject.profile),
            t("Set it: {command}", command=how_to_set(subject, "country", "ID")),
            details | {"missing": ["country"]},
        )
    return Check("profile", _OK, complete, details=details | {"missing": []})


def _time_zone(subject: Subject, now: datetime, prices: Prices) -> Check:
    details = {"time_zone": subject.time_zone}
    if subject.time_zone is not None:
        return Check("time-zone", _OK, t("{zone}", zone=subject.time_zone), details=details)
    machine_zone = now.astimezone(prices.zone).tzname() or "?"
    return Check(
        "time-zone",
        _WARN,
        t("not set: months and prices turn at this computer's midnight ({zone})", zone=machine_zone),
        t("Set the account's: {command}", command=how_to_set(subject, "time_zone", "Asia/Jakarta")),
        details,
    )


def _api_version(subject: Subject, today: date) -> Check:
    version = subject.api_version
    if subject.kind == "phone-app":
        return Check("api-version", Result.SKIPPED, t("not asked: this profile has no API"))
    newest = max(VERSION_ENDS, key=lambda name: float(name[1:]))
    hint = t("Set a newer one: {command}", command=how_to_set(subject, "api_version", newest))
    if version not in VERSION_ENDS:
        is_old = float(version[1:]) < min(float(name[1:]) for name in VERSION_ENDS)
        details: dict[str, object] = {"version": version, "ends_on": None}
        if is_old:
            return Check("api-version", _FAIL, t("{version} does not answer any more", version=version), hint, details)
        return Check("api-version", _UNKNOWN, t("wacli knows nothing of {version}", version=version), details=details)
    ends_on = VERSION_ENDS[version]
    details = {"version": version, "ends_on": ends_on.isoformat() if ends_on is not None else None}
    if ends_on is None:
        return Check("api-version", _OK, t("{version}, its end is not announced", version=version), details=details)
    if ends_on <= today:
        message = t("{version} ended on {day}", version=version, day=ends_on)
        return Check("api-version", _FAIL, message, hint, details)
    message = t("{version}, until {day}", version=version, day=ends_on)
    if ends_on - today < ENDING_SOON:
        return Check("api-version", _WARN, message, hint, details)
    return Check("api-version", _OK, message, details=details)


def _rate_card(prices: Prices, now: datetime) -> Check:
    """Meta changes prices only at the start of a quarter (facts pricing.md section 2): then a list grows old."""
    day = prices.day(now)
    card = prices.card(now)
    if card is None:
        return Check(
            "rate-card",
            _WARN,
            t("There is no price list in {currency} for today: prices show as unknown", currency=prices.currency),
            t("See which there are: wacli rates list"),
            {"rate_card": None, "currency": prices.currency},
        )
    turns_on = _next_quarter(max(card.retrieved_on, card.effective_from))
    details = {
        "rate_card": card.id,
        "currency": card.currency,
        "effective_from": card.effective_from.isoformat(),
        "retrieved_on": card.retrieved_on.isoformat(),
        "age_days": (day - card.retrieved_on).days,
    }
    if day >= turns_on:
        return Check(
            "rate-card",
            _WARN,
            t(
                "The list {card} was read on {read}; Meta may have changed prices on {day} since",
                card=card.id,
                read=card.retrieved_on,
                day=turns_on,
            ),
            t("Upgrade wacli, or import Meta's new list: wacli rates import FILE"),
            details,
        )
    return Check("rate-card", _OK, t("{card}, read on {read}", card=card.id, read=card.retrieved_on), details=details)


def _next_quarter(day: date) -> date:
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year + 1, 1, 1) if month > 12 else date(day.year, month, 1)
