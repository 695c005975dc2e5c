"""What `campaigns send`, `resume` and `send --due` do: ask, keep the approval, send with a bar, tell how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from wacli.domain.campaign import Campaign, Report, as_typed
from wacli.domain.money import Money
from wacli.domain.problem import Problem, Refused
from wacli.domain.text import Quantity, t, tn
from wacli.store import campaigns
from wacli.store.database import Store

from .campaign_question import ask
from .campaign_wishes import agreed_anew
from .dispatch import say_who_sends, waiting_for_answers
from .exits import ExitStatus, status_of
from .progress import ProgressBar
from .sending_options import desk_of
from .session import Session
from .stores import existing, writing

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client
    from wacli.services.campaign_send import CampaignRun, Ended
    from wacli.services.delivery import Sent
    from wacli.services.send_run import Sender

    from .campaign_wishes import SendWishes, Typed

_SOON = 1.0  # seconds of sending that make a rate


def send_campaign(session: Session, name: str, wishes: SendWishes, *, is_dry: bool) -> ExitStatus:
    """The first time: the quote, the question, and the run or the appointment."""
    with existing(session) if is_dry else writing(session) as store:
        campaign = campaigns.get(store, name)
        _check_sendable(session, store, campaign)
        if campaign.started_at is not None:
            raise Refused(
                "campaign-started",
                t("{name} was begun already", name=campaign.name),
                t("Send the rest: wacli campaigns resume {name}", name=as_typed(campaign.name)),
            )
        return _approve_and_go(session, store, campaign, wishes, is_dry=is_dry)


def resume_campaign(session: Session, name: str, typed: Typed, *, is_dry: bool) -> ExitStatus:
    """The rest, under what was agreed to before, or under new limits that are asked about."""
    with existing(session) if is_dry else writing(session) as store:
        campaign = campaigns.get(store, name)
        _check_sendable(session, store, campaign, has_limit=typed.max_cost is not None)
        approval = campaign.approval
        if approval is None:
            raise Refused(
                "not-approved",
                t("Nobody has agreed to {name} yet", name=campaign.name),
                t("Look at its price and send it: wacli campaigns send {name}", name=as_typed(campaign.name)),
            )
        if typed.is_something:
            return _approve_and_go(session, store, campaign, agreed_anew(session, typed, approval), is_dry=is_dry)
        if is_dry:
            return _rehearse(session, store, campaign)
        _check_in_time(session, campaign)
        return _run(session, store, campaign)


def _check_in_time(session: Session, campaign: Campaign) -> None:
    """An appointment that is still to come is not brought forward by a word that says nothing of it."""
    due_at = campaign.due_at
    if due_at is None or campaign.started_at is not None or due_at <= session.context.now():
        return
    session.tell(t("{name} is kept for {at}", name=campaign.name, at=due_at))
    if not session.confirm(t("Send it now instead?")):
        raise Refused(
            "not-agreed",
            t("Nothing was sent"),
            t("It keeps its time: wacli campaigns show {name}", name=as_typed(campaign.name)),
        )


def keep_appointments(session: Session, *, is_dry: bool) -> ExitStatus:
    """Every campaign whose time has come; a missed one is named and left alone."""
    from wacli.services.campaign_schedule import list_due, list_missed, run_due

    with existing(session) if is_dry else writing(session) as store:
        desk = desk_of(session, store)
        now = session.context.now()
        missed = list_missed(desk, now)
        session.warn(
            t("{name} missed its time ({at}) and was not sent. Send it now: wacli campaigns resume {name}",
              name=as_typed(one.name), at=one.due_at)
            for one in missed
        )  # fmt: skip
        due = list_due(desk, now)
        if is_dry or not due:
            session.tell(*(t("{name} is due", name=one.name) for one in due))
            if not due:
                session.tell(t("No campaign is due"))
            return ExitStatus.DONE
        shown = _Shown(session)
        statuses = []
        with client_for(session) as client:
            say_who_sends(session, desk)
            try:
                with closing(
                    run_due(desk, senders_of(session, client, shown.stopping), now, on_sent=shown.step)
                ) as kept:
                    for one in kept:
                        shown.bar.clear()
                        if one.problem is not None:
                            session.report(one.problem)
                        statuses.append(_status(one.ended, one.problem))
                        _write_report(session, store, one.campaign)
            except KeyboardInterrupt:
                for campaign in due:
                    _stop_by_hand(store, campaign)
                raise
    return ExitStatus.DONE if all(one is ExitStatus.DONE for one in statuses) else ExitStatus.PARTLY


def _check_sendable(session: Session, store: Store, campaign: Campaign, *, has_limit: bool = False) -> None:
    """Refuses a campaign that is over, of another number, or priced by lists that hold no more."""
    if campaign.cancelled_at is not None:
        raise Refused("campaign-cancelled", t("{name} was cancelled", name=campaign.name), t("Plan a new one"))
    if campaign.ended_at is not None:
        raise Refused(
            "campaign-ended",
            t("All of {name} was sent already", name=campaign.name),
            t("See what became of it: wacli campaigns show {name}", name=as_typed(campaign.name)),
        )
    own = session.profile["phone_number_id"]
    if campaign.phone_number_id != own:
        raise Refused(
            "other-number",
            t("{name} was planned for the number {number}", name=campaign.name, number=campaign.phone_number_id),
            t("Choose its profile: wacli profiles list"),
        )
    if not campaign.recipient_count:
        raise Refused(
            "nobody-in",
            t("Nobody of {name} may be written to", name=campaign.name),
            t("See why: wacli campaigns show {name} --excluded", name=as_typed(campaign.name)),
        )
    from wacli.services.campaign_schedule import has_quoted_prices

    if has_quoted_prices(desk_of(session, store).prices, campaign, session.context.now()):
        return
    if campaign.started_at is None:
        raise Refused(
            "prices-changed",
            t("The prices have changed since {name} was planned", name=campaign.name),
            t("Plan it anew: wacli campaigns plan {name} ... --replace", name=as_typed(campaign.name)),
        )
    if not has_limit and (campaign.approval is None or campaign.approval.max_cost is None):
        raise Refused(
            "prices-changed",
            t("The prices have changed since {name} was planned", name=campaign.name),
            t(
                "Say what all of it may cost: wacli campaigns resume {name} --max-cost 25USD",
                name=as_typed(campaign.name),
            ),
        )


def _approve_and_go(
    session: Session, store: Store, campaign: Campaign, wishes: SendWishes, *, is_dry: bool
) -> ExitStatus:
    now = session.context.now()
    if is_dry:
        return _rehearse(session, store, campaign)
    approval = wishes.approval._replace(at=now)
    ask(session, store, campaign, approval)
    campaigns.approve(store, campaign.id, approval, wishes.due_at or (campaign.due_at if campaign.started_at else None))
    campaign = campaigns.get(store, campaign.name)
    if wishes.due_at is None:
        return _run(session, store, campaign)
    session.tell(
        t("{name} is kept for {at}", name=campaign.name, at=wishes.due_at),
        t("It goes out when wacli listen runs then, or cron calls: wacli campaigns send --due"),
    )
    _write_report(session, store, campaign)
    return ExitStatus.DONE


def _rehearse(session: Session, store: Store, campaign: Campaign) -> ExitStatus:
    """What would be sent now: the report, and one request of it."""
    from wacli.services.campaign_send import rehearse_first

    _write_report(session, store, campaign)
    first = rehearse_first(desk_of(session, store), campaign, session.context.now())
    if first is not None:
        from wacli.render.emit import dump

        session.tell(t("The first request:"), t("{body}", body=dump(first)))
    session.tell(t("Dry run: nothing was sent."))
    return ExitStatus.DONE


def _run(session: Session, store: Store, campaign: Campaign) -> ExitStatus:
    from wacli.services.campaign_send import CampaignRun

    desk = desk_of(session, store)
    shown = _Shown(session)
    with client_for(session) as client:
        say_who_sends(session, desk)
        run = CampaignRun(desk, senders_of(session, client, shown.stopping)(campaign), campaign)
        try:
            with closing(run.results()) as results:
                for sent in results:
                    shown.step(run, sent)
        except KeyboardInterrupt:
            shown.bar.clear()
            _stop_by_hand(store, campaign)
            session.warn([t("Stopped. Send the rest: wacli campaigns resume {name}", name=as_typed(campaign.name))])
            raise
        except Problem:
            shown.bar.clear()
            session.warn([t("Stopped. When what follows is mended, send the rest: wacli campaigns resume {name}",
                            name=as_typed(campaign.name))])  # fmt: skip
            raise
    shown.bar.clear()
    _write_report(session, store, campaign)
    ended = run.ended
    assert ended is not None
    if ended.problem is not None:
        session.report(ended.problem)
    return _status(ended, ended.problem)


def _stop_by_hand(store: Store, campaign: Campaign) -> None:
    """Somebody pressed Ctrl-C: nobody but they may go on with it."""
    now = campaigns.get(store, campaign.name)
    if now.started_at is not None and now.ended_at is None:
        campaigns.mark_stopped(store, campaign.id, "stopped-by-hand")


def _status(ended: Ended | None, problem: Problem | None) -> ExitStatus:
    """0: everybody has it; 7: some; else what stopped it before anybody got it."""
    if ended is None:
        return ExitStatus.FAILED if problem is None else status_of(problem)
    counts = ended.counts
    lost = counts.waiting + counts.refused + counts.unknown + counts.skipped + counts.failed
    if not lost:
        return ExitStatus.DONE
    if counts.taken or counts.unknown or problem is None:
        return ExitStatus.PARTLY if counts.taken or counts.unknown else ExitStatus.REFUSED
    return status_of(problem)


def _write_report(session: Session, store: Store, campaign: Campaign) -> Report:
    from wacli.render.campaign_view import report_record
    from wacli.services.campaign_report import report

    counted = report(store, campaigns.get(store, campaign.name), session.context.now())
    session.write_record(report_record(counted, session.words))
    return counted


def client_for(session: Session) -> Client:
    """The client of the active profile."""
    from .clients import client_of

    return client_of(session)


def senders_of(
    session: Session, client: Client, stopping: Callable[[int], object] | None = None
) -> Callable[[Campaign], Sender]:
    """Makes the sender of a campaign: as fast as was agreed to. `stopping` is told how many are in flight at Ctrl-C."""
    from wacli.services.campaign_send import sender_for

    number = session.profile.required("phone_number_id")
    return lambda campaign: sender_for(client, number, session.context.now, campaign, stopping)


class _Shown:
    """The bar of a run: how far, how fast, what it cost so far, how many failed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.bar = ProgressBar(session, t("Sending"))
        self._began: float | None = None

    def step(self, run: CampaignRun, _sent: Sent) -> None:
        """One more message has ended."""
        now = time.monotonic()
        self._began = self._began or now
        done = run.progress
        count = done.taken + done.refused + done.unknown + done.skipped
        words = self._session.words
        rate = count / max(now - self._began, _SOON)
        note = words.say(
            t("{count} of {total}, {rate}/s, {cost}", count=Quantity(count), total=Quantity(done.total),
              rate=Quantity(round(rate)), cost=Money(done.cost, run.currency))
        )  # fmt: skip
        if done.refused + done.unknown:
            lost = done.refused + done.unknown
            note += ", " + words.say(tn("{count} not reached", "{count} not reached", Quantity(lost)))
        self.bar.step(count, done.total, note)

    def stopping(self, count: int) -> None:
        """Ctrl-C."""
        self.bar.clear()
        self._session.warn([waiting_for_answers(count)])
