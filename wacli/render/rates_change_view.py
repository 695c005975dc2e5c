"""What changed between two days, and what a card about to be imported would change."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, cast

from wacli.domain.pricing_rules import PricingRules
from wacli.domain.text import Text, t, tn
from wacli.services.rates import RateChange, RatesDiff
from wacli.services.rates_import import ImportPlan, Jump

from .estimate_words import CATEGORIES, bullet
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

CHANGE_FIELDS = ("market", "category", "before", "after", "change", "before_is_free", "after_is_free", "currency")
_FACTS: dict[str, Text] = {
    "unit": t("what is billed"),
    "conversations": t("what a conversation is"),
    "free_in_window": t("what is free inside the window"),
    "allowance": t("the monthly allowance"),
    "entry_point": t("the free entry point"),
    "us_marketing_paused": t("marketing to the United States"),
    "reactions_exempt": t("reactions"),
    "app_free": t("messages of the phone app"),
    "tiered": t("volume tiers"),
    "service_rate_of": t("the price of service messages"),
    "rate_range": t("what is known of prices without a list"),
    "trial": t("trials"),
}


class Diff(NamedTuple):
    """What differs, with both days' rules: a category that they make free has no price because it needs none."""

    diff: RatesDiff
    before: PricingRules
    after: PricingRules


def diff_fields(found: Diff) -> Flat:
    """The answer of `rates diff` for machines."""
    diff = found.diff
    return {
        "before_on": diff.before_on,
        "after_on": diff.after_on,
        "currency": diff.currency,
        "before_card": diff.before_card,
        "after_card": diff.after_card,
        "rates": [_change_fields(change, found) for change in diff.rates],
        "moves": [
            {"prefix": move.prefix, "country": move.iso, "before": move.before, "after": move.after}
            for move in diff.moves
        ],
        "rules": [
            {"fact": rule.fact, "effective_on": rule.effective_from, "source": rule.source} for rule in diff.rules
        ],
    }


def changes_listing(found: Diff) -> Listing[RateChange]:
    """The changed prices as rows, for ndjson, csv and plain."""
    return Listing(
        fields=CHANGE_FIELDS,
        rows=found.diff.rates,
        flat=lambda change: _change_fields(change, found),
        headings=(),
        cells=lambda change: (Cell(change.market),),
        empty=t("No price changed"),
    )


def diff_record(found: Diff, limit: int | None, words: Words, width: int) -> Record:
    """For people: prices that moved, then markets and rules; free on both days is no change of price."""
    diff = found.diff
    # What went up or down first; what only one day has a price for after it.
    ordered = sorted(diff.rates, key=lambda change: change.change is None)
    shown = ordered if limit is None else ordered[:limit]
    more = len(diff.rates) - len(shown)
    footer = (tn("{count} more: --limit 0", "{count} more: --limit 0", more),) if more else ()
    table = Listing[object](
        fields=(),
        rows=shown,
        flat=lambda _: {},
        headings=(
            Heading(t("Market"), wraps=True),
            Heading(t("Message"), wraps=True),
            Heading(t("Before"), right=True),
            Heading(t("After"), right=True),
            Heading(t("Change"), right=True),
        ),
        cells=lambda change: _change_cells(cast(RateChange, change), found, words),
        empty=t("No price changed"),
        footer=footer,
    )
    cards = t(
        "{before} against {after}, in {currency}: {before_card} and {after_card}",
        before=diff.before_on,
        after=diff.after_on,
        currency=diff.currency,
        before_card=_card(diff.before_card),
        after_card=_card(diff.after_card),
    )
    paragraphs = [
        Paragraph(lines=tuple(Cell(line, Style.STRONG) for line in bullet(words.say(cards), width, ""))),
        Paragraph(table=table),
    ]
    moves = [
        t("+{prefix} ({country}): from {before} to {after}", prefix=move.prefix, country=move.iso, before=move.before,
          after=move.after)
        for move in diff.moves
    ]  # fmt: skip
    rules = [
        t("{fact}, from {day}: {source}", fact=_FACTS.get(rule.fact, t("{word}", word=rule.fact)),
          day=rule.effective_from, source=rule.source)
        for rule in diff.rules
    ]  # fmt: skip
    paragraphs += _titled(t("Markets that moved"), moves, words, width)
    paragraphs += _titled(t("Rules that changed"), rules, words, width)
    return Record(diff_fields(found), tuple(paragraphs))


def _card(card_id: str | None) -> Text:
    return t("no card") if card_id is None else t("card {card}", card=card_id)


def _titled(title: Text, items: Sequence[Text], words: Words, width: int) -> list[Paragraph]:
    if not items:
        return []
    lines = (Cell(line) for item in items for line in bullet(words.say(item), width))
    return [Paragraph(lines=(Cell(words.say(title), Style.STRONG), *lines))]


def _is_free(change: RateChange, rules: PricingRules) -> bool:
    return change.category in {word.value for word in rules.free_in_window} and change.category == "service"


