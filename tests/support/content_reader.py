"""Reads a request body that somebody else wrote back into wacli's typed content, so that the builders can redo it.

Strict on purpose: a key that no builder can write raises `CannotBeSaid`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wacli.cloudapi import outgoing as out
from wacli.domain import filled as f

Made = TypeVar("Made")


class CannotBeSaid(Exception):
    """wacli has no way to write this."""


class Reader:
    """A dict whose keys must all be taken."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.left = dict(source)

    def take(self, key: str, default: Any = None) -> Any:
        return self.left.pop(key, default)

    def end(self) -> None:
        if self.left:
            raise CannotBeSaid(f"keys left over: {sorted(self.left)}")


def read_content(body: Mapping[str, Any]) -> out.Content:
    """The content of a send body; its envelope is the caller's."""
    kind = body["type"]
    value = body[kind]
    match kind:
        case "text":
            return _whole(value, lambda r: out.TextMessage(r.take("body"), r.take("preview_url")))
        case "image" | "video" | "audio" | "document" | "sticker":
            caption = value.get("caption")
            rest = {key: part for key, part in value.items() if key not in ("caption", "voice")}
            return out.MediaMessage(_file(kind, rest), caption, value.get("voice", False))
        case "location":
            return _location(value)
        case "contacts":
            return out.ContactsMessage(tuple(_card(card) for card in value))
        case "reaction":
            return _whole(value, lambda r: out.ReactionMessage(r.take("message_id"), r.take("emoji")))
        case "interactive":
            return _interactive(value)
        case "template":
            return out.TemplateMessage(_filled(value))
    raise CannotBeSaid(f"type {kind}")


def _whole(source: Mapping[str, Any], make: Callable[[Reader], Made]) -> Made:
    reader = Reader(source)
    made = make(reader)
    reader.end()
    return made


def _file(kind: str, source: Mapping[str, Any]) -> out.File:
    return _whole(source, lambda r: out.File(kind, r.take("id"), r.take("link"), r.take("filename")))


def _location(source: Mapping[str, Any]) -> out.LocationMessage:
    return _whole(
        source,
        lambda r: out.LocationMessage(
            float(r.take("latitude")), float(r.take("longitude")), r.take("name"), r.take("address")
        ),
    )


def _card(source: Mapping[str, Any]) -> out.ContactCard:
    reader = Reader(source)
    name = Reader(reader.take("name"))
    org = Reader(reader.take("org", {}))
    card = out.ContactCard(
        out.CardName(
            name.take("formatted_name"),
            name.take("first_name"),
            name.take("last_name"),
            name.take("middle_name"),
            name.take("prefix"),
            name.take("suffix"),
        ),
        tuple(out.CardPhone(**phone) for phone in reader.take("phones", [])),
        tuple(out.CardEmail(**email) for email in reader.take("emails", [])),
        tuple(out.CardUrl(**url) for url in reader.take("urls", [])),
        tuple(out.CardAddress(**address) for address in reader.take("addresses", [])),
        org.take("company"),
        org.take("department"),
        org.take("title"),
        reader.take("birthday"),
    )
    for part in (reader, name, org):
        part.end()
    return card


def _frame(reader: Reader) -> out.Frame:
    header = reader.take("header")
    if header is not None:
        kind = header["type"]
        header = header["text"] if kind == "text" else _file(kind, header[kind])
    return out.Frame(reader.take("body", {}).get("text"), header, reader.take("footer", {}).get("text"))


def _interactive(source: Mapping[str, Any]) -> out.Content:
    reader = Reader(source)
    kind = reader.take("type")
    action = reader.take("action", {})
    frame = _frame(reader)
    reader.end()
    parameters = action.get("parameters", {})
    match kind:
        case "button":
            return out.ButtonsMessage(frame, tuple(out.ReplyButton(**one["reply"]) for one in action["buttons"]))
        case "list":
            sections = tuple(
                out.Section(section.get("title"), tuple(out.Row(**row) for row in section["rows"]))
                for section in action["sections"]
            )
            return out.ListMessage(frame, action["button"], sections)
        case "cta_url":
            return out.LinkMessage(frame, parameters["display_text"], parameters["url"])
        case "product":
            return out.ProductMessage(action["catalog_id"], action["product_retailer_id"], frame)
        case "product_list":
            parts = tuple(
                out.ProductSection(
                    section["title"], tuple(item["product_retailer_id"] for item in section["product_items"])
                )
                for section in action["sections"]
            )
            return out.ProductListMessage(frame, action["catalog_id"], parts)
        case "catalog_message":
            return out.CatalogMessage(frame, parameters.get("thumbnail_product_retailer_id"))
        case "flow":
            return _flow(frame, parameters)
        case "order_details":
            return _order_details(frame, parameters)
        case "order_status":
            order = parameters["order"]
            return out.OrderStatusMessage(frame, parameters["reference_id"], order["status"], order.get("description"))
    raise CannotBeSaid(f"interactive {kind}")


