"""Kills a send at every line of the code that sends: a process that forks one child for each step.

    python -m tests.support.kill_walk

One JSON object a line comes in: `{"folder": ..., "step": n, "argv": [...]}`. A child runs the command line in a copy
of the machine that `folder` holds, and kills itself with SIGKILL right before the n-th step; a step is a line that it
meets for the first time in one of the walked modules once a message is being delivered. The answer is
`{"at": "module:line"}`, or `{"at": null}` when the command came to its end before so many steps.

The parent of the children holds no thread, socket or store of its own, so a fork is a whole process in a few
milliseconds instead of an interpreter's start.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import wacli.cli.commands.outbox
import wacli.cli.commands.send
import wacli.cloudapi.client
import wacli.cloudapi.failures
import wacli.cloudapi.outgoing
import wacli.cloudapi.whole_sends
import wacli.services.delivery_run
import wacli.store.intake
from tests.support.front_door import FrontDoor

_PACKAGE = Path(wacli.__file__).parent
_WALKED = frozenset(
    str(_PACKAGE / name)
    for name in (
        "services/send_run.py",
        "services/delivery_run.py",
        "services/delivery.py",
        "services/lanes.py",
        "services/pace.py",
        "store/outbox_writer.py",
        "store/outbox.py",
        "store/lease.py",
        "store/database.py",
        "store/message_rows.py",
        "store/settle.py",
        "cloudapi/client.py",
        "cloudapi/transport.py",
        "cloudapi/whole_sends.py",
    )
)


class _Walk:
    """Counts lines from the moment a message is being delivered, and kills this process at one of them."""

    def __init__(self, step: int, note: Path) -> None:
        self._left = step
        self._note = note
        self._seen: set[tuple[str, int]] = set()
        self._is_on = False

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in _WALKED:
            return None
        if frame.f_code.co_name == "deliver_run":
            self._is_on = True
        if event == "line" and self._is_on and (file, frame.f_lineno) not in self._seen:
            self._seen.add((file, frame.f_lineno))
            self._left -= 1
            if not self._left:
                self._note.write_text(f"{Path(file).relative_to(_PACKAGE)}:{frame.f_lineno}")
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def _child(folder: Path, step: int, argv: list[str], token: str) -> None:
    door = FrontDoor(folder, environment={"WACLI_TOKEN": token})
    walk = _Walk(step, folder / "killed-at")
    threading.settrace(walk)  # the lanes of a run
    sys.settrace(walk)
    outcome = door(*argv)
    sys.settrace(None)
    if outcome.status:
        sys.stderr.write(outcome.err)
    os._exit(outcome.status)


def _warm_up(folder: Path, argv: list[str]) -> None:
    """A dry run, so that no child has to import and read again what all of them need."""
    with TemporaryDirectory() as copy:
        machine = Path(shutil.copytree(folder, Path(copy) / "machine"))
        assert FrontDoor(machine)(*argv, "--dry-run").status == 0


def main() -> None:
    """Answers until its input ends."""
    is_warm = False
    for line in sys.stdin:
        asked = json.loads(line)
        folder = Path(asked["folder"])
        if not is_warm:
            _warm_up(folder, asked["argv"])
            gc.collect()
            gc.freeze()  # nor to look through what will never be garbage
            is_warm = True
        child = os.fork()
        if not child:
            try:
                _child(folder, asked["step"], asked["argv"], asked["token"])
            finally:
                os._exit(70)
        _, ended = os.waitpid(child, 0)
        told: dict[str, object] = {"at": None, "status": None}
        if os.WIFSIGNALED(ended):
            told["at"] = (folder / "killed-at").read_text()
        else:
            told["status"] = os.WEXITSTATUS(ended)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
