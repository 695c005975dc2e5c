"""The tables as they were found good, at 80 and 120 columns (see tests/support/golden.py for how to renew them)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.golden import check_golden

USUAL = ("--to", "ID", "--marketing", "1000", "--utility", "500", "--service", "3000")
SCREENS = {
    "estimate-usual": ("estimate", *USUAL, "--on", "2026-11-22"),
    "estimate-compare": (
        "estimate", *USUAL, "--on", "2026-11-22", "--compare", "2026-09-30", "--compare", "2018-09-01",
        "--what-if", "service=+50%", "--what-if", "in-window=100%, numbers=3", "--fee", "Twilio=0.005",
        "--tax", "PPN=11%", "--fx", "USD:IDR=16500",
    ),
    "estimate-markets": (
        "estimate", "--on", "2026-11-22", "--to", "DE", "--service", "2000", "--line", "ID,utility,500",
        "--line", "Ukraine,authentication,2000", "--line", "IN,authentication-international,5000",
        "--line", "LT,marketing,10", "--from-ads", "10%",
    ),
    "estimate-tiers": ("estimate", "--on", "2026-04-01", "--to", "ID", "--utility", "1000000"),
    "estimate-2018": ("estimate", "--on", "2018-09-01", *USUAL),
    "rates-list": ("rates", "list", "--currency", "USD"),
    "rates-show": ("rates", "show", "ID", "--on", "2026-11-22"),
    "rates-show-tiers": ("rates", "show", "ID", "--on", "2026-04-01"),
    "rates-diff": ("rates", "diff", "2026-07-01", "2026-10-01"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("width", [80, 120])
def test_screens(tmp_path: Path, name: str, width: int) -> None:
    door = FrontDoor(tmp_path, is_terminal=True, environment={"NO_COLOR": "1"}, width=width)
    outcome = door(*SCREENS[name])
    assert (outcome.status, outcome.err) == (0, "")
    assert max(len(line.rstrip()) for line in outcome.out.splitlines()) <= width
    assert "…" not in outcome.out
    check_golden(f"{name}-{width}", outcome.out)


def test_no_figure_is_cut_off_even_with_millions(terminal: FrontDoor) -> None:
    outcome = terminal(
        "estimate", "--on", "2026-11-22", "--line", "ID,utility,1000000", "--line", "UA,authentication,2000000",
        "--line", "AO,marketing,10", "--line", "IN,authentication-international,5000", "--line", "DE,service,2000",
        "--from-ads", "10%", "--numbers", "2",
    )  # fmt: skip
    assert outcome.status == 0
    assert "…" not in outcome.out
    assert max(len(line.rstrip()) for line in outcome.out.splitlines()) <= 80
    for figure in ("1,800,000", "53,640.00", "22,500.00", "0.0298 [2]"):
        assert figure in outcome.out


def test_colour_is_there_when_wished(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path, is_terminal=True)
    assert "\x1b[1m$103.60" in door("estimate", *USUAL, "--on", "2026-11-22").out
    assert "\x1b[" not in door("estimate", *USUAL, "--on", "2026-11-22", "--color", "off").out


def test_it_speaks_indonesian(terminal: FrontDoor) -> None:
    outcome = terminal("estimate", *USUAL, "--on", "2026-11-22", "--lang", "id")
    assert (outcome.status, outcome.err) == (0, "")
    assert "US$103,60" in outcome.out
    assert "0,0411" in outcome.out
