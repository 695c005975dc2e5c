"""The outbox as a person sees it: what became of each send, what can still be found out, and sending one again.

What is not known of a send can become known in three ways, and no others (facts cloud-api.md sections 5 and 6):

- a status webhook that carries our key: it settles the send by itself, whenever it comes;
- `message_history`, which is asked by Meta's own id of the message: it helps where a send was accepted and its
  webhooks were lost, and cannot help where the answer with the id is what was lost;
- a person who asks the contact, or looks at the phone, and decides: only that sends it again.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from wacli.domain.event import Number, StatusSeen
from wacli.domain.identity import Party, wa_id_of
from wacli.domain.message import Status
from wacli.domain.problem import NotFound, Refused
from wacli.domain.template import Template
from wacli.domain.text import Text, t
from wacli.store import contacts, intentions, outbox
from wacli.store.database import Store
from wacli.store.intake import Intake
from wacli.store.intentions import Intention
from wacli.store.lease import is_anybody_sending, sending_lease
from wacli.store.outbox import ABANDONED, INTERRUPTED, OutboxRow

from .delivery_run import RUN_STOPPED
from .inbound import apply_pending
from .letters import Letter
from .sending import Conditions, Desk, Prepared, prepare
from .templates import find_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.history import HistoryEvent

# Longer than any request takes (time-outs are tens of seconds): such a row has no sender, whoever else is sending.
_LOST_AFTER = timedelta(minutes=10)

_NOT_SENT: dict[str, Text] = {
    "not-sent-unknown-host": t("Nothing was sent: the server was not found"),
    "not-sent-tls": t("Nothing was sent: no safe connection to the server"),
    "not-sent-timeout": t("Nothing was sent: the server did not take the connection"),
    "not-sent-cut-off": t("Nothing was sent: the connection broke before everything had left"),
    "not-sent-refused": t("Nothing was sent: the server cannot be reached"),
    "not-sent-network": t("Nothing was sent: the server cannot be reached"),
    "bad-token": t("Nothing was sent: there is no usable access token"),
    RUN_STOPPED: t("Nothing was sent: the run was stopped before its turn came"),
    ABANDONED: t("Nothing was sent: wacli ended before it tried"),
}
_UNKNOWN: dict[str, Text] = {
    "timeout": t("No answer came in time"),
    "closed": t("The connection broke before the answer"),
    "unreadable": t("The answer could not be read"),
    "too-large": t("The answer was too large"),
    "server-error": t("The server failed without saying why"),
    INTERRUPTED: t("wacli ended before the answer came"),
}


class Entry(NamedTuple):
    """One send as it stands. `state` is the row's, except where its sender is gone: then `unknown` or `refused`.

    `error` is stable and for scripts (`api-131047`, `timeout`), `why` for people; both None where nothing went wrong.
    """

    row: OutboxRow
    state: str
    error: str | None
    why: Text | None

    @property
    def is_proven_unsent(self) -> bool:
        """True when nothing of it was accepted."""
        return self.state == "refused"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an attempt to find out about one send came to.

    `how`: `status` (a webhook told), `history` (WhatsApp told when asked), `not-sent` (it never left), `asked` (it was
    asked and had nothing to tell), `open` (only a webhook or a person can tell).
    """

    entry: Entry
    how: str


def list_open(store: Store, now: datetime, *, only_unknown: bool = False) -> list[Entry]:
    """The sends that are queued, being sent or unknown, the oldest first."""
    is_sent_now = is_anybody_sending(store.path)
    found = (_entry(row, now, is_sent_now=is_sent_now) for row in outbox.list_open(store))
    # What was queued by a program that is gone stays listed: nobody has been told yet that it was not sent.
    return [entry for entry in found if not only_unknown or entry.state == "unknown"]


def list_silent(store: Store, now: datetime) -> list[Entry]:
    """What was accepted and never heard of again, the oldest first."""
    is_sent_now = is_anybody_sending(store.path)
    return [_entry(row, now, is_sent_now=is_sent_now) for row in outbox.list_silent(store)]


def stream_all(store: Store, now: datetime, *, limit: int = 0) -> Iterator[Entry | Intention]:
    """Everything that was ever sent, or meant to be sent from the phone app, the latest first; 0 is no limit."""
    is_sent_now = is_anybody_sending(store.path)
    sent = (_entry(row, now, is_sent_now=is_sent_now) for row in outbox.stream_all(store, limit=limit))
    meant = intentions.stream_all(store, limit=limit)
    both: Iterator[Entry | Intention] = heapq.merge(sent, meant, key=_when, reverse=True)
    return islice(both, limit) if limit else both


