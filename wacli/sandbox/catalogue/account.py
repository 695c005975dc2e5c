"""What Meta tells about templates, numbers and the account, and what no program expects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

from wacli.domain.text import t

from ..failures import webhook_error
from ..ledger import Step
from ..payloads import account
from ..payloads.envelope import change, messages_value, unix
from .kind import Change, Kind, Telling, by_name

Value: TypeAlias = dict[str, object]


def _field(field: str, make: Callable[[Telling], Value]) -> Callable[[Telling], Change]:
    return lambda telling: change(field, make(telling))


def _template(event: str, reason: str | None, **more: object) -> Callable[[Telling], Change]:
    return _field(
        "message_template_status_update",
        lambda telling: account.template_status(telling.template, event, reason, more),
    )


def _disabled(telling: Telling) -> Change:
    on = _written(telling.at + timedelta(days=8))
    return _template("FLAGGED", None, disable_info={"disable_date": on})(telling)


def _account(event: str, **more: object) -> Callable[[Telling], Change]:
    return _field("account_update", lambda _: {"event": event, **more})


def _number(field: str, **more: object) -> Callable[[Telling], Change]:
    return _field(field, lambda telling: {"display_phone_number": telling.scene.number.digits, **more})


def _written(at: datetime) -> str:
    on: date = at.date()
    return f"{on:%B} {on.day}, {on.year}"


def _tier(telling: Telling) -> Value:
    month = f"{telling.at.astimezone(telling.scene.account.zone):%Y-%m}"
    step = Step(telling.scene.account, telling.at, "utility", "Indonesia", "750001:4000000", month)
    return account.tier_value(step)


def _errors(telling: Telling) -> Change:
    value = messages_value(telling.scene.number) | {"errors": [webhook_error(telling.code, "Something went wrong.")]}
    return change("messages", value)


def _group(field: str, what: str, **more: object) -> Callable[[Telling], Change]:
    def make(telling: Telling) -> Value:
        row = {
            "timestamp": str(unix(telling.at)),
            "group_id": "Y2FwaV9ncm91cDpzYW5kYm94",
            "type": what,
            "request_id": "784D93D0C468593037EA0B1ECA245D9C",
            **more,
        }
        return messages_value(telling.scene.number) | {"groups": [row]}

    return _field(field, make)


def _event(telling: Telling) -> Value:
    told = {"id": telling.wamid, "event_name": "Purchase", "timestamp": unix(telling.at)}
    return messages_value(telling.scene.number) | {"automatic_events": [told]}


def _dashboard(_telling: Telling) -> Change:
    """The test button of Meta's app dashboard: ids of nobody (facts cloud-api.md section 8)."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "16505551111", "phone_number_id": "123456123"},
        "contacts": [{"profile": {"name": "test user name"}, "wa_id": "16315551181"}],
        "messages": [
            {
                "from": "16315551181",
                "id": "ABGGFlA5Fpa",
                "timestamp": "1504902988",
                "type": "text",
                "text": {"body": "this is a text message"},
            }
        ],
    }
    return change("messages", value)


