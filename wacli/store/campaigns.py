"""Campaigns as they are kept: found by name, written once when planned, and their few later instants.

The recipients are written by `campaign_selection`, read by `campaign_recipients`, counted by `campaign_counts`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from ..domain.campaign import Amount, Approval, Campaign, Hours, LineCharge, as_typed
from ..domain.category import Category
from ..domain.pricing import FreeReason
from ..domain.problem import NotFound, Refused
from ..domain.quote import QuoteLine, Span
from ..domain.text import t
from .database import Row, Store, storable
from .instants import moment, moment_or_none, seconds

_COLUMNS = (
    "k.id, k.name, k.token, k.number_id, n.phone_number_id, k.template_name, k.template_language, k.category, "
    "k.audience, k.given, k.fields, k.assumed_opt_in, k.tries_again, k.currency, k.rules, k.rate_card, k.markets, "
    "k.quote, k.excluded, k.recipient_count, k.planned_at, k.approval, k.approved_at, k.due_at, k.started_at, "
    "k.ended_at, k.cancelled_at, k.stopped_by"
)
_FROM = "FROM campaigns k JOIN numbers n ON n.id = k.number_id"


def add(store: Store, campaign: Campaign) -> Campaign:
    """Writes a campaign down and returns it with its id. Raises Refused (`campaign-exists`) for a name in use.

    What the plan finds out (markets, quote, counts) comes with `record_plan`, in the same transaction.
    """
    if find(store, campaign.name) is not None:
        raise Refused(
            "campaign-exists",
            t("There is a campaign {name} already", name=campaign.name),
            t("See it: wacli campaigns show {name}; plan it anew: --replace", name=as_typed(campaign.name)),
        )
    with store.transaction() as connection:
        row = connection.execute(
            "INSERT INTO campaigns (name, token, number_id, template_name, template_language, category, audience, "
            "given, fields, assumed_opt_in, tries_again, currency, rules, rate_card, markets, quote, excluded, "
            "recipient_count, planned_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', '{}', '{}', 0, ?) RETURNING id",
            (
                storable(campaign.name), campaign.token, campaign.number_id, campaign.template_name,
                campaign.template_language, None if campaign.category is None else campaign.category.value,
                storable(campaign.audience), storable(_dump(dict(campaign.given))), _dump(campaign.fields),
                campaign.assumed_opt_in and storable(campaign.assumed_opt_in), int(campaign.tries_again),
                campaign.currency, campaign.rules, campaign.rate_card, seconds(campaign.planned_at),
            ),
        ).fetchone()  # fmt: skip
    return campaign._replace(id=int(row[0]))


def record_plan(store: Store, campaign: Campaign) -> None:
    """What the plan came to."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE campaigns SET markets = ?, quote = ?, excluded = ?, recipient_count = ? WHERE id = ?",
            (
                _dump(campaign.markets),
                _dump(_quote(campaign)),
                _dump(dict(campaign.excluded)),
                campaign.recipient_count,
                campaign.id,
            ),
        )


def remove(store: Store, campaign_id: int) -> None:
    """Forgets a plan of which nothing was sent. Raises Refused (`campaign-started`) for any other."""
    with store.transaction() as connection:
        if connection.execute("SELECT 1 FROM outbox WHERE campaign_id = ? LIMIT 1", (campaign_id,)).fetchone():
            raise Refused(
                "campaign-started",
                t("Some of it was sent already, so it stays"),
                t("Plan the new one under another name"),
            )
        for table in ("campaign_recipients", "campaign_rejects"):
            connection.execute(f"DELETE FROM {table} WHERE campaign_id = ?", (campaign_id,))
        connection.execute("DELETE FROM campaigns WHERE id = ?", (campaign_id,))


def find(store: Store, name: str) -> Campaign | None:
    """The campaign of this name, capital letters aside, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} {_FROM} WHERE k.name = ?", (name,))
    return None if row is None else _campaign(row)


def get(store: Store, name: str) -> Campaign:
    """The campaign of this name; raises NotFound (`no-such-campaign`) with the nearest names."""
    campaign = find(store, name)
    if campaign is not None:
        return campaign
    from difflib import get_close_matches

    names = [row[0] for row in store.query("SELECT name FROM campaigns ORDER BY name")]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = t("See them all: wacli campaigns list")
    if near:
        hint = t("Did you mean {names}?", names=", ".join(near))
    raise NotFound("no-such-campaign", t("There is no campaign {name}", name=name), hint)


def list_campaigns(store: Store, *, limit: int = 0) -> list[Campaign]:
    """All of them, newest first; 0 is no limit."""
    rows = store.query(f"SELECT {_COLUMNS} {_FROM} ORDER BY k.id DESC LIMIT ?", (limit or -1,))
    return [_campaign(row) for row in rows]


def count_campaigns(store: Store) -> int:
    """How many there are."""
    row = store.query_one("SELECT count(*) FROM campaigns")
    assert row is not None
    return int(row[0])


def list_scheduled(store: Store, number_id: int | None) -> list[Campaign]:
    """Those with an appointment that are neither finished nor cancelled, the earliest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE k.approved_at IS NOT NULL AND k.ended_at IS NULL AND k.cancelled_at IS NULL "
        "AND k.due_at IS NOT NULL AND (:number IS NULL OR k.number_id = :number) ORDER BY k.due_at, k.id",
        {"number": number_id},
    )
    return [_campaign(row) for row in rows]


