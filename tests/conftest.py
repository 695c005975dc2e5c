"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.front_door import FrontDoor

for name in ("GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
    os.environ.pop(name, None)  # typer and rich look at these by themselves
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never the developer's own keyring


def in_memory() -> str | None:
    """A folder in memory for the stores of the tests, where there is one with room and programs may run from it.

    Thousands of them wait for no disk then; SIGKILL does not care, and no test pulls the plug.
    """
    memory = Path("/dev/shm")
    if not memory.is_dir() or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return None
    return str(memory) if shutil.disk_usage(memory).free > _ROOM_BYTES else None


_ROOM_BYTES = 2 << 30
if "TMPDIR" not in os.environ and (folder := in_memory()) is not None:
    os.environ["TMPDIR"] = tempfile.tempdir = folder  # of this process, and of those that it starts


# A loaded machine is slow at making examples; that is no fault of ours, and no test here is about time.
settings.register_profile("wacli", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wacli")


if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Started in the background of a shell, this process ignores Ctrl-C and so would every child; some tests press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def wacli(tmp_path: Path) -> FrontDoor:
    """The front door of an empty machine, piped."""
    return FrontDoor(tmp_path)


@pytest.fixture
def terminal(tmp_path: Path) -> FrontDoor:
    """The same machine with somebody sitting at an 80-column terminal."""
    return FrontDoor(tmp_path, is_terminal=True, environment={"NO_COLOR": "1"})
