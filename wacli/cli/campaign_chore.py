"""Appointments of campaigns, kept by `wacli listen` in a thread of its own: a long campaign keeps nobody waiting."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wacli.domain.text import Quantity, Text, t, tn

from .sending_options import desk_of, is_by_hand

if TYPE_CHECKING:
    from wacli.domain.campaign import Campaign
    from wacli.services.campaign_schedule import Kept
    from wacli.services.listening import Listener
    from wacli.services.send_run import Sender

    from .session import Session
    from .teller import Teller

_LOOKS_EVERY = timedelta(seconds=30)


def add_campaigns(session: Session, listener: Listener, teller: Teller) -> None:
    """Looks twice a minute whether a campaign is due. A profile that sends nothing has none."""
    number = session.profile["phone_number_id"]
    if is_by_hand(session) or number is None:
        return
    from wacli.services.campaign_schedule import list_due, run_due
    from wacli.services.chores import Chore

    desk = desk_of(session, listener.open())

    def keep(now: datetime) -> None:
        if not list_due(desk, now):
            return
        from .clients import client_of

        with client_of(session) as client:

            def sender_of(campaign: Campaign) -> Sender:
                from wacli.services.campaign_send import sender_for

                teller.tell(t("Sending the campaign {name}", name=campaign.name))
                return sender_for(client, number, session.context.now, campaign)

            with closing(run_due(desk, sender_of, now, stopping=listener.stopping)) as kept:
                for one in kept:
                    teller.tell(_said(one))
                    if one.problem is not None:
                        teller.trouble(one.problem)

    listener.add_rounds(Chore("campaigns", _LOOKS_EVERY, keep))


def _said(kept: Kept) -> Text:
    """How it ended, in one line."""
    counts = None if kept.ended is None else kept.ended.counts
    if counts is None:
        return t("The campaign {name} could not be begun", name=kept.campaign.name)
    done = tn("{count} message was taken", "{count} messages were taken", Quantity(counts.taken))
    if not counts.waiting:
        return t("The campaign {name} is done: {done}", name=kept.campaign.name, done=done)
    return t("The campaign {name}: {done}, {left} are left; see it: wacli campaigns show {name}",
             name=kept.campaign.name, done=done, left=Quantity(counts.waiting))  # fmt: skip
