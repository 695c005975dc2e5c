"""Runs a command line through `wacli.cli.app.run` in this process, with streams, environment and clock of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wacli.cli.app import run
from wacli.cli.context import Context

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """What a command line left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error object on stderr."""
        return json.loads(self.err.splitlines()[-1])["error"]


@dataclass
class FrontDoor:
    """A machine with nothing on it but a folder: its own configuration and store."""

    folder: Path
    now: datetime = NOW
    environment: dict[str, str] = field(default_factory=dict)
    is_terminal: bool = False
    can_ask: bool = False  # somebody types at that terminal: what `stdin` holds
    width: int = 80

    def __call__(self, *argv: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Outcome:
        """Runs `wacli ARGV`."""
        out, err, typed = io.StringIO(), io.StringIO(), io.BytesIO(stdin)
        context = Context(
            out=out,
            err=err,
            stdin=lambda: typed,
            environment={
                "WACLI_CONFIG": str(self.folder / "config"),
                "WACLI_DB": str(self.folder / "shop.db"),
                "LANG": "en_US.UTF-8",
                **self.environment,
                **(environment or {}),
            },
            now=lambda: self.now,
            out_is_terminal=self.is_terminal,
            err_is_terminal=self.is_terminal,
            in_is_terminal=self.can_ask,
            width=self.width,
        )
        status = run(list(argv), context)
        return Outcome(int(status), out.getvalue(), err.getvalue())
