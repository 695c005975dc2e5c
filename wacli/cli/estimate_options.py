"""From what was typed after `wacli estimate` to the request: everything is read once, here, before anything is printed.

Counts are whole numbers, with or without separators of thousands (1000, 1,000, 1_000, 1 000); 1.000 is refused,
because it is one to some readers and a thousand to others. Shares are 60%, 60 % or 0.6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from wacli.domain.category import Category
from wacli.domain.problem import Invalid, Problem
from wacli.domain.quote import Quote
from wacli.domain.text import Text, t
from wacli.ratecards.destinations import Destination, resolve_destination
from wacli.ratecards.shelf import Shelf
from wacli.services.estimate_request import EstimateRequest, Fee, GivenRate, Tax, Traffic
from wacli.services.estimate_terms import (
    WhatIf,
    read_category,
    read_count,
    read_exchange,
    read_fee,
    read_line,
    read_rate,
    read_share,
    read_tax,
    read_what_if,
)

from .shelves import currency_asked, day_asked

if TYPE_CHECKING:
    from wacli.services.recipients import Recipients

    from .session import Session

Read = TypeVar("Read")
_LOCAL_NUMBER = re.compile(r"0(?!0)[\d\s().\-/]{5,}")
_NEXT_CHANGE = re.compile(r"[,;]\s*(?=[a-z])")


class Places(NamedTuple):
    """What was typed about where to and how many."""

    to: tuple[str, ...]
    counts: Mapping[Category, str | None]
    lines: tuple[str, ...]
    lines_file: str | None
    recipients: str | None
    category: str | None
    column: str | None
    rejects: str | None


class Terms(NamedTuple):
    """What was typed about prices and circumstances."""

    on: str | None
    currency: str | None
    numbers: str
    in_window: str
    from_ads: str
    allowance_used: str
    volume_so_far: tuple[str, ...]
    rates: tuple[str, ...]
    fee: str | None
    fee_name: str | None
    tax: str | None
    tax_name: str | None
    exchange: str | None
    compare: tuple[str, ...]
    what_if: tuple[str, ...]


class Scenario(NamedTuple):
    """One `--what-if`: what was typed, and its changes."""

    label: str
    changes: tuple[WhatIf, ...]


class Asked(NamedTuple):
    """Everything that was asked, understood. `remarks` are assumptions that the door itself made."""

    request: EstimateRequest
    compare: tuple[date, ...]
    what_if: tuple[Scenario, ...]
    recipients: Recipients | None
    remarks: tuple[Text, ...]


def understand(session: Session, places: Places, terms: Terms, shelf: Shelf) -> Asked:
    """Reads every option; the recipients' file last, because it may take seconds. Raises `Invalid` and `NotFound`."""
    day = _day(session, "--on", terms.on, shelf)
    compare = tuple(_day(session, "--compare", text, shelf) for text in terms.compare)
    currency = currency_asked(session, terms.currency)
    request = EstimateRequest(
        traffic=(),
        on=day,
        currency=currency,
        numbers=_numbers(terms.numbers),
        in_window=_named("--in-window", read_share, terms.in_window),
        from_ads=_named("--from-ads", read_share, terms.from_ads),
        allowance_used=_named("--allowance-used", read_count, terms.allowance_used),
        volume_so_far=_volumes(terms.volume_so_far, day, shelf),
        rates=tuple(_named("--rate", lambda text: read_rate(text, day, shelf), text) for text in terms.rates),
        fee=_fee(terms),
        tax=_tax(terms),
        exchange=None if terms.exchange is None else _named("--fx", read_exchange, terms.exchange),
    )
    what_if = tuple(_named("--what-if", _scenario, text) for text in terms.what_if)
    typed, remarks = _typed_traffic(session, places, day, shelf)
    found = None
    if places.recipients is not None:
        from .recipient_file import read_recipients

        category = _category_of_recipients(places)
        found = read_recipients(session, places.recipients, shelf.markets, places.column, places.rejects)
        typed += found.traffic(category)
    request = request._replace(traffic=typed)
    return Asked(request, compare, what_if, found, remarks)


def _day(session: Session, option: str, text: str | None, shelf: Shelf) -> date:
    if text is None:
        return day_asked(session, None)
    day = _named(option, lambda text: day_asked(session, text), text)
    shelf.rules_on(day)  # refuses days before the first price list while nothing has been read yet
    return day


