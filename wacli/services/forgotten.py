"""What comes in about people who were erased: old notifications are kept without them.

Only what is older than the erasure: whoever writes again afterwards is met anew. A store that nobody was erased from
pays nothing for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from wacli.cloudapi.redaction import Person, redacted
from wacli.domain.problem import Problem
from wacli.importers.notifications import Body, Rejected, decode
from wacli.store import notifications, scrubbing, tombstones
from wacli.store.database import Store
from wacli.store.tombstones import Tombstones


def screened(store: Store, items: Iterable[Body | Rejected]) -> Iterable[Body | Rejected]:
    """Notifications from files, as they may be kept."""
    known = tombstones.load(store.connection)
    return _screened(items, known) if known else items


def rewritten(store: Store, kept: Sequence[tuple[int, bytes]]) -> Sequence[tuple[int, bytes]]:
    """Notifications that the receiver kept as they came: those that name an erased person are kept anew without them.

    Meta repeats what was not answered for days, so one of them may be older than the erasure. The store's file is then
    written anew by whoever finds that this is to be done (`erasure.finish_scrubbing`, which `listen` calls).
    """
    known = tombstones.load(store.connection) if kept else None
    if not known:
        return kept
    result = []
    for notification_id, raw in kept:
        new = _bytes_without(raw, known)
        if new is not raw:
            scrubbing.owe(store.path)  # copies of the former bytes stand in the log and in free pages
            notifications.replace_body(store, notification_id, new)
        result.append((notification_id, new))
    return result


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


def _screened(items: Iterable[Body | Rejected], known: Tombstones) -> Iterator[Body | Rejected]:
    for item in items:
        if isinstance(item, Body):
            value = without_the_erased(item.value, known)
            if value is not item.value:
                yield item._replace(raw=kept_bytes(value), value=value)
                continue
        yield item


def _bytes_without(raw: bytes, known: Tombstones) -> bytes:
    try:
        value = decode(raw)
        new = without_the_erased(value, known)
    except (Problem, RecursionError):
        return raw  # it says nothing of anybody that can be read
    return raw if new is value else kept_bytes(new)
