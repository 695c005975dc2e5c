"""Events as lines: each has a name that its reader knows."""

from __future__ import annotations

from wacli.domain.event import IdentityChanged, IdentityKeySeen, Number
from wacli.domain.identity import Party
from wacli.render.event_view import Happening, happening_fields

NUMBER = Number(None, "1", None)
SARI = Party(phone="6281234567890", name="Sari")


def test_a_new_key_is_no_move_and_nothing_unknown() -> None:
    key = happening_fields(Happening(1, IdentityKeySeen(NUMBER, SARI, "hash", 1_790_000_000)))
    moved = happening_fields(Happening(1, IdentityChanged(NUMBER, SARI, SARI, 1_790_000_000, "")))
    assert (key["event"], key["kind"], key["name"]) == ("identity", "key", "Sari")
    assert (moved["event"], moved["kind"]) == ("identity", "moved")
