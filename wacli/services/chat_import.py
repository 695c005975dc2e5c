"""`wacli import-chat`: a phone's exported chat into the thread of the contact it was with.

Two questions an export does not answer by itself: which of the two authors is the owner, and who the other one is. The
file's name, a number as author, and the address book often tell; where they do not, the owner is asked (by the front
door) or the command is refused with what to add. Nothing is guessed: a chat in the wrong thread is worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any, TypeAlias

from ..domain.contact import Contact
from ..domain.event import Number
from ..domain.finding import Findings
from ..domain.identity import IdentifierKind, identifier_kind, parse_phone
from ..domain.problem import Invalid, NotFound, Problem, Refused
from ..domain.text import t
from ..importers.chat_export import ChatExport
from ..importers.reading_ahead import ahead
from ..store import contacts
from ..store.chat_import import AT_OF_ROW, ROW_WIDTH, ChatRows
from ..store.contacts import ContactChange
from ..store.database import Store
from ..store.intake import Intake
from . import people
from .unswept import unswept

_LOOKED_AT = 5_000  # messages in which the authors are looked for
_author_of = attrgetter("author")
# A batch as another process can tell it: how many messages, their rows or else the messages themselves, and a third
# author with the line they begin at.
_Plain: TypeAlias = tuple[int, list[Any] | None, list[tuple[Any, ...]], tuple[str, int] | None]
_LEFT_TO_DESCRIBE = 5  # every fifth batch: storing takes less time than reading, so the storing side helps


@dataclass(slots=True)
class ChatTally:
    """What an import did: messages read, new, and WhatsApp's own announcements, which are left out."""

    read: int = 0
    added: int = 0
    announcements: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def begin(self) -> None:
        """From nothing: an attempt that ended with a question counts for nothing."""
        self.read = self.added = self.announcements = 0
        self.first_at = self.last_at = None

    @property
    def known(self) -> int:
        """Messages that were in the store already."""
        return self.read - self.added


@dataclass(frozen=True, slots=True)
class Sides:
    """Who wrote: the owner (None: never in this chat) and the other one (None likewise)."""

    me: str | None
    them: str | None


@dataclass(frozen=True, slots=True)
class ChatWishes:
    """What the owner said: their own name in the chat, who the other one is, the country of local numbers."""

    me: str | None
    who: str | None
    country: str | None


def sides_of(store: Store, export: ChatExport, wishes: ChatWishes) -> Sides:
    """Who is who. Raises Refused (`group-chat`), and Invalid: `no-such-author`, or `which-is-me` with the `authors`."""
    authors = _authors(export, _LOOKED_AT)
    if wishes.me is not None and len(authors) == 1 and authors[0].casefold() != wishes.me.strip().casefold():
        authors = _authors(export, None)  # one side may write alone for long
    folded = {author.casefold(): author for author in authors}
    if len(authors) > 2:
        raise _group(authors)
    if not authors:  # announcements only: nobody has written, so there is nobody to tell apart
        return Sides(None, None)
    if wishes.me is not None:
        me = folded.get(wishes.me.strip().casefold())
        if me is None and not _is_title(export, authors):
            raise Invalid(
                "no-such-author",
                t("nobody called {name} writes in this chat", name=wishes.me),
                t("Its authors: {names}", names=", ".join(authors)),
            )
        return Sides(me, next((author for author in authors if author != me), None))
    them = folded.get((export.title or "").casefold())
    if them is None:
        known = [author for author in authors if _is_theirs(store, author, wishes)]
        them = known[0] if len(known) == 1 else None
    if them is None:
        raise Invalid(
            "which-is-me",
            t("which of them are you: {names}?", names=", ".join(authors)),
            t('Add --me "{name}", or the name that is yours', name=authors[-1] if authors else "NAME"),
            {"authors": authors},
        )
    return Sides(next((author for author in authors if author != them), None), them)


def contact_of(store: Store, export: ChatExport, sides: Sides, wishes: ChatWishes, now: datetime) -> Contact:
    """The contact the chat was with; a number that nobody has yet becomes one.

    Raises NotFound (`no-such-contact`, `ambiguous`), and Invalid (`whose-chat`) when nothing tells who it is.
    """
    label = sides.them or export.title
    if wishes.who is not None:
        return _named(store, _found_or_added(store, wishes.who, wishes.country, now), label, now)
    if label is None:
        raise _whose(label)
    if identifier_kind(label) is IdentifierKind.PHONE:
        return _found_or_added(store, label, wishes.country, now)
    found = _called(store, label)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            "ambiguous",
            t("{who} can be {names}", who=label, names=", ".join(f"#{one.id}" for one in found[:5])),
            t("Say which: --who #{id}", id=found[0].id),
            {"candidates": [one.id for one in found]},
        )
    raise _whose(label)


def import_chat(
    store: Store,
    export: ChatExport,
    wishes: ChatWishes,
    number: Number,
    now: datetime,
    *,
    tally: ChatTally,
    dry_run: bool = False,
    on_progress: Callable[[], None] | None = None,
) -> tuple[Contact, Sides]:
    """Takes every message in, in one transaction; a re-import adds nothing. Raises as the two above do."""
    tally.begin()
    sides = sides_of(store, export, wishes)
    intake = Intake(store)
    contact: Contact | None = None
    try:
        with store.bulk(), unswept(), intake.transaction():
            contact = contact_of(store, export, sides, wishes, now)
            intake.parties.forget()
            rows = ChatRows(intake, contact.id, number, sides.me)
            for found in ahead(lambda: _batches(export, rows, sides)):
                if isinstance(found, Findings):
                    export.findings.add_all(found)
                    continue
                message_count, described, messages, third = found
                if third is not None:
                    _refuse_third(sides, *third)
                values = rows.describe(messages) if described is None else described
                _count(tally, message_count, values)
                rows.put(values)
                if on_progress is not None:
                    on_progress()
            tally.added = rows.finish()
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        assert contact is not None
    return contact, sides


