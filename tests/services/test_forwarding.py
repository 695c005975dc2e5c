"""Passing on: kept until taken, tried again ever more rarely, given up after a week, never what was erased."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from tests.support.store import NOW, count_rows, new_store
from tests.support.webhooks import text
from wacli.cloudapi.forward import Target
from wacli.domain.event_kind import EventKind
from wacli.domain.problem import Problem, Unavailable
from wacli.domain.text import t
from wacli.services.forwarding import Forwarding, carried, pause_after
from wacli.services.inbound import receive_all
from wacli.store import forwards, notifications
from wacli.store.database import Store


class Other:
    """Another program whose answers are written down beforehand: a status, or None for silence. Then always 200."""

    shown = "https://other.example"

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []

    def post(self, body: bytes, _headers: Sequence[tuple[str, str]]) -> int:
        self.asked.append(body)
        answer = self.answers.pop(0) if self.answers else 200
        if answer is None:
            raise Unavailable("not-forwarded", t("silence"))
        return answer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def keep(store: Store, count: int, now: datetime = NOW) -> list[bytes]:
    raws = [json.dumps(text(f"wamid.{number}", 1_790_000_000 + number)).encode() for number in range(count)]

    def queue(ids: Sequence[int | None]) -> None:
        forwards.add_all(store, [(key, [("content-type", "application/json")]) for key in ids if key is not None], now)

    receive_all(store, raws, now, beside=queue)
    return raws


def forwarding(store: Store, other: Other, troubles: list[Problem], *kinds: EventKind) -> Forwarding:
    return Forwarding(store, cast(Target, other), frozenset(kinds) or None, troubles.append, threading.Event())


def test_in_order_and_each_once(store: Store) -> None:
    raws, other, troubles = keep(store, 120), Other(), list[Problem]()
    passing = forwarding(store, other, troubles)
    passing.run(NOW)
    passing.run(NOW)
    assert other.asked == raws
    assert (passing.count, count_rows(store, "forwards"), troubles) == (120, 0, [])


def test_what_is_refused_comes_again_later_and_holds_nobody_up(store: Store) -> None:
    raws, other, troubles = keep(store, 3), Other(500, 200, 200, 403), list[Problem]()
    passing = forwarding(store, other, troubles)
    passing.run(NOW)
    assert other.asked == raws
    passing.run(NOW)
    assert len(other.asked) == 3
    passing.run(NOW + timedelta(seconds=1))
    passing.run(NOW + timedelta(seconds=2))
    assert len(other.asked) == 4  # refused a second time: two seconds more
    passing.run(NOW + timedelta(seconds=3))
    assert (len(other.asked), count_rows(store, "forwards")) == (5, 0)
    assert len(troubles) == 1  # said once


def test_while_nobody_answers_one_at_a_time_finds_out(store: Store) -> None:
    raws, other, troubles = keep(store, 5), Other(None, None, None), list[Problem]()
    passing = forwarding(store, other, troubles)
    asked = []
    for second in range(12):
        passing.run(NOW + timedelta(seconds=second))
        asked.append(len(other.asked))
    assert asked[:8] == [1, 2, 2, 3, 3, 3, 3, 8]  # after 1, 2 and 4 seconds; then everything that waits
    assert sorted(set(other.asked)) == sorted(raws)
    assert [problem.code for problem in troubles] == ["not-forwarded"]
    assert count_rows(store, "forwards") == 0


def test_after_a_week_it_is_given_up_and_said(store: Store) -> None:
    keep(store, 2)
    other, troubles = Other(), list[Problem]()
    forwarding(store, other, troubles).run(NOW + timedelta(days=7, seconds=1))
    assert other.asked == []
    assert "2 notifications were not taken by https://other.example" in str(troubles[0].message)
    assert count_rows(store, "notifications") == 2


def test_only_what_says_something_of_a_kind(store: Store) -> None:
    raws, other = keep(store, 1), Other()
    forwarding(store, other, [], EventKind.STATUS, EventKind.CALL).run(NOW)
    assert (other.asked, count_rows(store, "forwards")) == ([], 0)
    again = forwarding(store, other, [], EventKind.MESSAGE)
    forwards.add_all(store, [(1, [])], NOW)
    again.run(NOW)
    assert other.asked == raws


def test_what_was_erased_is_not_passed_on(store: Store) -> None:
    keep(store, 2)
    notifications.replace_body(store, 1, b"{}")
    other = Other()
    forwarding(store, other, []).run(NOW)
    assert len(other.asked) == 1
    assert b"wamid.1" in other.asked[0]


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    seconds = [pause_after(attempts).total_seconds() for attempts in (0, 1, 2, 9, 10, 1_000)]
    assert seconds == [1, 2, 4, 512, 900, 900]


def test_the_headers_that_go_along() -> None:
    came = [(b"host", b"x"), (b"x-hub-signature-256", b"sha256=1"), (b"user-agent", b"\xe9"), (b"cookie", b"y")]
    assert carried(came) == [("x-hub-signature-256", "sha256=1"), ("user-agent", "é")]
