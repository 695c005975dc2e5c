"""The set-based decision of a plan is the verdict's, for every kind of person: who is out, why first, and what is free.

Every combination of identifiers, ledger, failures and clocks is made; then each contact is judged one by one by
`services.thread.judge`, the way `wacli can` does, and held against what the one statement wrote.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.campaign_shop import NOW, NUMBER, CampaignShop, template
from wacli.domain.campaign import SITUATIONS
from wacli.domain.consent import STOPPED_MARKETING, WHATSAPP
from wacli.domain.template import Template
from wacli.domain.verdict import Outcome
from wacli.services.sending import Conditions, as_vouched
from wacli.services.thread import judge, standing_of
from wacli.store import contacts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHONES = ("6281234567890", "14155552671", "14165550123", "5511987654321", "447911123456", "12", "99912345678")
LEDGERS: tuple[tuple[tuple[str, str, timedelta], ...], ...] = (
    (),
    (("opted-in", "owner", 9 * DAY),),
    (("opted-out", "owner", 9 * DAY),),
    (("opted-in", "owner", 9 * DAY), ("opted-out", "stop-word", DAY)),
    (("opted-in", "owner", 9 * DAY), ("opted-out", "stop-word", DAY), ("opted-in", "start-word", HOUR)),
    (("opted-in", "owner", 9 * DAY), ("opted-out", WHATSAPP, DAY), ("opted-in", "start-word", HOUR)),
    (("opted-in", "owner", 9 * DAY), ("opted-out", STOPPED_MARKETING, DAY), ("opted-in", "owner", HOUR)),
    (("opted-in", "start-word", HOUR),),
    (("opted-in", "owner", DAY), ("opted-out", "owner", DAY)),
    (("opted-out", "owner", DAY), ("opted-in", "start-word", DAY)),
    (("paused", "whatsapp", HOUR),),
    (("opted-in", "owner", 9 * DAY), ("paused", "whatsapp", HOUR)),
)
FAILURES: tuple[tuple[tuple[int, timedelta], ...], ...] = (
    (),
    ((131026, DAY),),
    ((131049, 2 * HOUR),),
    ((131049, DAY),),
    ((131049, DAY - timedelta(seconds=1)),),
    ((131049, 2 * HOUR), (131026, HOUR)),
)
CLOCKS: tuple[dict[str, timedelta], ...] = (
    {},
    {"opener": HOUR},
    {"opener": DAY},
    {"opener": DAY - timedelta(seconds=1)},
    {"opener": -timedelta(seconds=5)},
    {"opener": HOUR, "referral": HOUR},
    {"opener": 2 * DAY, "referral": 2 * DAY},
    {"opener": 2 * DAY, "referral": 2 * DAY, "entry_referral": 2 * DAY, "started": 2 * DAY - HOUR},
    {"opener": 2 * DAY, "referral": 2 * DAY, "entry_referral": 2 * DAY, "started": 2 * DAY, "expires": -HOUR},
    {"opener": 4 * DAY, "referral": 4 * DAY, "entry_referral": 4 * DAY, "started": 4 * DAY, "expires": DAY},
    {"opener": HOUR, "started": 9 * DAY},
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[CampaignShop]:
    made = CampaignShop(tmp_path)
    with made.store:
        yield made


def everybody(shop: CampaignShop, chance: random.Random) -> None:
    """Every ledger with every failure, and every clock with every number, the other half drawn."""
    kinds = [
        (ledger, failures, chance.choice(CLOCKS), chance.choice(PHONES)) for ledger in LEDGERS for failures in FAILURES
    ]
    kinds += [(chance.choice(LEDGERS), chance.choice(FAILURES), clocks, start) for clocks in CLOCKS for start in PHONES]
    for number, (ledger, failures, clocks, start) in enumerate(kinds):
        phone = None if number % 9 == 8 else start[:-4] + f"{number:05d}"
        bsuid = f"{chance.choice(('ID', 'US', 'BR'))}.{10**6 + number}" if phone is None or number % 4 == 0 else None
        contact_id = shop.person(phone, bsuid=bsuid)
        for category in ("marketing", "utility"):
            for state, source, ago in ledger:
                shop.says(contact_id, category, state, source, NOW - ago)
        if clocks or failures:
            thread = shop.thread(contact_id, **{name: NOW - ago for name, ago in clocks.items()})
            for code, ago in failures:
                shop.failed(thread, code, NOW - ago)
            if number % 5 == 0 and failures:
                shop.heard(thread, NOW - HOUR / 2)
    shop.nobody()


def first_reason(shop: CampaignShop, contact_id: int, made: Template, conditions: Conditions) -> tuple[str | None, str]:
    """What the verdict on one contact says: the first reason against it, or None; and what it costs."""
    contact = contacts.get(shop.store, contact_id)
    standing = standing_of(shop.store, contact, NUMBER, shop.prices, NOW, counts_allowance=False)
    standing, _ = as_vouched(standing, made, conditions)
    verdict = judge(standing, made, NOW)
    if verdict.outcome in (Outcome.FREE, Outcome.BILLED):
        free = "" if verdict.free_reason is None else verdict.free_reason.value
        return None, f"{free}{verdict.price} {verdict.market}"
    return verdict.reasons[0].code, ""


@pytest.mark.parametrize("category", ["MARKETING", "UTILITY", "AUTHENTICATION", "NEW_WORD"])
@pytest.mark.parametrize("status", ["APPROVED", "PAUSED"])
@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("conditions", [Conditions(), Conditions(assumed_opt_in="a form", tries_again=True)])
def test_the_plan_says_what_the_verdict_says(
    shop: CampaignShop, category: str, status: str, conditions: Conditions, seed: int
) -> None:
    everybody(shop, random.Random(seed))
    made = template(category, status)
    rows = shop.plan(made, assumed_opt_in=conditions.assumed_opt_in, tries_again=conditions.tries_again)
    campaign = shop.last.campaign
    assert len(rows) == contacts.count_contacts(shop.store)
    met = set()
    for contact_id, row in rows.items():
        reason, cost = first_reason(shop, contact_id, made, conditions)
        assert row.reason == reason, (contact_id, contacts.get(shop.store, contact_id))
        met.add(reason)
        if reason is None:
            planned = campaign.charges[row.line]
            free = "" if planned.free_reason is None else planned.free_reason.value
            price = "0" if free else str(planned.price)
            assert f"{free}{price} {campaign.markets[row.line // SITUATIONS]}" == cost, contact_id
    if status == "APPROVED" and category == "MARKETING" and conditions.assumed_opt_in is None:
        assert met == {
            None, "opted-out", "no-opt-in", "us-marketing-paused", "cooling-off", "undeliverable", "no-identifier",
        }  # fmt: skip


def test_counts_and_price_are_those_of_the_rows(shop: CampaignShop) -> None:
    everybody(shop, random.Random(8))
    rows = shop.plan(template())
    campaign = shop.last.campaign
    inside = [row for row in rows.values() if row.reason is None]
    assert campaign.recipient_count == len(inside)
    assert campaign.excluded_count == len(rows) - len(inside)
    assert sum(line.message_count for line in campaign.lines) == len(inside)
    billed = sum((campaign.charges[row.line].price or 0 for row in inside), 0)
    assert campaign.amount.total == billed
    low, high = campaign.amount.span
    assert high is not None
    assert low <= billed < high  # somebody is free now and may not be when their turn comes


def test_values_that_are_missing_or_broken(shop: CampaignShop) -> None:
    good = [shop.person(name=name) for name in ("Sari", 'Ñoño "x"', "بدر", "O'Neil \\ Co", "[x]")]
    empty = [shop.person(name=None), shop.person(name="  ")]
    broken = [shop.person(name="Sari\nDewi"), shop.person(name="a     b")]
    for one in (*good, *empty, *broken):
        shop.says(one, "marketing", "opted-in", "owner")
    rows = shop.plan(template())
    assert {one: rows[one].reason for one in (*good, *empty, *broken)} == {
        **dict.fromkeys(good), **dict.fromkeys(empty, "missing-value"), **dict.fromkeys(broken, "bad-value"),
    }  # fmt: skip


def test_safe_recipients_come_first(shop: CampaignShop) -> None:
    safe, other = shop.person("5511987654321"), shop.person("6281234567890")
    shop.desk = shop.desk._replace(safe=frozenset({"551187654321"}))
    rows = shop.plan(template("UTILITY"))
    assert (rows[safe].reason, rows[other].reason) == (None, "not-safe")


def test_nothing_depends_on_the_store_s_own_clock(shop: CampaignShop) -> None:
    one = shop.person()
    shop.thread(one, opener=NOW - HOUR)
    rows = shop.plan(template("UTILITY"), now=datetime(2024, 3, 1, tzinfo=UTC))
    assert rows[one].reason is None
