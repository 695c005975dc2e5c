"""What an error code of Meta means, for the person who met it in a message, a log or a webhook."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from wacli.cloudapi.failure_codes import ADVICE, PERMISSION_RANGE, Advice, FailureClass, Scope, advice_for
from wacli.cloudapi.failure_codes.sources import source_of
from wacli.domain.problem import NotFound
from wacli.domain.text import Text, t

_NEAR = 3


class Explanation(NamedTuple):
    """One code in plain words. `last_code` is set where a whole range means the same."""

    code: int
    last_code: int | None
    kind: FailureClass
    scope: Scope
    happened: Text
    why: Text
    next: Text
    source: Text


def explain(written: str) -> Explanation:
    """The code as somebody wrote it: `131049`, `#131049`, `(#131049)`, `api-131049`, `100/33`.

    Raises `NotFound` (`no-such-error`) with the codes that look most like it.
    """
    plain = written.strip().strip("()").removeprefix("api-").removeprefix("#").rpartition("/")[2]
    code = int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 12 else None
    advice = None if code is None else advice_for(code)
    if code is None or advice is None:
        raise NotFound(
            "no-such-error",
            t("wacli knows no error {code}", code=written),
            t(
                "The nearest are {codes}; all of them: wacli help error",
                codes=", ".join(str(near) for near in _nearest(plain)),
            ),
        )
    return _explanation(code, None, advice)


def list_explanations() -> list[Explanation]:
    """Every code that wacli knows, in order; the range of permissions as one."""
    rows = [_explanation(code, None, advice) for code, advice in ADVICE.items()]
    first, last = PERMISSION_RANGE[0], PERMISSION_RANGE[-1]
    rows.append(_explanation(first, last, ADVICE.get(first) or _permission()))
    return sorted(rows)


def _permission() -> Advice:
    advice = advice_for(PERMISSION_RANGE[0])
    assert advice is not None  # the table answers for the whole range
    return advice


def _explanation(code: int, last_code: int | None, advice: Advice) -> Explanation:
    return Explanation(
        code, last_code, advice.kind, advice.scope, advice.happened, advice.why, advice.next, source_of(code)
    )


def _nearest(written: str) -> list[int]:
    """By the look of the digits first (a digit too many, two exchanged), then by distance."""
    number = int(written) if written.isascii() and written.isdigit() and len(written) <= 12 else 0

    def unlikeness(code: int) -> tuple[float, int]:
        return -SequenceMatcher(None, written, str(code)).ratio(), abs(code - number)

    return sorted(ADVICE, key=unlikeness)[:_NEAR]
