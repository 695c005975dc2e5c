"""`wacli estimate --chat-export`: app against API, without a store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from wacli.ratecards.shelf import shelf

CHAT = """30/10/26 09.00 - Sari: halo kak
30/10/26 09.05 - Ani: halo!
01/11/26 12.00 - Ani: ada promo kue
13/11/26 10.00 - Sari: masih ada?
16/11/26 10.00 - Sari: halo?
16/11/26 10.01 - Ani: maaf, ya ada
17/11/26 10.00 - Ani: jadi?
"""


@pytest.fixture
def shop(wacli: FrontDoor) -> FrontDoor:
    wacli("config", "set", "country", "ID")
    wacli("config", "set", "time_zone", "Asia/Jakarta")
    return wacli


def chat(shop: FrontDoor, name: str = "Chat WhatsApp dengan Sari.txt", text: str = CHAT) -> str:
    path = shop.folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_by_month_with_missed_windows_and_no_store(shop: FrontDoor) -> None:
    done = shop("estimate", "--chat-export", chat(shop), "--on", "2026-10-01", "--json")
    assert done.status == 0, done.err
    said = done.json
    counts = [
        (month["month"], month["inbound_count"], month["reply_count"], month["template_count"], month["missed_count"])
        for month in said["months"]
    ]
    # 17 November 10:00 is 24 hours after the contact's last message: the window has just closed.
    assert counts == [("2026-10", 1, 1, 0, 0), ("2026-11", 2, 1, 2, 1)]
    rate = shelf().card_on(date(2026, 10, 1), "USD")
    assert rate is not None, "the packaged list of that day"
    assert (said["app_total"], said["missed_windows"], said["currency"]) == ("0", 1, "USD")
    assert Decimal(said["total"]) == sum(Decimal(month["amount"]) for month in said["months"])
    assert Decimal(said["months"][1]["amount"]) > 0
    assert not (shop.folder / "shop.db").exists()


def test_the_category_and_the_day_decide(shop: FrontDoor) -> None:
    file = chat(shop)

    def total(*argv: str) -> Decimal:
        return Decimal(shop("estimate", "--chat-export", file, "--json", *argv).json["total"])

    assert total("--category", "marketing") > total("--category", "utility") > 0
    assert total("--on", "2023-07-01") != total("--on", "2026-10-01")
    assert shop("estimate", "--chat-export", file, "--category", "spam").status == 2


@pytest.mark.parametrize("typed", [("--marketing", "5"), ("--tax", "11%"), ("--since", "2026-10-01")])
def test_what_the_chats_say_themselves_is_not_asked_for(shop: FrontDoor, typed: tuple[str, str]) -> None:
    refused = shop("estimate", "--chat-export", chat(shop), *typed, "--json")
    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert refused.error["message"] == f"--chat-export does not go with {typed[0]}"


def test_several_chats_are_one_account(shop: FrontDoor) -> None:
    one = chat(shop)
    two = chat(shop, "Chat WhatsApp dengan Budi.txt", CHAT.replace("Sari", "Budi"))
    both = shop("estimate", "--chat-export", one, "--chat-export", two, "--json").json
    alone = shop("estimate", "--chat-export", one, "--json").json
    assert both["months"][1]["template_count"] == 2 * alone["months"][1]["template_count"]


def test_what_has_to_be_said(shop: FrontDoor) -> None:
    which = shop("estimate", "--chat-export", chat(shop, "chat.txt"), "--json")
    assert (which.status, which.error["code"]) == (2, "which-is-me")
    assert shop("estimate", "--chat-export", chat(shop, "chat.txt"), "--me", "Ani").status == 0
    table = shop("estimate", "--chat-export", chat(shop), "--format", "table").out
    assert "In the phone app: nothing." in table
    assert "Windows missed" in table
    assert shop("estimate", "--chat-export", str(Path("nowhere.txt"))).status == 3


def test_a_chat_that_is_cut_short_is_priced_as_far_as_it_goes(shop: FrontDoor) -> None:
    whole = shop("estimate", "--chat-export", chat(shop), "--json").json
    cut = shop("estimate", "--chat-export", chat(shop, text=CHAT + "14/11/26 08.0"), "--json")
    assert (cut.status, cut.json["months"], cut.json["total"]) == (7, whole["months"], whole["total"])
    assert "breaks off: the file was cut short" in cut.err


def test_an_owner_who_writes_late_is_found(shop: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shop("estimate", "--chat-export", chat(shop), "--me", "Ani", "--json").json
    monkeypatch.setattr("wacli.services.chat_estimate._LOOKED_AT", 1)
    for said in ((), ("--me", "Ani")):
        late = shop("estimate", "--chat-export", chat(shop), *said, "--json")
        assert (late.status, late.json["months"]) == (0, whole["months"])
