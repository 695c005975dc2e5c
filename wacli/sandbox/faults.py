"""Faults on demand: what the network and the API do to a client on a bad day.

A queue: each matching request takes the first fault that fits it. `after_acceptance` decides whether the request did
its work before the fault struck, which is all the difference for a client that may not send twice. The list of
things to try: issue 4 of this project and facts cloud-api.md section 6 (retry rules).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .failures import Refusal

KINDS = {
    "timeout": "no answer for `seconds`, then the connection is dropped",
    "reset": "the connection is reset",
    "bare": "HTTP status `http` (default 502) without a body",
    "error": "Meta's error `code`; the request is refused unless after_acceptance",
    "slow": "the true answer, `seconds` late",
    "garbage": "status 200 with something that is not JSON",
    "truncated": "the true answer, cut in the middle",
    "webhook-first": "the message's webhooks are delivered before the answer",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `path` is a part of the request's path; `times` requests are hit; `seconds` are real seconds."""

    kind: str
    after_acceptance: bool = False
    path: str = "/messages"
    method: str = "POST"
    times: int = 1
    seconds: float = 30.0
    http: int | None = None
    code: int = 131000

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")
        if self.times < 1 or self.seconds < 0:
            raise ValueError("a fault strikes at least once and waits no negative time")

    def as_json(self) -> dict[str, object]:
        """For the control endpoint."""
        return {key: getattr(self, key) for key in _FIELDS}


_FIELDS: dict[str, type] = {
    "kind": str, "after_acceptance": bool, "path": str, "method": str, "times": int, "seconds": float, "http": int,
    "code": int,
}  # fmt: skip


def fault_from(given: Mapping[str, object]) -> Fault:
    """A fault from JSON; strict. Raises Refusal 100."""
    values: dict[str, object] = {}
    for key, value in given.items():
        wanted = _FIELDS.get(key)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if wanted is None or type(value) is not wanted:
            raise Refusal(100, f"A fault has no field {key!r} with the value {value!r}; it has {', '.join(_FIELDS)}.")
        values[key] = value
    if "kind" not in values:
        raise Refusal(100, f"A fault needs a kind: {', '.join(KINDS)}.")
    try:
        return Fault(**values)  # type: ignore[arg-type]
    except ValueError as why:
        raise Refusal(100, str(why)) from None


class FaultQueue:
    """First in, first struck; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.struck: list[Fault] = []

    def push(self, fault: Fault) -> None:
        """Add one at the end."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that fits this request, used up once; None when there is none."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.method == method and fault.path in path:
                    if fault.times > 1:
                        self._waiting[place] = replace(fault, times=fault.times - 1)
                    else:
                        del self._waiting[place]
                    self.struck.append(replace(fault, times=1))
                    return fault
        return None

    def waiting(self) -> list[Fault]:
        """What has not struck yet."""
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        """Forget what has not struck yet."""
        with self._lock:
            self._waiting.clear()
