"""Codes about templates and flows, when sending and when creating (facts: cloud-api.md section 6)."""

from __future__ import annotations

from wacli.domain.text import t

from .advice import Advice, FailureClass, Scope

_FIX, _LATER = FailureClass.FIX, FailureClass.LATER
_RUN, _MESSAGE = Scope.RUN, Scope.MESSAGE

_DIRECT_SEND = Advice(
    _FIX,
    _MESSAGE,
    t("This template belongs to Meta's Direct Send and cannot be changed or deleted"),
    t("Meta makes and keeps such templates itself"),
    t("Leave it, and create a template of your own"),
)

TEMPLATES: dict[int, Advice] = {
    132000: Advice(
        _FIX,
        _RUN,
        t("The number of values does not fit the template"),
        t("The template was changed, or values are missing or too many"),
        t("Fetch the templates again with wacli templates pull, then look at its places: wacli templates show NAME"),
    ),
    132001: Advice(
        _FIX,
        _RUN,
        t("There is no such template in that language, or it is not approved yet"),
        t("A template is known by its name and its language together"),
        t("See which there are: wacli templates pull, then wacli templates list"),
    ),
    132005: Advice(
        _FIX,
        _MESSAGE,
        t("The template is too long with these values"),
        t("The finished text is longer than WhatsApp allows"),
        t("Use shorter values"),
    ),
    132007: Advice(
        _FIX,
        _RUN,
        t("The template's content breaks a WhatsApp rule"),
        t("Meta refuses its wording or format"),
        t("Read the reason in WhatsApp Manager and change the template"),
    ),
    132008: Advice(
        _FIX,
        _MESSAGE,
        t("A value for the template is not allowed"),
        t("Meta refuses what one of the places was filled with"),
        t("Look at Meta's details with --debug and change that value"),
    ),
    132012: Advice(
        _FIX,
        _RUN,
        t("A value has the wrong form for the template"),
        t("Named and numbered places were mixed up, or a picture, link or text is of the wrong kind"),
        t("Look at the places: wacli templates show NAME"),
    ),
    132015: Advice(
        _LATER,
        _RUN,
        t("The template is paused"),
        t("Too many people disliked it; a first pause lasts 3 hours, a second 6. Messages held back are dropped too"),
        t("Wait for the end of the pause, or use another template"),
    ),
    132016: Advice(
        _FIX,
        _RUN,
        t("The template is switched off for good"),
        t("It was paused too often for bad quality"),
        t("Create a new template with better wording"),
    ),
    132018: Advice(
        _FIX,
        _MESSAGE,
        t("A value for the template is not allowed"),
        t("Values may hold no line break, no tab and no run of more than four spaces, and each place needs one"),
        t("Write the value on one line and send again"),
    ),
    132068: Advice(
        _FIX,
        _RUN,
        t("The flow behind the button is blocked"),
        t("Meta has blocked it because it does not work or breaks a rule"),
        t("Repair the flow in WhatsApp Manager"),
    ),
    132069: Advice(
        _LATER,
        _RUN,
        t("The flow behind the button is slowed down"),
        t("Meta allows only 10 messages an hour with it until it works reliably"),
        t("Repair the flow in WhatsApp Manager, and wait"),
    ),
    2388019: Advice(
        _FIX,
        _RUN,
        t("There is no room for another template"),
        t("An account may keep 250 templates (6,000 once verified); each language counts"),
        t("Delete templates you do not use"),
    ),
    2388040: Advice(
        _FIX,
        _MESSAGE,
        t("A part of the template is too long"),
        t("Headers and footers take 60 characters, bodies 1,024, button titles 25"),
        t("Shorten it: wacli templates lint shows which part"),
    ),
    2388047: Advice(
        _FIX,
        _MESSAGE,
        t("The header of the template is not allowed"),
        t("It holds line breaks, formatting, emoji or too many places"),
        t("Simplify the header: wacli templates lint"),
    ),
    2388072: Advice(
        _FIX,
        _MESSAGE,
        t("The body of the template is not allowed"),
        t("Its format is not what WhatsApp accepts"),
        t("Correct the body: wacli templates lint"),
    ),
    2388073: Advice(
        _FIX,
        _MESSAGE,
        t("The footer of the template is not allowed"),
        t("Its format is not what WhatsApp accepts"),
        t("Correct the footer: wacli templates lint"),
    ),
    2388293: Advice(
        _FIX,
        _MESSAGE,
        t("The template has too many places for its length"),
        t("Meta wants enough fixed words around the places"),
        t("Write more text, or use fewer places"),
    ),
    2388299: Advice(
        _FIX,
        _MESSAGE,
        t("The template begins or ends with a place"),
        t("Meta wants fixed words before the first and after the last place"),
        t("Put a word before and after: wacli templates lint"),
    ),
    2388318: _DIRECT_SEND,
    2388330: _DIRECT_SEND,
}
