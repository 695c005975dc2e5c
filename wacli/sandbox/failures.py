"""Meta's error codes and bodies, as the sandbox answers them.

Codes, HTTP statuses and meanings: facts cloud-api.md section 6; the body's shape and the wording of the general ones
from the recorded answers named in section 11 of the same file. The words of `details` are the sandbox's own: Meta
says only that programs should decide by `code`, show `details` and keep `fbtrace_id`.

Template creation codes (2388xxx) travel as `error_subcode` of code 100, like the 2388091 of the recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    803: _Known(404, "Object does not exist"),
    200005: _Known(400, "Template insights are not enabled"),
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
# More codes of section 6, for failures that somebody asks for; the sandbox itself never gives them. Where the facts
# hold no title of Meta's, the words are ours.
_KNOWN |= {
    code: _Known(http, title)
    for code, http, title in (
        (0, 401, "Authentication exception"), (3, 500, "Capability or permission missing"),
        (10, 403, "Permission denied"), (200, 403, "Permission missing"),
        (131020, 400, "Group not valid"), (131035, 400, "Webhook content has expired"),
        (131037, 400, "Display name needs approval"), (131041, 400, "Group message not delivered"),
        (131045, 500, "Phone number registration error"), (131059, 400, "Cursor has expired"),
        (131063, 400, "Marketing messages are off on Cloud API"), (131064, 400, "Messaging limit reached"),
        (131201, 400, "Group error"), (132007, 400, "Template content breaks a policy"),
        (132008, 400, "Template parameter has a wrong value"), (132068, 400, "Flow is blocked"),
        (132069, 400, "Flow is throttled"), (133004, 503, "Server temporarily unavailable"),
        (133005, 400, "Two-step verification PIN mismatch"), (133006, 400, "Phone number needs verification"),
        (133008, 400, "Too many two-step verification PIN guesses"),
        (133009, 400, "Two-step verification PIN guessed too fast"), (133015, 400, "Wait before registering"),
        (133016, 400, "Account register deregister rate limit exceeded"),
        (134011, 400, "Payments terms not accepted"), (134100, 400, "Only marketing templates can be sent here"),
        (134101, 500, "Template is still syncing"), (134102, 400, "Template cannot be sent here"),
        (134103, 400, "Marketing messages terms"), (137000, 400, "Recipient identity key has changed"),
        (138000, 400, "Calling is not enabled"), (138006, 400, "Call permission is missing"),
        (139000, 400, "Flow is blocked for integrity"), (139004, 400, "Flow is throttled"),
        (139100, 400, "Blocking failed for some users"), (139101, 400, "Block list is full"),
        (139102, 400, "Block list was changed at the same time"), (139103, 400, "Block list error"),
        (139200, 400, "Direct Send is blocked"), (147001, 400, "Username error"),
        (2388019, 400, "Template limit reached"), (2388040, 400, "Template text too long"),
        (2388047, 400, "Template header not valid"), (2388072, 400, "Template body not valid"),
        (2388073, 400, "Template footer not valid"), (2388293, 400, "Too many template variables"),
        (2388299, 400, "Template variable at an edge"), (2388318, 400, "Direct Send template cannot be changed"),
        (2388330, 400, "Direct Send template cannot be deleted"), (2494100, 500, "Throughput is being raised"),
        (2593107, 400, "History sync was asked for too often"), (2593108, 400, "History sync was asked for too late"),
        (2593109, 400, "History sync is turned off by the business"),
    )
    if code not in _KNOWN
}  # fmt: skip
# Codes that Meta words without the "(#code)" in front, judging by the recorded answers.
_PLAIN = frozenset({104, 190, 33, 803, 2500, 4})


class Refusal(Exception):
    """The API's no. `details` says what was wrong; `subcode` and the two user texts only where Meta has them.

    `beside` stands next to the error: what succeeded in a request that failed in part.
    """

    def __init__(
        self,
        code: int,
        details: str,
        *,
        http: int | None = None,
        subcode: int | None = None,
        title: str | None = None,
        beside: Mapping[str, object] | None = None,
    ) -> None:
        known = _KNOWN.get(code, _Known(400, "Error"))
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details
        self.http = known.http if http is None else http
        self.subcode = subcode
        self.title = known.title if title is None else title
        self.beside = dict(beside or {})


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
    return {**refusal.beside, "error": error}


def webhook_error(code: int, details: str) -> dict[str, object]:
    """The same refusal inside a failed status: there with `title` and `href`, without type and trace id."""
    title = _KNOWN[code].title if code in _KNOWN else "Error"
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": HELP_URL}


def known_codes() -> tuple[int, ...]:
    """Every code that has words here."""
    return tuple(_KNOWN)


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
