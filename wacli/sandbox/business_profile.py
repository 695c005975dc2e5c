"""The page that customers see of a number: `whatsapp_business_profile`. Facts cloud-api.md section 5."""

from __future__ import annotations

from dataclasses import dataclass, field

from .failures import Refusal
from .shape import Fields
from .templates import asked_fields

_LENGTHS = {"about": 139, "address": 256, "description": 512, "email": 128}
WEBSITES_MOST = 2
VERTICALS = (
    "undefined", "other", "auto", "beauty", "apparel", "edu", "entertain", "event_plan", "finance", "grocery", "govt",
    "hotel", "health", "nonprofit", "prof_services", "retail", "travel", "restaurant", "alcohol", "online_gambling",
    "not_a_biz",
)  # fmt: skip
_KNOWN = (*_LENGTHS, "websites", "vertical", "profile_picture_url", "messaging_product")


@dataclass(slots=True)
class ProfilePages:
    """By phone number id."""

    pages: dict[str, dict[str, object]] = field(default_factory=dict)

    def shown(self, number_id: str, fields: str | None) -> dict[str, object]:
        """`GET`: in a list, as Meta answers."""
        asked = asked_fields(fields, _KNOWN, ("about", "messaging_product"))
        whole = {"messaging_product": "whatsapp", **self.pages.get(number_id, {})}
        return {"data": [{key: value for key, value in whole.items() if key in asked or key == "messaging_product"}]}

    def write(self, number_id: str, body: Fields) -> dict[str, object]:
        """`POST`: the given fields are replaced. Raises Refusal."""
        body.choice("messaging_product", ("whatsapp",))
        given: dict[str, object] = {}
        for key, most in _LENGTHS.items():
            value = body.maybe_text(key, most)
            if value is not None:
                given[key] = value
        if body.has("vertical"):
            given["vertical"] = body.choice("vertical", VERTICALS).upper()
        if body.has("websites"):
            sites = body.raw("websites")
            if not isinstance(sites, list) or len(sites) > WEBSITES_MOST or not all(isinstance(s, str) for s in sites):
                raise Refusal(100, f"Param websites must be a list of at most {WEBSITES_MOST} addresses.")
            given["websites"] = sites
        if body.maybe_text("profile_picture_handle") is not None:
            given["profile_picture_url"] = "https://pps.whatsapp.net/v/sandbox"
        body.done()
        self.pages.setdefault(number_id, {}).update(given)
        return {"success": True}
