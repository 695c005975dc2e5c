"""A month of traffic in a moment: what a shop's webhooks would have said, and the ledger of what it cost.

Everything passes through the sandbox's own rules (windows, entry points, allowances, deliveries), only the socket is
left out: the bodies are those that would have been posted, in batches, some twice, some too late. The clock jumps
from one event to the next. The same month and seed give the same traffic.

In it: customers in many markets, some without a phone number; chats, calls, ads answered in time and too late,
templates of every category in and out of windows, replies after the window closed, phones that are off, people who
block the shop, reactions. Nothing is under way at the edges of the month, where it is not known which month counts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from wacli.sandbox.book import Charge
from wacli.sandbox.clock import Clock
from wacli.sandbox.courier import Update, joined
from wacli.sandbox.engine import Engine
from wacli.sandbox.failures import Refusal
from wacli.sandbox.payloads.contents import Ad
from wacli.sandbox.payloads.envelope import BSUID_FROM, body_of
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.world import put_templates

# The country's code and how long the rest of a mobile number is there; weights make the home market the largest.
_PEOPLE = (
    ("62812", 8, 10), ("60123", 6, 3), ("9198", 8, 3), ("96650", 7, 2), ("4915", 9, 2), ("5511987", 6, 2),
    ("1416555", 4, 1), ("1212555", 4, 1), ("234803", 7, 2), ("7701", 7, 1), ("8210", 8, 1), ("8526", 7, 1),
    ("57300", 7, 1), ("447400", 6, 1), ("971501", 6, 1), ("263772", 6, 1), ("48512", 6, 1), ("6591", 6, 1),
)  # fmt: skip
_EDGE = timedelta(minutes=30)
_MARKETING = ("promo_weekend", [{"type": "text", "text": "Sari"}, {"type": "text", "text": "20%"}])
_UTILITY = ("order_ready", [{"type": "text", "parameter_name": "name", "text": "Sari"},
                            {"type": "text", "parameter_name": "order", "text": "A-1"}])  # fmt: skip


class Losses(StrEnum):
    """Which messages may never arrive, or fail after they were sent.

    Answers among them (`ALL`) leave open which of the others were among the free thousand: the sandbox gives a place
    when a message is sent, Meta's texts count delivered ones. In the years of conversations any loss leaves open when
    a conversation began: use `NONE` there to compare.
    """

    NONE = "none"
    TEMPLATES = "templates"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Noise:
    """How the bodies arrive: up to `batch` updates each, this share of them twice, each up to `late` places late."""

    batch: int = 6
    repeated: float = 0.05
    late: int = 40


@dataclass(frozen=True, slots=True)
class Traffic:
    """The bodies in the order of their arrival, and the sandbox that they come from with its book."""

    engine: Engine
    bodies: list[bytes]

    @property
    def charges(self) -> list[Charge]:
        """The ledger: one line for each delivered message."""
        return self.engine.book.charges

    @property
    def total_micro(self) -> int:
        """What the month cost, as far as its prices are published, in micro-units of the account's currency."""
        return sum(one.amount_micro or 0 for one in self.charges)


def month_of_traffic(
    month: date,
    *,
    chats: int = 300,
    people: int = 60,
    seed: int = 1,
    noise: Noise | None = None,
    losses: Losses = Losses.TEMPLATES,
    prepare: Callable[[Engine], None] | None = None,
) -> Traffic:
    """A month (its first day; the account's time zone) with about four outbound messages for each of `chats`.

    `prepare` may change the account (currency, zone, eligibility, the portfolio's volumes) before anything happens.
    Raises ValueError before 2022-02.
    """
    chance = random.Random(seed)
    engine = Engine(clock=Clock(_midnight_in_jakarta(month), speed=0), seed=seed)
    engine.limits.a_second = engine.limits.pair_burst = None
    put_templates(engine.account)
    if prepare is not None:
        prepare(engine)
    zone = engine.account.zone
    begins = datetime.combine(month, time(), zone)
    ends = datetime.combine(_next_month(month), time(), zone)
    if begins > engine.clock.now():
        engine.set_clock(begins)
    script = _Script(engine, chance, _crowd(engine, chance, people, month), begins + _EDGE, ends - _EDGE, losses)
    for _ in range(chats):
        script.plan_one()
    script.play()
    engine.set_clock(ends + timedelta(days=1))
    return Traffic(engine, list(bodies_of(engine.courier.take(), chance, noise or Noise())))


def bodies_of(updates: Sequence[Update], chance: random.Random, noise: Noise) -> Iterator[bytes]:
    """Signed nowhere and posted nowhere: the notifications themselves, disordered as `noise` says."""
    order = sorted(range(len(updates)), key=lambda place: place + chance.random() * noise.late)
    again: list[bytes] = []
    start = 0
    while start < len(order):
        size = chance.randint(1, max(1, noise.batch))
        part = [updates[place] for place in order[start : start + size]]
        start += size
        told_at = max(one.told_at for one in part if one.told_at is not None)
        body = body_of(part[0].account, joined([one.change for one in part]), told_at)
        yield body
        if chance.random() < noise.repeated:
            again.append(body)
        if again and chance.random() < 0.1:
            yield again.pop(0)
    yield from again


