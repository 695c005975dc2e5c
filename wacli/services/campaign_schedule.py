"""Appointments of campaigns, kept without a daemon: by `wacli listen` as a chore, or by cron with `send --due`.

An appointment that nobody kept within the hour is missed: it does not fire late without being told to
(`wacli campaigns resume NAME`). A campaign that had begun and whose hours ended goes on when they come again; one that
was stopped for any other reason waits for its owner.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from wacli.domain.campaign import Campaign, as_typed, is_due, is_missed
from wacli.domain.problem import Problem, Refused
from wacli.domain.text import t
from wacli.store import campaigns, numbers

from .campaign_send import CampaignRun, Ended
from .delivery import Sent, stops_run
from .prices import Prices
from .send_run import Sender
from .sending import Desk


class Kept(NamedTuple):
    """One appointment that was kept: how the run ended, or why it could not begin."""

    campaign: Campaign
    ended: Ended | None
    problem: Problem | None


def list_due(desk: Desk, now: datetime) -> list[Campaign]:
    """The campaigns of this business number whose time has come."""
    local = now.astimezone(desk.prices.zone)
    return [one for one in _scheduled(desk) if is_due(one, now, local)]


def list_missed(desk: Desk, now: datetime) -> list[Campaign]:
    """Those whose time has passed without anybody keeping it."""
    return [one for one in _scheduled(desk) if is_missed(one, now)]


def run_due(
    desk: Desk,
    sender_of: Callable[[Campaign], Sender],
    now: datetime,
    *,
    stopping: threading.Event | None = None,
    on_sent: Callable[[CampaignRun, Sent], object] | None = None,
) -> Generator[Kept, None, None]:
    """Sends every campaign that is due, one after another, and tells how each ended.

    `sender_of` makes the sender only when there is something to send. `stopping` set: what is in flight ends, and
    nothing more goes out. What concerns every message (a token, the network) ends the round.
    """
    for campaign in list_due(desk, now):
        if stopping is not None and stopping.is_set():
            return
        run: CampaignRun | None = None
        approval = campaign.approval
        if not has_quoted_prices(desk.prices, campaign, now) and (approval is None or approval.max_cost is None):
            campaigns.mark_stopped(desk.store, campaign.id, "prices-changed")
            yield Kept(campaign, None, _prices_changed(campaign))
            continue
        try:
            run = CampaignRun(desk, sender_of(campaign), campaign)
            with closing(run.results()) as results:
                for sent in results:
                    if on_sent is not None:
                        on_sent(run, sent)
                    if stopping is not None and stopping.is_set():
                        break
        except Problem as problem:
            yield Kept(campaign, None if run is None else run.ended, problem)
            if stops_run(problem):
                return
            continue
        yield Kept(campaign, run.ended, None if run.ended is None else run.ended.problem)
        if run.ended is not None and stops_run(run.ended.problem):
            return


def has_quoted_prices(prices: Prices, campaign: Campaign, now: datetime) -> bool:
    """Do the rules and the card that the campaign was priced by hold now?"""
    card = prices.card(now)
    return (campaign.rules, campaign.rate_card) == (prices.rules(now).id, None if card is None else card.id)


def _prices_changed(campaign: Campaign) -> Refused:
    """Nobody is there to ask, and nobody agreed to a most."""
    return Refused(
        "prices-changed",
        t("{name} was not sent: the prices have changed since it was planned", name=campaign.name),
        t("See it: wacli campaigns show {name}", name=as_typed(campaign.name)),
    )


def _scheduled(desk: Desk) -> list[Campaign]:
    number = None if desk.phone_number_id is None else numbers.find(desk.store, desk.phone_number_id)
    return [] if number is None else campaigns.list_scheduled(desk.store, number.id)
