"""What every delivered message costs by our own rule, kept beside Meta's word on it.

The rule is `domain.pricing.charge`, metered month by month (`domain.meter`), and in the years of conversations
(2022-02 to 2025-06) `domain.conversation_pricing.Replay`. Choices where the facts leave one (pricing.md sections 8.2,
10.1 and "not found"):

- The instant of a charge is the one at which the message was *sent*: Meta's `sent` status already says which free, so
  the price is settled then, and a delivery days later changes neither day nor month. Nothing undelivered is charged.
- Meta's word (`pricing.type`, `category`) is kept and not obeyed: `wacli reconcile` compares the two. Two things only
  Meta knows are taken from it: the end of a free entry point, and the category of a template that another program
  sent.
- A message to a group has no market, so past the allowance its price is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from wacli.domain.allowance import midnight, month_of
from wacli.domain.category import Category, category_of
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.entry_points import entry_spans
from wacli.domain.message import Origin
from wacli.domain.meter import Meter, Used
from wacli.domain.money import to_micros
from wacli.domain.pricing import REACTION, SERVICE, TEMPLATE, Charge, MessageFacts, list_price, rate_word
from wacli.domain.pricing_rules import AllowanceScope, Conversations, PricingRules, Unit
from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.rate_card import RateCard
from wacli.store import charge_upkeep as upkeep
from wacli.store import charge_work
from wacli.store.charge_upkeep import ChargeRow
from wacli.store.charge_work import WorkRow
from wacli.store.database import Store, open_store
from wacli.store.instants import moment, seconds

from .prices import Prices

BATCH = 2_000
_TRIES = 5
_LITE = "marketing-lite"  # Marketing Messages Lite: the same rate as marketing (facts, 2025-07-01)


class Upkeep(NamedTuple):
    """What bringing charges up to date came to. `is_kept` False: priced for this answer only, nothing was written."""

    charged_count: int
    is_kept: bool


def bring_up_to_date(store: Store, prices: Prices, *, on_progress: Callable[[int, int], None] | None = None) -> Upkeep:
    """Makes `charges` say what they should, before anybody reads them through `store`; usually there is little to do.

    Where the store cannot be written (read-only, or locked by another wacli) the charges are worked out in temporary
    tables of this connection. `on_progress(done, total)` is called after each batch.
    """
    basis = basis_of(prices)
    upkeep.stand_down(store)
    if upkeep.is_current(store, basis):
        return Upkeep(0, True)
    try:
        with open_store(store.path, create=False) as writer:
            writer.query("PRAGMA temp_store=FILE")  # whatever the size of the store, memory stays flat
            return Upkeep(_settle(writer, prices, basis, on_progress), True)
    except Unavailable:
        upkeep.stand_in(store)
        return Upkeep(_settle(store, prices, basis, on_progress), False)


def basis_of(prices: Prices) -> str:
    """What charges rest on beside the messages: when it changes, all of them are made anew."""
    return f"{prices.currency} {prices.zone} {prices.fingerprint}"


def _settle(store: Store, prices: Prices, basis: str, on_progress: Callable[[int, int], None] | None) -> int:
    """Runs until nothing is new: while one run works, more may come in."""
    charged = 0
    for _ in range(_TRIES):
        work = upkeep.begin(store, basis)
        if work is None:
            return charged
        _put_entry_spans(store, prices, work.since)
        total = charge_work.count_work(store)
        for rows in _batches(store, prices, work.since):
            if not upkeep.put_charges(store, work, rows):
                break  # another wacli has begun: what it finds new is ours too
            charged += len(rows)
            if on_progress is not None:
                on_progress(charged, total)
        else:
            upkeep.finish(store, work)
    return charged


def _put_entry_spans(store: Store, prices: Prices, since: int) -> None:
    def sure_for(at: datetime) -> timedelta | None:
        length = prices.entry_length(at)
        return None if length is None else length.sure_for

    found: list[tuple[int, int, int]] = []
    for thread_id, rows in groupby(list(charge_work.stream_entry_points(store, since)), key=itemgetter(0)):
        told, answers = [], []
        for _, at, expires_at, answered_at in rows:
            if expires_at is not None:
                told.append((moment(at), moment(expires_at)))
            elif answered_at is not None:
                answers.append(moment(answered_at))
        found.extend((thread_id, seconds(one), seconds(end)) for one, end in entry_spans(told, answers, sure_for))
    charge_work.put_entry_spans(store, found)


def _batches(store: Store, prices: Prices, since: int) -> Iterator[list[ChargeRow]]:
    first = charge_work.first_charged_at(store)
    if first is None:
        return
    pricer = _Pricer(store, prices, since)
    if first < pricer.conversations_until:
        charge_work.lay_out_conversations(store, first, pricer.conversations_until)
    after = 0
    while rows := charge_work.list_work(store, after=after, limit=BATCH, windows_until=pricer.windows_until):
        yield [row for row in map(pricer.take, rows) if row is not None]
        after = rows[-1].place


class _Pricer:
    """Prices rows in the order of time, each by the rules and the card of its day."""

    def __init__(self, store: Store, prices: Prices, since: int) -> None:
        self._store, self._prices, self._since = store, prices, since
        self._until = -1
        self._day = date.min
        self._rules: PricingRules | None = None
        self._card: RateCard | None = None
        self._is_resumed = since == 0
        self._meter = Meter()
        self._replay = Replay(prices.on_day, prices.zone)
        self._worth: dict[tuple[object, ...], int | None] = {}
        self._markets: dict[tuple[str | None, str | None], str | None] = {}
        self.conversations_until = _from(prices, lambda rules: rules.unit is not Unit.CONVERSATION)
        templates = frozenset(Category) - {Category.SERVICE}
        self.windows_until = _from(prices, lambda rules: not rules.free_in_window & templates)

    def take(self, row: WorkRow) -> ChargeRow | None:
        """The charge of a row; None for what was only heard."""
        if row.at >= self._until:
            self._begin_day(row.at)
        rules = self._rules
        at = moment(row.at)
        if row.what == charge_work.HEARD:
            self._hear(row, at)
            return None
        facts = self._facts(row, at)
        if rules is None:  # before the first price list
            return self._row(row, facts, None, None)
        if rules.unit is Unit.CONVERSATION:
            found = self._replayed(row, facts)
        elif row.what == charge_work.WARM_UP:
            return None
        else:
            self._resume(row.at)
            found = self._meter.charge(facts, row.number_id, rules, self._card)
        if row.what == charge_work.WARM_UP:
            return None
        return self._row(row, facts, found, self._worth_of(facts, rules, found))

    def _begin_day(self, at: int) -> None:
        instant = moment(at)
        self._day = self._prices.day(instant)
        self._until = seconds(midnight(self._day + timedelta(days=1), self._prices.zone))
        self._worth.clear()
        self._markets.clear()
        try:
            self._rules, self._card = self._prices.on_day(self._day)
        except Invalid:
            self._rules, self._card = None, None
        self._meter.begin_day(self._day)

    def _hear(self, row: WorkRow, at: datetime) -> None:
        if self._rules is not None and self._rules.unit is Unit.CONVERSATION:
            list(self._replay.charges([LogEntry(at, row.thread_id, True)]))

    def _replayed(self, row: WorkRow, facts: MessageFacts) -> Charge:
        if row.what == charge_work.CHARGED:
            self._resume(row.at)
        entry = LogEntry(
            facts.at,
            row.thread_id if row.thread_id is not None else ("group", row.message_id),
            False,
            facts.kind,
            facts.category,
            facts.market,
            row.number_id,
            facts.origin,
            entry_until=None if row.entry_ends_at is None else moment(row.entry_ends_at),
        )
        ((_, found),) = self._replay.charges([entry])
        return found

    def _resume(self, at: int) -> None:
        """Before the first charge of a run: what its month had used up before."""
        if self._is_resumed:
            return
        self._is_resumed = True
        assert self._rules is not None
        first, _ = month_of(moment(at), self._prices.zone)
        free, billed = upkeep.used_in_month(self._store, seconds(first), self._since)
        volumes = {(market, None if word is None else category_of(word)): count for market, word, count in billed}
        allowance = self._rules.allowance
        by_account = allowance is not None and allowance.per is AllowanceScope.ACCOUNT
        meter = self._replay.meter if self._rules.unit is Unit.CONVERSATION else self._meter
        meter.resume(self._day, Used(dict(free), volumes), by_account=by_account)

    def _facts(self, row: WorkRow, at: datetime) -> MessageFacts:
        kind, category = _what(row)
        key = (row.phone, row.bsuid)
        if row.is_group:
            market = None
        elif key in self._markets:
            market = self._markets[key]
        else:
            if len(self._markets) > BATCH:
                self._markets.clear()
            market = self._markets[key] = self._prices.market(row.phone, row.bsuid, at)
        origin = Origin.API if row.origin == "api" else Origin.APP
        return MessageFacts(at, category, kind, market, bool(row.is_in_window), row.entry_ends_at is not None, origin)

    def _worth_of(self, facts: MessageFacts, rules: PricingRules, found: Charge) -> int | None:
        if not found.is_free:
            return _micros(found.amount)
        if rules.unit is Unit.CONVERSATION and found.free_reason == "rules":
            return 0  # inside a conversation that is charged once, or of a kind that had no price
        key = facts[1:]
        if key not in self._worth:
            self._worth[key] = _micros(list_price(facts, rules, self._card))
        return self._worth[key]

    def _row(self, row: WorkRow, facts: MessageFacts, found: Charge | None, worth: int | None) -> ChargeRow:
        assert row.message_id is not None
        assert row.number_id is not None
        return ChargeRow(
            row.message_id,
            row.number_id,
            row.at,
            self._day.isoformat(),
            facts.kind,
            facts.origin.value,
            self._word(facts),
            facts.market,
            row.template,
            None if found is None else _micros(found.amount),
            worth,
            self._prices.currency,
            None if found is None or found.free_reason is None else found.free_reason.value,
            None if found is None else found.tier,
            None if found is None else found.card_id,
            None if found is None else found.rule_id,
            row.entry_until,
            row.said_model,
            row.said_type,
            row.said_category,
            row.said_billable,
        )

    def _word(self, facts: MessageFacts) -> str | None:
        """What the bill calls it: the category, or before there were any, the side that began the conversation."""
        if self._rules is not None and self._rules.conversations is Conversations.BY_INITIATOR:
            return rate_word(facts, self._rules)
        category = facts.category if facts.kind == TEMPLATE else Category.SERVICE
        return None if category is None else category.value


def _what(row: WorkRow) -> tuple[str, Category | None]:
    """Kind and category for the price; of a message that only its statuses tell of, Meta's word is all there is."""
    if row.kind == "reaction":
        return REACTION, None
    if row.kind not in ("template", "unknown"):
        return SERVICE, None
    if row.template_category is not None:
        return TEMPLATE, category_of(row.template_category)
    said = (row.said_category or "").lower().replace("_", "-")
    if said == "service" and row.kind == "unknown":
        return SERVICE, None
    return TEMPLATE, Category.MARKETING if said == _LITE else category_of(said)


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else to_micros(amount)


def _from(prices: Prices, holds: Callable[[PricingRules], bool]) -> int:
    """The instant from which on the rules are all such; 0 when they always were."""
    since = 0
    for rules in reversed(prices.all_rules):
        if not holds(rules):
            break
        since = seconds(midnight(rules.effective_from, prices.zone))
    else:
        return 0
    return since
