"""Samples, wrong shapes and new things: kept, counted, and never in the way of their neighbours."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.payloads import (
    SARI_PHONE,
    WABA_ID,
    batch,
    messages,
    notification,
    payload,
    payload_names,
    text,
)
from wacli.cloudapi.wire import parse
from wacli.domain.event import MessageSeen, NoticeSeen, Number, StatusSeen, Unrecognised
from wacli.domain.identity import Party

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["messages", "text", "<X>"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def kinds(body: object) -> list[str]:
    return [type(event).__name__ for event in parse(body)]


@pytest.mark.parametrize("name", ["odd/dashboard-sample", "odd/bare-change"])
def test_the_dashboard_sample_is_marked(name: str) -> None:
    (event,) = parse(payload(name))
    assert isinstance(event, MessageSeen)
    assert event.is_sample
    assert (event.key, event.party) == ("ABGGFlA5Fpa", Party("16315551181", name="test user name"))


@pytest.mark.parametrize("mark", ["account", "number", "message"])
def test_each_mark_of_a_sample_is_enough(mark: str) -> None:
    body = messages([text("ABGGFlA5Fpa" if mark == "message" else "wamid.1=", 1)])
    if mark == "account":
        body["entry"][0]["id"] = "0"
    if mark == "number":
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "123456123"
    (event,) = parse(body)
    assert isinstance(event, MessageSeen)
    assert event.is_sample


def test_the_samples_sender_alone_is_no_mark() -> None:
    (event,) = parse(messages([text("wamid.1=", 1, phone="16315551181")]))
    assert isinstance(event, MessageSeen)
    assert not event.is_sample


@pytest.mark.parametrize("name", ["odd/object-last", "odd/no-object", "odd/numbers-for-strings"])
def test_another_layout_says_the_same(name: str) -> None:
    (event,) = parse(payload(name))
    assert isinstance(event, MessageSeen)
    assert event.number == Number("105550000000001", "622150550100", WABA_ID)
    assert event.at is not None


def test_an_unknown_field_is_kept_whole_and_counted_once() -> None:
    (event,) = parse(payload("odd/unknown-field"))
    assert isinstance(event, Unrecognised)
    assert (event.field, event.number.waba_id) == ("teleport_update", WABA_ID)
    assert json.loads(event.raw) == payload("odd/unknown-field")["entry"][0]["changes"][0]


def test_an_unknown_key_stands_beside_the_message() -> None:
    message, unknown = parse(payload("odd/unknown-key"))
    assert isinstance(message, MessageSeen)
    assert isinstance(unknown, Unrecognised)
    assert (unknown.why, unknown.raw) == ("unknown key holograms", '[{"id":"1"}]')


def test_another_product_of_meta_is_not_ours() -> None:
    assert set(kinds(payload("odd/other-object"))) == {"Unrecognised"}


def test_broken_neighbours_hide_nothing() -> None:
    events = parse(payload("odd/broken-neighbours"))
    assert [event.text for event in events if isinstance(event, MessageSeen)] == ["satu", "dua"]
    assert [event.key for event in events if isinstance(event, StatusSeen)] == ["wamid.OUT9="]
    assert Counter(type(event).__name__ for event in events)["Unrecognised"] == 11


def test_entries_and_changes_keep_their_numbers() -> None:
    events = parse(payload("odd/several-changes"))
    assert kinds(payload("odd/several-changes")) == [
        "MessageSeen",
        "MessageSeen",
        "StatusSeen",
        "StatusSeen",
        "NoticeSeen",
        "MessageSeen",
    ]
    assert [event.number.waba_id for event in events] == [WABA_ID] * 5 + ["205550000000002"]
    assert events[-1].number.phone_number_id == "105550000000002"
    assert isinstance(events[4], NoticeSeen)


def test_every_payload_of_odd_is_expected_here() -> None:
    named = {"dashboard-sample", "bare-change", "object-last", "no-object", "numbers-for-strings", "unknown-field"}
    named |= {"unknown-key", "other-object", "broken-neighbours", "several-changes", "hostile-text", "half-an-emoji"}
    assert {f"odd/{name}" for name in named} == set(payload_names("odd"))


def test_a_thousand_updates_are_a_thousand_events() -> None:
    events = parse(batch(1000))
    assert Counter(type(event).__name__ for event in events) == {"MessageSeen": 667, "StatusSeen": 333}
    assert len({event.key for event in events if isinstance(event, MessageSeen | StatusSeen)}) == 1000
    assert all(event.party.name for event in events if isinstance(event, MessageSeen))


@pytest.mark.parametrize("body", [None, 42, "x", [], {}, {"object": "whatsapp_business_account"}, {"entry": []}])
def test_what_says_nothing_is_counted(body: object) -> None:
    assert kinds(body) == ["Unrecognised"]


@pytest.mark.parametrize("field", ["messages", "calls", "history", "smb_message_echoes", "user_preferences"])
def test_a_change_that_says_nothing_is_counted(field: str) -> None:
    assert kinds(notification(field)) == ["Unrecognised"]


def deep(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"text": value}
    return value


def test_bottomless_nesting_is_survived() -> None:
    body = messages([text("wamid.1=", 1), text("wamid.2=", 1) | {"text": {"body": deep(50_000)}, "id": deep(50_000)}])
    body["entry"].append(deep(50_000))
    assert kinds(body) == ["MessageSeen", "MessageSeen", "Unrecognised"]
    assert kinds(deep(50_000)) == ["Unrecognised"]


@given(JSON)
def test_any_json_at_all(value: Any) -> None:
    assert parse(value)
    assert parse({"entry": value})
    assert parse({"entry": [{"id": value, "changes": value}]})


@given(
    JSON,
    st.sampled_from(["messages", "statuses", "message_echoes", "history", "calls", "state_sync", "user_preferences"]),
)
def test_any_json_for_elements(value: Any, key: str) -> None:
    """Beside anything at all, the good message is read, and what comes out can be stored."""
    good = text("wamid.GOOD=", 1794900001)
    body = notification("messages", **{key: value})
    inner = body["entry"][0]["changes"][0]["value"]
    inner["messages"] = [*([value] if key == "messages" else []), good]
    events = parse(body)
    assert [event.text for event in events if getattr(event, "key", "") == "wamid.GOOD="] == ["Halo"]  # type: ignore[union-attr]
    for event in events:
        json.dumps(event).encode()
        repr(event).encode()


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in inside for deeper in paths(part, (*path, key)))]


ORDINARY = [
    name for name in payload_names() if name.split("/")[0] in {"messages", "statuses", "calls", "echoes", "system"}
]


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_element_hides_no_other(data: st.DataObject) -> None:
    """Any payload, damaged anywhere inside its elements, beside a good message: that one always arrives."""
    body = copy.deepcopy(payload(data.draw(st.sampled_from(ORDINARY))))
    value = body["entry"][0]["changes"][0]["value"]
    body["entry"][0]["changes"][0]["field"] = "messages"
    for _ in range(data.draw(st.integers(1, 3))):
        breakable = [path for path in paths(value) if path and path[0] != "metadata"]
        if not breakable:
            break
        *way, last = data.draw(st.sampled_from(breakable))
        place = value
        for step in way:
            place = place[step]
        if isinstance(place, dict) and data.draw(st.booleans()):
            del place[last]
        else:
            place[last] = data.draw(JSON)
    body["entry"].append(messages([text("wamid.GOOD=", 1794900001)])["entry"][0])
    elements = value.get("messages")
    if isinstance(elements, list):
        elements.append(text("wamid.BESIDE=", 1794900002))
    events = parse(body)
    found = {event.key: event for event in events if isinstance(event, MessageSeen)}
    assert found["wamid.GOOD="].party.phone == SARI_PHONE
    if isinstance(elements, list):
        assert found["wamid.BESIDE="].text == "Halo"
    for event in events:
        json.dumps(event).encode()
