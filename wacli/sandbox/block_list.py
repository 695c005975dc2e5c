"""Blocked users of a number: what they write does not arrive. Facts cloud-api.md sections 5 and 6 (139100-139103)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from .book import Book, BusinessNumber
from .customers import Customer, digits_of, is_bsuid
from .failures import Refusal
from .shape import Fields
from .templates import paged

WROTE_WITHIN = timedelta(hours=24)
BLOCKED_MOST = 64_000


def change(book: Book, number: BusinessNumber, body: Fields, now: datetime, *, blocks: bool) -> dict[str, object]:
    """`POST` blocks, `DELETE` unblocks. Raises Refusal 139100 with both lists when some of them failed."""
    body.choice("messaging_product", ("whatsapp",))
    asked = body.list_of_fields("block_users")
    body.done()
    if not asked:
        raise Refusal(100, "The parameter block_users is required.")
    done: list[dict[str, object]] = []
    failed: list[dict[str, object]] = []
    for one in asked:
        who = one.text("user")
        one.done()
        told: dict[str, object] = {"input": who}
        try:
            customer = _find(book, who)
            told |= {"wa_id": customer.wa_id} if customer.shows_phone(number.id, now) else {"user_id": customer.bsuid}
            _set(book, number, customer, now, blocks=blocks)
            done.append(told)
        except Refusal as why:
            failed.append(told | {"errors": [{"code": why.code, "message": why.title,
                                              "error_data": {"details": why.details}}]})  # fmt: skip
    lists: dict[str, object] = {"added_users" if blocks else "removed_users": done}
    if failed:
        lists["failed_users"] = failed
        told_both = {"messaging_product": "whatsapp", "block_users": lists}
        raise Refusal(139100, f"{len(failed)} of {len(asked)} users failed.", beside=told_both)
    return {"messaging_product": "whatsapp", "block_users": lists}


def page(
    book: Book, number: BusinessNumber, now: datetime, query: Mapping[str, str], address: str
) -> dict[str, object]:
    """`GET`: everybody who is blocked."""
    rows: list[dict[str, object]] = []
    for bsuid in book.blocked.get(number.id, {}):
        customer = book.find_bsuid(bsuid)
        if customer is not None:
            who = {"wa_id": customer.wa_id} if customer.shows_phone(number.id, now) else {"user_id": bsuid}
            rows.append({"messaging_product": "whatsapp", **who})
    return paged(rows, query, address)


def _find(book: Book, who: str) -> Customer:
    if is_bsuid(who):
        if ".ENT." in who:
            raise Refusal(139103, "A parent user ID cannot be blocked.")
        found = book.find_bsuid(who)
    else:
        found = book.find_customer(digits_of(who))
    if found is None:
        raise Refusal(139103, f"{who} is not on WhatsApp.")
    return found


def _set(book: Book, number: BusinessNumber, customer: Customer, now: datetime, *, blocks: bool) -> None:
    blocked = book.blocked.setdefault(number.id, {})
    if not blocks:
        blocked.pop(customer.bsuid, None)
        return
    opened_at = book.thread(number, customer).opened_at
    if opened_at is None or opened_at <= now - WROTE_WITHIN:
        raise Refusal(139103, "Only users who wrote within the last 24 hours can be blocked.")
    if len(blocked) >= BLOCKED_MOST:
        raise Refusal(139101, f"At most {BLOCKED_MOST} users can be blocked.")
    blocked[customer.bsuid] = True
