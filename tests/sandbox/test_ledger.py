"""The sandbox's ledger: hand-worked charges, and a month of each period against wacli's own replay of the same log.

Facts: pricing.md sections 1-6. The two bookkeepers share the published figures and no line of code.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.loopback import Caller, body_values, template_to, text_to
from tests.sandbox.test_prices import MARKETING, SARI, TEXT, UTILITY, sandbox_on
from tests.support.months import Losses, Traffic, month_of_traffic
from wacli.domain.category import Category
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.pricing import REACTION, SERVICE, TEMPLATE
from wacli.ratecards.shelf import shelf
from wacli.sandbox.book import JAKARTA, Charge, SentMessage
from wacli.sandbox.engine import Engine
from wacli.sandbox.figures import country_of_market, figure, market_of, micro_of
from wacli.sandbox.windows import OPENING_KINDS

CODE = template_to(SARI, "login_code", "id", body_values("123456"),
                   {"type": "button", "sub_type": "url", "index": "0",
                    "parameters": [{"type": "text", "text": "123456"}]})  # fmt: skip
MONTHS = [date(2022, 5, 1), date(2023, 5, 1), date(2023, 7, 1), date(2024, 10, 1), date(2025, 5, 1), date(2025, 8, 1),
          date(2026, 2, 1), date(2026, 8, 1), date(2026, 11, 1)]  # fmt: skip

DAYS = [date(2022, 6, 1), date(2023, 7, 1), date(2024, 7, 2), date(2024, 12, 1), date(2025, 4, 2), date(2025, 7, 1),
        date(2025, 10, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]  # fmt: skip


def charged(sandbox: Engine, *bodies: dict[str, object]) -> list[Charge]:
    """The ledger's lines of these messages, once they have arrived."""
    answers: list[dict[str, Any]] = [sandbox.post_message(body) for body in bodies]
    sandbox.advance(timedelta(minutes=1))
    lines = {one.message_id: one for one in sandbox.book.charges}
    return [lines[answer["messages"][0]["id"]] for answer in answers]


def amounts(lines: list[Charge]) -> list[tuple[int | None, str | None]]:
    return [(one.amount_micro, one.free_because) for one in lines]


def test_each_category_costs_the_published_rate_of_its_market() -> None:
    sandbox = sandbox_on(2026, 11, 22)
    sandbox.add_customer("Sari", SARI).says("halo")
    lines = charged(sandbox, MARKETING, UTILITY, CODE, TEXT)
    assert amounts(lines) == [(41_100, None), (25_000, None), (25_000, None), (0, "allowance")]
    assert {one.market for one in lines} == {"Indonesia"}
    assert [one.template for one in lines] == ["promo_weekend", "order_ready", "login_code", None]
    abroad = sandbox.add_customer("Noura", "+966 50 123 4567")
    abroad.says("halo")
    (line,) = charged(sandbox, MARKETING | {"to": "+966501234567"})
    assert (line.market, line.amount_micro) == ("Saudi Arabia", 57_600)


def test_a_service_message_past_the_allowance_costs_the_utility_rate_without_tiers() -> None:
    sandbox = sandbox_on(2026, 11, 22)
    sandbox.add_customer("Sari", SARI).says("halo")
    lines = charged(sandbox, *[TEXT] * 1001)
    assert Counter(amounts(lines)) == {(0, "allowance"): 1000, (25_000, None): 1}
    assert (lines[-1].rate_category, lines[-1].tier) == ("service", None)


def test_a_rate_holds_from_the_accounts_midnight() -> None:
    sandbox = sandbox_on(2026, 9, 30, hour=16)
    noura = sandbox.add_customer("Noura", "+966 50 123 4567")
    to_noura = MARKETING | {"to": noura.customer.wa_id}
    assert amounts(charged(sandbox, to_noura)) == [(50_100, None)]
    sandbox.advance(timedelta(hours=1))
    assert amounts(charged(sandbox, to_noura)) == [(57_600, None)]


def test_a_conversation_is_booked_once() -> None:
    sandbox = sandbox_on(2025, 6, 20)
    sandbox.add_customer("Sari", SARI).says("halo")
    lines = charged(sandbox, TEXT, UTILITY, UTILITY, MARKETING, TEXT)
    # The last text belongs to the service conversation that the first one opened.
    assert amounts(lines) == [(0, "rules"), (20_000, None), (0, "conversation"), (41_100, None), (0, "conversation")]
    sandbox.advance(timedelta(hours=24))
    assert amounts(charged(sandbox, UTILITY)) == [(20_000, None)]


