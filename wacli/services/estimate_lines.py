"""The lines of an estimate: each market and category split by what makes messages free, then priced.

Free messages first, as the platform counts them: inside a free entry point, inside the window by the rules of the
day, then the month's allowance. Which of several markets the allowance falls on depends on the order of real
messages; the quote counts it where it saves least, so that the bill is not higher than the quote, and `low` where it
saves most. Each decision is `wacli.domain.pricing.charge`'s; this module only multiplies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.allowance import allowance_of
from wacli.domain.category import Category
from wacli.domain.pricing import (
    SERVICE,
    TEMPLATE,
    FreeReason,
    MessageFacts,
    charge,
    find_rate,
    rate_word,
    uses_allowance,
)
from wacli.domain.pricing_rules import PricingRules, Unit
from wacli.domain.quote import NOTHING, QuoteLine, Span, exactly
from wacli.domain.rate_card import Rate, RateCard, portions
from wacli.domain.text import Text
from wacli.ratecards.shelf import Shelf

from .estimate_bounds import SMALLEST_THRESHOLD, first_threshold, prices_around, steepest_discount

if TYPE_CHECKING:
    from .estimate import EstimateRequest

GIVEN = "given"


class Group(NamedTuple):
    """All messages of one category to one market of the day.

    `fixed_rate` is a given price that always counts, `spare_rate` one that counts where no card has a figure.
    """

    market: str
    category: Category
    message_count: int
    fixed_rate: Decimal | None
    spare_rate: Decimal | None
    volume_so_far: int


class Piece(NamedTuple):
    """Messages of a group that meet the same rule. `free_reason` None: billed, unless the allowance covers them."""

    group: Group
    message_count: int
    free_reason: FreeReason | None
    reason: Text
    word: str | None
    rate: Rate | None
    prices: Span
    covered: bool  # the allowance counts it
    bounds_from: Text | None = None


def lines_of(
    groups: Iterable[Group], request: EstimateRequest, rules: PricingRules, card: RateCard | None, shelf: Shelf
) -> tuple[tuple[QuoteLine, ...], Decimal]:
    """Every line of the quote, in the order of the groups, and what it costs less if the allowance falls luckily."""
    pieces = [piece for group in groups for piece in _pieces(group, request, rules, card, shelf)]
    left = max(0, allowance_of(rules.allowance, request.numbers) - request.allowance_used)
    careful = _allot(pieces, left, dearest_first=False)
    lucky = _allot(pieces, left, dearest_first=True)
    luck = sum((piece.prices.low * (lucky.get(at, 0) - careful.get(at, 0)) for at, piece in enumerate(pieces)), NOTHING)
    lines: list[QuoteLine] = []
    sent: dict[tuple[str, str | None], int] = {}
    for place, piece in enumerate(pieces):
        volume = piece.group.volume_so_far + sent.get((piece.group.market, piece.word), 0)
        found = _priced(piece, careful.get(place, 0), volume, rules, card, shelf)
        lines += found
        billed = sum(line.billed_count for line in found)
        sent[piece.group.market, piece.word] = sent.get((piece.group.market, piece.word), 0) + billed
    return tuple(lines), luck


def _pieces(
    group: Group, request: EstimateRequest, rules: PricingRules, card: RateCard | None, shelf: Shelf
) -> list[Piece]:
    count = group.message_count
    ads = int(count * request.from_ads) if rules.entry_point is not None else 0
    rest = count - ads
    inside = rest if group.category is Category.SERVICE else int(rest * request.in_window)
    shares = ((ads, False, True), (inside, True, False), (rest - inside, False, False))
    pieces = [
        _piece(group, number, request, rules, card, shelf, in_window=window, in_entry_point=entry)
        for number, window, entry in shares
        if number
    ]
    if not pieces:
        pieces = [_piece(group, 0, request, rules, card, shelf, in_window=False, in_entry_point=False)]
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Pieces that come to the same price are one line: being inside the window changed nothing."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and last._replace(message_count=0, reason=piece.reason) == piece._replace(message_count=0):
            joined[-1] = last._replace(message_count=last.message_count + piece.message_count)
        else:
            joined.append(piece)
    return joined


def _piece(
    group: Group,
    count: int,
    request: EstimateRequest,
    rules: PricingRules,
    card: RateCard | None,
    shelf: Shelf,
    *,
    in_window: bool,
    in_entry_point: bool,
) -> Piece:
    kind = SERVICE if group.category is Category.SERVICE else TEMPLATE
    noon = datetime.combine(request.on, time(12), UTC)
    facts = MessageFacts(noon, group.category, kind, group.market, in_window, in_entry_point)
    # Asked as if the allowance were used up: it is shared out afterwards, over all markets at once.
    used_up = 0 if rules.allowance is None else rules.allowance.free_count
    answer = charge(facts, rules, card, allowance_so_far=used_up)
    if answer.is_free:
        return Piece(group, count, answer.free_reason, answer.reason, None, None, exactly(NOTHING), covered=False)
    word = rate_word(facts, rules)
    rate = None if card is None or word is None else find_rate(card, group.market, word, rules)
    if group.fixed_rate is not None or (rate is None and group.spare_rate is not None):
        given = group.spare_rate if group.fixed_rate is None else group.fixed_rate
        rate = Rate(given or NOTHING, GIVEN, GIVEN)
    around = None if rate is not None else prices_around(shelf, request.on, request.currency, group.market, word)
    prices = exactly(rate.amount) if rate is not None else Span(NOTHING, None) if around is None else around.prices
    evidence = None if around is None else around.evidence
    return Piece(group, count, None, answer.reason, word, rate, prices, uses_allowance(facts, rules), evidence)


def _allot(pieces: list[Piece], left: int, *, dearest_first: bool) -> dict[int, int]:
    """Free messages of the allowance by place of the piece."""
    shares: dict[int, int] = {}
    covered = [(piece.prices.high or piece.prices.low, place) for place, piece in enumerate(pieces) if piece.covered]
    for _, place in sorted(covered, key=lambda entry: entry[0], reverse=dearest_first):
        share = min(left, pieces[place].message_count)
        if share:
            shares[place] = share
            left -= share
    return shares


def _priced(
    piece: Piece, allowed: int, volume: int, rules: PricingRules, card: RateCard | None, shelf: Shelf
) -> list[QuoteLine]:
    group, rate = piece.group, piece.rate
    free_count = piece.message_count if piece.free_reason is not None else allowed
    billed = piece.message_count - free_count
    reason = piece.free_reason or (FreeReason.ALLOWANCE if allowed else None)
    base = QuoteLine(
        market=group.market,
        category=group.category,
        message_count=piece.message_count,
        free_count=free_count,
        free_reason=reason,
        billed_count=billed,
        unit_price=None if rate is None else rate.amount,
        amount=NOTHING if not billed else None,
        tier=None,
        prices=piece.prices,
        span=Span(piece.prices.low * billed, None if piece.prices.high is None else piece.prices.high * billed),
        rate_word=piece.word,
        reason=piece.reason,
        bounds_from=piece.bounds_from,
    )
    if piece.free_reason is not None:
        return [base._replace(span=exactly(NOTHING))]
    if rate is None:
        return [base] if billed else [base._replace(span=exactly(NOTHING))]
    base = _cited(base, rate, card, shelf)
    if not billed:
        return [base._replace(span=exactly(NOTHING))]
    return _by_tier(base, rate, volume, rules, shelf)


def _cited(line: QuoteLine, rate: Rate, card: RateCard | None, shelf: Shelf) -> QuoteLine:
    if rate.card_id == GIVEN:
        return line._replace(is_given=True)
    on = shelf.dated(rate.card_id) if card is None or rate.card_id != card.id else card.effective_from
    return line._replace(card_id=rate.card_id, card_on=on, source=rate.source, certainty=rate.certainty)


def _by_tier(base: QuoteLine, rate: Rate, volume: int, rules: PricingRules, shelf: Shelf) -> list[QuoteLine]:
    lines = []
    parts = portions(rate, base.billed_count, volume)
    for place, part in enumerate(parts):
        amount = part.rate * part.message_count
        free_count = base.free_count if place == 0 else 0
        # A tier is worth naming only where the month's count crosses into another.
        tier = part.tier if len(parts) > 1 or part.rate != rate.amount else None
        lines.append(
            base._replace(
                message_count=part.message_count + free_count,
                free_count=free_count,
                free_reason=base.free_reason if free_count else None,
                billed_count=part.message_count,
                unit_price=part.rate,
                amount=amount,
                tier=tier,
                prices=exactly(part.rate),
                span=exactly(amount),
            )
        )
    if base.category in rules.tiered and not rate.bands and not base.is_given and rules.unit is Unit.MESSAGE:
        return [_undiscounted(lines[0], rate, volume, shelf)]
    return lines


def _undiscounted(line: QuoteLine, rate: Rate, volume: int, shelf: Shelf) -> QuoteLine:
    """Volume tiers exist but this card's are not known: the list price is the most, the steepest step the least."""
    if volume + line.billed_count <= SMALLEST_THRESHOLD:
        return line
    threshold = first_threshold(shelf, line.market, line.category)
    beyond = min(line.billed_count, max(0, volume + line.billed_count - threshold))
    if not beyond:
        return line
    step = rate.amount * (1 - steepest_discount(line.market))
    least = step.quantize(Decimal("0.0001"), ROUND_DOWN)
    low = (line.billed_count - beyond) * rate.amount + beyond * least
    return line._replace(prices=Span(least, rate.amount), span=Span(low, line.amount))
