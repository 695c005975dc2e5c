"""What a campaign's owner is asked before it is sent: the quote of what is left, the limits, and a yes.

Above a hundred messages that cost money the amount itself is typed. It is the most that may be spent now: the price of
what is left, or what `--max-cost` leaves of it; with `--only-free` nothing can be spent, and a yes is enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.campaign import TYPED_ABOVE, Approval, Campaign, as_typed
from wacli.domain.money import Money
from wacli.domain.pricing import FreeReason
from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import Quantity, Text, t, tn
from wacli.store.database import Store

from .asking import Asking
from .session import Session

if TYPE_CHECKING:
    from wacli.domain.campaign import Report

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


class Stake(NamedTuple):
    """What is left of a campaign, as things stood when it was planned. `cost` None: no card says."""

    billed_count: int
    free: Counter[FreeReason]
    cost: Decimal | None


def ask(session: Session, store: Store, campaign: Campaign, approval: Approval) -> None:
    """Says the quote, and raises Refused (`not-agreed`) without a yes; Invalid where nobody can be asked."""
    from wacli.services.campaign_report import report

    counted = report(store, campaign, session.context.now())
    stake = _stake(store, campaign)
    session.tell(
        tn("{name} goes to {count} person", "{name} goes to {count} people", Quantity(campaign.recipient_count),
           name=campaign.name),
        *_money_said(campaign, counted, stake, approval),
        *_limits_said(session, campaign, approval),
    )  # fmt: skip
    if session.options.yes:
        return
    amount = _at_most(counted, stake, approval)
    if stake.billed_count <= TYPED_ABOVE or not amount:
        if not session.confirm(t("Send it?")):
            raise _kept_back(campaign)
        return
    _type_amount(session, campaign, amount)


def _stake(store: Store, campaign: Campaign) -> Stake:
    """The lines of the plan, without those whose turn has been."""
    from wacli.services.campaign_report import count_left

    billed, cost = 0, _NOTHING
    free: Counter[FreeReason] = Counter()
    if campaign.started_at is None:
        for line in campaign.lines:
            billed += line.billed_count
            if line.free_reason is not None:
                free[line.free_reason] += line.free_count
        return Stake(billed, free, campaign.amount.total)
    is_known = True
    for number, count in count_left(store, campaign).items():
        charge = campaign.charges[number]
        if charge.free_reason is not None:
            free[charge.free_reason] += count
            continue
        billed += count
        is_known = is_known and charge.price is not None
        cost += count * (charge.price or _NOTHING)
    return Stake(billed, free, cost if is_known else None)


def _money_said(campaign: Campaign, counted: Report, stake: Stake, approval: Approval) -> Iterator[Text]:
    from wacli.render.campaign_plan_view import cost_sentence
    from wacli.render.verdict_words import FREE_BECAUSE

    if campaign.started_at is not None:
        left = counted.counts.waiting
        yield tn("{count} of them is left", "{count} of them are left", Quantity(left))
    for reason, count in stake.free.items():
        yield t("{count} of them: {because}", count=Quantity(count), because=FREE_BECAUSE[reason])
    if approval.only_free:
        yield t("It costs nothing: who is not free when their turn comes does not get it (--only-free)")
    elif campaign.started_at is None:
        yield cost_sentence(campaign)
    elif stake.cost is None:
        yield t("What the rest costs cannot be said: no card of that day shows every price")
    else:
        yield t("It cost {cost} so far; the rest costs {rest} as things stood when it was planned",
                cost=Money(counted.counts.cost, campaign.currency),
                rest=Money(stake.cost, campaign.currency))  # fmt: skip


def _limits_said(session: Session, campaign: Campaign, approval: Approval) -> Iterator[Text]:
    """Everything else that is agreed to, also what an earlier approval said."""
    if approval.max_cost is not None and not approval.only_free:
        yield t("It stops before all of it costs more than {most}", most=Money(approval.max_cost, campaign.currency))
    if approval.stop_if_failed is not None:
        yield t("It stops when more than {share}% fail", share=f"{(approval.stop_if_failed * 100).normalize():f}")
    hours = approval.hours
    if hours is None:
        return
    span = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"
    if hours.of_recipient:
        yield t("Only between {span}, by the clock where each of them is (as far as their number tells)", span=span)
    else:
        yield t("Only between {span}, {zone} time", span=span, zone=str(session.zone))


def _at_most(counted: Report, stake: Stake, approval: Approval) -> Decimal | None:
    """What may be spent from now on; None where no card says."""
    if approval.only_free:
        return _NOTHING
    if stake.cost is None or approval.max_cost is None:
        return stake.cost
    return max(_NOTHING, min(stake.cost, approval.max_cost - counted.counts.cost))


def _type_amount(session: Session, campaign: Campaign, amount: Decimal) -> None:
    asking = Asking(session)
    if not asking.is_possible:
        raise Invalid("needs-yes", t("This needs a yes, and nobody can be asked"), t("Add --yes"))
    wanted = f"{amount.quantize(_CENT):f}"

    def check(answer: str) -> Text | None:
        plain = answer.replace(",", "").replace(campaign.currency, "").replace("$", "").strip()
        return None if plain in (wanted, f"{amount:f}") else t("that is not the amount")

    question = t("To send it, type the amount ({amount}); Enter sends nothing", amount=wanted)
    if asking.ask(question, None, check) is None:
        raise _kept_back(campaign)


def _kept_back(campaign: Campaign) -> Refused:
    verb = "send" if campaign.started_at is None else "resume"
    return Refused(
        "not-agreed",
        t("Nothing was sent"),
        t("The plan stays: wacli campaigns {verb} {name}", verb=verb, name=as_typed(campaign.name)),
    )