@dataclass(slots=True)
class _Script:
    """What is going to happen, planned first and then played in the order of time."""

    engine: Engine
    chance: random.Random
    crowd: list[Puppet]
    begins: datetime
    ends: datetime
    losses: Losses
    _acts: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def plan_one(self) -> None:
        """One more story of one customer."""
        who = self.chance.choice(self.crowd)
        at = self.begins + self.chance.random() * (self.ends - self.begins)
        stories = (self._chat, self._chat, self._chat, self._ad, self._mailing, self._mailing, self._call, self._late)
        self.chance.choice(stories)(who, at)

    def play(self) -> None:
        """All of it."""
        for at, _, act in sorted(self._acts, key=lambda one: one[:2]):
            self.engine.set_clock(max(at, self.engine.clock.now()))
            act()

    def _chat(self, who: Puppet, at: datetime) -> None:
        self._do(at, lambda: who.says("Halo, masih ada?"))
        for _ in range(self.chance.randint(1, 7)):
            at += timedelta(minutes=self.chance.randint(1, 150))
            self._do(at, partial(self._text, who))
            if self.chance.random() < 0.4:
                self._do(at + timedelta(seconds=40), lambda: who.says("baik"))
            if self.chance.random() < 0.25:
                self._do(at + timedelta(seconds=70), partial(self._template, who, self._any_category()))
        if self.chance.random() < 0.15:
            self._do(at + timedelta(seconds=90), partial(self._reaction, who))

    def _ad(self, who: Puppet, at: datetime) -> None:
        self._do(at, lambda: who.clicks_ad("Berapa?", ad=Ad(has_click_id=self.chance.random() < 0.8)))
        answered = at + timedelta(hours=self.chance.choice((1, 5, 12, 23, 25)))
        first = partial(self._template, who, "marketing") if answered - at > timedelta(hours=10) else None
        self._do(answered, first or partial(self._text, who))
        for _ in range(self.chance.randint(1, 5)):
            later = answered + timedelta(hours=self.chance.randint(1, 200))
            self._do(later, partial(self._template, who, self._any_category()))

    def _mailing(self, who: Puppet, at: datetime) -> None:
        for _ in range(self.chance.randint(1, 4)):
            self._do(at, partial(self._template, who, self._any_category()))
            at += timedelta(hours=self.chance.randint(1, 30), minutes=self.chance.randint(0, 59))

    def _call(self, who: Puppet, at: datetime) -> None:
        self._do(at, lambda: who.calls(lasted=timedelta(minutes=1)))
        self._do(at + timedelta(minutes=5), partial(self._text, who))

    def _late(self, who: Puppet, at: datetime) -> None:
        self._do(at, lambda: who.says("Sudah siap?"))
        self._do(at + timedelta(hours=24, seconds=self.chance.choice((-1, 0, 1))), partial(self._text, who))

    def _do(self, at: datetime, act: Callable[[], object]) -> None:
        if self.begins <= at < self.ends:
            self._acts.append((at.replace(microsecond=0), len(self._acts), lambda: (act(), None)[1]))

    def _any_category(self) -> str:
        return self.chance.choice(("marketing", "utility", "utility", "authentication"))

    def _text(self, who: Puppet) -> None:
        self._post(who, {"type": "text", "text": {"body": "Masih ada kak"}})

    def _reaction(self, who: Puppet) -> None:
        heard = [one.id for one in self.engine.book.heard.values() if one.customer is who.customer]
        self._post(who, {"type": "reaction", "reaction": {"message_id": heard[-1], "emoji": "👍"}})

    def _template(self, who: Puppet, category: str) -> None:
        if category == "authentication" and who.customer.username is None:
            parts = [
                {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]},
            ]
            name = "login_code"
        else:
            name, values = _MARKETING if category == "marketing" else _UTILITY
            parts = [{"type": "body", "parameters": values}]
        self._post(
            who, {"type": "template", "template": {"name": name, "language": {"code": "id"}, "components": parts}}
        )

    def _post(self, who: Puppet, content: dict[str, object]) -> None:
        """Sends, to the habits of the day: at once, later, switched off, or lost between sending and delivery."""
        person, chance = who.customer, self.chance
        person.delivered_after = timedelta(seconds=chance.choice((1, 2, 5, 60, 900)))
        person.read_after = chance.choice((timedelta(0), timedelta(seconds=9), timedelta(hours=2), None))
        luck = chance.random()
        if not self._may_lose(who, content):
            luck = 1.0
        if luck < 0.03:
            person.delivered_after = None
        person.has_blocked = 0.03 <= luck < 0.05
        to = {"recipient": person.bsuid} if person.username is not None else {"to": person.wa_id}
        try:
            answer: dict[str, Any] = self.engine.post_message({"messaging_product": "whatsapp", **to, **content})
        except Refusal:
            raise AssertionError("the traffic sends only what can be sent") from None
        person.has_blocked = False
        if 0.05 <= luck < 0.08:
            self.engine.transit.lost.add(answer["messages"][0]["id"])

    def _may_lose(self, who: Puppet, content: dict[str, object]) -> bool:
        """Never the answer to an ad: nobody knows what a free entry point is that a failed message started."""
        thread = self.engine.book.thread(who.scene.number, who.customer)
        if self.losses is Losses.NONE or thread.answer_starts_entry(self.engine.clock.now()):
            return False
        return self.losses is Losses.ALL or content["type"] == "template"


def _crowd(engine: Engine, chance: random.Random, count: int, month: date) -> list[Puppet]:
    kinds = [one for one in _PEOPLE for _ in range(one[2])]
    crowd = []
    for place in range(count):
        start, length, _ = kinds[place % len(kinds)] if place < len(kinds) else chance.choice(kinds)
        has_username = month >= BSUID_FROM and place % 9 == 4
        crowd.append(
            engine.add_customer(
                f"Orang {place}", f"+{start}{place:0{length}d}", username=f"orang.{place}" if has_username else None
            )
        )
    return crowd


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight_in_jakarta(month: date) -> datetime:
    from wacli.sandbox.book import JAKARTA

    return datetime.combine(month.replace(day=1), time(), JAKARTA)
