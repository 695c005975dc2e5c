"""The watch: what makes it look again, what it calls a change, when it warns. Its clock is ours, and nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.events import message
from tests.support.store import apply_events
from wacli.domain.identity import Party
from wacli.domain.message import Direction
from wacli.ratecards.shelf import shelf
from wacli.services.prices import Prices
from wacli.services.watch import FRESH_FOR, LOOK_AT_LEAST_EVERY, ChangeKind, Heard, Snapshot, View, Wishes, watch
from wacli.store.database import open_store
from wacli.store.threads import BoardQuery, Sort, Which
from wacli.store.watched import Watched

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
SARI, BUDI = Party(phone="6281355500101", name="Sari"), Party(phone="6281355500303", name="Budi")


class Day:
    """A watch whose every pause is a step of a script; the clock goes on by what the step says, else by the pause."""

    def __init__(self, folder: Path, wishes: Wishes | None = None) -> None:
        self.path = folder / "shop.db"
        self.now = NOON
        self.wishes = wishes or Wishes(BoardQuery(), 30 * MINUTE)
        self.script: list[Callable[[], Heard | None]] = []
        self.pauses = 0

    def pause(self, seconds: float) -> Heard:
        self.pauses += 1
        if not self.script:
            return Heard.STOP
        before = self.now
        heard = self.script.pop(0)()
        if self.now == before:
            self.now += timedelta(seconds=seconds)
        return heard or Heard.NOTHING

    def go(self, span: timedelta) -> None:
        self.now += span

    def says(self, who: Party, text: str = "halo", *, ago: timedelta = timedelta(0), back: bool = False) -> None:
        """A message, committed by another connection."""
        at = int((self.now - ago).timestamp())
        direction = Direction.OUTBOUND if back else Direction.INBOUND
        with open_store(self.path, create=True) as store:
            apply_events(store, [message(f"{text}{at}{who.phone}", at, party=who, text=text, direction=direction)])

    def watch(self, redraw_at: Callable[[Snapshot], datetime | None] = lambda _: None) -> Iterator[Snapshot]:
        watched = Watched(self.path)
        view = View(Prices(shelf(None), "USD", UTC))
        try:
            yield from watch(watched, view, lambda: self.wishes, lambda: self.now, self.pause, redraw_at)
        finally:
            watched.close()

    def told(self) -> list[list[tuple[str, str | None]]]:
        """Kinds and names of each snapshot's changes."""
        return [[(one.kind.value, one.line.row.name) for one in snapshot.changes] for snapshot in self.watch()]


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def test_the_first_snapshot_is_what_is_there(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    (snapshot,) = day.watch()
    assert [(one.kind, one.line.row.name) for one in snapshot.changes] == [(ChangeKind.PRESENT, "Sari")]
    assert (snapshot.at, snapshot.open_count, snapshot.waiting_count, snapshot.closing_count) == (NOON, 1, 1, 0)


def test_nothing_is_looked_at_while_nothing_happens(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    day.script = [lambda: None] * 100  # ten seconds
    assert len(list(day.watch())) == 1
    assert day.pauses == 101


def test_a_commit_of_another_connection_is_a_change(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    day.script = [
        lambda: day.says(BUDI, "baru"),
        lambda: None,
        lambda: day.says(SARI, "lagi"),
        lambda: day.says(SARI, "siap", ago=-SECOND, back=True),
    ]
    assert day.told() == [
        [("present", "Sari")],
        [("new", "Budi")],
        [("message", "Sari")],
        [("updated", "Sari")],
    ]


def test_a_window_closes_by_itself_and_warns_once_before(day: Day) -> None:
    day.says(SARI, ago=23 * HOUR)
    day.script = [
        lambda: day.go(29 * MINUTE),
        lambda: day.go(59 * SECOND),
        lambda: day.go(SECOND),  # half an hour left: the alarm
        lambda: day.go(LOOK_AT_LEAST_EVERY),
        lambda: day.go(HOUR - (day.now - NOON)),
    ]
    assert day.told() == [[("present", "Sari")], [], [], [("closing", "Sari")], [], [("closed", "Sari")]]


def test_the_alarm_is_of_the_window_not_of_the_thread(day: Day) -> None:
    day.says(SARI, ago=24 * HOUR - 10 * MINUTE)
    first, *_ = day.watch()
    assert [line.row.name for line in first.alarms] == ["Sari"]  # late is better than never
    day.script = [lambda: day.says(SARI, "masih?"), lambda: day.go(24 * HOUR - 5 * MINUTE)]
    snapshots = list(day.watch())
    assert [len(snapshot.alarms) for snapshot in snapshots] == [1, 0, 1]


def test_nobody_is_warned_about_who_has_an_answer(day: Day) -> None:
    day.says(SARI, ago=24 * HOUR - 10 * MINUTE)
    day.says(SARI, "siap", back=True)
    (snapshot,) = day.watch()
    assert snapshot.alarms == ()
    assert snapshot.closing_count == 0


def test_alarms_do_not_depend_on_what_fits_the_screen(tmp_path: Path) -> None:
    day = Day(tmp_path, Wishes(BoardQuery(sort=Sort.RECENT, limit=1), 30 * MINUTE))
    day.says(BUDI, ago=23 * HOUR + 40 * MINUTE)
    day.says(SARI, ago=HOUR)
    (snapshot,) = day.watch()
    assert [line.row.name for line in snapshot.board.lines] == ["Sari"]
    assert [line.row.name for line in snapshot.alarms] == ["Budi"]


def test_new_messages_stand_on_top_and_only_once(tmp_path: Path) -> None:
    day = Day(tmp_path, Wishes(BoardQuery(limit=2), 30 * MINUTE, fresh_count=1))
    day.says(SARI, ago=MINUTE)
    day.says(BUDI, ago=3 * HOUR)
    day.says(Party(phone="628111", name="Dewi"), ago=2 * HOUR)
    day.script = [lambda: day.go(FRESH_FOR)]
    first, later = day.watch()
    assert ([line.row.name for line in first.fresh], [line.row.name for line in first.board.lines]) == (
        ["Sari"],
        ["Budi"],
    )
    assert first.board.more_count == 1
    assert [line.row.name for line in later.lines] == ["Budi", "Dewi"]
    assert later.board.more_count == 1


def test_a_thread_leaves_the_board(tmp_path: Path) -> None:
    day = Day(tmp_path, Wishes(BoardQuery(is_unanswered=True), 30 * MINUTE))
    day.says(SARI, ago=HOUR)
    day.script = [lambda: day.says(SARI, "siap", back=True)]
    assert day.told() == [[("present", "Sari")], [("gone", "Sari")]]


def test_closed_windows_have_no_alarms(tmp_path: Path) -> None:
    day = Day(tmp_path, Wishes(BoardQuery(which=Which.CLOSED), 30 * MINUTE, fresh_count=3))
    day.says(SARI, ago=24 * HOUR - MINUTE)
    day.says(BUDI, ago=30 * HOUR)
    (snapshot,) = day.watch()
    assert [line.row.name for line in snapshot.lines] == ["Budi"]
    assert snapshot.alarms == ()


def test_a_store_may_come_later_and_may_be_replaced(day: Day) -> None:
    def replace() -> None:
        day.path.rename(day.path.with_suffix(".old"))
        for suffix in ("-wal", "-shm"):
            Path(f"{day.path}{suffix}").unlink(missing_ok=True)
        day.says(BUDI, ago=HOUR)

    day.script = [lambda: None, lambda: day.says(SARI, ago=HOUR), replace]
    watcher = day.watch()
    assert not next(watcher).store_is_there
    assert [(one.kind, one.line.row.name) for one in next(watcher).changes] == [("new", "Sari")]
    assert {(one.kind, one.line.row.name) for one in next(watcher).changes} >= {("new", "Budi")}


def test_a_wish_to_look_again_is_a_snapshot(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    day.script = [lambda: None, lambda: Heard.LOOK]
    assert day.told() == [[("present", "Sari")], []]


def test_the_picture_moves_between_the_looks(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    day.script = [lambda: day.go(SECOND), lambda: day.go(SECOND)]
    seen = list(day.watch(lambda snapshot: snapshot.at + SECOND))
    assert [snapshot.at - NOON for snapshot in seen] == [0 * SECOND, SECOND, 2 * SECOND]
    assert [snapshot.lines for snapshot in seen] == [seen[0].lines] * 3


def test_a_clock_set_back_is_noticed(day: Day) -> None:
    day.says(SARI, ago=HOUR)
    day.script = [lambda: day.go(-10 * MINUTE)]
    assert [snapshot.at - NOON for snapshot in day.watch()] == [0 * SECOND, -10 * MINUTE]