class _TakeBack(Exception):
    """A dry run is over."""


def _authors(export: ChatExport, looked_at: int | None) -> list[str]:
    """The authors in the order in which they first write, in so many messages (None: in all)."""
    found: dict[str, None] = {}
    unheard = replace(export, findings=Findings())  # the messages are read again, and say it then
    for message in islice(unheard.messages(), looked_at):
        if message.author is not None and not message.is_system:
            found.setdefault(message.author)
            if len(found) > 2:
                break
    return list(found)


def _batches(export: ChatExport, rows: ChatRows, sides: Sides) -> Iterator[_Plain | Findings]:
    """The chat as rows for the store (or to be made so), and at the end what could not be read. In another process."""
    own = replace(export, findings=Findings())
    both = {sides.me, sides.them, None}
    for turn, batch in enumerate(own.batches()):
        third = None
        if not set(map(_author_of, batch)) <= both:
            strangers = (one for one in batch if one.author not in both and one.kind != "system")
            third = next(((str(one.author), one.line) for one in strangers), None)
        if turn % _LEFT_TO_DESCRIBE == 0:
            yield len(batch), None, [tuple(one) for one in batch], third
        else:
            yield len(batch), rows.describe(batch), [], third
    yield own.findings


def _refuse_third(sides: Sides, name: str, line: int) -> None:
    if sides.me is not None and sides.them is not None:
        raise _group([sides.them, sides.me, name])
    # The second author appears late: it is the side that had not written.
    raise Invalid(
        "which-is-me",
        t("{name} writes only from line {line} on", name=name, line=line),
        t('Add --me "{name}", or the name that is yours', name=name),
        {"authors": [author for author in (sides.me, sides.them, name) if author]},
    )


def _count(tally: ChatTally, message_count: int, values: list[Any]) -> None:
    count = len(values) // ROW_WIDTH
    tally.announcements += message_count - count
    tally.read += count
    if instants := values[AT_OF_ROW::ROW_WIDTH]:
        first, last = (datetime.fromtimestamp(at, UTC) for at in (min(instants), max(instants)))
        tally.first_at = first if tally.first_at is None else min(first, tally.first_at)
        tally.last_at = last if tally.last_at is None else max(last, tally.last_at)


def _is_title(export: ChatExport, authors: list[str]) -> bool:
    return len(authors) == 1 and authors[0].casefold() == (export.title or "").casefold()


def _is_theirs(store: Store, author: str, wishes: ChatWishes) -> bool:
    """True when the address book, or what the owner said, knows this author as somebody else."""
    try:
        if wishes.who is not None:
            wanted = {one.id for one in people.list_candidates(store, wishes.who, wishes.country)}
            if identifier_kind(wishes.who) is IdentifierKind.PHONE and identifier_kind(author) is IdentifierKind.PHONE:
                return parse_phone(wishes.who, wishes.country) == parse_phone(author, wishes.country)
            return author.casefold() == wishes.who.casefold() or any(one.id in wanted for one in _called(store, author))
        if identifier_kind(author) is IdentifierKind.PHONE:
            return True  # the owner's own name is never shown as a number
        return bool(_called(store, author))
    except Problem:
        return False


def _found_or_added(store: Store, who: str, country: str | None, now: datetime) -> Contact:
    """The contact meant by WHO; a phone number or BSUID that nobody has yet becomes one."""
    kind = identifier_kind(who)
    if people.list_candidates(store, who, country) or kind not in (IdentifierKind.PHONE, IdentifierKind.BSUID):
        return people.find_contact(store, who, country)
    if kind is IdentifierKind.BSUID:
        return contacts.add(store, ContactChange(bsuid=who), now)
    return contacts.add(store, ContactChange(phone=parse_phone(who, country)), now)


def _called(store: Store, name: str) -> list[Contact]:
    """Contacts with exactly this name, upper and lower case aside."""
    wanted = name.casefold()
    return [
        one
        for one in contacts.list_by_name(store, name)
        if wanted in ((one.name or "").casefold(), (one.profile_name or "").casefold())
    ]


def _named(store: Store, contact: Contact, label: str | None, now: datetime) -> Contact:
    """The contact, with the name of the chat where the owner has none for them yet."""
    if label is None or contact.name or identifier_kind(label) is IdentifierKind.PHONE:
        return contact
    return contacts.edit(store, contact.id, ContactChange(name=label), now)


def _group(authors: list[str]) -> Refused:
    return Refused(
        "group-chat",
        t("this is a chat of a group ({names}); a thread is with one contact", names=", ".join(authors[:5])),
        t("Export the chat with one person"),
    )


def _whose(label: str | None) -> Invalid:
    return Invalid(
        "whose-chat",
        t("no contact is called {name}", name=label) if label else t("nothing in the file tells whose chat it is"),
        t("Add --who NUMBER, or the name of a contact"),
        {"label": label},
    )
