"""`wacli estimate --chat-export FILE`: exported chats priced, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.finding import Findings
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.problem import Invalid, Refused
from wacli.domain.rate_card import RateCard
from wacli.domain.text import t
from wacli.importers.chat_export import read_chat
from wacli.ratecards.shelf import Shelf
from wacli.render.chat_estimate_view import chat_estimate_record
from wacli.services.chat_estimate import PricedChat, months_of, number_of, owner_in

from .estimate_options import destination_of
from .exits import ExitStatus
from .files import opened
from .session import Session
from .shelves import currency_asked, day_asked, shelf_of


class ChatsAsked(NamedTuple):
    """What was typed."""

    files: Sequence[str]
    me: str | None
    day_first: bool | None
    to: str | None
    category: str | None
    on: str | None
    currency: str | None


def price_chats(session: Session, asked: ChatsAsked) -> ExitStatus:
    """Charges every message of the chats under the rules and the prices of one day."""
    shelf, day, currency = shelf_of(session), day_asked(session, asked.on), currency_asked(session, asked.currency)
    category = _category(asked.category)
    rules, card = shelf.rules_on(day), shelf.card_on(day, currency)

    def prices(_: date) -> tuple[PricingRules, RateCard | None]:
        return rules, card

    findings = Findings()
    with ExitStack() as stack:
        chats = []
        for file in asked.files:
            source = stack.enter_context(opened(session, file))
            export = read_chat(source.stream, zone=session.zone, day_first=asked.day_first, findings=Findings())
            findings.add_all(export.findings)  # of the file as a whole; what looking for the owner finds is found again
            me, them = owner_in(export, asked.me)
            market = _market(session, asked, number_of(them, session.profile["country"]), day, shelf)
            export.findings = findings
            chats.append(PricedChat(export, me, market))
        months = months_of(chats, category, prices, session.zone)
    session.warn(finding.message for finding in findings)
    session.warn(findings.unlisted())
    assumptions = (
        t("Rules and prices of {day} for every message", day=day),
        t("What was written outside of a window counts as a {category} template", category=category.value),
        t("The whole monthly allowance is for these chats"),
    )
    name = None if card is None else card.id
    record = chat_estimate_record(months, currency, day, name, assumptions, session.words)
    session.write_record(record)
    is_whole = findings.are_harmless and not any(month.unknown_count for month in months)
    return ExitStatus.DONE if is_whole else ExitStatus.PARTLY


def _market(session: Session, asked: ChatsAsked, phone: str | None, day: date, shelf: Shelf) -> str:
    word = asked.to or ("+" + phone if phone else session.profile["country"])
    if word is None:
        raise Refused(
            "no-market", t("nothing tells which country the other one is in"), t("Add --to ID, or another country")
        )
    market = destination_of(session, word, day, shelf).market_on(shelf.markets, day)
    assert market is not None
    return market


def _category(text: str | None) -> Category:
    try:
        return Category(text or Category.UTILITY)
    except ValueError:
        raise Invalid(
            "bad-value",
            t("There is no category {name}", name=str(text)),
            t("Choose one of {choices}", choices=", ".join(Category)),
        ) from None
