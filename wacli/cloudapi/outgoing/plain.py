"""Text, files, places, contact cards and reactions (facts: cloud-api.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from . import limits
from .envelope import Json

MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")
_WITH_CAPTION = frozenset({"image", "video", "document"})


@dataclass(frozen=True, slots=True)
class TextMessage:
    """Words. `preview_url` asks for a picture of the first link; None leaves it to Meta (no picture)."""

    kind: ClassVar[str] = "text"
    body: str
    preview_url: bool | None = None

    def payload(self) -> Json:
        """`{body, preview_url?}`; more than 4,096 characters are refused with the count."""
        hint = t("Shorten it, or send it in several messages: wacli reply WHO TEXT --split")
        content: Json = {"body": limits.check_length(self.body, limits.TEXT, t("The text"), hint)}
        if self.preview_url is not None:
            content["preview_url"] = self.preview_url
        return content


@dataclass(frozen=True, slots=True)
class File:
    """A file by Meta's media `id` or by a public `link`; `filename` is what a document arrives as."""

    kind: str
    id: str | None = None
    link: str | None = None
    filename: str | None = None

    def reference(self) -> Json:
        """`{id}` or `{link}`, with the file name. Raises `Invalid` unless exactly one of both is set."""
        if self.kind not in MEDIA_KINDS:
            raise Invalid("bad-media", t("{kind} is not a kind of file WhatsApp knows", kind=self.kind))
        if (self.id is None) == (self.link is None):
            raise Invalid("bad-media", t("A file is given by its media id or by a link, and by one of them only"))
        content: Json = {"id": self.id} if self.id is not None else {"link": self.link}
        if self.filename is not None:
            if self.kind != "document":
                raise Invalid("bad-media", t("Only documents carry a file name"))
            content["filename"] = self.filename
        return content


@dataclass(frozen=True, slots=True)
class MediaMessage:
    """An image, video, audio, document or sticker. `is_voice` makes audio (OGG/OPUS) a voice note."""

    file: File
    caption: str | None = None
    is_voice: bool = False

    @property
    def kind(self) -> str:
        """Meta's `type`: the kind of the file."""
        return self.file.kind

    def payload(self) -> Json:
        """The file, its caption (1,024 characters; not for audio and stickers), its voice flag."""
        content = self.file.reference()
        if self.caption is not None:
            if self.kind not in _WITH_CAPTION:
                raise Invalid(
                    "bad-media",
                    t("A file of this kind ({kind}) takes no caption", kind=self.kind),
                    t("Send the words as a message of their own"),
                )
            content["caption"] = limits.check_length(self.caption, limits.CAPTION, t("The caption"))
        if self.is_voice:
            if self.kind != "audio":
                raise Invalid("bad-media", t("Only audio can be a voice note"))
            content["voice"] = True
        return content


@dataclass(frozen=True, slots=True)
class LocationMessage:
    """A pin on the map, in degrees."""

    kind: ClassVar[str] = "location"
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None

    def payload(self) -> Json:
        """`{latitude, longitude, name?, address?}` with numbers. Raises `Invalid` off the map."""
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise Invalid(
                "bad-location",
                t(
                    "{latitude}, {longitude} is not a place on the map",
                    latitude=self.latitude,
                    longitude=self.longitude,
                ),
                t("Write the latitude (-90 to 90) first, then the longitude (-180 to 180)"),
            )
        return _without_none(latitude=self.latitude, longitude=self.longitude, name=self.name, address=self.address)


@dataclass(frozen=True, slots=True)
class ReactionMessage:
    """An emoji on a message of the last 30 days; an empty `emoji` takes it back."""

    kind: ClassVar[str] = "reaction"
    message_id: str
    emoji: str

    def payload(self) -> Json:
        """`{message_id, emoji}`."""
        return {"message_id": self.message_id, "emoji": self.emoji}


@dataclass(frozen=True, slots=True)
class CardName:
    """The name on a contact card; `formatted` is the whole of it, and at least one other part should be there."""

    formatted: str
    first: str | None = None
    last: str | None = None
    middle: str | None = None
    prefix: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class CardPhone:
    """A number on a card; `wa_id` adds the button that opens a chat."""

    phone: str
    type: str | None = None
    wa_id: str | None = None


@dataclass(frozen=True, slots=True)
class CardEmail:
    """An e-mail address on a card."""

    email: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class CardUrl:
    """A web address on a card."""

    url: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class CardAddress:
    """A postal address on a card."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """One contact card. `birthday` is YYYY-MM-DD."""

    name: CardName
    phones: tuple[CardPhone, ...] = ()
    emails: tuple[CardEmail, ...] = ()
    urls: tuple[CardUrl, ...] = ()
    addresses: tuple[CardAddress, ...] = ()
    company: str | None = None
    department: str | None = None
    title: str | None = None
    birthday: str | None = None

    def payload(self) -> Json:
        """One element of the `contacts` list; parts that are empty are left out."""
        name = self.name
        content: Json = {
            "name": _without_none(
                formatted_name=name.formatted,
                first_name=name.first,
                last_name=name.last,
                middle_name=name.middle,
                prefix=name.prefix,
                suffix=name.suffix,
            )
        }
        lists: dict[str, list[Json]] = {
            "phones": [_without_none(phone=p.phone, type=p.type, wa_id=p.wa_id) for p in self.phones],
            "emails": [_without_none(email=e.email, type=e.type) for e in self.emails],
            "urls": [_without_none(url=u.url, type=u.type) for u in self.urls],
            "addresses": [
                _without_none(
                    street=a.street,
                    city=a.city,
                    state=a.state,
                    zip=a.zip,
                    country=a.country,
                    country_code=a.country_code,
                    type=a.type,
                )
                for a in self.addresses
            ],
        }
        content.update({key: value for key, value in lists.items() if value})
        org = _without_none(company=self.company, department=self.department, title=self.title)
        return content | ({"org": org} if org else {}) | _without_none(birthday=self.birthday)


@dataclass(frozen=True, slots=True)
class ContactsMessage:
    """One or more contact cards."""

    kind: ClassVar[str] = "contacts"
    cards: tuple[ContactCard, ...] = field(default=())

    def payload(self) -> list[Json]:
        """The list of cards. Raises `Invalid` when there is none, or one without a name."""
        if not self.cards or not all(card.name.formatted.strip() for card in self.cards):
            raise Invalid(
                "bad-contact-card", t("A contact card needs a name"), t("Give the name as it should be shown")
            )
        return [card.payload() for card in self.cards]


def _without_none(**values: object) -> Json:
    return {key: value for key, value in values.items() if value is not None}
