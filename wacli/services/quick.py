"""Quick replies: a text under a short name, with fields of the contact in it, filled in when it is sent.

What is wrong with a text is said when it is written down, not when a customer waits: its length (Meta's limit for a
text, facts cloud-api.md section 1) and the fields, which are those of a contact.
"""

from __future__ import annotations

import re
from datetime import datetime
from difflib import get_close_matches

from wacli.cloudapi.outgoing import TextMessage
from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid, NotFound, Refused
from wacli.domain.text import t
from wacli.store import quick_replies
from wacli.store.database import Store
from wacli.store.quick_replies import QuickReply

from .contact_values import check_fields, fill_in

_NAME = re.compile(r"[^\W_][\w-]{0,31}")


def add(store: Store, name: str, text: str, now: datetime) -> QuickReply:
    """Keeps a new one. Raises what `check_new` raises."""
    made = check_new(store, name, text, now)
    if not quick_replies.add(store, name, text, now):
        raise _taken(name)
    return made


def check_new(store: Store | None, name: str, text: str, now: datetime) -> QuickReply:
    """The one that `add` would keep. Raises `Invalid` for a name or a text that will not do, `Refused`
    (`name-taken`)."""
    _check_name(name)
    check_text(text)
    if store is not None and quick_replies.find(store, name) is not None:
        raise _taken(name)
    return QuickReply(name, text, now, None)


def edit(store: Store, name: str, text: str, now: datetime, *, is_dry: bool = False) -> QuickReply:
    """Gives it another text. Raises `NotFound`, and `Invalid` for a text that will not do."""
    known = get(store, name)
    check_text(text)
    if not is_dry:
        quick_replies.edit(store, name, text, now)
    return known._replace(text=text, edited_at=now)


def remove(store: Store, name: str, *, is_dry: bool = False) -> QuickReply:
    """Forgets it, and returns what it was. Raises `NotFound`."""
    known = get(store, name)
    if not is_dry:
        quick_replies.remove(store, name)
    return known


def get(store: Store, name: str) -> QuickReply:
    """The one with this name. Raises `NotFound` (`no-such-quick-reply`) with the nearest names."""
    known = quick_replies.find(store, name)
    if known is not None:
        return known
    names = [one.name for one in quick_replies.list_all(store)]
    near = get_close_matches(name, names, n=3) or names[:3]
    raise NotFound(
        "no-such-quick-reply",
        t("There is no quick reply {name}", name=name),
        t("Did you mean {names}?", names=", ".join(near)) if near else t("Add one: wacli quick add NAME TEXT"),
    )


def text_for(store: Store, name: str, contact: Contact) -> str:
    """Its text for this contact. Raises `NotFound`, and `Invalid` (`empty-field`) naming what the contact lacks."""
    return fill_in(get(store, name).text, contact)


def check_text(text: str) -> None:
    """Raises `Invalid` for a text that could never be sent."""
    if not text.strip():
        raise Invalid("missing", t("A quick reply needs its text"), t('Type: wacli quick add NAME "TEXT"'))
    TextMessage(text).payload()
    check_fields(text)


def _taken(name: str) -> Refused:
    return Refused(
        "name-taken",
        t("There is a quick reply {name} already", name=name),
        t("Change it: wacli quick edit {name} TEXT", name=name),
    )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid(
            "bad-name",
            t("{name} cannot be the name of a quick reply", name=name),
            t('One word of letters, digits, - and _, at most 32: wacli quick add thanks "Thank you, {{name}}!"'),
        )
