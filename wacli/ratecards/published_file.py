"""Meta's own published cards: the list card and the card of volume tiers, as rows of a table.

Form (seen in the April 2026 files, facts pricing.md sections 4.3 and 5): some sentences, one of which ends in
"effective April 1, 2026"; a row beginning `Market, Currency`; one row a market with `n/a` where there is no rate.
The tier card has `From, To, Rate type, Rate, vs. List rate` once for each category, whose names stand above, and
leaves the market empty in the rows after a market's first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category, category_of
from wacli.domain.problem import Invalid
from wacli.domain.rate_card import Band
from wacli.domain.text import Text, t

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_EFFECTIVE = re.compile(
    rf"effective\s+(?:as of\s+|from\s+)?({'|'.join(_MONTHS)})\s+(\d{{1,2}}),?\s+(\d{{4}})", re.IGNORECASE
)
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MISSING = frozenset({"", "n/a", "na", "-", "--"})
_TIER_COLUMNS = ("from", "to", "rate type", "rate")
Key = tuple[str, str]


class Published(NamedTuple):
    """What a published file says. A tier card has `bands` and takes its figures from each first band."""

    effective_from: date
    currency: str
    figures: dict[Key, Decimal]
    bands: dict[Key, tuple[Band, ...]]
    markets: tuple[str, ...]

    @property
    def has_tiers(self) -> bool:
        """True for the card of volume tiers."""
        return bool(self.bands)


def read_published(
    rows: Sequence[Sequence[str]], file: str, *, on: date | None = None, currency: str | None = None
) -> Published:
    """The card in these rows; `on` and `currency` stand in for what the file does not say.

    Raises `Invalid` (code `bad-published-card`) with file and line.
    """
    day = on or _effective(rows)
    if day is None:
        raise _bad(file, None, t("says no effective date"), t("Give it with --on"))
    top = next((at for at, row in enumerate(rows) if row and _plain(row[0]).startswith("market")), None)
    if top is None:
        raise _bad(file, None, t("has no row that begins with Market"), t("Give the file as Meta serves it"))
    header = [_plain(cell) for cell in rows[top]]
    if "from" in header:
        figures, bands, markets, found = _tiers(rows, top, header, file)
    else:
        figures, markets, found = _list(rows, top, header, file)
        bands = {}
    if currency is None:
        if len(found) != 1:
            names = ", ".join(sorted(found)) or "-"
            raise _bad(file, None, t("names not one currency: {names}", names=names), t("Give it with --currency"))
        currency = next(iter(found))
    if not figures:
        raise _bad(file, None, t("has no figure at all"), t("Give the file as Meta serves it"))
    return Published(day, currency, figures, bands, markets)


def _bad(file: str, line: int | None, why: Text, hint: Text) -> Invalid:
    if line is None:
        return Invalid("bad-published-card", t("{file} {why}", file=file, why=why), hint)
    return Invalid("bad-published-card", t("{file}, line {line}: {why}", file=file, line=line, why=why), hint)


def _plain(cell: str) -> str:
    """A heading as one lower-case line: `Authentication-` over `International` is one word."""
    return re.sub(r"\s+", " ", re.sub(r"-\s+", "-", cell)).strip().lower()


def _effective(rows: Sequence[Sequence[str]]) -> date | None:
    for row in rows[:20]:
        for cell in row:
            match = _EFFECTIVE.search(cell)
            if match:
                return date(int(match[3]), _MONTHS.index(match[1].title()) + 1, int(match[2]))
    return None


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _amount(text: str, file: str, line: int, name: str) -> Decimal | None:
    text = text.strip().lstrip("$€£₹").strip()
    if text.lower() in _MISSING:
        return None
    if not _FIGURE.fullmatch(text):
        raise _bad(file, line, t("{name}: {text} is not a figure", name=name, text=text), t("Correct that cell"))
    amount = Decimal(text.replace(",", ""))
    if not amount:
        raise _bad(file, line, t("{name}: a rate of zero", name=name), t("Leave out what is not known: n/a"))
    return amount


def _currency_of(row: Sequence[str], place: int) -> set[str]:
    match = _CURRENCY.search(_cell(row, place)) if place >= 0 else None
    return {match[0]} if match else set()


def _list(
    rows: Sequence[Sequence[str]], top: int, header: list[str], file: str
) -> tuple[dict[Key, Decimal], tuple[str, ...], set[str]]:
    money = header.index("currency") if "currency" in header else -1
    columns: dict[int, Category] = {}
    for place, name in enumerate(header):
        category = category_of(name)
        if category is not None:
            columns[place] = category
        elif name and place != money and place:
            raise _bad(file, top + 1, t("{name} is not a column of a rate card", name=name), t("Remove that column"))
    figures: dict[Key, Decimal] = {}
    markets: list[str] = []
    currencies: set[str] = set()
    for line, row in enumerate(rows[top + 1 :], top + 2):
        market = _cell(row, 0)
        if not market:
            continue
        if market in markets:
            raise _bad(file, line, t("{market} stands there twice", market=market), t("Remove one of the rows"))
        markets.append(market)
        currencies |= _currency_of(row, money)
        for place, category in columns.items():
            amount = _amount(_cell(row, place), file, line, f"{market}, {category}")
            if amount is not None:
                figures[market, category.value] = amount
    return figures, tuple(markets), currencies


def _tiers(
    rows: Sequence[Sequence[str]], top: int, header: list[str], file: str
) -> tuple[dict[Key, Decimal], dict[Key, tuple[Band, ...]], tuple[str, ...], set[str]]:
    money = header.index("currency") if "currency" in header else -1
    starts = {place: _category_above(rows, top, place) for place, name in enumerate(header) if name == "from"}
    for place, category in starts.items():
        if category is None or tuple(header[place : place + 4]) != _TIER_COLUMNS:
            raise _bad(file, top + 1, t("the tier columns are not as expected"), t("Give the file as Meta serves it"))
    bands: dict[Key, list[Band]] = {}
    markets: list[str] = []
    currencies: set[str] = set()
    for line, row in enumerate(rows[top + 1 :], top + 2):
        if _cell(row, 0):
            markets.append(_cell(row, 0))
        if not markets or not any(cell.strip() for cell in row):
            continue
        currencies |= _currency_of(row, money)
        for place, category in starts.items():
            band = _band(row, place, file, line, f"{markets[-1]}, {category}")
            if band is not None and category is not None:
                bands.setdefault((markets[-1], category.value), []).append(band)
    for (market, word), entries in bands.items():
        _check_bands(entries, file, f"{market}, {word}")
    figures = {key: entries[0].rate for key, entries in bands.items()}
    return figures, {key: tuple(entries) for key, entries in bands.items()}, tuple(markets), currencies


def _category_above(rows: Sequence[Sequence[str]], top: int, place: int) -> Category | None:
    for row in reversed(rows[:top]):
        category = category_of(_plain(_cell(row, place)))
        if category is not None:
            return category
    return None


def _band(row: Sequence[str], place: int, file: str, line: int, name: str) -> Band | None:
    first, last = _amount_or_zero(_cell(row, place)), _cell(row, place + 1)
    rate = _amount(_cell(row, place + 3), file, line, name)
    if first is None or rate is None:
        return None
    upto = _amount(last, file, line, name)
    return Band(first, None if upto is None else int(upto), rate)


def _amount_or_zero(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isdigit() else None


def _check_bands(bands: list[Band], file: str, name: str) -> None:
    expected = 0
    for place, band in enumerate(bands):
        is_last = place == len(bands) - 1
        if band.first != expected or (band.last is None) != is_last or (band.last or band.first) < band.first:
            raise _bad(
                file, None, t("has tiers of {name} with a gap or an overlap", name=name), t("Correct those rows")
            )
        expected = (band.last or 0) + 1
