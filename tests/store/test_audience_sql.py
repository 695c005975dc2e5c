"""Conditions as SQL: who is meant, and that what was typed is a value and never a statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.campaign_shop import NOW, CampaignShop, template
from wacli.store import contacts
from wacli.store.contacts import ContactChange


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[CampaignShop]:
    made = CampaignShop(tmp_path)
    with made.store:
        sari = made.person("6281200000001", name="Sari Dewi")
        budi = made.person("447911123456", name="Budi", bsuid="GB.1")
        rina = made.person(None, bsuid="ID.77", name="Ñusta 100%")
        nameless = made.person("6281200000004", name=None)
        contacts.tag(made.store, sari, ["vip"])
        contacts.tag(made.store, budi, ["vip", "grosir"])
        contacts.edit(made.store, rina, ContactChange(note="suka_mawar", username="rina.h"), NOW)
        made.thread(sari, opener=NOW - timedelta(hours=2))
        made.thread(budi, opener=NOW - timedelta(days=40))
        made.says(sari, "marketing", "opted-in", "owner")
        made.says(budi, "marketing", "opted-in", "owner", NOW - timedelta(days=2))
        made.says(budi, "marketing", "opted-out", "stop-word", NOW - timedelta(days=1))
        made.says(nameless, "utility", "opted-out", "owner")
        yield made


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("window open", {1}),
        ("window closed", {2, 3, 4}),
        ("last message within 30 days", {1}),
        ("last message over 30 days ago", {2}),
        ("not last message within 30 days", {2, 3, 4}),
        ("never wrote", {3, 4}),
        ("never answered", {1, 2, 3, 4}),
        ("added within 1 day", {1, 2, 3, 4}),
        ("tag vip", {1, 2}),
        ("tag vip and not tag grosir", {1}),
        ("tag contains GROS", {2}),
        ("tag is empty", {3, 4}),
        ("market Indonesia", {1, 3, 4}),
        ("market = “united kingdom”", {2}),
        ("opted in", {1}),
        ("opted out", {2}),
        ("opted out utility", {4}),
        ("not opted in", {2, 3, 4}),
        ("name = sari dewi", {1}),
        ("name contains DEWI", {1}),
        ("name contains “100%”", {3}),
        ("name contains “1%0”", set()),
        ("name starts with ñUS", {3}),
        ("name ends with di", {2}),
        ("name != Budi", {1, 3, 4}),
        ("name is empty", {4}),
        ("name is known", {1, 2, 3}),
        ("note contains _mawar", {3}),
        ("note contains amawar", set()),
        ("username = @rina.h", {3}),
        ("phone starts with +62 812-0000", {1, 4}),
        ("bsuid = GB.1", {2}),
        ("id in (1, #3, 99)", {1, 3}),
        ("name = “' OR 1=1 --”", set()),
        ("id = “1 OR 1”", set()),
        ("unanswered", set()),
        ("window open or market United Kingdom", {1, 2}),
    ],
)
def test_who_is_meant(shop: CampaignShop, condition: str, who: set[int]) -> None:
    assert set(shop.plan(template("UTILITY"), where=condition)) == who
