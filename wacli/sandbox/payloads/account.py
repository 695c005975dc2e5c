"""What happens to the account, its numbers and its templates: one `value` for each field.

Facts cloud-api.md section 9 (the table of fields) and section 4 (categories), pricing.md sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..ledger import Step
from ..templates import Template
from .envelope import unix


def named(template: Template) -> dict[str, object]:
    """Which template it is about, as every field about templates says it."""
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def template_status(
    template: Template, event: str, reason: str | None, more: Mapping[str, object]
) -> dict[str, object]:
    """`message_template_status_update`."""
    return {
        "event": event,
        **named(template),
        "message_template_category": template.category,
        "reason": reason,
        **more,
    }


def template_category(template: Template, before: str, after: str) -> dict[str, object]:
    """`template_category_update`, once it has happened."""
    return {**named(template), "previous_category": before, "new_category": after}


def template_category_announced(template: Template, after: str, at: datetime) -> dict[str, object]:
    """The same field a day ahead: `correct_category` is the one to come."""
    return {
        **named(template),
        "new_category": template.category,
        "correct_category": after,
        "category_update_timestamp": unix(at + timedelta(hours=24)),
    }


def template_quality(template: Template, before: str, after: str) -> dict[str, object]:
    """`message_template_quality_update`."""
    return {**named(template), "previous_quality_score": before, "new_quality_score": after}


def template_components(template: Template) -> dict[str, object]:
    """`message_template_components_update`."""
    said: dict[str, object] = {}
    for component in template.components:
        kind = str(component.get("type", "")).upper()
        if kind == "BODY":
            said["message_template_element"] = component.get("text")
        elif kind == "HEADER" and "text" in component:
            said["message_template_title"] = component["text"]
        elif kind == "FOOTER":
            said["message_template_footer"] = component.get("text")
    return {**named(template), **said}


def tier_value(step: Step) -> dict[str, object]:
    """`account_update` of a volume tier: pricing.md section 5. The region's spelling is a guess from `INDIA`."""
    return {
        "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
        "volume_tier_info": {
            "tier_update_time": unix(step.at),
            "pricing_category": step.category.replace("-", "_").upper(),
            "tier": step.tier,
            "effective_month": step.month,
            "region": step.market.upper().replace(" ", "_"),
        },
    }


def international_value(start: datetime, countries: Mapping[str, datetime]) -> dict[str, object]:
    """`account_update` of a business that will pay the international authentication rate."""
    exceptions = [{"country_code": code, "start_time": unix(at)} for code, at in countries.items()]
    return {
        "event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
        "auth_international_rate_eligibility": {"start_time": unix(start), "exception_countries": exceptions},
    }