def unused_rates(rates: tuple[GivenRate, ...], quote: Quote, shelf: Shelf) -> Iterator[Text]:
    """Prices that were given and made no difference. Raises `Invalid` for one of a place nothing is sent to."""
    for given in rates:
        market = given.destination.market_on(shelf.markets, quote.on)
        lines = [line for line in quote.lines if line.market == market and given.category in (None, line.category)]
        if not lines:
            what = market if given.category is None else f"{market}, {given.category.value}"
            raise Invalid(
                "bad-rate",
                t("--rate is for {what}, but nothing of it is sent", what=what),
                t("Name a market and a category of the estimate"),
            )
        if not any(line.is_given for line in lines):
            yield t(
                "the price that you gave for {market} was not needed: the card has one, or all of it is free",
                market=market,
            )


def _typed_traffic(
    session: Session, places: Places, day: date, shelf: Shelf
) -> tuple[tuple[Traffic, ...], tuple[Text, ...]]:
    counts = {
        category: _named(f"--{category.value}", read_count, text)
        for category, text in places.counts.items()
        if text is not None
    }
    to = places.to
    remarks: tuple[Text, ...] = ()
    has_lines = bool(places.lines) or places.lines_file is not None
    if counts and not to:
        to, remarks = _home(session)
    if to and not counts:
        raise Invalid("missing", t("How many messages go there is missing"), t("Add for example --marketing 1000"))
    if not (counts or has_lines or places.recipients is not None):
        raise Invalid(
            "missing",
            t("Nothing to estimate was given"),
            t("For example: wacli estimate --to ID --marketing 1000"),
        )
    traffic = [
        Traffic(where, category, count)
        for where in [_named("--to", lambda word: destination_of(session, word, day, shelf), word) for word in to]
        for category, count in counts.items()
    ]
    traffic += [_named("--line", lambda text: read_line(text, day, shelf), text) for text in places.lines]
    if places.lines_file is not None:
        from wacli.services.estimate_files import read_lines

        from .input_file import input_file

        with input_file(session, places.lines_file) as path:
            traffic += read_lines(path, day, shelf)
    return tuple(traffic), remarks


def destination_of(session: Session, word: str, day: date, shelf: Shelf) -> Destination:
    """Where to; a local number such as 0812... is one of the profile's country."""
    country = session.profile["country"]
    if country is not None and _LOCAL_NUMBER.fullmatch(word.strip()):
        from wacli.domain.identity import parse_phone

        word = "+" + parse_phone(word, country)
    return resolve_destination(word, day, shelf)


def _home(session: Session) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    country = session.profile["country"]
    if country is None:
        raise Invalid(
            "missing", t("Where the messages go is missing"), t("Add --to with a country, a market or a phone number")
        )
    return (country,), (t("all of it goes to {country}, the country of your profile", country=country),)


def _category_of_recipients(places: Places) -> Category:
    if places.category is None:
        raise Invalid(
            "missing", t("What the recipients get is missing"), t("Add --category marketing, or another category")
        )
    return _named("--category", read_category, places.category)


def _numbers(text: str) -> int:
    numbers = _named("--numbers", read_count, text)
    if not numbers:
        raise Invalid("bad-count", t("--numbers: there is no account without a business number"), t("Write 1 or more"))
    return numbers


def _volumes(texts: tuple[str, ...], day: date, shelf: Shelf) -> dict[tuple[str, Category], int]:
    volumes: dict[tuple[str, Category], int] = {}
    for text in texts:
        where, category, count = _named("--volume-so-far", lambda text: read_line(text, day, shelf), text)
        key = (where.market_on(shelf.markets, day), category)
        volumes[key] = volumes.get(key, 0) + count
    return volumes


def _fee(terms: Terms) -> Fee | None:
    if terms.fee is None:
        _refuse_alone("--fee-name", terms.fee_name, "--fee")
        return None
    fee = _named("--fee", read_fee, terms.fee)
    return fee if terms.fee_name is None else fee._replace(name=terms.fee_name)


def _tax(terms: Terms) -> Tax | None:
    if terms.tax is None:
        _refuse_alone("--tax-name", terms.tax_name, "--tax")
        return None
    tax = _named("--tax", read_tax, terms.tax)
    return tax if terms.tax_name is None else tax._replace(name=terms.tax_name)


def _refuse_alone(option: str, value: str | None, wanted: str) -> None:
    if value is not None:
        raise Invalid("usage", t("{option} names nothing", option=option), t("Give {wanted} with it", wanted=wanted))


def _scenario(text: str) -> Scenario:
    changes = tuple(read_what_if(part.strip()) for part in _NEXT_CHANGE.split(text))
    return Scenario(text.strip(), changes)


def _named(option: str, read: Callable[[str], Read], text: str) -> Read:
    """Reads the value of an option; what is wrong with it is said with the option's name."""
    try:
        return read(text)
    except Problem as problem:
        message = t("{option}: {reason}", option=option, reason=problem.message)
        raise type(problem)(problem.code, message, problem.hint, problem.details) from None
