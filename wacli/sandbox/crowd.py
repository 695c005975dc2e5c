"""Many customers who act by chance, and a colleague who answers them: what a busy day is made of.

Everything is put on the agenda when its time comes, one step ahead, so that a thousand customers cost no more than
what they do.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from .customers import Answer, Customer
from .engine import Engine
from .failures import Refusal
from .puppet import Puppet
from .scenario import Crowd

_WORDS = (
    "Halo kak",
    "Masih ada?",
    "Berapa harganya?",
    "Bisa kirim hari ini?",
    "Oke",
    "Terima kasih",
    "Jam berapa buka?",
)
_NAMES = ("Adi", "Ayu", "Bayu", "Citra", "Dian", "Eka", "Fitri", "Gita", "Hendra", "Indah", "Joko", "Kartika", "Lina")


def gather(engine: Engine, crowd: Crowd, start: datetime, chance: random.Random) -> list[Puppet]:
    """The crowd, each with their first message planned. Raises Refusal for a beginning that makes no phone number."""
    length = max(4, 12 - len("".join(char for char in crowd.phone if char.isdigit())))
    made = []
    for place in range(crowd.count):
        name = f"{_NAMES[place % len(_NAMES)]} {place + 1}"
        puppet = engine.add_customer(name, f"{crowd.phone}{place + 1:0{length}d}")
        puppet.customer.delivered_after = timedelta(seconds=chance.uniform(0.3, 20))
        puppet.customer.read_after = timedelta(seconds=chance.uniform(1, 300)) if chance.random() < 0.8 else None
        _Someone(engine, puppet, crowd, start + crowd.until, chance).plan(start)
        made.append(puppet)
    return made


class _Someone:
    """One of the crowd."""

    def __init__(self, engine: Engine, puppet: Puppet, crowd: Crowd, until: datetime, chance: random.Random) -> None:
        self._engine, self._puppet, self._crowd, self._until, self._chance = engine, puppet, crowd, until, chance

    def plan(self, since: datetime) -> None:
        """The next act, if it comes before the end."""
        pause = timedelta(seconds=self._chance.expovariate(1 / self._crowd.writes_every.total_seconds()))
        if since + pause < self._until:
            self._engine.agenda.at(since + pause, self._act)

    def _act(self, due: datetime) -> None:
        luck, crowd, words = self._chance.random(), self._crowd, self._chance.choice(_WORDS)
        if luck < crowd.from_ads:
            self._puppet.clicks_ad(words, due)
        elif luck < crowd.from_ads + crowd.from_pages:
            self._puppet.presses_page_button(words, due)
        elif luck < crowd.from_ads + crowd.from_pages + crowd.calls:
            self._puppet.calls(due, lasted=None if self._chance.random() < 0.5 else timedelta(minutes=2))
        else:
            self._puppet.says(words, due)
        if self._chance.random() < crowd.answers:
            self._puppet.customer.answers.append(Answer("Baik kak", timedelta(seconds=self._chance.uniform(5, 600))))
        self.plan(due)


class Colleague:
    """Answers a share of what comes in, each time after about the same pause, with text or, too late, a template."""

    def __init__(self, engine: Engine, after: timedelta, share: float, chance: random.Random) -> None:
        self._engine, self._after, self._share, self._chance = engine, after, share, chance
        self._plans: set[str] = set()
        engine.acts.heard = self.notices

    def notices(self, customer: Customer, at: datetime) -> None:
        """Somebody wrote at `at`; one answer is planned at a time."""
        if customer.bsuid in self._plans or self._chance.random() >= self._share:
            return
        self._plans.add(customer.bsuid)
        pause = self._after * self._chance.uniform(0.2, 2.0)
        self._engine.agenda.at(at + pause, lambda due: self._answer(customer, due))

    def _answer(self, customer: Customer, _due: datetime) -> None:
        self._plans.discard(customer.bsuid)
        to = {"recipient": customer.bsuid} if customer.username is not None else {"to": customer.wa_id}
        body: dict[str, Any] = {"messaging_product": "whatsapp", **to, "type": "text"}
        try:
            self._engine.post_message(body | {"text": {"body": "Siap kak, masih ada."}})
        except Refusal:
            return  # as in life: one cannot answer everybody
