"""What to type next about a campaign: who was not reached, why it stopped, and what sends the rest.

A limit that stopped it would stop it again, so the way on names the limit; what Meta refused needs its remedy first
(the table of codes, facts: cloud-api.md section 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from wacli.domain.campaign import GOES_ON_AFTER, Campaign, Report, State, as_typed
from wacli.domain.text import Quantity, Text, t, tn

from .campaign_words import reason_in_words

_CENT = Decimal("0.01")


def advice_on(report: Report) -> list[Text]:
    """The last lines of the screen, what matters most at the end."""
    return [*_people(report), *_way_on(report)]


def _people(report: Report) -> Iterator[Text]:
    counts, name = report.counts, as_typed(report.campaign.name)
    if counts.unknown:
        yield tn(
            "{count} may have arrived or not, and gets nothing twice. Find out: wacli outbox resolve",
            "{count} may have arrived or not, and get nothing twice. Find out: wacli outbox resolve",
            Quantity(counts.unknown),
        )
    if counts.failed + counts.refused + counts.unknown + counts.skipped:
        yield t("Who was not reached, and why: wacli campaigns show {name} --failed", name=name)


def _way_on(report: Report) -> Iterator[Text]:
    campaign, state = report.campaign, report.state
    name = as_typed(campaign.name)
    if campaign.stopped_by is not None and state in (State.PARTLY, State.SCHEDULED, State.MISSED):
        yield t("It stopped: {why}", why=reason_in_words(campaign.stopped_by))
    if state is State.PLANNED and campaign.recipient_count:
        yield t("Send it: wacli campaigns send {name}", name=name)
    elif state is State.PLANNED:
        yield t("Nobody is in. Who is out, and why: wacli campaigns show {name} --excluded", name=name)
    elif state is State.MISSED:
        yield t("Its time has passed and nobody began it. Send it now: wacli campaigns resume {name}", name=name)
    elif state is State.PARTLY:
        yield from _rest(campaign, name)
    elif state is State.SCHEDULED and campaign.stopped_by is not None:
        yield t("Plan it anew: wacli campaigns plan {name} ... --replace", name=name)
    elif state is State.SCHEDULED and campaign.due_at is not None:
        yield t("It begins at {at}, when wacli listen runs or cron calls: wacli campaigns send --due",
                at=campaign.due_at)  # fmt: skip


def _rest(campaign: Campaign, name: str) -> Iterator[Text]:
    """What sends the rest."""
    stopped = campaign.stopped_by or ""
    if stopped == "cost-limit":
        yield t("Agree to more and send the rest: wacli campaigns resume {name} --max-cost {most}", name=name,
                most=_most(campaign))  # fmt: skip
    elif stopped == "not-free":
        yield t("Send it to the others for money: wacli campaigns resume {name} --max-cost {most}", name=name,
                most=_most(campaign))  # fmt: skip
        yield t("Only to who is free by then: wacli campaigns resume {name}", name=name)
    elif stopped == "prices-changed":
        yield t("Say what all of it may cost: wacli campaigns resume {name} --max-cost {most}", name=name,
                most=_most(campaign))  # fmt: skip
    elif stopped == "too-many-failed":
        yield t("Send the rest all the same: wacli campaigns resume {name} --stop-if-failed 50%", name=name)
    elif stopped in GOES_ON_AFTER and campaign.due_at is not None:
        yield t("It goes on when they come again, when wacli listen runs or cron calls: wacli campaigns send --due")
    elif stopped in GOES_ON_AFTER:
        yield t("Send the rest when they come again: wacli campaigns resume {name}", name=name)
        yield t("Send it now all the same: wacli campaigns resume {name} --between always", name=name)
    else:
        remedy = _remedy(stopped)
        if remedy is not None:
            yield remedy
            yield t("Then send the rest: wacli campaigns resume {name}", name=name)
        else:
            yield t("Send the rest: wacli campaigns resume {name}", name=name)


def _remedy(stopped: str) -> Text | None:
    """What has to be done before anything more can go out."""
    if stopped == "over-budget":
        return t("Raise the month's budget, or wait for the next month: wacli config set budget 50USD")
    if stopped == "disk-full":
        return t("Free some space on the disk")
    if stopped == "template-not-approved":
        return t("See the template's state: wacli templates list")
    if not stopped.startswith("api-"):
        return None
    from wacli.domain.problem import NotFound
    from wacli.services.explanations import explain

    try:
        return explain(stopped).next
    except NotFound:
        return None


def _most(campaign: Campaign) -> str:
    """The plan's upper figure as a limit that can be typed."""
    total, (_, high) = campaign.amount
    most = high if high is not None else total
    return "..." if most is None else f"{most.quantize(_CENT, ROUND_CEILING):f}{campaign.currency}"
