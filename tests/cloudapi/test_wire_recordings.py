"""Webhooks recorded or published by others: nothing in them is lost, nothing is counted twice.

What is expected is counted here by walking the JSON, independently of the code under test.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.fixtures import fixtures_dir, fixtures_or_none
from wacli.cloudapi.wire import parse
from wacli.domain.event import IdentityChanged, MessageSeen, PreferenceStated, StatusSeen, Unrecognised
from wacli.domain.message import is_known_kind
from wacli.importers.notifications import Body, Rejected, read

FOLDER = fixtures_or_none()
FILES = sorted((FOLDER / "webhooks").rglob("*.json")) if FOLDER is not None else []
MALFORMED = "textMessageStatusRead.json"


def count(value: Any, key: str) -> int:
    """How many elements the lists called `key` hold, anywhere inside."""
    if isinstance(value, list):
        return sum(count(part, key) for part in value)
    if not isinstance(value, dict):
        return 0
    own = value.get(key)
    here = len(own) if isinstance(own, list) else 0
    return here + sum(count(part, key) for part in value.values())


def test_there_are_recordings() -> None:
    assert fixtures_dir().is_dir()
    assert len(FILES) == 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_each_recording(file: Path) -> None:
    found = list(read(file))
    bodies = [part for part in found if isinstance(part, Body)]
    rejected = [part for part in found if isinstance(part, Rejected)]
    assert [part.line for part in rejected] == ([29] if file.name == MALFORMED else [])
    assert bodies
    events = [event for body in bodies for event in parse(body.value)]
    values = [body.value for body in bodies]
    seen = Counter(type(event).__name__ for event in events)
    assert seen["MessageSeen"] == count(values, "messages") + count(values, "message_echoes")
    assert seen["StatusSeen"] == count(values, "statuses")
    assert seen["PreferenceStated"] == count(values, "user_preferences")
    assert sum(isinstance(event, MessageSeen) and event.origin == "app" for event in events) == count(
        values, "message_echoes"
    )
    assert not [event for event in events if isinstance(event, Unrecognised)]
    for event in events:
        if isinstance(event, MessageSeen):
            assert is_known_kind(event.kind)
            assert event.at is not None
            assert not event.party.is_nobody
        if isinstance(event, StatusSeen | PreferenceStated):
            assert event.at is not None
            assert not event.party.is_nobody


def events_of(name: str) -> list[Any]:
    (path,) = (fixtures_dir() / "webhooks").rglob(name)
    return [event for part in read(path) if isinstance(part, Body) for event in parse(part.value)]


def test_an_edit_beside_somebody_elses_contact() -> None:
    (event,) = events_of("edited_message.json")
    assert (event.party.phone, event.party.bsuid, event.party.name) == ("16505551234", None, None)
    assert event.text == "Updated image caption"


def test_placeholders_name_nobody() -> None:
    text, revoke, edit = events_of("outgoing_message.json")
    assert text.party == revoke.party == edit.party
    assert (text.party.phone, text.number.waba_id) == ("972987654321", None)
    assert text.key.startswith("sha256:")
    assert (revoke.kind, edit.kind, edit.text) == ("revoke", "edit", "Text was edited")


def test_moves_of_other_recorders() -> None:
    moved = [
        event for event in events_of("06-system-message-user-changed-number.json") if type(event) is IdentityChanged
    ]
    assert [(move.before.phone, move.after.phone, move.after.bsuid) for move in moved] == [
        ("15551234567", "15557654321", "US.24817305912873645029")
    ]
    (update,) = events_of("08-bsuid-rotation-user-id-update.json")
    assert (update.before.bsuid, update.after.bsuid) == ("US.13491208655302741918", "US.24817305912873645029")
