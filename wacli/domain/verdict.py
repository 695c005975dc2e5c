"""ONE answer to "may I send this to them now, and what does it cost": behind can, threads, reply, send, campaigns.

Two questions with two clocks (facts: pricing.md sections 1, 3 and 8): the customer service window decides what *may*
be sent; the rules of the day, the allowance and the free entry point window decide what it *costs*. A verdict is for
one message at one instant and is made anew for the next one.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .category import Category
from .message import Origin
from .money import Money
from .obstacles import Person, Reason, marketing_obstacles, stopped, unreached
from .pricing import SERVICE, TEMPLATE, Charge, FreeReason, MessageFacts, charge
from .pricing_rules import PricingRules
from .rate_card import RateCard
from .text import t
from .window import EntryPoint, EntryPointState, is_window_open, window_closes_at

__all__ = [
    "Budget",
    "Limits",
    "MaySend",
    "Outcome",
    "Person",
    "Reason",
    "Terms",
    "Verdict",
    "judge_reply",
    "judge_template",
    "within",
]


class MaySend(StrEnum):
    """Which kinds of message the rules permit now."""

    FREE_FORM = "free-form"
    TEMPLATE_ONLY = "template-only"
    NOTHING = "nothing"


class Outcome(StrEnum):
    """The verdict in one word: what becomes of the message in question."""

    FREE = "free"
    BILLED = "billed"
    TEMPLATE_ONLY = "template-only"
    BLOCKED = "blocked"


class Terms(NamedTuple):
    """What holds for every message of one business number at this instant.

    `allowance_used`: free service messages already used this month on this number. `by_hand`: a phone-app profile,
    whose owner answers in the WhatsApp Business app, which is never billed.
    """

    rules: PricingRules
    card: RateCard | None
    allowance_used: int
    by_hand: bool = False


class Verdict(NamedTuple):
    """The answer, with everything it rests on. `price` None: not known, or nothing may be sent."""

    contact_id: int
    may_send: MaySend
    outcome: Outcome
    free_reason: FreeReason | None
    free_until: datetime | None
    price: Decimal | None
    currency: str | None
    market: str | None
    category: Category | None
    rate_card: str | None
    rules: str
    window_closes_at: datetime | None
    window_is_open: bool
    entry_point: EntryPoint
    reasons: tuple[Reason, ...]
    charge: Charge | None


class Budget(NamedTuple):
    """What this month may cost, and what it has cost so far, everything under way included."""

    limit: Decimal
    spent: Decimal
    currency: str

    @property
    def left(self) -> Money:
        """Never below zero."""
        return Money(max(self.limit - self.spent, Decimal(0)), self.currency)


class Limits(NamedTuple):
    """What the sender is willing to pay for this message; `max_cost` None: anything, in the account's currency.

    `budget`: the month's, None: there is none, or it is passed deliberately.
    """

    only_free: bool = False
    max_cost: Decimal | None = None
    budget: Budget | None = None


def judge_reply(person: Person, terms: Terms, now: datetime, *, kind: str = SERVICE) -> Verdict:
    """The verdict on a free-form answer (text, file, buttons) to this person at `now`.

    `kind`: `SERVICE`, or `REACTION`, which the rules may exempt.
    """
    is_open = is_window_open(person.clocks, now)
    if not (person.has_phone or person.has_bsuid):
        return _verdict(person, terms, is_open, MaySend.NOTHING, (_unreachable(),))
    if terms.by_hand:
        facts = _facts(person, terms, is_open, now, None, kind)
        paid = charge(facts, terms.rules, terms.card)
        return _verdict(person, terms, is_open, MaySend.FREE_FORM, (Reason("phone-app", paid.reason),), paid)
    blocks = (*stopped(person, Category.SERVICE), *unreached(person))
    if blocks:
        return _verdict(person, terms, is_open, MaySend.NOTHING, blocks)
    if not is_open:
        return _verdict(person, terms, is_open, MaySend.TEMPLATE_ONLY, (_closed(person),))
    facts = _facts(person, terms, is_open, now, None, kind)
    paid = charge(facts, terms.rules, terms.card, allowance_so_far=terms.allowance_used)
    return _verdict(person, terms, is_open, MaySend.FREE_FORM, (_opened(person), *_money(person, paid)), paid)


def judge_template(
    person: Person, terms: Terms, category: Category | None, now: datetime, blocks: tuple[Reason, ...] = ()
) -> Verdict:
    """The verdict on a template of this (approved) category. `blocks`: what is wrong with the template itself.

    Every obstacle is named, the one that weighs most first.
    """
    is_open = is_window_open(person.clocks, now)
    permitted = MaySend.FREE_FORM if is_open else MaySend.TEMPLATE_ONLY
    if not (person.has_phone or person.has_bsuid):
        return _verdict(person, terms, is_open, MaySend.NOTHING, (_unreachable(),))
    facts = _facts(person, terms, is_open, now, category, TEMPLATE)
    if terms.by_hand:
        paid = charge(facts, terms.rules, terms.card)
        return _verdict(person, terms, is_open, permitted, (Reason("phone-app", paid.reason),), paid, category)
    obstacles = stopped(person, category) + blocks
    if category is Category.MARKETING:
        obstacles += marketing_obstacles(person, terms.rules, now)
    obstacles += unreached(person)
    if obstacles:
        return _verdict(person, terms, is_open, permitted, obstacles, category=category, is_blocked=True)
    paid = charge(facts, terms.rules, terms.card)
    return _verdict(person, terms, is_open, permitted, _money(person, paid), paid, category)


def within(verdict: Verdict, limits: Limits) -> Verdict:
    """The verdict for a sender who pays no more than this: a permitted message over a limit is blocked.

    A price that nobody knows is over every limit.
    """
    if verdict.outcome is not Outcome.BILLED:
        return verdict
    paid = verdict.charge
    if limits.only_free and paid is not None:
        return _refused(verdict, Reason("not-free", t("it is not free: {why}", why=paid.reason)))
    reason = _too_expensive(verdict, limits.max_cost) or _over_budget(verdict, limits.budget)
    return verdict if reason is None else _refused(verdict, reason)


def _too_expensive(verdict: Verdict, max_cost: Decimal | None) -> Reason | None:
    if max_cost is None or (verdict.price is not None and verdict.price <= max_cost):
        return None
    if verdict.price is None or verdict.currency is None:
        return Reason("too-expensive", t("its price is not known"))
    cost, limit = Money(verdict.price, verdict.currency), Money(max_cost, verdict.currency)
    return Reason("too-expensive", t("it costs {price}, which is over {limit}", price=cost, limit=limit))


def _over_budget(verdict: Verdict, budget: Budget | None) -> Reason | None:
    if budget is None or (verdict.price is not None and budget.spent + verdict.price <= budget.limit):
        return None
    limit = Money(budget.limit, budget.currency)
    if verdict.price is None or verdict.currency is None:
        sentence = t("its price is not known, and this month's budget is {limit}", limit=limit)
        return Reason("over-budget", sentence)
    sentence = t(
        "it costs {price}, and {left} is left of this month's budget of {limit}",
        price=Money(verdict.price, verdict.currency),
        left=budget.left,
        limit=limit,
    )
    return Reason("over-budget", sentence)


def _refused(verdict: Verdict, reason: Reason) -> Verdict:
    return verdict._replace(outcome=Outcome.BLOCKED, reasons=(reason, *verdict.reasons))


def _facts(
    person: Person, terms: Terms, is_open: bool, now: datetime, category: Category | None, kind: str
) -> MessageFacts:
    # The answer that starts an armed entry point is itself free (pricing.md section 8.2).
    in_entry_point = person.entry_point.state in (EntryPointState.RUNNING, EntryPointState.ARMED)
    origin = Origin.APP if terms.by_hand else Origin.API
    return MessageFacts(now, category, kind, person.market, is_open, in_entry_point, origin)


def _verdict(
    person: Person,
    terms: Terms,
    is_open: bool,
    may_send: MaySend,
    reasons: tuple[Reason, ...],
    paid: Charge | None = None,
    category: Category | None = Category.SERVICE,
    is_blocked: bool = False,
) -> Verdict:
    if is_blocked or may_send is MaySend.NOTHING:
        outcome = Outcome.BLOCKED
    elif paid is None:
        outcome = Outcome.TEMPLATE_ONLY
    else:
        outcome = Outcome.FREE if paid.is_free else Outcome.BILLED
    closes_at = window_closes_at(person.clocks)
    return Verdict(
        contact_id=person.contact_id,
        may_send=may_send,
        outcome=outcome,
        free_reason=paid.free_reason if paid is not None else None,
        free_until=_free_until(person, paid, closes_at, permits_template=outcome is Outcome.TEMPLATE_ONLY),
        price=paid.amount if paid is not None else None,
        currency=terms.card.currency if paid is not None and terms.card is not None else None,
        market=person.market,
        category=category,
        rate_card=paid.card_id if paid is not None else None,
        rules=terms.rules.id,
        window_closes_at=closes_at,
        window_is_open=is_open,
        entry_point=person.entry_point,
        reasons=reasons,
        charge=paid,
    )


def _free_until(
    person: Person, paid: Charge | None, closes_at: datetime | None, *, permits_template: bool
) -> datetime | None:
    entry = person.entry_point
    if paid is None:  # no free-form answer may go, but what Meta sells as a template is still free inside an ad's clock
        return entry.free_until if permits_template and entry.state is EntryPointState.RUNNING else None
    if not paid.is_free:
        return None
    if paid.free_reason is FreeReason.FREE_ENTRY_POINT:
        return entry.free_until or entry.answer_by
    return None if paid.free_reason is FreeReason.APP else closes_at


def _unreachable() -> Reason:
    return Reason("no-identifier", t("neither a phone number nor a user ID of theirs is known"))


def _closed(person: Person) -> Reason:
    closes_at = window_closes_at(person.clocks)
    if closes_at is None:
        return Reason("never-wrote", t("they have not written or called yet, so only a template may begin"))
    return Reason("window-closed", t("the 24 hours to answer ended on {closed_at}", closed_at=closes_at))


def _opened(person: Person) -> Reason:
    opened_at, closes_at = person.clocks.last_opener_at, window_closes_at(person.clocks)
    return Reason(
        "window-open",
        t(
            "their last message or call was on {opened_at}, so you may answer until {closes_at}",
            opened_at=opened_at,
            closes_at=closes_at,
        ),
    )


def _money(person: Person, paid: Charge) -> tuple[Reason, ...]:
    reasons = [Reason(str(paid.free_reason or "billed").replace("_", "-"), paid.reason)]
    entry = person.entry_point
    if entry.state is EntryPointState.ARMED:
        reasons.append(
            Reason(
                "entry-point-armed",
                t("they came through an ad: answer by {by} and what you send is free for days", by=entry.answer_by),
            )
        )
    elif entry.state is EntryPointState.RUNNING and not entry.is_confirmed:
        reasons.append(
            Reason(
                "entry-point-unconfirmed",
                t("free at least until {until}; Meta may allow longer and has not said so", until=entry.free_until),
            )
        )
    elif entry.state is EntryPointState.LOST:
        reasons.append(
            Reason("entry-point-lost", t("they came through an ad, but nobody answered by {by}", by=entry.answer_by))
        )
    return tuple(reasons)
