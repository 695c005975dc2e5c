"""A scenario put on: its shop, its customers, what they do and when, and the crowd."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

from .clock import Clock
from .crowd import Colleague, gather
from .customers import Answer
from .failures import Refusal
from .faults import fault_from
from .payloads import contents
from .payloads.contents import Ad, Content
from .pricing import month_of
from .puppet import Puppet
from .sandbox import Sandbox
from .scenario import Act, Person, Scenario, Shop
from .scenario_table import read_span
from .world import people, put_templates

_PICTURE = "405550000000001"


def sandbox_of(scenario: Scenario, now: datetime, speed: float | None = None) -> Sandbox:
    """The scenario at its start (`now` where it names none), not yet listening.

    `speed` wins over the file's. Raises Refusal for a phone number or a fault that cannot be.
    """
    start = scenario.start or now
    wanted = speed if speed is not None else scenario.speed
    sandbox = Sandbox(clock=Clock(start, speed=0.0), seed=scenario.seed)
    chance = random.Random(scenario.seed)  # noqa: S311 - made-up people
    put_templates(sandbox.account)
    _open_shop(sandbox, scenario.shop, start)
    switches = sandbox.courier.switches
    switches.batch, switches.copies, switches.is_shuffled = scenario.webhooks
    if scenario.is_demo:
        people(sandbox, start)
    for person in scenario.people:
        _bring_in(sandbox, person, start)
    for crowd in scenario.crowds:
        gather(sandbox, crowd, start, chance)
    if scenario.shop.answers_after is not None:
        Colleague(sandbox, scenario.shop.answers_after, scenario.shop.answers_share, chance)
    for mishap in scenario.mishaps:
        fault = fault_from(mishap.settings)
        sandbox.agenda.at(start + mishap.after, lambda _due, fault=fault: sandbox.faults.push(fault))  # type: ignore[misc]
    sandbox.clock.speed = 1.0 if wanted is None else wanted
    return sandbox


def _open_shop(sandbox: Sandbox, shop: Shop, start: datetime) -> None:
    account = sandbox.account
    if shop.name is not None:
        account.name = account.numbers[0].verified_name = shop.name
    account.currency = shop.currency or account.currency
    account.zone = shop.time_zone or account.zone
    account.has_payment_method = shop.has_payment_method
    sandbox.transit.entry_point_for = shop.entry_point_for
    month = month_of(start.astimezone(account.zone).date())
    for place in range(shop.free_used):
        sandbox.book.allowance.take(account.numbers[0].id, month, f"before-{place}")


def _bring_in(sandbox: Sandbox, person: Person, start: datetime) -> None:
    puppet = sandbox.add_customer(person.name, person.phone, username=person.username)
    customer = puppet.customer
    customer.delivered_after, customer.read_after = person.delivered_after, person.read_after
    customer.is_on_whatsapp = person.is_on_whatsapp
    for reply in person.answers:
        customer.answers += [Answer(reply.text, reply.after, reply.to)] * reply.times
    for act in person.script:
        sandbox.agenda.at(start + act.after, partial(_perform, puppet, act))


def _perform(puppet: Puppet, act: Act, due: datetime) -> None:
    """Does it at `due`; what cannot be done (nothing to tap on yet) is left out, as in life."""
    try:
        _VERBS[act.verb](puppet, act, due)
    except (ValueError, Refusal):
        return


def _call(puppet: Puppet, act: Act, due: datetime) -> None:
    puppet.calls(due, lasted=None if act.value == "missed" else read_span(act.value))


def _ad(puppet: Puppet, act: Act, due: datetime) -> None:
    headline = act.more.get("headline")
    puppet.clicks_ad(act.value, due, ad=Ad() if headline is None else Ad(headline=headline))


def _react(puppet: Puppet, act: Act, due: datetime) -> None:
    received = puppet.received()
    if received:
        puppet.reacts(received[-1].id, act.value, due)


def _send(puppet: Puppet, act: Act, due: datetime) -> None:
    puppet.sends("audio" if act.value == "voice" else act.value, _content(act), due)


def _content(act: Act) -> Content:
    if act.value == "location":
        return contents.location(-6.175392, 106.827153, "Monas", "Gambir, Jakarta Pusat")
    if act.value == "contacts":
        return contents.contacts("Budi", "Santoso", "+62 813-5550-0102")
    if act.value == "order":
        return contents.order("305550000000001", [("mawar-01", 2, 150000)], "IDR")
    more = {"caption": act.more["caption"]} if "caption" in act.more else {}
    if act.value == "document":
        more = {"filename": "dokumen.pdf", **more}
    return contents.file(act.value, _PICTURE, **more)


def _block(puppet: Puppet, _act: Act, _due: datetime) -> None:
    puppet.customer.has_blocked = True


_VERBS: dict[str, Callable[[Puppet, Act, datetime], object]] = {
    "says": lambda puppet, act, due: puppet.says(act.value, due),
    "clicks_ad": _ad,
    "presses_page_button": lambda puppet, act, due: puppet.presses_page_button(act.value, due),
    "taps": lambda puppet, act, due: puppet.taps(act.value, due),
    "reacts": _react,
    "calls": _call,
    "sends": _send,
    "edits": lambda puppet, act, due: puppet.edits(puppet.last_said(), act.value, due),
    "revokes": lambda puppet, _act, due: puppet.revokes(puppet.last_said(), due),
    "moves_to": lambda puppet, act, due: puppet.moves_to(act.value, due),
    "stops_marketing": lambda puppet, _act, due: puppet.stops_marketing(due),
    "resumes_marketing": lambda puppet, _act, due: puppet.stops_marketing(due, resumes=True),
    "hears_from_app": lambda puppet, act, due: puppet.hears_from_app(act.value, due),
    "blocks": _block,
}

EXAMPLE = """\
# A scenario for `wacli sandbox --scenario FILE`. Every key but a customer's name and phone may be left out.
speed = 60                              # a minute passes in a second
# start = 2026-11-22T08:00:00+07:00     # when the clock begins; without it: now
# demo = true                           # the seven customers of `wacli demo` as well

