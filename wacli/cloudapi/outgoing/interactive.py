"""Messages with something to tap: buttons, lists, links, requests, flows, carousels (facts: cloud-api.md section 2).

All are free-form: they need an open customer service window. The request for a phone number is called
`request_contact_info` since 2026-05-28 (facts: pricing.md section 11); it was `contact_request` before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from . import limits
from .envelope import Json
from .plain import File


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the thing to tap: the words, and if wanted a header (words or a file) and a footer."""

    body: str | None = None
    header: str | File | None = None
    footer: str | None = None


def framed(kind: str, frame: Frame, action: Json | None, body_limit: int = limits.INTERACTIVE_BODY) -> Json:
    """The `interactive` object. Raises `Invalid` for words that are too long."""
    content: Json = {"type": kind}
    if isinstance(frame.header, str):
        text = limits.check_length(frame.header, limits.HEADER, t("The header"))
        content["header"] = {"type": "text", "text": text}
    elif frame.header is not None:
        if frame.header.kind not in ("image", "video", "document"):
            raise Invalid("bad-media", t("A header is an image, a video or a document"))
        content["header"] = {"type": frame.header.kind, frame.header.kind: frame.header.reference()}
    if frame.body is not None:
        content["body"] = {"text": limits.check_length(frame.body, body_limit, t("The text"))}
    if frame.footer is not None:
        content["footer"] = {"text": limits.check_length(frame.footer, limits.FOOTER, t("The footer"))}
    if action is not None:
        content["action"] = action
    return content


def need_body(frame: Frame) -> None:
    """Raises `Invalid`: most interactive messages are refused without words."""
    if frame.body is None:
        raise Invalid("empty-text", t("{field} is empty", field=t("The text")), t("Write at least one character"))


@dataclass(frozen=True, slots=True)
class ReplyButton:
    """A button that answers with its id."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class ButtonsMessage:
    """One to three reply buttons under a text."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    buttons: tuple[ReplyButton, ...]

    def payload(self) -> Json:
        """`{type: "button", ..., action: {buttons}}`."""
        need_body(self.frame)
        limits.check_count(self.buttons, 1, 3, t("Buttons"))
        limits.check_distinct([button.id for button in self.buttons], t("Buttons"))
        buttons = [{"type": "reply", "reply": _reply(button)} for button in self.buttons]
        return framed("button", self.frame, {"buttons": buttons})


@dataclass(frozen=True, slots=True)
class Row:
    """One choice of a list."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a list; the title may be missing only when it is the only one."""

    title: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ListMessage:
    """A button that opens a list: up to ten sections, ten rows in all. Its header may only be words."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    button: str
    sections: tuple[Section, ...]

    def payload(self) -> Json:
        """`{type: "list", ..., action: {button, sections}}`."""
        need_body(self.frame)
        if isinstance(self.frame.header, File):
            raise Invalid("bad-media", t("The header of a list can only be words"))
        limits.check_count(self.sections, 1, limits.SECTIONS, t("Sections"))
        rows = [row for section in self.sections for row in section.rows]
        limits.check_count(rows, 1, limits.ROWS, t("Rows"))
        limits.check_distinct([row.id for row in rows], t("Rows"))
        action: Json = {
            "button": limits.check_length(self.button, limits.BUTTON_TITLE, t("The button")),
            "sections": [self._section(section) for section in self.sections],
        }
        return framed("list", self.frame, action, limits.LIST_BODY)

    def _section(self, section: Section) -> Json:
        content: Json = {}
        if section.title is not None:
            content["title"] = limits.check_length(section.title, limits.ROW_TITLE, t("The section title"))
        elif len(self.sections) > 1:
            raise Invalid("empty-text", t("Each section needs a title when there are several"))
        content["rows"] = [_row(row) for row in section.rows]
        return content


@dataclass(frozen=True, slots=True)
class LinkMessage:
    """A text with one button that opens a web address."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    title: str
    url: str

    def payload(self) -> Json:
        """`{type: "cta_url", ..., action: {name, parameters: {display_text, url}}}`."""
        need_body(self.frame)
        return framed("cta_url", self.frame, _link_action(self.title, self.url))


@dataclass(frozen=True, slots=True)
class LocationRequest:
    """A text with a button that sends the reader's location."""

    kind: ClassVar[str] = "interactive"
    body: str

    def payload(self) -> Json:
        """`{type: "location_request_message", body, action: {name: "send_location"}}`."""
        return framed("location_request_message", Frame(self.body), {"name": "send_location"})


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """A text with a button that shares the reader's phone number: for contacts known only by BSUID or username."""

    kind: ClassVar[str] = "interactive"
    body: str

    def payload(self) -> Json:
        """`{type: "request_contact_info", body, action: {name}}`."""
        return framed("request_contact_info", Frame(self.body), {"name": "request_contact_info"})


