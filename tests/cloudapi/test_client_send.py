"""The three-way outcome of a send, each way over a real socket."""

from __future__ import annotations

import random
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.transport import Answer, Expected, Request, ScriptedServer, refused_port
from wacli import __version__
from wacli.cloudapi.client import Accepted, Client, Settings
from wacli.cloudapi.failures import ApiBusy, ApiError, ApiRefused, FailureClass, NotSent, OutcomeUnknown
from wacli.cloudapi.outgoing import Address, Extras, TextMessage, body_of
from wacli.cloudapi.transport import Patience
from wacli.domain.problem import Invalid, Problem, Remote, Unavailable

TOKEN = "EAAsecret0123456789"
BODY = body_of(TextMessage("Halo"), Address(phone="6281234567890"), Extras(callback="outbox-1"))
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+6281234567890", "wa_id": "6281234567890"}],
    "messages": [{"id": "wamid.A", "message_status": "accepted"}],
}
TARGET = "/v25.0/111/messages"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def client_of(url: str, clock: Clock | None = None, read_s: float = 5.0) -> Client:
    settings = Settings(url, patience=Patience(connect_s=2.0, read_s=read_s, idle_s=4.0))
    return Client(TOKEN, settings, clock=clock or Clock())


def post(answer: Answer, check: Any = None) -> Expected:
    return Expected("POST", TARGET, answer, check)


def error(code: int, **more: Any) -> dict[str, Any]:
    return {
        "error": {"message": f"(#{code}) no", "type": "OAuthException", "code": code, "fbtrace_id": "Trace1", **more}
    }


def outcome(answer: Answer, read_s: float = 5.0) -> Accepted | Problem:
    """What one send of a fresh client ends in. The token is looked for in every word of it."""
    with ScriptedServer([post(answer)]) as server, client_of(server.url, read_s=read_s) as client:
        try:
            return client.send("111", BODY)
        except Problem as problem:
            assert_no_token(problem)
            return problem


def assert_no_token(problem: BaseException) -> None:
    words = [*traceback.format_exception(problem), repr(problem), str(problem)]
    if isinstance(problem, Problem):
        words += [repr(problem.details), repr(problem.message), repr(problem.hint)]
    if isinstance(problem, ApiError):
        words.append(repr(problem.failure))
    assert TOKEN not in "\n".join(words)


def test_accepted_with_everything_that_should_be_on_the_wire() -> None:
    def check(request: Request) -> None:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["user-agent"] == f"wacli/{__version__}"
        assert request.headers["content-type"] == "application/json"
        assert request.json == BODY
        assert request.json["biz_opaque_callback_data"] == "outbox-1"

    with ScriptedServer([post(Answer(body=ACCEPTED), check)]) as server, client_of(server.url) as client:
        assert client.send("111", BODY) == Accepted("wamid.A", "6281234567890", None, "accepted")


def test_a_send_by_bsuid_answers_with_a_user_id() -> None:
    told = {"contacts": [{"input": "ID.1", "user_id": "ID.1"}], "messages": [{"id": "wamid.B"}]}
    assert outcome(Answer(body=told)) == Accepted("wamid.B", None, "ID.1", None)


@pytest.mark.parametrize(
    ("status", "code", "kind", "family", "may_retry"),
    [
        (400, 131047, FailureClass.FIX, Remote, False),
        (401, 190, FailureClass.ACCOUNT, Remote, False),
        (400, 130429, FailureClass.RETRY, Unavailable, True),
        (400, 80007, FailureClass.RETRY, Unavailable, True),
        (400, 131056, FailureClass.RETRY, Unavailable, True),
        (500, 131000, FailureClass.RETRY_ONCE, Unavailable, True),
        (400, 131048, FailureClass.LATER, Unavailable, False),
        (400, 131049, FailureClass.LATER, Unavailable, False),
        (503, 2, FailureClass.RETRY, Unavailable, True),
        (500, 3, FailureClass.ACCOUNT, Remote, False),
        (403, 222, FailureClass.ACCOUNT, Remote, False),
    ],
)
def test_an_answer_with_an_error_is_a_refusal(
    status: int, code: int, kind: FailureClass, family: type[Problem], may_retry: bool
) -> None:
    said = error(code, error_data={"messaging_product": "whatsapp", "details": "because"})
    problem = outcome(Answer(status, said))
    assert isinstance(problem, ApiError)
    assert isinstance(problem, family)
    assert problem.code == f"api-{code}"
    assert problem.failure.kind is kind
    assert problem.failure.may_retry is may_retry
    assert problem.failure.proves_not_accepted
    assert (problem.failure.details, problem.failure.fbtrace_id) == ("because", "Trace1")


