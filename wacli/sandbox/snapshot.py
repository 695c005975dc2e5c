"""The book as JSON, for whoever wants to compare: what was accepted, heard, charged, told. No token is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .book import Book, Charge, Heard, SentMessage
from .clock import Clock
from .customers import Customer
from .pricing import month_of

if TYPE_CHECKING:
    from .engine import Engine


def instant(at: datetime | None) -> str | None:
    """RFC 3339 with Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def clock_json(clock: Clock) -> dict[str, object]:
    """The clock."""
    return {"now": instant(clock.now()), "speed": clock.speed}


def book_json(engine: Engine) -> dict[str, object]:
    """Everything."""
    book = engine.book
    with book.lock:
        return {
            "clock": clock_json(engine.clock),
            "accounts": [
                {
                    "waba_id": one.waba_id,
                    "name": one.name,
                    "webhook_url": one.webhook_url,
                    "numbers": [
                        {"id": n.id, "display": n.display, "free_used": _used(engine, n.id)} for n in one.numbers
                    ],
                    "templates": [t.shown(("name", "language", "status", "category")) for t in one.templates],
                }
                for one in book.accounts
            ],
            "customers": [customer_json(engine, one) for one in book.customers],
            "sent": [sent_json(one) for one in book.sent.values()],
            "heard": [_heard_json(one) for one in book.heard.values()],
            "read_marks": {key: instant(at) for key, at in book.read_marks.items()},
            "charges": [charge_json(one) for one in book.charges],
            "notifications": _notifications(engine),
            "faults": [one.as_json() for one in engine.faults.waiting()],
        }


def customer_json(engine: Engine, customer: Customer) -> dict[str, object]:
    """One customer with the clocks of each thread."""
    return {
        "name": customer.name,
        "wa_id": customer.wa_id,
        "bsuid": customer.bsuid,
        "username": customer.username,
        "is_on_whatsapp": customer.is_on_whatsapp,
        "has_blocked": customer.has_blocked,
        "has_stopped_marketing": customer.has_stopped_marketing,
        "threads": _threads(engine.book, customer, engine.clock.now()),
    }


def sent_json(message: SentMessage) -> dict[str, object]:
    """One accepted message with its fate."""
    pricing = message.pricing
    return {
        "id": message.id,
        "number_id": message.number.id,
        "input": message.input,
        "wa_id": None if message.customer is None else message.customer.wa_id,
        "kind": message.kind,
        "template": message.template,
        "category": message.category,
        "text": message.text,
        "callback_data": message.callback_data,
        "at": instant(message.at),
        "status": message.status,
        "pricing": None if pricing is None else pricing.as_json(),
        "events": [
            {"status": one.status, "at": instant(one.at), "error_code": one.error_code, "webhook": one.webhook}
            for one in message.events
        ],
    }


def _threads(book: Book, customer: Customer, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "number_id": number_id,
            "is_open": thread.is_open(now),
            "closes_at": instant(thread.closes_at()),
            "is_entry_running": thread.is_entry_running(now),
            "entry_until": instant(thread.entry_until),
        }
        for (number_id, bsuid), thread in book.threads.items()
        if bsuid == customer.bsuid
    ]


def _heard_json(heard: Heard) -> dict[str, object]:
    who = heard.customer.wa_id
    return {"id": heard.id, "wa_id": who, "kind": heard.kind, "text": heard.text, "at": instant(heard.at)}


def charge_json(charge: Charge) -> dict[str, object]:
    """One line of the ledger. `amount_micro`: whole micro-units; None where nobody published the price."""
    return {
        "wamid": charge.message_id,
        "number_id": charge.number_id,
        "contact": charge.customer.wa_id,
        "bsuid": charge.customer.bsuid,
        "sent_at": instant(charge.sent_at),
        "at": instant(charge.at),
        "category": charge.category,
        "type": charge.kind,
        "pricing_model": charge.model,
        "market": charge.market,
        "template": charge.template,
        "is_billed": charge.is_billed,
        "free_reason": charge.free_because,
        "rate_category": charge.rate_category,
        "tier": charge.tier,
        "amount_micro": charge.amount_micro,
        "currency": charge.currency,
        "conversation_id": charge.conversation_id,
    }


def charges_json(engine: Engine, since: datetime | None = None, until: datetime | None = None) -> dict[str, object]:
    """The ledger of a span (delivered at or after `since` and before `until`) and its sums."""
    with engine.book.lock:
        lines = [
            one
            for one in engine.book.charges
            if (since is None or since <= one.at) and (until is None or one.at < until)
        ]
    total: dict[str, int] = {}
    for one in lines:
        total[one.currency] = total.get(one.currency, 0) + (one.amount_micro or 0)
    return {
        "charges": [charge_json(one) for one in lines],
        "total_micro": total,
        "billed_count": sum(one.is_billed for one in lines),
        "free_count": sum(not one.is_billed for one in lines),
        "unknown_count": sum(one.amount_micro is None for one in lines),
    }


def _notifications(engine: Engine) -> dict[str, int]:
    states = [one.state for one in engine.courier.notifications]
    counted = {state.lower(): states.count(state) for state in ("DELIVERED", "PENDING", "RETRYING", "FAILED")}
    return counted | {"waiting": engine.courier.waiting()}


def _used(engine: Engine, number_id: str) -> int:
    account = next(one for one in engine.book.accounts if any(n.id == number_id for n in one.numbers))
    on = engine.clock.now().astimezone(account.zone).date()
    return engine.book.allowance.count(number_id, month_of(on))
