"""What comes in about people who were erased: old notifications are kept without them.

Only what is older than the erasure: whoever writes again afterwards is met anew. A store that nobody was erased from
pays nothing for it.
"""

from __future__ import annotations

import json

from wacli.cloudapi.redaction import Person, redacted
from wacli.store.tombstones import Tombstones


def without_the_erased(value: object, known: Tombstones) -> object:
    """A notification as it may be kept: old elements of erased people are dropped. The same object where none is."""
    ages: list[int] = []

    def is_theirs(identifier: str) -> bool:
        erased_at = known.of(identifier)
        if erased_at is not None:
            ages.append(erased_at)
        return erased_at is not None

    probe = Person(is_theirs, lambda _: None)
    if redacted(value, probe) is value:
        return value
    return redacted(value, probe._replace(until=max(ages)))


def kept_bytes(value: object) -> bytes:
    """A notification that was changed, as it is kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
