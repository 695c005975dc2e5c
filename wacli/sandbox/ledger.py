"""The sandbox's ledger: what every delivered message costs, to the micro-unit, by the rules of its day.

Facts: pricing.md sections 1 (billed on delivery, the recipient's market), 2.1 (a conversation costs once), 4 (cards),
5 (tiers: marginal, by portfolio, market and category, only billed messages count, reset on the first in the account's
time zone), 6 (authentication-international). Written without wacli's own price rules, so that `wacli spend` has
something to be compared with.

Not known, and therefore the sandbox's choice: the day of sending, in the account's time zone, picks the rate and the
month, because the price is told with `sent` already; the place in a volume tier is taken on delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from .book import Account, Book, Charge, SentMessage
from .figures import Figure, country_of_market, figure, market_of
from .pricing import PER_MESSAGE_FROM, Pricing, month_of

TIERED = frozenset({"utility", "authentication", "authentication-international"})
TIERS_TOLD_FROM = date(2025, 10, 1)
_MARKETING_LITE = "marketing_lite"  # the same price as marketing, through another endpoint


@dataclass(frozen=True, slots=True)
class Step:
    """A volume tier that was entered just now: what `VOLUME_BASED_PRICING_TIER_UPDATE` tells."""

    account: Account
    at: datetime
    category: str
    market: str
    tier: str
    month: str


@dataclass(slots=True)
class Ledger:
    """Enters charges into the book. `volumes`: billed messages by (portfolio, month, market, category)."""

    book: Book
    volumes: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    _booked: set[str] = field(default_factory=set)

    def enter(self, message: SentMessage, at: datetime) -> Step | None:
        """Books a message that was delivered at `at`; returns the volume tier if it is the first one in it."""
        pricing, customer, account = message.pricing, message.customer, message.account
        assert pricing is not None
        assert customer is not None
        on = message.at.astimezone(account.zone).date()
        market = market_of(customer.wa_id, on)
        free_because = self._free_because(pricing)
        word = _word(pricing)
        found = None if free_because is not None else self._figure(account, on, market, word)
        place = 0
        if free_because is None and pricing.model == "PMP":
            key = (account.portfolio or account.waba_id, month_of(on), market, word)
            place = self.volumes[key] = self.volumes.get(key, 0) + 1
        amount, tier, is_first = (0, None, False) if free_because else _price(found, word, place)
        self.book.charges.append(
            Charge(
                message.id, account, message.number.id, customer, pricing.category, pricing.kind, pricing.model, market,
                message.at, at, free_because is None, free_because, amount, account.currency,
                rate_category=None if free_because else word, tier=tier, template=message.template,
                conversation_id=pricing.conversation_id,
            )
        )  # fmt: skip
        if is_first and tier is not None and on >= TIERS_TOLD_FROM:
            return Step(account, at, word, market, tier, month_of(on))
        return None

    def expect_volume(self, account: Account, on: date, market: str, category: str, count: int) -> None:
        """The rest of the portfolio has sent so many billed messages that month already."""
        self.volumes[account.portfolio or account.waba_id, month_of(on), market, category] = count

    def is_booked(self, conversation_id: str | None) -> bool:
        """True when a message of that conversation was delivered."""
        return conversation_id in self._booked

    def _free_because(self, pricing: Pricing) -> str | None:
        if pricing.model == "PMP" or pricing.kind == "free_entry_point":
            return pricing.free_because
        assert pricing.conversation_id is not None
        if pricing.conversation_id in self._booked:
            return "conversation"
        self._booked.add(pricing.conversation_id)
        return None if pricing.is_billed else pricing.free_because or "conversation"

    def _figure(self, account: Account, on: date, market: str, word: str) -> Figure | None:
        found = figure(on, account.currency, market, word)
        if found is None and word == "service" and on >= PER_MESSAGE_FROM:  # cards without that column: utility's rate
            utility = figure(on, account.currency, market, "utility")
            return None if utility is None else utility._replace(steps=())
        return found


def is_international(account: Account, digits: str, at: datetime) -> bool:
    """True when an authentication message to that number costs the international rate (all conditions of section 6)."""
    country = country_of_market(digits)
    since = account.international_from.get(country or "")
    on = at.astimezone(account.zone).date()
    return (
        since is not None
        and at >= since
        and country != account.country
        and figure(on, account.currency, market_of(digits, on), "authentication-international") is not None
    )


def _word(pricing: Pricing) -> str:
    """The card's name of a reported category."""
    if pricing.category == _MARKETING_LITE:
        return "marketing"
    return pricing.category.replace("_", "-")


def _price(found: Figure | None, word: str, place: int) -> tuple[int | None, str | None, bool]:
    """The price of the message that is number `place` of its month: amount, tier, whether it is the tier's first."""
    if found is None:
        return None, None, False
    if word in TIERED and place:
        for step in found.steps:
            if place <= (step.last or place):
                return step.micro, step.label, place == step.first and place > 1
    return found.micro, None, False
