"""A notification without one person in it: what the bill needs stays, who they were and what they said goes.

What is left of an element is a short list of keys (instants, kinds, statuses, Meta's pricing), with an invented BSUID
of the same country in place of every identifier: windows, allowance and charges come out as before, for nobody who
can be told. A wamid is made of the phone number (facts: cloud-api.md section 9), so it gets another name too.

`drops` leaves nothing of their elements at all: for old notifications that come in again after the person was erased.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

_LISTS = (
    "contacts", "messages", "statuses", "message_echoes", "calls", "user_preferences", "user_id_update", "state_sync",
)  # fmt: skip
_GONE = ("contacts", "user_id_update", "state_sync")  # nothing in them is about money or windows
_KEPT = frozenset(
    {"timestamp", "status", "type", "event", "direction", "code", "value", "category", "billable", "pricing_model"}
    | {"subtype", "expiration_timestamp", "source_type", "source_id", "from_me", "biz_opaque_callback_data"}
    | {"pricing", "conversation", "origin", "errors", "referral", "history_context", "context"}
)
_NAMES_A_PERSON = frozenset(
    {"from", "to", "wa_id", "recipient_id", "user_id", "from_user_id", "to_user_id", "recipient_user_id"}
    | {"parent_user_id", "from_parent_user_id", "to_parent_user_id", "recipient_parent_user_id", "new_wa_id"}
    | {"customer", "previous_user_id", "previous_parent_user_id", "recipient_participant_id", "phone_number"}
)
_USER_ID = {
    "from": "from_user_id", "to": "to_user_id", "wa_id": "user_id", "recipient_id": "recipient_user_id",
    "from_user_id": "from_user_id", "to_user_id": "to_user_id", "user_id": "user_id",
    "recipient_user_id": "recipient_user_id",
}  # fmt: skip


class Person(NamedTuple):
    """Whom a notification is to forget. `is_theirs` recognises an identifier, `renamed` one of their messages.

    `bsuid` takes the place of their identifiers; None: their elements are dropped. `until`: elements later than this
    second stay as they are (they have written again since).
    """

    is_theirs: Callable[[str], bool]
    renamed: Callable[[str], str | None]
    bsuid: str | None = None
    until: int | None = None


def redacted(body: object, person: Person) -> object:
    """The body without them; the very same object where they are not in it."""
    if not isinstance(body, dict):
        return body
    entries = body.get("entry")
    if not isinstance(entries, list):
        changed = _change(body, person)
        return body if changed is body else changed
    new = [_entry(entry, person) for entry in entries]
    return body if all(one is old for one, old in zip(new, entries, strict=True)) else {**body, "entry": new}


def _entry(entry: object, person: Person) -> object:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(changes, list):
        return entry
    new = [_change(change, person) for change in changes]
    return entry if all(one is old for one, old in zip(new, changes, strict=True)) else {**entry, "changes": new}


def _change(change: object, person: Person) -> object:
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(change, dict) or not isinstance(value, dict):
        return change
    new: dict[str, object] = {}
    is_same = True
    writes_again = person.until is not None and _has_later(value, person)
    for key, part in value.items():
        if key == "contacts" and writes_again:
            kept: object = part  # their card comes with what they say now
        elif key == "history":
            kept = _history(part, person)
        elif key in _LISTS:
            kept = _elements(key, part, person)
        elif key == "metadata" or not _is_about(part, person):
            kept = part
        else:
            is_same = False
            continue
        is_same = is_same and kept is part
        new[key] = kept
    if is_same:
        return change
    contacts = new.pop("contacts", None)
    if isinstance(contacts, list) and not writes_again:  # a card without identifiers belongs to whoever is beside it
        contacts = [card for card in contacts if isinstance(card, dict) and not _NAMES_A_PERSON.isdisjoint(card)]
    if contacts:
        new["contacts"] = contacts
    return {**change, "value": new}


def _has_later(value: dict[str, object], person: Person) -> bool:
    return any(
        isinstance(element, dict) and _is_about(element, person) and _is_later(element, person)
        for part in value.values()
        if isinstance(part, list)
        for element in part
    )


def _history(chunks: object, person: Person) -> object:
    if not isinstance(chunks, list):
        return chunks
    new = []
    for chunk in chunks:
        threads = chunk.get("threads") if isinstance(chunk, dict) else None
        if not isinstance(chunk, dict) or not isinstance(threads, list):
            new.append(chunk)
            continue
        kept = [thread for thread in (_thread(thread, person) for thread in threads) if thread is not None]
        is_same = len(kept) == len(threads) and all(one is old for one, old in zip(kept, threads, strict=True))
        new.append(chunk if is_same else {**chunk, "threads": kept})
    return chunks if all(one is old for one, old in zip(new, chunks, strict=True)) else new


def _thread(thread: object, person: Person) -> object | None:
    if not isinstance(thread, dict) or not _is_about(thread, person, also=("id",)):
        return thread
    messages = thread.get("messages")
    if person.bsuid is None or not isinstance(messages, list):
        return None
    kept = [_element("messages", one, person) for one in messages if isinstance(one, dict)]
    return {"id": person.bsuid, "messages": [one for one in kept if one is not None]}


def _elements(key: str, elements: object, person: Person) -> object:
    listed = [elements] if isinstance(elements, dict) else elements
    if not isinstance(listed, list):
        return elements
    new: list[object] = []
    is_same = True
    for element in listed:
        if not isinstance(element, dict) or not _is_about(element, person) or _is_later(element, person):
            new.append(element)
            continue
        is_same = False
        kept = None if key in _GONE else _element(key, element, person)
        if kept is not None:
            new.append(kept)
    return elements if is_same else new


def _element(key: str, element: dict[str, object], person: Person) -> dict[str, object] | None:
    """What is left of one element; None for nothing. A message that moved a person tells of nothing but that."""
    if person.bsuid is None or element.get("type") == "system":
        return None
    kept = _pruned(element, person)
    if "id" in element and isinstance(element["id"], str):
        kept["id"] = person.renamed(element["id"]) or element["id"]
    named = {name: given for name in _USER_ID if isinstance(given := element.get(name), str)}
    theirs = [name for name, given in named.items() if person.is_theirs(given)]
    for name in theirs:
        kept[_USER_ID[name]] = person.bsuid
    if not theirs:  # somebody else's, who passed their card on
        kept.update(named)
    elif key == "message_echoes" and "from" in named and "from" not in theirs:
        kept["from"] = named["from"]  # the business itself
    return kept


def _pruned(part: dict[str, object], person: Person) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in part.items():
        if key not in _KEPT:
            continue
        if isinstance(value, dict):
            kept[key] = _pruned(value, person)
        elif isinstance(value, list):
            kept[key] = [_pruned(one, person) for one in value if isinstance(one, dict)]
        elif not (isinstance(value, str) and person.is_theirs(value)):
            kept[key] = value
    return kept


def _is_about(part: object, person: Person, also: tuple[str, ...] = ()) -> bool:
    """True when the part names them, or one of their messages, anywhere inside."""
    if isinstance(part, list):
        return any(_is_about(one, person, also) for one in part)
    if not isinstance(part, dict):
        return False
    for key, value in part.items():
        if isinstance(value, str):
            if key in _NAMES_A_PERSON or key in also:
                if person.is_theirs(value):
                    return True
            elif key in ("id", "message_id", "original_message_id") and person.renamed(value) is not None:
                return True
        elif isinstance(value, (dict, list)) and _is_about(value, person, also):
            return True
    return False


def _is_later(element: dict[str, object], person: Person) -> bool:
    stamp = element.get("timestamp")
    if person.until is None or not isinstance(stamp, (str, int)):
        return False
    try:
        return int(stamp) > person.until
    except ValueError:
        return False
