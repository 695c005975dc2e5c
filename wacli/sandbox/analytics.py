"""What Meta's analytics say of the ledger: pricing, messages, conversations, templates.

Parameters and shapes: facts cloud-api.md section 5 and pricing.md section 10.2 (Meta's page of December 2025; nobody
has seen what it says of the time after October 2026). Days and months are the account's. The page files utility
inside a window under SERVICE; costs are approximate by Meta's word, exact here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from .book import Account, Book, BusinessNumber, Charge, SentMessage
from .failures import Refusal
from .figures import country_of_market
from .payloads.envelope import unix

FIELDS = ("analytics", "conversation_analytics", "pricing_analytics", "template_analytics")
_CALL = re.compile(r"\.([a-z_]+)\(([^()]*)\)")
_HALF_HOUR = timedelta(minutes=30)
_GRAINS = {"HALF_HOUR": "HALF_HOUR", "DAILY": "DAILY", "DAY": "DAILY", "MONTHLY": "MONTHLY", "MONTH": "MONTHLY"}
_WORDS = {
    "analytics": ("HALF_HOUR", "DAY", "MONTH"),
    "conversation_analytics": ("HALF_HOUR", "DAILY", "MONTHLY"),
    "pricing_analytics": ("HALF_HOUR", "DAILY", "MONTHLY"),
    "template_analytics": ("DAILY",),
}
_DIMENSIONS = ("COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER")
_CONVERSATION_DIMENSIONS = ("CONVERSATION_CATEGORY", "CONVERSATION_DIRECTION", "CONVERSATION_TYPE", "COUNTRY", "PHONE")


class Asked(NamedTuple):
    """One question: a span of instants (half-open), how fine, and lists by parameter."""

    since: int
    until: int
    grain: str
    lists: Mapping[str, frozenset[str]]

    def wants(self, name: str, value: str) -> bool:
        """True when the list of that name is empty or has the value."""
        wanted = self.lists.get(name, frozenset())
        return not wanted or value in wanted


def field_of(fields: str) -> tuple[str, dict[str, str]] | None:
    """`pricing_analytics.start(1).end(2)...` taken apart; None for any other `fields`."""
    name, _, rest = fields.partition(".")
    if name not in FIELDS:
        return None
    return name, dict(_CALL.findall("." + rest))


def answer(book: Book, account: Account, name: str, given: Mapping[str, str]) -> dict[str, object]:
    """The value of the field. Raises Refusal 100 for a missing or wrong parameter, 200005 without opt-in."""
    asked = _asked(name, given)
    with book.lock:
        if name == "pricing_analytics":
            return {"data": [{"data_points": list(_pricing_points(book, account, asked))}]}
        if name == "conversation_analytics":
            return {"data": [{"data_points": list(_conversation_points(book, account, asked))}]}
        if name == "analytics":
            return _message_points(book, account, asked, given.get("granularity", ""))
        return _template_points(book, account, asked)


def _asked(name: str, given: Mapping[str, str]) -> Asked:
    bounds = []
    for key in ("start", "end"):
        text = given.get(key, "").strip()
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise Refusal(100, f"Param {key} must be a unix timestamp.")
        bounds.append(int(text))
    grain = given.get("granularity", "").strip().upper()
    if grain not in _WORDS[name]:
        raise Refusal(100, f"Param granularity must be one of {', '.join(_WORDS[name])}.")
    if bounds[0] >= bounds[1]:
        raise Refusal(100, "Param start must be before end.")
    lists = {
        key: frozenset(part.strip().strip("\"'").upper() for part in text.strip("[] ").split(",") if part.strip())
        for key, text in given.items()
    }
    known = _CONVERSATION_DIMENSIONS if name == "conversation_analytics" else _DIMENSIONS
    for word in lists.get("dimensions", ()):
        if word not in known:
            raise Refusal(100, f"Param dimensions must be one of {', '.join(known)}, not {word}.")
    return Asked(bounds[0], bounds[1], _GRAINS[grain], lists)


def _pricing_points(book: Book, account: Account, asked: Asked) -> Iterator[dict[str, object]]:
    sums: dict[tuple[tuple[str, object], ...], list[int]] = {}
    dimensions = asked.lists.get("dimensions", frozenset())
    for charge in _charges(book, account, asked):
        category, kind = _pricing_category(charge), charge.kind.upper()
        country = country_of_market(charge.customer.wa_id) or "XX"
        number = _number_of(account, charge.number_id).digits
        if not (
            asked.wants("pricing_categories", category)
            and asked.wants("pricing_types", kind)
            and asked.wants("country_codes", country)
            and asked.wants("phone_numbers", number)
        ):
            continue
        start, end = _bucket(account, charge.at, asked)
        key: list[tuple[str, object]] = [("start", start), ("end", end)]
        if "PHONE" in dimensions:
            key.append(("phone_number", number))
        if "COUNTRY" in dimensions:
            key.append(("country", country))
        if "TIER" in dimensions and charge.is_billed:
            key.append(("tier", charge.tier or "0:MAX"))
        if "PRICING_TYPE" in dimensions:
            key.append(("pricing_type", kind))
        if "PRICING_CATEGORY" in dimensions:
            key.append(("pricing_category", category))
        entry = sums.setdefault(tuple(key), [0, 0])
        entry[0] += 1
        entry[1] += charge.amount_micro or 0
    yield from _points(sums, asked, "volume")


def _conversation_points(book: Book, account: Account, asked: Asked) -> Iterator[dict[str, object]]:
    sums: dict[tuple[tuple[str, object], ...], list[int]] = {}
    dimensions = asked.lists.get("dimensions", frozenset())
    kinds = {"allowance": "FREE_TIER", "rules": "FREE_TIER", "free_entry_point": "FREE_ENTRY_POINT"}
    for charge in _charges(book, account, asked):
        if charge.model != "CBP" or charge.free_because == "conversation":
            continue
        start, end = _bucket(account, charge.at, asked)
        key: list[tuple[str, object]] = [("start", start), ("end", end)]
        told = {
            "PHONE": ("phone_number", _number_of(account, charge.number_id).digits),
            "COUNTRY": ("country", country_of_market(charge.customer.wa_id) or "XX"),
            "CONVERSATION_TYPE": ("conversation_type", kinds.get(charge.free_because or "", "REGULAR")),
            "CONVERSATION_DIRECTION": ("conversation_direction", "UNKNOWN"),
            "CONVERSATION_CATEGORY": ("conversation_category", charge.category.upper()),
        }
        key += [pair for word, pair in told.items() if word in dimensions]
        entry = sums.setdefault(tuple(key), [0, 0])
        entry[0] += 1
        entry[1] += charge.amount_micro or 0
    yield from _points(sums, asked, "conversation")


def _points(
    sums: Mapping[tuple[tuple[str, object], ...], list[int]], asked: Asked, counted: str
) -> Iterator[dict[str, object]]:
    for key, (count, micro) in sorted(sums.items(), key=lambda one: str(one[0])):
        point = dict(key)
        if asked.wants("metric_types", counted.upper()):
            point[counted] = count
        if asked.wants("metric_types", "COST"):
            point["cost"] = cost(micro)
        yield point


def _message_points(book: Book, account: Account, asked: Asked, grain: str) -> dict[str, object]:
    counts: dict[tuple[int, int], list[int]] = {}
    for message in _sent(book, account):
        if not asked.wants("phone_numbers", message.number.digits):
            continue
        for column, status in enumerate((("sent",), ("delivered", "read"))):
            at = _first(message, status)
            if at is not None and asked.since <= unix(at) < asked.until:
                counts.setdefault(_bucket(account, at, asked), [0, 0])[column] += 1
    points = [{"start": s, "end": e, "sent": n[0], "delivered": n[1]} for (s, e), n in sorted(counts.items())]
    numbers = [one.digits for one in account.numbers if asked.wants("phone_numbers", one.digits)]
    return {"phone_numbers": numbers, "granularity": grain.strip().upper(), "data_points": points}


def _template_points(book: Book, account: Account, asked: Asked) -> dict[str, object]:
    if not account.has_template_insights:
        raise Refusal(200005, "Template insights are not enabled for this account.", title="Template insights are off")
    wanted = asked.lists.get("template_ids", frozenset())
    if not 1 <= len(wanted) <= 10:
        raise Refusal(100, "Param template_ids must have 1 to 10 ids.")
    ids = {(one.name, one.id) for one in account.templates}
    costs = {one.message_id: one.amount_micro or 0 for one in book.charges}
    rows: dict[tuple[str, int], dict[str, int]] = {}
    for message in _sent(book, account):
        template_id = next((key for name, key in ids if name == message.template and key in wanted), None)
        start = _utc_day(message.at)
        if template_id is None or not asked.since <= unix(message.at) < asked.until:
            continue
        row = rows.setdefault((template_id, start), {"sent": 0, "delivered": 0, "read": 0, "cost": 0})
        row["sent"] += int(_first(message, ("sent",)) is not None)
        row["delivered"] += int(_first(message, ("delivered", "read")) is not None)
        row["read"] += int(_first(message, ("read",)) is not None)
        row["cost"] += costs.get(message.id, 0)
    points = [_template_point(key, start, row, asked) for (key, start), row in sorted(rows.items())]
    return {"data": [{"granularity": "DAILY", "product_type": "cloud_api", "data_points": points}]}


def _template_point(template_id: str, start: int, row: Mapping[str, int], asked: Asked) -> dict[str, object]:
    point: dict[str, object] = {"template_id": template_id, "start": start, "end": start + 86_400}
    point |= {name: row[name] for name in ("sent", "delivered", "read") if asked.wants("metric_types", name.upper())}
    if asked.wants("metric_types", "COST"):
        spent: list[dict[str, object]] = [{"type": "amount_spent", "value": cost(row["cost"])}]
        if row["delivered"]:
            spent.append({"type": "cost_per_delivered", "value": cost(round(row["cost"] / row["delivered"]))})
        point["cost"] = spent
    return point


def cost(micro: int) -> float:
    """A JSON number; six decimals of a double are exact to read back."""
    return micro / 1_000_000


def _charges(book: Book, account: Account, asked: Asked) -> Iterable[Charge]:
    return (one for one in book.charges if one.account is account and asked.since <= unix(one.at) < asked.until)


def _sent(book: Book, account: Account) -> Iterable[SentMessage]:
    return (one for one in book.sent.values() if one.account is account)


def _first(message: SentMessage, statuses: tuple[str, ...]) -> datetime | None:
    return next((one.at for one in message.events if one.status in statuses), None)


def _number_of(account: Account, number_id: str) -> BusinessNumber:
    return next(one for one in account.numbers if one.id == number_id)


def _pricing_category(charge: Charge) -> str:
    if charge.kind == "free_customer_service":
        return "SERVICE"
    return charge.category.upper().replace("-", "_")


def _bucket(account: Account, at: datetime, asked: Asked) -> tuple[int, int]:
    """Start and end of the half hour, day or month of the account that an instant lies in."""
    local = at.astimezone(account.zone)
    if asked.grain == "HALF_HOUR":
        start = local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)
        return unix(start), unix(start + _HALF_HOUR)
    midnight: Callable[[datetime], datetime] = lambda day: datetime.combine(day.date(), time(), account.zone)  # noqa: E731
    if asked.grain == "DAILY":
        return unix(midnight(local)), unix(midnight(local + timedelta(days=1)))
    first = local.replace(day=1)
    return unix(midnight(first)), unix(midnight((first + timedelta(days=32)).replace(day=1)))


def _utc_day(at: datetime) -> int:
    return unix(at) // 86_400 * 86_400
