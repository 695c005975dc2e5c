"""The outer object of every send: to whom, what, as an answer to which message, and our own key.

Rules and sources (facts: cloud-api.md sections 2, 6 and 7):

- `to` takes a phone number, `recipient` a BSUID; when both are given `to` wins, so only one is ever written.
- One-time-password templates go to phone numbers only (error 131062): refused here, before anything is sent.
- `biz_opaque_callback_data` comes back in every status webhook: the key of the outbox row travels in it, which is
  how an unknown outcome is resolved. At most 512 characters.
- Reactions name their message themselves and take no `context`.
- The phone number is written with its plus: without one Meta may take it for a local number of the sender's country.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from wacli.domain.identity import is_bsuid, wa_id_of
from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import t

from . import limits

Json = dict[str, object]


class Content(Protocol):
    """What a message says: its `kind` is Meta's `type`, its `payload` the object under that name."""

    @property
    def kind(self) -> str:
        """Meta's `type`."""
        ...

    def payload(self) -> object:
        """The JSON value under the message's type. Raises `Invalid` where Meta's limits are broken."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a phone number (digits), else a BSUID, else a group. The first that is set is used."""

    phone: str | None = None
    bsuid: str | None = None
    group_id: str | None = None

    def __post_init__(self) -> None:
        if self.phone is not None and wa_id_of(self.phone) is None:
            raise Invalid(
                "bad-phone",
                t("{text} is not a phone number", text=self.phone),
                t("Write it with its country code, for example +62 812 3456 7890"),
            )
        if self.bsuid is not None and not is_bsuid(self.bsuid):
            raise Invalid("bad-bsuid", t("{text} is not a WhatsApp user id", text=self.bsuid))
        if not (self.phone or self.bsuid or self.group_id):
            raise Invalid(
                "no-address",
                t("There is neither a phone number nor a WhatsApp user id to send to"),
                t("Add a number: wacli contacts edit WHO --phone +62..."),
            )

    @property
    def is_phone(self) -> bool:
        """True when the message will go to a phone number."""
        return self.phone is not None


class Extras(NamedTuple):
    """What may ride along: the message answered, our key, and the hash of the identity we expect to meet."""

    reply_to: str | None = None
    callback: str | None = None
    identity_hash: str | None = None


NOTHING = Extras()


def body_of(content: Content, address: Address, extras: Extras = NOTHING) -> Json:
    """The body of `POST /{phone_number_id}/messages`, ready for `json.dumps`.

    Raises `Invalid` for a broken limit, `Refused` (`needs-phone`) for a one-time password to a BSUID.
    """
    if getattr(content, "needs_phone", False) and not address.is_phone:
        raise Refused(
            "needs-phone",
            t("WhatsApp delivers one-time passwords to phone numbers only, and this contact has none on record"),
            t("Ask for the number, then: wacli contacts edit WHO --phone +62..."),
        )
    body: Json = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if address.phone is not None:
        body["to"] = "+" + address.phone.removeprefix("+")
    elif address.bsuid is not None:
        body["recipient"] = address.bsuid
    else:
        body["recipient_type"] = "group"
        body["to"] = address.group_id
    body["type"] = content.kind
    body[content.kind] = content.payload()
    if extras.reply_to is not None and content.kind != "reaction":
        body["context"] = {"message_id": extras.reply_to}
    if extras.callback is not None:
        field = t("The callback data")
        body["biz_opaque_callback_data"] = limits.check_length(extras.callback, limits.CALLBACK, field)
    if extras.identity_hash is not None:
        body["recipient_identity_key_hash"] = extras.identity_hash
    return body


def read_body(message_id: str, *, is_typing: bool = False) -> Json:
    """The body that marks a message, and those before it, as read; `is_typing` shows typing for up to 25 seconds."""
    body: Json = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
    if is_typing:
        body["typing_indicator"] = {"type": "text"}
    return body
