"""Bad days of the network and of the API: nothing is sent twice, nothing is lost, and the outbox tells the truth.

What was really accepted is read from the sandbox's book. Each fault of the sandbox strikes one send; afterwards the
webhooks come, doubled and in the wrong order, and everything that was accepted is known as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.front_door import NOW
from tests.support.passing_time import PassingTime
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from tests.support.transport import refused_port
from wacli.cloudapi.client import Accepted, Client, Settings
from wacli.services.delivery import Sent
from wacli.services.delivery_run import deliver
from wacli.services.retry import Retries
from wacli.services.sending import Prepared
from wacli.store.database import Store
from wacli.store.lease import lock_path, sending_lease


class Fault(NamedTuple):
    """A fault, what the send comes to, how often it was really accepted, and how often it was tried."""

    kind: str
    settings: dict[str, object]
    state: str
    booked: int
    error: str | None = None
    attempts: int = 1


FAULTS = [
    Fault("timeout", {"seconds": 30.0}, "unknown", 0, "timeout"),
    Fault("timeout", {"seconds": 30.0, "after_acceptance": True}, "unknown", 1, "timeout"),
    Fault("reset", {}, "unknown", 0, "closed"),
    Fault("reset", {"after_acceptance": True}, "unknown", 1, "closed"),
    Fault("bare", {"http": 500}, "unknown", 0, "server-error"),
    Fault("bare", {"http": 503, "after_acceptance": True}, "unknown", 1, "server-error"),
    Fault("bare", {"http": 408}, "unknown", 0, "server-error"),
    Fault("garbage", {}, "unknown", 0, "unreadable"),
    Fault("garbage", {"after_acceptance": True}, "unknown", 1, "unreadable"),
    Fault("truncated", {}, "unknown", 1, "unreadable"),
    Fault("slow", {"seconds": 0.05}, "accepted", 1),
    Fault("webhook-first", {}, "accepted", 1),
    Fault("error", {"code": 130429}, "accepted", 1, None, 2),
    Fault("error", {"code": 130429, "times": 3}, "accepted", 1, None, 4),
    Fault("error", {"code": 130429, "times": 9}, "refused", 0, "api-130429", 4),
    Fault("error", {"code": 131056, "times": 2}, "accepted", 1, None, 3),
    Fault("error", {"code": 4}, "accepted", 1, None, 2),
    Fault("error", {"code": 131016}, "accepted", 1, None, 2),
    Fault("error", {"code": 131000}, "accepted", 1, None, 2),
    Fault("error", {"code": 131000, "times": 2}, "refused", 0, "api-131000", 2),
    Fault("error", {"code": 131048}, "refused", 0, "api-131048"),
    Fault("error", {"code": 131047}, "refused", 0, "api-131047"),
    Fault("error", {"code": 190}, "refused", 0, "api-190"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path) as made:
        yield made


def send(shop: SandboxShop, store: Store, time: PassingTime | None = None, read_s: float = 0.3) -> Sent:
    with shop.client(read_s) as client:
        return post(shop, store, client, shop.prepared(store), time)


def post(shop: SandboxShop, store: Store, client: Client, prepared: Prepared, time: PassingTime | None = None) -> Sent:
    pace, retries = (time or PassingTime()).pace(), Retries(random=lambda: 1.0)
    return deliver(store, client, shop.sandbox.number.id, prepared, lambda: NOW, pace=pace, retries=retries)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: "-".join([f.kind, *(str(v) for v in f.settings.values())]))
def test_the_outbox_tells_the_truth(shop: SandboxShop, fault: Fault) -> None:
    shop.sandbox.push_fault(fault.kind, **fault.settings)
    with shop.store() as store:
        sent = send(shop, store)
        key = sent.prepared.key
    assert (sent.state, sent.attempts) == (fault.state, fault.attempts)
    assert len(shop.booked(key)) == fault.booked
    row = shop.one()
    assert (row["key"], row["state"], row["attempts"], row["error"]) == (key, fault.state, fault.attempts, fault.error)
    assert (row["error_text"] is None) is (fault.error is None)
    assert [one["key"] for one in shop.outbox("--unknown")] == ([key] if fault.state == "unknown" else [])
    assert [one["key"] for one in shop.outbox()] == [one["key"] for one in shop.outbox("--open")]

    shop.told()
    row = shop.one()
    if fault.booked:
        assert (row["state"], row["wamid"], row["error"]) == ("accepted", shop.booked(key)[0], None)
        assert row["status"] == "sent"
    else:
        assert (row["state"], row["wamid"], row["error"]) == (fault.state, None, fault.error)
    # A send without a message stands in its thread too, but has no wamid.
    said = [one["text"] for one in shop.wacli("thread", "Sari", "--json").json["messages"] if one["wamid"]]
    assert said.count("siap") == fault.booked
    assert len(shop.booked(key)) == fault.booked  # looking changed nothing


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_lost_answer_is_settled_by_its_webhooks_in_any_order_and_number(
    shop: SandboxShop, order: tuple[int, ...], copies: int
) -> None:
    shop.sandbox.push_fault("reset", after_acceptance=True)
    with shop.store() as store:
        key = send(shop, store).prepared.key
    bodies = shop.updates()
    while len(bodies) < 3:
        shop.sandbox.advance(timedelta(minutes=1))
        bodies += shop.updates()
    for place in order:
        shop.told([bodies[place]] * copies)
    row = shop.one()
    assert (row["state"], row["wamid"], row["status"]) == ("accepted", shop.booked(key)[0], "read")
    assert shop.wacli("outbox", "resolve", key, "--json").json[0]["resolution"] == "status"


def test_a_webhook_that_overtakes_a_lost_answer_is_what_holds(shop: SandboxShop) -> None:
    """Accepted, told by webhook, and then no answer: our own attempt has less to say than WhatsApp."""

    class Overtaken(Client):
        def send(self, phone_number_id: str, body: Mapping[str, object] | str) -> Accepted:
            try:
                return super().send(phone_number_id, body)
            finally:
                shop.told()

    shop.sandbox.push_fault("timeout", after_acceptance=True)
    settings = shop.client(read_s=0.3).settings
    with shop.store() as store, Overtaken(shop.sandbox.account.token, settings) as client:
        prepared = shop.prepared(store)
        sent = post(shop, store, client, prepared)
    assert (sent.state, sent.problem) == ("accepted", None)
    assert [sent.wamid] == shop.booked(prepared.key)
    row = shop.one()
    assert (row["state"], row["status"], row["error"]) == ("accepted", "sent", None)


def test_a_webhook_that_comes_in_a_pause_ends_the_attempts(shop: SandboxShop) -> None:
    """An error although it was accepted: Meta should not do that, but a status says so before we try again."""
    shop.sandbox.push_fault("error", code=131000, after_acceptance=True)
    with shop.store() as store, shop.client() as client:
        prepared = shop.prepared(store)
        sent = post(shop, store, client, prepared, PassingTime(shop.told))
    assert (sent.state, [sent.wamid]) == ("accepted", shop.booked(prepared.key))
    assert shop.one()["state"] == "accepted"


def test_pauses_grow_and_the_pair_limit_has_its_own(shop: SandboxShop) -> None:
    time = PassingTime()
    shop.sandbox.push_fault("error", code=130429, times=9)
    with shop.store() as store:
        assert send(shop, store, time).stops_run
        assert time.slept == [0.5, 1.0, 2.0]
        time.slept.clear()
        shop.sandbox.faults.clear()
        shop.sandbox.push_fault("error", code=131056, times=9)
        assert not send(shop, store, time).stops_run
        assert time.slept == [1.0, 4.0, 16.0]


def test_between_attempts_the_row_is_queued_and_says_why(shop: SandboxShop) -> None:
    seen = []
    shop.sandbox.push_fault("error", code=131056)
    with shop.store() as store, shop.client() as client, sending_lease(store, NOW):
        assert lock_path(store.path).stat().st_mode & 0o777 == 0o600
        post(shop, store, client, shop.prepared(store), PassingTime(lambda: seen.append(shop.one())))
    (row,) = seen
    assert (row["state"], row["attempts"], row["error"]) == ("queued", 1, "api-131056")
    assert shop.one()["attempts"] == 2


def test_ctrl_c_in_a_pause_leaves_a_message_that_was_not_sent(shop: SandboxShop) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    shop.sandbox.push_fault("error", code=130429)
    with shop.store() as store, shop.client() as client:
        prepared = shop.prepared(store)
        with pytest.raises(KeyboardInterrupt):
            post(shop, store, client, prepared, PassingTime(stop))
    row = shop.one()
    assert (row["state"], row["error"], shop.booked(prepared.key)) == ("refused", "api-130429", [])


def test_a_server_that_is_not_there_is_tried_again_and_then_said_not_sent(shop: SandboxShop) -> None:
    time = PassingTime()
    settings = Settings(f"http://127.0.0.1:{refused_port()}")
    with shop.store() as store, Client("token", settings) as client:
        sent = post(shop, store, client, shop.prepared(store), time)
    assert (sent.state, sent.attempts, sent.stops_run) == ("refused", 4, True)
    assert len(time.slept) == 3
    row = shop.one()
    assert (row["state"], row["error"]) == ("refused", "not-sent-refused")
    assert row["error_text"] == "Nothing was sent: the server cannot be reached"


def test_no_usable_token_is_no_unknown_outcome(shop: SandboxShop) -> None:
    with shop.store() as store, Client("two words", Settings(str(shop.sandbox.base_url))) as client:
        sent = post(shop, store, client, shop.prepared(store))
    assert (sent.state, sent.stops_run) == ("refused", True)
    assert shop.one()["error"] == "bad-token"


def test_the_front_door_tries_again_by_itself(shop: SandboxShop, monkeypatch: pytest.MonkeyPatch) -> None:
    PassingTime().for_everybody(monkeypatch)
    shop.sandbox.push_fault("error", code=130429)
    outcome = shop.wacli("reply", "Sari", "siap", "--json")
    assert outcome.status == 0
    assert len(shop.booked(outcome.json[0]["key"])) == 1
    assert shop.one()["attempts"] == 2


def test_one_fault_after_the_other_sends_everything_once_or_says_what_is_not_known(shop: SandboxShop) -> None:
    with shop.store() as store:
        for fault in FAULTS:
            shop.sandbox.faults.clear()
            shop.sandbox.push_fault(fault.kind, **fault.settings)
            send(shop, store, read_s=0.2)
    bodies = shop.updates()
    shop.told(bodies[::-1] + bodies)
    rows = shop.outbox("--all")
    assert len(rows) == len(FAULTS)
    for row in rows:
        wamids = shop.booked(row["key"])
        assert wamids == ([row["wamid"]] if row["state"] == "accepted" else [])
    assert sum(row["state"] == "accepted" for row in rows) == sum(fault.booked for fault in FAULTS)
    before = shop.outbox("--all")
    assert shop.wacli("db", "rebuild").status == 0
    assert shop.outbox("--all") == before
