"""What happens to a message after it was accepted: sent, delivered, read, played, or failed; and its charge.

Facts cloud-api.md sections 8 and 9, pricing.md sections 1 and 10.1: `pricing` comes with `sent` and with one of
delivered and read; a reaction has only `sent`; billing is on delivery; customers answer after reading.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from .agenda import Agenda
from .book import Book, SentMessage, StatusEvent
from .courier import Courier, Update
from .customers import Customer
from .ledger import Ledger, is_international
from .payloads.account import tier_value
from .payloads.envelope import change
from .payloads.statuses import status_value
from .pricing import Sending, judge
from .windows import entry_point_for

Says = Callable[[Customer, SentMessage, str, datetime], None]


class Transit:
    """Moves accepted messages along and tells the business by webhook."""

    def __init__(self, book: Book, agenda: Agenda, courier: Courier) -> None:
        self._book, self._agenda, self._courier = book, agenda, courier
        self._held: list[SentMessage] = []
        self.ledger = Ledger(book)
        self.lost: set[str] = set()  # wamids that will fail instead of arriving
        self.entry_point_for: timedelta | None = None  # None: by the day it starts
        self.says: Says = lambda _customer, _message, _text, _at: None

    def hold(self, message: SentMessage) -> None:
        """Keep it back for quality assessment, until `release`."""
        self._held.append(message)

    def release(self, at: datetime, *, is_dropped: bool = False) -> int:
        """End of the assessment: all held messages go out, or are dropped with 132015. Returns how many."""
        with self._book.lock:
            held, self._held = self._held, []
            for message in held:
                if is_dropped:
                    self.fail(message, 132015, "The template was paused after its quality was assessed.", at)
                else:
                    self.send_off(message, at)
        return len(held)

    def fail(self, message: SentMessage, code: int, details: str, at: datetime) -> None:
        """It will never arrive; whatever it took of the allowance comes back."""
        self._book.allowance.give_back(message.id)
        if message.customer is not None:
            self._book.thread(message.number, message.customer).never_started(message.id)
        self._forget_conversation(message)
        self._happens(message, StatusEvent(self._book.next_id("5"), "failed", at, code, details))

    def send_off(self, message: SentMessage, at: datetime) -> None:
        """`sent` now, and the rest by the customer's habits."""
        customer = message.customer
        assert customer is not None
        if message.kind != "reaction":
            self._price(message, at)
            if message.pricing is not None and message.pricing.is_billed and not message.account.has_payment_method:
                self.fail(message, 131042, "The account has no payment method.", at)
                return
        self._happens(message, StatusEvent(self._book.next_id("5"), "sent", at))
        if message.kind == "reaction" or customer.delivered_after is None:
            return
        self._agenda.at(at + customer.delivered_after, lambda due: self._deliver(message, customer, due))

    def _price(self, message: SentMessage, at: datetime) -> None:
        assert message.customer is not None
        thread, account = self._book.thread(message.number, message.customer), message.account
        if thread.answer_starts_entry(at):
            length = self.entry_point_for or entry_point_for(at.astimezone(account.zone).date())
            until = (at + length).replace(microsecond=0)  # told in whole seconds
            thread.start_entry(at, until, self._book.next_id("4"), message.id)
        category = message.category
        if category == "authentication" and is_international(account, message.customer.wa_id, at):
            category = "authentication-international"
        if message.is_lite:
            category = "marketing_lite"
        sending = Sending(message.id, message.number.id, account.waba_id, category, at, account.zone)
        message.pricing = judge(sending, thread, self._book.allowance)

    def _deliver(self, message: SentMessage, customer: Customer, at: datetime) -> None:
        if customer.has_blocked or message.id in self.lost:
            self.fail(message, 131026, "Unable to deliver the message: the recipient cannot be reached.", at)
            return
        is_read_at_once = customer.read_after == timedelta(0)
        self._charge(message, at)
        if not is_read_at_once:  # a customer with the chat open: `read` follows at once and `delivered` is skipped
            self._happens(message, StatusEvent(self._book.next_id("5"), "delivered", at))
        if customer.read_after is not None:
            self._agenda.at(at + customer.read_after, lambda due: self._read(message, customer, due))
        else:
            self._answer(message, customer, at)

    def _read(self, message: SentMessage, customer: Customer, at: datetime) -> None:
        self._happens(message, StatusEvent(self._book.next_id("5"), "read", at))
        audio = message.body.get("audio")
        if message.kind == "audio" and isinstance(audio, dict) and audio.get("voice"):
            self._happens(message, StatusEvent(self._book.next_id("5"), "played", at))
        self._answer(message, customer, at)

    def _answer(self, message: SentMessage, customer: Customer, at: datetime) -> None:
        words = message.text.lower()
        answer = next((one for one in customer.answers if one.to.lower() in words), None)
        if answer is not None:
            customer.answers.remove(answer)
            self._agenda.at(at + answer.after, lambda due: self.says(customer, message, answer.text, due))

    def _forget_conversation(self, message: SentMessage) -> None:
        """A conversation opens with the delivery of a message: one that only a lost message opened never was."""
        pricing = message.pricing
        if message.customer is None or pricing is None or pricing.model != "CBP":
            return
        if self.ledger.is_booked(pricing.conversation_id):
            return
        thread = self._book.thread(message.number, message.customer)
        thread.conversations = {
            key: kept for key, kept in thread.conversations.items() if kept[0] != pricing.conversation_id
        }

    def _charge(self, message: SentMessage, at: datetime) -> None:
        if message.pricing is None:
            return
        step = self.ledger.enter(message, at)
        if step is not None:
            self._courier.tell(Update(step.account, change("account_update", tier_value(step))))

    def _happens(self, message: SentMessage, event: StatusEvent) -> None:
        is_first_arrival = event.status in ("delivered", "read") and not any(
            one.status in ("delivered", "read") for one in message.events
        )
        message.events.append(event)
        value = status_value(message, event, with_pricing=event.status == "sent" or is_first_arrival)
        self._courier.tell(Update(message.account, change("messages", value), event))
