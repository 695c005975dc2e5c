"""`wacli links`: doors into a chat, and what came in through them.

A chat belongs to a link from the message that carried its code on. Answered means within 24 h (the customer service
window): later an answer would have to be a template.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from wacli.cloudapi.managed_links import ManagedLink
from wacli.domain.identity import wa_id_of
from wacli.domain.link import chat_url, check_name, check_text
from wacli.domain.problem import Invalid
from wacli.domain.text import t
from wacli.store import links, numbers
from wacli.store.database import Store
from wacli.store.links import LinkRow, OpeningRow
from wacli.store.spend import Dimension

from .prices import Prices
from .spend import NOTHING, Sum, sums_by_key

_BEGINNING = datetime(2018, 8, 1, tzinfo=UTC)  # nothing was billed before

HandIn = Callable[[str], ManagedLink]  # gives Meta the words, and returns the link it made


class Door(NamedTuple):
    """One link as an owner uses it: the address to share, and the words it fills in."""

    link: LinkRow
    url: str


class LinkReport(NamedTuple):
    """What came in through one link. `tags`: how many of those people carry each tag, the commonest first."""

    door: Door
    chat_count: int
    new_count: int
    answered_count: int
    waiting_count: int  # still within their 24 h, and not answered yet
    missed_count: int
    converted_count: int | None  # people who carry the tag that was asked for; None where none was
    tags: tuple[tuple[str, int], ...]
    last_at: datetime | None
    spent: Sum  # what was sent in these chats since they were opened


def business_phone(store: Store, phone_number_id: str | None, given: str | None) -> str:
    """The digits of the business number a link leads to: given, else as webhooks showed it.

    Raises `Invalid` (`missing`) where nobody told it yet.
    """
    if given is not None:
        return given
    known = None if phone_number_id is None else numbers.find(store, phone_number_id)
    digits = None if known is None else wa_id_of("".join(filter(str.isdigit, known.display_phone_number or "")))
    if digits is None:
        raise Invalid(
            "missing",
            t("The business number is not known yet"),
            t("Say it: --phone +62...; it is learnt by itself with the first webhook"),
        )
    return digits


def check(store: Store, name: str, text: str, phone: str, now: datetime, *, is_managed: bool) -> Door:
    """The link as it would be made. Raises `Invalid` for a name or text that cannot be, `Refused` for one taken."""
    name = check_name(name)
    code = links.free_code(store, name, phone)
    whole = check_text(text, code, is_managed=is_managed)
    return door_of(LinkRow(0, name, code, whole, phone, None, None, now, None))


def create(store: Store, door: Door, hand_in: HandIn | None) -> Door:
    """Makes the link, at Meta first where it shall keep it. Raises what `hand_in` raises; then nothing is made."""
    link = door.link
    links.check_free(store, link.name)
    if hand_in is not None:
        link = _at_meta(link, hand_in(link.text))
    return door_of(links.add(store, link))


def reworded(store: Store, name: str, text: str) -> Door:
    """The link with other words, as it would be. Raises `NotFound`, and `Invalid` for words that cannot be."""
    link = links.get(store, name)
    words = check_text(text, link.code, is_managed=link.managed_code is not None)
    return door_of(link._replace(text=words))


def reword(store: Store, door: Door, hand_in: HandIn | None) -> Door:
    """Keeps the new words, at Meta first where it keeps the link. The code stays, so printed ones are recognised."""
    link = door.link
    if hand_in is not None:
        link = _at_meta(link, hand_in(link.text))
    return door_of(links.change(store, link))


def door_of(link: LinkRow) -> Door:
    """The link with its address."""
    return Door(link, link.managed_url or chat_url(link.phone, link.text))


def report(
    store: Store,
    prices: Prices,
    now: datetime,
    *,
    name: str | None = None,
    since: datetime | None = None,
    converted: str | None = None,
) -> list[LinkReport]:
    """What came in through each link (retired ones included when something did), most chats first."""
    chosen = links.list_links(store, with_retired=True) if name is None else [links.get(store, name)]
    money = sums_by_key(store, prices, Dimension.LINK, since or _BEGINNING, now)
    found = [_report(store, link, now, since, converted, money.get(link.name, NOTHING)) for link in chosen]
    shown = [one for one in found if one.door.link.retired_at is None or one.chat_count or name is not None]
    return sorted(shown, key=lambda one: (-one.chat_count, one.door.link.name.casefold()))


def _report(
    store: Store, link: LinkRow, now: datetime, since: datetime | None, converted: str | None, spent: Sum
) -> LinkReport:
    openings = links.list_openings(store, link, since=since, until=now)
    firsts: dict[int, OpeningRow] = {}
    for opening in openings:
        firsts.setdefault(opening.thread_id, opening)
    chats = list(firsts.values())
    late = [chat for chat in chats if chat.answered_at is None or chat.answered_at > now]
    missed = sum((now - chat.at).total_seconds() >= 86_400 for chat in late)
    tags = links.count_tags(store, sorted({chat.contact_id for chat in chats}))
    return LinkReport(
        door_of(link),
        chat_count=len(chats),
        new_count=sum(chat.is_first for chat in chats),
        answered_count=len(chats) - len(late),
        waiting_count=len(late) - missed,
        missed_count=missed,
        converted_count=None if converted is None else dict(tags).get(converted, 0),
        tags=tags,
        last_at=openings[-1].at if openings else None,
        spent=spent,
    )


def _at_meta(link: LinkRow, managed: ManagedLink) -> LinkRow:
    return link._replace(managed_code=managed.code, managed_url=managed.url)
