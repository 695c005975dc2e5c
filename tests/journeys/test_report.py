"""`wacli report` and `wacli advice`: a month on one page, complete in itself; what would have been cheaper."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.shop import BUDI, RINA, SARI, Shop

UTILITY = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}
OFFER = {**UTILITY, "category": "marketing"}


class Page(HTMLParser):
    """What a browser would make of the page: its texts, the addresses it asks for, whether its tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.asked_for: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.asked_for += [value for name, value in attrs if name in ("src", "href") and value]
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1] != "style":
            self.words.append(data.strip())


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    made = Shop(wacli)
    made.profile(time_zone="Asia/Jakarta")
    hostile = SARI._replace(name="<script>alert(1)</script> | `x`")
    made.hears(hostile, "sudah jadi?", "2026-11-16T02:00Z")  # missed: answered by a template two days later
    made.status(SARI, "wamid.LATE=", "delivered", "2026-11-18T02:00Z", pricing=UTILITY)
    made.hears(BUDI, "halo", "2026-11-16T02:00Z")
    made.status(BUDI, "wamid.SOON=", "delivered", "2026-11-16T02:05Z", pricing={**UTILITY, "category": "service"})
    for number in range(4):
        made.status(RINA, f"wamid.OFFER{number}=", "delivered", f"2026-11-1{number}T02:00Z", pricing=OFFER)
    return made


def test_the_page_is_complete_in_itself(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert shop.door("report", "--month", "2026-11", "--out", str(file)).status == 0
    text = file.read_text("utf-8")
    page = Page(text)
    assert page.open == []
    assert page.asked_for == []
    assert not page.tags & {"script", "link", "img", "iframe"}
    for word in ("@import", "url(", "http://", "<script"):
        assert word not in text.replace("https://", ""), word
    assert "WhatsApp in November 2026" in page.words
    assert {"By category", "By market", "Day by day", "How you answered", "Where the numbers come from"} <= set(
        page.words
    )
    assert any("Windows missed" in word for word in page.words)


def test_its_total_is_that_of_spend(shop: Shop) -> None:
    text = shop.door("report", "--month", "2026-11", "--format", "markdown").out
    spent = shop.door("spend", "by", "category", "--month", "2026-11", "--json").json
    count = sum(line["count"] for line in spent)
    assert count == 6
    for title in ("By category", "By market", "Day by day"):
        section = text.split(f"## {title}\n")[1].split("\n##")[0]
        assert f"**{count}**" in section, title
    assert "<script>" not in text
    assert "Rate card" in text
    assert "Pricing rules" in text


def test_how_the_shop_answered(shop: Shop) -> None:
    text = shop.door("report", "--month", "2026-11", "--format", "markdown").out
    assert "**Waiting customers answered in time:** 1" in text
    assert "**Windows missed:** 1 (1 template had to be sent later instead, for $" in text
    assert "came within:** 5m" in text


def test_in_indonesian_too(shop: Shop) -> None:
    assert '<html lang="id">' in shop.door("report", "--lang", "id").out


@pytest.mark.parametrize("argv", [("--out", "report.pdf"), ("--month", "2026-13"), ("--month", "x")])
def test_wrong_usage(shop: Shop, argv: tuple[str, str]) -> None:
    assert shop.door("report", *argv, "--json").status == 2


def test_a_file_is_not_overwritten_unasked(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    assert shop.door("report", "--out", str(file)).status == 0
    refused = shop.door("report", "--out", str(file), "--json")
    assert (refused.status, refused.error["code"]) == (4, "file-exists")
    assert shop.door("report", "--out", str(file), "--overwrite").status == 0


def test_an_empty_month(shop: Shop) -> None:
    page = Page(shop.door("report", "--month", "2020-01").out)
    assert "WhatsApp in January 2020" in page.words


def test_advice_ranks_what_was_found(shop: Shop) -> None:
    found = {one["code"]: one for one in shop.door("advice", "--json").json}
    assert float(found["unread-marketing"]["saved"]) > 0
    assert found["unread-marketing"]["thread_count"] == 1
    assert found["answer-within"]["threads"][0]["name"] == "Sari Dewi"
    saved = [float(one["saved"]) for one in shop.door("advice", "--json").json]
    assert saved == sorted(saved, reverse=True)
    shown = shop.door("advice", "--format", "table").out
    assert "Savings overlap" in shown


def test_advice_looks_back(shop: Shop) -> None:
    assert shop.door("advice", "--since", "2027-01-01", "--json").status == 2


def test_no_advice_is_an_answer(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.profile()
    shop.hears(SARI, "halo", "2026-11-20T02:00Z")
    assert shop.door("advice", "--json").json == []
    assert "nothing to save" in shop.door("advice", "--format", "table").out