def approve(store: Store, campaign_id: int, approval: Approval, due_at: datetime | None) -> None:
    """Writes down what the owner agreed to; a later approval replaces an earlier one."""
    with store.transaction(durable=True) as connection:
        connection.execute(
            "UPDATE campaigns SET approval = ?, approved_at = ?, due_at = ?, stopped_by = NULL WHERE id = ?",
            (
                _dump(_approval(approval)),
                seconds(approval.at),
                None if due_at is None else seconds(due_at),
                campaign_id,
            ),
        )


def mark_started(store: Store, campaign_id: int, now: datetime) -> None:
    """A run begins; the first beginning stays."""
    _mark(store, "started_at = coalesce(started_at, ?), ended_at = NULL, stopped_by = NULL", seconds(now), campaign_id)


def mark_stopped(store: Store, campaign_id: int, reason: str | None) -> None:
    """A run ended before everybody had their turn. None: it may go on by itself when its hours come."""
    _mark(store, "stopped_by = ?", reason, campaign_id)


def mark_ended(store: Store, campaign_id: int, now: datetime) -> None:
    """Everybody has had their turn."""
    _mark(store, "ended_at = ?, stopped_by = NULL", seconds(now), campaign_id)


def mark_cancelled(store: Store, campaign_id: int, now: datetime) -> None:
    """Nothing more of it will be sent."""
    _mark(store, "cancelled_at = ?", seconds(now), campaign_id)


def _mark(store: Store, change: str, value: object, campaign_id: int) -> None:
    with store.transaction(durable=True) as connection:
        connection.execute(f"UPDATE campaigns SET {change} WHERE id = ?", (value, campaign_id))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _quote(campaign: Campaign) -> dict[str, object]:
    amount = campaign.amount
    lines = [
        [
            one.market, one.message_count, one.free_count, None if one.free_reason is None else one.free_reason.value,
            one.billed_count, _text(one.unit_price), _text(one.amount), one.tier, _text(one.span.low),
            _text(one.span.high),
        ]
        for one in campaign.lines
    ]  # fmt: skip
    charges = {
        str(line): [None if one.free_reason is None else one.free_reason.value, _text(one.price)]
        for line, one in campaign.charges.items()
    }
    return {
        "lines": lines,
        "charges": charges,
        "total": _text(amount.total),
        "low": _text(amount.span.low),
        "high": _text(amount.span.high),
    }


def _approval(approval: Approval) -> dict[str, object]:
    hours = approval.hours
    return {
        "max_cost": _text(approval.max_cost),
        "stop_if_failed": _text(approval.stop_if_failed),
        "a_second": approval.a_second,
        "only_free": approval.only_free,
        "hours": None
        if hours is None
        else [f"{hours.opens:%H:%M}", f"{hours.closes:%H:%M}", "recipient" if hours.of_recipient else "profile"],
    }


def _read_approval(text: str | None, at: int | None) -> Approval | None:
    if text is None or at is None:
        return None
    told: dict[str, Any] = json.loads(text)
    hours = told["hours"]
    return Approval(
        moment(at),
        _decimal(told["max_cost"]),
        _decimal(told["stop_if_failed"]),
        told["a_second"],
        told["only_free"],
        None
        if hours is None
        else Hours(time.fromisoformat(hours[0]), time.fromisoformat(hours[1]), hours[2] == "recipient"),
    )


def _line(row: list[Any], category: Category | None) -> QuoteLine:
    market, count, free_count, free_reason, billed_count, price, amount, tier, low, high = row
    span = Span(Decimal(low), _decimal(high))
    return QuoteLine(
        market=market,
        category=category or Category.MARKETING,
        message_count=count,
        free_count=free_count,
        free_reason=None if free_reason is None else FreeReason(free_reason),
        billed_count=billed_count,
        unit_price=_decimal(price),
        amount=_decimal(amount),
        tier=tier,
        prices=Span(Decimal(price or 0), _decimal(price)),
        span=span,
    )


def _campaign(row: Row) -> Campaign:
    (
        campaign_id, name, token, number_id, phone_number_id, template, language, category, audience, given, fields,
        assumed, tries_again, currency, rules, rate_card, markets, quote, excluded, recipient_count, planned_at,
        approval, approved_at, due_at, started_at, ended_at, cancelled_at, stopped_by,
    ) = row  # fmt: skip
    priced: Mapping[str, Any] = json.loads(quote) or {
        "lines": [],
        "charges": {},
        "total": None,
        "low": "0",
        "high": None,
    }
    word = None if category is None else Category(category)
    return Campaign(
        id=campaign_id,
        name=name,
        token=token,
        number_id=number_id,
        phone_number_id=phone_number_id,
        template_name=template,
        template_language=language,
        category=word,
        audience=audience,
        given=json.loads(given),
        fields=tuple(json.loads(fields)),
        assumed_opt_in=assumed,
        tries_again=bool(tries_again),
        currency=currency,
        rules=rules,
        rate_card=rate_card,
        markets=tuple(json.loads(markets)),
        lines=tuple(_line(one, word) for one in priced["lines"]),
        charges={
            int(line): LineCharge(None if free is None else FreeReason(free), _decimal(price))
            for line, (free, price) in priced["charges"].items()
        },
        amount=Amount(_decimal(priced["total"]), Span(Decimal(priced["low"]), _decimal(priced["high"]))),
        excluded=json.loads(excluded),
        recipient_count=recipient_count,
        planned_at=moment(planned_at),
        approval=_read_approval(approval, approved_at),
        due_at=moment_or_none(due_at),
        started_at=moment_or_none(started_at),
        ended_at=moment_or_none(ended_at),
        cancelled_at=moment_or_none(cancelled_at),
        stopped_by=stopped_by,
    )
