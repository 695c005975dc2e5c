"""What people type for an estimate, and the sentences for what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from wacli.domain.category import Category
from wacli.domain.problem import Invalid, NotFound, Problem
from wacli.ratecards.shelf import shelf
from wacli.services import estimate_terms as terms
from wacli.services.estimate import estimate
from wacli.services.estimate_files import read_lines
from wacli.services.estimate_request import EstimateRequest, Traffic

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("1000", 1000), (" 1,000 ", 1000), ("1_000_000", 1_000_000)])
def test_counts(text: str, count: int) -> None:
    assert terms.read_count(text) == count


@pytest.mark.parametrize(
    ("text", "share"), [("60%", "0.6"), ("0%", "0"), ("100 %", "1"), ("12,5%", "0.125"), ("0.6", "0.6"), ("1", "1")]
)
def test_shares(text: str, share: str) -> None:
    assert terms.read_share(text) == Decimal(share)


@pytest.mark.parametrize(
    ("read", "text", "code", "sentence"),
    [
        (terms.read_count, "-5", "bad-count", "-5 is not a number of messages"),
        (terms.read_count, "1.5", "bad-count", "1.5 is not a number of messages"),
        (terms.read_count, "ten", "bad-count", "ten is not a number of messages"),
        (terms.read_count, "1,00", "bad-count", "1,00 is not a number of messages"),
        (terms.read_count, "1" * 20, "bad-count", "1" * 20 + " is not a number of messages"),
        (terms.read_share, "120%", "bad-percent", "120% is not a share between 0% and 100%"),
        (terms.read_share, "60", "bad-percent", "60 is not a share between 0% and 100%"),
        (terms.read_share, "-1%", "bad-percent", "-1% is not a share between 0% and 100%"),
        (terms.read_share, "much", "bad-percent", "much is not a share between 0% and 100%"),
        (terms.read_category, "promo", "bad-category", "promo is not a category"),
        (terms.read_currency, "dollars", "no-such-currency", "dollars is not a currency code"),
        (terms.read_money, "-1", "bad-amount", "-1 is not an amount"),
        (terms.read_money, "1e3", "bad-amount", "1e3 is not an amount"),
        (terms.read_fee, "BSP=free", "bad-amount", "free is not an amount"),
        (terms.read_tax, "PPN=11", "bad-percent", "11 is not a share between 0% and 100%"),
        (terms.read_exchange, "USDIDR=16500", "bad-exchange", "USDIDR=16500 is not an exchange rate"),
        (terms.read_exchange, "USD:IDR=0", "bad-exchange", "an exchange rate of zero makes no sense"),
        (terms.read_what_if, "service", "bad-what-if", "service is not a change"),
        (terms.read_what_if, "weather=+5%", "bad-what-if", "weather=+5% is not a change"),
        (terms.read_what_if, "service=-150%", "bad-what-if", "service=-150% takes away more than there is"),
        (terms.read_what_if, "service=-5", "bad-count", "-5 is not a number of messages"),
    ],
)
def test_what_cannot_be_read(read: Callable[[str], object], text: str, code: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(text)
    assert (refusal.value.code, str(refusal.value.message)) == (code, sentence)
    assert refusal.value.hint is not None


def test_lines_and_rates() -> None:
    line = terms.read_line(" Indonesia , MARKETING , 1,000", TODAY, shelf())
    assert (line.destination.iso, line.category, line.message_count) == ("ID", Category.MARKETING, 1000)
    rate = terms.read_rate("ID:authentication_international=0.1", TODAY, shelf())
    assert (rate.category, rate.rate) == (Category.AUTHENTICATION_INTERNATIONAL, Decimal("0.1"))
    assert terms.read_rate("ID=.05", TODAY, shelf()).category is None
    for read, text, code in (
        (terms.read_line, "ID,marketing", "bad-line"),
        (terms.read_rate, "0.05", "bad-rate"),
        (terms.read_rate, "=0.05", "bad-rate"),
    ):
        with pytest.raises(Invalid) as refusal:
            read(text, TODAY, shelf())
        assert refusal.value.code == code


def request(**counts: int) -> EstimateRequest:
    return EstimateRequest(
        tuple(terms.read_line(f"{to},{category},{count}", TODAY, shelf()) for to, category, count in _lines(counts)),
        TODAY,
    )


def _lines(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(name.split("_")[0], name.split("_")[1], count) for name, count in counts.items()]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("service=+50%", [1000, 1500, 2]),
        ("service=-100%", [1000, 0, 0]),
        ("service=2002", [1000, 2000, 2]),
        ("marketing=+0.1%", [1001, 1000, 1]),
    ],
)
def test_what_if_scales_counts_and_rounds_up(change: str, counts: list[int]) -> None:
    usual = request(ID_marketing=1000, ID_service=1000, DE_service=1)
    found = terms.changed(usual, (terms.read_what_if(change),))
    assert [item.message_count for item in found.traffic] == counts


def test_what_if_changes_settings() -> None:
    changes = tuple(map(terms.read_what_if, ["in-window=80%", "from-ads=20%", "numbers=3"]))
    found = terms.changed(request(ID_service=1), changes)
    assert (found.in_window, found.from_ads, found.numbers) == (Decimal("0.8"), Decimal("0.2"), 3)
    with pytest.raises(Invalid) as refusal:
        terms.changed(request(ID_service=1), (terms.read_what_if("utility=+5%"),))
    assert str(refusal.value.message) == "there are no utility messages to change"


def lines_file(folder: Path, content: bytes) -> tuple[Traffic, ...]:
    file = folder / "lines.csv"
    file.write_bytes(content)
    return read_lines(file, TODAY, shelf())


@pytest.mark.parametrize(
    "content",
    [
        b"ID,marketing,1000\nDE,utility,5\n",
        b'market,category,count\nIndonesia,marketing,"1,000"\n\nGermany,utility,5\n',
        b"\xef\xbb\xbfjumlah;negara;kategori\r\n1000;ID;Marketing\r\n5;Jerman;UTILITY\r\n",
    ],
)
def test_lines_from_a_file(tmp_path: Path, content: bytes) -> None:
    quote = estimate(EstimateRequest(lines_file(tmp_path, content), TODAY), shelf())
    assert quote.total == Decimal("41.10") + 5 * Decimal("0.0550")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"ID,marketing,1000\nID,marketing,-1\n", "lines.csv, line 2: -1 is not a number of messages"),
        (b"ID,marketing,1.5\n", "lines.csv, line 1: 1.5 is not a number of messages"),
        (b"ID,gossip,1\n", "lines.csv, line 1: gossip is not a category"),
        (
            b"to,category,count\n\nNarnia,utility,1\n",
            "lines.csv, line 3: no country, market or phone number is called Narnia",
        ),
        (b"to,count\nID,5\n", "lines.csv, line 1: the columns must be market, category, count"),
        (b"to,category,count\nID,utility\n", "lines.csv, line 2: the row has 2 of 3 columns"),
        (b"ID,marketing,1\n\xe9,utility,1\n", "lines.csv, line 2: not UTF-8 text"),
        (b"", "lines.csv: has no rows"),
        (b"to,category,count\n", "lines.csv: has no rows"),
    ],
)
def test_files_of_lines_that_cannot_be_read(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(Problem) as refusal:
        lines_file(tmp_path, content)
    assert (refusal.value.code, str(refusal.value.message)) == ("bad-lines", sentence)


def test_a_file_of_lines_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal:
        read_lines(tmp_path / "none.csv", TODAY, shelf())
    assert "none.csv: cannot be read" in str(refusal.value.message)


def test_an_unknown_country_is_not_found() -> None:
    with pytest.raises(NotFound):
        terms.read_line("Narnia,marketing,1", TODAY, shelf())
