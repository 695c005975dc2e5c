"""Sending a campaign, or what is left of it: each recipient judged when their turn comes, and nobody twice.

What is known of people is read for a few at a time, for as many as go out in a quarter of a second, and no longer
before their turn than that: a STOP that came in meanwhile counts. Whoever a rule forbids now is skipped with the
reason; whoever is only not free (`--only-free`) or sleeps (`--between`, by the recipient's clock) is passed over and
stays waiting. The run ends early, with the reason written down, when the money, the failures or the hours say so, and
when WhatsApp refuses for a reason that concerns everybody.

The order of the steps that makes a resume safe is in `wacli.services.delivery_run`; that nobody has two rows is a
unique index of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.campaign import FAILURES_LOOKED_AT_FROM, Approval, Campaign, Counts, key_of
from wacli.domain.category import Category
from wacli.domain.consent import ASSUMED, OPTED_IN, OPTED_OUT, STOPPED_MARKETING
from wacli.domain.problem import Problem, Refused
from wacli.domain.template import Template
from wacli.domain.text import t
from wacli.domain.verdict import Limits, Outcome, Verdict, within
from wacli.domain.window import Clocks
from wacli.store import campaign_counts, campaign_recipients, campaigns, consents
from wacli.store.campaign_lock import campaign_lock
from wacli.store.campaign_recipients import Waiting
from wacli.store.consents import Consent

from .campaign_batch import Batch
from .campaign_letters import Letters
from .campaign_purse import Purse
from .campaign_report import codes_to_send_again, report
from .campaign_zones import Zones
from .delivery import Sent, stops_run
from .delivery_run import RUN_STOPPED, deliver_run
from .pace import A_SECOND, Pace
from .send_run import Sender
from .sending import Conditions, Desk, Prepared, Seat, as_vouched, check_safe, request_body
from .templates import find_template
from .thread import Standing, judge

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

_AHEAD_S = 0.25  # for how long what is known of people may serve
_LEAST, _MOST = 10, 500  # people looked up at once
_LOOKS_EVERY_S = 2.0  # at failures that webhooks brought
_ANSWERS_WITHIN_S = 0.25  # connections are opened for answers that take this long
_STOPPED_MARKETING = 131050
_SKIPS_KEPT = 200
_NO_CLOCKS = Clocks()


class Progress(NamedTuple):
    """How far a run is. `cost` is what was taken or is in flight, in the campaign's currency."""

    taken: int
    refused: int
    unknown: int
    skipped: int
    total: int
    cost: Decimal


class Ended(NamedTuple):
    """How a run ended. `stopped_by`: a code, None when everybody had their turn; `problem` where one stopped it."""

    counts: Counts
    stopped_by: str | None
    problem: Problem | None