def test_the_time_to_wait_is_read_from_the_headers() -> None:
    usage = '{"123": [{"type": "whatsapp", "call_count": 100, "estimated_time_to_regain_access": 7}]}'
    problem = outcome(Answer(400, error(80007), {"X-Business-Use-Case-Usage": usage}))
    assert isinstance(problem, ApiBusy)
    assert problem.failure.wait_s == 7 * 60


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(500, b""), "server-error"),
        (Answer(502, "<html>bad gateway</html>"), "server-error"),
        (Answer(503, {"message": "no error object"}), "server-error"),
        (Answer(408, b""), "server-error"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}), "server-error"),
        (Answer(200, "not json"), "unreadable"),
        (Answer(200, b""), "unreadable"),
        (Answer(200, {"messages": []}), "unreadable"),
        (Answer(200, "[1, 2]"), "unreadable"),
        (Answer(200, '{"messages": [{"id": ""}]}'), "unreadable"),
        (Answer(200, '{"messages": [{"id": "wamid.'), "unreadable"),
        (Answer(raw=b"", ending="reset"), "closed"),
        (Answer(raw=b"", ending="close"), "closed"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", ending="reset"), "unreadable"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", ending="close"), "unreadable"),
        (Answer(raw=b"HTTP/1.1 2", ending="close"), "unreadable"),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n", ending="close"), "unreadable"),
        (Answer(500, error(-2)), "server-error"),
    ],
)
def test_whatever_proves_nothing_is_unknown(answer: Answer, reason: str) -> None:
    problem = outcome(answer)
    assert isinstance(problem, OutcomeUnknown), problem
    assert problem.reason == reason
    assert not isinstance(problem, (Remote, Unavailable))


def test_no_answer_in_time_is_unknown() -> None:
    problem = outcome(Answer(is_silent=True), read_s=0.05)
    assert isinstance(problem, OutcomeUnknown)
    assert problem.reason == "timeout"


def test_half_an_answer_and_then_silence_is_unknown() -> None:
    problem = outcome(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), read_s=0.05)
    assert isinstance(problem, OutcomeUnknown)
    assert problem.reason == "timeout"


@pytest.mark.parametrize("status", [400, 404, 413, 429])
def test_a_plain_refusal_without_a_body_was_not_accepted(status: int) -> None:
    problem = outcome(Answer(status, "<html>"))
    assert isinstance(problem, ApiError)
    assert problem.failure.code is None
    assert problem.failure.proves_not_accepted


def test_nobody_listens() -> None:
    with client_of(f"http://127.0.0.1:{refused_port()}") as client, pytest.raises(NotSent) as caught:
        client.send("111", BODY)
    assert caught.value.reason == "refused"
    assert_no_token(caught.value)


