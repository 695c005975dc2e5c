"""What stands in the way of a message although its window would let it through.

| code | what | source |
|---|---|---|
| `opted-out` | they stopped this category | recorded permission; error 131050 |
| `no-opt-in` | marketing, and nobody recorded that they agreed | Meta's policy; 131049 and blocks follow |
| `us-marketing-paused` | marketing to a number with a US area code | pricing.md sections 2, 9 |
| `cooling-off` | marketing within 24 h of a 131049 | cloud-api.md section 6 (class L, >= 24 h), pricing.md section 9 |
| `undeliverable` | the last message failed with 131026 and they have not written since | cloud-api.md section 6 (F) |

Each would cost a refusal by Meta, and the first two the quality of the number besides. All that apply are named.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from .category import Category
from .pricing_rules import PricingRules
from .text import Text, t
from .window import Clocks, EntryPoint

COOLING_OFF_FOR = timedelta(hours=24)


class Reason(NamedTuple):
    """One reason of a verdict: a stable code and a sentence."""

    code: str
    text: Text


class Person(NamedTuple):
    """What matters about the contact. A named tuple: the board judges thousands.

    `undeliverable_at`: when their latest message failed with 131026, None once they have written since.
    `held_back_at`: the latest 131049. `is_in_us`: a US area code.
    """

    contact_id: int
    has_phone: bool
    has_bsuid: bool
    market: str | None
    clocks: Clocks
    entry_point: EntryPoint
    opted_out: Collection[str] = ()  # categories
    opted_in: Collection[str] = ()
    undeliverable_at: datetime | None = None
    held_back_at: datetime | None = None
    is_in_us: bool = False


def is_cooling_off(held_back_at: datetime | None, now: datetime) -> bool:
    """True from a 131049 until 24 h later, that instant excluded."""
    return held_back_at is not None and now < held_back_at + COOLING_OFF_FOR


def stopped(person: Person, category: Category | None) -> tuple[Reason, ...]:
    """The opt-out of this category, if there is one."""
    if category is None or category.value not in person.opted_out:
        return ()
    return (Reason("opted-out", t("they stopped {category} messages", category=category.value)),)


def unreached(person: Person) -> tuple[Reason, ...]:
    """The failure of the message before this one, if nothing has come from them since."""
    if person.undeliverable_at is None:
        return ()
    sentence = t(
        "the last message to them could not be delivered ({at}), and they have not written since",
        at=person.undeliverable_at,
    )
    return (Reason("undeliverable", sentence),)


def marketing_obstacles(person: Person, rules: PricingRules, now: datetime) -> tuple[Reason, ...]:
    """What stands in the way of marketing, apart from an opt-out."""
    found = []
    marketing = Category.MARKETING.value
    if marketing not in person.opted_in and marketing not in person.opted_out:
        found.append(Reason("no-opt-in", t("no opt-in to marketing messages is recorded for them")))
    if rules.us_marketing_paused and person.is_in_us:
        found.append(Reason("us-marketing-paused", t("WhatsApp delivers no marketing to numbers of the United States")))
    if person.held_back_at is not None and is_cooling_off(person.held_back_at, now):
        sentence = t(
            "WhatsApp held marketing to them back at {at}, and takes none before {until}",
            at=person.held_back_at,
            until=person.held_back_at + COOLING_OFF_FOR,
        )
        found.append(Reason("cooling-off", sentence))
    return tuple(found)
