"""Why somebody of a campaign was left out or not reached, and where a campaign stands, in words."""

from __future__ import annotations

from typing import Final

from wacli.domain.campaign import State
from wacli.domain.text import Text, t

from .view import Style

_OURS: Final[dict[str, Text]] = {
    "opted-out": t("stopped these messages"),
    "no-opt-in": t("no opt-in to marketing is recorded"),
    "us-marketing-paused": t("US number: WhatsApp delivers no marketing there"),
    "cooling-off": t("WhatsApp held marketing to them back within the last 24 hours"),
    "undeliverable": t("the last message could not be delivered, and they have not written since"),
    "no-identifier": t("neither number nor user ID is known"),
    "template-not-approved": t("the template is not approved (paused, rejected or in review)"),
    "needs-phone": t("one-time passwords need a phone number, and theirs is not known"),
    "missing-value": t("a value of the template is missing for them"),
    "bad-value": t("a value of theirs cannot be used in a template"),
    "not-safe": t("not on this profile's list of safe recipients"),
    "duplicate": t("the same person again"),
    "unknown-person": t("nobody is known by that"),
    "unreadable": t("the line cannot be read"),
    "gone": t("the contact is no longer there"),
    "not-free": t("not free"),
    "too-expensive": t("costs more than allowed"),
    "unknown": t("the outcome is not known: the answer was lost"),
    "run-stopped": t("the run was stopped before its turn came"),
    "abandoned": t("wacli ended before it was sent"),
    "interrupted": t("wacli ended before the answer came"),
    "cost-limit": t("the next message would have passed the cost that was agreed to"),
    "over-budget": t("the next message would have passed this month's budget"),
    "too-many-failed": t("more failed than was agreed to"),
    "stopped-by-hand": t("somebody stopped it"),
    "hours": t("its hours were over"),
    "prices-changed": t("the prices have changed since it was planned"),
    "asleep": t("for the others it is outside the hours where they are"),
    "store-locked": t("another program kept the store locked"),
    "disk-full": t("the disk is full"),
    "bad-token": t("the access token cannot be used"),
    "not-sent": t("the connection failed before it was sent"),
}
STATES: Final[dict[State, tuple[Text, Style]]] = {
    State.PLANNED: (t("planned"), Style.PLAIN),
    State.SCHEDULED: (t("has an appointment"), Style.WARN),
    State.MISSED: (t("missed its time"), Style.BAD),
    State.PARTLY: (t("partly sent"), Style.WARN),
    State.DONE: (t("done"), Style.GOOD),
    State.CANCELLED: (t("cancelled"), Style.DIM),
}


def reason_in_words(reason: str) -> Text:
    """The sentence for one of our codes or one of Meta's (`api-131026`); an unknown code as it is."""
    known = _OURS.get(reason)
    if known is not None:
        return known
    if reason.startswith("api-"):
        from wacli.domain.problem import NotFound
        from wacli.services.explanations import explain  # the table of Meta's codes: only where one is met

        try:
            return t("{what} ({code})", what=explain(reason).happened, code=reason.removeprefix("api-"))
        except NotFound:
            return t("WhatsApp says error {code}", code=reason.removeprefix("api-"))
    return t("{code}", code=reason)
