"""What sort of thing an event is, in one word: for choosing which to show or to pass on."""

from __future__ import annotations

from enum import StrEnum

from .event import (
    CallSeen,
    ContactSynced,
    Event,
    IdentityChanged,
    IdentityKeySeen,
    MessageSeen,
    NoticeSeen,
    PreferenceStated,
    StatusSeen,
    TemplateChanged,
)
from .message import Origin
from .problem import Invalid
from .text import t


class EventKind(StrEnum):
    """`message`: from a contact. `echo`: typed in the phone app. `history`: from the phone's past."""

    MESSAGE = "message"
    STATUS = "status"
    ECHO = "echo"
    HISTORY = "history"
    CALL = "call"
    IDENTITY = "identity"
    CONTACT = "contact"
    PREFERENCE = "preference"
    TEMPLATE = "template"
    NOTICE = "notice"
    UNKNOWN = "unknown"


_KINDS: dict[type, EventKind] = {
    StatusSeen: EventKind.STATUS,
    CallSeen: EventKind.CALL,
    IdentityChanged: EventKind.IDENTITY,
    IdentityKeySeen: EventKind.IDENTITY,
    ContactSynced: EventKind.CONTACT,
    PreferenceStated: EventKind.PREFERENCE,
    TemplateChanged: EventKind.TEMPLATE,
    NoticeSeen: EventKind.NOTICE,
}
_MESSAGES = {Origin.APP.value: EventKind.ECHO, Origin.HISTORY.value: EventKind.HISTORY}


def kind_of(event: Event) -> EventKind:
    """The sort of an event; `unknown` for what nobody could read."""
    if isinstance(event, MessageSeen):
        return _MESSAGES.get(event.origin, EventKind.MESSAGE)
    return _KINDS.get(type(event), EventKind.UNKNOWN)


def parse_kinds(typed: str) -> frozenset[EventKind]:
    """A comma-separated list. Raises `Invalid` (`bad-value`) for a word that is none, or for no word at all."""
    words = [word.strip() for word in typed.split(",") if word.strip()]
    known = tuple(EventKind)
    for word in words or [typed]:
        if word not in known:
            raise Invalid(
                "bad-value",
                t("There are no events called {word}", word=word),
                t("Events: {names}", names=", ".join(known)),
            )
    return frozenset(EventKind(word) for word in words)
