"""What cannot be estimated: one sentence, nothing on stdout, the right status; with --json an error object."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor

ONE = ("--to", "ID", "--marketing", "5")


@pytest.mark.parametrize(
    ("argv", "status", "code", "shown"),
    [
        ((), 2, "missing", "Nothing to estimate"),
        (("--to", "ID"), 2, "missing", "How many messages"),
        (("--marketing", "5"), 2, "missing", "Where the messages go"),
        (("--to", "Atlantis", "--marketing", "5"), 3, "no-such-country", "--to: no country, market or phone number"),
        (("--to", "Korea", "--marketing", "5"), 3, "ambiguous-country", "--to: Korea may be any of"),
        (("--to", "+62", "--marketing", "-5"), 2, "bad-count", "--marketing: -5"),
        (("--to", "ID", "--marketing", "1.5"), 2, "bad-count", "--marketing: 1.5"),
        (("--to", "ID", "--marketing", "1.000"), 2, "bad-count", "--marketing: 1.000"),
        (("--to", "ID", "--service", "many"), 2, "bad-count", "--service: many"),
        ((*ONE, "--numbers", "0"), 2, "bad-count", "--numbers"),
        ((*ONE, "--numbers", "-1"), 2, "bad-count", "--numbers: -1"),
        ((*ONE, "--allowance-used", "x"), 2, "bad-count", "--allowance-used: x"),
        ((*ONE, "--in-window", "60"), 2, "bad-percent", "--in-window: 60"),
        ((*ONE, "--in-window", "120%"), 2, "bad-percent", "--in-window: 120%"),
        ((*ONE, "--from-ads", "-1%"), 2, "bad-percent", "--from-ads: -1%"),
        ((*ONE, "--tax", "some"), 2, "bad-percent", "--tax: some"),
        ((*ONE, "--fee", "-1"), 2, "bad-amount", "--fee: -1"),
        ((*ONE, "--fee-name", "Twilio"), 2, "usage", "--fee-name"),
        ((*ONE, "--tax-name", "PPN"), 2, "usage", "--tax-name"),
        ((*ONE, "--on", "2018-07-31"), 2, "before-pricing", "31 Jul 2018"),
        ((*ONE, "--on", "2026-02-30"), 2, "bad-date", "--on: 2026-02-30"),
        ((*ONE, "--on", "10/01/2026"), 2, "bad-date", "--on: 10/01/2026"),
        ((*ONE, "--on", "soonish"), 2, "bad-date", "--on: soonish"),
        ((*ONE, "--compare", "2017-01-01"), 2, "before-pricing", "1 Jan 2017"),
        ((*ONE, "--currency", "XTS"), 2, "no-such-currency", "XTS"),
        ((*ONE, "--currency", "dollars"), 2, "no-such-currency", "dollars"),
        ((*ONE, "--currency", "BRL", "--on", "2026-11-22"), 4, "no-rate", "BRL"),
        ((*ONE, "--fx", "EUR:IDR=5"), 2, "wrong-exchange", "EUR"),
        ((*ONE, "--fx", "16500"), 2, "bad-exchange", "--fx: 16500"),
        ((*ONE, "--rate", "0.05"), 2, "bad-rate", "--rate: 0.05"),
        ((*ONE, "--rate", "MY=0.05"), 2, "bad-rate", "Malaysia"),
        ((*ONE, "--rate", "ID,utility=0.05"), 2, "bad-rate", "Indonesia, utility"),
        ((*ONE, "--rate", "ID,promo=0.05"), 2, "bad-category", "promo"),
        ((*ONE, "--what-if", "service=+50%"), 2, "bad-what-if", "service"),
        ((*ONE, "--what-if", "marketing"), 2, "bad-what-if", "--what-if: marketing"),
        ((*ONE, "--what-if", "marketing=-120%"), 2, "bad-what-if", "marketing=-120%"),
        (("--line", "ID,marketing"), 2, "bad-line", "--line: ID,marketing"),
        (("--line", "ID,promo,5"), 2, "bad-category", "--line: promo"),
        (("--line", "Atlantis,marketing,5"), 3, "no-such-country", "--line"),
        (("--volume-so-far", "ID", *ONE), 2, "bad-line", "--volume-so-far: ID"),
        (("--recipients", "people.csv"), 2, "missing", "What the recipients get"),
        (("--recipients", "nowhere.csv", "--category", "marketing"), 2, "no-file", "nowhere.csv"),
        (("--recipients", "nowhere.csv", "--category", "promo"), 2, "bad-category", "--category: promo"),
        (("--lines", "nowhere.csv"), 2, "bad-lines", "nowhere.csv"),
    ],
)
def test_one_sentence_and_nothing_half_printed(
    wacli: FrontDoor, terminal: FrontDoor, argv: tuple[str, ...], status: int, code: str, shown: str
) -> None:
    for door in (wacli, terminal):
        as_text = door("estimate", *argv)
        assert (as_text.status, as_text.out) == (status, "")
        assert as_text.err.startswith("wacli: ")
        assert as_text.err.count("\n") == 1
        assert shown in as_text.err
    as_json = wacli("estimate", *argv, "--json")
    assert (as_json.status, as_json.out, as_json.error["code"]) == (status, "", code)
    assert as_json.error["hint"]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"a,b\n1,2\n", "plan.csv, line 1: the columns must be market, category, count"),
        (b"market,category\nID,marketing\n", "plan.csv, line 1: the columns must be market, category, count"),
        (b"market,category,count\nID,marketing,5\n\nID,marketing,-5\n", "plan.csv, line 4: -5 is not"),
        (b"market,category,count\nID,marketing,1.5\n", "plan.csv, line 2: 1.5 is not"),
        (b"market,category,count\nAtlantis,marketing,5\n", "plan.csv, line 2: no country"),
        (b"market,category,count\nID,promo,5\n", "plan.csv, line 2: promo is not a category"),
        (b"market,category,count\nID,marketing\n", "plan.csv, line 2: the row has 2 of 3 columns"),
        (b"market,category,count\nID,marketing,5\nCura\xe7ao,marketing,5\n", "plan.csv, line 3: not UTF-8"),
        (b"", "plan.csv: has no rows"),
    ],
)
def test_a_file_of_lines_names_the_line(wacli: FrontDoor, tmp_path: Path, content: bytes, shown: str) -> None:
    file = tmp_path / "plan.csv"
    file.write_bytes(content)
    outcome = wacli("estimate", "--lines", str(file))
    assert (outcome.status, outcome.out) == (2, "")
    assert shown in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_broken_card_of_the_owner_is_named(wacli: FrontDoor, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "rates"
    folder.mkdir(parents=True)
    (folder / "2027-01-01.USD.toml").write_text("effective_from = 2027-01-01\ncurency = 'USD'\n", "utf-8")
    outcome = wacli("estimate", *ONE, "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "bad-rate-file")
    assert "2027-01-01.USD.toml" in outcome.error["message"]
