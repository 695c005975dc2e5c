"""What Meta itself booked: `pricing_analytics` of an account (facts: pricing.md section 10.2, cloud-api.md section 5).

Asked by day, country, category and type. Costs are approximate by Meta's own word, in the account's currency; the
page that describes the field is of December 2025, and nobody has seen what it says of the time after October 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from .client import Client, segment


class PricingPoint(NamedTuple):
    """So many messages of one day, country, category and type, and what they cost. Words as Meta writes them.

    `starts_at`: the beginning of the account's day. None where the answer has no such part.
    """

    starts_at: datetime
    country: str | None
    category: str | None  # MARKETING, UTILITY, ...
    kind: str | None  # REGULAR, FREE_CUSTOMER_SERVICE, FREE_ENTRY_POINT
    volume: int
    cost_micros: int


def list_pricing(
    client: Client, waba_id: str, since: datetime, until: datetime, *, phone_number: str | None = None
) -> list[PricingPoint]:
    """The points at or after `since` and before `until`; `phone_number` (digits): of that business number only.

    Raises what the client raises.
    """
    asked = (
        f"pricing_analytics.start({int(since.timestamp())}).end({int(until.timestamp())}).granularity(DAILY)"
        ".metric_types(COST,VOLUME).dimensions(COUNTRY,PRICING_CATEGORY,PRICING_TYPE)"
    )
    if phone_number is not None:
        asked += f".phone_numbers({phone_number})"
    told = client.get(segment(waba_id), {"fields": asked})
    return list(_points(told.get("pricing_analytics")))


def _points(told: object) -> Iterator[PricingPoint]:
    data = told.get("data") if isinstance(told, dict) else None
    for part in data if isinstance(data, list) else ():
        points = part.get("data_points") if isinstance(part, dict) else None
        for point in points if isinstance(points, list) else ():
            found = _point(point)
            if found is not None:
                yield found


def _point(told: object) -> PricingPoint | None:
    if not isinstance(told, dict) or not isinstance(told.get("start"), int):
        return None
    country, category, kind = (value if isinstance(value := told.get(key), str) else None for key in _WORDS)
    volume = told.get("volume")
    return PricingPoint(
        datetime.fromtimestamp(told["start"], UTC),
        country,
        category,
        kind,
        volume if isinstance(volume, int) else 0,
        _micros(told.get("cost")),
    )


_WORDS = ("country", "pricing_category", "pricing_type")


def _micros(cost: object) -> int:
    # JSON knows no decimals: the shortest text of the number is what was meant.
    if isinstance(cost, bool) or not isinstance(cost, (int, float)):
        return 0
    return round(Decimal(repr(cost)) * 1_000_000)
