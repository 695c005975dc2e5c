"""What was kept is applied in small transactions that give way, and nothing stands in the way of the next."""

from __future__ import annotations

import json
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.support.store import NOW, count_rows, new_store
from tests.support.webhooks import text
from wacli.domain.problem import Invalid
from wacli.services import inbound
from wacli.services.applying import SLICE, Applying
from wacli.services.inbound import Applied, receive_all
from wacli.store import messages, notifications
from wacli.store.database import Store
from wacli.store.intake import Intake

T0 = 1_790_000_000


def bodies(count: int) -> list[bytes]:
    return [json.dumps(text(f"wamid.{number}", T0 + number)).encode() for number in range(count)]


def test_a_group_is_one_transaction_and_says_of_each_what_became_of_it(tmp_path: Path) -> None:
    first, second = bodies(2)
    with new_store(tmp_path) as store:
        told: list[list[int | None]] = []
        outcomes = receive_all(store, [first, b"{", first, second], NOW, beside=lambda ids: told.append(list(ids)))
        assert isinstance(outcomes[1], Invalid)
        assert [one if not isinstance(one, Invalid) else "invalid" for one in outcomes] == [1, "invalid", None, 3]
        assert told == [[1, None, None, 3]]
        assert receive_all(store, [b"{"], NOW)[0] is not None
        assert receive_all(store, [], NOW) == []
        assert count_rows(store, "notifications") == 2


def test_what_is_written_beside_fails_with_the_group(tmp_path: Path) -> None:
    def full(_ids: object) -> None:
        raise OSError(28, "No space left on device")

    with new_store(tmp_path) as store:
        with pytest.raises(OSError, match="No space"):
            receive_all(store, bodies(2), NOW, beside=full)
        assert count_rows(store, "notifications") == 0


def applying(store: Store, arrivals: list[int], done: list[Applied], waits: list[float]) -> Applying:
    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return False

    ticks = iter(range(1_000_000))
    return Applying(
        store,
        lambda: arrivals.pop(0) if arrivals else 0,
        done.extend,
        Stopping(),
        nullcontext(),
        ticks=lambda: next(ticks) / 100,
    )


def test_slice_by_slice_with_pauses_only_while_more_comes_in(tmp_path: Path) -> None:
    done: list[Applied] = []
    waits: list[float] = []
    with new_store(tmp_path) as store:
        receive_all(store, bodies(3 * SLICE.limit), NOW)
        made = applying(store, [0, 5, 5, 5], done, waits)
        made.run(NOW)
        assert made.count == len(done) == 3 * SLICE.limit
        assert [one.id for one in done] == list(range(1, 3 * SLICE.limit + 1))
        assert waits == [pytest.approx(0.04)]  # four times the hundredth that the slice took
        made.run(NOW)
        assert made.count == 3 * SLICE.limit


def test_one_that_cannot_be_applied_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Intake.apply

    def fails_on_one(self: Intake, said: object) -> None:
        given = list(said)  # type: ignore[call-overload]
        if any(getattr(event, "key", None) == "wamid.1" for _, events in given for event in events):
            raise ZeroDivisionError
        apply(self, given)

    with new_store(tmp_path) as store:
        receive_all(store, bodies(3), NOW)
        monkeypatch.setattr(Intake, "apply", fails_on_one)
        done: list[Applied] = []
        applying(store, [], done, []).run(NOW)
        assert [one.id for one in done] == [1, 2, 3]
        assert messages.find(store, "wamid.0") is not None
        assert messages.find(store, "wamid.2") is not None
        assert store.query("SELECT why FROM unrecognised") == [("ZeroDivisionError",)]


def test_what_can_no_longer_be_read_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(tmp_path) as store:
        receive_all(store, bodies(1), NOW)

        def too_deep(_raw: bytes) -> object:
            raise RecursionError

        monkeypatch.setattr(inbound, "decode", too_deep)
        inbound.apply_pending(store, NOW)
        assert store.query("SELECT why FROM unrecognised") == [("too-deep",)]


def test_what_another_process_applied_is_not_ours(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        receive_all(store, bodies(2), NOW)
        pending = [(key, inbound.events_of(raw)) for key, raw in notifications.list_pending(store, 10, 10**6)]
        with store.transaction() as connection:
            notifications.mark_applied(connection, [1], NOW)
        done = inbound._apply(Intake(store), pending, NOW)
        assert [one.is_ours for one in done] == [False, True]


def test_few_bodies_at_a_time_when_they_are_large(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        receive_all(store, bodies(5), NOW)
        size = len(bodies(1)[0])
        assert [key for key, _ in notifications.list_pending(store, 10, 1)] == [1]
        assert [key for key, _ in notifications.list_pending(store, 10, size + 1)] == [1, 2]
        assert [key for key, _ in notifications.list_pending(store, 3, 10**6)] == [1, 2, 3]
        assert inbound.apply_pending(store, NOW).messages_new == 5
