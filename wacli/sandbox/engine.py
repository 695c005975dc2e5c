"""The sandbox without a socket: the book, the clock and everything that happens in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .acts import Acts
from .agenda import Agenda
from .book import JAKARTA, Account, Book, BusinessNumber, Scene, SentMessage
from .business_profile import ProfilePages
from .clock import Clock
from .courier import Courier, Delivery, Update
from .customers import Customer, country_of, digits_of, is_bsuid
from .exchange import Exchange
from .faults import Fault, FaultQueue
from .limits import Limits
from .media import MediaShelf
from .payloads.account import template_category, template_status
from .payloads.envelope import change
from .pricing import CONVERSATIONS_FROM
from .puppet import Puppet
from .qr_codes import QrShelf
from .shape import Fields
from .templates import Template, TemplateShelf
from .transit import Transit
from .uploads import Uploads

DEFAULT_TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but this sandbox
DEFAULT_SECRET = "sandbox-app-secret"  # noqa: S105
REVIEW_FOR = timedelta(seconds=30)


class Engine:
    """One local Cloud API with its book, clock, customers, faults and webhooks; `Sandbox` puts it on a socket."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        callback_url: str | None = None,
        token: str = DEFAULT_TOKEN,
        app_secret: str = DEFAULT_SECRET,
        seed: int | None = None,
    ) -> None:
        """One account with one number; `add_account` makes more.

        With a `seed` ids and disorder repeat; without one, a sandbox started again gives ids that no store has seen
        yet. Raises ValueError for a clock that stands before there were rate cards.
        """
        self.clock = clock or Clock()
        if self.clock.now().astimezone(JAKARTA).date() < CONVERSATIONS_FROM:
            raise ValueError(f"the sandbox knows no prices before {CONVERSATIONS_FROM}")
        self.book = Book(seed)
        self.faults = FaultQueue()
        self.agenda = Agenda(self.book, self.clock)
        self.courier = Courier(self.book, self.agenda.now)
        self.transit = Transit(self.book, self.agenda, self.courier)
        self.exchange = Exchange(self.book, self.transit, Limits(), self.agenda.now)
        self.acts = Acts(self.book, self.agenda, self.courier, self.agenda.now)
        self.media = MediaShelf(self.book)
        self.uploads = Uploads(self.book)
        self.qr_codes = QrShelf(self.book.random)
        self.profile_pages = ProfilePages()
        self.review_for: timedelta | None = REVIEW_FOR  # None: templates stay PENDING until told
        self.exchange.media_kind = lambda account, media_id: self.media.kind_of(account, media_id, self.clock.now())
        self.transit.says = self._answers_itself
        self.account = self.add_account("Toko Bunga Melati", "+62 811-1000-200", token, app_secret)
        self.account.callback_url = callback_url

    @property
    def number(self) -> BusinessNumber:
        """The first number of the first account."""
        return self.account.numbers[0]

    @property
    def limits(self) -> Limits:
        """Throughput and pair limit; None in a field switches it off."""
        return self.exchange.limits

    def add_account(self, name: str, display: str, token: str, app_secret: str) -> Account:
        """Another business with one number of its own."""
        number = BusinessNumber(self.book.next_id("10"), display, name)
        shelf = TemplateShelf(lambda: self.book.next_id("12"))
        made = Account(self.book.next_id("11"), name, token, app_secret, [number], shelf)
        self.book.accounts.append(made)
        return made

    def add_customer(
        self,
        name: str,
        phone: str,
        *,
        bsuid: str | None = None,
        username: str | None = None,
        number: BusinessNumber | None = None,
    ) -> Puppet:
        """A person on WhatsApp; with a `username` webhooks hide the phone number. Raises Refusal for a bad one."""
        with self.book.lock:
            wa_id = digits_of(phone)
            made = Customer(name, wa_id, bsuid or f"{country_of(wa_id)}.{self.book.next_id('13')}", username)
            self.book.customers.append(made)
        return self._puppet(made, number)

    def find(self, who: str) -> Puppet | None:
        """A customer by phone number, BSUID, @username or name; the beginning of one name is enough."""
        with self.book.lock:
            found = self.book.find_bsuid(who) if is_bsuid(who) else None
            for one in self.book.customers:
                if found is None and who.removeprefix("@") in (one.wa_id, one.username, one.name):
                    found = one
            if found is None and who.lstrip("+")[:1].isdigit():
                found = self.book.find_customer(digits_of(who))
            if found is None:
                near = [one for one in self.book.customers if one.name.lower().startswith(who.lower())]
                found = near[0] if len(near) == 1 else None
        return None if found is None else self._puppet(found)

    def post_message(self, body: object, number: BusinessNumber | None = None) -> dict[str, object]:
        """What `POST /messages` does, without a socket. Raises Refusal."""
        number = number or self.number
        account = next(one for one in self.book.accounts if number in one.numbers)
        return self.exchange.send(account, number, body)

    def set_clock(self, at: datetime) -> None:
        """Jump to `at` (aware, not earlier) and let everything happen that was due."""
        self.clock.set(at)
        self.agenda.run_due()
        self.courier.wake()

    def advance(self, by: timedelta) -> datetime:
        """Jump forward and let everything happen that was due; returns the new instant."""
        now = self.clock.advance(by)
        self.agenda.run_due()
        self.courier.wake()
        return now

    def drain(self) -> Delivery:
        """Run what is due and deliver every webhook that waits, now and in this thread."""
        self.agenda.run_due()
        return self.courier.drain()

    def release_held(self, *, is_dropped: bool = False) -> int:
        """Ends the quality assessment of held messages; returns how many there were."""
        return self.transit.release(self.agenda.now(), is_dropped=is_dropped)

    def push_fault(self, kind: str, **settings: Any) -> Fault:
        """Have a fault strike the next request that fits; see `faults.Fault`."""
        fault = Fault(kind, **settings)
        self.faults.push(fault)
        return fault

    def create_template(self, account: Account, body: Fields) -> Template:
        """Into review; decided after `review_for` by the sandbox's clock, with a webhook. Raises Refusal."""
        with self.book.lock:
            now = self.agenda.now()
            made = account.templates.create(body, now)
            self._plan_review(account, made, now)
            return made

    def edit_template(self, account: Account, template_id: str, body: Fields) -> Template:
        """Back into review. Raises Refusal."""
        with self.book.lock:
            now = self.agenda.now()
            edited = account.templates.edit(template_id, body, now)
            self._plan_review(account, edited, now)
            return edited

    def set_template_status(self, template: Template, status: str, reason: str = "NONE") -> None:
        """Meta decides: APPROVED, REJECTED, PAUSED, DISABLED ... with its webhook."""
        with self.book.lock:
            template.status, template.rejected_reason = status, reason
            template.changed_at = self.agenda.now()
            told = template_status(template, status, reason, {})
            self._tell(template, "message_template_status_update", told)

    def recategorise(self, template: Template, category: str) -> None:
        """Meta moves a template to another category, with its webhook."""
        with self.book.lock:
            template.previous_category, template.category = template.category, category.upper()
            told = template_category(template, template.previous_category, template.category)
            self._tell(template, "template_category_update", told)

    def _puppet(self, customer: Customer, number: BusinessNumber | None = None) -> Puppet:
        number = number or self.number
        account = next(one for one in self.book.accounts if number in one.numbers)
        return Puppet(self.acts, self.book, Scene(account, number, customer))

    def _answers_itself(self, customer: Customer, message: SentMessage, text: str, at: datetime) -> None:
        self.acts.says(Scene(message.account, message.number, customer), text, at)

    def _plan_review(self, account: Account, template: Template, now: datetime) -> None:
        if self.review_for is None:
            return

        def decide(_due: datetime) -> None:
            if account.templates.has(template.id) and template.status == "PENDING":
                self.set_template_status(template, "APPROVED")

        self.agenda.at(now + self.review_for, decide)

    def _tell(self, template: Template, field: str, value: dict[str, object]) -> None:
        for account in self.book.accounts:
            if account.templates.has(template.id):
                self.courier.tell(Update(account, change(field, value)))
