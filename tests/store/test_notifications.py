"""The raw notifications: each content once, whatever their seats."""

from __future__ import annotations

from pathlib import Path

from tests.support.store import NOW, new_store
from wacli.store import notifications


def test_digests_that_share_a_seat_are_told_apart(tmp_path: Path) -> None:
    highest = b"\x7f" + b"\xff" * 7  # the next seat is the lowest there is
    digests = [highest + bytes([number]) * 8 for number in range(4)] + [b"\x80" + bytes(15)]
    bodies = [(digest, digest.hex().encode()) for digest in digests]
    with new_store(tmp_path) as store:
        with store.transaction() as connection:
            first = notifications.record_many(connection, bodies[:3], NOW, is_applied=True)
            again = notifications.record_many(connection, bodies + bodies, NOW, is_applied=True)
        assert None not in first
        assert [key is None for key in again] == [True] * 3 + [False] * 2 + [True] * 5
        assert [body for _, body in notifications.stream_all(store.connection)] == [body for _, body in bodies]
