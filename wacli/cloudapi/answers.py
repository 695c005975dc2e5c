"""What an answer of the API says: accepted, refused and why, how long to wait, where the list goes on.

Source: facts cloud-api.md sections 2, 4 and 6. Pure: bytes and headers in, values out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .failures import ApiError, failure_of, problem_of
from .transport import Answer

_HIDDEN = "[token]"


@dataclass(frozen=True, slots=True)
class Accepted:
    """WhatsApp took the message; delivery is told later by webhooks.

    `status` is `accepted`, `held_for_quality_assessment`, `paused`, or None where the answer has none. `wa_id` may
    differ from the number that was given; for a send by BSUID there is `user_id` instead.
    """

    wamid: str
    wa_id: str | None
    user_id: str | None
    status: str | None


def read_json(body: bytes) -> Any:
    """The JSON of an answer, None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def read_accepted(told: object) -> Accepted | None:
    """The message id and its company, None where the answer has no id."""
    if not isinstance(told, dict):
        return None
    message, contact = _first(told.get("messages")), _first(told.get("contacts"))
    wamid = message.get("id")
    if not isinstance(wamid, str) or not wamid:
        return None
    return Accepted(
        wamid, _text(contact.get("wa_id")), _text(contact.get("user_id")), _text(message.get("message_status"))
    )


def read_problem(answer: Answer, told: object, token: str) -> ApiError:
    """The refusal to raise; Meta quotes malformed tokens, so the token is taken out of its words first."""
    return problem_of(failure_of(answer.status, _without(told, token), _wait_s(answer.headers)))


def next_query(page: Mapping[str, Any]) -> dict[str, str] | None:
    """The query of `paging.next`, without a token should it carry one; None on the last page."""
    paging = page.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(following, str) or not following:
        return None
    query = dict(parse_qsl(urlsplit(following).query))
    query.pop("access_token", None)
    return query


def _without(told: Any, token: str) -> Any:
    if isinstance(told, str):
        return told.replace(token, _HIDDEN)
    if isinstance(told, dict):
        return {key: _without(value, token) for key, value in told.items()}
    if isinstance(told, list):
        return [_without(value, token) for value in told]
    return told


def _wait_s(headers: Mapping[str, str]) -> int | None:
    """Seconds until Meta lets us in again: `Retry-After`, or the minutes in `x-business-use-case-usage`."""
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return int(after)
    usage = read_json(headers.get("x-business-use-case-usage", "").encode())
    minutes = [
        entry.get("estimated_time_to_regain_access")
        for entries in (usage.values() if isinstance(usage, dict) else ())
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    ]
    longest = max((minute for minute in minutes if isinstance(minute, int)), default=0)
    return longest * 60 or None


def _first(value: object) -> dict[str, Any]:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
