"""One contact's thread: who it is, what may be sent, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from wacli.domain.area_code import is_in_united_states
from wacli.domain.category import Category
from wacli.domain.consent import NOTHING_SAID, Permission
from wacli.domain.contact import Contact
from wacli.domain.message import Direction, Origin, Status
from wacli.domain.pricing import SERVICE
from wacli.domain.template import Template
from wacli.domain.text import t
from wacli.domain.verdict import Outcome, Person, Reason, Terms, Verdict, judge_reply, judge_template
from wacli.domain.window import Clocks, EntryPoint, EntryPointState, not_before
from wacli.store import consents, messages, notes, numbers, setbacks, threads
from wacli.store.database import Store
from wacli.store.messages import MessageRow
from wacli.store.notes import Note
from wacli.store.setbacks import Setbacks
from wacli.store.threads import ThreadRow

from .board import person_of, terms_at
from .prices import Prices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.store.outbox import OutboxRow


INTENDED = "intended"  # the status of what was meant for the phone app: nobody tells more of it


class Standing(NamedTuple):
    """A contact on one business number, with everything a verdict needs. `row` None: they have never met there."""

    contact: Contact
    row: ThreadRow | None
    person: Person
    terms: Terms
    is_past: bool  # judged as of an earlier instant, with what was known then


class ThreadDetail(NamedTuple):
    """What `wacli thread` shows: newest message last, and the owner's notes of the same time."""

    standing: Standing
    verdict: Verdict
    messages: list[MessageRow]
    earlier_count: int
    notes: list[Note]


class Known(NamedTuple):
    """What the store knows of a contact: their threads (the latest first), what they permit, what went wrong."""

    rows: list[ThreadRow]
    permission: Permission
    setback: Setbacks


def known_of(store: Store, contact_id: int, now: datetime, *, as_of: bool = False) -> Known:
    """Of one contact, at `now` with `as_of`, else as it stands."""
    return Known(
        threads.list_of_contact(store, contact_id, now, as_of=as_of),
        consents.permission(store, contact_id, until=now if as_of else None),
        setbacks.of_contact(store, contact_id, now, as_of=as_of),
    )


def known_of_many(store: Store, contact_ids: Sequence[int], now: datetime) -> dict[int, Known]:
    """Of several contacts as it stands: a few statements for all of them."""
    rows = threads.list_of_contacts(store, contact_ids)
    said = consents.permissions(store, contact_ids)
    failed = setbacks.of_contacts(store, contact_ids, now)
    return {
        one: Known(rows.get(one, []), said.get(one, NOTHING_SAID), failed.get(one, setbacks.NONE))
        for one in contact_ids
    }


def standing_of(
    store: Store,
    contact: Contact,
    phone_number_id: str | None,
    prices: Prices,
    now: datetime,
    *,
    as_of: bool = False,
    by_hand: bool = False,
    counts_allowance: bool = True,
    known: Known | None = None,
) -> Standing:
    """The contact's standing at `now` on the profile's business number; without one, on the number they wrote last.

    `counts_allowance` False: only templates will be judged, which draw on no allowance that the store counts.
    `known`: what was read already, and still holds.
    """
    rows, permission, setback = known or known_of(store, contact.id, now, as_of=as_of)
    row = next((row for row in rows if phone_number_id in (None, row.phone_number_id)), None)
    if row is not None:
        at = now if as_of else not_before(row.clocks, now)
        person = person_of(row, prices, at, permission, setback)
    else:
        person = Person(
            contact.id,
            contact.phone is not None,
            contact.bsuid is not None,
            prices.market(contact.phone, contact.bsuid, now),
            Clocks(),
            EntryPoint(EntryPointState.NONE),
            permission.opted_out,
            permission.opted_in,
            setback.undeliverable_at,
            setback.held_back_at,
        )
    number_id = None
    if counts_allowance:
        number_id = row.number_id if row is not None else _number_id(store, phone_number_id)
    if number_id is None:
        terms = Terms(prices.rules(now), prices.card(now), 0, by_hand)
    else:
        terms = terms_at(store, number_id, prices, now, by_hand=by_hand)
    return Standing(contact, row, person, terms, as_of)


def _number_id(store: Store, phone_number_id: str | None) -> int | None:
    number = None if phone_number_id is None else numbers.find(store, phone_number_id)
    return None if number is None else number.id


def judge(standing: Standing, template: Template | None, now: datetime, *, kind: str = SERVICE) -> Verdict:
    """The verdict on a reply, or on a template, at `now` (or at the contact's last message, by a slow clock).

    `kind` of a reply: `SERVICE` or `REACTION`.
    """
    person, contact = standing.person, standing.contact
    if not standing.is_past:
        now = not_before(person.clocks, now)
    if template is None:
        return judge_reply(person, standing.terms, now, kind=kind)
    category = template.price_category
    if category is Category.MARKETING and standing.terms.rules.us_marketing_paused:
        person = person._replace(is_in_us=is_in_united_states(contact.phone, contact.bsuid))
    return judge_template(person, standing.terms, category, now, _faults(standing, template))


