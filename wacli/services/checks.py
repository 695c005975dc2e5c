"""One thing that was looked at: what was found, how bad it is, and what to type next. For `doctor` and `setup`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from wacli.domain.problem import Problem
from wacli.domain.text import Text

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Result(StrEnum):
    """How it stands. `unknown`: it was asked and nobody could tell; `skipped`: it was not asked, and why."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """One thing looked at. `name` and the keys of `details` are stable; `problem` is what it came from, if anything."""

    name: str
    result: Result
    message: Text
    next: Text | None = None
    details: Mapping[str, object] = _NOTHING
    problem: Problem | None = None


class Subject(NamedTuple):
    """The business number whose settings are looked at, as its profile has them. `exists`: the profile is written."""

    profile: str
    exists: bool
    kind: str
    phone_number_id: str | None
    waba_id: str | None
    country: str | None
    time_zone: str | None
    currency: str
    api_version: str


def how_to_set(subject: Subject, key: str, value: str) -> str:
    """The command that sets one of the profile's keys: a profile that is not written yet is made by `setup`."""
    if subject.exists:
        return f"wacli -p {subject.profile} config set {key} {value}"
    return f"wacli setup --name {subject.profile} --{key.replace('_', '-')} {value}"


def failures(checks: Iterable[Check]) -> list[Check]:
    """Those that failed."""
    return [check for check in checks if check.result is Result.FAIL]