[shop]
name = "Toko Bunga Melati"
currency = "USD"
time_zone = "Asia/Jakarta"
free_used = 990                         # so many of this month's 1,000 free answers are gone already
# answers_after = "3m"                  # a made-up colleague answers by itself; leave it out to answer yourself

[webhooks]
batch = 3                               # up to so many updates in one notification
copies = 2                              # each of them twice, as Meta sometimes does
shuffled = true                         # and out of order

[[customers]]
name = "Sari Wulandari"
phone = "+62 812-3456-7890"
read_after = "20s"                      # "never": no receipts; delivered_after = "never": the phone is off
script = [
  { after = "5s", says = "Halo kak, buket mawar putih masih ada?" },
  { after = "20s", sends = "image", caption = "Seperti ini" },
  { after = "3h", says = "Kak?" },
]
answers = [{ to = "siap", text = "Terima kasih banyak!", after = "30s" }]

[[customers]]
name = "Budi Santoso"
phone = "+62 813-9876-5432"
script = [
  { after = "1m", clicks_ad = "Berapa harga buket wisuda?", headline = "Buket wisuda mulai 75 ribu" },
  { after = "2h", calls = "missed" },
]

[[customers]]
name = "Dewi"
phone = "+62 819-0000-1111"
username = "dewi.bunga"                 # WhatsApp hides her number
script = [
  { after = "10m", says = "Bisa kirim ke Bandung?" },
  { after = "11m", edits = "Bisa kirim ke Bandung besok?" },
  { after = "1d", stops_marketing = true },
]

[[crowd]]
count = 30                              # and thirty more who act by chance
phone = "+62878"
writes_every = "4h"
until = "12h"

[[faults]]
after = "30m"
kind = "timeout"                        # the next send hangs and is then cut: did it go out or not?
after_acceptance = true
seconds = 5.0
"""
