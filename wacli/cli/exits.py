"""Exit statuses: stable, tested, printed by `wacli help exit-codes` (design: COMMANDS.md, "Exit statuses")."""

from __future__ import annotations

from enum import IntEnum

from wacli.domain.problem import Invalid, NotFound, Problem, Refused, Remote, Unavailable
from wacli.domain.text import mark


class ExitStatus(IntEnum):
    """What a process ends with. Verdict commands use 10-12 as answers."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    REMOTE = 5
    LATER = 6
    PARTLY = 7
    COSTS = 10
    TEMPLATE_ONLY = 11
    BLOCKED = 12
    THRESHOLD = 20
    INTERRUPTED = 130


MEANINGS: dict[ExitStatus, str] = {
    ExitStatus.DONE: mark("done; also “nothing to show”; for `can`: permitted and free"),
    ExitStatus.FAILED: mark(
        "unexpected failure; for `doctor`: something has to be put right; for a send: nobody knows whether it went out"
    ),
    ExitStatus.USAGE: mark("wrong usage"),
    ExitStatus.NOT_FOUND: mark("not found, or ambiguous"),
    ExitStatus.REFUSED: mark(
        "refused by a rule (window closed, no opt-in, over the cost limit, no rate card for that day)"
    ),
    ExitStatus.REMOTE: mark("the API said no"),
    ExitStatus.LATER: mark("try again later (network, throttled, locked)"),
    ExitStatus.PARTLY: mark("partly done"),
    ExitStatus.COSTS: mark("`can`: permitted, costs money"),
    ExitStatus.TEMPLATE_ONLY: mark("`can`: template only"),
    ExitStatus.BLOCKED: mark("`can`: blocked"),
    ExitStatus.THRESHOLD: mark("a threshold was reached (`--exit-code` on threads, today, spend, allowance)"),
    ExitStatus.INTERRUPTED: mark("interrupted"),
}

_BY_FAMILY: tuple[tuple[type[Problem], ExitStatus], ...] = (
    (Invalid, ExitStatus.USAGE),
    (NotFound, ExitStatus.NOT_FOUND),
    (Refused, ExitStatus.REFUSED),
    (Remote, ExitStatus.REMOTE),
    (Unavailable, ExitStatus.LATER),
)


def status_of(problem: Problem) -> ExitStatus:
    """The exit status of a problem's family."""
    return next((status for family, status in _BY_FAMILY if isinstance(problem, family)), ExitStatus.FAILED)
