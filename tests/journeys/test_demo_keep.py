"""`wacli demo --keep`: the shop that stays, whatever else runs on this machine."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from wacli.cli.commands.demo import SANDBOX_PORT


def test_a_taken_port_is_no_hindrance_and_the_profile_knows_the_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with socket.socket() as other:
        with contextlib.suppress(OSError):  # somebody's real sandbox: just as taken
            other.bind(("127.0.0.1", SANDBOX_PORT))
            other.listen()
        wacli = FrontDoor(tmp_path, environment={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")})
        assert wacli("demo", "--keep").status == 0
        base = wacli("-p", "demo", "profiles", "show", "demo", "--json").json["api_base"]
    assert base.startswith("http://127.0.0.1:")
    assert not base.endswith(f":{SANDBOX_PORT}")
    assert list((tmp_path / "data").rglob("demo.db"))


def test_once_more_is_a_new_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    wacli = FrontDoor(tmp_path, environment={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")})
    for _ in range(3):
        shown = wacli("demo", "--keep")
        assert (shown.status, shown.err) == (0, "")
        names = [row["name"] for row in wacli("-p", "demo", "threads", "--all", "--json").json]
        assert sorted(names) == sorted(set(names))


def test_the_story_breaks_between_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    wacli = FrontDoor(tmp_path, is_terminal=True, environment={"HOME": str(tmp_path), "NO_COLOR": "1"})
    told = wacli("demo").out
    assert "\n3. Answer Budi, who came through an ad: from now on everything to him is free\nfor days.\n" in told
