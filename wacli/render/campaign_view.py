"""Campaigns as screens: the list, and one campaign counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wacli.domain.campaign import ReasonCount, Report
from wacli.domain.money import Money
from wacli.domain.text import Quantity, Text, t, tn

from .campaign_advice import advice_on
from .campaign_plan_view import campaign_fields, reasons_table
from .campaign_words import STATES, reason_in_words
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

LIST_FIELDS = (
    "name", "state", "template", "language", "audience", "planned_at", "recipients", "excluded", "accepted", "waiting",
    "delivered", "read", "failed", "replied", "cost", "currency",
)  # fmt: skip


# Counted although nobody is among them; the others are only named where somebody is.
_ALWAYS = frozenset({"Planned", "Taken by WhatsApp", "Delivered", "Read", "Failed"})


def report_fields(report: Report) -> Flat:
    """One campaign for machines, counted."""
    campaign, counts = report.campaign, report.counts
    approval = campaign.approval
    return {
        "name": campaign.name,
        "state": report.state.value,
        **campaign_fields(campaign),
        "planned": campaign.recipient_count + campaign.excluded_count,
        "accepted": counts.taken,
        "held": counts.held,
        "delivered": counts.delivered + counts.read,
        "read": counts.read,
        "failed": counts.failed,
        "refused": counts.refused,
        "unknown": counts.unknown,
        "under_way": counts.under_way,
        "skipped": counts.skipped,
        "waiting": counts.waiting,
        "replied": counts.replied,
        "cost": counts.cost,
        "cost_on_the_way": counts.cost_on_the_way,
        "unpriced": counts.unpriced,
        "failures": [_reason_fields(one) for one in report.failures],
        "skipped_reasons": [_reason_fields(one) for one in report.skipped],
        "approved_at": None if approval is None else approval.at,
        "due_at": campaign.due_at,
        "started_at": campaign.started_at,
        "ended_at": campaign.ended_at,
        "cancelled_at": campaign.cancelled_at,
        "stopped_by": campaign.stopped_by,
    }


def _reason_fields(one: ReasonCount) -> dict[str, object]:
    return {"reason": one.reason, "text": str(reason_in_words(one.reason)), "count": one.recipient_count}


def report_record(report: Report, words: Words) -> Record:
    """One campaign: how far it is, what became of the people, what it cost against what was quoted."""
    return Record(report_fields(report), _report_paragraphs(report, words))


def _report_paragraphs(report: Report, words: Words) -> Iterator[Paragraph]:
    campaign, counts, say = report.campaign, report.counts, words.say
    label, style = STATES[report.state]
    title = t("{name}: {template} ({language}) to {audience}", name=campaign.name, template=campaign.template_name,
              language=campaign.template_language, audience=campaign.audience or "-")  # fmt: skip
    yield Paragraph(lines=(Cell(say(title), Style.STRONG), Cell(say(label), style)))
    numbers = (
        (t("Planned"), campaign.recipient_count + campaign.excluded_count, Style.PLAIN),
        (t("Left out"), campaign.excluded_count, Style.DIM),
        (t("Left out when their turn came"), counts.skipped, Style.DIM),
        (t("Taken by WhatsApp"), counts.taken, Style.GOOD),
        (t("Held for a quality check"), counts.held, Style.WARN),
        (t("Delivered"), counts.delivered + counts.read, Style.GOOD),
        (t("Read"), counts.read, Style.GOOD),
        (t("Replied within 7 days"), counts.replied, Style.GOOD),
        (t("Failed"), counts.failed, Style.BAD),
        (t("Refused"), counts.refused, Style.BAD),
        (t("Outcome unknown"), counts.unknown, Style.BAD),
        (t("Being sent"), counts.under_way, Style.WARN),
        (t("Not sent yet"), counts.waiting, Style.WARN),
    )
    yield Paragraph(
        pairs=tuple(
            (say(name), Cell(words.number(count), look if count else Style.DIM))
            for name, count, look in numbers
            if count or name.one in _ALWAYS
        )
    )
    yield Paragraph(lines=tuple(_money_lines(report, words)))
    for reasons, heading in ((report.failures, t("Failed")), (report.skipped, t("Left out"))):
        if reasons:
            yield Paragraph(table=reasons_table(reasons, heading, words))
    advice = advice_on(report)
    if advice:
        yield Paragraph(lines=tuple(Cell(say(one), Style.STRONG) for one in advice))


def _money_lines(report: Report, words: Words) -> Iterator[Cell]:
    campaign, counts = report.campaign, report.counts
    total = campaign.amount.total
    cost = Money(counts.cost, campaign.currency)
    if total is None:
        yield Cell(words.say(t("Cost so far: {cost}", cost=cost)))
    else:
        quoted = Money(total, campaign.currency)
        yield Cell(words.say(t("Cost so far: {cost} of the {quoted} that was quoted", cost=cost, quoted=quoted)))
    if counts.cost_on_the_way:
        yield Cell(
            words.say(
                tn("{cost} of that is for {count} not arrived yet: billed, and in wacli spend, only once it has",
                   "{cost} of that is for {count} not arrived yet: billed, and in wacli spend, only once they have",
                   Quantity(counts.on_the_way), cost=Money(counts.cost_on_the_way, campaign.currency))
            ),
            Style.DIM,
        )  # fmt: skip
    if counts.cost and any(line.tier is not None for line in campaign.lines):
        yield Cell(words.say(t("Counted at list prices; volume tiers make the bill smaller: wacli spend")), Style.DIM)
    if counts.unpriced:
        yield Cell(
            words.say(
                tn("{count} message has a price that no card shows", "{count} messages have a price that no card shows",
                   counts.unpriced)
            ),
            Style.WARN,
        )  # fmt: skip


def campaigns_listing(reports: Iterable[Report], more_count: int, words: Words) -> Listing[Report]:
    """All campaigns, newest first."""
    footer: tuple[Text, ...] = ()
    if more_count > 0:
        footer = (tn("{count} more: --limit 0", "{count} more: --limit 0", Quantity(more_count)),)

    def flat(report: Report) -> Flat:
        fields = {**report_fields(report), "excluded": report.campaign.excluded_count}
        return {name: fields[name] for name in LIST_FIELDS}

    def cells(report: Report) -> tuple[Cell, ...]:
        campaign, counts = report.campaign, report.counts
        label, style = STATES[report.state]
        lost = counts.failed + counts.refused
        return (
            Cell(sanitise(campaign.name), Style.STRONG),
            Cell(words.say(label), style),
            Cell(sanitise(campaign.template_name)),
            Cell(words.number(campaign.recipient_count)),
            Cell(words.number(counts.taken)),
            Cell(words.number(counts.delivered + counts.read)),
            Cell(words.number(lost), Style.BAD if lost else Style.DIM),
            Cell(words.money(Money(counts.cost, campaign.currency))),
        )  # fmt: skip

    return Listing(
        fields=LIST_FIELDS,
        rows=reports,
        flat=flat,
        headings=(
            Heading(t("Campaign"), share=2),
            Heading(t("State")),
            Heading(t("Template"), share=1),
            Heading(t("People"), right=True),
            Heading(t("Taken"), right=True),
            Heading(t("Delivered"), right=True),
            Heading(t("Failed"), right=True),
            Heading(t("Cost"), right=True),
        ),
        cells=cells,
        empty=t("No campaign yet. Plan one: wacli campaigns plan NAME --template T --to tag:vip"),
        footer=footer,
    )
