"""Whatever is posted, the answer is a Refusal with a code or an acceptance: never a crash."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import body_values, template_to, text_to
from tests.sandbox.test_requests import ACCEPTED, message
from wacli.sandbox.clock import Clock
from wacli.sandbox.failures import Refusal, answer, is_known
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.shape import Fields
from wacli.sandbox.world import put_templates

SARI = "6281234567890"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
GOOD = [
    *ACCEPTED,
    template_to(SARI, "order_ready", "id", body_values(name="a", order="b")),
    message("reaction", {"message_id": "wamid.x", "emoji": "👍"}),
    {"messaging_product": "whatsapp", "status": "read", "message_id": "x", "typing_indicator": {"type": "text"}},
]
TEMPLATE: dict[str, Any] = {
    "name": "baru",
    "language": "id",
    "category": "MARKETING",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Promo {{1}}", "example": {"header_text": ["x"]}},
        {"type": "BODY", "text": "Halo {{1}} ya", "example": {"body_text": [["x"]]}},
        {"type": "FOOTER", "text": "Toko"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "b", "url": "https://a/{{1}}", "example": ["x"]}]},
        {"type": "CAROUSEL", "cards": [{"components": [{"type": "HEADER", "format": "IMAGE"}]}] * 2},
    ],
}


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before] + [place for key, inner in inside for place in places(inner, (*before, key))]


def replaced(whole: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    made = copy.deepcopy(whole)
    inner = made
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return made


def sandbox() -> Sandbox:
    made = Sandbox(clock=Clock(NOON, speed=0), seed=1)
    put_templates(made.account)
    made.add_customer("Sari", SARI).says("halo")
    return made


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.data(), VALUES)
def test_any_value_anywhere_in_a_message(good: dict[str, Any], data: st.DataObject, value: Any) -> None:
    body = replaced(good, data.draw(st.sampled_from(places(good))), value)
    shop = sandbox()
    refusal = None
    try:
        assert shop.post_message(body)
    except Refusal as caught:
        refusal = caught
    if refusal is not None:
        assert is_known(refusal.code)
        assert answer(refusal, "A1")["error"]
        assert not shop.book.sent


@settings(max_examples=300, deadline=None)
@given(st.data(), VALUES)
def test_any_value_anywhere_in_a_template(data: st.DataObject, value: Any) -> None:
    body = replaced(TEMPLATE, data.draw(st.sampled_from(places(TEMPLATE))), value)
    shop = sandbox()
    code = 100
    try:
        shop.create_template(shop.account, Fields(body))
    except Refusal as refusal:
        code = refusal.code
    assert code in (100, 131008, 131009)
    shop.drain()
    assert shop.account.templates.page({"limit": "100"}, "http://x")["data"]


@given(st.text(max_size=80))
def test_any_text_is_booked_as_it_was(text: str) -> None:
    shop = sandbox()
    if text:
        shop.post_message(text_to(SARI, text))
        assert next(iter(shop.book.sent.values())).text == text
