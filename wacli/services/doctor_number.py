"""What the findings about the business number mean: status, name, quality, limit, health. Pure.

Sources: facts cloud-api.md section 5 (fields; the limit is the portfolio's since v24.0), 6 (131037, 131048, 133010),
7 (limits); Meta's page on health status of 17 June 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from wacli.cloudapi.account import Ailment
from wacli.cloudapi.numbers import BusinessNumber
from wacli.domain.campaign import NO_LIMIT
from wacli.domain.problem import Problem
from wacli.domain.text import Quantity, Text, t

from .checks import Check, Result, Subject, how_to_set
from .doctor_findings import Findings

_OK, _WARN, _FAIL, _UNKNOWN = Result.OK, Result.WARN, Result.FAIL, Result.UNKNOWN
_REGISTER = t("Register the number in WhatsApp Manager, then: wacli doctor")
_NOTICES = t("Open WhatsApp Manager and read its notices about this number")
_STATUSES: Final[dict[str, tuple[Result, Text, Text | None]]] = {
    "CONNECTED": (_OK, t("connected"), None),
    "PENDING": (_FAIL, t("not registered yet"), _REGISTER),
    "UNVERIFIED": (_FAIL, t("not verified yet"), _REGISTER),
    "DISCONNECTED": (_FAIL, t("disconnected"), _REGISTER),
    "OFFLINE": (_FAIL, t("offline"), _REGISTER),
    "DELETED": (_FAIL, t("deleted"), t("Choose another number: wacli setup")),
    "MIGRATED": (_FAIL, t("moved to another account"), t("Choose another number: wacli setup")),
    "BANNED": (_FAIL, t("banned by Meta"), _NOTICES),
    "RESTRICTED": (_WARN, t("restricted by Meta for now"), _NOTICES),
    "FLAGGED": (_WARN, t("flagged by Meta, as numbers of low quality are"), _NOTICES),
    "RATE_LIMITED": (_WARN, t("slowed down by Meta"), _NOTICES),
}
_NAMES_GOOD: Final = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")
_UNLIMITED: Final = "TIER_UNLIMITED"
_TIER: Final = re.compile(r"TIER_(\d+)(K?)")


def judge_number(findings: Findings, subject: Subject) -> list[Check]:
    """Status, display name, quality, limit and health of the business number."""
    number = findings.number
    if number is None:
        missing = t("not asked: the profile has no {key}", key="phone_number_id")
        names = ("number", "display-name", "quality", "messaging-limit", "health")
        return [Check(name, Result.SKIPPED, missing) for name in names]
    if isinstance(number, Problem):
        return [
            _unseen(number, findings, subject),
            *(Check(name, _UNKNOWN, t("Meta did not show it")) for name in ("display-name", "quality")),
            *(Check(name, _UNKNOWN, t("Meta did not show it")) for name in ("messaging-limit", "health")),
        ]
    return [_status(number, findings, subject), _name(number), _quality(number), _limit(number), _health(findings)]


def _unseen(problem: Problem, findings: Findings, subject: Subject) -> Check:
    if problem is findings.obstacle:
        return Check("number", _UNKNOWN, problem.message)
    hint = problem.hint
    if isinstance(findings.numbers, list) and findings.numbers:
        hint = _choose(findings, subject)
    return Check("number", _FAIL, problem.message, hint, problem.details, problem)


def _choose(findings: Findings, subject: Subject) -> Text:
    numbers = findings.numbers if isinstance(findings.numbers, list) else []
    shown = ", ".join(f"{one.display_phone_number or '?'} (id {one.id})" for one in numbers[:5])
    return t(
        "The account has {numbers}. Choose one: {command}",
        numbers=shown or "-",
        command=how_to_set(subject, "phone_number_id", numbers[0].id if numbers else "ID"),
    )


def _status(number: BusinessNumber, findings: Findings, subject: Subject) -> Check:
    shown = number.display_phone_number or number.id
    details = {
        "id": number.id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.verified_name,
        "status": number.status,
        "platform_type": number.platform_type,
        "is_test_number": number.account_mode == "SANDBOX",
    }
    if isinstance(findings.numbers, list) and all(one.id != number.id for one in findings.numbers):
        return Check(
            "number",
            _FAIL,
            t("{number} does not belong to the account of this profile", number=shown),
            _choose(findings, subject),
            details,
        )
    if number.platform_type == "NOT_APPLICABLE":
        return Check("number", _FAIL, t("{number} is not registered for sending", number=shown), _REGISTER, details)
    if number.status is None:
        return Check("number", _OK, t("{number}: Meta names no status", number=shown), details=details)
    result, words, hint = _STATUSES.get(
        number.status, (_UNKNOWN, t("Meta says {word}", word=number.status.lower()), _NOTICES)
    )
    if result is _OK and number.account_mode == "SANDBOX":
        words = t("connected; a test number, which reaches only the few people registered for it")
    return Check("number", result, t("{number}: {state}", number=shown, state=words), hint, details)


def _name(number: BusinessNumber) -> Check:
    details = {"verified_name": number.verified_name, "name_status": number.name_status}
    shown = number.verified_name or "-"
    if number.name_status is None:
        return Check("display-name", _OK, t("{name}", name=shown), details=details)
    if number.name_status in _NAMES_GOOD:
        return Check("display-name", _OK, t("{name}, approved", name=shown), details=details)
    if number.name_status in ("DECLINED", "EXPIRED"):
        return Check(
            "display-name",
            _FAIL,
            t("{name} is not approved: nothing can be sent (131037)", name=shown),
            t("Ask for the name's approval, or change it, in WhatsApp Manager"),
            details,
        )
    return Check(
        "display-name",
        _WARN,
        t("{name}: Meta says {word}", name=shown, word=number.name_status.lower()),
        t("Look at the name's review in WhatsApp Manager"),
        details,
    )


def _quality(number: BusinessNumber) -> Check:
    rating = number.quality_rating
    details = {"quality_rating": rating}
    if rating == "GREEN":
        return Check("quality", _OK, t("high"), details=details)
    if rating in (None, "UNKNOWN", "NA"):
        return Check("quality", _OK, t("not rated yet"), details=details)
    if rating not in ("YELLOW", "RED"):
        return Check("quality", _UNKNOWN, t("Meta says {word}", word=str(rating).lower()), details=details)
    return Check(
        "quality",
        _WARN,
        t("medium: people block or report this number")
        if rating == "YELLOW"
        else t("low: many people block or report this number, and Meta may slow it down (131048)"),
        t("Write only to people who asked for it, and less often"),
        details,
    )


def _limit(number: BusinessNumber) -> Check:
    tier = number.messaging_limit
    details: dict[str, object] = {"tier": tier, "people_per_day": None}
    if tier is None:
        return Check("messaging-limit", _UNKNOWN, t("Meta did not tell it"), details=details)
    if tier == _UNLIMITED:
        return Check("messaging-limit", _OK, t("no limit"), details=details)
    found = _TIER.fullmatch(tier)
    if found is None:
        return Check("messaging-limit", _UNKNOWN, t("Meta says {word}", word=tier), details=details)
    people = int(found[1]) * (1000 if found[2] else 1)
    return Check(
        "messaging-limit",
        _OK,
        t(
            "{people} people in 24 hours may be written to outside their windows; answers do not count",
            people=Quantity(people),
        ),
        details=details | {"people_per_day": people},
    )


def people_allowed(details: Mapping[str, object]) -> int | None:
    """Of the details of the check `messaging-limit`: how many people in 24 hours, None where Meta did not tell."""
    people = details.get("people_per_day")
    return NO_LIMIT if details.get("tier") == _UNLIMITED else people if isinstance(people, int) else None


def _health(findings: Findings) -> Check:
    health = findings.health
    if health is None or isinstance(health, Problem) or health.state is None:
        return Check("health", _UNKNOWN, t("Meta did not tell"))
    details = {
        "can_send_message": health.state,
        "entities": [{"entity": one.entity, "state": one.state, "code": one.code} for one in health.ailments],
    }
    if health.state == "AVAILABLE":
        return Check("health", _OK, t("nothing stands in the way of messages"), details=details)
    ailments = "; ".join(_said(one) for one in health.ailments) or health.state.lower()
    result = _FAIL if health.state == "BLOCKED" else _WARN if health.state == "LIMITED" else _UNKNOWN
    codes = [one.code for one in health.ailments if one.code is not None]
    hint = t("See: wacli help error {code}", code=codes[0]) if codes else _NOTICES
    return Check("health", result, t("Meta says: {words}", words=ailments), hint, details)


def _said(ailment: Ailment) -> str:
    words = " ".join(ailment.words) or ailment.state.lower()
    return f"{ailment.entity.lower().replace('_', ' ')}: {words}"