def _flow(frame: out.Frame, parameters: Mapping[str, Any]) -> out.FlowMessage:
    start = parameters.get("flow_action_payload", {})
    return out.FlowMessage(
        frame,
        parameters["flow_cta"],
        parameters.get("flow_id"),
        parameters.get("flow_name"),
        parameters.get("flow_token"),
        parameters.get("flow_action"),
        start.get("screen"),
        start.get("data"),
        parameters.get("mode") == "draft",
    )


def _amount(source: Mapping[str, Any] | None) -> Any:
    if source is None:
        return None
    return _whole(
        source,
        lambda r: out.Amount(r.take("value"), r.take("offset"), r.take("description"), r.take("discount_program_name")),
    )


def _order_details(frame: out.Frame, source: Mapping[str, Any]) -> out.OrderDetailsMessage:
    reader = Reader(source)
    order = Reader(reader.take("order"))
    items = tuple(
        out.OrderItem(
            item["retailer_id"],
            item["name"],
            _amount(item["amount"]),
            item["quantity"],
            _amount(item.get("sale_amount")),
        )
        for item in order.take("items")
    )
    bought = out.Order(
        items,
        _amount(order.take("subtotal")),
        _amount(order.take("tax")),
        _amount(order.take("shipping")),
        _amount(order.take("discount")),
        order.take("status"),
    )
    order.end()
    return out.OrderDetailsMessage(
        frame,
        reader.take("reference_id"),
        reader.take("type"),
        reader.take("currency"),
        _amount(reader.take("total_amount")),
        bought,
        reader.left,
    )


def _filled(source: Mapping[str, Any]) -> f.Filled:
    reader = Reader(source)
    language = reader.take("language")
    parts = tuple(_part(component) for component in reader.take("components", []))
    made = f.Filled(reader.take("name"), language["code"], parts)
    reader.end()
    return made


def _part(source: Mapping[str, Any]) -> f.FilledPart | f.FilledCarousel:
    if source["type"] == "carousel":
        cards = tuple(tuple(_inner(part) for part in card["components"]) for card in source["cards"])
        return f.FilledCarousel(cards)
    return _inner(source)


def _inner(source: Mapping[str, Any]) -> f.FilledPart:
    index = source.get("index")
    return f.FilledPart(
        source["type"],
        tuple(_value(value) for value in source["parameters"]),
        source["sub_type"].lower() if "sub_type" in source else None,
        int(index) if index is not None else None,
    )


def _value(source: Mapping[str, Any]) -> f.Value:
    kind = source["type"]
    value: Any = source[kind]
    name = source.get("parameter_name")
    match kind:
        case "text" if isinstance(value, str):
            return f.TextValue(value, name)
        case "currency":
            return f.CurrencyValue(value["fallback_value"], value["code"], value["amount_1000"], name)
        case "date_time":
            parts = {key: part for key, part in value.items() if key != "fallback_value"}
            return f.DateTimeValue(value["fallback_value"], parts, name)
        case "image" | "video" | "document":
            file = _file(kind, value)
            return f.MediaValue(kind, file.id, file.link, file.filename)
        case "payload":
            return f.PayloadValue(value)
        case "coupon_code":
            return f.CouponValue(value)
        case "action":
            return f.ActionValue(value)
        case "location":
            place = _location(value)
            return f.LocationValue(place.latitude, place.longitude, place.name, place.address)
        case "limited_time_offer":
            return f.OfferValue(value["expiration_time_ms"])
    raise CannotBeSaid(f"template parameter {kind} {value!r}")
