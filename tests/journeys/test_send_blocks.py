"""Known blocks: what went wrong before stands in the way of the next message, for as long as it does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.shop import SARI, Shop
from wacli.sandbox.puppet import Puppet

PROMO = ("send", "promo_weekend", "Sari", "1=Sari", "2=20%", "--assume-opt-in", "form")
READY = ("send", "order_ready", "Sari", "name=a", "order=b")
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


def test_undeliverable_until_they_write_again(counter: Counter, sari: Puppet) -> None:
    sari.customer.has_blocked = True
    counter.later(SECOND)
    assert counter("reply", "Sari", "halo").status == 0  # accepted; the failure comes by webhook
    counter.later(timedelta(seconds=10))
    assert counter("thread", "Sari", "--json").json["messages"][-1]["error_code"] == 131026
    for argv in (("reply", "Sari", "halo"), READY, PROMO):
        refused = counter.refuses("undeliverable", *argv)
        assert "--try-again" in refused.error["hint"]
    (row,) = counter("threads", "--all", "--json").json
    assert (row["next_reply"], row["may_send"]) == ("blocked", "nothing")
    verdict = counter("can", "Sari", "--json")
    assert (verdict.status, verdict.json["reasons"][0]["code"]) == (12, "undeliverable")
    assert counter("reply", "Sari", "halo", "--try-again").status == 0
    counter.later(timedelta(seconds=10))
    sari.customer.has_blocked = False
    sari.says("maaf, tadi terblokir")
    counter.take_in()
    assert counter("reply", "Sari", "halo").status == 0


def test_a_message_that_arrived_after_the_failed_one_clears_it(counter: Counter, sari: Puppet) -> None:
    sari.customer.has_blocked = True
    counter.later(SECOND)
    counter("reply", "Sari", "halo")
    counter.later(timedelta(seconds=10))
    sari.customer.has_blocked = False
    assert counter("reply", "Sari", "halo lagi", "--try-again").status == 0
    counter.later(timedelta(seconds=10))
    assert counter("reply", "Sari", "halo").status == 0


def test_a_call_clears_it_too(counter: Counter, sari: Puppet) -> None:
    sari.customer.has_blocked = True
    counter.later(SECOND)
    counter("reply", "Sari", "halo")
    counter.later(timedelta(seconds=10))
    sari.calls()
    counter.take_in()
    assert counter("reply", "Sari", "halo", "--dry-run").status == 0


def test_a_131026_at_once_counts_and_a_failed_network_does_not(counter: Counter, sari: Puppet) -> None:
    counter.later(SECOND)
    counter.sandbox.push_fault("error", code=131026)
    assert counter("reply", "Sari", "halo").status == 5
    counter.refuses("undeliverable", *READY)
    base = str(counter.sandbox.base_url)
    counter.meet("Budi", "+62 813-9876-5432", "hai")
    counter.profile(api_base="http://127.0.0.1:9")
    assert counter("reply", "Budi", "halo").status == 6
    counter.profile(api_base=base)
    assert counter("reply", "Budi", "halo").status == 0


def test_marketing_rests_for_a_day_after_a_131049(counter: Counter, sari: Puppet) -> None:
    sari.customer.is_spared_by_meta = True
    counter.later(DAY)  # Meta holds nothing back inside an open window
    assert counter(*PROMO).status == 0
    counter.later(timedelta(seconds=10))
    messages = counter("thread", "Sari", "--json").json["messages"]
    failed = messages[-1]
    assert failed["error_code"] == 131049
    sari.customer.is_spared_by_meta = False
    counter.refuses("cooling-off", *PROMO)
    assert counter(*READY).status == 0  # utility is not marketing
    until = datetime.fromisoformat(failed["status_at"]) + DAY
    counter.later(until - counter.door.now - SECOND)
    counter.refuses("cooling-off", *PROMO)
    counter.later(SECOND)
    assert counter(*PROMO).status == 0


def test_a_131049_at_once_counts_too(counter: Counter, sari: Puppet) -> None:
    counter.sandbox.push_fault("error", code=131049)
    assert counter(*PROMO).status == 6
    counter.refuses("cooling-off", *PROMO)
    counter.later(DAY)
    assert counter(*PROMO).status == 0


@pytest.mark.parametrize(
    ("phone", "is_paused"),
    [("+1 202 555 0123", True), ("+1 415 234 5678", True), ("+1 416 234 5678", False), ("+1 787 234 5678", False),
     ("+1 876 234 5678", False), ("+44 20 7946 0123", False)],
)  # fmt: skip
def test_no_marketing_to_the_united_states(counter: Counter, phone: str, is_paused: bool) -> None:
    counter.meet("Ann", phone, "hi")
    promo = ("send", "promo_weekend", "Ann", "1=Ann", "2=20%", "--assume-opt-in", "form")
    if is_paused:
        counter.refuses("us-marketing-paused", *promo)
        # The rule began on 2025-04-01, at 12am of the account's day.
        assert counter(*promo, "--dry-run", "--at", "2025-03-31T23:59+07:00").status == 0
        first = counter(*promo, "--dry-run", "--json", "--at", "2025-04-01T00:00+07:00")
        assert first.error["code"] == "us-marketing-paused"
    else:
        assert counter(*promo, "--dry-run").status == 0
    assert counter("send", "order_ready", "Ann", "name=a", "order=b", "--dry-run").status == 0


def test_a_bsuid_tells_its_country(counter: Counter) -> None:
    counter.meet("Ann", "+1 202 555 0123", "hi", bsuid="US.77", username="ann.k")
    counter.refuses("us-marketing-paused", "send", "promo_weekend", "@ann.k", "1=a", "2=b", "--assume-opt-in", "form")


def test_every_obstacle_is_named(counter: Counter) -> None:
    ann = counter.meet("Ann", "+1 202 555 0123", "hi")
    ann.customer.has_blocked = True
    counter.later(SECOND)
    counter("reply", "Ann", "hello")
    counter.later(timedelta(seconds=10))
    refused = counter.refuses("no-opt-in", "send", "promo_weekend", "Ann", "1=a", "2=b")
    assert refused.error["details"]["reasons"] == ["no-opt-in", "us-marketing-paused", "undeliverable"]


def test_undeliverable_to_the_second(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.profile(time_zone="Asia/Jakarta")
    shop.hears(SARI, "halo", "2026-11-22T04:00Z")
    shop.status(SARI, "wamid.OUT", "failed", "2026-11-22T04:10:00Z", errors=[{"code": 131026, "title": "x"}])

    def blocked(at: str) -> bool:
        verdict = shop.can("Sari", "--at", at).json
        board = shop.board("--at", at)["Sari Dewi"]
        assert (board["next_reply"] == "blocked") == (verdict["verdict"] == "blocked")
        return bool(verdict["verdict"] == "blocked")

    assert not blocked("2026-11-22T04:09:59Z")
    assert blocked("2026-11-22T04:10:00Z")
    shop.hears(SARI, "ping", "2026-11-22T04:09:59Z")
    assert blocked("2026-11-22T04:30:00Z")
    shop.hears(SARI, "pong", "2026-11-22T04:10:00Z")  # in the same second: they are there
    assert not blocked("2026-11-22T04:30:00Z")
    shop.status(SARI, "wamid.LATER", "failed", "2026-11-22T04:20:00Z", errors=[{"code": 131047, "title": "x"}])
    assert not blocked("2026-11-22T04:30:00Z")  # another failure says nothing of the phone
    shop.status(SARI, "wamid.OUT", "delivered", "2026-11-22T04:21:00Z")
    assert not blocked("2026-11-22T04:30:00Z")