def judge_unfilled(standing: Standing, template: Template, now: datetime) -> Verdict:
    """The same for a template whose values are still to be given: if it may be sent, they are the last reason."""
    from wacli.domain.template_fill import missing_values  # only a template needs it

    verdict = judge(standing, template, now)
    missing = missing_values(template, {})
    if not missing or verdict.outcome is Outcome.BLOCKED:
        return verdict
    needed = Reason("values-needed", t("it needs values: {keys}", keys=", ".join(missing)))
    return verdict._replace(reasons=(*verdict.reasons, needed))


def _faults(standing: Standing, template: Template) -> tuple[Reason, ...]:
    """What is wrong with the template itself, or with it and this contact."""
    found = []
    if not template.is_approved:
        found.append(
            Reason(
                "template-not-approved",
                t("the template {name} is {status}, not approved", name=template.name, status=template.status.lower()),
            )
        )
    if template.needs_phone and not standing.person.has_phone:
        found.append(Reason("needs-phone", t("one-time passwords go to phone numbers only, and theirs is not known")))
    return tuple(found)


def detail(store: Store, standing: Standing, now: datetime, *, limit: int = 0, as_of: bool = False) -> ThreadDetail:
    """The thread with its latest `limit` messages (0: all), oldest of them first.

    Sends that never became a message (refused, or their outcome unknown) stand among them: nobody may send again
    what may have gone out, so it must be seen. So does what the owner of a phone-app number meant to send by hand.
    """
    verdict = judge(standing, None, now)
    until = now if as_of else None
    found, beside, earlier = [], _intended(store, standing.contact.id, until), 0
    if standing.row is not None:
        thread_id = standing.row.thread_id
        found = messages.list_of_thread(store, thread_id, limit=limit, until=until)[::-1]
        if limit and len(found) == limit:
            earlier = messages.count_of_thread(store, thread_id, until=until) - len(found)
        beside += _without_message(store, thread_id, until)
    if beside:
        found = sorted(found + beside, key=_when)
        if limit and len(found) > limit:
            earlier += len(found) - limit
            found = found[-limit:]
    since = found[0].at if earlier and found else None
    said = notes.list_of_contact(store, standing.contact.id, since=since, until=until)
    return ThreadDetail(standing, verdict, found, earlier, said)


def _when(message: MessageRow) -> tuple[bool, float]:
    return (False, 0.0) if message.at is None else (True, message.at.timestamp())


def _without_message(store: Store, thread_id: int, until: datetime | None) -> list[MessageRow]:
    # Only here: `can` shares this module and needs nothing that writes.
    from wacli.store.lease import is_anybody_sending
    from wacli.store.outbox import list_without_message

    rows = list_without_message(store, thread_id)[::-1]
    is_left = any(row.state == "sending" for row in rows) and not is_anybody_sending(store.path)
    return [_as_message(row, is_left) for row in rows if until is None or row.created_at <= until]


def _as_message(row: OutboxRow, is_left: bool) -> MessageRow:
    """A send as a line of the thread. `is_left`: whoever was sending is gone, so nobody knows what became of it."""
    words = {"refused": Status.FAILED, "unknown": Status.UNKNOWN}
    status = Status.UNKNOWN if row.state == "sending" and is_left else words.get(row.state, Status.QUEUED)
    return _OUTBOUND._replace(
        thread_id=row.thread_id,
        kind=row.kind,
        at=row.sent_at or row.created_at,
        text=row.text,
        original_text=row.text,
        reply_to=row.reply_to,
        status=status.value,
        status_at=row.answered_at,
        error_code=row.error_code,
        error_text=row.error_details,
    )


def _intended(store: Store, contact_id: int, until: datetime | None) -> list[MessageRow]:
    """What was meant for the phone app, as lines of the thread."""
    from wacli.store.intentions import list_of_contact

    return [
        _OUTBOUND._replace(
            origin=Origin.LINK.value,
            kind="text" if one.template_name is None else "template",
            at=one.at,
            text=one.text,
            original_text=one.text,
            status=INTENDED,
        )
        for one in list_of_contact(store, contact_id)[::-1]
        if until is None or one.at <= until
    ]


_OUTBOUND = MessageRow(  # no message: it stands beside them
    id=0,
    wamid="",
    thread_id=None,
    direction=Direction.OUTBOUND.value,
    origin=Origin.API.value,
    kind="text",
    at=None,
    text=None,
    original_text=None,
    edited_at=None,
    revoked_at=None,
    reply_to=None,
    target=None,
    media=None,
    referral=None,
    status=None,
    status_at=None,
    delivered_at=None,
    pricing_type=None,
    pricing_category=None,
    error_code=None,
    error_text=None,
    statuses=(),
)
