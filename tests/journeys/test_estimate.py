"""`wacli estimate` as a person and a script meet it: the worked cases, comparisons, extras, every form of an option."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import FrontDoor, Outcome

TODAY = ("--on", "2026-11-22")
SEPTEMBER = ("--on", "2026-09-30")
USUAL = ("--to", "ID", "--marketing", "1000", "--utility", "500", "--service", "3000")
LINE_KEYS = {
    "market", "category", "count", "free_count", "free_reason", "billed_count", "unit_price", "amount", "tier",
    "low", "high", "price_low", "price_high", "rate_card", "rate_card_on", "source", "certainty", "is_given", "reason",
}  # fmt: skip
QUOTE_KEYS = {
    "on", "currency", "rules", "rate_card", "lines", "total", "low", "high", "assumptions", "unit", "message_count",
    "free_count", "billed_count", "subtotal", "extras", "converted", "sources",
}  # fmt: skip


def estimate(wacli: FrontDoor, *argv: str, stdin: bytes = b"") -> Any:
    outcome = wacli("estimate", *argv, "--json", stdin=stdin)
    assert (outcome.status, outcome.err) == (0, "")
    return outcome.json


def amounts(quote: Any) -> list[tuple[str, str | None]]:
    return [(line["category"], line["amount"]) for line in quote["lines"]]


def test_the_usual_month_to_indonesia(wacli: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *TODAY)
    assert amounts(quote) == [("marketing", "41.10"), ("utility", "12.50"), ("service", "50.00")]
    assert (quote["total"], quote["low"], quote["high"]) == ("103.60",) * 3
    assert (quote["on"], quote["currency"]) == ("2026-11-22", "USD")
    assert (quote["rules"], quote["rate_card"]) == ("2026-10-01", "2026-10-01.USD")
    service = quote["lines"][2]
    assert (service["free_count"], service["free_reason"], service["billed_count"]) == (1000, "allowance", 2000)
    assert service["unit_price"] == "0.0250"


def test_the_keys_are_the_promised_ones(wacli: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *TODAY, "--compare", "2026-09-30", "--what-if", "service=+50%")
    assert set(quote) == QUOTE_KEYS | {"recipients", "compare", "what_if"}
    assert all(set(line) == LINE_KEYS for line in quote["lines"])
    assert set(quote["compare"][0]) == QUOTE_KEYS | {"error"}
    assert set(quote["what_if"][0]) == QUOTE_KEYS | {"error", "change"}
    promised = ["on", "currency", "rules", "rate_card", "lines", "total", "low", "high", "assumptions"]
    assert list(quote)[: len(promised)] == promised


def test_every_price_and_every_free_message_has_its_source(wacli: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *TODAY)
    cited = {(source["id"], source["source"]) for source in quote["sources"]}
    assert all((line["rate_card"], line["source"]) in cited for line in quote["lines"])
    assert [source["fact"] for source in quote["sources"]] == ["unit", None, "allowance"]
    rules = estimate(wacli, *USUAL, *SEPTEMBER)
    assert "free_in_window" in [source["fact"] for source in rules["sources"]]


def test_the_same_month_before_october(wacli: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *SEPTEMBER)
    assert amounts(quote) == [("marketing", "41.10"), ("utility", "12.50"), ("service", "0.00")]
    assert (quote["lines"][2]["free_reason"], quote["total"]) == ("rules", "53.60")
    inside = estimate(wacli, *USUAL, *SEPTEMBER, "--in-window", "100%")
    assert amounts(inside)[1] == ("utility", "0.00")
    assert inside["lines"][1]["free_reason"] == "rules"


def test_three_numbers_have_three_allowances(wacli: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *TODAY, "--numbers", "3")
    assert amounts(quote)[2] == ("service", "0.00")
    used = estimate(wacli, *USUAL, *TODAY, "--allowance-used", "1,000")
    assert amounts(used)[2] == ("service", "75.00")


def test_everything_from_ads_is_free_and_says_which_free(wacli: FrontDoor, terminal: FrontDoor) -> None:
    quote = estimate(wacli, *USUAL, *TODAY, "--from-ads", "100%")
    assert (quote["total"], {line["free_reason"] for line in quote["lines"]}) == ("0.00", {"free_entry_point"})
    assert "ad window" in terminal("estimate", *USUAL, *TODAY, "--from-ads", "100%").out


def test_a_million_is_summed_over_the_bands_of_the_day(wacli: FrontDoor) -> None:
    quote = estimate(wacli, "--to", "ID", "--utility", "1,000,000", "--on", "2026-04-01")
    assert [line["tier"] for line in quote["lines"]] == ["0:750000", "750001:4000000"]
    assert Decimal(quote["total"]) == 750_000 * Decimal("0.0250") + 250_000 * Decimal("0.0238")
    april = ("--to", "ID", "--on", "2026-04-01")
    first = estimate(wacli, *april, "--utility", "700000")
    second = estimate(wacli, *april, "--utility", "300000", "--volume-so-far", "ID,utility,700000")
    assert Decimal(first["total"]) + Decimal(second["total"]) == Decimal(quote["total"])


@pytest.mark.parametrize(
    ("to", "day", "market", "price"),
    [
        ("SA", "2026-09-30", "Saudi Arabia", "0.0501"),
        ("SA", "2026-10-01", "Saudi Arabia", "0.0576"),
        ("PL", "2026-06-30", "Rest of Central & Eastern Europe", None),
        ("PL", "2026-07-01", "Poland", None),
        ("+7 701 123 4567", "2026-09-30", "Other", None),
        ("+7 701 123 4567", "2026-10-01", "Kazakhstan", None),
        ("+1 809 555 0123", "2026-11-22", "Rest of Latin America", None),
        ("South Korea", "2026-11-22", "Other", None),
        ("indonesia", "2026-11-22", "Indonesia", "0.0411"),
        ("Rest of Africa", "2026-11-22", "Rest of Africa", None),
    ],
)
def test_markets_by_day(wacli: FrontDoor, to: str, day: str, market: str, price: str | None) -> None:
    (line,) = estimate(wacli, "--to", to, "--marketing", "1", "--on", day)["lines"]
    assert line["market"] == market
    assert price is None or line["unit_price"] == price


def test_many_markets_from_options_and_files(wacli: FrontDoor, tmp_path: Path) -> None:
    by_option = estimate(wacli, *TODAY, "--line", "ID,marketing,1,000", "--line", "MY,utility,300")
    content = b"category;count;market\nmarketing;1.000\n"
    file = tmp_path / "plan.csv"
    file.write_bytes(b"category;count;market\nmarketing;1000;ID\nutility;300;Malaysia\n")
    by_file = estimate(wacli, *TODAY, "--lines", str(file))
    by_stdin = estimate(wacli, *TODAY, "--lines", "-", stdin=b"ID,marketing,1000\nMY,utility,300\n")
    assert by_option["lines"] == by_file["lines"] == by_stdin["lines"]
    assert content != file.read_bytes()
    both = estimate(wacli, *TODAY, "--to", "ID", "--to", "MY", "--marketing", "10")
    assert [(line["market"], line["count"]) for line in both["lines"]] == [("Indonesia", 10), ("Malaysia", 10)]


def test_compare_and_what_if_stand_side_by_side(wacli: FrontDoor) -> None:
    quote = estimate(
        wacli, *USUAL, *TODAY,
        "--compare", "2026-09-30", "--compare", "2018-09-01",
        "--what-if", "service=+50%", "--what-if", "service=-20%", "--what-if", "marketing=2000, in-window=80%",
    )  # fmt: skip
    assert [(day["on"], day["total"]) for day in quote["compare"]] == [("2026-09-30", "53.60"), ("2018-09-01", None)]
    assert (quote["compare"][1]["low"], quote["compare"][1]["high"]) == ("7.50", "135.00")
    assert [(one["change"], one["total"]) for one in quote["what_if"]] == [
        ("service=+50%", "141.10"),
        ("service=-20%", "88.60"),
        ("marketing=2000, in-window=80%", "144.70"),
    ]


def test_a_day_without_any_figure_is_said_and_the_rest_still_answered(wacli: FrontDoor) -> None:
    argv = ("estimate", *USUAL, "--currency", "EUR", "--on", "2026-09-01", "--compare", "2018-09-01")
    outcome = wacli(*argv, "--json")
    assert outcome.status == 7
    assert outcome.json["total"] == "44.50"
    (other,) = outcome.json["compare"]
    assert (other["on"], other["total"], other["error"]["code"]) == ("2018-09-01", None, "no-rate")


def test_2018_has_bounds_and_a_supplied_price_closes_them(wacli: FrontDoor) -> None:
    day = ("--on", "2018-09-01")
    quote = estimate(wacli, *USUAL, *day)
    assert (quote["total"], quote["low"], quote["high"]) == (None, "7.50", "135.00")
    assert quote["lines"][0]["unit_price"] is None
    closed = estimate(wacli, *USUAL, *day, "--rate", "ID=0.02")
    assert closed["total"] == closed["low"] == closed["high"] == "30.00"
    assert closed["lines"][0]["is_given"] is True


def test_a_price_for_one_category_always_counts(wacli: FrontDoor) -> None:
    for form in ("ID,utility=1", "ID:utility=1", "Indonesia, utility = 1"):
        assert amounts(estimate(wacli, *USUAL, *TODAY, "--rate", form))[1] == ("utility", "500.00")
    spare = estimate(wacli, *USUAL, *TODAY, "--rate", "ID=9")
    assert spare["total"] == "103.60"
    assert "was not needed" in " ".join(spare["assumptions"])


def test_fee_tax_and_conversion_come_on_top_by_name(wacli: FrontDoor) -> None:
    extras = ("--fee", "0.005", "--fee-name", "Twilio", "--tax", "PPN=11%", "--fx", "USD:IDR=16500")
    quote = estimate(wacli, *USUAL, *TODAY, *extras)
    assert [(extra["kind"], extra["name"], extra["rate"], extra["amount"]) for extra in quote["extras"]] == [
        ("fee", "Twilio", "0.005", "22.50"),
        ("tax", "PPN", "0.11", "13.871"),
    ]
    assert (quote["subtotal"], quote["total"]) == ("103.60", "139.971")
    assert (quote["converted"]["currency"], quote["converted"]["total"]) == ("IDR", "2309521.50")
    nameless = estimate(wacli, *USUAL, *TODAY, "--fee", "0.005")
    assert nameless["extras"][0]["name"] is None


@pytest.mark.parametrize("share", ["60%", "60 %", "0.6", "0,6", "60.0%"])
def test_shares_as_people_write_them(wacli: FrontDoor, share: str) -> None:
    quote = estimate(wacli, "--to", "ID", "--utility", "1000", *SEPTEMBER, "--in-window", share)
    assert [(line["count"], line["free_count"]) for line in quote["lines"]] == [(600, 600), (400, 0)]


def test_nothing_is_an_answer(wacli: FrontDoor) -> None:
    assert estimate(wacli, "--to", "ID", "--marketing", "0", *TODAY)["total"] == "0.00"


def test_today_is_the_accounts_day(tmp_path: Path) -> None:
    wacli = FrontDoor(tmp_path, now=datetime(2026, 9, 30, 18, 0, tzinfo=UTC))
    wacli("profiles", "add", "shop", "--time-zone", "Asia/Jakarta", "--country", "ID")
    assert estimate(wacli, "--service", "5")["on"] == "2026-10-01"  # 1 am in Jakarta
    assert estimate(wacli, "--service", "5", "--on", "yesterday")["on"] == "2026-09-30"
    assert estimate(wacli, "--service", "5", "--at", "2026-09-30T10:00+07:00")["on"] == "2026-09-30"
    home = estimate(wacli, "--service", "5")
    assert home["lines"][0]["market"] == "Indonesia"
    assert "the country of your profile" in home["assumptions"][0]
    assert estimate(wacli, "--to", "0812 3456 7890", "--service", "5")["lines"][0]["market"] == "Indonesia"


def test_the_accounts_currency_is_the_default(wacli: FrontDoor) -> None:
    wacli("profiles", "add", "shop", "--currency", "EUR")
    assert estimate(wacli, "--to", "DE", "--marketing", "1", "--on", "2026-09-01")["currency"] == "EUR"
    assert estimate(wacli, "--to", "DE", "--marketing", "1", *TODAY, "--currency", "usd")["currency"] == "USD"


def test_rows_for_scripts(wacli: FrontDoor) -> None:
    argv = ("estimate", *USUAL, *TODAY, "--what-if", "service=0")
    rows = [line.split("\t") for line in wacli(*argv).out.splitlines()]
    assert [(row[0], row[1], row[3], row[4]) for row in rows][:3] == [
        ("2026-11-22", "", "Indonesia", category) for category in ("marketing", "utility", "service")
    ]
    assert [row[1] for row in rows] == [""] * 3 + ["service=0"] * 3
    csv = wacli(*argv, "--format", "csv").out.splitlines()
    assert csv[0].startswith("on,what_if,currency,market,category,count,free_count,free_reason,billed_count,unit_price")
    assert len(csv) == 7
    ndjson = wacli(*argv, "--format", "ndjson").out.splitlines()
    assert len(ndjson) == 6
    assert wacli(*argv, "--fields", "category,amount").out.splitlines()[0] == "marketing\t41.10"


def test_a_person_can_check_the_table_by_hand(terminal: FrontDoor) -> None:
    outcome: Outcome = terminal("estimate", *USUAL, *TODAY)
    assert (outcome.status, outcome.err) == (0, "")
    service = next(line for line in outcome.out.splitlines() if line.startswith("service"))
    assert service.split() == ["service", "3,000", "1,000", "allowance", "[3]", "2,000", "0.0250", "[2]", "50.00"]
    assert outcome.out.startswith("$103.60\n")
    assert "[2] Card 2026-10-01.USD in force from Thu 1 Oct 2026" in outcome.out


def test_no_store_is_made_or_opened(wacli: FrontDoor, tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"this is no database")
    estimate(wacli, *USUAL, *TODAY)
    assert (tmp_path / "shop.db").read_bytes() == b"this is no database"