ACCOUNT = by_name(
    Kind("template-approved", t("a template is approved"), _template("APPROVED", "NONE")),
    Kind("template-rejected", t("a template is rejected"),
         _template("REJECTED", "INVALID_FORMAT", rejection_info={"reason": "Its variables are wrong",
                                                                 "recommendation": "Give each variable an example"})),
    Kind("template-paused", t("a template is paused for low quality"),
         _template("PAUSED", None, other_info={"title": "FIRST_PAUSE", "description": "Paused for 3 hours"})),
    Kind("template-disabled", t("a template will be disabled"), _disabled),
    Kind("template-category-announced", t("Meta will move a template to marketing tomorrow"),
         _field("template_category_update",
                lambda telling: account.template_category_announced(telling.template, "MARKETING", telling.at))),
    Kind("template-category", t("Meta has moved a template to marketing"),
         _field("template_category_update",
                lambda telling: account.template_category(telling.template, "UTILITY", "MARKETING"))),
    Kind("template-quality", t("a template's quality falls to yellow"),
         _field("message_template_quality_update",
                lambda telling: account.template_quality(telling.template, "GREEN", "YELLOW"))),
    Kind("template-components", t("a template was edited"),
         _field("message_template_components_update", lambda telling: account.template_components(telling.template))),
    Kind("number-quality", t("your number is flagged for low quality"),
         _number("phone_number_quality_update", event="FLAGGED", current_limit="TIER_2K")),
    Kind("number-limit", t("your number may write to more people a day"),
         _number("phone_number_quality_update", event="UPGRADE", old_limit="TIER_250", current_limit="TIER_2K")),
    Kind("number-throughput", t("your number may send faster"),
         _number("phone_number_quality_update", event="THROUGHPUT_UPGRADE",
                 max_daily_conversations_per_business="TIER_UNLIMITED")),
    Kind("number-name", t("your display name was decided on"),
         _number("phone_number_name_update", decision="APPROVED", requested_verified_name="Toko Bunga Melati",
                 rejection_reason=None)),
    Kind("capability", t("your account's limits change"),
         _field("business_capability_update", lambda _: {"max_daily_conversations_per_business": "TIER_2K",
                                                         "max_phone_numbers_per_business": 25})),
    Kind("account-verified", t("your account is verified"), _account("VERIFIED_ACCOUNT")),
    Kind("account-violation", t("your account has broken a rule"),
         _account("ACCOUNT_VIOLATION", violation_info={"violation_type": "SPAM"})),
    Kind("account-restricted", t("your account may not start chats for a while"),
         _field("account_update", lambda telling: {
             "event": "ACCOUNT_RESTRICTION",
             "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
                                   "expiration": unix(telling.at + timedelta(days=3))}]})),
    Kind("account-banned", t("your account will be disabled"),
         _field("account_update", lambda telling: {
             "event": "DISABLED_UPDATE",
             "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE",
                          "waba_ban_date": _written(telling.at + timedelta(days=8))}})),
    Kind("account-review", t("your account was reviewed"),
         _field("account_review_update", lambda _: {"decision": "APPROVED"})),
    Kind("account-alert", t("an alert about your account"),
         _field("account_alerts", lambda telling: {
             "entity_type": "BUSINESS", "entity_id": telling.scene.account.waba_id,
             "alert_info": {"alert_severity": "CRITICAL"},
             "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED"})),
    Kind("volume-tier", t("a month's volume reaches a cheaper step"), _field("account_update", _tier)),
    Kind("international-rate", t("authentication abroad will cost the international rate"),
         _field("account_update", lambda telling: account.international_value(
             telling.at + timedelta(days=30), {"IN": telling.at + timedelta(days=60)}))),
    Kind("security", t("the PIN of your number was changed"),
         _number("security", event="PIN_CHANGED", requester="805550000000001")),
    Kind("payment-configuration", t("a payment configuration changes"),
         _field("payment_configuration_update", lambda _: {"configuration_name": "utama", "provider_name": "razorpay",
                                                           "status": "Active"})),
    Kind("business-username", t("your business username was decided on"),
         _number("business_username_update", username="tokobunga", status="approved")),
    Kind("group", t("a group was made"), _group("group_lifecycle_update", "group_create", subject="Reseller")),
    Kind("group-joined", t("somebody joins a group"),
         _group("group_participants_update", "group_participants_add", added_participants=[{"wa_id": "16505551234"}])),
    Kind("group-settings", t("a group's settings change"), _group("group_settings_update", "group_settings_update")),
    Kind("group-suspended", t("a group is suspended"), _group("group_status_update", "group_suspend")),
    Kind("flow-status", t("a flow's status changes"),
         _field("flows", lambda _: {"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "new_status": "PUBLISHED"})),
    Kind("automatic-event", t("Meta has seen a purchase in a chat"), _field("automatic_events", _event)),
    Kind("partner-solution", t("a partner's solution changes"),
         _field("partner_solutions", lambda _: {"event": "SOLUTION_CREATED", "solution_id": "1",
                                                "solution_status": "INITIATED"})),
    Kind("errors", t("an error of the account, beside no message"), _errors, uses_code=True),
    Kind("unknown-field", t("a field that nobody knows yet"),
         _field("something_new_update", lambda _: {"event": "ARRIVED"})),
    Kind("dashboard-test", t("the test button of Meta's app dashboard"), _dashboard),
)  # fmt: skip
