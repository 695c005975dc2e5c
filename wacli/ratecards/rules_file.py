"""The file `rules.toml`: each pricing fact with its own dated history, folded into periods of the union of dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from wacli.domain.category import Category
from wacli.domain.pricing_rules import (
    Allowance,
    AllowanceCovers,
    AllowanceScope,
    Conversations,
    PricingRules,
    Range,
    Trial,
    Unit,
)
from wacli.domain.text import t
from wacli.domain.window import EntryPointLength

from .strict import Section, read_toml, refuse

EVERY_MARKET = "*"
_CATEGORIES = frozenset(category.value for category in Category)


class RateChange(NamedTuple):
    """A day on which published rates changed; `cells` None: any of them may have, whatever the currency."""

    on: date
    cells: dict[str, tuple[str, ...]] | None
    source: str


def load_rules(text: str, file: str) -> tuple[tuple[PricingRules, ...], tuple[RateChange, ...]]:
    """All periods, oldest first, and the dates of rate changes. Raises `Invalid` (code `bad-rate-file`)."""
    top = read_toml(text, file)
    top.day("retrieved_on")
    top.choice("time_zone", ("account",))
    histories = {fact: _history(top, fact, read) for fact, read in _FACTS.items()}
    changes = tuple(_change(entry) for entry in top.sections("rate_changes"))
    top.close()
    starts = sorted({entry[0] for history in histories.values() for entry in history})
    return tuple(_period(start, histories) for start in starts), changes


def _period(start: date, histories: dict[str, list[tuple[date, Any, str]]]) -> PricingRules:
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for fact, history in histories.items():
        _, values[fact], sources[fact] = [entry for entry in history if entry[0] <= start][-1]
    return PricingRules(id=str(start), effective_from=start, sources=sources, **values)


def _history(top: Section, fact: str, read: Callable[[Section], Any]) -> list[tuple[date, Any, str]]:
    history: list[tuple[date, Any, str]] = []
    for entry in top.sections(fact):
        start, source = entry.day("from"), entry.text("source")
        if history and start <= history[-1][0]:
            refuse(entry.file, entry.name("from"), t("the entries must be in the order of their dates"))
        history.append((start, read(entry), source))
        entry.close()
    if not history or history[0][0] != date(2018, 8, 1):
        refuse(top.file, fact, t("must begin on 2018-08-01"))
    return history


def _change(entry: Section) -> RateChange:
    on, source = entry.day("on"), entry.text("source")
    cells = None
    if entry.has("cells"):
        table = entry.section("cells")
        for word in table.left():
            if word not in _CATEGORIES:
                refuse(entry.file, table.name(word), t("is not a category"))
        cells = {word: table.words(word) for word in table.left()}
    entry.close()
    return RateChange(on, cells, source)


def _conversations(entry: Section) -> Conversations | None:
    value = entry.choice("value", ("none", *Conversations))
    return None if value == "none" else Conversations(value)


def _categories(entry: Section) -> frozenset[Category]:
    return frozenset(Category(word) for word in entry.words("value", _CATEGORIES))


def _allowance(entry: Section) -> Allowance | None:
    count = entry.whole("count")
    if not count:
        return None
    per, covers = entry.choice("per", tuple(AllowanceScope)), entry.choice("covers", tuple(AllowanceCovers))
    return Allowance(count, AllowanceScope(per), AllowanceCovers(covers))


def _entry_point(entry: Section) -> EntryPointLength | None:
    sure, at_most = entry.whole("sure_hours"), entry.whole("at_most_hours")
    if at_most < sure:
        refuse(entry.file, entry.name("at_most_hours"), t("is below sure_hours"))
    return EntryPointLength(timedelta(hours=sure), timedelta(hours=at_most)) if at_most else None


def _service_rate(entry: Section) -> Category | None:
    value = entry.choice("value", ("none", *_CATEGORIES))
    return None if value == "none" else Category(value)


def _rate_range(entry: Section) -> Range | None:
    if not entry.has("low"):
        return None
    return Range(entry.money("low"), entry.money("high"), entry.text("currency"))


def _trial(entry: Section) -> Trial | None:
    if not entry.has("market"):
        return None
    return Trial(entry.text("market"), entry.money("rate"), entry.text("currency"), entry.whole("allowance"))


_FACTS: dict[str, Callable[[Section], Any]] = {
    "unit": lambda entry: Unit(entry.choice("value", tuple(Unit))),
    "conversations": _conversations,
    "free_in_window": _categories,
    "allowance": _allowance,
    "entry_point": _entry_point,
    "us_marketing_paused": lambda entry: entry.flag("value"),
    "reactions_exempt": lambda entry: entry.flag("value"),
    "app_free": lambda entry: entry.flag("value"),
    "tiered": _categories,
    "service_rate_of": _service_rate,
    "rate_range": _rate_range,
    "trial": _trial,
}
