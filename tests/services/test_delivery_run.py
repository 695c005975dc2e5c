"""Many at once: every message once, outcomes on disk before they are told, pauses for those concerned, and the stop."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.front_door import NOW
from tests.support.passing_time import PassingTime
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from wacli.cloudapi.answers import Accepted
from wacli.cloudapi.client import Client
from wacli.cloudapi.failures import OutcomeUnknown, failure_of_error, problem_of
from wacli.services.delivery import Sent
from wacli.services.delivery_run import deliver_run
from wacli.services.retry import Retries
from wacli.services.sending import Prepared
from wacli.store import outbox
from wacli.store.database import Store

Answers = Callable[[Mapping[str, Any], int], None]


class Api:
    """Accepts everything, unless `answers` raises; counts what it was asked for, by key."""

    def __init__(self, answers: Answers = lambda _body, _times: None) -> None:
        self.asked: dict[str, int] = {}
        self.accepted: list[str] = []
        self._answers = answers
        self._lock = threading.Lock()

    def send(self, _number: str, request: str) -> Accepted:
        body = json.loads(request)
        key = str(body["biz_opaque_callback_data"])
        with self._lock:
            self.asked[key] = self.asked.get(key, 0) + 1
            times = self.asked[key]
        self._answers(body, times)
        with self._lock:
            self.accepted.append(key)
        return Accepted(f"wamid.{key}", None, None, "accepted")

    @property
    def client(self) -> Client:
        return cast(Client, self)


def no(code: int) -> Exception:
    return problem_of(failure_of_error({"code": code, "message": "no"}, 400))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path, customers=3) as made:
        yield made


STEADY = Retries(random=lambda: 1.0)


def messages(shop: SandboxShop, store: Store, count: int) -> Iterator[Prepared]:
    people = itertools.cycle([f"#{contact}" for (contact,) in store.query("SELECT id FROM contacts ORDER BY id")])
    return (shop.prepared(store, who) for who in itertools.islice(people, count))


def run(shop: SandboxShop, store: Store, api: Api, count: int, connections: int = 4) -> list[Sent]:
    found = []
    for sent in deliver_run(
        store,
        api.client,
        shop.sandbox.number.id,
        messages(shop, store, count),
        lambda: NOW,
        connections=connections,
        pace=PassingTime().pace(),
        retries=STEADY,
    ):
        row = outbox.find(store, sent.prepared.key)
        if row is not None:
            assert (row.state, row.wamid, row.attempts) == (sent.state, sent.wamid, max(sent.attempts, row.attempts))
        found.append(sent)
    return found


@pytest.mark.parametrize("connections", [1, 2, 8])
def test_each_is_sent_once_and_told_after_it_is_written(shop: SandboxShop, connections: int) -> None:
    api = Api()
    with shop.store() as store:
        found = run(shop, store, api, 100, connections)
    assert len(found) == len({one.prepared.key for one in found}) == 100
    assert {one.state for one in found} == {"accepted"}
    assert sorted(api.accepted) == sorted(one.prepared.key for one in found)
    assert [row["state"] for row in shop.outbox("--all")] == ["accepted"] * 100


@pytest.mark.parametrize("connections", [1, 4])
def test_refusals_and_unknowns_are_told_beside_the_rest(shop: SandboxShop, connections: int) -> None:
    turns = itertools.count()

    def answers(_body: Mapping[str, Any], times: int) -> None:
        turn = next(turns)
        if turn % 10 == 3:
            raise no(131026)
        if turn % 10 == 7:
            raise OutcomeUnknown("timeout", {})

    api = Api(answers)
    with shop.store() as store:
        found = run(shop, store, api, 50, connections)
    assert [sum(one.state == state for one in found) for state in ("accepted", "refused", "unknown")] == [40, 5, 5]
    assert set(api.asked.values()) == {1}
    assert len(shop.outbox("--unknown")) == 5


@pytest.mark.parametrize("connections", [1, 4])
def test_the_pair_limit_holds_up_one_person_and_nobody_else(shop: SandboxShop, connections: int) -> None:
    order: list[str] = []

    def answers(body: Mapping[str, Any], times: int) -> None:
        if body["to"] == "+6281234567890" and times == 1:
            order.append("refused")
            raise no(131056)
        order.append(str(body["to"]))

    api = Api(answers)
    with shop.store() as store:
        found = run(shop, store, api, 9, connections)
    assert {one.state for one in found} == {"accepted"}
    assert len(api.accepted) == 9
    others = [place for place, to in enumerate(order) if to not in ("refused", "+6281234567890")]
    mine = [place for place, to in enumerate(order) if to == "+6281234567890"]
    assert max(others) < min(mine)  # the others did not wait
    assert max(one.attempts for one in found) == 2


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("code", [190, 131042, 131048])
def test_class_a_stops_everything(shop: SandboxShop, code: int, connections: int) -> None:
    turns = itertools.count()

    def answers(_body: Mapping[str, Any], _times: int) -> None:
        if next(turns) >= 5:
            raise no(code)

    api = Api(answers)
    with shop.store() as store:
        found = run(shop, store, api, 500, connections)
    assert any(one.stops_run for one in found)
    assert len(api.accepted) == 5
    assert len(api.asked) <= 5 + connections
    assert len(found) <= 5 + 4 * max(connections, 8)  # nothing more was taken
    told = {one.prepared.key: one.state for one in found}
    assert sorted(key for key, state in told.items() if state == "accepted") == sorted(api.accepted)
    assert {row["state"] for row in shop.outbox("--all")} == {"accepted", "refused"}
    assert {row["error"] for row in shop.outbox("--all")} <= {None, f"api-{code}", "run-stopped"}


def test_a_limit_of_everybody_holds_everybody_up(shop: SandboxShop) -> None:
    def answers(_body: Mapping[str, Any], times: int) -> None:
        if times == 1:
            raise no(130429)

    with shop.store() as store:
        found = run(shop, store, Api(answers), 6)
    assert [(one.state, one.attempts) for one in found] == [("accepted", 2)] * 6


@pytest.mark.parametrize("connections", [1, 4])
def test_who_stops_looking_loses_nothing(shop: SandboxShop, connections: int) -> None:
    api = Api()
    with shop.store() as store:
        running = deliver_run(
            store,
            api.client,
            shop.sandbox.number.id,
            messages(shop, store, 200),
            lambda: NOW,
            connections=connections,
            pace=PassingTime().pace(),
        )
        next(running)
        running.close()
    rows = shop.outbox("--all")
    assert sorted(row["key"] for row in rows if row["state"] == "accepted") == sorted(api.accepted)
    assert {row["state"] for row in rows} <= {"accepted", "refused"}
    assert 0 < len(rows) < 200


@pytest.mark.parametrize("connections", [1, 4])
def test_what_the_source_raises_comes_through_after_the_rest_is_written(shop: SandboxShop, connections: int) -> None:
    api = Api()

    def source(store: Store) -> Iterator[Prepared]:
        yield from messages(shop, store, 3)
        raise RuntimeError("no more")

    with shop.store() as store, pytest.raises(RuntimeError, match="no more"):
        list(
            deliver_run(store, api.client, shop.sandbox.number.id, source(store), lambda: NOW, connections=connections)
        )
    rows = shop.outbox("--all")
    assert sorted(row["key"] for row in rows if row["state"] == "accepted") == sorted(api.accepted)
    assert not [row for row in rows if row["state"] in ("sending", "queued")]


@pytest.mark.parametrize("connections", [1, 4])
def test_a_defect_in_a_lane_is_an_unknown_outcome_and_is_raised(shop: SandboxShop, connections: int) -> None:
    def answers(_body: Mapping[str, Any], _times: int) -> None:
        raise ZeroDivisionError

    with shop.store() as store, pytest.raises(ZeroDivisionError):
        run(shop, store, Api(answers), 3, connections)
    assert {row["state"] for row in shop.outbox("--all")} <= {"unknown", "refused"}


def test_over_the_real_wire_with_faults(shop: SandboxShop) -> None:
    shop.sandbox.push_fault("reset", after_acceptance=True, times=3)
    shop.sandbox.push_fault("error", code=130429, times=2)
    shop.sandbox.push_fault("bare", times=2)
    with shop.store() as store, shop.client() as client:
        found = list(
            deliver_run(
                store,
                client,
                shop.sandbox.number.id,
                messages(shop, store, 40),
                lambda: NOW,
                pace=PassingTime().pace(),
                retries=STEADY,
            )
        )
    assert len(found) == 40
    assert sum(one.state == "unknown" for one in found) == 5
    shop.told(shop.updates() * 2)
    for row in shop.outbox("--all"):
        assert shop.booked(row["key"]) == ([row["wamid"]] if row["state"] == "accepted" else [])
    assert sum(row["state"] == "accepted" for row in shop.outbox("--all")) == 38
