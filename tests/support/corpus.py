"""Corpora of webhook files, and an independent count of what is inside them.

The count walks the JSON by itself and knows nothing of the package: a message, an echo, a status or a call is one
however often it is told. Recordings reuse ids (a wamid for another kind of message), and a wamid names one message,
so messages are counted by id; statuses by everything they say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any


@dataclass
class Inside:
    """The distinct things that some notifications tell."""

    messages: set[str] = field(default_factory=set)
    echoes: set[str] = field(default_factory=set)
    history: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def walk(self, value: Any, change: str = "") -> None:
        """Adds what a decoded value tells, however deep."""
        if isinstance(value, list):
            for part in value:
                self.walk(part, change)
        elif isinstance(value, dict):
            inside = value.get("field", change)
            for key, part in value.items():
                if not self._take(key, part, inside):
                    self.walk(part, inside)

    def _take(self, key: str, part: Any, change: str) -> bool:
        if not isinstance(part, list):
            return False
        things = [thing for thing in part if isinstance(thing, dict)]
        if key == "messages":
            (self.history if change == "history" else self.messages).update(_name(thing) for thing in things)
        elif key == "message_echoes":
            self.echoes.update(_name(thing) for thing in things)
        elif key == "calls":
            self.calls.update(_content(thing) for thing in things)
        elif key == "statuses":
            for thing in things:
                (self.calls if thing.get("type") == "call" else self.statuses).add(_content(thing))
        else:
            return False
        return True

    @property
    def all_messages(self) -> set[str]:
        """Every message by its wamid, whoever told of it first."""
        return self.messages | self.echoes | self.history


def _name(thing: dict[str, Any]) -> str:
    key = str(thing.get("id") or "<")
    return _content(thing) if key.startswith("<") else key  # <WHATSAPP_MESSAGE_ID>: a placeholder is no id


def _content(thing: dict[str, Any]) -> str:
    return json.dumps(thing, sort_keys=True)


def inside(values: Iterable[Any]) -> Inside:
    """What the notifications tell, each thing once."""
    found = Inside()
    for value in values:
        found.walk(value)
    return found


def values_of(path: Path) -> list[Any]:
    """The JSON at the beginning of a file: one recording has a stray brace after it."""
    text = path.read_text(encoding="utf-8")
    return [json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip()))[0]]


def bodies_of(value: Any) -> Iterator[dict[str, Any]]:
    """The notifications in a decoded file: recorders wrap several in an object of their own."""
    if isinstance(value, dict):
        if "entry" in value or "field" in value:
            yield value
        else:
            for part in value.values():
                yield from bodies_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from bodies_of(part)


_ODDITIES: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, "", "x", "<PLACEHOLDER>", [], {}, [None], {"a": 1}, "\x00", "ID.123", "9" * 40,
    "1e5", "\ud83d", 1_795_000_000, "1795000000", "17950000000000", "٣٤", "6281355500101", "not a date",
)  # fmt: skip


def mutilated(bodies: list[Any], chance: Random) -> Any:
    """One of the bodies with some of its parts deleted, doubled, or replaced by something odd."""
    body = deepcopy(chance.choice(bodies))
    for _ in range(chance.randint(1, 4)):
        places = list(_places(body))
        if not places:
            break
        holder, key = chance.choice(places)
        fate = chance.random()
        if fate < 0.3:
            del holder[key]
        elif fate < 0.8 or not isinstance(holder, list):
            holder[key] = deepcopy(chance.choice(_ODDITIES))
        else:
            holder.append(deepcopy(holder[key]))
    return body


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
