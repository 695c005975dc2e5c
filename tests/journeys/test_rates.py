"""`wacli rates list, show, diff, import`, as a person and a script meet them."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.front_door import NOW, FrontDoor
from wacli.cli.app import run
from wacli.cli.context import Context
from wacli.ratecards.shelf import shelf

CARD_KEYS = {
    "id", "effective_on", "currency", "unit", "publisher", "is_user", "complete", "market_count", "figure_count",
    "has_tiers", "retrieved_on", "sources",
}  # fmt: skip
COLUMNS = ("marketing", "utility", "authentication", "authentication-international", "service")


def published(effective: str = "January 1, 2027", factor: str = "1", markets: int | None = None) -> bytes:
    """A card in the form that Meta serves, with the figures of October 2026 times a factor for marketing."""
    card = shelf().card(next(head for head in shelf().heads if head.id == "2026-10-01.USD"))
    rows = [f'"Prices, effective {effective}"', "", "Market,Currency," + ",".join(word.title() for word in COLUMNS)]
    for market in card.markets[:markets]:
        figures = []
        for word in COLUMNS:
            rate = card.rate(market, word)
            amount = None if rate is None else rate.amount * (Decimal(factor) if word == "marketing" else 1)
            figures.append("n/a" if amount is None else f"{amount:f}")
        rows.append(f'"{market}",USD,' + ",".join(figures))
    return ("\n".join(rows) + "\n").encode()


def test_list_is_the_whole_shelf(wacli: FrontDoor, terminal: FrontDoor) -> None:
    cards = wacli("rates", "list", "--json").json
    assert [set(card) for card in cards] == [CARD_KEYS] * len(shelf().heads)
    newest = next(card for card in cards if card["id"] == "2026-10-01.USD")
    assert (newest["effective_on"], newest["publisher"], newest["is_user"]) == ("2026-10-01", "meta", False)
    assert (newest["market_count"], newest["complete"]) == (
        47, ["authentication", "marketing", "service", "utility"],
    )  # fmt: skip
    assert {card["publisher"] for card in cards} == {"meta", "derived", "resale"}
    assert "7 more: wacli rates list --limit 0" in terminal("rates", "list").out
    assert len(wacli("rates", "list", "--currency", "inr").out.splitlines()) == 5
    assert wacli("rates", "list", "--currency", "XTS").status == 3


@pytest.mark.parametrize("where", ["ID", "Indonesia", "+62 812 3456 7890", "ID.13491208655302741918"])
def test_show_gives_every_category(wacli: FrontDoor, where: str) -> None:
    answer = wacli("rates", "show", where, "--on", "2026-11-22", "--json").json
    assert set(answer) == {"market", "on", "currency", "rules", "rate_card", "rates", "notes"}
    assert (answer["market"], answer["rate_card"]) == ("Indonesia", "2026-10-01.USD")
    assert [(row["category"], row["rate"]) for row in answer["rates"]] == [
        ("marketing", "0.0411"),
        ("utility", "0.0250"),
        ("authentication", "0.0250"),
        ("authentication-international", None),
        ("service", "0.0250"),
    ]
    assert answer["rates"][3]["high"] == "0.1360"


def test_show_says_tiers_free_and_unknown(wacli: FrontDoor, terminal: FrontDoor) -> None:
    tiers = wacli("rates", "show", "ID", "--on", "2026-04-01", "--json").json["rates"][1]
    assert tiers["free_in_window"] is True
    assert tiers["tiers"][1] == {"from": 750001, "to": 4000000, "rate": "0.0238"}
    assert tiers["tiers"][-1]["to"] is None
    screen = terminal("rates", "show", "BR", "--currency", "COP", "--on", "2026-11-22").out
    assert "not known" in screen
    assert "nothing bounds it" in screen
    rows = wacli("rates", "show", "ID", "--on", "2026-11-22").out.splitlines()
    assert rows[0].split("\t")[:4] == ["Indonesia", "2026-11-22", "marketing", "0.0411"]
    assert wacli("rates", "show", "ID", "--on", "2022-05-01", "--json").json["rates"][0]["certainty"] == "derived"
    assert "derived" in terminal("rates", "list", "--limit", "0").out
    assert "not read off a list" in " ".join(terminal("rates", "show", "ID", "--on", "2022-05-01").out.split())


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("show", "Atlantis"), 3, "no-such-country"),
        (("show", "ID", "--on", "2018-07-31"), 2, "before-pricing"),
        (("show", "ID", "--on", "whenever"), 2, "bad-date"),
        (("show", "ID", "--currency", "XTS"), 2, "no-such-currency"),
        (("diff", "2026-07-01"), 2, "missing"),
        (("diff", "2026-07-01", "x"), 2, "bad-date"),
        (("diff", "2018-08-01", "2019-01-01"), 4, "no-rate"),
        (("import", "nowhere.csv"), 2, "bad-table"),
    ],
)
def test_what_cannot_be_shown(wacli: FrontDoor, argv: tuple[str, ...], status: int, code: str) -> None:
    outcome = wacli("rates", *argv, "--json")
    assert (outcome.status, outcome.out, outcome.error["code"]) == (status, "", code)


def test_diff_shows_prices_markets_and_rules(wacli: FrontDoor, terminal: FrontDoor) -> None:
    answer = wacli("rates", "diff", "2026-07-01", "2026-10-01", "--json").json
    changes = {(row["market"], row["category"]): row for row in answer["rates"]}
    saudi = changes["Saudi Arabia", "marketing"]
    assert (saudi["before"], saudi["after"], saudi["change"]) == ("0.0501", "0.0576", "0.1497")
    service = changes["Indonesia", "service"]
    assert (service["before"], service["before_is_free"], service["after"]) == (None, True, "0.0250")
    assert {"prefix": "77", "country": "KZ", "before": "Other", "after": "Kazakhstan"} in answer["moves"]
    assert "allowance" in {rule["fact"] for rule in answer["rules"]}
    assert wacli("rates", "diff", "2026-10-01", "2026-07-01", "--json").json == answer
    limited = wacli("rates", "diff", "2026-07-01", "2026-10-01", "--limit", "3", "--json").json
    assert limited["rates"] == answer["rates"][:3]
    same = terminal("rates", "diff", "2026-10-01", "2026-10-02")
    assert (same.status, "No price changed" in same.out) == (0, True)
    rows = wacli("rates", "diff", "2026-07-01", "2026-10-01", "--format", "csv").out.splitlines()
    assert rows[0] == "market,category,before,after,change,before_is_free,after_is_free,currency"


def test_a_plausible_card_is_kept_and_marked_and_used(wacli: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published(factor="1.1"))
    dry = wacli("rates", "import", str(file), "--dry-run", "--json")
    assert (dry.status, dry.json["needs_yes"], dry.json["jumps"], dry.json["file"]) == (0, False, [], None)
    assert not (tmp_path / "config" / "rates").exists()
    kept = wacli("rates", "import", str(file), "--json")
    assert kept.status == 0
    assert Path(kept.json["file"]) == tmp_path / "config" / "rates" / "2027-01-01.USD.toml"
    assert "Kept as" in kept.err
    newest = wacli("rates", "list", "--json").json[0]
    assert (newest["id"], newest["is_user"]) == ("2027-01-01.USD.user", True)
    quote = wacli("estimate", "--to", "ID", "--marketing", "1000", "--on", "2027-01-02", "--json").json
    assert (quote["total"], quote["rate_card"], quote["sources"][1]["is_user"]) == (
        "45.21",
        "2027-01-01.USD.user",
        True,
    )
    assert "imported" in " ".join(quote["assumptions"])


def test_implausible_figures_are_shown_and_need_a_yes(wacli: FrontDoor, terminal: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published(factor="10"))
    refused = wacli("rates", "import", str(file), "--json")
    assert (refused.status, refused.error["code"]) == (4, "implausible-card")
    assert refused.json["file"] is None
    jump = next(row for row in refused.json["jumps"] if row["market"] == "Indonesia")
    assert (jump["before"], jump["after"]) == ("0.0411", "0.4110")
    assert not (tmp_path / "config" / "rates").exists()
    screen = terminal("rates", "import", str(file))
    assert screen.status == 4
    assert "+900%" in screen.out
    assert wacli("rates", "import", str(file), "--yes").status == 0
    assert (tmp_path / "config" / "rates" / "2027-01-01.USD.toml").exists()


def _at_a_terminal(tmp_path: Path, answer: bytes, *argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    context = Context(
        out=out, err=err, stdin=lambda: io.BytesIO(answer),
        environment={"WACLI_CONFIG": str(tmp_path / "config"), "NO_COLOR": "1"}, now=lambda: NOW,
        out_is_terminal=True, err_is_terminal=True, in_is_terminal=True, width=80,
    )  # fmt: skip
    return int(run(argv, context)), out.getvalue(), err.getvalue()


def test_on_a_terminal_the_owner_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published(factor="10"))
    status, out, err = _at_a_terminal(tmp_path, b"n\n", "rates", "import", str(file))
    assert status == 4
    assert "Look at" in out
    assert "Keep this card as it is? [y/N]" in err
    status, out, _ = _at_a_terminal(tmp_path, b"y\n", "rates", "import", str(file))
    assert (status, out.count("Look at")) == (0, 1)
    assert (tmp_path / "config" / "rates" / "2027-01-01.USD.toml").exists()


def test_missing_markets_need_a_yes(wacli: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published(markets=5))
    outcome = wacli("rates", "import", str(file), "--json")
    assert outcome.status == 4
    assert "Indonesia" in outcome.json["missing_markets"]


def test_what_the_file_does_not_say_is_asked_for(wacli: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published(effective="soon"))
    outcome = wacli("rates", "import", str(file), "--json")
    assert (outcome.status, outcome.out) == (2, "")
    assert "--on" in outcome.error["hint"]
    dated = wacli("rates", "import", str(file), "--on", "2027-01-01", "--json")
    assert (dated.status, dated.json["id"]) == (0, "2027-01-01.USD.user")


def test_pretending_another_time_keeps_nothing(wacli: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(published())
    assert wacli("rates", "import", str(file), "--at", "2026-12-01", "--json").error["code"] == "at-needs-dry-run"
    assert wacli("rates", "import", str(file), "--at", "2026-12-01", "--dry-run").status == 0
