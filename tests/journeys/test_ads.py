"""`wacli ads`: chats by ad, entry points won and lost, and those that end soon."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.front_door import FrontDoor
from tests.support.shop import BUDI, RINA, SARI, Person, Shop, rfc3339, unix

DEWI = Person("Dewi", "6281355500404", "ID.9000000000000000404")


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    """NOW is 2026-11-22T05:00Z."""
    made = Shop(wacli)
    made.profile()
    made.clicks_ad(SARI, "info buket?", "2026-11-20T04:00Z")  # answered in time, and Meta says until when
    expires_at = unix("2026-11-25T04:10Z")
    made.status(
        SARI,
        "wamid.OUT1=",
        "sent",
        "2026-11-20T04:10Z",
        conversation={"id": "c", "expiration_timestamp": str(expires_at), "origin": {"type": "referral_conversion"}},
        pricing={
            "billable": False,
            "pricing_model": "PMP",
            "category": "referral_conversion",
            "type": "free_entry_point",
        },
    )
    made.clicks_ad(BUDI, "masih ada?", "2026-11-20T04:00Z")  # nobody answered
    made.clicks_ad(RINA, "halo", "2026-11-22T04:00Z")  # still in time
    post = {
        "source_type": "post",
        "source_id": "77",
        "source_url": "https://fb.me/x",
        "headline": "[/red]\x1b[31mHari Ibu",
    }
    made.hears(DEWI, "promo?", "2026-11-21T04:00Z", referral=post)
    made.status(DEWI, "wamid.OUT2=", "sent", "2026-11-21T05:00Z")  # answered; Meta has not said until when
    return made


def test_each_ad_with_what_became_of_its_chats(shop: Shop) -> None:
    ad, post = shop.door("ads", "--json").json
    assert (ad["source_type"], ad["source_id"], ad["headline"]) == ("ad", "1201", "Buket")
    assert [ad[key] for key in ("chats", "clicks", "won", "lost", "waiting", "running")] == [3, 3, 1, 1, 1, 1]
    assert ad["next_ends_at"] == "2026-11-25T04:10:00Z"
    assert (ad["first_at"], ad["last_at"]) == ("2026-11-20T04:00:00Z", "2026-11-22T04:00:00Z")
    assert [post[key] for key in ("chats", "clicks", "won", "lost", "waiting", "running")] == [1, 0, 1, 0, 0, 1]
    assert post["source_url"] == "https://fb.me/x"


def test_what_the_entry_point_saved(shop: Shop) -> None:
    shop.status(SARI, "wamid.OUT1=", "delivered", "2026-11-20T04:11Z")
    ad, _ = shop.door("ads", "--json").json
    assert (ad["messages"], ad["free_messages"], ad["currency"]) == (1, 1, "USD")
    assert ad["spent"] == "0"
    by_ad = {row["key"]: row for row in shop.door("spend", "by", "ad", "--json").json}
    assert by_ad["1201"]["count"] == 1


def test_chats_of_one_ad(shop: Shop) -> None:
    chats = {row["name"]: row for row in shop.door("ads", "1201", "--json").json}
    assert {name: row["entry_point"] for name, row in chats.items()} == {
        "Sari Dewi": "running", "Budi Santoso": "lost", "Rina": "armed",
    }  # fmt: skip
    assert chats["Rina"]["answer_by"] == "2026-11-23T04:00:00Z"
    assert chats["Sari Dewi"]["click_id"] == "click-1"
    assert chats["Sari Dewi"]["is_confirmed"] is True
    refused = shop.door("ads", "999", "--json")
    assert (refused.status, refused.error["code"]) == (3, "no-such-ad")


def test_what_ends_first_comes_first(shop: Shop) -> None:
    first, second = shop.door("ads", "--running", "--json").json
    # after 2026-09-27 a free entry point lasts at least 72 hours; Meta's own word is still missing here
    assert (first["name"], first["free_until"], first["is_confirmed"]) == ("Dewi", "2026-11-24T05:00:00Z", False)
    assert second["name"] == "Sari Dewi"


def test_before_anybody_answered(shop: Shop) -> None:
    (ad,) = shop.door("ads", "--at", "2026-11-20T04:05Z", "--json").json
    assert [ad[key] for key in ("chats", "won", "lost", "waiting")] == [2, 0, 0, 2]


def test_since(shop: Shop) -> None:
    ad, _ = shop.door("ads", "--since", "2d", "--json").json
    assert ad["chats"] == 1


def test_hostile_headlines_and_empty_stores(shop: Shop, terminal: FrontDoor, tmp_path: object) -> None:
    terminal.width = 120
    shown = terminal("ads").out
    assert "\x1b" not in shown
    assert "[/red]" in shown
    assert "Hari Ibu" in shown
    assert terminal("ads", "--running").status == 0


def test_nothing_yet(wacli: FrontDoor) -> None:
    assert wacli("ads", "--json").json == []
    assert "No chat has come from an ad" in wacli("ads", "--format", "table").out


@pytest.mark.parametrize(
    ("after_s", "counts"), [(86_399, (1, 0, 0)), (86_400, (0, 1, 0)), (86_401, (0, 1, 0))], ids=["last", "edge", "late"]
)
def test_the_last_second_of_the_day(wacli: FrontDoor, after_s: int, counts: tuple[int, ...]) -> None:
    """An answer wins up to 24 h after the click, which are not included."""
    made = Shop(wacli)
    made.profile()
    click = unix("2026-11-20T04:00Z")
    made.clicks_ad(SARI, "halo", click)
    made.status(SARI, "wamid.OUT9=", "sent", click + after_s)
    (ad,) = wacli("ads", "--json").json
    assert (ad["won"], ad["lost"], ad["waiting"]) == counts


@pytest.mark.parametrize(("after_s", "waiting"), [(86_399, 1), (86_400, 0)])
def test_lost_from_the_first_second_on(wacli: FrontDoor, after_s: int, waiting: int) -> None:
    made = Shop(wacli)
    made.profile()
    click = unix("2026-11-20T04:00Z")
    made.clicks_ad(SARI, "halo", click)
    (ad,) = wacli("ads", "--json", "--at", rfc3339(click + after_s)).json
    assert (ad["waiting"], ad["lost"]) == (waiting, 1 - waiting)


def test_an_ad_without_an_id(wacli: FrontDoor) -> None:
    made = Shop(wacli)
    made.profile()
    made.hears(SARI, "halo", "2026-11-20T04:00Z", referral={"source_type": "ad", "headline": "Buket"})
    made.hears(BUDI, "halo", "2026-11-20T05:00Z", referral={"source_type": "ad", "source_url": "https://fb.me/y"})
    found = {row["source_url"]: row["chats"] for row in wacli("ads", "--json").json}
    assert found == {None: 1, "https://fb.me/y": 1}
    assert wacli("ads", "--format", "table").status == 0


def test_money_of_ads_and_of_all_is_the_same_money(shop: Shop) -> None:
    pricing = {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"}
    for number, who in enumerate((SARI, BUDI, RINA, DEWI)):
        shop.status(who, f"wamid.BILL{number}=", "delivered", f"2026-11-22T04:0{number}Z", pricing=pricing)
    total = sum(Decimal(row["amount"]) for row in shop.door("spend", "by", "category", "--json").json)
    by_ad = shop.door("spend", "by", "ad", "--json").json
    by_link = shop.door("spend", "by", "link", "--json").json
    assert total > 0
    assert sum(Decimal(row["amount"]) for row in by_ad) == total
    assert sum(Decimal(row["amount"]) for row in by_link) == total
    ads = shop.door("ads", "--json").json
    assert sum(Decimal(row["spent"]) for row in ads) == sum(Decimal(row["amount"]) for row in by_ad if row["key"])