def test_a_conversation_that_only_a_lost_message_opened_never_was() -> None:
    sandbox = sandbox_on(2025, 6, 30)
    sari = sandbox.add_customer("Sari", SARI)
    sandbox.post_message(UTILITY)
    (lost,) = sandbox.book.sent.values()
    sari.customer.has_blocked = True
    sandbox.advance(timedelta(minutes=1))
    sari.customer.has_blocked = False
    first, again = charged(sandbox, UTILITY, UTILITY)
    assert amounts([first, again]) == [(20_000, None), (0, "conversation")]
    assert lost.pricing is not None
    assert first.conversation_id != lost.pricing.conversation_id


def test_volume_tiers_are_marginal_and_a_webhook_tells_the_step() -> None:
    sandbox = sandbox_on(2026, 4, 10)
    sandbox.add_customer("Sari", SARI)
    sandbox.transit.ledger.expect_volume(sandbox.account, date(2026, 4, 10), "Indonesia", "utility", 749_999)
    lines = charged(sandbox, UTILITY, UTILITY, UTILITY)
    # 750,000 is the last message of the first tier (pricing.md section 5); the next costs 5 % less.
    assert [(one.amount_micro, one.tier) for one in lines] == [
        (25_000, "0:750000"), (23_800, "750001:4000000"), (23_800, "750001:4000000")
    ]  # fmt: skip
    told = [one.change["value"] for one in sandbox.courier.take() if one.change["field"] == "account_update"]
    assert [one["volume_tier_info"]["tier"] for one in told if isinstance(one, dict)] == ["750001:4000000"]
    sandbox.advance(timedelta(days=21))  # May in Jakarta
    assert charged(sandbox, UTILITY)[0].tier == "0:750000"


def test_authentication_abroad_costs_the_international_rate_for_an_eligible_business_only() -> None:
    sandbox = sandbox_on(2026, 4, 10)
    india = sandbox.add_customer("Asha", "+91 98123 45678")
    to_india = CODE | {"to": india.customer.wa_id}
    assert charged(sandbox, to_india)[0].category == "authentication"
    since = sandbox.clock.now() + timedelta(hours=1)
    sandbox.account.international_from["IN"] = since
    assert charged(sandbox, to_india)[0].category == "authentication"
    sandbox.set_clock(since)
    (line,) = charged(sandbox, to_india)
    assert (line.category, line.amount_micro) == ("authentication-international", 30_400)
    sandbox.account.country = "IN"
    assert charged(sandbox, to_india)[0].category == "authentication"


def test_before_categories_the_beginner_names_the_conversation() -> None:
    sandbox = sandbox_on(2023, 4, 4)
    sari = sandbox.add_customer("Sari", SARI)
    (first,) = charged(sandbox, UTILITY)
    assert (first.category, first.kind) == ("business_initiated", "regular")
    sandbox.advance(timedelta(hours=24))
    sari.says("halo")
    answered, template = charged(sandbox, TEXT, MARKETING)
    assert (answered.category, answered.free_because) == ("user_initiated", "allowance")
    assert (template.category, template.free_because) == ("user_initiated", "conversation")
    early = sandbox_on(2023, 4, 3)
    early.add_customer("Sari", SARI)
    assert charged(early, UTILITY)[0].free_because == "allowance"


def test_an_unpublished_price_is_unknown_and_never_zero() -> None:
    sandbox = sandbox_on(2023, 7, 1)
    sandbox.add_customer("Hans", "+49 151 2345678")
    (line,) = charged(sandbox, MARKETING | {"to": "491512345678"})
    assert (line.is_billed, line.amount_micro, line.market) == (True, None, "Germany")


def test_no_marketing_template_reaches_the_united_states() -> None:
    sandbox = sandbox_on(2026, 11, 22)
    for name, phone in (("Ann", "+12125551234"), ("Céline", "+14165551234")):
        sandbox.add_customer(name, phone)
        sandbox.post_message(MARKETING | {"to": phone})
    ann, celine = sandbox.book.sent.values()
    assert (ann.events[-1].error_code, celine.events[-1].error_code) == (131049, None)


def test_markets_and_figures() -> None:
    after = date(2026, 10, 1)
    assert market_of("18095551234", after) == "Rest of Latin America"
    assert market_of("821012345678", after) == "Other"
    assert [market_of("77011234567", day) for day in (date(2026, 9, 30), after)] == ["Other", "Kazakhstan"]
    assert market_of("9", after) == "Other"
    assert (country_of_market("48512000000"), country_of_market("")) == ("PL", None)
    assert figure(date(2021, 1, 1), "USD", "Indonesia", "utility") is None
    with pytest.raises(ValueError, match="micro-unit"):
        micro_of(Decimal("0.00000001"))