@dataclass(frozen=True, slots=True)
class AddressRequest:
    """Asks for a delivery address (India only); `parameters` may add `values`, `saved_addresses`, ..."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    country: str
    parameters: Mapping[str, object] | None = None

    def payload(self) -> Json:
        """`{type: "address_message", ..., action: {name, parameters: {country, ...}}}`."""
        need_body(self.frame)
        parameters = {"country": self.country, **(self.parameters or {})}
        return framed("address_message", self.frame, {"name": "address_message", "parameters": parameters})


@dataclass(frozen=True, slots=True)
class CallButton:
    """A text with a button that calls the business on WhatsApp; it works for `minutes` (Meta's default is 7 days)."""

    kind: ClassVar[str] = "interactive"
    body: str
    title: str | None = None
    minutes: int | None = None
    callback: str | None = None

    def payload(self) -> Json:
        """`{type: "voice_call", body, action: {name, parameters: {display_text?, ttl_minutes?, payload?}}}`."""
        parameters: Json = {}
        if self.title is not None:
            parameters["display_text"] = limits.check_length(self.title, limits.BUTTON_TITLE, t("The button"))
        if self.minutes is not None:
            if not 1 <= self.minutes <= 43_200:
                raise Invalid("wrong-count", t("A call button works for 1 to 43,200 minutes (30 days)"))
            parameters["ttl_minutes"] = self.minutes
        if self.callback is not None:
            parameters["payload"] = self.callback
        action: Json = {"name": "voice_call"} | ({"parameters": parameters} if parameters else {})
        return framed("voice_call", Frame(self.body), action)


@dataclass(frozen=True, slots=True)
class CallPermissionRequest:
    """Asks whether the business may call."""

    kind: ClassVar[str] = "interactive"
    body: str | None = None

    def payload(self) -> Json:
        """`{type: "call_permission_request", body?, action: {name}}`."""
        return framed("call_permission_request", Frame(self.body), {"name": "call_permission_request"})


@dataclass(frozen=True, slots=True)
class FlowMessage:
    """A text with a button that opens a flow, by its id or by its name. `screen` and `values` start it somewhere."""

    kind: ClassVar[str] = "interactive"
    frame: Frame
    title: str
    flow_id: str | None = None
    flow_name: str | None = None
    token: str | None = None
    action: str | None = "navigate"
    screen: str | None = None
    values: Mapping[str, object] | None = None
    is_draft: bool = False

    def payload(self) -> Json:
        """`{type: "flow", ..., action: {name, parameters}}`. Raises `Invalid` unless id or name is given, not both."""
        need_body(self.frame)
        if (self.flow_id is None) == (self.flow_name is None):
            raise Invalid("bad-flow", t("A flow is given by its id or by its name, and by one of them only"))
        parameters: Json = {"flow_message_version": "3", "flow_cta": self.title}
        optional = {
            "flow_id": self.flow_id,
            "flow_name": self.flow_name,
            "flow_token": self.token,
            "flow_action": self.action,
        }
        parameters.update({key: value for key, value in optional.items() if value is not None})
        if self.screen is not None:
            start: Json = {"screen": self.screen}
            if self.values:
                start["data"] = dict(self.values)
            parameters["flow_action_payload"] = start
        if self.is_draft:
            parameters["mode"] = "draft"
        return framed("flow", self.frame, {"name": "flow", "parameters": parameters})


@dataclass(frozen=True, slots=True)
class CarouselCard:
    """One card: a picture or video, up to 160 characters, and a link or reply buttons."""

    file: File
    body: str | None = None
    link: tuple[str, str] | None = None  # title and web address
    buttons: tuple[ReplyButton, ...] = ()


@dataclass(frozen=True, slots=True)
class CarouselMessage:
    """Two to ten cards to swipe through, all with the same kind of header and the same kind of buttons."""

    kind: ClassVar[str] = "interactive"
    body: str
    cards: tuple[CarouselCard, ...]

    def payload(self) -> Json:
        """`{type: "carousel", body, action: {cards}}`, cards numbered from 0."""
        limits.check_count(self.cards, 2, 10, t("Cards"))
        shapes = {(card.file.kind, card.link is None, len(card.buttons)) for card in self.cards}
        if len(shapes) != 1:
            raise Invalid(
                "uneven-cards", t("All cards of a carousel need the same kind of picture and the same kind of buttons")
            )
        cards = [self._card(card, number) for number, card in enumerate(self.cards)]
        return framed("carousel", Frame(self.body), {"cards": cards})

    @staticmethod
    def _card(card: CarouselCard, number: int) -> Json:
        if (card.link is None) == (not card.buttons):
            raise Invalid("uneven-cards", t("A card has a link or reply buttons, and one of them only"))
        if card.link is not None:
            action = _link_action(*card.link)
        else:
            action = {"buttons": [{"type": "quick_reply", "quick_reply": _reply(button)} for button in card.buttons]}
        content = framed("cta_url", Frame(card.body, card.file), action, limits.CARD_BODY)
        return {"card_index": number, **content}


def _reply(button: ReplyButton) -> Json:
    return {
        "id": limits.check_length(button.id, limits.BUTTON_ID, t("The button's id")),
        "title": limits.check_length(button.title, limits.BUTTON_TITLE, t("The button")),
    }


def _row(row: Row) -> Json:
    content: Json = {
        "id": limits.check_length(row.id, limits.ROW_ID, t("The row's id")),
        "title": limits.check_length(row.title, limits.ROW_TITLE, t("The row")),
    }
    if row.description is not None:
        field = t("The row's description")
        content["description"] = limits.check_length(row.description, limits.ROW_DESCRIPTION, field)
    return content


def _link_action(title: str, url: str) -> Json:
    if not url.startswith(("https://", "http://")):
        raise Invalid("bad-link", t("{url} is not a web address", url=url), t("Start it with https://"))
    shown = limits.check_length(title, limits.BUTTON_TITLE, t("The button"))
    return {"name": "cta_url", "parameters": {"display_text": shown, "url": url}}
