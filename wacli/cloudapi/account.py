"""The account behind a business number: its token, its payment method, its webhooks, its health, the server's clock.

Sources: facts cloud-api.md sections 1 (permissions), 5 (`subscribed_apps`, `health_status`), pricing.md section 10.2
(`primary_funding_id` is missing where there is no payment method). The shapes of `debug_token` and `health_status`
are those of Meta's reference (Graph API v25.0) and of Meta's page on health status of 17 June 2026. `debug_token` is
meant for an app's own token; where Meta refuses it, what it would have told stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from .client import Client, segment

MANAGEMENT: Final = "whatsapp_business_management"
MESSAGING: Final = "whatsapp_business_messaging"
PERMISSIONS: Final = (MESSAGING, MANAGEMENT)

# The first day on which a version no longer answers (facts: cloud-api.md section 1); None: not announced. Older ones
# than the first do not answer any more.
VERSION_ENDS: Final[dict[str, date | None]] = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
}


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What Meta tells about a token; None where it does not.

    `expires_at` None with `never_expires` False: unknown. `targets` are the accounts (or other objects) that a
    permission was given for; a permission without an entry has no such limit.
    """

    is_valid: bool | None = None
    never_expires: bool = False
    expires_at: datetime | None = None
    scopes: frozenset[str] | None = None
    targets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    app_id: str | None = None
    app_name: str | None = None
    kind: str | None = None  # USER, SYSTEM_USER, ...

    def targets_of(self, scope: str) -> tuple[str, ...] | None:
        """The ids a permission is limited to, None where it names none."""
        return dict(self.targets).get(scope)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The WhatsApp business account itself. `has_payment_method` None: Meta did not say."""

    id: str
    name: str | None = None
    currency: str | None = None
    has_payment_method: bool | None = None


@dataclass(frozen=True, slots=True)
class SubscribedApp:
    """An app that gets the account's webhooks; `callback_uri` only where the account overrides the app's own."""

    id: str
    name: str | None = None
    callback_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing between the number and its customers that is not well, in Meta's words."""

    entity: str  # PHONE_NUMBER, WABA, BUSINESS, APP, ...
    state: str  # LIMITED, BLOCKED, or a word that is new
    words: tuple[str, ...] = ()
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """May messages be sent: AVAILABLE, LIMITED or BLOCKED (an open set; None: Meta did not say), and what is in the
    way. `webhook_urls` are the addresses that the number's webhooks go to, the strongest first."""

    state: str | None
    ailments: tuple[Ailment, ...] = ()
    webhook_urls: tuple[str, ...] | None = None


def inspect_token(client: Client) -> TokenFacts:
    """What `debug_token` tells. Raises `ApiRefused` where Meta does not let this token inspect itself."""
    told = client.inspect_token().get("data")
    data: dict[str, Any] = told if isinstance(told, dict) else {}
    valid, expires, scopes = data.get("is_valid"), data.get("expires_at"), data.get("scopes")
    return TokenFacts(
        valid if isinstance(valid, bool) else None,
        never_expires=expires == 0 and not isinstance(expires, bool),
        expires_at=_instant(expires),
        scopes=frozenset(_texts(scopes)) if isinstance(scopes, list) else None,
        targets=_targets(data.get("granular_scopes")),
        app_id=_id(data.get("app_id")),
        app_name=_text(data.get("application")),
        kind=_text(data.get("type")),
    )


def get_account(client: Client, waba_id: str) -> AccountFacts:
    """The account's name, currency and whether it has a payment method."""
    told = client.get(segment(waba_id), {"fields": "id,name,currency,primary_funding_id"})
    return AccountFacts(
        _id(told.get("id")) or waba_id,
        _text(told.get("name")),
        _text(told.get("currency")),
        _id(told.get("primary_funding_id")) not in (None, "0"),
    )


def list_subscribed_apps(client: Client, waba_id: str) -> list[SubscribedApp]:
    """The apps that get the account's webhooks."""
    apps = (_app(told) for told in client.pages(f"{segment(waba_id)}/subscribed_apps", {}))
    return [app for app in apps if app is not None]


def subscribe_app(client: Client, waba_id: str) -> None:
    """Sends the account's webhooks to the app that the token belongs to; doing it again does no harm."""
    client.post(f"{segment(waba_id)}/subscribed_apps", {})


def get_health(client: Client, phone_number_id: str) -> Health:
    """What Meta says about the way from this number to its customers."""
    told = client.get(segment(phone_number_id), {"fields": "health_status,webhook_configuration"})
    health = told.get("health_status")
    known: dict[str, Any] = health if isinstance(health, dict) else {}
    entities = known.get("entities")
    ailments = [_ailment(entity) for entity in (entities if isinstance(entities, list) else ())]
    return Health(
        _text(known.get("can_send_message")),
        tuple(ailment for ailment in ailments if ailment is not None),
        _urls(told.get("webhook_configuration")),
    )


def server_clock(client: Client) -> datetime | None:
    """The server's time (to the second), None where it does not tell."""
    from email.utils import parsedate_to_datetime

    try:
        at = parsedate_to_datetime(client.server_date() or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _app(told: dict[str, Any]) -> SubscribedApp | None:
    about = told.get("whatsapp_business_api_data")
    inner: dict[str, Any] = about if isinstance(about, dict) else told
    app_id = _id(inner.get("id"))
    if app_id is None:
        return None
    return SubscribedApp(app_id, _text(inner.get("name")), _text(told.get("override_callback_uri")))


def _ailment(entity: object) -> Ailment | None:
    if not isinstance(entity, dict):
        return None
    state, errors = _text(entity.get("can_send_message")), entity.get("errors")
    if state is None or state == "AVAILABLE":
        return None
    words, code = list(_texts(entity.get("additional_info"))), None
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            found = error.get("error_code")
            code = found if code is None and isinstance(found, int) and not isinstance(found, bool) else code
            words += _texts([error.get("error_description"), error.get("possible_solution")])
    return Ailment(_text(entity.get("entity_type")) or "?", state, tuple(words), code)


def _urls(told: object) -> tuple[str, ...] | None:
    """Facts cloud-api.md section 5: the number's own address wins over the account's, that over the app's."""
    if not isinstance(told, dict):
        return None
    return tuple(_texts([told.get("phone_number"), told.get("whatsapp_business_account"), told.get("application")]))


def _targets(told: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for entry in told if isinstance(told, list) else ():
        scope = _text(entry.get("scope")) if isinstance(entry, dict) else None
        if scope is not None and isinstance(entry.get("target_ids"), list):
            found.append((scope, tuple(filter(None, map(_id, entry["target_ids"])))))
    return tuple(found)


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _id(value: object) -> str | None:
    """Ids come as text and, in some answers, as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)