def test_an_unknown_host_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def nowhere(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with Client(TOKEN, Settings("https://graph.invalid")) as client, pytest.raises(NotSent) as caught:
        client.send("111", BODY)
    assert caught.value.reason == "unknown-host"
    assert_no_token(caught.value)


def test_a_failed_handshake_was_not_sent() -> None:
    """TLS is spoken to a server that does not: it fails before a single byte of the request."""
    with (
        ScriptedServer([], hears_noise=True) as server,
        Client(TOKEN, Settings(f"https://127.0.0.1:{server.port}")) as client,
        pytest.raises(NotSent) as caught,
    ):
        client.send("111", BODY)
    assert caught.value.reason == "tls"
    assert_no_token(caught.value)


def test_a_large_body_cut_off_while_it_is_sent_was_not_sent() -> None:
    """The server closes after the head: the announced length never arrives, so nothing can have been accepted."""
    big = body_of(TextMessage("x"), Address(phone="62812345678")) | {"filler": "x" * 20_000_000}
    script = [post(Answer(raw=b"", ending="reset", before_body=True))]
    with ScriptedServer(script) as server, client_of(server.url) as client, pytest.raises(NotSent) as caught:
        client.send("111", big)
    assert caught.value.reason == "cut-off"


def test_an_early_refusal_of_a_large_body_is_read() -> None:
    body = b'{"error": {"code": 100, "message": "too large"}}'
    raw = b"HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    big = {"filler": "x" * 20_000_000}
    script = [post(Answer(raw=raw, ending="close", before_body=True))]
    with ScriptedServer(script) as server, client_of(server.url) as client, pytest.raises(Problem) as caught:
        client.send("111", big)
    # Depending on what the kernel keeps after the reset, the refusal is read or the request counts as cut off.
    assert isinstance(caught.value, (ApiRefused, NotSent))


def test_connections_are_kept_and_reused() -> None:
    script = [post(Answer(body=ACCEPTED)), post(Answer(400, error(131047))), post(Answer(body=ACCEPTED))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.send("111", BODY)
        with pytest.raises(ApiRefused):
            client.send("111", BODY)
        client.send("111", BODY)
        assert [request.connection for request in server.requests] == [1, 1, 1]


def test_an_idle_connection_is_not_trusted() -> None:
    clock = Clock()
    with ScriptedServer([post(Answer(body=ACCEPTED))] * 3) as server, client_of(server.url, clock) as client:
        client.send("111", BODY)
        clock.now += 3.9
        client.send("111", BODY)
        clock.now += 4.0
        client.send("111", BODY)
        assert [request.connection for request in server.requests] == [1, 1, 2]


def test_a_connection_that_the_server_has_closed_is_noticed_before_sending() -> None:
    script = [post(Answer(body=ACCEPTED)), post(Answer(body=ACCEPTED))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.send("111", BODY)
        server.close_kept()
        wait_until_closed(client)
        client.send("111", BODY)
        assert [request.connection for request in server.requests] == [1, 2]


def wait_until_closed(client: Client) -> None:
    """Blocks until the end of the kept connection has arrived in this process (no sleeping: the socket says so)."""
    (connections,) = client._connections.values()
    connection, _ = connections._idle[0]
    assert connection.sock.recv(1) == b""


def test_a_kept_connection_that_dies_under_a_send_is_not_repeated() -> None:
    """The race that cannot be seen: the server takes the second request and closes. It may have been accepted."""
    script = [post(Answer(body=ACCEPTED)), post(Answer(raw=b"", ending="close"))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.send("111", BODY)
        with pytest.raises(OutcomeUnknown) as caught:
            client.send("111", BODY)
        assert len(server.requests) == 2
    assert caught.value.reason == "closed"


def test_a_kept_connection_that_dies_under_a_read_is_asked_again() -> None:
    numbers: dict[str, Any] = {"data": []}
    script = [
        Expected("GET", None, Answer(body=numbers)),
        Expected("GET", None, Answer(raw=b"", ending="close")),
        Expected("GET", None, Answer(body=numbers)),
    ]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.get("222")
        assert client.get("222") == numbers
        assert [request.connection for request in server.requests] == [1, 1, 2]


def test_a_server_that_closes_after_each_answer() -> None:
    script = [post(Answer(body=ACCEPTED, headers={"Connection": "close"}, ending="close"))] * 2
    with ScriptedServer(script) as server, client_of(server.url) as client:
        client.send("111", BODY)
        client.send("111", BODY)
        assert [request.connection for request in server.requests] == [1, 2]


def test_many_threads_share_one_client() -> None:
    count = 40
    with ScriptedServer([post(Answer(body=ACCEPTED))] * count) as server, client_of(server.url) as client:
        wamids: list[str] = []

        def work() -> None:
            for _ in range(count // 4):
                wamids.append(client.send("111", BODY).wamid)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wamids == ["wamid.A"] * count
        assert len({request.connection for request in server.requests}) <= 4


def test_meta_quoting_the_token_is_hidden() -> None:
    said = {"error": {"message": f"Malformed access token {TOKEN}", "code": 190, "error_data": {"details": [TOKEN]}}}
    problem = outcome(Answer(401, said))
    assert isinstance(problem, ApiRefused)
    assert problem.failure.meta_message == "Malformed access token [token]"


@pytest.mark.parametrize("token", ["", "   ", "two words", "line\nbreak", "tökén"])
def test_a_token_that_cannot_be_one_is_refused_without_quoting_it(token: str) -> None:
    with Client(token, Settings("http://127.0.0.1:9")) as client, pytest.raises(Invalid) as caught:
        client.send("111", BODY)
    assert caught.value.code == "bad-token"
    if token.strip():
        assert token not in "".join(traceback.format_exception(caught.value))


def test_the_token_is_asked_for_at_each_request() -> None:
    def tokens() -> Iterator[str]:
        yield "first"
        yield "second"

    source = tokens()
    script = [post(Answer(body=ACCEPTED))] * 2
    with ScriptedServer(script) as server, Client(lambda: next(source), Settings(server.url)) as client:
        client.send("111", BODY)
        client.send("111", BODY)
        assert [request.headers["authorization"] for request in server.requests] == ["Bearer first", "Bearer second"]
        assert "first" not in repr(client)


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.facebook.com",
        "ftp://127.0.0.1",
        "graph.facebook.com",
        "https://",
        "https://a:b@c",
        "http://10.0.0.1",
    ],
)
def test_unencrypted_or_strange_addresses_are_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Client(TOKEN, Settings(url))
    assert caught.value.code == "bad-url"


def test_an_id_cannot_leave_its_path() -> None:
    script = [Expected("POST", "/v25.0/1%2F..%2F2%3Fa/messages", Answer(body=ACCEPTED))]
    with ScriptedServer(script) as server, client_of(server.url) as client:
        assert client.send("1/../2?a", BODY).wamid == "wamid.A"


def test_certificates_are_checked() -> None:
    import ssl

    with Client(TOKEN) as client:
        (connections,) = client._connections.values()
        context = connections._context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_server_does_no_send_arrives_twice(seed: int) -> None:
    """Many sends over kept connections that end in every way: each key reaches the server at most once."""
    chance = random.Random(seed)
    answers = [
        Answer(body=ACCEPTED),
        Answer(body=ACCEPTED, ending="close"),
        Answer(body=ACCEPTED, ending="reset"),
        Answer(400, error(130429)),
        Answer(500, b""),
        Answer(raw=b"", ending="close"),
        Answer(raw=b"", ending="reset"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", ending="reset"),
    ]
    clock = Clock()
    ends: dict[str, str] = {}
    with ScriptedServer([]) as server, client_of(server.url, clock) as client:
        for number in range(40):
            key = f"outbox-{number}"
            server.expect(post(chance.choice(answers)))
            clock.now += chance.choice([0.0, 1.0, 5.0])
            try:
                client.send("111", body_of(TextMessage("x"), Address(phone="6281234567890"), Extras(callback=key)))
                ends[key] = "accepted"
            except (ApiError, OutcomeUnknown, NotSent) as problem:
                ends[key] = type(problem).__name__
            server.forget()  # what a dead connection swallowed never came up
        seen = [request.json["biz_opaque_callback_data"] for request in server.requests]
    assert len(seen) == len(set(seen))
    assert {key for key, end in ends.items() if end == "accepted"} <= set(seen)
    assert not {key for key, end in ends.items() if end == "NotSent"} & set(seen)
    assert len(set(ends.values())) >= 3
