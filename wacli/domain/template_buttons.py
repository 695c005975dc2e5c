"""What Meta refuses in the buttons of a template (facts: cloud-api.md section 4, component rules)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from .template import Button, ButtonKind, places
from .template_finding import Finding, error
from .text import t, tn

_BUTTONS, _BUTTON_TEXT, _URL, _CODE, _PHONE = 10, 25, 2000, 20, 20
_MOST = {ButtonKind.URL: 2, ButtonKind.PHONE_NUMBER: 1, ButtonKind.COPY_CODE: 1}
_OTP_TYPES = frozenset({"COPY_CODE", "ONE_TAP", "ZERO_TAP"})
_WRITTEN_BY_WHATSAPP = frozenset({ButtonKind.OTP.value, ButtonKind.COPY_CODE.value})


def button_findings(button: Button, where: str) -> Iterator[Finding]:
    """The faults of one button."""
    label = button.text or ""
    if not label.strip() and button.kind not in _WRITTEN_BY_WHATSAPP:
        yield error("empty-text", where, t("The {part} has no words on it", part=where), t("Write them: text"))
    if len(label) > _BUTTON_TEXT:
        message = tn(
            "The {part} has {count} character, {limit} fit",
            "The {part} has {count} characters, {limit} fit",
            len(label),
            part=where,
            limit=_BUTTON_TEXT,
        )
        yield error("too-long", where, message, t("Shorten it"), 2388040)
    if button.kind == ButtonKind.URL:
        yield from _link(button, where)
    elif button.kind == ButtonKind.PHONE_NUMBER:
        if not 0 < len(button.phone_number or "") <= _PHONE:
            yield error(
                "bad-phone",
                where,
                t("The number of the button is missing or too long"),
                t("Write it with its country code, 20 characters at most"),
            )
    elif button.kind == ButtonKind.COPY_CODE:
        yield from _code(button, where)
    elif button.kind == ButtonKind.OTP and (button.otp_type or "").upper() not in _OTP_TYPES:
        yield error(
            "bad-otp-type",
            where,
            t("The button does not say how the code is handed over"),
            t("Give otp_type: {choices}", choices=", ".join(sorted(_OTP_TYPES))),
        )


def _code(button: Button, where: str) -> Iterator[Finding]:
    if not any(button.examples):
        yield error(
            "missing-example", where, t("There is no example of the code"), t("Give one, 20 characters at most")
        )
    if any(len(example) > _CODE for example in button.examples):
        yield error("too-long", where, t("A code has 20 characters at most"), t("Use a shorter code"), 2388040)


def _link(button: Button, where: str) -> Iterator[Finding]:
    url = button.url or ""
    names = places(url)
    if not url.startswith(("https://", "http://")) or len(url) > _URL:
        yield error(
            "bad-link",
            where,
            t("The web address is missing, too long or not an address"),
            t("Start it with https://, 2,000 characters at most"),
        )
    if url.count("{{") > 1 or (names and not url.endswith("}}")):
        yield error(
            "place-in-link", where, t("A web address takes one place, at its end"), t("Move the place to the end")
        )
    if names and not any(button.examples):
        yield error(
            "missing-example", where, t("There is no example for {places}", places=names[0]), t("Give a full address")
        )


def count_findings(buttons: tuple[Button, ...], where: str) -> Iterator[Finding]:
    """The faults of all buttons together."""
    if len(buttons) > _BUTTONS:
        yield error("wrong-count", where, t("A template takes 10 buttons at most"), t("Remove some"))
    for kind, most in _MOST.items():
        if sum(button.kind == kind for button in buttons) > most:
            yield error(
                "wrong-count",
                where,
                tn(
                    "There can be {count} button of the kind {kind} at most",
                    "There can be {count} buttons of the kind {kind} at most",
                    most,
                    kind=kind.value,
                ),
                t("Remove some"),
            )
    kinds = [button.kind == ButtonKind.QUICK_REPLY for button in buttons]
    changes = sum(before != after for before, after in pairwise(kinds))
    if changes > 1:
        yield error(
            "scattered-replies",
            where,
            t("Quick replies and other buttons are mixed up"),
            t("Put all quick replies together, before or after the others"),
        )
