"""A verdict that says no, as the sentence that a sender reads: what, why, and what to type next."""

from __future__ import annotations

from wacli.domain.contact import Contact
from wacli.domain.problem import Refused
from wacli.domain.template_fill import command_for
from wacli.domain.text import Text, t
from wacli.domain.verdict import Outcome, Verdict
from wacli.store import numbers, templates
from wacli.store.database import Store

from .templates import template_of


def refusal_of(store: Store, contact: Contact, verdict: Verdict) -> Refused:
    """The refusal behind a verdict that permits nothing; its code is that of the first reason."""
    reason, name = verdict.reasons[0], contact.label
    hint = next_step(store, contact, verdict)
    details: dict[str, object] = {"reasons": [one.code for one in verdict.reasons]}
    if verdict.outcome is Outcome.TEMPLATE_ONLY:
        details["window_closes_at"] = verdict.window_closes_at
        message = t("{name} cannot be answered freely: {why}", name=name, why=reason.text)
        return Refused("window-closed", message, hint, details)
    message = t("Nothing can be sent to {name}: {why}", name=name, why=reason.text)
    if reason.code in ("not-free", "too-expensive", "over-budget"):
        message = t("A message to {name} was not sent: {why}", name=name, why=reason.text)
    return Refused(reason.code, message, hint or t("See why: wacli can {who}", who=_typed(contact)), details)


def next_step(store: Store, contact: Contact, verdict: Verdict) -> Text | None:
    """What would change a verdict that says no, or what to type instead; None where nothing is known to."""
    if verdict.outcome is Outcome.TEMPLATE_ONLY:
        return _elsewhere(store, contact, verdict) or _template_hint(store, contact)
    return _hint(verdict.reasons[0].code, contact) if verdict.reasons else None


def _hint(code: str, contact: Contact) -> Text | None:
    who = _typed(contact)
    match code:
        case "no-opt-in":
            return t(
                'Record how they agreed: wacli contacts opt-in {who} --evidence "...", '
                'or send with --assume-opt-in "why"',
                who=who,
            )
        case "opted-out":
            return t(
                'Leave them in peace; if they want it again: wacli contacts opt-in {who} --evidence "..."', who=who
            )
        case "template-not-approved":
            return t("See its state: wacli templates list")
        case "needs-phone" | "no-identifier":
            return t("Ask for the number, then: wacli contacts edit {who} --phone +62...", who=who)
        case "undeliverable":
            return t("Check the number. To try all the same: --try-again")
        case "not-free":
            return t("Leave --if-free out to send it all the same")
        case "too-expensive":
            return t("Raise --max-cost, or wait until it is free: wacli can {who}", who=who)
        case "over-budget":
            return t("See where it went: wacli spend. To send it all the same: --over-budget")
        case "us-marketing-paused":
            return t("Answers while their window is open, and utility templates, still reach them")
        case "cooling-off":
            return t("Wait until then. Answers and utility templates are not held back")
        case _:
            return None


def _elsewhere(store: Store, contact: Contact, verdict: Verdict) -> Text | None:
    """Webhooks of an account bring the chats of all its numbers: who never wrote to this one may have to another."""
    if not contact.id or not any(reason.code == "never-wrote" for reason in verdict.reasons):
        return None
    number = numbers.find_written_to(store, contact.id)
    if number is None:
        return None
    return t(
        "They wrote to another number of yours, {number}: answer with its profile. See yours: wacli profiles list",
        number=number.label,
    )


def _template_hint(store: Store, contact: Contact) -> Text:
    # A utility template answers somebody; promotions and passwords do not.
    approved = [row for row in templates.list_templates(store) if row.status == "APPROVED"]
    first = next((row for row in approved if row.category == "UTILITY"), None) or next(iter(approved), None)
    if first is None:
        return t("Fetch your templates, then send one: wacli templates pull")
    command = command_for(template_of(first), {}, f"#{contact.id}" if contact.id else contact.label)
    return t("Send a template: {command}", command=command)


def _typed(contact: Contact) -> str:
    """The contact as WHO on a command line; a stranger has no id yet."""
    return f"'#{contact.id}'" if contact.id else contact.label
