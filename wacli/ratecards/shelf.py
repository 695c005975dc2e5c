"""The shelf: which rules, which card and which market hold on a day. The board, verdicts and estimates start here.

Rules: a figure holds from its card's date until the next published change that may concern it (`rate_changes` in
rules.toml); past that it is unknown, and stays so rather than being borrowed from another date. On one day Meta's
own cards and the owner's imported ones come first, then derived figures; resale prices are never taken for Meta's.
Days are days in the account's time zone, where prices change at 12am.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b

from wacli.domain.market import OTHER, Country
from wacli.domain.pricing_rules import PricingRules, Unit
from wacli.domain.problem import Invalid
from wacli.domain.rate_card import CardUnit, Publisher, Rate, RateCard
from wacli.domain.text import t

from . import decode
from .decode import CardHead, Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

FIRST_DAY = date(2018, 8, 1)


class Shelf:
    """Rules, markets and cards. Cards are decoded when asked for and kept."""

    def __init__(self, user_cards: Iterable[RateCard] = ()) -> None:
        self.rules = decode.rules()
        self.markets = decode.markets()
        self._user = {(card.id, True): card for card in user_cards}
        self._decoded: dict[tuple[str, bool], RateCard] = dict(self._user)
        user_heads = (_head_of(card) for card in self._user.values())
        # Newest first; among equals the owner's card before the packaged one.
        self.heads = tuple(
            sorted((*user_heads, *decode.heads()), key=lambda h: (h.effective_from, h.is_user), reverse=True)
        )
        self._on: dict[tuple[date, str], RateCard | None] = {}

    @property
    def countries(self) -> tuple[Country, ...]:
        """Every country of Meta's calling-code table."""
        return decode.countries()

    def rules_on(self, day: date) -> PricingRules:
        """The rules of a day. Raises `Invalid` (code `before-pricing`) for a day before 2018-08-01."""
        for rules in reversed(self.rules):
            if rules.effective_from <= day:
                return rules
        raise Invalid(
            "before-pricing",
            t("{day} is before the first price list: business messages began on {first}", day=day, first=FIRST_DAY),
            t("Give a day from {first} on", first=FIRST_DAY),
        )

    @property
    def fingerprint(self) -> str:
        """A short text that changes when a rule, a market or a card does, the owner's included."""
        print_ = blake2b(decode.fingerprint(), digest_size=8)
        for key, card in sorted(self._user.items()):
            told = (key, card.effective_from, card.currency, card.unit, sorted(card.cells.items()), card.unchanged_on)
            print_.update(repr(told).encode())
        return print_.hexdigest()

    def market_of(self, phone: str | None, bsuid: str | None, day: date) -> str:
        """The market of a recipient: by the number's prefix (international digits), else by the BSUID's country."""
        if phone:
            return self.markets.of_phone(phone, day)
        return OTHER if not bsuid else self.markets.of_country(bsuid[:2], day)

    def currencies(self) -> tuple[str, ...]:
        """Every currency that has a card of any day, in alphabetical order."""
        return tuple(sorted({head.currency for head in self.heads}))

    def card(self, head: CardHead) -> RateCard:
        """The whole card behind a head, exactly as its file has it."""
        key = (head.id, head.is_user)
        card = self._decoded.get(key)
        if card is None:
            card = self._decoded[key] = decode.card(head)
        return card

    @property
    def last_change_on(self) -> date:
        """The newest day on which published rates are known to have changed."""
        return decode.changes()[-1].on

    def dated(self, card_id: str) -> date:
        """The effective date of a card, by its id."""
        return next(head.effective_from for head in self.heads if head.id == card_id)

    def card_on(self, day: date, currency: str) -> RateCard | None:
        """The figures that hold on a day: Meta's (and the owner's) if there are any, else derived ones, else None.

        Cells that a later change may have touched are left out. The result's id is that of the card most cells come
        from; each cell names its own.
        """
        key = (day, currency)
        if key not in self._on:
            self._on[key] = self._assemble(day, currency)
        return self._on[key]

    def cards_in_force(self, day: date, currency: str) -> Iterator[tuple[CardHead, RateCard]]:
        """Each card of that currency with the cells of it that hold on the day, newest first, whoever published it."""
        unit = _card_unit(self.rules_on(day))
        for head in self.heads:
            if head.currency == currency and head.effective_from <= day and head.unit is unit:
                cells = self._holding(head, day)
                if cells:
                    yield head, self._with_cells(head, cells)

    def heads_around(self, currency: str, unit: CardUnit) -> tuple[CardHead, ...]:
        """All cards of a currency and unit, newest first: for bounds where the day's own figure is unknown."""
        return tuple(head for head in self.heads if head.currency == currency and head.unit is unit)

    def _assemble(self, day: date, currency: str) -> RateCard | None:
        in_force = list(self.cards_in_force(day, currency))
        for publisher in (Publisher.META, Publisher.DERIVED):
            chosen = [card for head, card in in_force if head.publisher is publisher]
            if len(chosen) == 1:
                return chosen[0]
            if chosen:
                return _merge(chosen)
        return None

    def _with_cells(self, head: CardHead, cells: Mapping[tuple[str, str], Rate]) -> RateCard:
        card = self.card(head)
        return card if len(cells) == len(card.cells) else _replace(card, cells)

    def _holding(self, head: CardHead, day: date) -> Mapping[tuple[str, str], Rate]:
        gone: set[tuple[str, str]] = set()
        for change in self._changes(head):
            if not head.effective_from < change.on <= day or change.on in head.unchanged_on:
                continue
            if change.cells is None:
                return {}
            gone.update((market, word) for word, markets in change.cells.items() for market in markets)
        cells = self.card(head).cells
        if not gone:
            return cells
        return {key: rate for key, rate in cells.items() if key not in gone and ("*", key[1]) not in gone}

    def _changes(self, head: CardHead) -> Iterator[Change]:
        yield from decode.changes()
        # A card that the owner imported replaces all older ones of its currency from its day on.
        yield from (Change(card.effective_from, None) for card in self._user.values() if card.currency == head.currency)


def shelf(folder: Path | None = None) -> Shelf:
    """The packaged shelf, with the owner's imported cards from `folder` beside it where there is such a folder.

    Raises `Invalid` (code `bad-rate-file`) when one of the owner's cards is broken.
    """
    if folder is None or not folder.is_dir():
        return _packaged_shelf()
    names = sorted(file for file in folder.iterdir() if file.suffix == ".toml")
    if not names:
        return _packaged_shelf()
    from .user_cards import load_user_cards

    return Shelf(load_user_cards(names, decode.markets()))


@lru_cache(maxsize=1)
def _packaged_shelf() -> Shelf:
    return Shelf()


def _card_unit(rules: PricingRules) -> CardUnit | None:
    if rules.unit is Unit.MESSAGE:
        return CardUnit.MESSAGE
    return CardUnit.CONVERSATION if rules.unit is Unit.CONVERSATION else None


def _replace(card: RateCard, cells: Mapping[tuple[str, str], Rate]) -> RateCard:
    return card._replace(cells=cells, complete=frozenset())


def _merge(cards: list[RateCard]) -> RateCard:
    cells: dict[tuple[str, str], Rate] = {}
    for card in reversed(cards):  # oldest first, so that newer cells win
        cells.update(card.cells)
    return _replace(max(cards, key=lambda card: len(card.cells)), cells)


def _head_of(card: RateCard) -> CardHead:
    return CardHead(
        card.id, card.effective_from, card.currency, card.unit, card.publisher, card.unchanged_on, card.is_user
    )
