"""What `reply` and `send` do with what was typed: rehearse, hand over links, or send; the answer and the exit status.

Every message is checked before the first is sent; the number that is about to write to real people is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wacli.domain.problem import Problem
from wacli.domain.text import Text, t, tn
from wacli.render.emit import Format
from wacli.render.link_view import link_listing, link_record
from wacli.render.rehearsal_view import dry_run_listing, dry_run_record
from wacli.render.sent_view import branch_taken, sent_listing
from wacli.services.by_hand import Link, intend, left_out, link_to
from wacli.services.delivery import Sent
from wacli.services.lookahead import Lookahead
from wacli.services.pace import Pace
from wacli.services.send_run import (
    NO_COURTESY,
    Courtesy,
    Order,
    Sender,
    carry_out,
    check,
    look_ahead,
    mark_read,
    rehearse,
)
from wacli.services.sending import Conditions, Desk, Failed, Rehearsed, check_safe
from wacli.store import numbers

from .clients import client_of
from .exits import ExitStatus, status_of
from .sending_options import is_by_hand
from .session import Session

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client


def settle(
    session: Session,
    desk: Desk,
    orders: Sequence[Order | Failed],
    conditions: Conditions,
    *,
    is_dry: bool,
    courtesy: Courtesy = NO_COURTESY,
    a_second: int | None = None,
) -> ExitStatus:
    """Hands over links, rehearses, or sends: whichever the profile and --dry-run say. Answers, and gives the status.

    `a_second`: how many messages may start in a second; None: what every number may.
    """
    if is_by_hand(session):
        return _hand_over(session, desk, orders, is_dry=is_dry)
    if is_dry:
        return _rehearse(session, desk, orders, conditions, courtesy)
    session.profile.required("phone_number_id")
    with desk.trying():
        ahead = look_ahead(desk, orders)
        ready = _checked(session, desk, orders, conditions, ahead)
    failed = [order for order in ready if isinstance(order, Failed)]
    if len(failed) == len(ready):
        return _answer(session, iter(failed))
    for one in failed:
        _report(session, one)  # what is wrong is named before anything goes out
    with client_of(session) as client:
        sender = sender_of(session, client, a_second)
        say_who_sends(session, desk)
        first = next(order for order in ready if isinstance(order, Order))
        try:
            mark_read(desk, sender, first.contact, courtesy)
        except Problem as problem:
            session.warn([t("Not marked as read: {why}", why=problem.message)])
        return _answer(session, carry_out(desk, sender, ready, conditions, ahead), ready, told=failed)


def _rehearse(
    session: Session, desk: Desk, orders: Sequence[Order | Failed], conditions: Conditions, courtesy: Courtesy
) -> ExitStatus:
    """Every request as it would be posted now; no transport is made."""
    results: list[Rehearsed | Failed] = []
    for order in orders:
        if isinstance(order, Failed):
            results.append(order)
            continue
        try:
            rehearsed = rehearse(desk, order, conditions, session.now, NO_COURTESY if results else courtesy)
        except Problem as problem:
            if len(orders) == 1 and order.line is None:
                raise
            results.append(Failed(order.who, problem, order.line, order.contact))
            continue
        results.append(rehearsed)
        if order.instead is not None:
            session.tell(branch_taken(rehearsed.prepared, is_rehearsed=True))
    place = f"/{session.profile['api_version']}/{session.profile['phone_number_id'] or 'PHONE_NUMBER_ID'}"
    if session.format is Format.TABLE or len(results) == 1:
        for item in results:
            if isinstance(item, Rehearsed):
                session.write_record(dry_run_record(item, place, session.words))
    else:
        session.write_listing(dry_run_listing(results, place, session.words))
    return _status(session, results)


def _checked(
    session: Session, desk: Desk, orders: Sequence[Order | Failed], conditions: Conditions, ahead: Lookahead
) -> list[Order | Failed]:
    """The orders, those that may not go out with their reason: nothing starts before everything was looked at."""
    ready: list[Order | Failed] = []
    now = session.real_now()
    for place, order in enumerate(orders):
        try:
            if isinstance(order, Order):
                desk.hold(check(desk, order, conditions, now, ahead.known(place, now)))
            ready.append(order)
        except Problem as problem:
            if len(orders) == 1 and order.line is None:
                raise
            assert isinstance(order, Order)
            ready.append(Failed(order.who, problem, order.line, order.contact))
    return ready


def sender_of(session: Session, client: Client, a_second: int | None = None) -> Sender:
    """The number that sends, at its pace. Raises `Invalid` where the profile has none."""
    number, clock = session.profile.required("phone_number_id"), session.context.now

    def stopping(count: int) -> None:
        session.warn([waiting_for_answers(count)])

    if a_second is None:
        return Sender(client, number, clock, stopping=stopping)
    from wacli.services.campaign_send import connections_for

    return Sender(client, number, clock, connections_for(a_second), Pace(a_second), stopping)


def waiting_for_answers(count: int) -> Text:
    """What Ctrl-C says while messages are in flight."""
    return tn(
        "{count} message is on its way: waiting for its answer",
        "{count} messages are on their way: waiting for their answers",
        count,
    )


def _answer(
    session: Session,
    results: Iterator[Sent | Failed],
    orders: Sequence[Order | Failed] = (),
    told: Sequence[Failed] = (),
) -> ExitStatus:
    """Writes one line for each message, for machines as soon as it is known. `told`: whose problem was said before."""
    done: list[Sent | Failed] = []

    def noted() -> Iterator[Sent | Failed]:
        for result in results:
            done.append(result)
            yield result

    if session.format is Format.TABLE:
        try:
            for _ in noted():
                pass
        finally:  # also after Ctrl-C: who got it, got it
            session.write_listing(sent_listing(done, session.words))
    else:
        session.write_listing(sent_listing(noted(), session.words))
    for order, result in zip(orders, done, strict=False):
        if isinstance(order, Order) and order.instead is not None and isinstance(result, Sent) and not result.problem:
            session.tell(branch_taken(result.prepared))
    return _status(session, done, told)


def _status(session: Session, results: Sequence[Sent | Rehearsed | Failed], told: Sequence[Failed] = ()) -> ExitStatus:
    """Tells what went wrong, line by line where the messages came from lines; partly done is a status of its own."""
    problems = 0
    first: Problem | None = None
    known = {id(one) for one in told}
    for result in results:
        problem = result.problem
        if problem is None:
            continue
        problems += 1
        first = first or problem
        if id(result) not in known:
            _report(session, result)
    if first is None:
        return ExitStatus.DONE
    return status_of(first) if problems == len(results) else ExitStatus.PARTLY


def _report(session: Session, result: Sent | Rehearsed | Failed) -> None:
    problem = result.problem
    assert problem is not None
    if isinstance(result, Failed) and result.line is not None:
        said = t("line {number}: {message}", number=result.line, message=problem.message)
        problem = Problem(problem.code, said, problem.hint, {**problem.details, "line": result.line})
    session.report(problem)


def say_who_sends(session: Session, desk: Desk) -> None:
    """Names profile and number before real people are written to."""
    session.tell(*sender_line(session, desk))


def sender_line(session: Session, desk: Desk) -> list[Text]:
    """The sentence that says so; none for a sandbox, which reaches nobody."""
    if session.profile["kind"] == "sandbox" or desk.phone_number_id is None:
        return []
    known = numbers.find(desk.store, desk.phone_number_id)
    display = None if known is None else known.display_phone_number
    return [
        t(
            "Sending for real, as profile {profile}, number {number}",
            profile=session.profile.name,
            number=desk.phone_number_id if display is None else f"+{display.lstrip('+')}",
        )
    ]


def _hand_over(session: Session, desk: Desk, orders: Sequence[Order | Failed], *, is_dry: bool) -> ExitStatus:
    """Links for the phone app, one for each contact."""
    results: list[Link | Failed] = []
    for order in orders:
        if isinstance(order, Failed):
            results.append(order)
            continue
        try:
            check_safe(order.contact, desk.safe)
            lost = left_out(order.letter)
            if lost is not None:
                session.warn([lost])
            link = link_to(order.contact, order.letter)
            results.append(link if is_dry else intend(desk.store, link, order.letter, session.real_now()))
        except Problem as problem:
            if len(orders) == 1 and order.line is None:
                raise
            results.append(Failed(order.who, problem, order.line, order.contact))
    if is_dry:
        session.tell(t("A dry run: nothing was kept"))
    links = [item for item in results if isinstance(item, Link)]
    if session.format is Format.TABLE or len(results) == 1:
        for link in links:
            session.write_record(link_record(link, session.words, session.context.width))
    else:
        session.write_listing(link_listing(links))
    failed = [item for item in results if isinstance(item, Failed)]
    status = _status(session, failed)
    return ExitStatus.PARTLY if failed and links else status
