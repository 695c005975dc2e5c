"""`wacli spend`, `allowance` and `reconcile` at the front door, over a month of the sandbox's traffic."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.months import Traffic, month_of_traffic
from tests.support.traffic import taken_in
from wacli.domain.money import from_micros
from wacli.sandbox.puppet import Puppet

READY = ("send", "order_ready", "Sari", "name=Sari", "order=A-17")


@pytest.fixture(scope="module")
def november() -> Traffic:
    """A month in which about 300 messages were billed."""
    return month_of_traffic(date(2026, 11, 1), chats=250, seed=11)


@pytest.fixture
def shop(wacli: FrontDoor, november: Traffic) -> FrontDoor:
    """A front door behind which that month has come in; it is the last evening of it."""
    with taken_in(wacli.folder, november):
        pass
    account = november.engine.account
    options = ("--phone-number-id", account.numbers[0].id, "--waba-id", account.waba_id, "--time-zone", "Asia/Jakarta")
    assert wacli("profiles", "add", "shop", "--country", "ID", *options).status == 0
    wacli.now = datetime(2026, 11, 30, 16, 45, tzinfo=UTC)
    return wacli


def test_the_sum_and_how_the_month_will_end(shop: FrontDoor, november: Traffic) -> None:
    told = shop("spend", "--json").json
    assert Decimal(told["amount"]) == from_micros(november.total_micro)
    assert (told["count"], told["billed_count"] + told["free_count"]) == (len(november.charges),) * 2
    assert Decimal(told["forecast_low"]) <= Decimal(told["forecast"]) <= Decimal(told["forecast_high"])
    assert Decimal(told["forecast_low"]) >= Decimal(told["amount"])
    assert (told["budget"], told["contradicted_count"], told["unknown_count"]) == (None, 0, 0)


@pytest.mark.parametrize(
    "by", ["contact", "thread", "template", "category", "market", "campaign", "tag", "ad", "link", "day", "month"]
)
def test_every_form_of_every_dimension_has_the_same_total(by: str, shop: FrontDoor, november: Traffic) -> None:
    total = from_micros(november.total_micro)
    rows = shop("spend", "by", by, "--json").json
    assert sum(Decimal(row["amount"]) for row in rows) == total
    table = csv.DictReader(io.StringIO(shop("spend", "by", by, "--format", "csv").out))
    assert sum(Decimal(row["amount"]) for row in table) == total
    lines = shop("spend", "by", by, "--format", "ndjson").out.splitlines()
    assert [json.loads(line)["key"] for line in lines] == [row["key"] for row in rows]
    amounts = shop("spend", "by", by, "--fields", "amount").out.split()
    assert sum(map(Decimal, amounts)) == total


def test_a_screen_adds_up_although_it_shows_the_first_lines_only(shop: FrontDoor, november: Traffic) -> None:
    shop.is_terminal = True
    shown = shop("spend", "by", "contact").out
    assert re.search(r"\d+ more lines: --limit 0", shown)
    assert f"Total: ${from_micros(november.total_micro):f}" in shown
    assert "█" in shown
    assert "They would have cost" in shown
    assert "At this pace the month ends at about $" in shown


def test_spans(shop: FrontDoor) -> None:
    whole = Decimal(shop("spend", "--json").json["amount"])
    first = Decimal(shop("spend", "--until", "2026-11-16", "--json").json["amount"])
    second = Decimal(shop("spend", "--since", "2026-11-16", "--json").json["amount"])
    assert first + second == whole
    assert first > 0
    assert Decimal(shop("spend", "--month", "2026-11", "--json").json["amount"]) == whole
    assert shop("spend", "--month", "2026-10", "--json").json["count"] == 0
    assert Decimal(shop("spend", "--at", "2026-11-16", "--json").json["amount"]) == first
    assert shop("spend", "--month", "2026-13").status == 2
    assert shop("spend", "--month", "2026-11", "--since", "3d").status == 2
    assert shop("spend", "--since", "2026-11-16", "--until", "2026-11-15").status == 2


def test_what_cannot_be_asked_says_what_can(shop: FrontDoor) -> None:
    wrong = shop("spend", "by", "colour", "--json")
    assert (wrong.status, wrong.error["code"]) == (2, "bad-value")
    assert "category" in wrong.error["hint"]


def test_the_budget_for_cron(shop: FrontDoor) -> None:
    assert shop("spend", "--exit-code", "--json").error["code"] == "no-budget"
    shop("config", "set", "budget", "100 USD")
    assert shop("spend", "--exit-code").status == 0
    spent = Decimal(shop("spend", "--json").json["amount"])
    share = f"{int(spent) - 1}%"
    assert shop("spend", "--exit-code", "--warn-at", share).status == 20
    shop("config", "set", "budget", "1 USD")
    assert shop("spend", "--exit-code").status == 20
    told = shop("spend", "--json").json
    assert (told["budget"], told["budget_left"]) == ("1", "0")


def test_a_picture(shop: FrontDoor, tmp_path: Path) -> None:
    drawn = tmp_path / "spend.svg"
    assert shop("spend", "by", "market", "--chart", str(drawn)).status == 0
    svg = Xml.fromstring(drawn.read_text("utf-8"))
    texts = [one.text for one in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "Indonesia" in texts
    pytest.importorskip("PIL")
    picture = tmp_path / "spend.png"
    assert shop("spend", "by", "day", "--chart", str(picture)).status == 0
    from PIL import Image

    with Image.open(picture) as image:
        assert (image.format, image.width) == ("PNG", 1800)
    assert shop("spend", "--chart", str(tmp_path / "spend.pdf")).status == 2
    assert shop("spend", "--chart", str(tmp_path / "no" / "where.svg")).status == 6


def test_a_picture_is_safe_from_what_others_typed(counter: Counter, tmp_path: Path) -> None:
    counter.meet("<script>&\x1b[31mEve", "+62 813-5550-0909", "hi")
    assert counter("send", "order_ready", "+6281355500909", "name=E", "order=1").status == 0
    counter.later(timedelta(minutes=2))
    drawn = tmp_path / "c.svg"
    assert counter("spend", "by", "contact", "--chart", str(drawn)).status == 0
    svg = Xml.fromstring(drawn.read_text("utf-8"))
    assert "<script>&Eve" in [one.text for one in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_own_sends_know_their_template_and_contact(counter: Counter, sari: Puppet) -> None:
    assert counter(*READY).status == 0
    assert counter("reply", "Sari", "halo").status == 0
    counter.later(timedelta(minutes=2))
    rows = {row["key"]: row for row in counter("spend", "by", "template", "--json").json}
    assert (rows["order_ready"]["amount"], rows["order_ready"]["count"]) == ("0.025", 1)
    assert (rows[None]["amount"], rows[None]["saved"], rows[None]["allowance_count"]) == ("0", "0.025", 1)
    (row,) = counter("spend", "by", "contact", "--json").json
    assert (row["name"], row["count"], row["amount"]) == ("Sari Dewi", 2, "0.025")


def test_the_view_for_everybodys_own_sql(counter: Counter, sari: Puppet) -> None:
    assert counter(*READY).status == 0
    counter.later(timedelta(minutes=2))
    counter("spend")
    columns = "name, template, category, market, amount, currency, amount_micros, free_reason, meta_type"
    (row,) = counter("db", "sql", f"SELECT {columns} FROM v_charges", "--json").json
    assert row == {
        "name": "Sari Dewi",
        "template": "order_ready",
        "category": "utility",
        "market": "Indonesia",
        "amount": "0.025000",
        "currency": "USD",
        "amount_micros": 25_000,
        "free_reason": None,
        "meta_type": "regular",
    }


def test_a_month_of_free_messages(shop: FrontDoor, november: Traffic) -> None:
    used = sum(one.free_because == "allowance" for one in november.charges)
    (row,) = shop("allowance", "--json").json
    assert (row["total"], row["used"], row["left"]) == (1000, used, 1000 - used)
    assert row["resets_at"] == "2026-11-30T17:00:00Z"
    assert row["payment_method"] == "unknown"
    assert len(row["busiest"]) == 5
    assert row["per_day"] is not None
    assert shop("allowance", "--exit-code").status == 0
    assert shop("allowance", "--exit-code", "--warn-at", "10%").status == 20


def test_free_messages_are_counted_anew_in_the_accounts_new_month(shop: FrontDoor) -> None:
    shop.now = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    (row,) = shop("allowance", "--json").json
    assert (row["used"], row["left"]) == (0, 1000)


def test_before_october_there_was_nothing_to_count(shop: FrontDoor) -> None:
    assert shop("allowance", "--at", "2026-09-15", "--json").json == []
    shop.is_terminal = True
    assert "free without limit" in shop("allowance", "--at", "2026-09-15").out


def test_until_when_they_last(shop: FrontDoor, november: Traffic) -> None:
    (row,) = shop("allowance", "--at", "2026-11-10T12:00+07:00", "--json").json
    assert (row["per_day"], row["runs_out_on"]) == (None, None)  # ten days are too few to tell
    shop.is_terminal = True
    assert "not known yet" in shop("allowance", "--at", "2026-11-10T12:00+07:00").out


def test_what_doctor_knows_of_a_payment_method(counter: Counter, sari: Puppet) -> None:
    def payment() -> str:
        (row,) = counter("allowance", "--json").json
        return str(row["payment_method"])

    assert payment() == "unknown"
    counter("doctor")
    assert payment() == "known"
    counter.sandbox.account.has_payment_method = False
    counter("doctor")
    assert payment() == "missing"
    counter.door.is_terminal = True
    assert "after the free messages nothing is delivered" in counter("allowance").out
    counter.door.is_terminal = False
    counter(*READY)
    counter.later(timedelta(minutes=2))
    assert payment() == "refused"


def test_three_counts_agree(counter: Counter, sari: Puppet) -> None:
    for _ in range(3):
        assert counter(*READY).status == 0
    assert counter("reply", "Sari", "halo").status == 0
    counter.later(timedelta(minutes=2))
    outcome = counter("reconcile", "--json")
    assert outcome.status == 0
    line, total = outcome.json
    assert (line["category"], line["market"], total["category"]) == ("utility", "Indonesia", "total")
    for row in (line, total):
        assert [row[f"{who}_amount"] for who in ("own", "status", "analytics")] == ["0.075"] * 3
        assert [row[f"{who}_count"] for who in ("own", "status", "analytics")] == [3] * 3
    assert counter("reconcile", "--messages", "--json").json == []
    assert counter("reconcile", "--offline", "--json").json[0]["analytics_amount"] is None


def test_what_meta_files_otherwise_is_named_with_the_likely_reason(counter: Counter, sari: Puppet) -> None:
    assert counter(*READY).status == 0
    counter.later(timedelta(minutes=2))
    with_word = "UPDATE statuses SET pricing_category = 'marketing' WHERE pricing_type IS NOT NULL"
    _tamper(counter, with_word, "UPDATE messages SET pricing_category = 'marketing' WHERE direction = 'outbound'")
    (row,) = counter("reconcile", "--offline", "--messages", "--json").json
    assert (row["name"], row["category"], row["meta_category"], row["reason"]) == (
        "Sari Dewi", "utility", "marketing", "other-category",
    )  # fmt: skip
    counter.door.is_terminal = True
    assert "Meta filed it under another category" in counter("reconcile", "--offline").out


def test_a_difference_above_the_tolerance_ends_with_20(counter: Counter, sari: Puppet) -> None:
    assert counter(*READY).status == 0
    counter.later(timedelta(minutes=2))
    free = "pricing_type = 'free_customer_service'"
    _tamper(
        counter,
        f"UPDATE statuses SET {free} WHERE pricing_type IS NOT NULL",
        f"UPDATE messages SET {free} WHERE direction = 'outbound'",
    )
    assert counter("reconcile", "--offline").status == 20
    assert counter("reconcile", "--offline", "--tolerance", "0.03 USD").status == 0
    assert counter("reconcile", "--offline", "--tolerance", "nothing").status == 2
    (row,) = counter("reconcile", "--offline", "--messages", "--json").json
    assert row["reason"] == "utility-in-window"
    assert counter("spend", "--json").json["contradicted_count"] == 1


def test_without_an_answer_of_meta_two_counts_are_compared(counter: Counter, sari: Puppet) -> None:
    assert counter(*READY).status == 0
    counter.later(timedelta(minutes=2))
    counter.profile(kind="sandbox", api_base="http://127.0.0.1:9")
    outcome = counter("reconcile", "--json")
    assert outcome.status == 0
    assert outcome.json[0]["analytics_amount"] is None
    assert "could not be asked" in outcome.err


def _tamper(counter: Counter, *statements: str) -> None:
    """Makes Meta have said something else."""
    from wacli.store.database import open_store

    with open_store(counter.door.folder / "shop.db", create=False) as store:
        for statement in statements:
            store.query(statement)
