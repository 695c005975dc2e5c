"""One table of a scenario file, read strictly: every key is asked for, none may be left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

NOTHING: Any = object()  # the default of a key that must be there
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SPAN = re.compile(r"(?:\d{1,6}(?:\.\d{1,3})?(?:ms|s|m|h|d))+")
_SPAN_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h|d)")


def read_span(text: str) -> timedelta | None:
    """`90s`, `2h`, `1h30m`, `3d`, `400ms`; None for anything else."""
    compact = text.strip().lower().replace(" ", "")
    if not _SPAN.fullmatch(compact):
        return None
    return timedelta(seconds=sum(float(amount) * _UNITS[unit] for amount, unit in _SPAN_PART.findall(compact)))


class Table:
    """One table of the file. Take each key, then `close`: what is left over is a mistake."""

    def __init__(self, table: Mapping[str, Any], file: str, path: str) -> None:
        self._left, self._file, self._path = dict(table), file, path

    def refused(self, key: str, why: Text) -> Invalid:
        """The problem with this key of the table."""
        return refused(self._file, ".".join(part for part in (self._path, key) if part), why)

    def has(self, key: str) -> bool:
        """True when the key is there and was not taken."""
        return key in self._left

    def take(self, key: str, default: Any = NOTHING) -> Any:
        """The raw value. Raises Invalid for a missing one without a default."""
        if key not in self._left and default is NOTHING:
            raise self.refused(key, t("is missing"))
        return self._left.pop(key, default)

    def text(self, key: str, default: Any = NOTHING) -> Any:
        """A string that is not empty."""
        value = self.take(key, default)
        if value is not default and (not isinstance(value, str) or not value.strip()):
            raise self.refused(key, t("must be a text"))
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.refused(key, t("must be true or false"))
        return value

    def whole(self, key: str, default: Any, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        value = self.take(key, default)
        if value is default:
            return None if default is None else int(default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refused(key, t("must be a whole number from {least} to {most}", least=least, most=most))
        return value

    def number(self, key: str, default: float | None, least: float, most: float) -> float | None:
        """A number from `least` to `most`."""
        value = self.take(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.refused(key, t("must be a number from {least} to {most}", least=f"{least:g}", most=f"{most:g}"))
        return float(value)

    def span(self, key: str, default: timedelta | None) -> timedelta | None:
        """A length of time; the word `never` is None."""
        if key not in self._left:
            return default
        value = self.take(key)
        if value == "never":
            return None
        found = read_span(value) if isinstance(value, str) else None
        if found is None:
            raise self.refused(key, t("must be a length of time such as 20s, 5m or 2h"))
        return found

    def instant(self, key: str) -> datetime | None:
        """An instant with its time zone, or None."""
        value = self.take(key, None)
        if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
            raise self.refused(key, t("must be an instant with its time zone: 2026-11-22T08:00:00+07:00"))
        return value

    def table(self, key: str) -> Table:
        """A table inside, empty when it is not there."""
        return self._inner(self.take(key, {}), f"{self._path}.{key}" if self._path else key)

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        value = self.take(key, [])
        if not isinstance(value, list):
            raise self.refused(key, t("must be a list of tables"))
        path = f"{self._path}.{key}" if self._path else key
        return [self._inner(one, f"{path}[{place}]") for place, one in enumerate(value)]

    def rest(self) -> dict[str, object]:
        """Everything that was not taken, for somebody else to read strictly."""
        left, self._left = self._left, {}
        return left

    def close(self) -> None:
        """Refuses what was not taken."""
        for key in self._left:
            raise self.refused(key, t("nobody knows this key"))

    def _inner(self, value: object, path: str) -> Table:
        if not isinstance(value, dict):
            raise refused(self._file, path, t("must be a table"))
        return Table(value, self._file, path)


def refused(file: str, key: str, why: Text) -> Invalid:
    """The problem of a mistake in a file (code `bad-scenario`)."""
    return Invalid(
        "bad-scenario",
        t("{file}: {key}: {why}", file=file, key=key, why=why),
        t("See an example: wacli sandbox --example"),
        {"file": file, "key": key},
    )