def count_all(store: Store) -> int:
    """How many there ever were of both."""
    return outbox.count_all(store) + intentions.count_all(store)


def _when(item: Entry | Intention) -> datetime:
    return item.row.created_at if isinstance(item, Entry) else item.at


def find_entry(store: Store, key: str, now: datetime) -> Entry:
    """The send with this key, or whose key alone begins or ends with it: keys begin with the time, so it is their end
    that tells one from the next. Raises NotFound (`no-such-send`, `ambiguous`)."""
    whole = outbox.find(store, key)
    found = [whole] if whole is not None else outbox.list_of_part(store, key) if key else []
    if not found:
        raise NotFound(
            "no-such-send", t("There is no send {key} in the outbox", key=key), t("See them: wacli outbox list --all")
        )
    if len(found) > 1:
        raise NotFound(
            "ambiguous",
            t("More than one send begins or ends with {key}", key=key),
            t("Type more of it: {keys}", keys=", ".join(row.key for row in found)),
            {"candidates": [row.key for row in found]},
        )
    return _entry(found[0], now, is_sent_now=is_anybody_sending(store.path))


def settled_entry(store: Store, key: str, now: datetime) -> Entry:
    """The same, after everything that came and everything that was left behind has been told."""
    row = find_entry(store, key, now).row
    _tell_all(store, now)
    return find_entry(store, row.key, now)


def resolve(
    store: Store,
    now: datetime,
    ask: Callable[[OutboxRow], Sequence[HistoryEvent]],
    *,
    key: str | None = None,
) -> list[Resolution]:
    """Finds out what can be found out: about one send, or about every one that is unknown or was never heard of again.

    Webhooks that came and were not applied yet are applied first. `ask` asks `message_history` about a row with a
    wamid and may raise; what was found until then stays. Sends nothing.
    """
    before = [find_entry(store, key, now).row] if key is not None else outbox.list_open(store)
    _tell_all(store, now)
    silent = [] if key is not None else outbox.list_silent(store)
    known = {row.key for row in before}
    found = [_resolve(store, row.key, now, ask) for row in before]
    return found + [_resolve(store, row.key, now, ask) for row in silent if row.key not in known]


def told_by_history(row: OutboxRow) -> list[StatusSeen]:
    """What `message_history` once said of this send, as the statuses that its lost webhooks would have brought."""
    if row.history is None or row.wamid is None:
        return []
    events: list[Mapping[str, object]] = json.loads(row.history)
    return [_status(row, row.wamid, event) for event in events]


def again(desk: Desk, entry: Entry, now: datetime, *, takes_s: float) -> Prepared:
    """The same message with a key of its own, judged now like any other.

    `takes_s` is how long a request may be under way. Raises Refused: `was-sent`, `already-replaced`, `on-its-way`, or
    what the rules of today say (a window may have closed since).
    """
    row = entry.row
    if row.replaced_by is not None:
        raise Refused(
            "already-replaced",
            t("This message was sent again already"),
            t("See what became of that: wacli outbox show {key}", key=row.replaced_by),
        )
    if entry.state not in ("unknown", "refused"):
        raise _not_again(entry)
    if entry.state == "unknown" and row.sent_at is not None and now < row.sent_at + timedelta(seconds=takes_s):
        raise Refused(
            "on-its-way",
            t("The first one may still be on its way"),
            t("Wait until {until}, then look: wacli outbox resolve {key}",
              until=row.sent_at + timedelta(seconds=takes_s), key=row.key),
        )  # fmt: skip
    template = None
    if row.template_name is not None:
        template = find_template(desk.store, row.template_name, row.template_language)
    contact = contacts.get(desk.store, row.contact_id)
    # A person has decided to try this very one again, whatever became of the last.
    conditions = Conditions(tries_again=True)
    desk = desk._replace(phone_number_id=row.phone_number_id)
    return prepare(desk, contact, _letter(row, template), conditions, now)._replace(replaces=row.key)


def _tell_all(store: Store, now: datetime) -> None:
    apply_pending(store, now)
    with sending_lease(store, now):
        pass  # taking it tells what dead processes left behind


