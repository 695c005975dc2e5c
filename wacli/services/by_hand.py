"""A phone-app number: wacli sends nothing for it, and hands the owner a link with the words filled in.

`https://wa.me/<number>?text=<words>` opens the thread in the app with the words typed; the owner taps send. There is no
window to respect (the app may write to anybody at any time) and no price (facts: pricing.md section 1: what is typed in
the app is never billed). wa.me needs a phone number: a BSUID opens nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from wacli.cloudapi.outgoing import ButtonsMessage, ListMessage, LocationMessage, ReactionMessage
from wacli.domain.contact import Contact
from wacli.domain.link import chat_url
from wacli.domain.problem import Refused
from wacli.domain.text import Text, t
from wacli.store import intentions
from wacli.store.database import Store

from .letters import Letter
from .people import introduce


class Link(NamedTuple):
    """What the owner opens. `attachments` are the names of files to add by hand."""

    contact: Contact
    url: str
    text: str
    attachments: tuple[str, ...]


def link_to(contact: Contact, letter: Letter) -> Link:
    """The link that opens the thread with the words filled in. Raises `Refused` (`needs-phone`) without a number."""
    if contact.phone is None:
        raise Refused(
            "needs-phone",
            t("A link needs a phone number, and that of {name} is not known", name=contact.label),
            t("Open the thread in the app, or add the number: wacli contacts edit WHO --phone +62..."),
        )
    names = tuple(file.name for file in letter.files)
    text = "" if letter.text in names else letter.text
    return Link(contact, chat_url(contact.phone, text), text, names)


def left_out(letter: Letter) -> Text | None:
    """What a link cannot carry of a letter, as a sentence; None where the words are all of it. Raises `Refused`
    (`no-link`) where there are no words: a link would open an empty line."""
    match letter.content:
        case ReactionMessage() | LocationMessage():
            raise Refused(
                "no-link",
                t("A link carries words only, and neither an emoji on a message nor a place"),
                t("Do it in the app, where the thread is"),
            )
        case ButtonsMessage() | ListMessage():
            return t("The phone app has no buttons and lists: the link carries the words alone")
        case _:
            return None


def intend(store: Store, link: Link, letter: Letter, now: datetime) -> Link:
    """Notes that the owner means to send this, and returns the link."""
    contact = introduce(store, link.contact, now)
    name = None if letter.template is None else letter.template.name
    intentions.record(store, contact.id, letter.text, name, now)
    return link._replace(contact=contact)
