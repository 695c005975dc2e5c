"""From one decoded notification to its events: every entry, every change, every element.

Rules and sources (facts: cloud-api.md sections 0 and 9): a notification is a batch of up to 1,000 updates; known
fields may be missing and unknown ones appear without notice. So nothing is taken for granted and nothing is fatal:
what cannot be read becomes `Unrecognised` where it stands and its neighbours are read as if it were not there.
What a conversation change says is found by its keys (`messages`, `statuses`, ...) and not by its `field`, which
samples get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wacli.domain.event import Event, NoticeSeen, Number

from .account import NOTICE_FIELDS, TEMPLATE_FIELDS, account_event
from .calls import read_calls
from .coexistence import read_echoes, read_history
from .contacts import read_identity_updates, read_preferences, read_synced_contacts
from .content import failure_of
from .identity_keys import read_identity_keys
from .messages import read_messages
from .people import People
from .scene import Scene, is_sample
from .statuses import read_statuses
from .values import instant_of, raw_of, text_of, unread, word_of

_NO_NUMBER = Number(None, None, None)
_OBJECT = "whatsapp_business_account"
CONVERSATION_FIELDS = frozenset(
    {
        "messages",
        "message_echoes",
        "smb_message_echoes",
        "smb_app_state_sync",
        "history",
        "calls",
        "user_preferences",
        "user_id_update",
        "standby",
    }
)


def parse(body: object) -> list[Event]:
    """The events of one decoded notification, in its order. Total: never raises on any JSON value."""
    out: list[Event] = []
    if type(body) is not dict:
        out.append(unread(_NO_NUMBER, "", "not an object", body))
        return out
    entries = body.get("entry")
    if type(entries) is not list:
        _read_odd_body(body, entries, out)
        return out
    if body.get("object") not in (_OBJECT, None):
        out.append(unread(_NO_NUMBER, "object", "not about a WhatsApp account", body.get("object")))
    for entry in entries:
        _read_entry(entry, out)
    if not out:
        out.append(unread(_NO_NUMBER, "entry", "nothing in it", body))
    return out


def _read_odd_body(body: Mapping[str, object], entries: object, out: list[Event]) -> None:
    """A lone entry, or the bare change that Meta's dashboard and documentation show as a sample."""
    if type(entries) is dict:
        _read_entry(entries, out)
    elif type(body.get("changes")) is list:
        _read_entry(body, out)
    elif type(body.get("field")) is str and type(body.get("value")) is dict:
        _read_change(body, None, None, out)
    else:
        out.append(unread(_NO_NUMBER, "entry", "no entries", body))


def _read_entry(entry: object, out: list[Event]) -> None:
    if type(entry) is not dict:
        out.append(unread(_NO_NUMBER, "entry", "not an object", entry))
        return
    waba_id, at = word_of(entry.get("id")), instant_of(entry.get("time"))
    changes = entry.get("changes")
    if type(changes) is dict:
        changes = [changes]
    if type(changes) is not list:
        out.append(unread(Number(None, None, waba_id), "entry", "no changes", entry))
        return
    for change in changes:
        _read_change(change, waba_id, at, out)


def _read_change(change: object, waba_id: str | None, at: int | None, out: list[Event]) -> None:
    if type(change) is not dict:
        out.append(unread(Number(None, None, waba_id), "changes", "not an object", change))
        return
    field, value = change.get("field"), change.get("value")
    name = field if type(field) is str else ""
    if type(value) is not dict:
        out.append(unread(Number(None, None, waba_id), name, "no value", change))
    elif name in CONVERSATION_FIELDS or (name == "" and not _READERS.keys().isdisjoint(value)):
        _read_conversation(name, value, waba_id, at, out)
    elif name in TEMPLATE_FIELDS or name in NOTICE_FIELDS:
        out.append(account_event(name, value, waba_id, at))
    else:
        out.append(unread(_number_of(value, waba_id), name, "unknown field", change))


def _read_conversation(
    field: str, value: Mapping[str, object], waba_id: str | None, at: int | None, out: list[Event]
) -> None:
    number = _number_of(value, waba_id)
    people = People(value.get("contacts"), number.phone_number_id, number.display_phone_number)
    scene = Scene(number, people, field, at, is_sample(number), out)
    before = len(out)
    for key, part in value.items():
        read = _READERS.get(key)
        if read is not None:
            read(part, scene)
        elif key not in _SURROUNDINGS:
            scene.refuse(field, f"unknown key {text_of(key)}", part)
    if len(out) == before:
        scene.refuse(field, "nothing in it", value)
    read_identity_keys(value, scene, out[before:])


def _number_of(value: Mapping[str, object], waba_id: str | None) -> Number:
    metadata = value.get("metadata")
    if type(metadata) is not dict:
        return Number(None, None, waba_id)
    return Number(word_of(metadata.get("phone_number_id")), word_of(metadata.get("display_phone_number")), waba_id)


def _read_errors(value: object, scene: Scene) -> None:
    """Errors of the account or the app, beside no message: notices, `what` is the code."""
    for element in scene.objects("errors", value):
        code, _ = failure_of([element])
        scene.out.append(
            NoticeSeen(scene.number, "errors", None if code is None else str(code), scene.at, raw_of(element))
        )


_SURROUNDINGS = frozenset({"messaging_product", "metadata", "contacts"})
_READERS: Mapping[str, Callable[[object, Scene], None]] = {
    "messages": read_messages,
    "statuses": read_statuses,
    "message_echoes": read_echoes,
    "history": read_history,
    "calls": read_calls,
    "state_sync": read_synced_contacts,
    "user_preferences": read_preferences,
    "user_id_update": read_identity_updates,
    "errors": _read_errors,
}
