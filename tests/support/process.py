"""Runs wacli as the user's shell does: a process of its own, with its own streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """What a process left behind."""

    status: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of an empty machine whose files are all below `folder`; nothing of the developer's own."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(_ROOT),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "WACLI_CONFIG": str(folder / "config"),
        "WACLI_DB": str(folder / "shop.db"),
        **more,
    }


def command(*argv: str) -> list[str]:
    """`wacli ARGV` with this interpreter."""
    return [sys.executable, "-m", "wacli", *argv]


def start(folder: Path, *argv: str, **more: str) -> subprocess.Popen[bytes]:
    """A running `wacli ARGV`; the caller ends it."""
    return subprocess.Popen(
        command(*argv),
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wacli(folder: Path, *argv: str, stdin: bytes = b"", **more: str) -> Ended:
    """Runs `wacli ARGV` to its end."""
    ended = subprocess.run(
        command(*argv), cwd=folder, env=environment(folder, **more), input=stdin, capture_output=True, timeout=60
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode())
