"""Reading a TOML table strictly: every key is asked for, none may be left over, and a mistake names file and key.

A misspelt key in a price file would otherwise be a wrong price that nobody notices.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

_NO_DEFAULT: Any = object()
_FINEST = Decimal("0.000001")  # money is kept in micro-units


def refuse(file: str, key: str, why: Text) -> NoReturn:
    """Raises `Invalid` (code `bad-rate-file`): this file, this key, this mistake."""
    raise Invalid(
        "bad-rate-file",
        t("{file}: {key}: {why}", file=file, key=key, why=why),
        t("Correct the file, or take it out of the folder"),
        {"file": file, "key": key},
    )


def read_toml(text: str, file: str) -> Section:
    """The top table of a TOML text, numbers as exact decimals. Raises `Invalid` when it is not TOML."""
    import tomllib

    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        refuse(file, "TOML", t("cannot be read: {error}", error=str(error)))
    return Section(table, file, "")


class Section:
    """One table of a file. Take each key, then `close()`; what was not taken is a mistake."""

    def __init__(self, table: dict[str, Any], file: str, path: str) -> None:
        self.file = file
        self.path = path
        self._left = dict(table)

    def name(self, key: str) -> str:
        """The key with the path of its table: `rates[2].marketing`."""
        return f"{self.path}.{key}" if self.path else key

    def take(self, key: str, default: Any = _NO_DEFAULT) -> Any:
        """The raw value of a key; refuses a missing one unless there is a default."""
        if key in self._left:
            return self._left.pop(key)
        if default is _NO_DEFAULT:
            refuse(self.file, self.name(key), t("is missing"))
        return default

    def text(self, key: str, default: Any = _NO_DEFAULT) -> str:
        """A string that is not empty."""
        value = self.take(key, default)
        if value is default:
            return str(value)
        if not isinstance(value, str) or not value.strip():
            refuse(self.file, self.name(key), t("must be a text"))
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: Any = _NO_DEFAULT) -> str:
        """One of the given words."""
        value = self.text(key, default)
        if value not in choices:
            refuse(
                self.file,
                self.name(key),
                t("{value} is not one of {choices}", value=value, choices=", ".join(choices)),
            )
        return value

    def day(self, key: str) -> date:
        """A date without a time, as TOML writes it: 2026-10-01."""
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            refuse(self.file, self.name(key), t("must be a date such as 2026-10-01, without quotes"))
        return value

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            refuse(self.file, self.name(key), t("must be true or false"))
        return value

    def whole(self, key: str, default: Any = _NO_DEFAULT) -> int:
        """A whole number, zero or more."""
        value = self.take(key, default)
        if value is default:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            refuse(self.file, self.name(key), t("must be a whole number, zero or more"))
        return value

    def money(self, key: str) -> Decimal:
        """A figure: a plain decimal number, not negative, no finer than a millionth."""
        value = self.take(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite():
            refuse(self.file, self.name(key), t("{value} is not a decimal number", value=repr(value)))
        if value < 0:
            refuse(self.file, self.name(key), t("{value} is below zero", value=str(value)))
        if value % _FINEST:
            refuse(self.file, self.name(key), t("{value} is finer than a millionth", value=str(value)))
        return value

    def words(self, key: str, choices: frozenset[str] | None = None, default: Any = _NO_DEFAULT) -> tuple[str, ...]:
        """A list of texts, each one of `choices` where given, none twice."""
        value = self.take(key, default)
        if value is default:
            return tuple(value)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            refuse(self.file, self.name(key), t("must be a list of texts"))
        for position, word in enumerate(value):
            if choices is not None and word not in choices:
                refuse(self.file, self.name(key), t("{value} is not known here", value=word))
            if word in value[:position]:
                refuse(self.file, self.name(key), t("{value} stands there twice", value=word))
        return tuple(value)

    def section(self, key: str, default: Any = _NO_DEFAULT) -> Section:
        """A table below this one."""
        value = self.take(key, default)
        if not isinstance(value, dict):
            refuse(self.file, self.name(key), t("must be a table"))
        return Section(value, self.file, self.name(key))

    def sections(self, key: str, default: Any = _NO_DEFAULT) -> list[Section]:
        """A list of tables below this one."""
        value = self.take(key, default)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            refuse(self.file, self.name(key), t("must be a list of tables"))
        return [Section(entry, self.file, f"{self.name(key)}[{number}]") for number, entry in enumerate(value, 1)]

    def has(self, key: str) -> bool:
        """True when the key is there and not taken yet."""
        return key in self._left

    def left(self) -> list[str]:
        """The keys not taken yet, in the order of the file."""
        return list(self._left)

    def close(self) -> None:
        """Refuses the first key that nobody asked for."""
        for key in self._left:
            refuse(self.file, self.name(key), t("is not a known key"))
