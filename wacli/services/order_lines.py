"""Recipients on standard input: one JSON object a line, `{"who": "Sari", "values": {"order": "A-17"}}`.

Every line is read before the first message goes out, and each gets its result. A line that cannot be read is told with
its number and does not hold the others up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

from .sending import Failed

_KEYS = ("who", "values")
_LONGEST = 100_000  # bytes of one line: no template takes as much


# Numbers stay as they are written: an order number 0017 or an amount 10.50 must not change.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


class OrderLine(NamedTuple):
    """One line: whom to write to and with which values. `number` counts from 1."""

    number: int
    who: str
    values: Mapping[str, str]


def read_lines(lines: Iterable[bytes]) -> Iterator[OrderLine | Failed]:
    """The lines in their order; empty ones fall out, unreadable ones become `Failed` (`bad-line`)."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            yield _read(number, raw)
        except Invalid as problem:
            shown = raw[:60].decode("utf-8", "replace").strip()
            yield Failed(shown, problem, number)


def _read(number: int, raw: bytes) -> OrderLine:
    if len(raw) > _LONGEST:
        raise _bad(t("it is longer than any message"))
    try:
        read = _DECODER.decode(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _bad(t("it is not a JSON object")) from None
    if not isinstance(read, dict):
        raise _bad(t("it is not a JSON object"))
    extra = [str(key) for key in read if key not in _KEYS]
    if extra:
        raise _bad(t("it has unknown keys: {keys}", keys=", ".join(extra)))
    who, values = read.get("who"), read.get("values", {})
    if not isinstance(who, str) or not who.strip():
        raise _bad(t("it does not say who"))
    if not isinstance(values, dict):
        raise _bad(t("its values are not an object"))
    wrong = [key for key, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise _bad(t("these values are neither text nor numbers: {keys}", keys=", ".join(wrong)))
    return OrderLine(number, who.strip(), values)


def _bad(why: Text) -> Invalid:
    return Invalid(
        "bad-line", why, t("Write one object a line: {example}", example='{"who": "Sari", "values": {"order": "A-17"}}')
    )
