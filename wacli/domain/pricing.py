"""What one message costs: the ONE pricing rule, behind verdicts, the board, campaigns, spend and estimates.

Rules and sources: facts pricing.md sections 1 (today), 2.1 (conversations), 3 (decision table), 5 (tiers), 8.2 (free
entry point). What is not known has no amount (None), never 0; what is free says which free. A price is no permission:
whether a message may be sent at all is `wacli.domain.verdict`'s question.

In the years of conversations (2022-02 to 2025-06) the charge of a message is the price of the conversation that it
opens; whether it opens one needs the messages before it, which `wacli.domain.conversation_pricing` reads.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .category import Category
from .message import Origin
from .pricing_rules import AllowanceCovers, Conversations, PricingRules, Unit
from .rate_card import BUSINESS_INITIATED, USER_INITIATED, Rate, RateCard, portions
from .text import Text, t, tn

TEMPLATE = "template"
SERVICE = "service"
REACTION = "reaction"
_NOTHING = Decimal(0)
# Asked for every message of a log; an enum gives out its members slowly (a function call each time in Python 3.11).
_SERVICE, _BY_INITIATOR = Category.SERVICE, Conversations.BY_INITIATOR


class FreeReason(StrEnum):
    """Which free: this month's allowance, an ad's or Page's free entry point, the rules of the day, the phone app."""

    ALLOWANCE = "allowance"
    FREE_ENTRY_POINT = "free_entry_point"
    RULES = "rules"
    APP = "app"


class MessageFacts(NamedTuple):
    """What the price of one outbound message depends on.

    `category` is the approved one of a template, None if nobody knows it; a service message or a reaction may leave
    it None. `market` None: the recipient's market is unknown. `in_window`: the customer service window is open.
    """

    at: datetime
    category: Category | None
    kind: str  # "template", "service" (anything that is not a template) or "reaction"
    market: str | None
    in_window: bool
    in_entry_point: bool
    origin: Origin = Origin.API


class Charge(NamedTuple):
    """What one message costs and why. `amount` None: billed, but at a price nobody published where we can read it.

    `rate` is the price per message that was applied; `tier` its volume tier as Meta writes it (`100001:1000000`).
    """

    amount: Decimal | None
    currency: str | None
    is_free: bool
    free_reason: FreeReason | None
    reason: Text
    market: str | None
    rate: Decimal | None
    tier: str | None
    card_id: str | None
    rule_id: str


def charge(
    facts: MessageFacts,
    rules: PricingRules,
    card: RateCard | None,
    *,
    volume_so_far: int = 0,
    allowance_so_far: int = 0,
) -> Charge:
    """The charge of one delivered message under the rules and the card of its day.

    `volume_so_far`: billed messages of this market and category this month (the whole portfolio's; decides the tier).
    `allowance_so_far`: free units already used this month by the number (or account) that the allowance belongs to.
    """
    free = _free(facts, rules, allowance_so_far)
    if free is not None:
        reason, sentence = free
        currency = None if card is None else card.currency
        return Charge(_NOTHING, currency, True, reason, sentence, facts.market, None, None, None, rules.id)
    word = rate_word(facts, rules)
    rate = None if card is None or facts.market is None or word is None else find_rate(card, facts.market, word, rules)
    if card is None or rate is None:
        currency = None if card is None else card.currency
        sentence = _unknown(facts, card, word)
        return Charge(None, currency, False, None, sentence, facts.market, None, None, None, rules.id)
    part = portions(rate, 1, volume_so_far)[0]
    sentence = _billed(facts, rules, word)
    return Charge(
        part.rate, card.currency, False, None, sentence, facts.market, part.rate, part.tier, rate.card_id, rules.id
    )


def list_price(facts: MessageFacts, rules: PricingRules, card: RateCard | None) -> Decimal | None:
    """What the message would cost at the list rate if nothing made it free: what a free one saves. None: not known.

    Zero where no price exists for it at all: a reaction that the rules exempt.
    """
    if facts.kind == REACTION and rules.reactions_exempt:
        return _NOTHING
    word = rate_word(facts, rules)
    rate = None if card is None or facts.market is None or word is None else find_rate(card, facts.market, word, rules)
    return None if rate is None else rate.amount


def category_in(facts: MessageFacts) -> Category | None:
    """The category that the rules see: service for everything that is not a template."""
    return _SERVICE if facts.kind == SERVICE else facts.category


def rate_word(facts: MessageFacts, rules: PricingRules) -> str | None:
    """The word under which a card of these rules lists this message; None while its category is unknown."""
    if rules.conversations is _BY_INITIATOR:
        # A business message in answer to the contact opens a user-initiated conversation, template or not.
        return USER_INITIATED if facts.in_window or facts.kind == SERVICE else BUSINESS_INITIATED
    category = category_in(facts)
    return None if category is None else category.value


def find_rate(card: RateCard, market: str, word: str, rules: PricingRules) -> Rate | None:
    """The cell, or for service on a card without that column the rate the rules name (the market's utility rate)."""
    rate = card.rate(market, word)
    if rate is None and word == Category.SERVICE and rules.service_rate_of is not None:
        stand_in = card.rate(market, rules.service_rate_of.value)
        # Service has no volume tiers, whatever utility has.
        return None if stand_in is None else stand_in._replace(bands=())
    return rate


def uses_allowance(facts: MessageFacts, rules: PricingRules) -> bool:
    """True when this message, if neither the entry point nor the rules make it free, draws on the allowance."""
    if rules.allowance is None:
        return False
    covers = rules.allowance.covers
    if covers is AllowanceCovers.ANY:
        return True
    if covers is AllowanceCovers.USER_INITIATED:
        return rate_word(facts, rules) == USER_INITIATED
    return facts.kind == SERVICE


def _free(facts: MessageFacts, rules: PricingRules, allowance_so_far: int) -> tuple[FreeReason, Text] | None:
    if facts.origin is not Origin.API and rules.app_free:
        return FreeReason.APP, t("typed in the phone app, which is never billed")
    if facts.kind == REACTION and rules.reactions_exempt:
        return FreeReason.RULES, t("reactions are never billed")
    if facts.in_entry_point and rules.entry_point is not None:
        return FreeReason.FREE_ENTRY_POINT, t("inside the free entry point window of an ad or Page button")
    category = category_in(facts)
    is_inside = facts.in_window or facts.kind == SERVICE
    if category is not None and is_inside and rules.is_free_in_window(category):
        return FreeReason.RULES, t("free inside the customer service window by the rules of that day")
    allowance = rules.allowance
    if allowance is not None and allowance_so_far < allowance.free_count and uses_allowance(facts, rules):
        return FreeReason.ALLOWANCE, tn(
            "the one free message of this month", "one of the {count} free ones of this month", allowance.free_count
        )
    return None


def _billed(facts: MessageFacts, rules: PricingRules, word: str | None) -> Text:
    if rules.unit is Unit.CONVERSATION:
        return t("opens a {category} conversation of 24 hours, {market}", category=word, market=facts.market)
    if facts.kind == SERVICE:
        return t("the free service messages of this month are used up: {market}'s rate", market=facts.market)
    return t("a {category} template, at {market}'s rate", category=word, market=facts.market)


def _unknown(facts: MessageFacts, card: RateCard | None, word: str | None) -> Text:
    if facts.market is None:
        return t("billed, but the recipient's market is not known")
    if word is None:
        return t("billed, but the category of the template is not known")
    if card is None:
        return t("billed, but no rate card of that day is known")
    return t(
        "billed, but the {currency} card of that day shows no {category} rate for {market}",
        currency=card.currency,
        category=word,
        market=facts.market,
    )
