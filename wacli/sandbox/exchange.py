"""A message comes in from the business: checked, booked, and sent on its way.

Envelope, recipients and answers: facts cloud-api.md section 2; refusals: section 6. What concerns the request is
refused at once with HTTP 4xx. What concerns its delivery (window closed, nobody there, opted out, no payment) is
accepted with 200 and fails by webhook, as the recorded 131047 of the fixtures did and as section 2 warns: "200 means
accepted, not delivered". `refuse_at_once` moves any of these codes into the answer, because section 6 lists an HTTP
status for them too; a client has to understand both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from .book import Account, Book, BusinessNumber, SentMessage
from .content import MEDIA_KINDS, Surroundings, check_contacts, check_location, check_media, check_reaction, check_text
from .customers import Customer, country_of, digits_of, is_bsuid, spellings
from .failures import Refusal
from .interactive import check_interactive
from .limits import Limits
from .shape import Fields
from .template_sends import Filled, match, needs_phone_number
from .templates import Template
from .transit import Transit

KINDS = (*MEDIA_KINDS, "text", "location", "contacts", "reaction", "interactive", "template")
CALLBACK_DATA_MOST = 512
US_MARKETING_PAUSED_FROM = date(2025, 4, 1)
LATE_CODES = frozenset({131009, 131026, 131042, 131047, 131049, 131050})


class Recipient(NamedTuple):
    """Whom the request means. `customer` None: nobody on WhatsApp has that identifier."""

    input: str
    customer: Customer | None
    is_by_bsuid: bool


class Exchange:
    """`POST /{phone_number_id}/messages`."""

    def __init__(self, book: Book, transit: Transit, limits: Limits, now: Callable[[], datetime]) -> None:
        self._book, self._transit, self.limits, self._now = book, transit, limits, now
        self.refuse_at_once: frozenset[int] = frozenset()
        self.media_kind: Callable[[Account, str], str | None] = lambda _account, _id: None

    def send(self, account: Account, number: BusinessNumber, body: object) -> dict[str, object]:
        """Accepts one request body and returns the answer's. Raises Refusal."""
        request = Fields(body)
        if request.raw("messaging_product") is None:
            raise Refusal(100, "The parameter messaging_product is required.")
        request.choice("messaging_product", ("whatsapp",))
        with self._book.lock:
            if request.has("status"):
                return self._mark_read(request)
            return self._accept(account, number, request, body)

    def send_marketing(self, account: Account, number: BusinessNumber, body: object) -> dict[str, object]:
        """`POST /{phone_number_id}/marketing_messages`: marketing templates only. Raises Refusal."""
        request = Fields(body)
        request.choice("messaging_product", ("whatsapp",))
        if request.has("to") and request.has("recipient"):
            raise Refusal(100, "Exactly one of to and recipient is allowed here.")
        if not request.has("type") or request.choice("type", KINDS, code=131051) != "template":
            raise Refusal(134100, "Only marketing templates can be sent here.")
        if request.has("product_policy"):
            request.choice("product_policy", ("cloud_api_fallback", "strict"))
        request.maybe_flag("message_activity_sharing")
        with self._book.lock:
            return self._accept(account, number, request, body, is_lite=True)

    def _accept(
        self, account: Account, number: BusinessNumber, request: Fields, body: object, *, is_lite: bool = False
    ) -> dict[str, object]:
        if request.has("recipient_type") and request.choice("recipient_type", ("individual", "group")) == "group":
            raise Refusal(131009, "The sandbox has no groups.")
        recipient = self._recipient(number, request)
        kind = request.choice("type", KINDS, code=131051) if request.has("type") else "text"
        around = Surroundings(lambda media_id: self.media_kind(account, media_id))
        template, filled = None, Filled("", {})
        if kind == "template":
            template, filled = self._template(account, request, recipient, around)
            if is_lite and template.category != "MARKETING":
                raise Refusal(134100, f"Template {template.name} is not a marketing template.")
        else:
            filled = Filled(_check_content(kind, request, around), {})
        callback_data = request.maybe_text("biz_opaque_callback_data", CALLBACK_DATA_MOST)
        _check_context(request, kind)
        request.maybe_text("recipient_identity_key_hash")
        if request.has("category") or request.has("ttl_seconds"):
            raise Refusal(100, "Param category and ttl_seconds belong to Direct Send, which this account has not.")
        request.done()
        now = self._now()
        self.limits.take(number.id, recipient.customer.bsuid if recipient.customer else recipient.input, now)
        message = SentMessage(
            self._book.new_wamid(), self._book.next_id("6"), number, account, recipient.customer, kind,
            body if isinstance(body, Mapping) else {}, now, filled.text, recipient.input, recipient.is_by_bsuid,
            callback_data=callback_data, payloads=filled.payloads, is_lite=is_lite,
        )  # fmt: skip
        if template is not None:
            message.template, message.category = template.name, template.category.lower()
        refusal = self._undeliverable(message)
        if refusal is not None and refusal.code in self.refuse_at_once:
            raise refusal
        self._book.sent[message.id] = message
        if recipient.customer is not None and not recipient.is_by_bsuid:
            recipient.customer.known_by_phone_at[number.id] = now
        is_held = template is not None and template.is_held and refusal is None
        if is_held:
            self._transit.hold(message)
        elif refusal is not None:
            self._transit.fail(message, refusal.code, refusal.details, now)
        else:
            self._transit.send_off(message, now)
        return _answer(message, is_held)

    def _recipient(self, number: BusinessNumber, request: Fields) -> Recipient:
        to, bsuid = request.maybe_text("to"), request.maybe_text("recipient")
        if bsuid is not None and not is_bsuid(bsuid):
            raise Refusal(131009, "Param recipient is not a business-scoped user ID.")
        if to is None and bsuid is None:
            raise Refusal(100, "The parameter to is required.")
        if to is None:
            return Recipient(str(bsuid), self._book.find_bsuid(str(bsuid)), True)
        digits = digits_of(to)  # `to` wins when both are given
        if digits == number.digits:
            raise Refusal(131021, "Recipient and sender are the same phone number.")
        if number.allowed is not None and not any(one in number.allowed for one in spellings(digits)):
            raise Refusal(131030, f"{digits} is not in the list of recipients of this test number.")
        return Recipient(to, self._book.find_customer(digits), False)

    def _template(
        self, account: Account, request: Fields, recipient: Recipient, around: Surroundings
    ) -> tuple[Template, Filled]:
        sent = request.fields("template")
        name, language = sent.text("name"), sent.fields("language")
        code = language.text("code")
        if language.has("policy"):
            language.choice("policy", ("deterministic",))
        language.done()
        template = account.templates.find(name, code)
        if template is not None and template.status == "PAUSED":
            raise Refusal(132015, f"Template {name} is paused because of low quality.")
        if template is not None and template.status == "DISABLED":
            raise Refusal(132016, f"Template {name} is disabled for good because of low quality.")
        if template is None or template.status != "APPROVED":
            raise Refusal(132001, f"Template name ({name}) does not exist in {code}, or it is not approved.")
        if recipient.is_by_bsuid and needs_phone_number(template):
            raise Refusal(131062, "Authentication templates with a code button need a phone number in 'to'.")
        filled = match(template, sent, around)
        sent.done()
        return template, filled

    def _undeliverable(self, message: SentMessage) -> Refusal | None:
        """The reason why it will not arrive, None when it will."""
        customer = message.customer
        if customer is None or not customer.is_on_whatsapp or customer.has_blocked:
            return Refusal(131026, "Unable to deliver the message: the recipient cannot be reached on WhatsApp.")
        thread = self._book.thread(message.number, customer)
        is_open = thread.is_open(message.at)
        if message.template is None and not is_open:
            return Refusal(
                131047, "Message failed to send because more than 24 hours have passed since the customer last wrote."
            )
        if message.category == "marketing" and _is_paused_in_usa(customer, message.at):
            return Refusal(131049, "Marketing templates are not delivered to phone numbers of the United States.")
        if message.category == "marketing" and customer.has_stopped_marketing:
            return Refusal(131050, "The recipient chose to stop marketing messages from this business.")
        if message.category == "marketing" and customer.is_spared_by_meta and not is_open:
            return Refusal(131049, "In order to maintain a healthy ecosystem, the message failed to be delivered.")
        if message.kind == "reaction":
            return self._lost_target(message)
        return None

    def _lost_target(self, message: SentMessage) -> Refusal | None:
        reaction = message.body.get("reaction")
        target = reaction.get("message_id") if isinstance(reaction, Mapping) else None
        heard = self._book.heard.get(str(target))
        if target in self._book.sent or (heard is not None and heard.kind != "reaction"):
            return None
        return Refusal(131009, "The message to react to does not exist, is too old or is a reaction itself.")

    def _mark_read(self, request: Fields) -> dict[str, object]:
        request.choice("status", ("read",))
        message_id = request.text("message_id")
        typing = request.maybe_fields("typing_indicator")
        if typing is not None:
            typing.choice("type", ("text",))
            typing.done()
        request.done()
        if message_id not in self._book.heard:
            raise Refusal(131009, "Param message_id is not a message that this number received.")
        self._book.read_marks[message_id] = self._now()
        if typing is not None:
            self._book.typing.append(message_id)
        return {"success": True}


