"""Codes about the token, permissions, limits and the account itself (facts: cloud-api.md section 6)."""

from __future__ import annotations

from wacli.domain.text import t

from .advice import Advice, FailureClass, Scope

_ACCOUNT, _RETRY, _LATER, _FIX = FailureClass.ACCOUNT, FailureClass.RETRY, FailureClass.LATER, FailureClass.FIX
_RUN, _MESSAGE = Scope.RUN, Scope.MESSAGE

_TOKEN = Advice(
    _ACCOUNT,
    _RUN,
    t("Meta did not accept the access token"),
    t("The token is wrong, has expired (a dashboard token lasts 24 hours) or was withdrawn"),
    t("Make a new token in the Meta dashboard, then: wacli setup"),
)
_PERMISSION = Advice(
    _ACCOUNT,
    _RUN,
    t("The access token may not do this"),
    t("It lacks whatsapp_business_messaging or whatsapp_business_management, or was not given this account"),
    t("Give the system user both permissions and the WhatsApp account, make a new token, then: wacli setup"),
)
_SERVICE = Advice(
    _RETRY,
    _RUN,
    t("WhatsApp's service is down or overloaded at the moment"),
    t("The trouble is at Meta, not with you"),
    t("Try again in a few minutes"),
)
_REQUESTS = Advice(
    _RETRY,
    _RUN,
    t("Too many requests were made to Meta in the last hour"),
    t("Templates, numbers and settings share a limit: 200 requests an hour, 5,000 for active accounts"),
    t("Wait up to an hour; ask less often for templates and numbers"),
)
_BLOCKED = Advice(
    _ACCOUNT,
    _RUN,
    t("Meta has restricted or locked the WhatsApp business account"),
    t("It sees a breach of its policies, or details of the business that do not match"),
    t("Open WhatsApp Manager, read the notice and ask for a review; until then nothing can be sent"),
)
_NOT_REGISTERED = Advice(
    _ACCOUNT,
    _RUN,
    t("The business number is not registered for sending"),
    t("The registration was never finished, or it was undone"),
    t("Register the number in WhatsApp Manager, then: wacli doctor"),
)
_MAINTENANCE = Advice(
    _RETRY,
    _RUN,
    t("The business number is in maintenance for a moment"),
    t("Meta is often raising the number's speed; it takes about a minute"),
    t("Try again in a minute or two"),
)
_PIN = Advice(
    _LATER,
    _RUN,
    t("The number could not be registered because of its PIN"),
    t("The PIN is wrong, missing, or was tried too often"),
    t("Check or reset the two-step PIN in WhatsApp Manager and wait before trying again"),
)
_REGISTRATIONS = Advice(
    _LATER,
    _RUN,
    t("The number cannot be registered or removed just now"),
    t("It was registered or removed too often in a short time, or the last removal is still under way"),
    t("Wait some hours, then register it again in WhatsApp Manager"),
)

ACCOUNT: dict[int, Advice] = {
    0: _TOKEN,
    190: _TOKEN,
    104: _TOKEN,  # not in section 6; Meta's OpenAPI file answers a missing token with it
    3: _PERMISSION,
    10: _PERMISSION,
    131005: _PERMISSION,
    1: Advice(
        FailureClass.RETRY_ONCE,
        _MESSAGE,
        t("Meta could not process the request and does not say why"),
        t("Either the request is malformed or Meta's server had a fault"),
        t("Try once more; if it happens again, run it with --debug and report what it shows"),
    ),
    2: _SERVICE,
    131016: _SERVICE,
    133004: _SERVICE,
    4: _REQUESTS,
    17: _REQUESTS,  # not in section 6; Meta's OpenAPI file lists it as the user's request limit
    80007: _REQUESTS,
    33: Advice(
        _ACCOUNT,
        _RUN,
        t("Meta does not find the business number or account"),
        t("It was deleted, the id is wrong, or the token may not see it"),
        t("Compare the ids in WhatsApp Manager with: wacli config list"),
    ),
    803: Advice(
        _ACCOUNT,
        _RUN,
        t("Meta does not find the business number or account"),
        t("It was deleted, the id is wrong, or the token may not see it"),
        t("Compare the ids in WhatsApp Manager with: wacli config list"),
    ),  # not in section 6; Meta's OpenAPI file answers unknown numbers, accounts and QR codes with it
    100: Advice(
        _FIX,
        _MESSAGE,
        t("Meta refused a value in the request"),
        t("A field is missing, misspelt, too long or not allowed here"),
        t("Look at Meta's details with --debug and correct the value; the same request will fail again"),
    ),
    368: _BLOCKED,
    131031: _BLOCKED,
    131037: Advice(
        _ACCOUNT,
        _RUN,
        t("The display name of the business number is not approved"),
        t("Meta lets a number send only when its display name has been accepted"),
        t("Ask for the name's approval, or change it, in WhatsApp Manager"),
    ),
    131042: Advice(
        _ACCOUNT,
        _RUN,
        t("Meta could not charge for the message"),
        t("There is no valid payment method, or the free messages of the month are used up without one"),
        t("Add or repair the payment method in WhatsApp Manager, then: wacli doctor"),
    ),
    131045: _NOT_REGISTERED,
    133010: _NOT_REGISTERED,
    131057: _MAINTENANCE,
    2494100: _MAINTENANCE,
    131063: Advice(
        _ACCOUNT,
        _RUN,
        t("Marketing messages are switched off on the ordinary way of sending"),
        t("This account sends marketing templates through Meta's marketing messages API only"),
        t("Switch marketing on for the Cloud API in WhatsApp Manager, or send it from there"),
    ),
    131064: Advice(
        _LATER,
        _RUN,
        t("The limit on new contacts is reached because a template was in the wrong category"),
        t("Meta found templates that belong to another category and lowered what you may send"),
        t("Check the categories with: wacli templates pull; then wait until the limit is lifted"),
    ),
    130497: Advice(
        _FIX,
        Scope.CONTACT,
        t("This business may not write to people in that country"),
        t("Meta restricts what some kinds of business may send, country by country"),
        t("Leave contacts of that country out"),
    ),
    133005: _PIN,
    133006: _PIN,
    133007: _PIN,
    133008: _PIN,
    133009: _PIN,
    133015: _REGISTRATIONS,
    133016: _REGISTRATIONS,
    134011: Advice(
        _FIX,
        _MESSAGE,
        t("The terms for payments on WhatsApp are not accepted"),
        t("Orders and payment requests need them"),
        t("Accept the payments terms in WhatsApp Manager"),
    ),
}

# 200 to 299 all mean one thing: a permission is missing.
PERMISSION_RANGE = range(200, 300)
PERMISSION = _PERMISSION
