"""Somebody at a terminal who answers wacli's questions, one line each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from tests.support.front_door import FrontDoor, Outcome
from wacli.cli.app import run
from wacli.cli.context import Context


def typed(
    door: FrontDoor, *argv: str, answers: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[Outcome, list[str]]:
    """Runs `wacli ARGV` on a terminal; returns the outcome and the answers that were not asked for."""
    out, err = io.StringIO(), io.StringIO()
    keyboard = io.BytesIO("".join(f"{answer}\n" for answer in answers).encode())
    context = Context(
        out=out,
        err=err,
        stdin=lambda: keyboard,
        environment={
            "WACLI_CONFIG": str(door.folder / "config"),
            "WACLI_DB": str(door.folder / "shop.db"),
            "LANG": "en_US.UTF-8",
            "NO_COLOR": "1",
            **door.environment,
            **(environment or {}),
        },
        now=lambda: door.now,
        out_is_terminal=True,
        err_is_terminal=True,
        in_is_terminal=True,
        width=door.width,
    )
    status = run(list(argv), context)
    left = keyboard.read().decode().splitlines()
    return Outcome(int(status), out.getvalue(), err.getvalue()), left
