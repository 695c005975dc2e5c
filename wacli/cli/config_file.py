"""Changes to config.toml: the owner's comments and order stay, the file is 0600 and replaced in one step."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from wacli.domain.problem import Invalid, NotFound
from wacli.domain.text import t

from .config import Config, check_setting, read_config

_PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def set_value(path: Path, profile: str, key: str, value: str | None) -> None:
    """Sets, or with None removes, one key of a profile. Raises `Invalid` before anything is written."""
    if value is not None:
        check_setting(path, f"profiles.{profile}.{key}", key, value)

    def change(document: Any) -> None:
        section = _section(document, profile)
        if value is None:
            section.pop(key, None)
        else:
            section[key] = value

    _rewrite(path, change)


def set_language(path: Path, language: str) -> None:
    """Sets the language that wacli speaks."""
    _rewrite(path, lambda document: document.__setitem__("lang", language))


def is_profile_name(name: str) -> bool:
    """True for what may name a profile: it is part of file names."""
    return _PROFILE_NAME.fullmatch(name) is not None


def add_profile(path: Path, name: str, values: dict[str, str]) -> None:
    """Adds a profile; the first one becomes the default. Raises what `check_new_profile` raises."""
    check_new_profile(path, name, values)

    def change(document: Any) -> None:
        _section(document, name).update(values)
        document.setdefault("default_profile", name)

    _rewrite(path, change)


def check_new_profile(path: Path, name: str, values: dict[str, str]) -> None:
    """Raises `Invalid` when the name is taken or impossible, or a value is."""
    if not is_profile_name(name):
        raise Invalid(
            "bad-profile-name",
            t("{name} cannot name a profile", name=name),
            t("Use letters, digits, - and _, for example: shop"),
        )
    if name in read_config(path).profiles:
        raise Invalid(
            "profile-exists",
            t("There is a profile {name} already", name=name),
            t("Change it: wacli -p {name} config set KEY VALUE", name=name),
        )
    for key, value in values.items():
        check_setting(path, f"profiles.{name}.{key}", key, value)


def use_profile(path: Path, name: str) -> None:
    """Makes a profile the default one. Raises `NotFound`."""
    require_profile(read_config(path), name)
    _rewrite(path, lambda document: document.__setitem__("default_profile", name))


def remove_profile(path: Path, name: str) -> None:
    """Forgets a profile's settings; its store stays. Raises `NotFound`."""
    require_profile(read_config(path), name)

    def change(document: Any) -> None:
        del document["profiles"][name]
        if document.get("default_profile") == name:
            del document["default_profile"]

    _rewrite(path, change)


def require_profile(config: Config, name: str) -> None:
    """Raises `NotFound` unless there is such a profile."""
    if name not in config.profiles:
        raise NotFound(
            "no-profile",
            t("There is no profile {name}", name=name),
            t("Profiles: {names}", names=", ".join(config.profiles) or "-"),
        )


def _section(document: Any, profile: str) -> Any:
    import tomlkit

    profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    if profile not in profiles:
        profiles[profile] = tomlkit.table()
    return profiles[profile]


def _rewrite(path: Path, change: Callable[[Any], None]) -> None:
    import tomlkit

    read_config(path)  # what is broken is not written over
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    change(document)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:  # 0600 by its nature
        file.write(tomlkit.dumps(document))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