def _not_again(entry: Entry) -> Refused:
    if entry.state in ("accepted", "held"):
        return Refused(
            "was-sent",
            t("WhatsApp took this message: sending it again would send it twice"),
            t("See what became of it: wacli outbox show {key}", key=entry.row.key),
        )
    return Refused("on-its-way", t("This message is being sent right now"), t("Look again in a moment"))


@dataclass(frozen=True, slots=True)
class _Stored:
    """The content of a send as it was posted."""

    kind: str
    body: object

    def payload(self) -> object:
        """The JSON value under the message's type."""
        return self.body


def _letter(row: OutboxRow, template: Template | None) -> Letter:
    request = json.loads(row.request)
    kind = str(request["type"])
    if kind not in request:
        raise Refused(
            "not-kept",
            t("This message was sensitive: nothing of it was kept, so it cannot be sent again from here"),
            t("Send the file again: wacli documents send"),
        )
    return Letter(_Stored(kind, request[kind]), row.text or "", template, row.reply_to)


def _entry(row: OutboxRow, now: datetime, *, is_sent_now: bool) -> Entry:
    state, details = row.state, row.error_details
    if state == "sending" and (not is_sent_now or (row.sent_at is not None and now - row.sent_at > _LOST_AFTER)):
        state, details = "unknown", INTERRUPTED
    elif state == "queued" and not is_sent_now:
        state, details = "refused", details or ABANDONED
    error, why = _why(row, state, details)
    return Entry(row, state, error, why)


def _why(row: OutboxRow, state: str, details: str | None) -> tuple[str | None, Text | None]:
    if state == "unknown":
        return details or "no-answer", _UNKNOWN.get(details or "", t("No answer came"))
    if state in ("queued", "refused"):
        if row.error_code is None:
            if details is None:
                return None, None
            return details, _NOT_SENT.get(details, t("Nothing was sent: {reason}", reason=details))
        return _why_code(row.error_code, details)
    if row.status == Status.FAILED:
        return ("failed", t("It was not delivered")) if row.status_code is None else _why_code(
            row.status_code, row.status_text
        )  # fmt: skip
    return None, None


def _why_code(code: int, details: str | None) -> tuple[str, Text]:
    from wacli.cloudapi.failures import advice_for

    advice = advice_for(code)
    if advice is not None:
        return f"api-{code}", advice.happened
    return f"api-{code}", t("Meta refused it with error {code}: {details}", code=code, details=details or "-")


def _resolve(store: Store, key: str, now: datetime, ask: Callable[[OutboxRow], Sequence[HistoryEvent]]) -> Resolution:
    row = outbox.get(store, key)
    how = "open"
    if row.wamid is not None:
        how = "status"
        if row.status in (None, Status.ACCEPTED, Status.HELD):
            events = ask(row)
            how = "history" if events else "asked"
            if events:
                _keep(store, row, events)
    entry = _entry(outbox.get(store, key), now, is_sent_now=is_anybody_sending(store.path))
    if how == "open" and entry.is_proven_unsent:
        how = "not-sent"
    return Resolution(entry, how)


def _keep(store: Store, row: OutboxRow, events: Sequence[HistoryEvent]) -> None:
    """Kept beside the send, as no notification can tell it again, and applied as the webhooks would have been."""
    told = [{"status": event.status.lower(), "at": event.at, "error": event.error} for event in events]
    intake = Intake(store)
    with store.transaction(durable=True):
        outbox.record_history(store, row.key, json.dumps(told, ensure_ascii=False))
        with intake.transaction():
            intake.apply([(None, told_by_history(outbox.get(store, row.key)))])


def _status(row: OutboxRow, wamid: str, event: Mapping[str, object]) -> StatusSeen:
    request = json.loads(row.request)
    bsuid, phone = request.get("recipient"), wa_id_of(request.get("to"))
    at, error = event.get("at"), event.get("error")
    return StatusSeen(
        number=Number(row.phone_number_id, None, None),
        party=Party(phone=phone, bsuid=bsuid if isinstance(bsuid, str) else None),
        key=wamid,
        status=str(event["status"]),
        at=at if isinstance(at, int) else None,
        callback_data=None,
        conversation_id=None,
        conversation_origin=None,
        expires_at=None,
        pricing_model=None,
        pricing_type=None,
        pricing_category=None,
        billable=None,
        error_code=None,
        error_text=error if isinstance(error, str) else None,
        group_id=None,
        is_sample=False,
        raw="",
    )
