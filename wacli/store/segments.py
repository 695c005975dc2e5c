"""Saved segments, so that an audience need not be typed twice."""

from __future__ import annotations

from ..domain.problem import NotFound, Refused
from ..domain.segment import Segment
from ..domain.text import t
from .database import Row, Store, storable
from .instants import moment, seconds


def add(store: Store, segment: Segment) -> None:
    """Keeps a segment. Raises Refused (`segment-exists`) for a name in use."""
    if find(store, segment.name) is not None:
        raise Refused(
            "segment-exists",
            t("There is a segment {name} already", name=segment.name),
            t("Remove it first: wacli campaigns segments rm {name}", name=segment.name),
        )
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO segments (name, audience, condition, created_at) VALUES (?, ?, ?, ?)",
            (
                storable(segment.name),
                storable(segment.audience),
                segment.condition and storable(segment.condition),
                seconds(segment.created_at),
            ),
        )


def find(store: Store, name: str) -> Segment | None:
    """The segment of this name, capital letters aside, or None."""
    row = store.query_one("SELECT name, audience, condition, created_at FROM segments WHERE name = ?", (name,))
    return None if row is None else _segment(row)


def get(store: Store, name: str) -> Segment:
    """The same; raises NotFound (`no-such-segment`)."""
    segment = find(store, name)
    if segment is None:
        raise NotFound(
            "no-such-segment",
            t("There is no segment {name}", name=name),
            t("See them: wacli campaigns segments list"),
        )
    return segment


def list_segments(store: Store) -> list[Segment]:
    """All of them by name."""
    rows = store.query("SELECT name, audience, condition, created_at FROM segments ORDER BY name")
    return [_segment(row) for row in rows]


def remove(store: Store, name: str) -> None:
    """Forgets a segment; raises NotFound. Campaigns planned with it keep their people."""
    segment = get(store, name)
    with store.transaction() as connection:
        connection.execute("DELETE FROM segments WHERE name = ?", (segment.name,))


def _segment(row: Row) -> Segment:
    return Segment(row[0], row[1], row[2], moment(row[3]))
