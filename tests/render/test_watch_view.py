"""Frames of the live board: what they look like, that they fit any terminal, and when they move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from tests.journeys.test_board import fill
from tests.support.front_door import FrontDoor
from tests.support.golden import check_golden
from tests.support.shop import Shop
from wacli.domain.text import t
from wacli.ratecards.shelf import shelf
from wacli.render.watch_view import Furniture, Size, frame, redraw_at, rows_that_fit
from wacli.render.words import Words
from wacli.services.prices import Prices
from wacli.services.watch import Heard, Snapshot, View, Wishes, watch
from wacli.store.threads import BoardQuery
from wacli.store.watched import Watched

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")
FURNITURE = Furniture("shop", timedelta(minutes=45))


def seen(folder: Path, size: Size, now: datetime = NOW) -> Snapshot:
    """One look at the store."""
    watched = Watched(folder / "shop.db")
    wishes = Wishes(BoardQuery(limit=rows_that_fit(size)), FURNITURE.warn_before, 2)
    looks = watch(
        watched, View(Prices(shelf(None), "USD", ZONE)), lambda: wishes, lambda: now, lambda _: Heard.STOP, redraw_at
    )
    snapshot = next(looks)
    watched.close()
    return snapshot


def text_of(snapshot: Snapshot, size: Size) -> list[str]:
    lines = frame(snapshot, Words("en", ZONE), size, FURNITURE)
    return ["".join(cell.text for cell in line) for line in lines]


@pytest.fixture
def folder(wacli: FrontDoor) -> Path:
    """The seven contacts of the board's tests, and an eighth who wrote a minute ago."""
    shop = Shop(wacli)
    shop.profile(time_zone="Asia/Jakarta")
    fill(shop)
    return wacli.folder


@pytest.mark.parametrize("width", [80, 120])
def test_a_frame_looks_as_somebody_found_it_good(folder: Path, width: int) -> None:
    size = Size(width, 24)
    lines = text_of(seen(folder, size, NOW - timedelta(minutes=9)), size)
    check_golden(f"watch-{width}", "\n".join(lines))


def test_a_frame_fits_every_terminal(folder: Path) -> None:
    for size in (Size(w, h) for w in (8, 20, 39, 59, 60, 80, 99, 100, 200) for h in (2, 7, 11, 12, 30)):
        lines = text_of(seen(folder, size), size)
        assert len(lines) == size.height
        assert {cell_len(line) for line in lines} == {size.width}


def test_an_empty_board_says_so(tmp_path: Path) -> None:
    lines = text_of(seen(tmp_path, Size(80, 24)), Size(80, 24))
    assert any("No messages have come in yet" in line for line in lines)


def test_a_remark_stands_at_the_bottom(folder: Path) -> None:
    size = Size(120, 24)
    lines = frame(seen(folder, size), Words("en", ZONE), size, FURNITURE._replace(remark=t("Hello.")))
    assert lines[-2][0].text.startswith("Hello. Free replies left this month: 1,000 of 1,000.")


def test_the_picture_moves_with_the_minute_and_at_the_end_with_the_second(folder: Path) -> None:
    size = Size(80, 24)
    rina_closes = datetime(2026, 11, 22, 5, 40, tzinfo=UTC)
    snapshot = seen(folder, size, rina_closes - timedelta(minutes=10, seconds=30))
    assert redraw_at(snapshot) - snapshot.at <= timedelta(seconds=30.1)
    snapshot = seen(folder, size, rina_closes - timedelta(minutes=9, seconds=30, milliseconds=400))
    assert timedelta(milliseconds=400) < redraw_at(snapshot) - snapshot.at < timedelta(milliseconds=500)
    assert any("9:30" in line for line in text_of(snapshot, size))
