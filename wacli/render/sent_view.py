"""What became of each message of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wacli.domain.contact import Contact
from wacli.domain.identity import display_phone
from wacli.domain.money import Money
from wacli.domain.problem import Problem
from wacli.domain.text import Text, t
from wacli.domain.verdict import Outcome
from wacli.services.delivery import Sent
from wacli.services.sending import Failed, Prepared

from .verdict_words import FREE_BECAUSE
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

SENT_FIELDS = (
    "contact_id", "name", "phone", "key", "state", "wamid", "free_reason", "price", "currency", "category", "error",
    "error_text", "template",
)  # fmt: skip
_STATES: dict[str, tuple[Text, Style]] = {
    "accepted": (t("accepted"), Style.GOOD),
    "held": (t("held for a quality check"), Style.WARN),
    "refused": (t("refused"), Style.BAD),
    "unknown": (t("outcome unknown"), Style.BAD),
    "not-sent": (t("not sent"), Style.BAD),
}


def sent_fields(item: Sent | Failed, words: Words) -> Flat:
    """One result for machines."""
    if isinstance(item, Failed):
        whom = {"name": item.who} if item.contact is None else _whom(item.contact)
        return {**dict.fromkeys(SENT_FIELDS), **whom, "state": "not-sent", **_error(item.problem, words)}
    contact, verdict = item.prepared.standing.contact, item.prepared.verdict
    return {
        **_whom(contact),
        "key": item.prepared.key,
        "state": item.state,
        "wamid": item.wamid,
        "free_reason": None if verdict.free_reason is None else verdict.free_reason.value,
        "price": verdict.price,
        "currency": verdict.currency,
        "category": None if verdict.category is None else verdict.category.value,
        "template": None if item.prepared.letter.template is None else item.prepared.letter.template.name,
        **_error(item.problem, words),
    }


def _whom(contact: Contact) -> Flat:
    return {
        "contact_id": contact.id or None,
        "name": contact.label,
        "phone": None if contact.phone is None else display_phone(contact.phone),
    }


def _error(problem: Problem | None, words: Words) -> Flat:
    if problem is None:
        return {"error": None, "error_text": None}
    return {"error": problem.code, "error_text": words.say(problem.message)}


def sent_listing(items: Iterable[Sent | Failed], words: Words) -> Listing[Sent | Failed]:
    """One line for each message; why, only where something went wrong. Machines may be given them as they come."""
    has_problems = isinstance(items, Sequence) and any(item.problem is not None for item in items)
    headings = [Heading(t("Contact"), share=1), Heading(t("Outcome")), Heading(t("Cost"))]
    if has_problems:
        headings.append(Heading(t("Why"), share=1, wraps=True))
    return Listing(
        fields=SENT_FIELDS,
        rows=items,
        flat=lambda item: sent_fields(item, words),
        headings=tuple(headings),
        cells=lambda item: _cells(item, words)[: len(headings)],
        empty=t("Nobody was written to"),
    )


def _cells(item: Sent | Failed, words: Words) -> tuple[Cell, ...]:
    state = "not-sent" if isinstance(item, Failed) else item.state
    problem = item.problem
    label, style = _STATES[state]
    name = item.who if isinstance(item, Failed) else item.prepared.standing.contact.label
    cost = Cell("") if isinstance(item, Failed) else cost_of(item.prepared, words)
    why = "" if problem is None else words.say(problem.message)
    return Cell(sanitise(name), Style.STRONG), Cell(words.say(label), style), cost, Cell(why)


def cost_of(prepared: Prepared, words: Words) -> Cell:
    """Free and which free, or the price."""
    verdict = prepared.verdict
    if verdict.outcome is Outcome.FREE and verdict.free_reason is not None:
        return Cell(words.say(FREE_BECAUSE[verdict.free_reason]), Style.GOOD)
    if verdict.price is None or verdict.currency is None:
        return Cell(words.say(t("billed, rate unknown")), Style.WARN)
    return Cell(words.money(Money(verdict.price, verdict.currency)), Style.WARN)


def cost_in_words(prepared: Prepared) -> Text:
    """The same as one sentence part."""
    verdict = prepared.verdict
    if verdict.outcome is Outcome.FREE and verdict.free_reason is not None:
        return FREE_BECAUSE[verdict.free_reason]
    if verdict.price is None or verdict.currency is None:
        return t("billed, rate unknown")
    return t("{price}", price=Money(verdict.price, verdict.currency))


def branch_taken(prepared: Prepared, *, is_rehearsed: bool = False) -> Text:
    """Which of two letters it was, the answer or the template instead of it, and what that costs."""
    template, cost = prepared.letter.template, cost_in_words(prepared)
    if template is None:
        if is_rehearsed:
            return t("The window is open: the answer would go out ({cost})", cost=cost)
        return t("The window is open: the answer went out ({cost})", cost=cost)
    if is_rehearsed:
        return t("The window is shut: the template {name} would go out ({cost})", name=template.name, cost=cost)
    return t("The window is shut: the template {name} went out ({cost})", name=template.name, cost=cost)
