"""The README keeps its word: its console blocks run, its commands exist, its exit statuses are the real ones."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from wacli.cli.app import ENTRIES
from wacli.cli.exits import MEANINGS

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
CONSOLE = [
    line[2:] for kind, text in BLOCKS if kind == "console" for line in text.splitlines() if line.startswith("$ ")
]
ENDS_WITH = {"wacli -p demo can Agus --template order_ready": 10}


def test_the_console_blocks_run_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # the demo's store goes where stores go, but not to ours
    front = FrontDoor(tmp_path, now=datetime.now(UTC), environment={"WACLI_DB": ""})
    assert len(CONSOLE) > 8
    for line in CONSOLE:
        program, *argv = shlex.split(line)
        assert program == "wacli"
        outcome = front(*argv)
        assert outcome.status == ENDS_WITH.get(line, 0), f"{line}\n{outcome.out}\n{outcome.err}"
        assert outcome.out, f"{line} says nothing"


CODE = [text for kind, text in BLOCKS if kind in ("console", "sh")] + re.findall(r"`([^`\n]+)`", README)
_CALL = re.compile(r"(?:^|[|&$] )wacli (?:-p \w+ )?([a-z][a-z-]*)\b", re.MULTILINE)
NAMED = {name for text in CODE for name in _CALL.findall(text)}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_command_it_names_exists(name: str) -> None:
    assert name in {entry.name for entry in ENTRIES}


def test_its_exit_statuses_are_the_real_ones() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", README, re.MULTILINE))
    for status, meaning in MEANINGS.items():
        if str(int(status)) in rows and int(status) != 20:
            assert rows[str(int(status))] == meaning


def test_the_test_command_is_the_one_the_gate_runs() -> None:
    assert re.search(r"<!-- ci: test -->\n```sh\n.+pip install -e '\.\[test\]'.+pytest -n auto\n```", README)