@pytest.mark.parametrize("currency", ["USD", "EUR", "INR"])
def test_the_sandbox_reads_the_cards_as_wacli_does(currency: str) -> None:
    for day in DAYS:
        card = shelf().card_on(day, currency)
        cells = {} if card is None else card.cells
        for (market, word), rate in cells.items():
            ours = figure(day, currency, market, word)
            assert ours is not None, (day, market, word)
            assert ours.micro == int(rate.amount * 1_000_000)
            assert [step.label for step in ours.steps] == [band.label for band in rate.bands]


def log_of(traffic: Traffic) -> list[LogEntry]:
    """What wacli's replay needs to know: who wrote when, what was delivered when."""
    book, log = traffic.engine.book, []
    for heard in book.heard.values():
        opens = heard.kind in OPENING_KINDS or heard.kind == "call"
        log.append(LogEntry(heard.at, heard.customer.bsuid, True, opens_window=opens, has_referral=heard.is_ad))
    for charge in book.charges:
        log.append(entry_of(book.sent[charge.message_id], charge))
    return sorted(log, key=lambda entry: (entry.at, not entry.is_inbound))


def entry_of(message: SentMessage, charge: Charge) -> LogEntry:
    kind = SERVICE if message.template is None else REACTION if message.kind == "reaction" else TEMPLATE
    category = None if message.template is None else Category(message.category)
    return LogEntry(message.at, charge.customer.bsuid, False, kind, category, charge.market, message.number.id)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_month_agrees_with_the_replay_to_the_micro_unit(month: date) -> None:
    def prepare(engine: Engine) -> None:
        # The replay counts on the sure 72 hours; what never arrives would start an entry point for the sandbox alone.
        if month >= date(2026, 9, 28):
            engine.transit.entry_point_for = timedelta(hours=72)

    traffic = month_of_traffic(month, chats=1100 if month.year == 2026 else 250, prepare=prepare, losses=Losses.NONE)
    cards = shelf()
    replay = Replay(lambda day: (cards.rules_on(day), cards.card_on(day, "USD")), JAKARTA)
    found = [(entry, charge) for entry, charge in replay.charges(log_of(traffic))]
    amount = sum((charge.amount for _, charge in found if charge.amount is not None), Decimal(0))
    assert Decimal(traffic.total_micro) == amount * 1_000_000
    assert sum(charge.amount is None for _, charge in found) == sum(one.amount_micro is None for one in traffic.charges)


def test_the_same_seed_gives_the_same_month() -> None:
    first, again = (month_of_traffic(date(2026, 11, 1), chats=40, seed=5) for _ in range(2))
    assert first.bodies == again.bodies
    assert len(set(first.bodies)) < len(first.bodies)  # some came twice
    assert month_of_traffic(date(2026, 11, 1), chats=40, seed=6).bodies != first.bodies


def test_a_month_has_everything_in_it() -> None:
    traffic = month_of_traffic(date(2026, 11, 1), chats=1200, losses=Losses.ALL)
    reasons = Counter(one.free_because for one in traffic.charges)
    engine = traffic.engine  # a message takes its place when it is sent, also one that never arrives
    assert engine.book.allowance.count(engine.number.id, "2026-11") == 1000
    assert 900 < reasons["allowance"] < 1000
    assert reasons["free_entry_point"] > 100
    assert {one.category for one in traffic.charges if one.is_billed} == {
        "marketing", "utility", "authentication", "service"
    }  # fmt: skip
    assert len({one.market for one in traffic.charges}) > 10
    codes = {event.error_code for one in traffic.engine.book.sent.values() for event in one.events}
    assert {131026, 131047, 131049} < codes
    assert {one.status for one in traffic.engine.book.sent.values()} >= {"sent", "delivered", "read", "failed"}


def test_the_ledger_can_be_read_over_the_control_door(caller: Caller) -> None:
    sandbox = caller.sandbox
    sandbox.add_customer("Sari", SARI).says("halo")
    charged(sandbox, MARKETING, text_to(SARI))
    found = caller.call("GET", "/_sandbox/charges?since=2026-11-22T19:00:00%2B07:00").json
    assert found["total_micro"] == {"USD": 41_100}
    assert (found["billed_count"], found["free_count"], found["unknown_count"]) == (1, 1, 0)
    line = found["charges"][0]
    assert (line["contact"], line["market"], line["amount_micro"]) == ("6281234567890", "Indonesia", 41_100)
    assert (line["pricing_model"], line["type"], line["template"]) == ("PMP", "regular", "promo_weekend")
    assert (
        caller.call("GET", f"/_sandbox/charges?until={datetime(2026, 1, 1, tzinfo=UTC).isoformat()}").json["charges"]
        == []
    )
    assert caller.call("GET", "/_sandbox/charges?since=2026-11-22T19:00:00").status == 400
