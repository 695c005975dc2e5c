"""Meta's error codes and bodies, as the sandbox answers them.

Codes, HTTP statuses and meanings: facts cloud-api.md section 6; the body's shape and the wording of the general ones
from the recorded answers named in section 11 of the same file. The words of `details` are the sandbox's own: Meta
says only that programs should decide by `code`, show `details` and keep `fbtrace_id`.

Template creation codes (2388xxx) travel as `error_subcode` of code 100, like the 2388091 of the recorded answers.
"""

from __future__ import annotations

from typing import NamedTuple

HELP_URL = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"


class _Known(NamedTuple):
    http: int
    title: str


_KNOWN: dict[int, _Known] = {
    1: _Known(400, "An unknown error occurred"),
    2: _Known(503, "Service temporarily unavailable"),
    4: _Known(400, "Application request limit reached"),
    33: _Known(400, "Parameter value is not valid"),
    100: _Known(400, "Invalid parameter"),
    104: _Known(401, "An access token is required to request this resource"),
    190: _Known(401, "Invalid OAuth access token"),
    368: _Known(403, "Temporarily blocked for policies violations"),
    2500: _Known(400, "Unknown path components"),
    80007: _Known(400, "Rate limit issues"),
    130429: _Known(400, "Rate limit hit"),
    130472: _Known(400, "User's number is part of an experiment"),
    130497: _Known(403, "Business account is restricted from messaging users in this country"),
    131000: _Known(500, "Something went wrong"),
    131005: _Known(403, "Access denied"),
    131008: _Known(400, "Required parameter is missing"),
    131009: _Known(400, "Parameter value is not valid"),
    131016: _Known(500, "Service unavailable"),
    131021: _Known(400, "Recipient cannot be sender"),
    131026: _Known(400, "Message undeliverable"),
    131030: _Known(400, "Recipient phone number not in allowed list"),
    131031: _Known(403, "Account has been locked"),
    131042: _Known(400, "Business eligibility payment issue"),
    131047: _Known(400, "Re-engagement message"),
    131048: _Known(400, "Spam rate limit hit"),
    131049: _Known(400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: _Known(400, "User has stopped receiving marketing messages from this business"),
    131051: _Known(400, "Unsupported message type"),
    131052: _Known(400, "Media download error"),
    131053: _Known(400, "Media upload error"),
    131056: _Known(400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: _Known(500, "Account in maintenance mode"),
    131062: _Known(400, "Business-scoped user ID is not supported for this message"),
    132000: _Known(400, "Number of parameters does not match the expected number of params"),
    132001: _Known(404, "Template name does not exist in the translation"),
    132005: _Known(400, "Translated text too long"),
    132012: _Known(400, "Parameter format does not match format in the created template"),
    132015: _Known(400, "Template is paused"),
    132016: _Known(400, "Template is disabled"),
    132018: _Known(400, "There was an issue with the parameters in your template"),
    133010: _Known(400, "Phone number not registered"),
    135000: _Known(400, "Generic user error"),
}
# Codes that Meta words without the "(#code)" in front, judging by the recorded answers.
_PLAIN = frozenset({104, 190, 33, 2500, 4})


class Refusal(Exception):
    """The API's no. `details` says what was wrong; `subcode` and the two user texts only where Meta has them."""

    def __init__(
        self, code: int, details: str, *, http: int | None = None, subcode: int | None = None, title: str | None = None
    ) -> None:
        known = _KNOWN.get(code, _Known(400, "Error"))
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details
        self.http = known.http if http is None else http
        self.subcode = subcode
        self.title = known.title if title is None else title


def answer(refusal: Refusal, trace_id: str) -> dict[str, object]:
    """The body of the HTTP answer."""
    message = refusal.title if refusal.code in _PLAIN else f"(#{refusal.code}) {refusal.title}"
    error: dict[str, object] = {"message": message, "type": "OAuthException", "code": refusal.code}
    if refusal.subcode is not None:
        error["error_subcode"] = refusal.subcode
        if refusal.subcode == 33:  # a Graph object that is not there: its own type, and no error_data (recorded)
            error |= {"message": refusal.details, "type": "GraphMethodException", "fbtrace_id": trace_id}
            return {"error": error}
        if refusal.subcode > 1_000_000:  # these come with words for the user
            error |= {"is_transient": False, "error_user_title": refusal.title, "error_user_msg": refusal.details}
    if refusal.code not in _PLAIN:
        error["error_data"] = {"messaging_product": "whatsapp", "details": refusal.details}
    error["fbtrace_id"] = trace_id
    return {"error": error}


def webhook_error(code: int, details: str) -> dict[str, object]:
    """The same refusal inside a failed status: there with `title` and `href`, without type and trace id."""
    title = _KNOWN[code].title if code in _KNOWN else "Error"
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": HELP_URL}


def is_known(code: int) -> bool:
    """True for a code the sandbox has words for."""
    return code in _KNOWN


def no_such_object(node: str) -> Refusal:
    """Code 100 subcode 33: the id is unknown, or the token may not see it; Meta does not say which."""
    return Refusal(
        100,
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation.",
        subcode=33,
    )
