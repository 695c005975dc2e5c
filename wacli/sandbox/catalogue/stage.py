"""The business and the customer of a made-up notification, where no sandbox runs to lend them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, tzinfo

from ..book import Account, BusinessNumber, Scene
from ..customers import Customer, country_of, digits_of
from ..templates import TemplateShelf
from ..world import put_templates

NUMBER_ID, WABA_ID, DISPLAY = "1000000000000001", "1100000000000002", "628111000200"  # the sandbox's own


def account_of(number_id: str | None, waba_id: str | None, display: str | None, zone: tzinfo) -> Account:
    """An account with one number and the demo's templates; what is not known is as in the sandbox."""
    number = BusinessNumber(number_id or NUMBER_ID, display or DISPLAY, "Toko Bunga Melati")
    serial = iter(range(605550000000001, 605550000001000))
    account = Account(
        waba_id or WABA_ID, "Toko Bunga Melati", "", "", [number], TemplateShelf(lambda: str(next(serial)))
    )
    account.zone = zone
    put_templates(account)
    return account


def customer_of(name: str, digits: str, bsuid: str | None = None, username: str | None = None) -> Customer:
    """A customer; a BSUID that nobody knows is made from the number, the same each time. Raises Refusal."""
    wa_id = digits_of(digits)
    made = f"{country_of(wa_id)}.{int(hashlib.sha256(wa_id.encode()).hexdigest()[:13], 16):016d}"
    return Customer(name, wa_id, bsuid or made, username)


def scene_of(account: Account, customer: Customer, *, hides_phone: bool, now: datetime) -> Scene:
    """Both together. `hides_phone`: the webhooks show the user ID only, as for people with a username."""
    number = account.numbers[0]
    if hides_phone:
        customer.username = customer.username or "pelanggan"
    else:
        customer.known_by_phone_at[number.id] = now - timedelta(seconds=1)
    return Scene(account, number, customer)
