"""Group commit: one wait for all that came meanwhile, none for what has not come, and nobody suffers for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from wacli.cloudapi.commit_groups import LARGEST_GROUP_BYTES, CommitGroups, Outcome
from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t


class Item(NamedTuple):
    """A numbered item."""

    number: int


class Work:
    """Notes the groups it is given; the first one waits until it may go on."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may_go_on = threading.Event()
        self.has_begun = threading.Event()

    def __call__(self, items: Sequence[Item]) -> Sequence[Outcome]:
        self.groups.append([item.number for item in items])
        self.has_begun.set()
        assert self.may_go_on.wait(10)
        return [None] * len(items)


async def _put_while_the_first_is_committed(groups: CommitGroups[Item], work: Work, size: int) -> None:
    first = asyncio.create_task(groups.put(Item(0), 1))
    await asyncio.to_thread(work.has_begun.wait, 10)
    rest = [asyncio.create_task(groups.put(item, size)) for item in map(Item, range(1, 6))]
    await asyncio.sleep(0)
    assert not first.done()
    work.may_go_on.set()
    await asyncio.gather(first, *rest)


@pytest.mark.parametrize(
    ("largest", "size", "expected"),
    [
        (256, 1, [[0], [1, 2, 3, 4, 5]]),
        (2, 1, [[0], [1, 2], [3, 4], [5]]),
        (1, 1, [[0], [1], [2], [3], [4], [5]]),
        (256, LARGEST_GROUP_BYTES // 2, [[0], [1, 2], [3, 4], [5]]),
    ],
)
def test_what_came_meanwhile_is_one_group(largest: int, size: int, expected: list[list[int]]) -> None:
    work = Work()
    groups = CommitGroups(work, largest=largest)
    asyncio.run(_put_while_the_first_is_committed(groups, work, size))
    groups.stop()
    assert work.groups == expected


def test_each_learns_its_own_outcome() -> None:
    problem = Invalid("bad-json", t("no JSON"))

    def work(items: Sequence[Item]) -> Sequence[Outcome]:
        return [problem if item.number % 2 else None for item in items]

    async def put() -> list[Outcome]:
        return list(await asyncio.gather(*(groups.put(Item(number), 1) for number in range(4))))

    groups = CommitGroups(work)
    assert asyncio.run(put()) == [None, problem, None, problem]
    groups.stop()


def test_one_that_the_work_cannot_bear_fails_alone() -> None:
    def work(items: Sequence[Item]) -> Sequence[Outcome]:
        if any(item.number == 2 for item in items):
            raise ZeroDivisionError
        return [None] * len(items)

    async def put() -> list[object]:
        return list(await asyncio.gather(*(groups.put(Item(number), 1) for number in range(4)), return_exceptions=True))

    groups = CommitGroups(work)
    results = asyncio.run(put())
    groups.stop()
    assert [type(result) for result in results] == [type(None), type(None), ZeroDivisionError, type(None)]


def test_what_concerns_all_is_not_tried_again_one_by_one() -> None:
    calls: list[int] = []

    def full(items: Sequence[Item]) -> Sequence[Outcome]:
        calls.append(len(items))
        raise Unavailable("disk-full", t("full"))

    async def put() -> list[object]:
        return list(await asyncio.gather(*(groups.put(Item(number), 1) for number in range(4)), return_exceptions=True))

    groups = CommitGroups(full)
    results = asyncio.run(put())
    groups.stop()
    assert [type(result) for result in results] == [Unavailable] * 4
    assert sum(calls) == 4


def test_stopping_waits_for_what_was_put_in_and_may_be_asked_twice() -> None:
    done: list[int] = []

    def work(items: Sequence[Item]) -> Sequence[Outcome]:
        done.extend(item.number for item in items)
        return [None] * len(items)

    async def put() -> None:
        await asyncio.gather(*(groups.put(Item(number), 1) for number in range(50)))

    groups = CommitGroups(work)
    groups.stop()  # before anything was put in
    asyncio.run(put())
    groups.stop()
    groups.stop()
    assert sorted(done) == list(range(50))


def test_a_caller_who_has_gone_harms_nobody() -> None:
    work = Work()
    groups = CommitGroups(work)

    async def put() -> Outcome:
        gone = asyncio.create_task(groups.put(Item(1), 1))
        await asyncio.to_thread(work.has_begun.wait, 10)
        stays = asyncio.create_task(groups.put(Item(2), 1))
        gone.cancel()
        work.may_go_on.set()
        return await stays

    assert asyncio.run(put()) is None
    groups.stop()
    assert work.groups == [[1], [2]]
