"""The sandbox's book: accounts, numbers, customers, threads, messages, charges. In memory, one lock.

Everything that the sandbox accepted stands here, so that a test or the demo can compare it with what wacli believes.
"""

from __future__ import annotations

import base64
import random
import string
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

from .customers import Customer, spellings
from .failures import no_such_object
from .pricing import Allowance, Pricing
from .templates import TemplateShelf
from .windows import Thread

JAKARTA = timezone(timedelta(hours=7))


@dataclass(slots=True)
class BusinessNumber:
    """A phone number of the business. `allowed` None: it may write to everyone (else 131030, as test numbers do)."""

    id: str
    display: str
    verified_name: str
    quality: str = "GREEN"
    status: str = "CONNECTED"
    limit: str = "TIER_250"
    allowed: frozenset[str] | None = None

    @property
    def digits(self) -> str:
        """The number as webhooks write it."""
        return "".join(char for char in self.display if char.isdigit())


@dataclass(slots=True)
class Grant:
    """What an access token may do and until when. `expires_at` None: it never ends, as a system user's may."""

    scopes: tuple[str, ...] = ("whatsapp_business_management", "whatsapp_business_messaging")
    expires_at: datetime | None = None
    is_inspectable: bool = True  # False: `debug_token` is refused, as for a token that is not the app's own

    def has_expired(self, now: datetime) -> bool:
        """True from that instant on."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(slots=True)
class Account:
    """A WhatsApp Business Account with its app. `callback_url` None: notifications wait until there is one."""

    waba_id: str
    name: str
    token: str
    app_secret: str
    numbers: list[BusinessNumber]
    templates: TemplateShelf
    verify_token: str = "sandbox-verify"  # noqa: S105 - a made-up word for a made-up server
    app_id: str = "900000000000001"
    currency: str = "USD"
    zone: tzinfo = JAKARTA
    callback_url: str | None = None
    override_url: str | None = None
    is_subscribed: bool = True
    has_payment_method: bool = True
    has_template_insights: bool = False
    country: str = "ID"  # the business's primary location
    portfolio: str = ""  # accounts of one portfolio share volume tiers; empty: the account stands alone
    international_from: dict[str, datetime] = field(default_factory=dict)  # ISO country: eligible from then on
    grant: Grant = field(default_factory=Grant)

    @property
    def webhook_url(self) -> str | None:
        """Where notifications go: the account's override wins over the app's own address."""
        return (self.override_url or self.callback_url) if self.is_subscribed else None


@dataclass(frozen=True, slots=True)
class Scene:
    """Who acts towards which number of which account."""

    account: Account
    number: BusinessNumber
    customer: Customer


@dataclass(slots=True)
class StatusEvent:
    """One thing that happened to a sent message, and whether its webhook arrived."""

    id: str
    status: str
    at: datetime
    error_code: int | None = None
    error_text: str | None = None
    webhook: str = "PENDING"


@dataclass(slots=True)
class SentMessage:
    """A message that was accepted."""

    id: str
    history_id: str
    number: BusinessNumber
    account: Account
    customer: Customer | None
    kind: str
    body: Mapping[str, object]
    at: datetime
    text: str = ""
    input: str = ""
    is_by_bsuid: bool = False
    template: str | None = None
    category: str = "service"
    is_lite: bool = False  # sent through marketing_messages
    callback_data: str | None = None
    payloads: Mapping[str, str] = field(default_factory=dict)
    pricing: Pricing | None = None
    events: list[StatusEvent] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The last thing that happened to it; accepted before the first."""
        return self.events[-1].status if self.events else "accepted"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, call or reaction of a customer."""

    id: str
    number: BusinessNumber
    customer: Customer
    kind: str
    text: str
    at: datetime
    is_ad: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """One delivered message and what Meta would book for it. Amounts are whole micro-units of `currency`.

    `category` and `kind` as the webhooks report them. `rate_category` is the card's word for the price that was
    applied, `tier` the volume step as Meta writes it. `amount_micro` None: billed at a price that nobody published
    where the facts were collected. `free_because`: allowance, rules, free_entry_point, or conversation for a message
    inside a conversation that was booked before; None for a billed one.
    """

    message_id: str
    account: Account
    number_id: str
    customer: Customer
    category: str
    kind: str
    model: str
    market: str
    sent_at: datetime
    at: datetime
    is_billed: bool
    free_because: str | None
    amount_micro: int | None
    currency: str
    rate_category: str | None = None
    tier: str | None = None
    template: str | None = None
    conversation_id: str | None = None


class Book:
    """All of it. Hold `lock` while reading several things that belong together."""

    def __init__(self, seed: int | None = None) -> None:
        self.lock = threading.RLock()
        self.random = random.Random(seed)  # noqa: S311 - ids and disorder that can be repeated, nothing secret
        self.accounts: list[Account] = []
        self.customers: list[Customer] = []
        self.threads: dict[tuple[str, str], Thread] = {}
        self.sent: dict[str, SentMessage] = {}
        self.heard: dict[str, Heard] = {}
        self.read_marks: dict[str, datetime] = {}
        self.typing: list[str] = []
        self.charges: list[Charge] = []
        self.blocked: dict[str, dict[str, bool]] = {}  # by phone number id the BSUIDs, in order
        self.allowance = Allowance()
        self._count = 0

    def next_id(self, prefix: str = "") -> str:
        """Digits that were never given before."""
        with self.lock:
            self._count += 1
            return f"{prefix or '8'}{self._count:014d}"

    def new_wamid(self) -> str:
        """An id in the form of Meta's, unlike every other."""
        with self.lock:
            self._count += 1
            inner = f"\x1d\x04\x0b{self._count:012d}\x15\x02" + "".join(
                self.random.choices(string.hexdigits[:16], k=12)
            )
        return "wamid." + base64.b64encode(inner.encode("latin-1")).decode()

    def trace_id(self) -> str:
        """A fbtrace_id."""
        with self.lock:
            return "A" + "".join(self.random.choices(string.ascii_letters + string.digits + "_-", k=22))

    def account_of(self, token: str | None) -> Account | None:
        """Whose token that is."""
        return next((one for one in self.accounts if token is not None and one.token == token), None)

    def number_of(self, account: Account, number_id: str) -> BusinessNumber:
        """The account's own number; raises Refusal 100/33 for every other id."""
        for number in account.numbers:
            if number.id == number_id:
                return number
        raise no_such_object(number_id)

    def find_customer(self, wa_id: str) -> Customer | None:
        """By phone number in any of its accepted spellings."""
        wanted = spellings(wa_id)
        return next((one for one in self.customers if one.wa_id in wanted), None)

    def has_blocked(self, number: BusinessNumber, customer: Customer) -> bool:
        """True when the business does not want to hear of that customer."""
        return customer.bsuid in self.blocked.get(number.id, {})

    def rename(self, customer: Customer, wa_id: str, bsuid: str) -> None:
        """The same person with another number and user ID; the threads move along."""
        with self.lock:
            for number_id, old in [key for key in self.threads if key[1] == customer.bsuid]:
                self.threads[number_id, bsuid] = self.threads.pop((number_id, old))
            customer.wa_id, customer.bsuid = wa_id, bsuid

    def find_bsuid(self, bsuid: str) -> Customer | None:
        """By BSUID or parent BSUID."""
        return next((one for one in self.customers if bsuid in (one.bsuid, one.parent_bsuid)), None)

    def thread(self, number: BusinessNumber, customer: Customer) -> Thread:
        """Theirs, made when it is first asked for."""
        return self.threads.setdefault((number.id, customer.bsuid), Thread())
