"""Fields about the account, its numbers, groups and templates.

Source: facts cloud-api.md section 9, the table of fields, and section 4 on categories: Meta announces a change 24 h
ahead (`correct_category` is the one to come, `new_category` the one that still holds), then reports it
(`previous_category`, `new_category`). Meta's own sample of a quality update carries the field name of a status
update, so the keys decide.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import Event, NoticeSeen, Number, TemplateChanged

from .values import first_of, members_of, raw_of, text_of, word_of

TEMPLATE_FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
    }
)
NOTICE_FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_username_update",
        "business_username_updates",
        "consumer_profile",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
    }
)


def account_event(field: str, value: Mapping[str, object], waba_id: str | None, at: int | None) -> Event:
    """The one event of a change in a field of this module."""
    get = value.get
    number = Number(word_of(get("phone_number_id")), word_of(get("display_phone_number")), waba_id)
    if field in TEMPLATE_FIELDS and (get("message_template_id") or get("message_template_name")) is not None:
        return _template_changed(field, value, number, at)
    group = first_of(get("groups"))
    what = next((word for word in map(word_of, _likely_words(value, group)) if word is not None), None)
    return NoticeSeen(number, field, what, at, raw_of(value))


def _likely_words(value: Mapping[str, object], group: Mapping[str, object]) -> tuple[object, ...]:
    return (value.get("event"), value.get("decision"), value.get("alert_type"), value.get("status"), group.get("type"))


def _template_changed(field: str, value: Mapping[str, object], number: Number, at: int | None) -> TemplateChanged:
    get = value.get
    what, before, after = _change(field, value)
    reason = word_of(get("reason"))
    return TemplateChanged(
        number=number,
        template_id=word_of(get("message_template_id")),
        name=text_of(get("message_template_name")),
        language=word_of(get("message_template_language")),
        what=what,
        before=before,
        after=after,
        reason=None if reason == "NONE" else reason or word_of(members_of(get("other_info")).get("title")),
        at=at,
        raw=raw_of(value),
    )


def _change(field: str, value: Mapping[str, object]) -> tuple[str, str | None, str | None]:
    get = value.get
    event = word_of(get("event"))
    if event is None and (get("new_quality_score") or get("previous_quality_score")) is not None:
        return "quality", word_of(get("previous_quality_score")), word_of(get("new_quality_score"))
    correct, new, previous = (
        word_of(get("correct_category")),
        word_of(get("new_category")),
        word_of(get("previous_category")),
    )
    if event is None and correct is not None and previous is None:
        return "category-announced", new, correct
    if event is None and (new or previous) is not None:
        return "category", previous, new
    if event is not None or field == "message_template_status_update":
        return "status", None, event
    kinds = {"message_template_quality_update": "quality", "template_category_update": "category"}
    return kinds.get(field, "components"), None, None
