"""What findings mean, where the sandbox cannot show it: a number of another account, apps of others, odd words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wacli.cloudapi.account import AccountFacts, Health, SubscribedApp, TokenFacts
from wacli.cloudapi.numbers import BusinessNumber
from wacli.domain.problem import Problem, Unavailable
from wacli.domain.text import t
from wacli.services.checks import Check, Subject
from wacli.services.doctor import ONLINE
from wacli.services.doctor_account import judge_account
from wacli.services.doctor_findings import Findings, Questions, ServerTime

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
SUBJECT = Subject("shop", True, "cloud-api", "1", "2", "ID", "Asia/Jakarta", "USD", "v25.0")
NUMBER = BusinessNumber("1", "+62 811-1000-200", "Shop", "GREEN", "CONNECTED", "APPROVED", messaging_limit="TIER_1K")
WELL = Findings(
    TokenFacts(True, never_expires=True, scopes=frozenset({"whatsapp_business_messaging"}), app_id="9"),
    AccountFacts("2", "Shop", "USD", True),
    [NUMBER],
    NUMBER,
    Health("AVAILABLE", (), ("https://shop.example/webhook",)),
    [SubscribedApp("9", "App")],
    ServerTime(NOW, NOW, NOW),
    None,
)


def judged(**changed: object) -> dict[str, Check]:
    checks = judge_account(WELL._replace(**changed), SUBJECT, NOW)  # type: ignore[arg-type]
    assert tuple(check.name for check in checks) == ONLINE
    return {check.name: check for check in checks}


def test_a_number_of_another_account() -> None:
    number = judged(number=replace(NUMBER, id="77"))["number"]
    assert number.result == "fail"
    assert "wacli -p shop config set phone_number_id 1" in str(number.next)


@pytest.mark.parametrize(
    ("apps", "result"),
    [([SubscribedApp("9")], "ok"), ([SubscribedApp("8")], "warn"), ([], "fail")],
)
def test_apps_of_others_do_not_bring_us_anything(apps: list[SubscribedApp], result: str) -> None:
    assert judged(apps=apps)["webhook"].result == result


def test_an_app_counts_when_the_tokens_own_is_not_known() -> None:
    assert judged(token=TokenFacts(), apps=[SubscribedApp("8")])["webhook"].result == "ok"


def test_an_address_of_the_account_is_one() -> None:
    app = SubscribedApp("9", "App", "https://own.example/w")
    assert judged(health=Health("AVAILABLE", (), ()), apps=[app])["webhook"].result == "ok"
    assert judged(health=Health("AVAILABLE", (), None))["webhook"].result == "ok"
    assert judged(health=Health("AVAILABLE", (), ()))["webhook"].result == "warn"


@pytest.mark.parametrize(
    ("changes", "name", "result"),
    [
        ({"platform_type": "NOT_APPLICABLE"}, "number", "fail"),
        ({"status": None}, "number", "ok"),
        ({"account_mode": "SANDBOX"}, "number", "ok"),
        ({"name_status": "DECLINED"}, "display-name", "fail"),
        ({"name_status": "PENDING_REVIEW"}, "display-name", "warn"),
        ({"name_status": None}, "display-name", "ok"),
        ({"quality_rating": "YELLOW"}, "quality", "warn"),
        ({"quality_rating": "UNKNOWN"}, "quality", "ok"),
        ({"quality_rating": "PURPLE"}, "quality", "unknown"),
        ({"messaging_limit": "TIER_UNLIMITED"}, "messaging-limit", "ok"),
        ({"messaging_limit": "TIER_A_LOT"}, "messaging-limit", "unknown"),
        ({"messaging_limit": None}, "messaging-limit", "unknown"),
    ],
)
def test_the_words_of_a_number(changes: dict[str, str | None], name: str, result: str) -> None:
    number = replace(NUMBER, **changes)  # type: ignore[arg-type]
    assert judged(number=number, numbers=[number])[name].result == result


@pytest.mark.parametrize(("tier", "people"), [("TIER_50", 50), ("TIER_1K", 1000), ("TIER_100K", 100_000)])
def test_tiers_are_people(tier: str, people: int) -> None:
    assert judged(number=replace(NUMBER, messaging_limit=tier))["messaging-limit"].details["people_per_day"] == people


def test_a_server_without_a_clock() -> None:
    assert judged(time=ServerTime(None, NOW, NOW))["clock"].result == "unknown"


def test_a_slow_answer_is_no_wrong_clock() -> None:
    time = ServerTime(NOW + timedelta(seconds=40), NOW, NOW + timedelta(seconds=90))
    assert judged(time=time)["clock"].result == "ok"


def test_a_token_that_meta_calls_invalid_without_refusing_it() -> None:
    assert judged(token=TokenFacts(is_valid=False))["token"].result == "fail"


def test_after_an_obstacle_nobody_is_asked_again() -> None:
    questions, calls = Questions(), []

    def away() -> int:
        calls.append(1)
        raise Unavailable("no-answer", t("gone"))

    first, second = questions.ask(away), questions.ask(away)
    assert isinstance(first, Problem)
    assert first is second
    assert len(calls) == 1


def test_a_sandboxes_clock_is_its_own_affair() -> None:
    ahead = ServerTime(NOW + timedelta(hours=10), NOW, NOW)
    assert judged(time=ahead)["clock"].result == "fail"
    sandbox = judge_account(WELL._replace(time=ahead), SUBJECT._replace(kind="sandbox"), NOW)
    clock = next(check for check in sandbox if check.name == "clock")
    assert (clock.result, clock.details["skew_seconds"]) == ("warn", -36_000)
    assert "network" not in str(clock.next)
