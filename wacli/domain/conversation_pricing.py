"""A whole log of messages, charged in one pass under the rules of each message's day.

In the years of conversations (2022-02 to 2025-06) a message costs what the conversation it opens costs, or nothing.
The rules (facts pricing.md section 2.1): a template opens a 24 h conversation of its category on delivery unless one
of that category is open; anything else opens a service conversation only when none of any category is open; in 2022
there was one conversation at a time, named after who began it; the answer to an ad, given in time, opens a free
entry point that closes every other conversation, and none opens until it ends. The rate is that of the day, in the
account's time zone, on which the conversation was opened.

The other years need the same memory of windows, entry points, volumes and the month's allowance, so one pass serves
all of them. What is remembered grows with the conversations open at a time, not with the log.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from .allowance import day_of, midnight
from .category import Category
from .message import Origin
from .meter import Meter
from .pricing import REACTION, SERVICE, Charge, FreeReason, MessageFacts, rate_word
from .pricing_rules import Conversations, PricingRules, Unit
from .rate_card import RateCard
from .text import t
from .window import ANSWER_ENTRY_POINT_WITHIN, CUSTOMER_SERVICE_WINDOW_FOR

CONVERSATION_FOR = timedelta(hours=24)
_FEW = 1024
# An enum gives out its members slowly (a function call each time in Python 3.11), and this runs for every message.
_API, _CONVERSATION, _BY_CATEGORY = Origin.API, Unit.CONVERSATION, Conversations.BY_CATEGORY
_made = tuple.__new__  # a named tuple at half the price of its own constructor

Prices = Callable[[date], tuple[PricingRules, RateCard | None]]


class LogEntry(NamedTuple):
    """One message of a log, inbound or delivered outbound.

    `thread` names the contact and business number it was between, `number` the business number. An inbound one says
    whether it opens the customer service window and whether it came through an ad; an outbound one what it was.
    `entry_until`: the end of the free entry point it is in, where that is known from elsewhere (Meta's own word).
    """

    at: datetime
    thread: Hashable
    is_inbound: bool
    kind: str = SERVICE
    category: Category | None = None
    market: str | None = None
    number: Hashable = ""
    origin: Origin = Origin.API
    opens_window: bool = True
    has_referral: bool = False
    entry_until: datetime | None = None


class Replay:
    """Charges the outbound messages of a log, oldest first. One object is one account; it keeps its state."""

    def __init__(self, prices: Prices, zone: tzinfo) -> None:
        """`prices` gives rules and card of a day in `zone`, the account's time zone."""
        self._prices, self._zone = prices, zone
        self._window_until: dict[Hashable, datetime] = {}
        self._answer_by: dict[Hashable, datetime] = {}
        self._free_until: dict[Hashable, datetime] = {}
        self._open_until: dict[Hashable, dict[str, datetime]] = {}
        self._tidy_at = _FEW
        self._inside: dict[tuple[str, str | None], Charge] = {}
        self._day_until = self._last_at = datetime.min.replace(tzinfo=UTC)
        self.meter = Meter()

    def charges(self, log: Iterable[LogEntry]) -> Iterator[tuple[LogEntry, Charge]]:
        """Each outbound message with its charge. Raises `ValueError` when the log is not in the order of time."""
        for entry in log:
            at = entry.at
            if at < self._last_at:
                raise ValueError(f"the log is not in the order of time at {at}")
            self._last_at = at
            if at >= self._day_until:
                self._begin_day(at)
            if entry.is_inbound:
                self._receive(entry)
            else:
                yield entry, self._charge(entry)

    @property
    def remembered_count(self) -> int:
        """How many windows, entry points and conversations are held in memory."""
        return len(self._window_until) + len(self._answer_by) + len(self._free_until) + len(self._open_until)

    def _begin_day(self, at: datetime) -> None:
        day = day_of(at, self._zone)
        self._rules, self._card = self._prices(day)
        self._day_until = midnight(day + timedelta(days=1), self._zone)
        self._inside.clear()
        self.meter.begin_day(day)

    def _receive(self, entry: LogEntry) -> None:
        if entry.opens_window:
            self._window_until[entry.thread] = entry.at + CUSTOMER_SERVICE_WINDOW_FOR
        if entry.has_referral:
            self._answer_by[entry.thread] = entry.at + ANSWER_ENTRY_POINT_WITHIN
        if self.remembered_count > self._tidy_at:
            self._tidy(entry.at)

    def _tidy(self, now: datetime) -> None:
        """Forgets what has ended. Doing it only when the tables have doubled keeps the cost of a message constant."""
        for table in (self._window_until, self._answer_by, self._free_until):
            for thread in [thread for thread, until in table.items() if until <= now]:
                del table[thread]
        for thread in [thread for thread, open_ in self._open_until.items() if max(open_.values()) <= now]:
            del self._open_until[thread]
        self._tidy_at = max(_FEW, 2 * self.remembered_count)

    def _charge(self, entry: LogEntry) -> Charge:
        rules, thread, at = self._rules, entry.thread, entry.at
        if (entry.origin is not _API and rules.app_free) or (entry.kind == REACTION and rules.reactions_exempt):
            return self._ask(entry, in_window=False, in_entry_point=False)
        in_window = _is_running(self._window_until, thread, at)
        if self._is_in_entry_point(entry):
            return self._ask(entry, in_window=in_window, in_entry_point=True)
        if rules.unit is _CONVERSATION:
            return self._charge_conversation(entry, in_window)
        return self._ask(entry, in_window=in_window, in_entry_point=False)

    def _is_in_entry_point(self, entry: LogEntry) -> bool:
        """True inside a running free entry point; an answer in time starts one and closes all conversations."""
        thread, at = entry.thread, entry.at
        if entry.entry_until is not None and at < entry.entry_until:
            self._free_until[thread] = entry.entry_until
            self._answer_by.pop(thread, None)
            self._open_until.pop(thread, None)
            return True
        if _is_running(self._free_until, thread, at):
            return True
        length = self._rules.entry_point
        answer_by = self._answer_by.pop(thread, None)
        if length is None or answer_by is None or at >= answer_by:
            return False
        self._free_until[thread] = at + length.sure_for
        self._open_until.pop(thread, None)
        return True

    def _charge_conversation(self, entry: LogEntry, in_window: bool) -> Charge:
        facts = _facts(entry, in_window, in_entry_point=False)
        word = rate_word(facts, self._rules)
        open_ = self._open_until.get(entry.thread)
        inside = None if open_ is None else self._conversation_around(entry, word, open_)
        if inside is not None:
            return self._charge_inside(inside, entry.market)
        if word is not None:
            self._open_until.setdefault(entry.thread, {})[word] = entry.at + CONVERSATION_FOR
            if self.remembered_count > self._tidy_at:
                self._tidy(entry.at)
        return self.meter.charge(facts, entry.number, self._rules, self._card)

    def _charge_inside(self, conversation: str, market: str | None) -> Charge:
        """Nothing, and why; made once a day for all messages that are alike."""
        found = self._inside.get((conversation, market))
        if found is None:
            reason = t("inside an open {category} conversation, which is charged once", category=conversation)
            currency = None if self._card is None else self._card.currency
            found = self._inside[conversation, market] = Charge(
                Decimal(0), currency, True, FreeReason.RULES, reason, market, None, None, None, self._rules.id
            )
        return found

    def _conversation_around(self, entry: LogEntry, word: str | None, open_: dict[str, datetime]) -> str | None:
        if self._rules.conversations is _BY_CATEGORY and entry.kind != SERVICE:
            return word if word is not None and _is_running(open_, word, entry.at) else None
        at = entry.at
        for name, until in open_.items():
            if at < until:
                return name
        return None

    def _ask(self, entry: LogEntry, *, in_window: bool, in_entry_point: bool) -> Charge:
        """The one charge rule, with this month's counts, which it then moves on."""
        return self.meter.charge(
            _facts(entry, in_window, in_entry_point=in_entry_point), entry.number, self._rules, self._card
        )


def _facts(entry: LogEntry, in_window: bool, *, in_entry_point: bool) -> MessageFacts:
    at, _, _, kind, category, market, _, origin, _, _, _ = entry
    return _made(MessageFacts, (at, category, kind, market, in_window, in_entry_point, origin))


def _is_running(table: dict[Hashable, datetime] | dict[str, datetime], key: Hashable, at: datetime) -> bool:
    until = table.get(key)  # type: ignore[call-overload]
    return until is not None and at < until
