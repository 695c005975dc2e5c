"""Checks as a list: how each thing stands, what was found, what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wacli.domain.text import Text, t, tn
from wacli.services.checks import Check, Result

from .view import Cell, Flat, Heading, Listing, Style
from .words import Words

CHECK_FIELDS = ("check", "result", "message", "next", "details")

LABELS: Mapping[str, Text] = {
    "versions": t("Versions"),
    "path": t("Program"),
    "files": t("Files"),
    "store": t("Store"),
    "erasure": t("Erasure"),
    "profile": t("Profile"),
    "time-zone": t("Time zone"),
    "api-version": t("API version"),
    "rate-card": t("Price list"),
    "connection": t("Connection"),
    "token": t("Access token"),
    "token-expiry": t("Token ends"),
    "permissions": t("Permissions"),
    "account": t("Account"),
    "number": t("Business number"),
    "display-name": t("Display name"),
    "quality": t("Quality"),
    "messaging-limit": t("Messaging limit"),
    "health": t("Health"),
    "payment-method": t("Payment method"),
    "currency": t("Currency"),
    "webhook": t("Webhook"),
    "clock": t("Clock"),
}
_RESULTS: Mapping[Result, tuple[Text, Style]] = {
    Result.OK: (t("ok"), Style.GOOD),
    Result.WARN: (t("warning"), Style.WARN),
    Result.FAIL: (t("FAILED"), Style.BAD),
    Result.UNKNOWN: (t("unknown"), Style.DIM),
    Result.SKIPPED: (t("not asked"), Style.DIM),
}


def check_fields(check: Check, words: Words) -> Flat:
    """One check for machines; `details` hold Meta's code and trace id where something was refused."""
    return {
        "check": check.name,
        "result": check.result.value,
        "message": words.say(check.message),
        "next": None if check.next is None else words.say(check.next),
        "details": dict(check.details),
    }


def checks_listing(
    checks: Sequence[Check], words: Words, *, is_for_people: bool, with_details: bool = False
) -> Listing[Check]:
    """All checks for machines; people are spared what was not asked, and get the count of it."""
    skipped = sum(check.result is Result.SKIPPED for check in checks)
    rows = [check for check in checks if check.result is not Result.SKIPPED] if is_for_people else checks
    return Listing(
        fields=CHECK_FIELDS,
        rows=rows,
        flat=lambda check: check_fields(check, words),
        headings=(Heading(t("Result")), Heading(t("What")), Heading(t("What was found"), share=1, wraps=True)),
        cells=lambda check: _cells(check, words, with_details),
        empty=t("Nothing was looked at"),
        footer=(_sum(checks), *_skipped(skipped)),
    )


def _cells(check: Check, words: Words, with_details: bool) -> tuple[Cell, ...]:
    label, style = _RESULTS[check.result]
    found = words.say(check.message)
    if check.next is not None:
        found += f"\n→ {words.say(check.next)}"
    if with_details:
        found += "".join(
            f"\n  {key}: {words.write(value)}" for key, value in check.details.items() if value is not None
        )
    name = LABELS.get(check.name)
    return (
        Cell(words.say(label), style),
        Cell(check.name if name is None else words.say(name), Style.STRONG),
        Cell(found, Style.PLAIN if check.result is not Result.UNKNOWN else Style.DIM),
    )


def _sum(checks: Sequence[Check]) -> Text:
    failed = sum(check.result is Result.FAIL for check in checks)
    warned = sum(check.result is Result.WARN for check in checks)
    if failed:
        return tn("One thing has to be put right.", "{count} things have to be put right.", failed)
    if warned:
        return tn("It works; one thing is worth a look.", "It works; {count} things are worth a look.", warned)
    return t("Nothing is wrong.")


def _skipped(count: int) -> tuple[Text, ...]:
    return (tn("One thing was not asked.", "{count} things were not asked.", count),) if count else ()
