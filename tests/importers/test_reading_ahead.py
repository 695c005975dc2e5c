"""What an iterator in a process of its own must do: the same as in this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wacli.domain.problem import Refused, Unavailable
from wacli.domain.text import t
from wacli.importers import reading_ahead
from wacli.importers.reading_ahead import ahead

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(params=[pytest.param("in a process of its own", marks=forking), "in this process"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    is_apart = request.param == "in a process of its own"
    monkeypatch.setattr(reading_ahead, "_is_possible", lambda: is_apart)
    return str(request.param)


def of(*items: object) -> Callable[[], Iterator[object]]:
    return lambda: iter(items)


def test_items_come_as_they_are_and_in_order(where: str) -> None:
    text = t("{name} wrote", name="Sari")
    items = [(1, "halo", None), ["a", b"b", 2.5], text, "x" * 3_000_000, {"k": (True,)}]
    assert list(ahead(of(*items))) == items, where


def test_what_is_raised_is_raised_at_its_place(where: str) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise Refused("chat-too-large", t("{file} is too large", file="x"), t("Export again"), {"limit": 3})

    found = ahead(items)
    assert next(found) == 1
    with pytest.raises(Refused) as caught:
        next(found)
    problem = caught.value
    assert (problem.code, str(problem.message), str(problem.hint)) == (
        "chat-too-large",
        "x is too large",
        "Export again",
    )
    assert dict(problem.details) == {"limit": 3}, where


def test_a_system_error_comes_through(where: str) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise FileNotFoundError(2, "gone", "chat.txt")

    with pytest.raises(FileNotFoundError, match="gone"):
        list(ahead(items))
    assert where


def test_who_stops_early_leaves_no_process_behind(where: str) -> None:
    def without_end() -> Iterator[bytes]:
        while True:
            yield bytes(100_000)

    found = ahead(without_end)
    assert len(next(found)) == 100_000, where
    assert isinstance(found, Iterator)
    found.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@forking
def test_a_process_that_dies_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "_is_possible", lambda: True)

    def items() -> Iterator[int]:
        yield 1
        os._exit(1)

    with pytest.raises(Unavailable, match="reader-gone"):
        list(ahead(items))


@forking
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not tell who may run where")
@pytest.mark.parametrize(("mine", "is_apart"), [({0}, False), ({2, 3}, True)])
def test_only_processors_that_this_process_may_use_count(
    mine: set[int], is_apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1 if is_apart else 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: mine if pid == 0 else set())
    monkeypatch.setattr("threading.active_count", lambda: 1)
    (who,) = ahead(lambda: iter([os.getpid()]))
    assert (who != os.getpid()) is is_apart


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner),
    max_leaves=6,
)


@forking
@settings(max_examples=15, deadline=None)
@given(st.lists(plain, max_size=5))
def test_any_plain_values_come_through(items: list[object]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading_ahead, "_is_possible", lambda: True)
        assert list(ahead(of(*items))) == items
