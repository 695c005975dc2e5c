"""Faults on demand: each strikes once, and the book says whether the message was accepted."""

from __future__ import annotations

import http.client
import json

import pytest

from tests.sandbox.loopback import Caller, Receiver, text_to
from wacli.sandbox.faults import Fault, FaultQueue
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox

SARI = "+6281234567890"


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("kind", ["timeout", "reset", "bare", "error", "garbage"])
def test_whether_it_was_accepted_is_up_to_the_fault(
    still: Sandbox, sari: Puppet, caller: Caller, kind: str, is_after: bool
) -> None:
    still.push_fault(kind, after_acceptance=is_after, code=131000)
    if kind == "timeout":
        with pytest.raises(TimeoutError):
            caller.send(text_to(SARI), timeout=0.2)
    elif kind == "reset":
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            caller.send(text_to(SARI))
    else:
        got = caller.send(text_to(SARI))
        assert got.status == {"bare": 502, "error": 500, "garbage": 200}[kind]
        if kind == "bare":
            assert got.body == b""
        elif kind == "error":
            assert got.code == 131000
        else:
            with pytest.raises(ValueError, match="Expecting value"):
                json.loads(got.body)
    assert len(still.book.sent) == int(is_after)
    assert caller.send(text_to(SARI)).status == 200  # it strikes once
    assert [one.kind for one in still.faults.struck] == [kind]


@pytest.mark.parametrize(("code", "status"), [(130429, 400), (131056, 400), (4, 400), (190, 401), (131016, 500)])
def test_errors_come_with_metas_status(still: Sandbox, sari: Puppet, caller: Caller, code: int, status: int) -> None:
    still.push_fault("error", code=code)
    got = caller.send(text_to(SARI))
    assert (got.status, got.code) == (status, code)
    assert not still.book.sent


def test_a_time_out_ends_by_itself(still: Sandbox, sari: Puppet, caller: Caller) -> None:
    still.push_fault("timeout", seconds=0.05)
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        caller.send(text_to(SARI))


def test_stopping_does_not_wait_for_a_time_out(still: Sandbox, sari: Puppet) -> None:
    with still:
        still.push_fault("timeout", seconds=3600)
        with pytest.raises(TimeoutError):
            Caller(still).send(text_to(SARI), timeout=0.1)


def test_a_slow_answer_is_the_true_one_and_a_truncated_one_is_not(still: Sandbox, sari: Puppet, caller: Caller) -> None:
    still.push_fault("slow", seconds=0.05)
    assert caller.send(text_to(SARI)).json["messages"][0]["id"] in still.book.sent
    still.push_fault("truncated")
    with pytest.raises(ValueError, match=r"delimiter|string|value"):
        json.loads(caller.send(text_to(SARI)).body)
    assert len(still.book.sent) == 2


def test_the_webhook_may_come_before_the_answer(
    still: Sandbox, sari: Puppet, receiver: Receiver, caller: Caller
) -> None:
    receiver.wait_for(1)
    still.courier.switches.is_held = True
    assert caller.send(text_to(SARI)).status == 200
    assert receiver.statuses == []
    still.courier.switches.is_held = False
    still.push_fault("webhook-first")
    wamid = caller.send(text_to(SARI)).json["messages"][0]["id"]
    assert wamid in [one["id"] for one in receiver.statuses]  # no waiting: it was there before the answer


def test_a_fault_takes_only_what_fits_it() -> None:
    queue = FaultQueue()
    queue.push(Fault("reset", path="/message_templates", method="GET"))
    queue.push(Fault("bare", times=2))
    assert queue.take("GET", "/v25.0/1/messages") is None
    assert [one.kind for one in (queue.take("POST", "/v25.0/1/messages") for _ in range(2)) if one] == ["bare", "bare"]
    assert queue.take("POST", "/v25.0/1/messages") is None
    assert [one.kind for one in queue.waiting()] == ["reset"]
    queue.clear()
    assert queue.waiting() == []
    with pytest.raises(ValueError, match="no such fault"):
        Fault("lightning")
    with pytest.raises(ValueError, match="at least once"):
        Fault("reset", times=0)
