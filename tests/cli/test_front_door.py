"""Usage, global options and exit statuses, as COMMANDS.md promises them."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from wacli import __version__
from wacli.cli.context import process_context
from wacli.cli.exits import MEANINGS, ExitStatus
from wacli.cli.session import Session
from wacli.domain.problem import Problem
from wacli.domain.text import t


def test_version_and_help_without_a_command(wacli: FrontDoor) -> None:
    done = subprocess.run([sys.executable, "-m", "wacli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"wacli {__version__}\n"
    front = wacli()
    assert front.status == 0
    assert "wacli threads" in front.out
    assert wacli("--help").out == front.out


def test_global_options_stand_before_or_after(wacli: FrontDoor) -> None:
    before, after = wacli("--json", "profiles", "list"), wacli("profiles", "list", "--json")
    between = wacli("profiles", "--json", "list")
    assert before.out == after.out == between.out == "[]\n"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("thraeds",), "no-such-command"),
        (("profiles", "lst"), "no-such-command"),
        (("config", "get"), "missing"),
        (("config", "list", "--jsn"), "no-such-option"),
        (("config", "list", "--limit", "many"), "bad-value"),
        (("config", "list", "--limit", "-1"), "bad-option"),
        (("config", "list", "--color", "pink"), "bad-option"),
        (("config", "list", "--fields", "colour"), "unknown-field"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(wacli: FrontDoor, argv: tuple[str, ...], code: str) -> None:
    as_text = wacli(*argv)
    assert as_text.status == ExitStatus.USAGE
    assert as_text.out == ""
    assert as_text.err.startswith("wacli: ")
    assert as_text.err.count("\n") == 1
    as_json = wacli("--json", *argv)
    assert as_json.error["code"] == code
    assert set(as_json.error) >= {"code", "message", "hint"}


def test_a_near_miss_is_suggested(wacli: FrontDoor) -> None:
    assert "wacli threads" in wacli("thraeds").err
    assert "--json" in wacli("config", "list", "--jsn").err


def test_a_question_ends_as_one(tmp_path: Path) -> None:
    err, environment = StringIO(), {"WACLI_CONFIG": str(tmp_path), "LANG": "en_US.UTF-8"}
    session = Session(process_context()._replace(err=err, environment=environment, out_is_terminal=False))
    session.report(Problem("x", t("is this computer online?"), t("Look")))
    session.report(Problem("x", t("It is wrong"), None))
    assert err.getvalue() == "wacli: is this computer online? Look\nwacli: It is wrong.\n"


def test_every_exit_status_is_explained(wacli: FrontDoor) -> None:
    assert set(MEANINGS) == set(ExitStatus)
    rows = wacli("help", "exit-codes", "--json").json
    assert [int(row["name"]) for row in rows] == [int(status) for status in ExitStatus]
    assert wacli("help", "nonsense").status == ExitStatus.NOT_FOUND
