"""Lists, numbers, templates, history and files over a real socket."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.transport import Answer, Expected, Request, ScriptedServer
from wacli.cloudapi import client as client_module
from wacli.cloudapi import media, transport
from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.failures import ApiRefused, NotSent
from wacli.cloudapi.history import message_history
from wacli.cloudapi.numbers import get_number, list_numbers
from wacli.cloudapi.templates import get_template, list_templates, parse_template, template_from_source
from wacli.cloudapi.transport import Patience
from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.template import Body, Button, Card, Footer, Header, LimitedTimeOffer, UnknownComponent

TOKEN = "EAAsecret0123456789"


def client_of(url: str, version: str = "v25.0") -> Client:
    return Client(TOKEN, Settings(url, version, Patience(2.0, 5.0, 4.0)), clock=lambda: 0.0)


def get(answer: Answer, check: Callable[[Request], None] | None = None) -> Expected:
    return Expected("GET", None, answer, check)


def query(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.target).query)


def template(name: str) -> dict[str, Any]:
    return {"name": name, "language": "id", "status": "APPROVED", "category": "UTILITY", "id": name, "components": []}


def page(names: list[str], following: str | None) -> dict[str, Any]:
    paging: dict[str, Any] = {"cursors": {"before": "a", "after": "b"}}
    if following is not None:
        paging["next"] = following
    return {"data": [template(name) for name in names], "paging": paging}


def test_all_pages_are_read_and_the_address_of_the_next_is_never_followed() -> None:
    elsewhere = f"https://evil.example/v9.0/waba/message_templates?limit=100&after=CURSOR&access_token={TOKEN}"

    def first(request: Request) -> None:
        assert urlsplit(request.target).path == "/v25.0/waba/message_templates"
        assert "components" in query(request)["fields"][0]

    def second(request: Request) -> None:
        assert urlsplit(request.target).path == "/v25.0/waba/message_templates"
        assert query(request)["after"] == ["CURSOR"]
        assert query(request)["fields"]  # kept, although the next address had none
        assert "access_token" not in request.target

    script = [get(Answer(body=page(["a", "b"], elsewhere)), first), get(Answer(body=page(["c"], None)), second)]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        assert [found.name for found in list_templates(client, "waba")] == ["a", "b", "c"]


def test_a_list_that_points_at_itself_ends() -> None:
    following = "https://graph.facebook.com/v25.0/waba/message_templates?after=SAME"
    script = [get(Answer(body=page(["a"], following))), get(Answer(body=page(["b"], following)))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        assert [found.name for found in list_templates(client, "waba")] == ["a", "b"]


def test_a_list_without_paging_is_one_page() -> None:
    script = [get(Answer(body={"data": [template("a"), "noise", None, {"name": "no language"}]}))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        assert [found.name for found in list_templates(client, "waba")] == ["a"]


def test_a_template_survives_being_kept_as_its_source() -> None:
    body = template("a") | {
        "parameter_format": "NAMED",
        "quality_score": {"score": "GREEN", "date": 1},
        "previous_category": "MARKETING",
        "components": [{"type": "BODY", "text": "Halo {{nama}}!"}, {"type": "SPARKLES"}],
    }
    with ScriptedServer([get(Answer(body=body))]) as server, client_of(server.url) as client:
        found = get_template(client, "a")
    assert found is not None
    assert found.source is not None
    assert template_from_source(found.source) == found
    later = template_from_source(found.source, status="PAUSED", category="MARKETING")
    assert later is not None
    assert (later.status, later.category, later.body) == ("PAUSED", "MARKETING", found.body)
    assert template_from_source('["no template"]') is None
    assert (found.quality, found.previous_category, found.parameter_format) == ("GREEN", "MARKETING", "NAMED")


@pytest.mark.parametrize(
    ("version", "name"),
    [("v25.0", "whatsapp_business_manager_messaging_limit"), ("v23.0", "messaging_limit_tier")],
)
def test_numbers_ask_for_the_limit_by_the_name_of_the_version(version: str, name: str) -> None:
    told = {"id": "1", "display_phone_number": "+62 812", name: "TIER_2K", "throughput": {"level": "STANDARD"}}

    def check(request: Request) -> None:
        assert name in query(request)["fields"][0].split(",")

    script = [get(Answer(body={"data": [told, {"no": "id"}]}), check), get(Answer(body=told), check)]
    with ScriptedServer(script) as server, client_of(server.url, version) as client:
        (listed,) = list_numbers(client, "waba")
        assert listed == get_number(client, "1")
        assert (listed.messaging_limit, listed.throughput) == ("TIER_2K", "STANDARD")


def test_message_history() -> None:
    events = [
        {"id": "9", "delivery_status": "SENT", "timestamp": 1640995200, "webhook_update_state": "FAILED"},
        {"id": "8", "timestamp": 1},
    ]
    body = {"data": [{"id": "1", "message_id": "wamid.A", "events": {"data": events}}, {"id": "2"}]}

    def check(request: Request) -> None:
        assert query(request)["message_id"] == ["wamid.A=="]

    with ScriptedServer([get(Answer(body=body), check)]) as server, client_of(server.url) as client:
        (event,) = message_history(client, "111", "wamid.A==")
    assert (event.status, event.at, event.webhook_state) == ("SENT", 1640995200, "FAILED")


def test_mark_as_read_with_typing() -> None:
    def check(request: Request) -> None:
        assert request.json == {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": "wamid.A",
            "typing_indicator": {"type": "text"},
        }

    script = [Expected("POST", "/v25.0/111/messages", Answer(body={"success": True}), check)]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.mark_read("111", "wamid.A", is_typing=True)


@pytest.mark.parametrize("answer", [Answer(raw=b"", ending="reset"), Answer(200, "[]"), Answer(200, "<html>")])
def test_reading_without_a_usable_answer_may_be_tried_again(answer: Answer) -> None:
    with ScriptedServer([get(answer)]) as server, client_of(server.url) as client, pytest.raises(Unavailable):
        client.get("111")


def test_a_refused_read_keeps_the_code() -> None:
    body = {"error": {"message": "Unsupported get request", "code": 100, "error_subcode": 33, "fbtrace_id": "T"}}
    with ScriptedServer([get(Answer(400, body))]) as server, client_of(server.url) as client:
        with pytest.raises(ApiRefused) as caught:
            client.get("111")
        assert caught.value.failure.subcode == 33
        assert caught.value.failure.stops_run


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def test_an_upload_keeps_the_name_and_the_kind(tmp_path: Path) -> None:
    path = tmp_path / 'menü "baru".png'
    path.write_bytes(PNG)

    def check(request: Request) -> None:
        assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in request.body
        assert b'name="type"\r\n\r\nimage/png\r\n' in request.body
        assert 'filename="menü %22baru%22.png"'.encode() in request.body
        assert b"Content-Type: image/png\r\n\r\n" + PNG + b"\r\n" in request.body

    script = [Expected("POST", "/v25.0/111/media", Answer(body={"id": "777"}), check)]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        assert media.upload(client, "111", media.inspect(path)) == "777"


def lookup(server: ScriptedServer, sha256: str | None, path: str = "/file?mid=1&hash=x") -> Expected:
    body: dict[str, Any] = {"id": "777", "url": server.url + path, "mime_type": "image/png", "file_size": "12"}
    return Expected("GET", "/v25.0/777", Answer(body=body | ({"sha256": sha256} if sha256 else {})))


@pytest.mark.parametrize("form", ["hex", "base64", "none", "placeholder"])
def test_a_download_is_verified(tmp_path: Path, form: str) -> None:
    digest = hashlib.sha256(PNG)
    given = {
        "hex": digest.hexdigest(),
        "base64": base64.b64encode(digest.digest()).decode(),
        "none": None,
        "placeholder": "<HASH>",
    }[form]

    def check(request: Request) -> None:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"

    with ScriptedServer([]) as server, client_of(server.url) as client:
        server.expect(lookup(server, given), Expected("GET", "/file?mid=1&hash=x", Answer(body=PNG), check))
        got = media.download(client, "777", tmp_path / "got.png")
    assert (tmp_path / "got.png").read_bytes() == PNG
    assert (got.size, got.sha256, got.is_verified) == (len(PNG), digest.hexdigest(), form in ("hex", "base64"))


def test_a_damaged_download_leaves_no_file(tmp_path: Path) -> None:
    with ScriptedServer([]) as server, client_of(server.url) as client:
        server.expect(lookup(server, hashlib.sha256(b"other").hexdigest()), Expected("GET", None, Answer(body=PNG)))
        with pytest.raises(Unavailable) as caught:
            media.download(client, "777", tmp_path / "got.png")
    assert caught.value.code == "media-damaged"
    assert list(tmp_path.iterdir()) == []


def test_half_a_download_leaves_no_file(tmp_path: Path) -> None:
    half = Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + PNG, ending="close")
    with ScriptedServer([]) as server, client_of(server.url) as client:
        server.expect(lookup(server, None), Expected("GET", None, half))
        with pytest.raises(Unavailable):
            media.download(client, "777", tmp_path / "got.png")
    assert list(tmp_path.iterdir()) == []


def test_an_expired_address_is_asked_for_once_more(tmp_path: Path) -> None:
    gone = Expected("GET", "/old", Answer(404, ""))
    with ScriptedServer([]) as server, client_of(server.url) as client:
        server.expect(lookup(server, None, "/old"), gone, lookup(server, None), Expected("GET", None, Answer(body=PNG)))
        assert media.download(client, "777", tmp_path / "got.png").size == len(PNG)


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "https://facebook.com.evil.example/x", "http://127.0.0.1:1/x"]
)
def test_the_token_goes_to_meta_only(url: str) -> None:
    with Client(TOKEN) as client, pytest.raises(Invalid) as caught:
        client.download(url, lambda _: None)
    assert caught.value.code == "bad-url"


def test_a_media_server_of_meta_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def nowhere(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "nowhere")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with Client(TOKEN) as client, pytest.raises(NotSent):
        client.download("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", lambda _: None)


def test_delete() -> None:
    script = [Expected("DELETE", "/v25.0/777", Answer(body={"success": True}))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        media.delete(client, "777")
        (asked,) = server.requests
    assert (asked.method, asked.target, asked.body) == ("DELETE", "/v25.0/777", b"")


def test_a_long_history_is_read_from_its_own_list() -> None:
    first = {"id": "h1", "message_id": "wamid.A", "events": {"data": [], "paging": {"next": "https://x/y?after=1"}}}
    nodes = [
        {"node": {"delivery_status": "SENT", "occurrence_timestamp": 5}},
        {"node": {"delivery_status": "FAILED", "occurrence_timestamp": 9, "error_description": "131026"}},
    ]
    script = [get(Answer(body={"data": [first]})), Expected("GET", "/v25.0/h1/events", Answer(body={"data": nodes}))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        events = message_history(client, "111", "wamid.A")
    assert [(event.status, event.at, event.error) for event in events] == [("SENT", 5, None), ("FAILED", 9, "131026")]


def test_every_kind_of_component_is_read() -> None:
    card = {
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::a"]}},
            {"type": "BODY", "text": "Kopi {{1}}", "example": {"body_text": [["susu"]]}},
            {
                "type": "BUTTONS",
                "buttons": [{"type": "URL", "text": "Beli", "url": "https://a.b/{{1}}", "example": "x"}],
            },
        ]
    }
    told = template("promo") | {
        "components": [
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Diskon", "has_expiration": True}},
            {
                "type": "body",
                "text": "Halo {{nama}}!",
                "example": {"body_text_named_params": [{"param_name": "nama", "example": "Sari"}]},
            },
            {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ONE_TAP"}, "noise"]},
            {"type": "CAROUSEL", "cards": [card, card]},
            {"type": "CAROUSEL"},
            {"type": "BUTTONS"},
            {"no": "type"},
        ]
    }
    found = parse_template(told)
    assert found is not None
    assert found.limited_time_offer == LimitedTimeOffer("Diskon", True)
    assert found.body == Body("Halo {{nama}}!", ("Sari",))
    assert found.footer == Footer(None, 10)
    assert [button.otp_type for button in found.buttons] == ["ONE_TAP"]
    assert found.carousel is not None
    assert found.carousel.cards[1] == Card(
        Header("IMAGE", None, ("4::a",)),
        Body("Kopi {{1}}", ("susu",)),
        (Button("URL", "Beli", "https://a.b/{{1}}", examples=("x",)),),
    )
    assert found.components[-1] == UnknownComponent("?")


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 1000)
    script = [get(Answer(body=b"x" * 1001)), get(Answer(body={"id": "1"}))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        with pytest.raises(Unavailable) as caught:
            client.get("1")
        assert caught.value.details["reason"] == "too-large"
        assert client.get("1") == {"id": "1"}
        assert [request.connection for request in server.requests] == [1, 2]


def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_PAGE_LIMIT", 3)
    script = [get(Answer(body=page(["a"], f"https://x/y?after={number}"))) for number in range(3)]
    with ScriptedServer(script) as server, client_of(server.url) as client, pytest.raises(Unavailable) as caught:
        list(list_templates(client, "waba"))
    assert caught.value.code == "endless-list"


def test_a_full_disk_does_not_leave_half_an_answer_on_the_wire() -> None:
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    script = [get(Answer(body=PNG)), get(Answer(body={"id": "1"}))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        with pytest.raises(OSError, match="No space"):
            client.download(server.url + "/file", full)
        assert client.get("1") == {"id": "1"}
        assert [request.connection for request in server.requests] == [1, 2]


@pytest.mark.parametrize("version", ["25", "v25", "25.0"])
def test_versions_as_people_write_them(version: str) -> None:
    script = [Expected("GET", "/v25.0/1", Answer(body={"id": "1"}))]
    with ScriptedServer(script) as server, client_of(server.url, version) as client:
        assert client.get("1") == {"id": "1"}
    with pytest.raises(Invalid):
        Client(TOKEN, Settings(version="latest"))
