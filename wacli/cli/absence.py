"""Away messages and greetings of `wacli listen`: what profile and options wish for, and the thread that sends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.problem import Refused
from wacli.domain.text import Text, t, tn

from .sending_options import conditions_of, desk_of, is_by_hand

if TYPE_CHECKING:
    from wacli.services.absence import AbsenceKind, AbsenceWishes
    from wacli.services.delivery import Sent
    from wacli.services.listening import Listener
    from wacli.services.sending import Desk

    from .session import Session
    from .teller import Teller


class Absence(NamedTuple):
    """What is switched on (None: nothing), whether only while it is free, and the options that say the same again."""

    wishes: AbsenceWishes | None
    only_free: bool
    options: tuple[str, ...]


def absence_of(session: Session, *, away: bool | None, greet: bool | None, only_free: bool) -> Absence:
    """The options, else the profile's settings `away` and `greet`.

    Raises `Invalid` (`not-set-up`) when something is switched on that has no text or no hours, and `Refused`
    (`phone-app`) for a profile that sends nothing.
    """
    profile = session.profile
    is_away = profile["away"] == "on" if away is None else away
    is_greeting = profile["greet"] == "on" if greet is None else greet
    said = (("--away", "--no-away", away), ("--greet", "--no-greet", greet))
    options = tuple(yes if wish else no for yes, no, wish in said if wish is not None)
    if not (is_away or is_greeting):
        return Absence(None, only_free, options)
    if is_by_hand(session):
        raise Refused(
            "phone-app",
            t("Profile {profile} is answered by hand in the phone app; nothing can be sent for it",
              profile=profile.name),
            t("Set the away message and the greeting in the app: Business tools"),
        )  # fmt: skip
    from wacli.domain.business_hours import parse_business_hours
    from wacli.services.absence import AbsenceWishes
    from wacli.services.contact_values import check_fields

    profile.required("phone_number_id")
    hours = parse_business_hours(profile.required("business_hours")) if is_away else None
    texts = [
        profile.required(key) if is_on else None
        for key, is_on in (("away_message", is_away), ("greeting_message", is_greeting))
    ]
    for text in texts:
        if text is not None:
            check_fields(text)
    return Absence(
        AbsenceWishes(texts[0], texts[1], hours), only_free, (*options, *(("--if-free",) if only_free else ()))
    )


def add_absence(session: Session, absence: Absence, listener: Listener, teller: Teller) -> None:
    """One more thread of the listener, which sends what is due; nothing when nothing is switched on."""
    if absence.wishes is None:
        return
    from wacli.services.absence import Courteous
    from wacli.services.send_run import Sender

    from .clients import client_of

    desk = desk_of(session, listener.open())
    phone_number_id = session.profile.required("phone_number_id")
    sender = Sender(client_of(session), phone_number_id, session.context.now)
    conditions = conditions_of(session, absence.only_free, None, None, False)

    def on_sent(kind: AbsenceKind, sent: Sent) -> None:
        if sent.problem is not None:
            teller.trouble(sent.problem)
        else:
            teller.tell(_sent(desk, kind, sent, session.context.now()))

    courteous = Courteous(desk, sender, absence.wishes, conditions, on_sent, teller.trouble, listener.stopping)
    listener.add_rounds(courteous.chore(), wakes_after_applying=True)
    teller.tell(
        t("Automatic answers are on. Each counts toward the free replies of the month, or costs what a reply costs")
    )


def _sent(desk: Desk, kind: AbsenceKind, sent: Sent, now: datetime) -> Text:
    """What went out to whom, what it cost, and what is left of the allowance it was taken from."""
    from wacli.domain.pricing import FreeReason
    from wacli.render.sent_view import cost_in_words
    from wacli.services.absence import AbsenceKind
    from wacli.services.board import allowance_at

    prepared = sent.prepared
    name, cost = prepared.standing.contact.label, cost_in_words(prepared)
    said = (
        t("Away message to {name} ({cost})", name=name, cost=cost)
        if kind is AbsenceKind.AWAY
        else t("Greeting to {name} ({cost})", name=name, cost=cost)
    )
    row = prepared.standing.row
    if prepared.verdict.free_reason is not FreeReason.ALLOWANCE or row is None:
        return said
    state = allowance_at(desk.store, row.number_id, desk.prices, now)
    if state is None:
        return said
    return tn(
        "{said}; {count} free reply left this month",
        "{said}; {count} free replies left this month",
        state.left,
        said=said,
    )