class CampaignRun:
    """One run of one campaign. `ended` is set when `results` is exhausted."""

    def __init__(self, desk: Desk, sender: Sender, campaign: Campaign) -> None:
        assert campaign.approval is not None
        self._desk, self._sender, self._campaign = desk, sender, campaign
        self._approval: Approval = campaign.approval
        self._template: Template = find_template(desk.store, campaign.template_name, campaign.template_language)
        self._letters = Letters(self._template, campaign.given, campaign.fields)
        self._conditions = Conditions(
            Limits(only_free=self._approval.only_free), campaign.assumed_opt_in, campaign.tries_again
        )
        self._zones = Zones(desk.prices.zone, self._approval.hours)
        self._a_second = self._approval.a_second or A_SECOND
        self.pace = sender.pace or Pace(self._a_second)
        self._skips: list[tuple[int, str]] = []
        self._vouched: list[Consent] = []
        self._stopped_by: str | None = None
        self._problem: Problem | None = None
        self._failed_before = 0
        self._looked_at = float("-inf")
        counts = report(desk.store, campaign, sender.clock()).counts
        self._total = counts.waiting
        self._attempted = counts.taken + counts.refused + counts.unknown
        self._refused_before = counts.refused
        self._purse = Purse(self._approval.max_cost, desk.budget, counts.cost)
        self.currency = campaign.currency
        self.progress = Progress(0, 0, 0, 0, self._total, Decimal(0))
        self.ended: Ended | None = None

    def results(self) -> Generator[Sent, None, None]:
        """Sends, and yields what became of each. Raises what `deliver_run` raises; the state is written down before."""
        store, sender, campaign = self._desk.store, self._sender, self._campaign
        with campaign_lock(store, campaign):
            campaigns.mark_started(store, campaign.id, sender.clock())
            run = deliver_run(
                store,
                sender.client,
                sender.phone_number_id,
                self._messages(),
                sender.clock,
                connections=sender.connections,
                pace=self.pace,
                judge_again=self._judge_again,
                stopping=sender.stopping,
            )
            try:
                with closing(run):
                    for sent in run:
                        self._note(sent)
                        yield sent
            except BaseException as cut:
                self._problem = cut if isinstance(cut, Problem) else None
                self._stopped_by = _reason_of(cut)
                self._close_books(is_cut=True)
                raise
            self._close_books(is_cut=False)

    def _close_books(self, *, is_cut: bool) -> None:
        store, campaign, now = self._desk.store, self._campaign, self._sender.clock()
        try:
            self._write_skips()
            counts = report(store, campaign, now).counts
            if counts.waiting or is_cut:
                campaigns.mark_stopped(store, campaign.id, self._stopped_by)
            elif not counts.under_way:
                campaigns.mark_ended(store, campaign.id, now)
        except Problem:
            if not is_cut:
                raise
            return  # the disk is full, the store locked: what is being raised already says so
        self.ended = Ended(counts, self._stopped_by if counts.waiting else None, self._problem)

    def _messages(self) -> Iterator[Prepared]:
        """The next messages, each judged when it is asked for."""
        campaign, clock = self._campaign, self.pace.clock
        size = min(_MOST, max(_LEAST, int(self._a_second * _AHEAD_S)))
        after = -1
        while True:
            batch = campaign_recipients.list_waiting(self._desk.store, campaign.id, codes_to_send_again(), after, size)
            if not batch:
                break
            after = batch[-1].recipient_id
            place = 0
            while place < len(batch):
                facts = Batch(self._desk, campaign, batch[place:], self._sender.clock())
                until = clock() + _AHEAD_S
                while place < len(batch) and clock() < until:
                    if self._must_stop():
                        return
                    prepared = self._permitted(batch[place], facts)
                    place += 1
                    if prepared is not None:
                        yield prepared
                        if self._stopped_by is not None:
                            return
        self._write_skips()

    def _permitted(self, waiting: Waiting, facts: Batch) -> Prepared | None:
        """The message, if every rule permits it now; otherwise it is noted why not."""
        present = facts.present.get(waiting.recipient_id)
        if present is None:
            self._skip(waiting, "gone")
            return None
        contact, now = present.contact, self._sender.clock()
        if contact.id != waiting.recipient_id and campaign_recipients.has_send(
            self._desk.store, self._campaign.id, contact.id
        ):
            self._skip(waiting, "duplicate")
            return None
        if not self._zones.may_get_now(contact.phone, contact.bsuid, now):
            self._pass_over("asleep")
            return None
        try:
            check_safe(contact, self._desk.safe)
            letter = self._letters.of(waiting.own)
        except Problem as problem:
            self._skip(waiting, _code_of_values(problem))
            return None
        standing, assumes, verdict = self._judged(facts.standing(present, now), facts, now)
        if verdict.outcome not in (Outcome.FREE, Outcome.BILLED):
            self._refused(waiting, verdict)
            return None
        too_dear = self._purse.reason_against(verdict, now)
        if too_dear is not None:
            self._stop(too_dear, None)
            return None
        if assumes:
            self._vouch(contact.id, now)
        key = key_of(self._campaign.token, waiting.recipient_id)
        seat = Seat(self._campaign.id, waiting.recipient_id, waiting.has_row)
        self._purse.take(key, verdict.price)
        return Prepared(key, request_body(contact, letter, key), letter, standing, verdict, assumes, None, seat)

    def _judged(self, standing: Standing, facts: Batch, now: datetime) -> tuple[Standing, bool, Verdict]:
        """The verdict. Of most recipients nothing is known but a number, a market and a consent: the verdict on one of
        them is that on all the others of the moment, and is asked for once."""
        person = standing.person
        # Which +1 numbers are American is not among the facts of a person until somebody asks.
        is_american = (standing.contact.phone or "1").startswith("1")
        has_story = person.clocks != _NO_CLOCKS or (person.undeliverable_at, person.held_back_at) != (None, None)
        plain = None
        if not (has_story or is_american):
            plain = (person.market, person.has_bsuid, person.opted_in, person.opted_out)
            known = facts.verdicts.get(plain)
            if known is not None:
                return standing, known[0], known[1]._replace(contact_id=person.contact_id)
        standing, assumes = as_vouched(standing, self._template, self._conditions)
        verdict = within(judge(standing, self._template, now), self._conditions.limits)
        if plain is not None:
            facts.verdicts[plain] = assumes, verdict
        return standing, assumes, verdict

    def _refused(self, waiting: Waiting, verdict: Verdict) -> None:
        code = verdict.reasons[0].code
        if code == "not-free":
            self._pass_over(code)
        elif code == "template-not-approved":
            self._stop(code, Refused(code, verdict.reasons[0].text, t("See its state: wacli templates list")))
        else:
            self._skip(waiting, code)

    def _skip(self, waiting: Waiting, reason: str) -> None:
        self._skips.append((waiting.recipient_id, reason))
        self.progress = self.progress._replace(skipped=self.progress.skipped + 1)
        if len(self._skips) >= _SKIPS_KEPT:
            self._write_skips()

    def _pass_over(self, reason: str) -> None:
        """They stay waiting; when everybody had their turn, this is why some are left."""
        self._passed_over = reason

    _passed_over: str | None = None

    def _write_skips(self) -> None:
        store, now = self._desk.store, self._sender.clock()
        for consent in self._vouched:
            consents.record(store, consent)
        self._vouched.clear()
        if self._skips:
            campaign_recipients.skip(store, self._campaign.id, self._skips, now)
            self._skips.clear()
        if self._stopped_by is None:
            self._stopped_by = self._passed_over

    def _vouch(self, contact_id: int, now: datetime) -> None:
        reason = self._conditions.assumed_opt_in
        self._vouched.append(Consent(contact_id, Category.MARKETING.value, OPTED_IN, ASSUMED, reason, now))
        if len(self._vouched) >= _SKIPS_KEPT:
            self._write_skips()

    def _judge_again(self, prepared: Prepared) -> None:
        """Raises why a message that had to wait may not go out any more."""
        assert prepared.seat is not None
        waiting = Waiting(prepared.seat.recipient_id, (), has_row=True)
        now = self._sender.clock()
        facts = Batch(self._desk, self._campaign, [waiting], now)
        present = facts.present.get(waiting.recipient_id)
        if present is None:
            raise Refused("gone", t("the contact is no longer there"))
        standing, _ = as_vouched(facts.standing(present, now), self._template, self._conditions)
        verdict = within(judge(standing, self._template, now), self._conditions.limits)
        if verdict.outcome not in (Outcome.FREE, Outcome.BILLED):
            raise Refused(verdict.reasons[0].code, verdict.reasons[0].text)

    def _must_stop(self) -> bool:
        """Has the run to end before the next message? The reason is noted."""
        if self._stopped_by is None and not self._zones.is_open(self._sender.clock()):
            self._stop("hours", None)
        share = self._approval.stop_if_failed
        if self._stopped_by is None and share is not None and self._failed_share() > share:
            self._stop("too-many-failed", None)
        return self._stopped_by is not None

    def _failed_share(self) -> Decimal:
        """Of all attempts, also of earlier runs: refused, and failed by what webhooks have told so far."""
        now = self.pace.clock()
        if now - self._looked_at >= _LOOKS_EVERY_S:
            self._looked_at = now
            self._failed_before = campaign_counts.count_failed(self._desk.store, self._campaign.id)
        attempted = self._attempted + self.progress.taken + self.progress.refused + self.progress.unknown
        if attempted < FAILURES_LOOKED_AT_FROM:
            return Decimal(0)
        return Decimal(self._failed_before + self._refused_before + self.progress.refused) / attempted

    def _stop(self, code: str, problem: Problem | None) -> None:
        if self._stopped_by is None:
            self._stopped_by, self._problem = code, problem

    def _note(self, sent: Sent) -> None:
        problem, now = sent.problem, self.progress
        price = self._purse.settle(sent.prepared.key, is_spent=sent.state in ("accepted", "held", "unknown"))
        if sent.state in ("accepted", "held"):
            self.progress = now._replace(taken=now.taken + 1, cost=now.cost + price)
        elif sent.state == "unknown":
            self.progress = now._replace(unknown=now.unknown + 1, cost=now.cost + price)
        elif problem is not None and not sent.attempts:  # a rule forbade it while it waited
            self._skips.append((_recipient(sent), problem.code))
        elif (problem is None or problem.code != RUN_STOPPED) and not stops_run(problem):
            self.progress = now._replace(refused=now.refused + 1)
        if stops_run(problem) and problem is not None:
            self._stop(_code(problem), problem)
        if getattr(getattr(problem, "failure", None), "code", None) == _STOPPED_MARKETING:
            contact, at = sent.prepared.standing.contact, self._sender.clock()
            entry = Consent(contact.id, Category.MARKETING.value, OPTED_OUT, STOPPED_MARKETING, sent.prepared.key, at)
            consents.record(self._desk.store, entry)


