"""`wacli completion`: what the shell offers at the cursor, asked of a shell where there is one."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.process import environment
from wacli.cli.app import ENTRIES


def completions(folder: Path, line: str) -> list[str]:
    words = line.split(" ")
    done = subprocess.run(
        [sys.executable, "-m", "wacli"],
        env=environment(
            folder, _WACLI_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)
        ),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_verbs_and_options(tmp_path: Path) -> None:
    assert completions(tmp_path, "wacli ") == [entry.name for entry in ENTRIES]
    assert completions(tmp_path, "wacli doct") == ["doctor"]
    assert "list" in completions(tmp_path, "wacli profiles ")
    assert completions(tmp_path, "wacli setup --token-f") == ["--token-file"]
    assert completions(tmp_path, "wacli --prof") == ["--profile"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_in_a_bash(wacli: FrontDoor, tmp_path: Path) -> None:
    program = tmp_path / "wacli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m wacli "$@"\n', "utf-8")
    program.chmod(0o755)
    script = tmp_path / "completion.bash"
    script.write_text(wacli("completion", "bash").out, "utf-8")
    asked = f'. {shlex.quote(str(script))}; COMP_WORDS=(wacli doct) COMP_CWORD=1; _wacli_completion "$1"'
    done = subprocess.run(
        ["bash", "--norc", "-c", f'{asked}; echo "${{COMPREPLY[@]}}"', "bash", str(program)],
        env=environment(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "doctor\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(wacli: FrontDoor, shell: str) -> None:
    outcome = wacli("completion", shell)
    assert outcome.status == 0
    assert f"complete_{shell}" in outcome.out


def test_another_shell_has_none(wacli: FrontDoor) -> None:
    outcome = wacli("completion", "tcsh", "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "no-such-shell")
