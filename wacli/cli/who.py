"""WHO on a command line: the one contact meant; a person at a terminal chooses where it may be several."""

from __future__ import annotations

from wacli.domain.contact import Contact
from wacli.domain.identity import display_phone
from wacli.domain.problem import NotFound
from wacli.domain.text import t
from wacli.render.words import sanitise
from wacli.services import people
from wacli.store.database import Store

from .session import Session

_CHOICES = 20  # more than a screen of them is a question to be typed better


def find_contact(session: Session, store: Store, who: str) -> Contact:
    """The contact meant. Raises what `people.find_contact` raises; `ambiguous` only where nobody can choose."""
    try:
        return people.find_contact(store, who, session.profile["country"])
    except NotFound as problem:
        return _chosen(session, store, who, problem)


def find_or_meet(session: Session, store: Store, who: str) -> Contact:
    """The same; a number or user ID that nobody has yet is a stranger (see `people.find_or_meet`)."""
    try:
        return people.find_or_meet(store, who, session.profile["country"], session.now)
    except NotFound as problem:
        return _chosen(session, store, who, problem)


def _chosen(session: Session, store: Store, who: str, problem: NotFound) -> Contact:
    from .asking import Asking

    asking = Asking(session)
    if problem.code != "ambiguous" or not asking.is_possible:
        raise problem
    found = people.list_candidates(store, who, session.profile["country"])[:_CHOICES]
    chosen = asking.choose_or_none(t("Who is meant by {who}?", who=who), [_described(one) for one in found])
    if chosen is None:
        raise problem
    return found[chosen]


def _described(contact: Contact) -> str:
    known = (
        contact.label,
        None if contact.phone is None else display_phone(contact.phone),
        contact.username and "@" + contact.username.removeprefix("@"),
        contact.bsuid,
        f"#{contact.id}",
    )
    return sanitise("  ·  ".join(dict.fromkeys(part for part in known if part)))
