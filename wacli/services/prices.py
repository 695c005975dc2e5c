"""What holds for every message of one business number at an instant: rules, card, allowance used so far.

The day is the account's: rates, rules and months change at 12am in its time zone (facts: pricing.md section 2).
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from wacli.domain.allowance import day_of
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard
from wacli.domain.window import EntryPointLength
from wacli.ratecards.shelf import Shelf


class Prices:
    """The shelf as one account sees it: its currency and its time zone. Answers are kept for the days asked about."""

    def __init__(self, shelf: Shelf, currency: str, zone: tzinfo) -> None:
        self._shelf = shelf
        self.currency = currency
        self.zone = zone
        self._asked: tuple[datetime | None, date] = None, date.min

    @property
    def shelf(self) -> Shelf:
        """All cards and rules, for bounds where the day's own card is silent."""
        return self._shelf

    def day(self, at: datetime) -> date:
        """The account's calendar day of an instant."""
        asked, day = self._asked
        if asked is not at:  # rules, card and market of one message ask for the same
            day = day_of(at, self.zone)
            self._asked = at, day
        return day

    def rules(self, at: datetime) -> PricingRules:
        """The rules of that instant's day. Raises `Invalid` before 2018-08-01."""
        return self._shelf.rules_on(self.day(at))

    def card(self, at: datetime) -> RateCard | None:
        """The figures of that instant's day in the account's currency, or None."""
        return self._shelf.card_on(self.day(at), self.currency)

    def on_day(self, day: date) -> tuple[PricingRules, RateCard | None]:
        """Rules and figures of a day of the account. Raises `Invalid` before 2018-08-01."""
        return self._shelf.rules_on(day), self._shelf.card_on(day, self.currency)

    @property
    def all_rules(self) -> tuple[PricingRules, ...]:
        """Every period of the rules, oldest first."""
        return self._shelf.rules

    @property
    def fingerprint(self) -> str:
        """Changes when any rule, market or card does: what was priced with others is then to be priced again."""
        return self._shelf.fingerprint

    def market(self, phone: str | None, bsuid: str | None, at: datetime) -> str | None:
        """The market of a recipient on that day; None when neither number nor user ID is known."""
        if not phone and not bsuid:
            return None
        return self._shelf.market_of(phone, bsuid, self.day(at))

    def market_of_country(self, iso: str | None, at: datetime) -> str | None:
        """The market of a country's numbers on that day; None when no country is named."""
        return None if iso is None else self._shelf.markets.of_country(iso.upper(), self.day(at))

    def entry_length(self, started_at: datetime | None) -> EntryPointLength | None:
        """How long a free entry point window runs that started then."""
        return None if started_at is None else self.rules(started_at).entry_point
