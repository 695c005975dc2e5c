"""Campaigns at the front door, against the sandbox: plan, price, approve, send, stop, resume, count, appointments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import NOW, Outcome
from tests.support.sandbox_shop import SandboxShop, sandbox_shop

PLAN = ("campaigns", "plan", "promo", "--template", "promo_weekend", "--to", "tag:vip", "1={first_name}", "2=20%")


class Fair:
    """A shop with some VIPs who agreed to marketing."""

    def __init__(self, shop: SandboxShop) -> None:
        self.shop = shop
        self.wacli = shop.wacli
        assert self("templates", "pull").status == 0
        for number in range(1, len(shop.people) + 1):
            assert self("contacts", "tag", f"#{number}", "vip").status == 0
            assert self("contacts", "opt-in", f"#{number}", "--evidence", "the form").status == 0

    def __call__(self, *argv: str, **more: Any) -> Outcome:
        return self.wacli(*argv, **more)

    def plan(self, *more: str) -> dict[str, Any]:
        """Plans `promo`."""
        outcome = self(*PLAN, *more, "--json")
        assert outcome.status == 0, outcome
        plan: dict[str, Any] = outcome.json
        return plan

    def show(self, *argv: str) -> Any:
        """`campaigns show promo --json`."""
        outcome = self("campaigns", "show", "promo", "--json", *argv)
        assert outcome.status in (0, 7), outcome
        return outcome.json

    def booked(self) -> list[str]:
        """To whom the sandbox accepted a template, in order."""
        with self.shop.sandbox.book.lock:
            sent = list(self.shop.sandbox.book.sent.values())
        return [str(one.body.get("to")) for one in sent if one.body.get("type") == "template"]


@pytest.fixture
def fair(tmp_path: Path) -> Iterator[Fair]:
    with sandbox_shop(tmp_path, customers=6) as shop:
        yield Fair(shop)


def test_a_plan_says_who_and_why_and_what_it_costs(fair: Fair) -> None:
    fair("contacts", "opt-out", "#2", "--evidence", "asked us to stop")
    fair("contacts", "edit", "#3", "--name", "a\tb")
    plan = fair.plan()
    assert plan["recipients"] == 4
    assert plan["excluded"] == [{"reason": "bad-value", "count": 1}, {"reason": "opted-out", "count": 1}]
    assert plan["lines"] == [
        {"market": "Indonesia", "count": 4, "free_count": 0, "free_reason": None, "billed_count": 4,
         "unit_price": "0.0411", "amount": "0.1644", "tier": None}
    ]  # fmt: skip
    assert (plan["total"], plan["low"], plan["high"], plan["currency"]) == ("0.1644", "0.1644", "0.1644", "USD")
    assert (plan["outside_window"], plan["people_last_24h"], plan["messaging_limit"]) == (0, 0, None)
    people = {row["name"]: (row["state"], row["reason"]) for row in fair.show("--excluded")}
    assert people == {"Sari 1": ("excluded", "opted-out"), "a\tb": ("excluded", "bad-value")}
    assert [row["price"] for row in fair.show("--recipients")] == ["0.0411"] * 4


def test_a_dry_run_keeps_nothing_and_reaches_nobody(fair: Fair) -> None:
    outcome = fair(*PLAN, "--dry-run", "--json")
    assert (outcome.status, outcome.json["dry_run"], outcome.json["recipients"]) == (0, True, 6)
    assert fair("campaigns", "list", "--json").json == []
    listed = fair(*PLAN, "--dry-run", "--recipients", "--json").json
    assert [row["contact_id"] for row in listed] == [1, 2, 3, 4, 5, 6]
    fair.plan()
    outcome = fair("campaigns", "send", "promo", "--dry-run")
    assert outcome.status == 0
    assert '"to": "+6281234567890"' in outcome.err
    assert fair.booked() == []


def test_everybody_once_and_counted(fair: Fair) -> None:
    fair.plan()
    refused = fair("campaigns", "send", "promo", "--json")
    assert (refused.status, refused.error["code"]) == (2, "needs-yes")
    done = fair("campaigns", "send", "promo", "--yes", "--json")
    assert done.status == 0, done
    assert (done.json["state"], done.json["accepted"], done.json["waiting"]) == ("done", 6, 0)
    assert sorted(fair.booked()) == sorted({f"+62812345678{90 + number}" for number in range(6)})
    again = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (again.status, again.error["code"]) == (4, "campaign-ended")
    assert fair("campaigns", "resume", "promo", "--json").error["code"] == "campaign-ended"
    fair.shop.sandbox.advance(timedelta(minutes=1))
    fair.wacli.now = NOW + timedelta(minutes=1)
    fair.shop.told()
    fair.shop.people[1].says("mau!", NOW + timedelta(minutes=1))
    fair.shop.told()
    shown = fair.show()
    assert (shown["accepted"], shown["replied"], shown["cost"]) == (6, 1, "0.2466")
    assert shown["delivered"] == 6
    assert [row["name"] for row in fair.show("--replied")] == ["Sari 1"]


def test_the_agreed_cost_ends_it_and_a_resume_sends_exactly_the_rest(fair: Fair) -> None:
    fair.plan()
    stopped = fair("campaigns", "send", "promo", "--yes", "--max-cost", "0.10USD", "--json")
    assert (stopped.status, stopped.json["accepted"], stopped.json["waiting"]) == (7, 2, 4)
    assert stopped.json["stopped_by"] == "cost-limit"
    assert fair("campaigns", "show", "promo").status == 7
    assert fair("campaigns", "resume", "promo", "--json").json["accepted"] == 2  # still no more money
    done = fair("campaigns", "resume", "promo", "--max-cost", "1USD", "--yes", "--json")
    assert (done.status, done.json["accepted"]) == (0, 6)
    assert len(fair.booked()) == len(set(fair.booked())) == 6


def test_a_stop_that_came_in_after_the_plan_counts(fair: Fair) -> None:
    fair.plan()
    fair("contacts", "opt-out", "#4", "--evidence", "a call")
    done = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (done.status, done.json["accepted"], done.json["skipped"]) == (7, 5, 1)
    assert done.json["skipped_reasons"][0]["reason"] == "opted-out"
    assert done.json["state"] == "done"
    failed = fair("campaigns", "show", "promo", "--failed", "--csv")
    assert failed.out.splitlines()[0].startswith("contact_id,name,phone")
    assert len(failed.out.splitlines()) == 2


def test_what_the_api_refuses_is_said_by_reason(fair: Fair) -> None:
    fair.plan()
    fair.shop.sandbox.push_fault("error", code=131026, times=2)
    done = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (done.status, done.json["accepted"], done.json["refused"]) == (7, 4, 2)
    assert [(one["reason"], one["count"]) for one in done.json["failures"]] == [("api-131026", 2)]
    assert {row["reason"] for row in fair.show("--failed")} == {"api-131026"}
    assert fair("campaigns", "resume", "promo", "--json").error["code"] == "campaign-ended"


@pytest.mark.parametrize(("code", "status"), [(131048, 7), (190, 7), (131042, 7)])
def test_what_concerns_everybody_stops_it_and_a_resume_goes_on(fair: Fair, code: int, status: int) -> None:
    fair.plan()
    fair("campaigns", "send", "promo", "--yes", "--max-cost", "0.05USD", "--json")
    fair.shop.sandbox.push_fault("error", code=code, times=100)
    stopped = fair("campaigns", "resume", "promo", "--max-cost", "1USD", "--yes", "--json")
    assert (stopped.status, stopped.json["accepted"], stopped.json["refused"]) == (status, 1, 0)
    assert stopped.json["stopped_by"] == f"api-{code}"
    assert stopped.json["waiting"] == 5
    fair.shop.sandbox.faults.clear()
    done = fair("campaigns", "resume", "promo", "--json")
    assert (done.status, done.json["accepted"], done.json["waiting"]) == (0, 6, 0)
    assert len(fair.booked()) == len(set(fair.booked())) == 6


def test_too_many_failures_stop_it(tmp_path: Path) -> None:
    with sandbox_shop(tmp_path, customers=150) as shop:
        fair = Fair(shop)
        fair.plan()
        shop.sandbox.push_fault("error", code=131026, times=200)
        stopped = fair("campaigns", "send", "promo", "--yes", "--stop-if-failed", "5%", "--json")
        assert stopped.json["stopped_by"] == "too-many-failed"
        assert 20 <= stopped.json["refused"] < 150
        assert stopped.json["waiting"] + stopped.json["refused"] == 150


def test_only_the_free_ones(fair: Fair) -> None:
    fair.shop.people[2].clicks_ad("dari iklan", NOW)
    fair.shop.told()
    plan = fair.plan()
    assert {line["free_reason"]: line["count"] for line in plan["lines"]} == {None: 5, "free_entry_point": 1}
    assert (plan["total"], plan["high"]) == ("0.2055", "0.2466")
    sent = fair("campaigns", "send", "promo", "--yes", "--only-free", "--json")
    assert (sent.status, sent.json["accepted"], sent.json["waiting"], sent.json["cost"]) == (7, 1, 5, "0")
    assert sent.json["stopped_by"] == "not-free"


def test_an_appointment_is_kept_by_cron_and_never_late(fair: Fair) -> None:
    fair.plan()
    kept = fair("campaigns", "send", "promo", "--at", "2026-11-22T09:00Z", "--yes", "--json")
    assert (kept.status, kept.json["state"], kept.json["due_at"]) == (0, "scheduled", "2026-11-22T09:00:00Z")
    assert fair("campaigns", "send", "--due").status == 0
    assert fair.booked() == []
    fair.wacli.now = NOW.replace(hour=10, minute=0)
    missed = fair("campaigns", "send", "--due")
    assert (missed.status, fair.booked(), fair.show()["state"]) == (0, [], "missed")
    assert "missed its time" in missed.err
    done = fair("campaigns", "resume", "promo", "--json")
    assert (done.status, done.json["accepted"]) == (0, 6)


def test_an_appointment_in_time(fair: Fair) -> None:
    fair.plan()
    fair("campaigns", "send", "promo", "--at", "2026-11-22T09:00Z", "--between", "09:00-17:00", "--yes")
    fair.wacli.now = NOW.replace(hour=9, minute=20)
    assert fair("campaigns", "send", "--due", "--dry-run").status == 0
    assert fair.booked() == []
    done = fair("campaigns", "send", "--due")
    assert (done.status, len(fair.booked())) == (0, 6), done
    assert fair("campaigns", "send", "--due").status == 0
    assert len(fair.booked()) == 6


def test_hours_of_the_account_and_of_the_recipient(fair: Fair) -> None:
    fair.plan()
    closed = fair("campaigns", "send", "promo", "--between", "09:00-17:00", "--yes", "--json")  # it is 5:00 UTC
    assert (closed.status, closed.json["accepted"], closed.json["stopped_by"]) == (4, 0, "hours")
    done = fair("campaigns", "resume", "promo", "--between", "09:00-17:00 recipient", "--yes", "--json")
    assert (done.status, done.json["accepted"]) == (0, 6)  # 12:00 in Jakarta


def test_the_budget_of_the_month_ends_it(fair: Fair) -> None:
    assert fair("config", "set", "budget", "0.10 USD").status == 0
    fair.plan()
    stopped = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (stopped.status, stopped.json["accepted"], stopped.json["stopped_by"]) == (7, 2, "over-budget")


def test_a_template_that_was_paused_meanwhile_sends_nothing(fair: Fair) -> None:
    fair.plan()
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("UPDATE templates SET status = 'PAUSED'")
    stopped = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (stopped.status, stopped.json["accepted"], stopped.json["waiting"]) == (4, 0, 6)
    assert stopped.json["stopped_by"] == "template-not-approved"
    plan = fair.plan("--replace")
    assert plan["excluded"] == [{"reason": "template-not-approved", "count": 6}]
    assert fair("campaigns", "send", "promo", "--yes", "--json").error["code"] == "nobody-in"


def test_prices_that_changed_since_the_plan_are_quoted_anew(fair: Fair) -> None:
    fair.plan()
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("UPDATE campaigns SET rate_card = '2026-07-01.USD'")
    assert fair("campaigns", "send", "promo", "--yes", "--json").error["code"] == "prices-changed"


def test_marketing_on_the_owners_word_is_written_down(fair: Fair) -> None:
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("DELETE FROM consents")
    assert fair.plan()["recipients"] == 0
    fair.plan("--replace", "--assume-opt-in", "signed at the counter")
    assert fair("campaigns", "send", "promo", "--yes").status == 0
    ledger = fair("contacts", "show", "#2", "--json").json["consents"]
    assert [(one["state"], one["source"], one["evidence"]) for one in ledger] == [
        ("opted-in", "assumed", "signed at the counter")
    ]


def test_a_cancelled_campaign_sends_nothing_more(fair: Fair) -> None:
    fair.plan()
    fair("campaigns", "send", "promo", "--yes", "--max-cost", "0.05USD")
    assert fair("campaigns", "cancel", "promo", "--dry-run").status == 0
    cancelled = fair("campaigns", "cancel", "promo", "--json")
    assert (cancelled.status, cancelled.json["state"], cancelled.json["accepted"]) == (0, "cancelled", 1)
    assert fair("campaigns", "resume", "promo", "--json").error["code"] == "campaign-cancelled"
    assert len(fair.booked()) == 1


def test_the_amount_is_typed_for_many(tmp_path: Path) -> None:
    with sandbox_shop(tmp_path, customers=101) as shop:
        fair = Fair(shop)
        fair.plan()
        fair.wacli.is_terminal = fair.wacli.can_ask = True
        assert fair("campaigns", "send", "promo", stdin=b"\n").status == 4
        assert fair.booked() == []
        done = fair("campaigns", "send", "promo", stdin=b"y\n4.15\n")
        assert done.status == 0, done
        assert "that is not the amount" in done.err
        assert len(fair.booked()) == 101


def test_people_of_a_file_with_their_own_values(fair: Fair, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "who,nama,1,2\n+62 812-3456-7890,Sari,Bu Sari,10%\n#2,,Pak,20%\n081234567891,x,y,z\n,a,b,c\nnobody,1,2,3\n"
    )
    plan = fair("campaigns", "plan", "promo", "--template", "promo_weekend", "--people", str(file), "--json")
    assert plan.status == 0, plan
    assert {one["reason"]: one["count"] for one in plan.json["excluded"]} == {
        "duplicate": 1, "unreadable": 1, "unknown-person": 1,
    }  # fmt: skip
    assert fair("campaigns", "send", "promo", "--yes").status == 0
    with fair.shop.sandbox.book.lock:
        sent = [one.body for one in fair.shop.sandbox.book.sent.values() if one.body.get("type") == "template"]
    texts = [[p["text"] for p in one["template"]["components"][0]["parameters"]] for one in sent]  # type: ignore[index]
    assert sorted(texts) == [["Bu Sari", "10%"], ["Pak", "20%"]]


def test_lines_of_standard_input(fair: Fair) -> None:
    lines = [
        json.dumps({"who": "#1", "values": {"1": "A", "2": "B"}}),
        json.dumps({"who": "Sari 3", "values": {"1": "C"}}),
    ]
    plan = fair(
        "campaigns", "plan", "promo", "--template", "promo_weekend", "--to", "-", "2=D", "--json",
        stdin="\n".join(lines).encode(),
    )  # fmt: skip
    assert plan.json["recipients"] == 2
    assert fair("campaigns", "send", "promo", "--yes").status == 0


def test_segments(fair: Fair) -> None:
    assert fair("campaigns", "segments", "add", "now", "--to", "tag:vip", "--where", "window open").status == 0
    assert fair("campaigns", "segments", "list", "--json").json[0]["contacts"] == 6
    assert fair("campaigns", "segments", "add", "now", "--to", "all", "--json").error["code"] == "segment-exists"
    plan = fair(
        "campaigns", "plan", "promo", "--template", "promo_weekend", "--to", "segment:now", "1=a", "2=b", "--json"
    )
    assert plan.json["recipients"] == 6
    assert fair("campaigns", "segments", "rm", "now").status == 0
    assert fair("campaigns", "segments", "rm", "now").status == 3


def test_nothing_is_lost_in_export_and_rebuild(fair: Fair, tmp_path: Path) -> None:
    fair.plan()
    fair("campaigns", "send", "promo", "--yes")
    fair.shop.told()
    before = fair.show()
    assert fair("db", "rebuild", "--yes").status == 0
    assert fair.show() == before
    assert fair("db", "export", str(tmp_path / "out")).status == 0
    assert fair("db", "import", str(tmp_path / "out"), "--db", str(tmp_path / "new.db")).status == 0
    assert fair("campaigns", "show", "promo", "--json", "--db", str(tmp_path / "new.db")).json == before


def test_the_messaging_limit_that_the_owner_keeps(fair: Fair) -> None:
    """`wacli doctor` asks Meta for it; the webhook tells it only when it changes."""
    fair.wacli.now = NOW + timedelta(days=3)
    unknown = fair(*PLAN, "--dry-run", "--format", "table").out
    assert "6 of them are outside an open window; with 0 more since yesterday: 6" in unknown
    assert "wacli config set messaging_limit 2000" in unknown
    assert fair("config", "set", "messaging_limit", "many", "--json").error["code"] == "config-value"
    assert fair("config", "set", "messaging_limit", "5").status == 0
    assert fair.plan()["messaging_limit"] == 5
    shown = fair(*PLAN, "--dry-run", "--replace", "--format", "table").out
    assert "That is 120% of the 5 people in 24 hours that your messaging limit allows" in shown
    assert "more than the limit" in shown
    assert fair("config", "set", "messaging_limit", "unlimited").status == 0
    assert fair.plan("--replace")["messaging_limit"] is None


def test_a_plan_says_where_its_prices_come_from_and_who_is_out(fair: Fair) -> None:
    fair("contacts", "opt-out", "#2")
    shown = fair(*PLAN, "--format", "table").out
    assert "Prices of the card 2026-10-01.USD, by the rules of 2026-10-01: wacli rates list" in shown
    assert "Who they are: wacli campaigns show promo --excluded" in shown
    assert "Volume tiers" not in shown


def test_a_line_that_became_nobody_is_named_with_its_place(fair: Fair, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("who,1,2\n#1,a,b\n,c,d\n#1,e,f\nnobody,g,h\n")
    assert fair("campaigns", "plan", "promo", "--template", "promo_weekend", "--people", str(file)).status == 0
    rows = fair.show("--excluded")
    assert [(row["file_line"], row["reason"], row["market"]) for row in rows] == [
        (3, "unreadable", None), (4, "duplicate", None), (5, "unknown-person", None),
    ]  # fmt: skip
    assert (
        "line 3: the line cannot be read" in fair("campaigns", "show", "promo", "--excluded", "--format", "table").out
    )


def test_who_failed_costs_nothing_and_has_not_answered_this_one(fair: Fair) -> None:
    fair.plan()
    fair.shop.sandbox.push_fault("error", code=131026, times=1)
    assert fair("campaigns", "send", "promo", "--yes").status == 7
    assert [(row["state"], row["price"]) for row in fair.show("--failed")] == [("refused", "0")]
    fair.shop.told()
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("UPDATE messages SET status = 'failed' WHERE campaign_id IS NOT NULL")
    fair.wacli.now = NOW + timedelta(minutes=1)
    fair.shop.people[1].says("mau!", NOW + timedelta(minutes=1))
    fair.shop.told()
    assert fair.show()["replied"] == 0
    assert fair.show("--replied") == []


def test_who_waits_for_the_rest_is_not_among_the_failed(fair: Fair) -> None:
    fair.plan()
    fair.shop.sandbox.push_fault("error", code=190, times=100)
    stopped = fair("campaigns", "send", "promo", "--yes", "--json")
    assert (stopped.json["failed"], stopped.json["refused"], stopped.json["waiting"]) == (0, 0, 6)
    assert fair.show("--failed") == []
    assert len(fair.show("--waiting")) == 6


def test_the_question_says_every_limit_and_which_are_free(fair: Fair) -> None:
    fair.shop.people[2].clicks_ad("dari iklan", NOW)
    fair.shop.told()
    fair.plan()
    limits = ("--max-cost", "0.10USD", "--stop-if-failed", "2.5%", "--between", "09:00-17:00")
    asked = fair("campaigns", "send", "promo", *limits)
    assert asked.status == 2
    assert "1 of them: free: ad window" in asked.err
    assert "It stops before all of it costs more than $0.10" in asked.err
    assert "It stops when more than 2.5% fail" in asked.err
    free = fair("campaigns", "send", "promo", "--only-free").err
    assert "It costs nothing: who is not free when their turn comes does not get it" in free
    assert "$" not in free


def test_only_the_free_ones_need_no_amount_and_a_cost_sends_the_others(tmp_path: Path) -> None:
    with sandbox_shop(tmp_path, customers=102) as shop:
        fair = Fair(shop)
        shop.people[2].clicks_ad("dari iklan", NOW)
        shop.told()
        fair.plan()
        fair.wacli.is_terminal = fair.wacli.can_ask = True
        sent = fair("campaigns", "send", "promo", "--only-free", "--stop-if-failed", "50%", stdin=b"y\n")
        assert sent.status == 7, sent
        assert "Send it to the others for money: wacli campaigns resume promo --max-cost 4.20USD" in sent.out
        assert fair("campaigns", "resume", "promo").status == 7
        assert len(fair.booked()) == 1
        # What is left is typed, and the most that may be spent where a limit is lower.
        asked = fair("campaigns", "resume", "promo", "--max-cost", "4.20USD", stdin=b"\n")
        assert asked.status == 4
        assert "It cost $0.00 so far; the rest costs $4.1511" in asked.err
        assert "type the amount (4.15)" in asked.err
        assert "wacli campaigns resume promo" in asked.err
        rest = fair("campaigns", "resume", "promo", "--max-cost", "0.10USD", stdin=b"0.10\n")
        assert "It stops when more than 50% fail" in rest.err
        assert (rest.status, len(fair.booked())) == (7, 3), rest
        assert "Agree to more and send the rest: wacli campaigns resume promo --max-cost 4.20USD" in rest.out


def test_a_resume_keeps_the_limits_that_it_says_nothing_of(fair: Fair) -> None:
    fair.plan()
    closed = ("--between", "09:00-17:00", "--max-cost", "0.10USD")  # it is 5:00 UTC
    stopped = fair("campaigns", "send", "promo", *closed, "--yes", "--format", "table")
    assert stopped.status == 4
    assert "Send the rest when they come again: wacli campaigns resume promo" in stopped.out
    still = fair("campaigns", "resume", "promo", "--pace", "20/s", "--yes", "--json")
    assert (still.json["accepted"], still.json["stopped_by"]) == (0, "hours")
    opened = fair("campaigns", "resume", "promo", "--between", "always", "--yes", "--json")
    assert (opened.json["accepted"], opened.json["stopped_by"]) == (2, "cost-limit")


def test_a_resume_asks_before_it_brings_an_appointment_forward(fair: Fair) -> None:
    fair.plan()
    assert fair("campaigns", "send", "promo", "--at", "2026-11-22T09:00Z", "--yes").status == 0
    asked = fair("campaigns", "resume", "promo")
    assert (asked.status, fair.booked()) == (2, [])
    assert "promo is kept for" in asked.err
    assert (fair("campaigns", "resume", "promo", "--yes").status, len(fair.booked())) == (0, 6)


def test_nothing_goes_out_at_prices_that_nobody_agreed_to(fair: Fair) -> None:
    fair.plan()
    fair("campaigns", "send", "promo", "--at", "2026-11-22T09:00Z", "--yes")
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("UPDATE campaigns SET rate_card = '2026-07-01.USD'")
    fair.wacli.now = NOW.replace(hour=9, minute=20)
    due = fair("campaigns", "send", "--due")
    assert (due.status, fair.booked()) == (7, []), due
    assert "the prices have changed since it was planned" in due.err
    assert "Plan it anew" in fair("campaigns", "show", "promo", "--format", "table").out
    assert fair("campaigns", "send", "--due").status == 0


def test_a_campaign_begun_under_other_prices_goes_on_within_a_limit_only(fair: Fair) -> None:
    fair.plan()
    fair.shop.sandbox.push_fault("error", code=190, times=100)
    assert fair("campaigns", "send", "promo", "--yes").status == 5
    fair.shop.sandbox.faults.clear()
    shown = fair("campaigns", "show", "promo", "--format", "table").out
    assert "wacli setup" in shown
    assert "Then send the rest: wacli campaigns resume promo" in shown
    with fair.shop.store() as store, store.transaction() as connection:
        connection.execute("UPDATE campaigns SET rate_card = '2026-07-01.USD'")
    assert fair("campaigns", "resume", "promo", "--json").error["code"] == "prices-changed"
    assert fair("campaigns", "resume", "promo", "--max-cost", "1USD", "--yes").status == 0


def test_the_cost_so_far_says_what_has_not_arrived(fair: Fair) -> None:
    fair.plan()
    sent = fair("campaigns", "send", "promo", "--yes", "--format", "table").out
    assert "$0.2466 of that is for 6 not arrived yet" in sent
    fair.shop.sandbox.advance(timedelta(minutes=1))
    fair.wacli.now = NOW + timedelta(minutes=1)
    fair.shop.told()
    shown = fair.show()
    assert (shown["cost"], shown["cost_on_the_way"]) == ("0.2466", "0")
    assert "not arrived yet" not in fair("campaigns", "show", "promo", "--format", "table").out
    spent = fair("spend", "by", "campaign", "--json").json
    assert {one["key"]: one["amount"] for one in spent}["promo"] == shown["cost"]


def test_an_audience_that_means_nobody_is_said_to(fair: Fair) -> None:
    typo = (*PLAN[:6], "tag:vpi", *PLAN[7:])
    assert "Nobody is meant by tag:vpi" in fair(*typo, "--format", "table").out


def test_a_name_of_two_words_can_be_typed_as_it_is_shown(fair: Fair) -> None:
    two = ("campaigns", "plan", "promo dec", *PLAN[3:])
    assert "wacli campaigns send 'promo dec'" in fair(*two, "--format", "table").out
    assert "See it: wacli campaigns show 'promo dec'" in fair(*two).err
    stopped = fair("campaigns", "send", "promo dec", "--max-cost", "0.05USD", "--yes")
    assert stopped.status == 7
    assert "wacli campaigns resume 'promo dec'" in fair("campaigns", "send", "promo dec", "--yes").err
