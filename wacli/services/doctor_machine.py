"""What this machine has to say: programs, files, the store. Asks nobody outside of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wacli.domain.problem import NotFound, Problem
from wacli.domain.text import Quantity, Text, t
from wacli.store.library import OLDEST_SQLITE, sqlite_version

from .checks import Check, Result, Subject

if TYPE_CHECKING:
    from wacli.store.database import Store

_OK, _WARN, _FAIL, _UNKNOWN = Result.OK, Result.WARN, Result.FAIL, Result.UNKNOWN
LOCKED_FOR_MS: Final = 300


class Machine(NamedTuple):
    """What the machine looks like from a command: versions, paths and the shell's search path.

    `program` is the file that was started; `secret_paths` need not exist.
    """

    version: str
    python: tuple[int, int, int]
    program: Path | None
    search_path: str
    config_path: Path
    secret_paths: tuple[Path, ...]
    store_path: Path


def examine_machine(machine: Machine, subject: Subject) -> list[Check]:
    """Programs, files, the store and what it owes. Raises nothing of the store: what it says is a finding."""
    return [
        _versions(machine),
        _search_path(machine),
        _files(machine),  # before the store is opened: opening closes an open file
        _store(machine.store_path, subject),
        _erasure(machine.store_path, subject),
    ]


def _versions(machine: Machine) -> Check:
    sqlite = sqlite_version()
    python_words, sqlite_words = (".".join(map(str, version)) for version in (machine.python, sqlite))
    details = {"wacli": machine.version, "python": python_words, "sqlite": sqlite_words}
    message = t("{versions}", versions=f"wacli {machine.version}, Python {python_words}, SQLite {sqlite_words}")
    if sqlite < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        return Check(
            "versions", _FAIL, message, t("Install a Python with SQLite {version} or newer", version=oldest), details
        )
    return Check("versions", _OK, message, details=details)


def _search_path(machine: Machine) -> Check:
    """Another program of the same name exists (facts cloud-api.md section 0.7): whose answer does `wacli` give?"""
    found = list(_programs(machine.search_path))
    strangers = [path for path in found if not _is_ours(path, machine.program)]
    details = {"found": [str(path) for path in found], "others": [str(path) for path in strangers]}
    if not strangers:
        where = str(found[0]) if found else str(machine.program or "-")
        return Check("path", _OK, t("{path}", path=where), details=details)
    if found[0] is not strangers[0]:
        return Check(
            "path",
            _OK,
            t("{path}; another program of this name lies behind it at {other}", path=found[0], other=strangers[0]),
            details=details,
        )
    return Check(
        "path",
        _WARN,
        t("Another program called wacli comes first on PATH: {other}", other=strangers[0]),
        t("Put the folder of this one before it in PATH: {folder}", folder=machine.program.parent)
        if machine.program is not None
        else t("Start this one by its whole path"),
        details,
    )


def _programs(search_path: str) -> Iterator[Path]:
    seen: set[Path] = set()
    for folder in search_path.split(os.pathsep):
        for name in ("wacli", "wacli.exe") if folder else ():
            path = Path(folder) / name
            try:
                is_program = path.is_file() and os.access(path, os.X_OK)
            except OSError:
                continue
            if is_program and path not in seen:
                seen.add(path)
                yield path


def _is_ours(path: Path, program: Path | None) -> bool:
    """The started file itself, or a script that starts this package (another installation of it)."""
    try:
        if program is not None and path.samefile(program):
            return True
        with path.open("rb") as file:
            start = file.read(65_536)
    except OSError:
        return False
    return b"wacli.__main__" in start


def _files(machine: Machine) -> Check:
    """Config, secrets and store belong to the owner alone; a secret that others can read is refused when it is used."""
    if os.name != "posix":
        return Check("files", _UNKNOWN, t("this system keeps no modes that could be looked at"))
    store = machine.store_path
    others = [machine.config_path, *(store.with_name(store.name + tail) for tail in ("", "-wal", "-shm"))]
    open_secrets, open_others = list(_open_to_others(machine.secret_paths)), list(_open_to_others(others))
    opened = [str(path) for path in (*open_secrets, *open_others)]
    details = {"open_to_others": opened}
    if not opened:
        return Check("files", _OK, t("settings, secrets and store can be read by you alone"), details=details)
    return Check(
        "files",
        _FAIL if open_secrets else _WARN,
        t("Other people of this machine can read {paths}", paths=", ".join(opened)),
        t("Close them: chmod 600 {paths}", paths=" ".join(opened)),
        details,
    )


def _open_to_others(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if stat.S_IMODE(mode) & 0o077:
            yield path


def _store(path: Path, subject: Subject) -> Check:
    from wacli.store.database import connect_readonly

    details: dict[str, object] = {"path": str(path), "schema": None}
    try:
        with connect_readonly(path) as store:
            details["schema"] = schema = _number(store, "PRAGMA user_version")
            messages = _number(store, "SELECT count(*) FROM messages")
    except NotFound as problem:
        hint = t("Make one: wacli -p {profile} setup", profile=subject.profile)
        return Check("store", _WARN, problem.message, hint, details)
    except Problem as problem:
        return Check("store", _FAIL, problem.message, problem.hint, details, problem)
    locked = _lock(path)
    if locked is not None:
        return Check("store", _WARN, *locked, details)
    message = t("{path}: {messages} messages, schema {schema}", path=path, messages=Quantity(messages), schema=schema)
    return Check("store", _OK, message, details=details)


def _erasure(path: Path, subject: Subject) -> Check:
    """Whether an erasure was cut short: the rows are gone then, and their traces in the file are not."""
    from wacli.store.scrubbing import is_owed

    if not is_owed(path):
        return Check("erasure", _OK, t("nothing of anybody who was erased is left in the store's file"))
    return Check(
        "erasure",
        _FAIL,
        t("An erasure was cut short: traces of those people may still be in the store's file"),
        t("Clear them: wacli -p {profile} contacts erase --finish", profile=subject.profile),
    )


def _number(store: Store, sql: str) -> int:
    row = store.query_one(sql)
    return 0 if row is None else int(row[0])


def _lock(path: Path) -> tuple[Text, Text] | None:
    """Whether somebody is writing for longer than a moment, and who."""
    from wacli.store.database import open_store

    try:
        with open_store(path, create=False) as store:
            store.wait_at_most(LOCKED_FOR_MS)
            with store.transaction():
                return None
    except Problem as problem:
        if problem.code != "store-locked":
            return problem.message, problem.hint or t("Check that the folder exists and belongs to you")
        holders = list(_processes_with(path))
        if not holders:
            return problem.message, t("Wait until it has ended, or end it")
        return (
            t("{path} is being written by another wacli", path=path),
            t("It is open in: {processes}. Wait until that has ended, or end it", processes="; ".join(holders)),
        )


def _processes_with(path: Path) -> Iterator[str]:
    """Other processes of this user that have the store open, where the system shows that (Linux)."""
    wanted = str(path.resolve())
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            files = {str(link.readlink()) for link in (process / "fd").iterdir()}
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:  # somebody else's, or gone meanwhile
            continue
        if wanted in files:
            yield f"{process.name} ({command[:80]})"