def _change_fields(change: RateChange, found: Diff) -> Flat:
    return {
        "market": change.market,
        "category": change.category,
        "before": change.before,
        "after": change.after,
        "change": None if change.change is None else round(change.change, 4),
        "before_is_free": change.before is None and _is_free(change, found.before),
        "after_is_free": change.after is None and _is_free(change, found.after),
        "currency": found.diff.currency,
    }


def _change_cells(change: RateChange, found: Diff, words: Words) -> tuple[Cell, ...]:
    ratio = change.change
    style = Style.PLAIN if ratio is None else Style.WARN if ratio > 0 else Style.GOOD
    return (
        Cell(sanitise(change.market)),
        Cell(words.say(CATEGORIES[change.category])),
        _price(change.before, _is_free(change, found.before), words),
        _price(change.after, _is_free(change, found.after), words),
        Cell("" if ratio is None else percent(ratio, words), style),
    )


def _price(price: Decimal | None, is_free: bool, words: Words) -> Cell:
    if price is not None:
        return Cell(words.figure(price))
    return Cell(words.say(t("free: rules") if is_free else t("not known")), Style.GOOD if is_free else Style.DIM)


def percent(ratio: Decimal, words: Words) -> str:
    """A relative change to a tenth of a per cent: +15.0%."""
    return f"{'+' if ratio > 0 else '−'}{words.number(round(abs(ratio) * 100, 1))}%"


def plan_fields(plan: ImportPlan, kept: Path | None) -> Flat:
    """The answer of `rates import` for machines; `file` null when nothing was kept."""
    card = plan.card
    return {
        "id": card.id,
        "effective_on": card.effective_from,
        "currency": card.currency,
        "market_count": len(card.markets),
        "figure_count": len(card.cells),
        "complete": sorted(card.complete),
        "has_tiers": plan.has_tiers,
        "compared_with": plan.compared_with,
        "replaces": plan.replaces,
        "jumps": [
            {"market": jump.market, "category": jump.category, "before": jump.before, "after": jump.after,
             "before_card": jump.before_card, "is_same_day": jump.is_same_day}
            for jump in plan.jumps
        ],
        "unknown_markets": plan.unknown_markets,
        "missing_markets": plan.missing_markets,
        "missing_categories": plan.missing_categories,
        "needs_yes": plan.needs_yes,
        "file": None if kept is None else str(kept),
    }  # fmt: skip


def plan_record(plan: ImportPlan, kept: Path | None, words: Words, width: int) -> Record:
    """For people: what the card is, then everything that should be looked at."""
    card = plan.card
    head = t(
        "{currency} card of {day}: {figures} in {markets}",
        currency=card.currency,
        day=card.effective_from,
        figures=tn("{count} figure", "{count} figures", len(card.cells)),
        markets=tn("{count} market", "{count} markets", len(card.markets)),
    )
    remarks = [t("compared with card {card}", card=plan.compared_with) if plan.compared_with else
               t("there is no card to compare it with")]  # fmt: skip
    if plan.replaces:
        remarks.append(t("it comes before card {card} of the same day", card=plan.replaces))
    if not card.complete:
        remarks.append(t("it is complete for no category: what it lacks stays unknown on that day"))
    remarks += [
        t("{fact}: {names}", fact=fact, names=", ".join(names))
        for fact, names in (
            (t("not a market of that day, so left out"), plan.unknown_markets),
            (t("a market of that day, but not on it"), plan.missing_markets),
            (t("on the card before, but not on it"), plan.missing_categories),
        )
        if names
    ]
    lines = tuple(Cell(line) for remark in remarks for line in bullet(words.say(remark), width))
    paragraphs = [Paragraph(lines=(Cell(words.say(head), Style.STRONG), *lines))]
    if plan.jumps:
        paragraphs.append(Paragraph(table=_jumps(plan.jumps, words)))
    return Record(plan_fields(plan, kept), tuple(paragraphs))


def _jumps(jumps: Sequence[Jump], words: Words) -> Listing[object]:
    return Listing(
        fields=(),
        rows=jumps,
        flat=lambda _: {},
        headings=(
            Heading(t("Look at"), wraps=True),
            Heading(t("Message"), wraps=True),
            Heading(t("Before"), right=True),
            Heading(t("On this card"), right=True),
            Heading(t("Change"), right=True),
            Heading(t("Card before")),
        ),
        cells=lambda row: _jump_cells(cast(Jump, row), words),
        empty=t("Nothing to look at"),
    )


def _jump_cells(jump: Jump, words: Words) -> tuple[Cell, ...]:
    ratio = (jump.after - jump.before) / jump.before if jump.before else None
    return (
        Cell(sanitise(jump.market)),
        Cell(words.say(CATEGORIES[jump.category])),
        Cell(words.figure(jump.before)),
        Cell(words.figure(jump.after), Style.WARN),
        Cell("" if ratio is None else percent(ratio, words), Style.WARN),
        Cell(jump.before_card, Style.DIM),
    )
