"""Interactive messages: reply buttons, lists, links, flows, products and the rest.

Fields and limits: facts cloud-api.md section 2. Kinds of which the facts give only the name (orders, addresses,
catalogues, calls) are checked for the parts every interactive message has, and their `action` is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from .content import Surroundings, check_media
from .failures import Refusal
from .shape import Fields

BODY_MOST = 1024
LIST_BODY_MOST = 4096
FOOTER_MOST = 60
HEADER_MOST = 60
BUTTON_MOST = 20
ROWS_MOST = 10
CARD_BODY_MOST = 160


def check_interactive(interactive: Fields, around: Surroundings) -> None:
    """Reads one `interactive` object strictly."""
    kind = interactive.choice("type", KINDS)
    if kind == "carousel":
        for key in ("header", "footer"):
            if interactive.has(key):
                raise Refusal(131009, f"Param {interactive.named(key)} is not allowed outside the cards of a carousel.")
    _check_header(interactive.maybe_fields("header"), kind, around)
    body = interactive.maybe_fields("body")
    if body is not None:
        body.text("text", LIST_BODY_MOST if kind == "list" else BODY_MOST)
        body.done()
    elif kind != "product":  # a single product shows its own card; every other kind has words
        raise interactive.missing("body")
    footer = interactive.maybe_fields("footer")
    if footer is not None:
        footer.text("text", FOOTER_MOST)
        footer.done()
    action = interactive.fields("action")
    KINDS[kind](action, around)
    interactive.done()


def _check_header(header: Fields | None, kind: str, around: Surroundings) -> None:
    if header is None:
        return
    form = header.choice("type", ("text", "image", "video", "document"))
    if kind in ("list", "product_list") and form != "text":
        raise Refusal(131009, f"Param {header.named('type')} must be text in a {kind}.")
    if kind == "product":
        raise Refusal(131009, "A single product message has no header.")
    if form == "text":
        header.text("text", HEADER_MOST)
    else:
        check_media(form, header.fields(form), around)
    header.done()


def _check_buttons(action: Fields, _: Surroundings) -> None:
    ids, titles = set(), set()
    buttons = action.list_of_fields("buttons", least=1, most=3)
    for button in buttons:
        button.choice("type", ("reply",))
        reply = button.fields("reply")
        ids.add(reply.text("id", 256))
        titles.add(reply.text("title", BUTTON_MOST))
        reply.done()
        button.done()
    if len(ids) < len(buttons) or len(titles) < len(buttons):
        raise Refusal(131009, f"Param {action.named('buttons')} must not repeat an id or a title.")
    action.done()


def _check_list(action: Fields, _: Surroundings) -> None:
    action.text("button", BUTTON_MOST)
    sections = action.list_of_fields("sections", least=1, most=10)
    ids: list[str] = []
    for section in sections:
        title = section.maybe_text("title", 24)
        if title is None and len(sections) > 1:
            raise section.missing("title")
        for row in section.list_of_fields("rows", least=1):
            ids.append(row.text("id", 200))
            row.text("title", 24)
            row.maybe_text("description", 72)
            row.done()
        section.done()
    if len(ids) > ROWS_MOST:
        raise Refusal(131009, f"Total row count exceeds the maximum of {ROWS_MOST}: it is {len(ids)}.")
    if len(set(ids)) < len(ids):
        raise Refusal(131009, f"Param {action.named('sections')} must not repeat a row id.")
    action.done()


def _check_link(action: Fields, _: Surroundings) -> None:
    action.choice("name", ("cta_url",))
    parameters = action.fields("parameters")
    parameters.text("display_text", BUTTON_MOST)
    parameters.url("url")
    parameters.done()
    action.done()


def _check_flow(action: Fields, _: Surroundings) -> None:
    action.choice("name", ("flow",))
    parameters = action.fields("parameters")
    version = parameters.raw("flow_message_version")
    if version is None:
        raise parameters.missing("flow_message_version")
    if str(version) != "3":
        raise Refusal(131009, f"Param {parameters.named('flow_message_version')} must be 3.")
    if parameters.has("flow_id") == parameters.has("flow_name"):
        raise Refusal(131008, f"Param {parameters.place} needs one of 'flow_id' and 'flow_name'.")
    parameters.maybe_text("flow_id")
    parameters.maybe_text("flow_name")
    parameters.text("flow_cta")
    parameters.maybe_text("flow_token")
    if parameters.has("mode"):
        parameters.choice("mode", ("draft", "published"))
    if parameters.has("flow_action"):
        parameters.choice("flow_action", ("navigate", "data_exchange"))
    payload = parameters.maybe_fields("flow_action_payload")
    if payload is not None:
        payload.text("screen")
        payload.raw("data")
        payload.done()
    parameters.done()
    action.done()


def _check_carousel(action: Fields, around: Surroundings) -> None:
    forms = set()
    cards = action.list_of_fields("cards", least=2, most=10)
    for place, card in enumerate(cards):
        if card.maybe_whole("card_index") != place:
            raise Refusal(131009, f"Param {card.named('card_index')} must be {place}.")
        if card.has("type"):
            card.choice("type", ("cta_url", "quick_reply", "button", "product"))
        header = card.fields("header")
        form = header.choice("type", ("image", "video"))
        forms.add(form)
        check_media(form, header.fields(form), around)
        header.done()
        body = card.maybe_fields("body")
        if body is not None:
            body.text("text", CARD_BODY_MOST)
            body.done()
        card.fields("action")
        card.done()
    if len(forms) > 1:
        raise Refusal(131009, f"Param {action.named('cards')} must all have the same kind of header.")
    action.done()


def _check_named(*names: str) -> Callable[[Fields, Surroundings], None]:
    """An action that is only a name, with parameters the facts do not describe."""

    def check(action: Fields, _: Surroundings) -> None:
        action.choice("name", names)

    return check


def _check_product(action: Fields, _: Surroundings) -> None:
    action.text("catalog_id")
    action.text("product_retailer_id")
    action.done()


def _check_products(action: Fields, _: Surroundings) -> None:
    action.text("catalog_id")
    for section in action.list_of_fields("sections", least=1, most=10):
        section.maybe_text("title", 24)
        for item in section.list_of_fields("product_items", least=1):
            item.text("product_retailer_id")
            item.done()
        section.done()
    action.done()


KINDS: dict[str, Callable[[Fields, Surroundings], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
    "flow": _check_flow,
    "carousel": _check_carousel,
    "product": _check_product,
    "product_list": _check_products,
    "location_request_message": _check_named("send_location"),
    "contact_request": _check_named("request_contact_info"),
    "catalog_message": _check_named("catalog_message"),
    "address_message": _check_named("address_message"),
    "order_details": _check_named("review_and_pay"),
    "order_status": _check_named("review_order"),
    "call_permission_request": _check_named("call_permission_request"),
    "voice_call": _check_named("voice_call"),
}