def _reason_of(cut: BaseException) -> str | None:
    """Why a run was cut off. None: whoever ran it has other things to do, and may go on with it later."""
    if isinstance(cut, Problem):
        return _code(cut)
    return None if isinstance(cut, GeneratorExit) else "stopped-by-hand"


def _recipient(sent: Sent) -> int:
    assert sent.prepared.seat is not None
    return sent.prepared.seat.recipient_id


def _code(problem: Problem) -> str:
    failure = getattr(problem, "failure", None)
    return problem.code if failure is None else f"api-{failure.code}"


def _code_of_values(problem: Problem) -> str:
    return problem.code if problem.code in ("missing-value", "not-safe") else "bad-value"


def rehearse_first(desk: Desk, campaign: Campaign, now: datetime) -> dict[str, object] | None:
    """The request that the first recipient would get, as it would be posted; None when nobody is left."""
    template = find_template(desk.store, campaign.template_name, campaign.template_language)
    waiting = campaign_recipients.list_waiting(desk.store, campaign.id, codes_to_send_again(), -1, 1)
    if not waiting:
        return None
    facts = Batch(desk, campaign, waiting, now)
    present = facts.present.get(waiting[0].recipient_id)
    if present is None:
        return None
    letter = Letters(template, campaign.given, campaign.fields).of(waiting[0].own)
    return request_body(present.contact, letter, key_of(campaign.token, waiting[0].recipient_id))


def sender_for(
    client: Client,
    phone_number_id: str,
    clock: Callable[[], datetime],
    campaign: Campaign,
    stopping: Callable[[int], object] | None = None,
) -> Sender:
    """As many connections, and the pace, that the campaign was agreed to with."""
    approval = campaign.approval
    a_second = A_SECOND if approval is None or approval.a_second is None else approval.a_second
    return Sender(client, phone_number_id, clock, connections_for(a_second), Pace(a_second), stopping)


def connections_for(a_second: int) -> int:
    """As many requests in flight as keep the pace while answers take their time."""
    return max(8, int(a_second * _ANSWERS_WITHIN_S))
