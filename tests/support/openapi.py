"""Meta's OpenAPI file as a judge of send bodies, relaxed as facts cloud-api.md section 10 says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


@cache
def message_validator(path: Path) -> Any:
    """A jsonschema validator of the body of `POST /{phone_number_id}/messages`. Loading the file takes seconds."""
    import jsonschema
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    schemas = document["components"]["schemas"]
    _close_nothing(schemas)
    _relax_envelope(schemas)
    _relax_templates(schemas)
    _relax_interactive(schemas)
    return jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Message", "components": {"schemas": schemas}})


def _close_nothing(node: Any) -> None:
    """`additionalProperties: false` inside `allOf` refuses the very properties of its siblings."""
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
        for value in node.values():
            _close_nothing(value)
    elif isinstance(node, list):
        for value in node:
            _close_nothing(value)


def _relax_envelope(schemas: dict[str, Any]) -> None:
    base = schemas["BaseMessageProperties"]
    base["required"] = ["messaging_product", "type"]
    base["anyOf"] = [{"required": ["to"]}, {"required": ["recipient"]}]
    base["properties"]["recipient"] = {"type": "string"}
    base["properties"]["biz_opaque_callback_data"] = {"type": "string", "maxLength": 512}
    message = schemas["Message"]
    message.pop("discriminator")
    message["oneOf"].append({"$ref": "#/components/schemas/MarkMessageRequestPayload"})
    # Without closed objects a text message would be a valid mark-as-read unless its parts are asked for.
    schemas["TextMessage"]["allOf"][1]["properties"]["text"]["required"] = ["body"]
    place = schemas["LocationMessage"]["allOf"][1]["properties"]["location"]["properties"]
    for name in ("latitude", "longitude"):
        place[name]["type"] = ["number", "string"]


def _relax_templates(schemas: dict[str, Any]) -> None:
    schemas["LanguageObject"]["required"] = ["code"]
    for properties in (
        schemas["TemplateComponent"]["properties"],
        schemas["ButtonComponent"]["allOf"][1]["properties"],
    ):
        properties["index"] = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]$"}]}
        properties["sub_type"] = {"type": "string"}
    kinds = schemas["TemplateComponent"]["properties"]["type"]["enum"]
    kinds.extend(["carousel", "limited_time_offer", "order_status"])
    values = schemas["ParameterObject"]["properties"]["type"]["enum"]
    values.extend(["payload", "action", "coupon_code", "location", "limited_time_offer"])


def _relax_interactive(schemas: dict[str, Any]) -> None:
    schemas["InteractiveObject"]["properties"]["type"]["enum"].extend(
        [
            "cta_url",
            "location_request_message",
            "carousel",
            "request_contact_info",
            "address_message",
            "order_details",
            "order_status",
            "voice_call",
        ]
    )
    schemas["ActionObject"].pop("oneOf")
