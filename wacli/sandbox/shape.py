"""Reading one JSON object strictly: each field is asked for by name, and what nobody asked for is refused.

That is how a misspelt field is caught instead of ignored (facts cloud-api.md section 10: Prism and the OpenAPI file
let `"txet"` pass). Wrong JSON type or an unknown key is 100, an absent field 131008, a bad value 131009.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from .failures import Refusal

_URL_HOST = re.compile(r"[A-Za-z0-9\[\]:.-]+\Z")


class Fields:
    """One JSON object and its place in the body. Call `done()` when every known field has been read."""

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, dict):
            raise Refusal(100, f"Param {place or 'body'} must be a JSON object.")
        self._value: dict[str, object] = value
        self._asked: set[str] = set()
        self.place = place

    def named(self, key: str) -> str:
        """How Meta writes the place of a field: text['body']."""
        return f"{self.place}['{key}']" if self.place else key

    def has(self, key: str) -> bool:
        """True when the field is there and not null."""
        return self._value.get(key) is not None

    def names(self) -> list[str]:
        """The names of all fields that are there."""
        return list(self._value)

    def raw(self, key: str) -> object:
        """The value as it is, None when absent."""
        self._asked.add(key)
        return self._value.get(key)

    def maybe_text(self, key: str, most: int | None = None) -> str | None:
        """A string of 1 to `most` characters, or None."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Refusal(100, f"Param {self.named(key)} must be a string.")
        if not value:
            raise Refusal(131009, f"Param {self.named(key)} must not be empty.")
        if most is not None and len(value) > most:
            raise Refusal(
                131009, f"Param {self.named(key)} must be at most {most} characters long, it has {len(value)}."
            )
        return value

    def text(self, key: str, most: int | None = None) -> str:
        """A string that must be there."""
        value = self.maybe_text(key, most)
        if value is None:
            raise self.missing(key)
        return value

    def maybe_fields(self, key: str) -> Fields | None:
        """An object, or None."""
        value = self.raw(key)
        return None if value is None else Fields(value, self.named(key))

    def fields(self, key: str) -> Fields:
        """An object that must be there."""
        found = self.maybe_fields(key)
        if found is None:
            raise self.missing(key)
        return found

    def list_of_fields(self, key: str, least: int = 0, most: int | None = None) -> list[Fields]:
        """A list of objects with `least` to `most` entries; absent is an empty list."""
        value = self.raw(key)
        if value is None:
            if least:
                raise self.missing(key)
            return []
        if not isinstance(value, list):
            raise Refusal(100, f"Param {self.named(key)} must be an array.")
        if len(value) < least or (most is not None and len(value) > most):
            bounds = f"at least {least}" if most is None else f"{least} to {most}"
            raise Refusal(131009, f"Param {self.named(key)} must have {bounds} entries, it has {len(value)}.")
        return [Fields(entry, f"{self.named(key)}[{index}]") for index, entry in enumerate(value)]

    def maybe_flag(self, key: str) -> bool | None:
        """true, false, or None."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            raise Refusal(100, f"Param {self.named(key)} must be a boolean.")
        return value

    def maybe_whole(self, key: str) -> int | None:
        """A whole number, or digits in a string (Meta's own examples have both), or None."""
        value = self.raw(key)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
            return int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Refusal(100, f"Param {self.named(key)} must be an integer.")
        return value

    def choice(self, key: str, options: Collection[str], code: int = 100) -> str:
        """One of `options`, in any case: Graph reads enumerations so, and published clients send BUTTON and LIST."""
        value = self.text(key)
        if value.lower() not in options:
            raise Refusal(code, f"Param {self.named(key)} must be one of {', '.join(sorted(options))}, not {value!r}.")
        return value.lower()

    def url(self, key: str, most: int = 2000) -> str:
        """An http or https address with a host."""
        value = self.text(key, most)
        parts = urlsplit(value) if re.fullmatch(r"\S+", value) else None
        if parts is None or parts.scheme not in ("http", "https") or not _URL_HOST.fullmatch(parts.netloc):
            raise Refusal(131009, f"Param {self.named(key)} is not a valid URL.")
        return value

    def missing(self, key: str) -> Refusal:
        """The refusal for a field that must be there."""
        return Refusal(131008, f"Param {self.named(key)} is required.")

    def done(self) -> None:
        """Refuses whatever else stands in the object."""
        for key in self._value:
            if key not in self._asked:
                raise Refusal(100, f"Unexpected key {key!r} on param {self.place or 'body'!r}.")
