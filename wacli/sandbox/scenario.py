"""A scenario: who writes when, answers what, reads after how long. A TOML file, read strictly.

    start = 2026-11-22T08:00:00+07:00      # when the sandbox's clock begins; without it: now
    speed = 60                             # sandbox seconds a second

    [[customers]]
    name = "Sari"
    phone = "+62 812-3456-7890"
    read_after = "20s"
    script = [
      { after = "10s", says = "Halo, buket mawar masih ada?" },
      { after = "2h", reacts = "🌹" },
    ]
    answers = [{ to = "siap", text = "Terima kasih!", after = "30s" }]

A key that nobody knows is refused with its place: a scenario that does less than it says would be worse than none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wacli.domain.text import t

from .scenario_table import NOTHING, Table, read_span, refused

ACTS = (
    "says", "clicks_ad", "presses_page_button", "taps", "reacts", "calls", "sends", "edits", "revokes", "moves_to",
    "stops_marketing", "resumes_marketing", "hears_from_app", "blocks",
)  # fmt: skip
FILES = ("image", "video", "audio", "voice", "sticker", "document", "location", "contacts", "order")


class Act(NamedTuple):
    """One thing a customer does `after` so long. `more` are the other keys of the entry."""

    after: timedelta
    verb: str
    value: str
    more: Mapping[str, str]


class Reply(NamedTuple):
    """What a customer writes back, up to `times` times, `after` reading a message that contains `to`."""

    to: str
    text: str
    after: timedelta
    times: int


class Person(NamedTuple):
    """One customer. `delivered_after` None: the phone is off; `read_after` None: receipts are off."""

    name: str
    phone: str
    username: str | None
    delivered_after: timedelta | None
    read_after: timedelta | None
    is_on_whatsapp: bool
    script: tuple[Act, ...]
    answers: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many customers who act by chance: each writes about once in `writes_every`, until `until` is over."""

    count: int
    phone: str
    writes_every: timedelta
    until: timedelta
    from_ads: float
    from_pages: float
    calls: float
    answers: float


class Shop(NamedTuple):
    """The business. `answers_after` not None: a made-up colleague answers that share of the messages by itself."""

    name: str | None
    currency: str | None
    time_zone: ZoneInfo | None
    has_payment_method: bool
    entry_point_for: timedelta | None
    free_used: int
    answers_after: timedelta | None
    answers_share: float


class Webhooks(NamedTuple):
    """How notifications arrive."""

    batch: int
    copies: int
    is_shuffled: bool


class Mishap(NamedTuple):
    """A fault that begins `after` so long; `settings` as `/_sandbox/faults` takes them."""

    after: timedelta
    settings: Mapping[str, object]


class Scenario(NamedTuple):
    """The whole file."""

    start: datetime | None
    speed: float | None
    seed: int | None
    is_demo: bool
    shop: Shop
    webhooks: Webhooks
    people: tuple[Person, ...]
    crowds: tuple[Crowd, ...]
    mishaps: tuple[Mishap, ...]


def read_scenario(text: str, file: str) -> Scenario:
    """The file's content. Raises Invalid (code `bad-scenario`), naming the file and the key."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refused(file, "TOML", t("cannot be read: {error}", error=str(error))) from None
    top = Table(table, file, "")
    made = Scenario(
        start=top.instant("start"),
        speed=top.number("speed", None, 0.0, 1_000_000.0),
        seed=top.whole("seed", None, 0, 2**31),
        is_demo=top.flag("demo", False),
        shop=_shop(top.table("shop")),
        webhooks=_webhooks(top.table("webhooks")),
        people=tuple(_person(one) for one in top.tables("customers")),
        crowds=tuple(_crowd(one) for one in top.tables("crowd")),
        mishaps=tuple(_mishap(one) for one in top.tables("faults")),
    )
    top.close()
    return made


def _shop(table: Table) -> Shop:
    zone = table.text("time_zone", None)
    try:
        known = None if zone is None else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise table.refused("time_zone", t("there is no time zone {name}", name=zone)) from None
    made = Shop(
        name=table.text("name", None),
        currency=table.text("currency", None),
        time_zone=known,
        has_payment_method=table.flag("payment_method", True),
        entry_point_for=table.span("entry_point", None),
        free_used=table.whole("free_used", 0, 0, 1_000_000) or 0,
        answers_after=table.span("answers_after", None),
        answers_share=table.number("answers_share", 1.0, 0.0, 1.0) or 0.0,
    )
    table.close()
    return made


def _webhooks(table: Table) -> Webhooks:
    made = Webhooks(
        table.whole("batch", 1, 1, 1000) or 1, table.whole("copies", 1, 1, 10) or 1, table.flag("shuffled", False)
    )
    table.close()
    return made


def _person(table: Table) -> Person:
    made = Person(
        name=table.text("name"),
        phone=table.text("phone"),
        username=table.text("username", None),
        delivered_after=table.span("delivered_after", timedelta(seconds=1)),
        read_after=table.span("read_after", timedelta(seconds=4)),
        is_on_whatsapp=table.flag("on_whatsapp", True),
        script=tuple(_act(one) for one in table.tables("script")),
        answers=tuple(_reply(one) for one in table.tables("answers")),
    )
    table.close()
    return made


def _act(table: Table) -> Act:
    after = table.span("after", timedelta(0)) or timedelta(0)
    verbs = [verb for verb in ACTS if table.has(verb)]
    if len(verbs) != 1:
        raise table.refused("", t("needs exactly one of {names}", names=", ".join(ACTS)))
    verb = verbs[0]
    value = table.take(verb)
    if verb in ("stops_marketing", "resumes_marketing", "revokes", "blocks"):
        if value is not True:
            raise table.refused(verb, t("must be true"))
        value = ""
    if not isinstance(value, str):
        raise table.refused(verb, t("must be a text"))
    if verb == "sends" and value not in FILES:
        raise table.refused(verb, t("{value} is not one of {choices}", value=value, choices=", ".join(FILES)))
    if verb == "calls" and value != "missed" and read_span(value) is None:
        raise table.refused(verb, t("must be “missed” or how long the call lasted, such as 3m"))
    more = {key: table.text(key) for key in ("headline", "caption") if table.has(key)}
    table.close()
    return Act(after, verb, value, more)


def _reply(table: Table) -> Reply:
    made = Reply(
        table.text("to", "") or "",
        table.text("text"),
        table.span("after", timedelta(seconds=20)) or timedelta(0),
        table.whole("times", 1, 1, 1000) or 1,
    )
    table.close()
    return made


def _crowd(table: Table) -> Crowd:
    made = Crowd(
        count=table.whole("count", NOTHING, 1, 100_000) or 1,
        phone=table.text("phone", "+62812") or "",
        writes_every=table.span("writes_every", timedelta(hours=6)) or timedelta(hours=6),
        until=table.span("until", timedelta(days=1)) or timedelta(days=1),
        from_ads=table.number("from_ads", 0.1, 0.0, 1.0) or 0.0,
        from_pages=table.number("from_pages", 0.0, 0.0, 1.0) or 0.0,
        calls=table.number("calls", 0.05, 0.0, 1.0) or 0.0,
        answers=table.number("answers", 0.5, 0.0, 1.0) or 0.0,
    )
    table.close()
    return made


def _mishap(table: Table) -> Mishap:
    after = table.span("after", timedelta(0)) or timedelta(0)
    return Mishap(after, table.rest())
