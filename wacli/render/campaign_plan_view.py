"""A campaign's plan as a screen: who gets it, what it costs, who is left out and why, what it means for the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import cast

from wacli.domain.campaign import NO_LIMIT, Campaign, Plan, ReasonCount, as_typed
from wacli.domain.money import Money
from wacli.domain.quote import QuoteLine
from wacli.domain.text import Quantity, Text, t, tn

from .campaign_words import reason_in_words
from .estimate_words import amount_words
from .verdict_words import FREE_BECAUSE
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise


def plan_record(plan: Plan, words: Words) -> Record:
    """The plan: the object for machines, the tables for people."""
    return Record(plan_fields(plan), _plan_paragraphs(plan, words))


def plan_fields(plan: Plan) -> Flat:
    """The plan for machines."""
    campaign = plan.campaign
    return {
        "name": campaign.name,
        "dry_run": not plan.is_kept,
        **campaign_fields(campaign),
        "new_contacts": plan.new_contact_count,
        "outside_window": plan.outside_window_count,
        "people_last_24h": plan.people_so_far,
        "messaging_limit": None if plan.limit is None or plan.limit >= NO_LIMIT else plan.limit,
        "assumptions": [str(one) for one in plan.assumptions],
    }


def campaign_fields(campaign: Campaign) -> Flat:
    """What was planned, for machines."""
    amount = campaign.amount
    return {
        "template": campaign.template_name,
        "language": campaign.template_language,
        "category": None if campaign.category is None else campaign.category.value,
        "audience": campaign.audience,
        "planned_at": campaign.planned_at,
        "recipients": campaign.recipient_count,
        "excluded": [{"reason": reason, "count": count} for reason, count in campaign.excluded.items()],
        "lines": [_line_fields(line) for line in campaign.lines],
        "total": amount.total,
        "low": amount.span.low,
        "high": amount.span.high,
        "currency": campaign.currency,
        "rules": campaign.rules,
        "rate_card": campaign.rate_card,
    }


def _line_fields(line: QuoteLine) -> dict[str, object]:
    return {
        "market": line.market,
        "count": line.message_count,
        "free_count": line.free_count,
        "free_reason": None if line.free_reason is None else line.free_reason.value,
        "billed_count": line.billed_count,
        "unit_price": line.unit_price,
        "amount": line.amount,
        "tier": line.tier,
    }


def _plan_paragraphs(plan: Plan, words: Words) -> Iterator[Paragraph]:
    campaign = plan.campaign
    say = words.say
    head = t("{name}: {template} ({language}) to {audience}", name=campaign.name, template=campaign.template_name,
             language=campaign.template_language, audience=campaign.audience or "-")  # fmt: skip
    lines = [Cell(say(head), Style.STRONG)]
    lines.append(Cell(say(tn("{count} will get it", "{count} will get it", campaign.recipient_count))))
    if plan.new_contact_count:
        new = plan.new_contact_count
        lines.append(Cell(say(tn("{count} of them is a new contact", "{count} of them are new contacts", new))))
    yield Paragraph(lines=tuple(lines))
    yield from price_paragraphs(campaign, words)
    if campaign.excluded:
        yield Paragraph(table=reasons_table(_pairs(campaign.excluded), t("Left out"), words))
        if plan.is_kept:
            who = t("Who they are: wacli campaigns show {name} --excluded", name=as_typed(campaign.name))
            yield Paragraph(lines=(Cell(say(who), Style.DIM),))
    remarks = (*_limits(plan), *plan.assumptions)
    if remarks:
        yield Paragraph(lines=tuple(Cell(say(one), Style.DIM) for one in remarks))
    yield Paragraph(lines=(Cell(say(_next(plan)), Style.STRONG),))


def _pairs(counts: Mapping[str, int]) -> tuple[ReasonCount, ...]:
    return tuple(ReasonCount(*pair) for pair in counts.items())


def _next(plan: Plan) -> Text:
    if not plan.campaign.recipient_count and not plan.campaign.excluded:
        return t("Nobody is meant by {audience}. See your contacts and their tags: wacli contacts list",
                 audience=plan.campaign.audience or "-")  # fmt: skip
    if not plan.is_kept:
        return t("Dry run: nothing was kept.")
    if not plan.campaign.recipient_count:
        return t("Nobody is in, so there is nothing to send.")
    return t("Send it: wacli campaigns send {name}", name=as_typed(plan.campaign.name))


def _limits(plan: Plan) -> Iterator[Text]:
    """What the account allows: so many different people in 24 hours, answers not counted."""
    new, before, limit = plan.outside_window_count, plan.people_so_far, plan.limit
    if not new:
        return
    yield tn(
        "{count} of them is outside an open window; with {before} more since yesterday: {sum}",
        "{count} of them are outside an open window; with {before} more since yesterday: {sum}",
        Quantity(new), before=Quantity(before), sum=Quantity(new + before),
    )  # fmt: skip
    if limit is None:
        yield t("How many your messaging limit allows in 24 hours is not known here. Ask Meta: wacli doctor")
        yield t("Or say it yourself: wacli config set messaging_limit 2000")
    elif limit < NO_LIMIT:
        share = -(-100 * (new + before) // limit)
        yield t(
            "That is {share}% of the {limit} people in 24 hours that your messaging limit allows",
            share=share, limit=Quantity(limit),
        )  # fmt: skip
        if new + before > limit:
            yield t("That is more than the limit: WhatsApp will refuse the rest until 24 hours have passed")


def price_paragraphs(campaign: Campaign, words: Words) -> Iterator[Paragraph]:
    """The price by market and by what makes messages free, and what it comes to."""
    if not campaign.lines:
        return
    yield Paragraph(table=_price_table(campaign, words))
    yield Paragraph(
        lines=(
            Cell(words.say(cost_sentence(campaign)), Style.STRONG),
            Cell(words.say(_source(campaign)), Style.DIM),
        )
    )


def _source(campaign: Campaign) -> Text:
    """Where every price on the screen comes from."""
    if campaign.rate_card is None:
        return t("By the rules of {rules}; no rate card in {currency} is known for that day", rules=campaign.rules,
                 currency=campaign.currency)  # fmt: skip
    return t("Prices of the card {card}, by the rules of {rules}: wacli rates list", card=campaign.rate_card,
             rules=campaign.rules)  # fmt: skip


def cost_sentence(campaign: Campaign) -> Text:
    """What it will cost, between what and what."""
    total, (low, high) = campaign.amount
    currency = campaign.currency
    if total is None:
        return t("What it costs cannot be said: no card of today shows every price (at least {low})",
                 low=Money(low, currency))  # fmt: skip
    if high is None:
        return t("It costs {total} as things stand; what it costs at most is not known", total=Money(total, currency))
    if low == total == high:
        return t("It costs {total}", total=Money(total, currency))
    return t("It costs {total} as things stand, and between {low} and {high}",
             total=Money(total, currency), low=Money(low, currency), high=Money(high, currency))  # fmt: skip


def _price_table(campaign: Campaign, words: Words) -> Listing[object]:
    """Tiers and what is free are columns only where there are any."""
    has_tiers = any(line.tier is not None for line in campaign.lines)
    has_free = any(line.free_count for line in campaign.lines)
    shown = (True, True, has_free, True, has_tiers, True)
    headings = (
        Heading(t("Market"), share=1),
        Heading(t("People"), right=True),
        Heading(t("Free"), share=1),
        Heading(t("Price"), right=True),
        Heading(t("Tier")),
        Heading(t("Amount"), right=True),
    )

    def cells(item: object) -> tuple[Cell, ...]:
        line = cast(QuoteLine, item)
        return tuple(compress(_price_cells(line, campaign, words), shown))

    return Listing(
        fields=(),
        rows=campaign.lines,
        flat=lambda _: {},
        headings=tuple(compress(headings, shown)),
        cells=cells,
        empty=t("Nobody"),
    )


def _price_cells(line: QuoteLine, campaign: Campaign, words: Words) -> tuple[Cell, ...]:
    price = "" if not line.billed_count else words.say(t("not known"))
    if line.billed_count and line.unit_price is not None:
        price = words.money(Money(line.unit_price, campaign.currency))
    return (
        Cell(sanitise(line.market)),
        Cell(words.number(line.message_count)),
        Cell("" if line.free_reason is None else words.say(FREE_BECAUSE[line.free_reason]), Style.GOOD),
        Cell(price),
        Cell("" if line.tier is None else words.say(_tier(line.tier)), Style.DIM),
        Cell(amount_words(line.amount, line.span, words)),
    )


def _tier(tier: str) -> Text:
    """The step of the month's volume, such as `100001:1000000`, as one reads it."""
    first, _, last = tier.partition(":")
    if last == "MAX":
        return t("from {first}", first=Quantity(int(first)))
    return t("{first} to {last}", first=Quantity(int(first)), last=Quantity(int(last)))


def _most_first(one: ReasonCount) -> int:
    return -one.recipient_count


def reasons_table(reasons: Sequence[ReasonCount], title: Text, words: Words) -> Listing[object]:
    """How many for which reason, most first."""

    ordered = sorted(reasons, key=_most_first)

    def cells(item: object) -> tuple[Cell, ...]:
        one = cast(ReasonCount, item)
        return Cell(words.number(one.recipient_count)), Cell(words.say(reason_in_words(one.reason)))

    return Listing(
        fields=(),
        rows=[*ordered],
        flat=lambda _: {},
        headings=(Heading(title, right=True), Heading(t("Why"), share=1, wraps=True)),
        cells=cells,
        empty=t("Nobody"),
    )