def _is_paused_in_usa(customer: Customer, at: datetime) -> bool:
    """No marketing template reaches a +1 number with a US area code since 2025-04-01 (pricing.md sections 2 and 9)."""
    if not customer.wa_id.startswith("1") or at.date() < US_MARKETING_PAUSED_FROM:
        return False
    return country_of(customer.wa_id) == "US"


def _check_content(kind: str, request: Fields, around: Surroundings) -> str:
    """Checks the object named like the kind and returns what a person would read of it."""
    if kind == "contacts":
        check_contacts(request)
        return ""
    content = request.fields(kind)
    if kind == "text":
        check_text(content)
        return content.text("body")
    if kind in MEDIA_KINDS:
        check_media(kind, content, around)
        return content.maybe_text("caption") or ""
    if kind == "location":
        check_location(content)
        return content.maybe_text("name") or ""
    if kind == "reaction":
        check_reaction(content)
        return str(content.raw("emoji"))
    check_interactive(content, around)
    words = content.maybe_fields("body")
    return words.text("text") if words is not None else ""


def _check_context(request: Fields, kind: str) -> None:
    context = request.maybe_fields("context")
    if context is None:
        return
    if kind == "reaction":
        raise Refusal(131009, "A reaction cannot be a reply.")
    context.text("message_id")  # one that is gone is no error: it is shown without the bubble
    context.done()


def _answer(message: SentMessage, is_held: bool) -> dict[str, object]:
    contact: dict[str, object] = {"input": message.input}
    if message.is_by_bsuid:
        contact["user_id"] = message.input
    else:
        wa_id = message.customer.wa_id if message.customer is not None else digits_of(message.input)
        contact["wa_id"] = wa_id
    told: dict[str, object] = {"id": message.id}
    if message.template is not None:
        told["message_status"] = "held_for_quality_assessment" if is_held else "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [told]}
