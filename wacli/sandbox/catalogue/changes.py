"""`--set message.text.body=Halo`: one value of a made-up notification, changed, added or taken out.

A path may begin at the body (`entry.0.changes.0...`) or at a name for a place in it: change, value, message, status,
contact, call. A path that begins with neither is looked for in the message (or status, call, contact ...) and then in
the value, so that `text.body=Halo` and `event=PAUSED` do as they look. A value takes the type of what stands there;
where nothing stands it is JSON if it reads as JSON, else text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import t

_ELEMENTS = ("messages", "statuses", "calls", "message_echoes", "state_sync", "user_preferences", "groups", "errors")
_NAMES: dict[str, tuple[str, ...]] = {
    "status": ("statuses",),
    "contact": ("contacts",),
    "call": ("calls",),
    "message": ("messages", "message_echoes"),
}


class Setting(NamedTuple):
    """One `--set` (or, without a value, one `--unset`)."""

    path: str
    value: str | None


def read_setting(text: str) -> Setting:
    """`path=value`. Raises Invalid without the equals sign or the path."""
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise Invalid("bad-set", t("{text} is not path=value", text=text), t("Write --set text.body=Halo"))
    return Setting(path.strip(), value)


def apply(body: object, settings: Sequence[Setting], event: str) -> object:
    """The decoded notification with every setting applied in turn. Raises Invalid for a path that leads nowhere."""
    whole: object = json.loads(json.dumps(body))
    for setting in settings:
        _apply(whole, setting, event)
    return whole


def _apply(whole: object, setting: Setting, event: str) -> None:
    steps = [step for step in setting.path.split(".") if step]
    if not steps:
        raise Invalid("bad-set", t("{text} is not path=value", text=setting.path), t("Write --set text.body=Halo"))
    place, steps = _beginning(whole, steps)
    for walked, step in enumerate(steps[:-1]):
        place = _inside(place, step, _Trouble(setting.path, ".".join(steps[:walked]), event))
    trouble = _Trouble(setting.path, ".".join(steps[:-1]), event)
    if setting.value is None:
        _remove(place, steps[-1], trouble)
    else:
        _write(place, steps[-1], setting.value, trouble)


class _Trouble(NamedTuple):
    """Where a path stopped leading anywhere, for the sentence about it."""

    path: str
    place: str
    event: str

    def problem(self, here: object) -> Invalid:
        if isinstance(here, dict):
            said = t("{path} leads nowhere in {event}: there are {names}",
                     path=self.path, event=self.event, names=", ".join(here) or "{}")  # fmt: skip
        elif isinstance(here, list):
            said = t("{path} leads nowhere in {event}: the list has {count} places, from 0 on",
                     path=self.path, event=self.event, count=len(here))  # fmt: skip
        else:
            said = t("{path} leads nowhere in {event}: {place} is a value and has no parts",
                     path=self.path, event=self.event, place=self.place)  # fmt: skip
        return Invalid(
            "no-such-path", said, t("See all of it: wacli trigger {event} --dry-run --print", event=self.event)
        )


def _beginning(whole: object, steps: list[str]) -> tuple[object, list[str]]:
    """Where a path begins, and what is left of it."""
    if not isinstance(whole, dict) or steps[0] in whole:
        return whole, steps
    change = whole["entry"][0]["changes"][0]
    value, first = change["value"], steps[0]
    if first in ("change", "value") and len(steps) > 1:
        return (change if first == "change" else value), steps[1:]
    if first in _NAMES and len(steps) > 1:
        for name in _NAMES[first]:
            if value.get(name):
                return value[name][0], steps[1:]
    for name in _ELEMENTS:
        if value.get(name) and first in value[name][0]:
            return value[name][0], steps
    return (value, steps) if first in value else (_main(value), steps)


def _main(value: dict[str, object]) -> object:
    """The one message, status, call ... that the notification tells of; the value itself where there is none."""
    for name in _ELEMENTS:
        found = value.get(name)
        if isinstance(found, list) and found:
            return found[0]
    return value


def _inside(place: object, step: str, trouble: _Trouble) -> object:
    if isinstance(place, dict) and step in place:
        return place[step]
    if isinstance(place, list) and step.isascii() and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    raise trouble.problem(place)


def _write(place: object, step: str, value: str, trouble: _Trouble) -> None:
    if isinstance(place, dict):
        place[step] = _typed(value, place.get(step))
        return
    if isinstance(place, list) and step.isascii() and step.isdigit() and int(step) <= len(place):
        if int(step) == len(place):
            place.append(_typed(value, place[-1] if place else None))
        else:
            place[int(step)] = _typed(value, place[int(step)])
        return
    raise trouble.problem(place)


def _remove(place: object, step: str, trouble: _Trouble) -> None:
    if isinstance(place, dict) and step in place:
        del place[step]
    elif isinstance(place, list) and step.isascii() and step.isdigit() and int(step) < len(place):
        del place[int(step)]
    else:
        raise trouble.problem(place)


def _typed(value: str, stands: object) -> object:
    if isinstance(stands, str):
        return value
    try:
        read: object = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return read
