"""Advice as a list: what it saves, how much work it is, whom it concerns."""

from __future__ import annotations

from decimal import Decimal

from wacli.domain.money import Money
from wacli.domain.text import Text, t, tn
from wacli.services.advice import Advice, Advised, Effort

from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

ADVICE_FIELDS = ("code", "saved", "currency", "effort", "text", "command", "thread_count", "threads")
EFFORTS: dict[Effort, Text] = {Effort.LOW: t("little"), Effort.MEDIUM: t("some")}


def advice_fields(advice: Advice, currency: str, words: Words) -> Flat:
    """One piece for machines; `threads` are those with the largest share."""
    return {
        "code": advice.code,
        "saved": advice.saved,
        "currency": currency,
        "effort": advice.effort.value,
        "text": words.say(advice.sentence),
        "command": advice.command,
        "thread_count": advice.thread_count,
        "threads": [
            {"thread_id": one.thread_id, "contact_id": one.contact_id, "name": one.name, "saved": one.saved}
            for one in advice.threads
        ],
    }


def advice_listing(found: Advised, words: Words) -> Listing[Advice]:
    """The largest saving first."""
    cost = Money(found.amount, found.currency)
    footer = [t("By today's rules the span costs {amount}. Savings overlap: they do not add up.", amount=cost)]
    if found.unknown_count:
        footer.append(
            tn(
                "{count} message has a price that nobody published: it is not in these numbers.",
                "{count} messages have a price that nobody published: they are not in these numbers.",
                found.unknown_count,
            )
        )
    return Listing(
        fields=ADVICE_FIELDS,
        rows=found.found,
        flat=lambda advice: advice_fields(advice, found.currency, words),
        headings=(
            Heading(t("Saves"), right=True),
            Heading(t("Work")),
            Heading(t("What to do"), share=3, wraps=True),
            Heading(t("Most of it"), share=2, wraps=True),
            Heading(t("Begin with"), share=1, wraps=True),
        ),
        cells=lambda advice: (
            Cell(words.money(Money(advice.saved, found.currency)), Style.GOOD),
            Cell(words.say(EFFORTS[advice.effort])),
            Cell(words.say(advice.sentence)),
            Cell(_whom(advice, words)),
            Cell(advice.command, Style.DIM),
        ),
        empty=_nothing(found),
        footer=tuple(footer) if found.found else (),
    )


def _nothing(found: Advised) -> Text:
    if not found.message_count:
        return t("Nothing was sent in this time, so there is nothing to save")
    if found.amount == Decimal(0):
        return t("Nothing to save: by today's rules all of it is free")
    return t("Nothing found that would have saved a cent")


def _whom(advice: Advice, words: Words) -> str:
    names = ", ".join(sanitise(one.name) for one in advice.threads[:3])
    more = advice.thread_count - min(len(advice.threads), 3)
    return names if more <= 0 else f"{names} +{words.number(more)}"
