"""The shelf for people: list, show, diff; and importing Meta's own card."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from wacli.domain.problem import Invalid, Refused
from wacli.ratecards.destinations import resolve_destination
from wacli.ratecards.shelf import Shelf, shelf
from wacli.services.rates import RateChange, diff_rates, list_cards, show_rates
from wacli.services.rates_import import ImportPlan, keep_import, plan_import

TODAY = date(2026, 11, 22)
JANUARY = date(2027, 1, 1)


def test_every_card_is_listed_newest_first() -> None:
    cards = list_cards(shelf())
    assert [card.effective_from for card in cards] == sorted((card.effective_from for card in cards), reverse=True)
    october = next(card for card in cards if card.id == "2026-10-01.USD")
    assert (october.market_count, october.figure_count, october.publisher) == (47, 192, "meta")
    assert october.complete == ("authentication", "marketing", "service", "utility")
    april = next(card for card in cards if card.id == "2026-04-01.USD")
    assert april.has_tiers
    assert {card.publisher for card in cards} == {"meta", "derived", "resale"}
    assert all(card.sources and card.retrieved_on == TODAY for card in cards)


def test_the_rates_of_a_market_on_a_day() -> None:
    ours = shelf()
    found = show_rates(resolve_destination("ID", TODAY, ours), TODAY, "USD", ours)
    assert {row.category: row.rate for row in found.rows} == {
        "marketing": Decimal("0.0411"),
        "utility": Decimal("0.0250"),
        "authentication": Decimal("0.0250"),
        "authentication-international": None,
        "service": Decimal("0.0250"),
    }
    assert (found.rules.id, found.rate_card) == ("2026-10-01", "2026-10-01.USD")
    international = next(row for row in found.rows if row.category == "authentication-international")
    assert international.bounds is not None
    assert "2026-07-01.USD (0.1360)" in str(international.note)


def test_rates_of_other_days_and_cards() -> None:
    ours = shelf()
    june = show_rates(resolve_destination("ID", TODAY, ours), date(2026, 6, 1), "USD", ours)
    utility = next(row for row in june.rows if row.category == "utility")
    assert utility.free_in_window
    assert len(utility.bands) == 6
    old = show_rates(resolve_destination("DE", TODAY, ours), date(2022, 6, 1), "EUR", ours)
    assert [row.category for row in old.rows] == ["business-initiated", "user-initiated"]
    pounds = show_rates(resolve_destination("DE", TODAY, ours), TODAY, "GBP", ours)
    service = next(row for row in pounds.rows if row.category == "service")
    assert service.rate == Decimal("0.0397")
    assert "utility rate" in str(service.note)
    with pytest.raises(Invalid):
        show_rates(resolve_destination("DE", TODAY, ours), TODAY, "XTS", ours)


def test_the_diff_of_two_quarters() -> None:
    found = diff_rates(date(2026, 7, 1), date(2026, 10, 1), "USD", shelf())
    marketing = {change.market: change for change in found.rates if change.category == "marketing"}
    saudi = marketing["Saudi Arabia"]
    assert saudi == RateChange("Saudi Arabia", "marketing", Decimal("0.0501"), Decimal("0.0576"))
    assert saudi.change is not None
    assert round(saudi.change, 4) == Decimal("0.1497")
    assert marketing["Ukraine"].before is None
    assert "Indonesia" not in marketing
    assert ("880", "BD", "Rest of Asia Pacific", "Bangladesh") in {tuple(move) for move in found.moves}
    assert {change.fact for change in found.rules} == {"free_in_window", "allowance", "entry_point", "service_rate_of"}
    assert next(change for change in found.rules if change.fact == "entry_point").effective_from == date(2026, 9, 28)
    assert diff_rates(date(2026, 10, 1), date(2026, 7, 1), "USD", shelf()) == found


def test_a_diff_without_any_card_is_refused() -> None:
    with pytest.raises(Refused):
        diff_rates(date(2019, 1, 1), date(2020, 1, 1), "USD", shelf())


def published(
    day: str = "January 1, 2027", change: dict[tuple[str, str], str] | None = None, drop: str = ""
) -> list[list[str]]:
    """Our own card of October in the form in which Meta publishes: header lines, n/a cells, a broken column name."""
    card = shelf().card_on(TODAY, "USD")
    assert card is not None
    rows = [
        [f"Cost per message in USD on the WhatsApp Business Platform, effective {day}", "", "", "", "", "", ""],
        ['Some markets are mapped to a "Rest of" region or "Other."', "", "", "", "", "", ""],
        ["Market", "Currency", "Marketing", "Utility", "Authentication", "Authentication-\nInternational", "Service"],
    ]
    for market in card.markets:
        if market == drop:
            continue
        row = [market, "USD"]
        for word in ("marketing", "utility", "authentication", "authentication-international", "service"):
            rate = card.rate(market, word)
            row.append((change or {}).get((market, word)) or ("n/a" if rate is None else str(rate.amount)))
        rows.append(row)
    return rows


def as_csv(file: Path, rows: list[list[str]]) -> Path:
    import csv

    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return file


def as_xlsx(file: Path, rows: list[list[str]]) -> Path:
    """A small workbook as spreadsheets write them: shared strings, numbers as binary fractions, gaps left out."""
    strings: list[str] = []
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for place, value in enumerate(row):
            name = f"{chr(65 + place)}{number}"
            if not value:
                continue
            if value.replace(".", "").isdigit():
                cells += f'<c r="{name}"><v>{float(value) + 1e-17!r}</v></c>'
            else:
                strings.append(value)
                cells += f'<c r="{name}" t="s"><v>{len(strings) - 1}</v></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    from xml.sax.saxutils import escape

    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", f'<workbook {space} {link}><sheets><sheet name="a" r:id="rId7"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId7" Target="worksheets/card.xml"/></Relationships>',
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst {space}>{shared}</sst>")
        archive.writestr(
            "xl/worksheets/card.xml", f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>"
        )
    file.write_bytes(data.getvalue())
    return file


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_published_card_is_kept_and_used(tmp_path: Path, write: object) -> None:
    assert callable(write)
    file = write(tmp_path / "USD.csv", published(change={("Indonesia", "marketing"): "0.0452"}))
    plan: ImportPlan = plan_import(file, shelf(), TODAY)
    assert (plan.card.id, plan.compared_with, plan.replaces) == ("2027-01-01.USD.user", "2026-10-01.USD", None)
    assert (plan.needs_yes, plan.jumps, plan.unknown_markets, plan.missing_markets) == (False, (), (), ())
    keep_import(plan, tmp_path / "cards", is_confirmed=False)
    ours = shelf(tmp_path / "cards")
    card = ours.card_on(JANUARY, "USD")
    assert card is not None
    assert card.is_user
    rate = card.rate("Indonesia", "marketing")
    assert rate is not None
    assert (rate.amount, rate.card_id) == (Decimal("0.0452"), "2027-01-01.USD.user")
    assert rate.source == "Meta's published card, imported from USD.csv"
    before = ours.card_on(date(2026, 12, 31), "USD")
    assert before is not None
    assert not before.is_user
    assert list_cards(ours)[0].is_user
    assert shelf().card_on(JANUARY, "USD") == before, "the packaged shelf knows nothing of it"


def test_implausible_cards_need_a_yes(tmp_path: Path) -> None:
    rows = published(change={("Indonesia", "marketing"): "0.4110", ("Brazil", "utility"): "0.0075"}, drop="Chile")
    rows.append(["Atlantis", "USD", "0.0500", "0.0100", "0.0100", "n/a", "0.0100"])
    plan = plan_import(as_csv(tmp_path / "usd.csv", rows), shelf(), TODAY)
    assert [(jump.market, jump.category, jump.after) for jump in plan.jumps] == [
        ("Indonesia", "marketing", Decimal("0.4110"))
    ]
    assert (plan.unknown_markets, plan.missing_markets) == (("Atlantis",), ("Chile",))
    with pytest.raises(Refused) as refusal:
        keep_import(plan, tmp_path / "cards", is_confirmed=False)
    assert refusal.value.code == "implausible-card"
    assert not (tmp_path / "cards").exists()
    keep_import(plan, tmp_path / "cards", is_confirmed=True)
    card = shelf(tmp_path / "cards").card_on(JANUARY, "USD")
    assert card is not None
    assert card.rate("Chile", "marketing") is None, "the older card does not fill what the newer one lacks"


def test_a_card_of_a_packaged_day_shows_every_difference(tmp_path: Path) -> None:
    rows = published("October 1, 2026", change={("Indonesia", "marketing"): "0.0412"})
    plan = plan_import(as_csv(tmp_path / "usd.csv", rows), shelf(), TODAY)
    assert plan.replaces == "2026-10-01.USD"
    assert [(jump.before, jump.after, jump.is_same_day) for jump in plan.jumps] == [
        (Decimal("0.0411"), Decimal("0.0412"), True)
    ]
    keep_import(plan, tmp_path / "cards", is_confirmed=True)
    rate = shelf(tmp_path / "cards").card_on(TODAY, "USD")
    assert rate is not None
    found = rate.rate("Indonesia", "marketing")
    assert found is not None
    assert found.amount == Decimal("0.0412")


TIERS = [
    ["Cost per message in USD, effective October 1, 2026 - Reflecting volume tiers", *[""] * 11],
    ["", "", "Utility", "", "", "", "", "Authentication", "", "", "", ""],
    [
        "",
        "",
        "Messages (per month)",
        "",
        "What we charge",
        "",
        "",
        "Messages (per month)",
        "",
        "What we charge",
        "",
        "",
    ],
    ["Market\n(per rate card)", "Currency", *["From", "To", "Rate type", "Rate", "vs. List rate"] * 2],
    ["Indonesia", "USD", "0", "750,000", "List rate", "0.0250", "0%", "0", "750,000", "List rate", "0.0250", "0%"],
    ["", "USD", "750,001", "--", "Tier rate", "0.0238", "-5%", "750,001", "--", "Tier rate", "0.0238", "-5%"],
]


def test_a_tier_card_joins_the_list_card_of_its_day(tmp_path: Path) -> None:
    plan = plan_import(as_csv(tmp_path / "tiers.csv", TIERS), shelf(), TODAY)
    assert plan.has_tiers
    assert plan.jumps == ()
    keep_import(plan, tmp_path / "cards", is_confirmed=True)
    ours = shelf(tmp_path / "cards")
    card = ours.card_on(TODAY, "USD")
    assert card is not None
    utility, marketing = card.rate("Indonesia", "utility"), card.rate("Germany", "marketing")
    assert utility is not None
    assert marketing is not None
    assert [band.label for band in utility.bands] == ["0:750000", "750001:MAX"]
    assert marketing.amount == Decimal("0.1365")


def test_tiers_without_their_list_card_need_a_yes(tmp_path: Path) -> None:
    rows = [["effective January 1, 2027"], *TIERS[1:]]
    plan = plan_import(as_csv(tmp_path / "tiers.csv", rows), shelf(), TODAY)
    assert plan.needs_yes
    assert plan.missing_categories == ("authentication-international", "marketing", "service")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["Market", "Currency", "Marketing"], ["Indonesia", "USD", "0.1"]], "card.csv says no effective date"),
        ([["effective January 1, 2027"], ["x"]], "card.csv has no row that begins with Market"),
        (
            [["effective January 1, 2027"], ["Market", "Currency", "Marketing"], ["Indonesia", "USD", "cheap"]],
            "card.csv, line 3: Indonesia, marketing: cheap is not a figure",
        ),
        (
            [["effective January 1, 2027"], ["Market", "Currency", "Marketing"], ["Indonesia", "USD", "0"]],
            "card.csv, line 3: Indonesia, marketing: a rate of zero",
        ),
        (
            [
                ["effective January 1, 2027"],
                ["Market", "Currency", "Marketing", "Glee"],
                ["Indonesia", "USD", "1", "1"],
            ],
            "card.csv, line 2: glee is not a column of a rate card",
        ),
        (
            [
                ["effective January 1, 2027"],
                ["Market", "Currency", "Marketing"],
                ["Chile", "USD", "1"],
                ["Chile", "USD", "1"],
            ],
            "card.csv, line 4: Chile stands there twice",
        ),
        (
            [
                ["effective January 1, 2027"],
                ["Market", "Currency", "Marketing"],
                ["Chile", "USD", "1"],
                ["Peru", "EUR", "1"],
            ],
            "card.csv names not one currency: EUR, USD",
        ),
        (
            [["effective January 1, 2027"], ["Market", "Currency", "Marketing"], ["Chile", "USD", "n/a"]],
            "card.csv has no figure at all",
        ),
        (
            [*TIERS[:5], ["", "USD", "750,003", "--", "Tier rate", "0.0238", "-5%", "n/a", "n/a", "n/a", "n/a", "n/a"]],
            "card.csv has tiers of Indonesia, utility with a gap or an overlap",
        ),
    ],
)
def test_published_files_that_cannot_be_read(tmp_path: Path, rows: list[list[str]], sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plan_import(as_csv(tmp_path / "card.csv", rows), shelf(), TODAY)
    assert str(refusal.value.message) == sentence


def test_what_the_file_does_not_say_may_be_given(tmp_path: Path) -> None:
    rows = [["Market", "Marketing"], ["Indonesia", "1,948.66"]]
    plan = plan_import(as_csv(tmp_path / "card.csv", rows), Shelf(), TODAY, on=JANUARY, currency="IDR")
    assert plan.card.id == "2027-01-01.IDR.user"
    assert [rate.amount for rate in plan.card.cells.values()] == [Decimal("1948.66")]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 not a zip", b"\xff\xfeM\x00", b"Market,\xe9\n"], ids=["zip", "utf-16", "latin-1"]
)
def test_files_that_are_no_table(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "card.csv").write_bytes(data)
    with pytest.raises(Invalid) as refusal:
        plan_import(tmp_path / "card.csv", shelf(), TODAY)
    assert refusal.value.code == "bad-table"
    assert "card.csv" in str(refusal.value.message)


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "card.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>')
    with pytest.raises(Invalid) as refusal:
        plan_import(tmp_path / "card.csv", shelf(), TODAY)
    assert "document type" in str(refusal.value.message)
