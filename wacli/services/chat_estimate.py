"""`wacli estimate --chat-export`: what exported chats would have cost through the API, month by month. No store.

In the app the same messages cost nothing (facts: pricing.md section 1). Through the API, a message inside the 24 hours
after the contact's last one is a service message; any other would have had to be a template, whose category the owner
names. Every message is charged under the rules and the price list of one day: the question is what such chats cost now
(or then), not what they cost in the past. A window that closed without an answer is counted as missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

from ..domain.category import Category
from ..domain.conversation_pricing import LogEntry, Prices, Replay
from ..domain.identity import IdentifierKind, identifier_kind, parse_phone
from ..domain.pricing import SERVICE, TEMPLATE
from ..domain.problem import Invalid, Problem, Refused
from ..domain.text import t
from ..domain.window import CUSTOMER_SERVICE_WINDOW_FOR
from ..importers.chat_export import ChatExport

_LOOKED_AT = 20_000  # messages in which the authors are looked for
_NO_OPENERS = frozenset({"system", "deleted"})


class PricedChat(NamedTuple):
    """One export with what has to be known of it: the owner's name in it, and the market of the other side."""

    export: ChatExport
    me: str | None
    market: str | None


@dataclass(slots=True)
class MonthOfChats:
    """One month. `amount` is what is known of the cost; `unknown_count` messages are billed at no published price."""

    month: date
    inbound_count: int = 0
    reply_count: int = 0  # inside a window
    template_count: int = 0  # outside of every window
    free_count: int = 0
    billed_count: int = 0
    unknown_count: int = 0
    window_count: int = 0
    missed_count: int = 0  # windows that closed without an answer
    amount: Decimal = field(default_factory=Decimal)


def owner_in(export: ChatExport, me: str | None) -> tuple[str | None, str | None]:
    """The owner's name in a chat and the other one's. Raises Refused (`group-chat`) and Invalid (`which-is-me`)."""
    found: dict[str, None] = {}
    for index, message in enumerate(export.messages()):
        if index >= _LOOKED_AT and len(found) > 1:  # one side may write alone for long
            break
        if message.author is not None and not message.is_system:
            found.setdefault(message.author)
            if len(found) > 2:
                raise _group(list(found))
    authors = list(found)
    folded = {author.casefold(): author for author in authors}
    if me is not None and me.strip().casefold() in folded:
        mine = folded[me.strip().casefold()]
        return mine, next((author for author in authors if author != mine), None)
    them = folded.get((export.title or "").casefold())
    if them is None:
        numbers = [author for author in authors if identifier_kind(author) is IdentifierKind.PHONE]
        them = numbers[0] if len(numbers) == 1 else None  # the owner's own name is never shown as a number
    if them is None:
        raise Invalid(
            "which-is-me",
            t("which of them are you: {names}?", names=", ".join(authors)),
            t('Add --me "{name}", or the name that is yours', name=authors[-1] if authors else "NAME"),
            {"authors": authors},
        )
    return next((author for author in authors if author != them), None), them


def number_of(author: str | None, country: str | None) -> str | None:
    """The digits of an author who is shown as a number."""
    try:
        return None if author is None else parse_phone(author, country)
    except Problem:
        return None


def months_of(chats: Iterable[PricedChat], category: Category, prices: Prices, zone: tzinfo) -> list[MonthOfChats]:
    """The chats charged together, as one business number's; months are those of `zone`. Empty months are left out."""
    months: dict[date, MonthOfChats] = {}

    def month_of(at: datetime) -> MonthOfChats:
        day = at.astimezone(zone).date().replace(day=1)
        return months.setdefault(day, MonthOfChats(day))

    logs = [_log(index, chat, category, month_of) for index, chat in enumerate(chats)]
    replay = Replay(prices, zone)
    for entry, charge in replay.charges(merge(*logs, key=lambda entry: entry.at)):
        month = month_of(entry.at)
        if charge.is_free:
            month.free_count += 1
        else:
            month.billed_count += 1
            if charge.amount is None:
                month.unknown_count += 1
            else:
                month.amount += charge.amount
    return [months[day] for day in sorted(months)]


def _log(
    thread: int, chat: PricedChat, category: Category, month_of: Callable[[datetime], MonthOfChats]
) -> Iterator[LogEntry]:
    """One chat as a log, in the order of time: a phone's clock that was set back stands still meanwhile."""
    latest = datetime.fromtimestamp(0, UTC)
    opened_at = closes_at = None
    for message in chat.export.messages():
        if message.author is None or message.kind == "system":
            continue
        at = latest = max(latest, datetime.fromtimestamp(message.at, UTC))
        is_open = closes_at is not None and at < closes_at
        if message.author == chat.me:
            if is_open:
                opened_at = None  # answered
                month_of(at).reply_count += 1
                yield LogEntry(at, thread, False, SERVICE, None, chat.market)
            else:
                month_of(at).template_count += 1
                yield LogEntry(at, thread, False, TEMPLATE, category, chat.market)
            continue
        month_of(at).inbound_count += 1
        opens = message.kind not in _NO_OPENERS
        if opens:
            if not is_open:
                if opened_at is not None:
                    month_of(opened_at).missed_count += 1
                month_of(at).window_count += 1
                opened_at = at
            closes_at = at + CUSTOMER_SERVICE_WINDOW_FOR
        yield LogEntry(at, thread, True, market=chat.market, opens_window=opens)
    if opened_at is not None:
        month_of(opened_at).missed_count += 1


def _group(authors: list[str]) -> Refused:
    return Refused(
        "group-chat",
        t("this is a chat of a group ({names}); a thread is with one contact", names=", ".join(authors[:5])),
        t("Export the chat with one person"),
    )
