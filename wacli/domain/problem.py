"""What can go wrong, in words a person can act on.

A `Problem` says what happened and to what (`message`), and what to type next (`hint`). Its family decides the exit
status (see `wacli.cli.exits`); its `code` is stable, never translated, and meant for scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .text import Text

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Problem(Exception):
    """Anything that ends a command early. Raise one of the families below, not this."""

    def __init__(
        self, code: str, message: Text, hint: Text | None = None, details: Mapping[str, object] = _NOTHING
    ) -> None:
        """`code` is kebab-case; `details` is data for `--json` and `--debug` (never a secret)."""
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details

    def __reduce__(self) -> tuple[type[Problem], tuple[object, ...]]:
        """A problem can be told to another process."""
        return type(self), (self.code, self.message, self.hint, dict(self.details))

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(Problem):
    """What was typed or given cannot be understood."""


class NotFound(Problem):
    """Nothing, or more than one thing, answers to that name."""


class Refused(Problem):
    """A rule forbids it; nothing was sent or changed."""


class Remote(Problem):
    """The API understood and said no."""


class Unavailable(Problem):
    """Try again later: network, throttling, a locked store."""
