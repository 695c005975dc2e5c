"""Judges that no one here wrote: every recorded answer and every template list is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fixtures import json_under
from tests.support.transport import Answer, Expected, ScriptedServer
from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.failures import ApiError, failure_of
from wacli.cloudapi.history import parse_history
from wacli.cloudapi.media import parse_media
from wacli.cloudapi.numbers import parse_number
from wacli.cloudapi.templates import parse_template
from wacli.domain.template import Template
from wacli.domain.template_preview import preview
from wacli.domain.template_slots import slots_of


def through_client(status: int, body: dict[str, Any], *, is_send: bool) -> Any:
    """What the client makes of this answer, over a real socket."""
    method = "POST" if is_send else "GET"
    script = [Expected(method, None, Answer(status, body))]
    with ScriptedServer(script) as server, Client("secret-token", Settings(server.url)) as client:
        return client.send("1", {}) if is_send else client.get("1")


def test_every_recorded_answer_is_read() -> None:
    answers = json_under("responses")
    assert len(answers) == 95
    kinds: dict[str, int] = {}
    for name, body in answers.items():
        if "error" in body:
            with pytest.raises(ApiError) as caught:
                through_client(400, body, is_send=True)
            error = body["error"]
            assert caught.value.failure.code == error["code"], name
            assert caught.value.failure.meta_message == error["message"], name
            assert caught.value.failure.fbtrace_id == error.get("fbtrace_id"), name
            kinds["error"] = kinds.get("error", 0) + 1
        elif "messages" in body:
            accepted = through_client(200, body, is_send=True)
            assert accepted.wamid == body["messages"][0]["id"], name
            assert accepted.wa_id == body["contacts"][0]["wa_id"].strip(), name
            kinds["send"] = kinds.get("send", 0) + 1
        else:
            assert through_client(200, body, is_send=False) == body, name
            kinds["other"] = kinds.get("other", 0) + 1
    assert kinds == {"error": 38, "send": 10, "other": 47}


def test_recorded_errors_are_known_codes() -> None:
    """All but the two of asking for a verification code by telephone, which wacli never does."""
    unknown = {
        body["error"]["code"]
        for body in json_under("responses").values()
        if "error" in body and "does not know" in str(failure_of(400, body).why)
    }
    assert unknown == {136024, 136025}


def test_numbers_media_and_history() -> None:
    answers = json_under("responses")
    numbers = [
        parse_number(told)
        for name, body in answers.items()
        if "phone" in name.lower() and "error" not in body
        for told in body.get("data", [body])
    ]
    found = [number for number in numbers if number is not None and number.verified_name is not None]
    assert len(found) == 13
    assert {number.quality_rating for number in found} == {"GREEN", "YELLOW", "RED", "NA", "UNKNOWN", None}
    sizes = {
        name: media.size
        for name, body in answers.items()
        if "mime_type" in body and (media := parse_media(body)) is not None
    }
    assert sorted(size for size in sizes.values() if size is not None) == [103632, 303833]
    events = [
        event
        for name, body in answers.items()
        if "message_history" in name
        for told in body["data"]
        for event in parse_history(told)
    ]
    assert [event.status for event in events] == ["SENT", "DELIVERED", "READ", "SENT", "DELIVERED", "READ"]


def all_templates() -> dict[str, dict[str, Any]]:
    found = {}
    for name, body in json_under("templates").items():
        for number, told in enumerate(body.get("data", [body])):
            found[f"{name}#{number}"] = told
    return found


def test_every_published_template_is_read() -> None:
    templates = all_templates()
    read: dict[str, Template] = {}
    for name, told in templates.items():
        template = parse_template(told)
        if "name" not in told:
            assert template is None, name
            continue
        assert template is not None, name
        assert len(template.components) >= len(told["components"]) - 1, name
        read[name] = template
    assert len(read) == len(templates) - 1
    previous = {template.previous_category for template in read.values()}
    assert previous == {None, "TRANSACTIONAL", "ACCOUNT_UPDATE"}


def test_every_published_template_says_what_it_needs_and_how_it_looks() -> None:
    for name, told in all_templates().items():
        template = parse_template(told)
        if template is None:
            continue
        values = {slot.key: slot.example or "x" for slot in slots_of(template)}
        seen = preview(template, values)
        body = template.body
        if body is not None and body.text is not None:
            assert "{{" not in seen, name
            assert seen, name
