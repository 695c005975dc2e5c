"""What people type for an estimate, read once at the door: counts, shares, lines, prices, fees, taxes, what-ifs.

Each refusal is one sentence that shows what was typed and what it should look like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from wacli.domain.category import Category, category_of
from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t
from wacli.ratecards.destinations import resolve_destination
from wacli.ratecards.shelf import Shelf

from .estimate_request import EstimateRequest, Exchange, Fee, GivenRate, Tax, Traffic

_COUNT = re.compile(r"\d{1,15}|\d{1,3}(?:[,_ ]\d{3})+")
_SHARE = re.compile(r"(\d+(?:[.,]\d+)?)\s*%|([01](?:[.,]\d+)?)")
_MONEY = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_CHANGE = re.compile(r"([+-])\s*(\d+(?:[.,]\d+)?)\s*%")
_CURRENCY = re.compile(r"[A-Z]{3}")


class WhatIf(NamedTuple):
    """One change to a request: `what` is a category, `in-window`, `from-ads` or `numbers`."""

    what: str
    factor: Decimal | None  # 1.5 for +50 %; None: `value` replaces
    value: Decimal | None


def read_count(text: str) -> int:
    """A number of messages: 1000 or 1,000. Raises `Invalid` (code `bad-count`)."""
    if not _COUNT.fullmatch(text.strip()):
        raise _bad("bad-count", t("{text} is not a number of messages", text=text), t("Write a whole number: 1000"))
    return int(re.sub(r"[,_ ]", "", text.strip()))


def read_share(text: str) -> Decimal:
    """A share as a fraction: 60% or 0.6 is 0.6. Raises `Invalid` (code `bad-percent`)."""
    match = _SHARE.fullmatch(text.strip())
    share = None
    if match:
        share = Decimal(match[1].replace(",", ".")) / 100 if match[1] else Decimal(match[2].replace(",", "."))
    if share is None or share > 1:
        raise _bad("bad-percent", t("{text} is not a share between 0% and 100%", text=text), t("Write it as 60%"))
    return share


def read_category(text: str) -> Category:
    """A price category in any of its spellings. Raises `Invalid` (code `bad-category`)."""
    category = category_of(text.strip())
    if category is None:
        choices = ", ".join(word.value for word in Category)
        raise _bad("bad-category", t("{text} is not a category", text=text), t("One of {choices}", choices=choices))
    return category


def read_currency(text: str) -> str:
    """A currency code. Raises `Invalid` (code `no-such-currency`) for what cannot be one."""
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise _bad("no-such-currency", t("{text} is not a currency code", text=text), t("Write three letters: USD"))
    return code


def read_money(text: str) -> Decimal:
    """An amount of money, zero or more, such as 0.0411. Raises `Invalid` (code `bad-amount`)."""
    if not _MONEY.fullmatch(text.strip()):
        raise _bad("bad-amount", t("{text} is not an amount", text=text), t("Write it as 0.0411"))
    return Decimal(text.strip())


def read_line(text: str, day: date, shelf: Shelf) -> Traffic:
    """One `--line`: `ID,marketing,1000`. Raises `Invalid` (code `bad-line`) and what its parts raise."""
    parts = [part.strip() for part in text.split(",", 2)]
    if len(parts) != 3:
        raise _bad("bad-line", t("{text} is not a line", text=text), t("Write it as ID,marketing,1000"))
    return Traffic(resolve_destination(parts[0], day, shelf), read_category(parts[1]), read_count(parts[2]))


def read_rate(text: str, day: date, shelf: Shelf) -> GivenRate:
    """One `--rate`: `ID=0.0411`, or `ID,utility=0.02` for one category. Raises `Invalid` (code `bad-rate`)."""
    place, sign, price = text.rpartition("=")
    # A comma as in `--line`; a colon is understood too.
    where, mark, category = place.replace(":", ",").rpartition(",")
    if not mark:
        where, category = place, ""
    if not sign or not where.strip():
        raise _bad("bad-rate", t("{text} is not a price", text=text), t("Write it as ID=0.0411 or ID,utility=0.0411"))
    word = read_category(category) if mark else None
    return GivenRate(resolve_destination(where, day, shelf), word, read_money(price))


def read_fee(text: str) -> Fee:
    """One `--fee`: `0.005`, or with a name `Twilio=0.005`, for each message."""
    name, _, amount = text.rpartition("=")
    return Fee(name.strip(), read_money(amount))


def read_tax(text: str) -> Tax:
    """One `--tax`: `11%`, or with a name `PPN=11%`. Raises `Invalid` (code `bad-percent`)."""
    name, _, share = text.rpartition("=")
    return Tax(name.strip(), read_share(share))


def read_exchange(text: str) -> Exchange:
    """One `--fx`: `USD:IDR=16500`. Raises `Invalid` (code `bad-exchange`)."""
    pair, _, rate = text.partition("=")
    source, _, target = pair.strip().upper().partition(":")
    if not (_CURRENCY.fullmatch(source) and _CURRENCY.fullmatch(target) and _MONEY.fullmatch(rate.strip())):
        raise _bad("bad-exchange", t("{text} is not an exchange rate", text=text), t("Write it as USD:IDR=16500"))
    if not Decimal(rate.strip()):
        raise _bad("bad-exchange", t("an exchange rate of zero makes no sense"), t("Write it as USD:IDR=16500"))
    return Exchange(source, target, Decimal(rate.strip()))


_SETTINGS: dict[str, Callable[[str], Decimal]] = {
    "in-window": read_share,
    "from-ads": read_share,
    "numbers": lambda text: Decimal(read_count(text)),
}


def read_what_if(text: str) -> WhatIf:
    """One `--what-if`: `service=+50%`, `marketing=2000`, `in-window=80%`, `numbers=3`.

    Raises `Invalid` (code `bad-what-if`).
    """
    hint = t("Write it as service=+50%, marketing=2000, in-window=80% or numbers=3")
    what, sign, value = (part.strip() for part in text.partition("="))
    category = category_of(what)
    if not sign or (category is None and what not in _SETTINGS):
        raise _bad("bad-what-if", t("{text} is not a change", text=text), hint)
    if category is None:
        return WhatIf(what, None, _SETTINGS[what](value))
    match = _CHANGE.fullmatch(value)
    if match is None:
        return WhatIf(category.value, None, Decimal(read_count(value)))
    change = Decimal(match[2].replace(",", ".")) / 100
    factor = 1 + change if match[1] == "+" else 1 - change
    if factor < 0:
        raise _bad("bad-what-if", t("{text} takes away more than there is", text=text), hint)
    return WhatIf(category.value, factor, None)


def changed(request: EstimateRequest, changes: tuple[WhatIf, ...]) -> EstimateRequest:
    """The request after some what-ifs. Scaled counts are rounded up: a quote should not fall short.

    A plain count for a category replaces its total, spread over the destinations as before. Raises `Invalid` (code
    `bad-what-if`) for a category that the request does not have.
    """
    for change in changes:
        if change.what == "in-window":
            request = request._replace(in_window=change.value or Decimal(0))
        elif change.what == "from-ads":
            request = request._replace(from_ads=change.value or Decimal(0))
        elif change.what == "numbers":
            request = request._replace(numbers=max(1, int(change.value or 0)))
        else:
            request = request._replace(traffic=_scaled(request.traffic, change))
    return request


def _scaled(traffic: tuple[Traffic, ...], change: WhatIf) -> tuple[Traffic, ...]:
    total = sum(item.message_count for item in traffic if item.category == change.what)
    if not total:
        raise _bad(
            "bad-what-if",
            t("there are no {category} messages to change", category=change.what),
            t("Give a number of them first"),
        )
    factor = change.factor if change.factor is not None else (change.value or Decimal(0)) / total
    return tuple(
        item._replace(message_count=_rounded_up(item.message_count * factor)) if item.category == change.what else item
        for item in traffic
    )


def _rounded_up(value: Decimal) -> int:
    # A factor such as 2000/3000 is not exact; what is within a millionth of a whole number is that number.
    nearest = round(value)
    if abs(value - nearest) < Decimal("0.000001"):
        return int(nearest)
    try:
        return int(value.to_integral_value(rounding="ROUND_CEILING"))
    except InvalidOperation:  # more digits than the context holds
        return int(value) + 1


def _bad(code: str, message: Text, hint: Text) -> Invalid:
    return Invalid(code, message, hint)
