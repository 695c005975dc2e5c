"""What a webhook notification says, one event for each thing said.

`wacli.cloudapi.wire.parse` makes these out of raw bytes; `wacli.services.inbound` applies them to the store. They
are named tuples and not dataclasses: thousands are made a second and they bind straight to SQL parameters.

Instants are whole seconds since 1970 (UTC), as Meta sends them; `None` where the payload gives none.

`raw` is the JSON text of the element (compact, keys in the order given), so that nothing Meta adds is lost. It is
empty where the fields of the event already hold everything the element said: plain texts and plain statuses, which
are nine in ten of what arrives (writing them out again would cost as much as reading them, and double the store;
the whole notification is kept verbatim anyway). An empty `raw` therefore means "no more than what stands here".
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .identity import Party


class Number(NamedTuple):
    """The business number a change belongs to, as its `metadata` and `entry.id` give it."""

    phone_number_id: str | None
    display_phone_number: str | None
    waba_id: str | None


class Media(NamedTuple):
    """A file in a message: Meta's media id (valid 7 days), type, hash as sent, name if it had one."""

    id: str | None
    mime_type: str | None
    sha256: str | None
    filename: str | None


class Referral(NamedTuple):
    """The ad or post a chat began with; its presence arms the free entry point window."""

    source_type: str | None  # "ad" or "post"
    source_id: str | None
    source_url: str | None
    headline: str | None
    click_id: str | None  # ctwa_clid, absent for ads in Status


class MessageSeen(NamedTuple):
    """A message of a thread: inbound, an echo of the app, or one from the phone's history.

    `key` is the wamid, or `sha256:...` of the element where the payload has none. `text` is what a person would
    read: body, caption, button title, place name. `is_sample` marks the Meta dashboard's test payload.
    """

    number: Number
    party: Party
    key: str
    direction: str
    origin: str
    kind: str
    at: int | None
    text: str | None
    reply_to: str | None
    group_id: str | None
    target: str | None  # the wamid an edit, a revoke or a reaction is about
    media: Media | None
    referral: Referral | None
    history_status: str | None
    is_sample: bool
    raw: str


class StatusSeen(NamedTuple):
    """One status of one outbound message. `pricing_*` is Meta's word on the bill, `expires_at` on the entry point.

    `pricing_raw` is the whole `pricing` object where it says more than the fields here (a subtype, say), else empty.
    """

    number: Number
    party: Party
    key: str
    status: str
    at: int | None
    callback_data: str | None  # our outbox key, if the message was ours
    conversation_id: str | None
    conversation_origin: str | None
    expires_at: int | None
    pricing_model: str | None
    pricing_type: str | None
    pricing_category: str | None
    billable: bool | None
    error_code: int | None
    error_text: str | None
    group_id: str | None
    is_sample: bool
    raw: str
    pricing_raw: str = ""


class CallSeen(NamedTuple):
    """A call event. An inbound call opens the window, answered or not; so does a contact accepting ours.

    `at` of a `terminate` is the moment the call was answered where Meta gives it: the window counts from the call
    and not from its end, whichever of its events is seen first.
    """

    number: Number
    party: Party
    key: str
    event: str  # connect, terminate, accept, ... as Meta says it
    direction: str
    at: int | None
    opens_window: bool
    raw: str


class IdentityChanged(NamedTuple):
    """A contact moved to another number or got another BSUID (a `system` message or an update field)."""

    number: Number
    before: Party
    after: Party
    at: int | None
    raw: str


class IdentityKeySeen(NamedTuple):
    """The hash of a contact's identity key (`identity_key_hash`): another one means another phone, or another person.

    Sent only to businesses that switched the identity check on.
    """

    number: Number
    party: Party
    key_hash: str
    at: int | None


class ContactSynced(NamedTuple):
    """An address-book entry of the owner's phone (`smb_app_state_sync`); `is_removed` when it was deleted there."""

    number: Number
    party: Party
    is_removed: bool
    at: int | None
    raw: str


class PreferenceStated(NamedTuple):
    """A contact stopped or resumed a category of messages in WhatsApp itself (`user_preferences`)."""

    number: Number
    party: Party
    category: str  # "marketing"
    value: str  # stop, resume, or a word Meta adds
    detail: str | None
    at: int | None
    raw: str


class TemplateChanged(NamedTuple):
    """Something happened to a template.

    `what` is `status`, `quality`, `category` or `components`; `category-announced` is a change that Meta will make
    in 24 h (`after` is the category to come, which does not hold yet).
    """

    number: Number
    template_id: str | None
    name: str | None
    language: str | None
    what: str
    before: str | None
    after: str | None
    reason: str | None
    at: int | None
    raw: str


class NoticeSeen(NamedTuple):
    """A known field about the account or the number: kept whole, the important ones shown by `today`."""

    number: Number
    field: str
    what: str | None  # the `event` inside, where there is one
    at: int | None
    raw: str


class Unrecognised(NamedTuple):
    """Something Meta added, or a shape we cannot read. Kept and counted, never dropped."""

    number: Number
    field: str
    why: str
    raw: str


Event: TypeAlias = (
    MessageSeen
    | StatusSeen
    | CallSeen
    | IdentityChanged
    | IdentityKeySeen
    | ContactSynced
    | PreferenceStated
    | TemplateChanged
    | NoticeSeen
    | Unrecognised
)
