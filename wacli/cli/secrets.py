"""Where the access token and the app secret come from: environment, a command, the system keyring, a 0600 file.

Never argv, the store, a log or an error. The keyring package is optional (`pip install 'wacli[keyring]'`): headless
machines have no keyring, and then the file serves.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t

from .config import Profile, config_folder

SECRETS: Final = ("token", "app_secret", "verify_token")
_ENVIRONMENT: Final = {
    "token": "WACLI_TOKEN",
    "app_secret": "WACLI_APP_SECRET",
    "verify_token": "WACLI_VERIFY_TOKEN",
}
_COMMANDS: Final = {"token": "token_command", "app_secret": "app_secret_command"}
_COMMAND_TIMEOUT_SECONDS: Final = 30


def secret_file(profile: str, name: str, environment: Mapping[str, str]) -> Path:
    """The 0600 file that holds a profile's secret when there is no keyring."""
    return config_folder(environment) / "secrets" / f"{profile}.{name}"


def find_secret(profile: Profile, name: str, environment: Mapping[str, str]) -> str | None:
    """The secret, or None. Raises `Invalid` for a file others may read, `Unavailable` for a command that fails."""
    from_environment = environment.get(_ENVIRONMENT[name])
    if from_environment:
        return from_environment
    key = _COMMANDS.get(name)
    command = None if key is None else profile[key]
    if key is not None and command:
        return _from_command(command, key)
    return _from_keyring(profile.name, name) or _from_file(secret_file(profile.name, name, environment))


def token_source(profile: Profile, environment: Mapping[str, str]) -> Callable[[], str]:
    """A callable that gives the token when it is needed. Raises `Invalid` (code `no-token`) when there is none."""

    def token() -> str:
        found = find_secret(profile, "token", environment)
        if found is None:
            raise Invalid(
                "no-token",
                t("Profile {profile} has no access token", profile=profile.name),
                t("Keep one: wacli profiles token (it asks, and never shows it), or set WACLI_TOKEN"),
            )
        return found

    return token


def keep_secret(profile: str, name: str, value: str, environment: Mapping[str, str]) -> str:
    """Keeps a secret in the keyring, else in a 0600 file; returns where it went."""
    try:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password("wacli", f"{profile}/{name}", value)
            return "keyring"
        except KeyringError:
            pass
    except ImportError:
        pass
    path = secret_file(profile, name, environment)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)  # also when the file was there with other rights
        file.write(value + "\n")
    return str(path)


def secret_place(profile: Profile, name: str, environment: Mapping[str, str]) -> str | None:
    """Where the secret is or comes from, without reading more of it than that: None where there is none."""
    if environment.get(_ENVIRONMENT[name]):
        return _ENVIRONMENT[name]
    key = _COMMANDS.get(name)
    if key is not None and profile[key]:
        return key
    path = secret_file(profile.name, name, environment)
    if _from_keyring(profile.name, name) is not None:
        return "keyring"
    return str(path) if path.exists() else None


def forget_secrets(profile: str, environment: Mapping[str, str]) -> None:
    """Takes a profile's secrets out of the keyring and removes their files."""
    for name in SECRETS:
        secret_file(profile, name, environment).unlink(missing_ok=True)
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            continue
        with suppress(KeyringError):  # it was not there, or there is no keyring
            keyring.delete_password("wacli", f"{profile}/{name}")


def _from_command(command: str, key: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the owner's own command, from their own configuration
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_TIMEOUT_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        done = None
    if done is None or done.returncode != 0 or not done.stdout.strip():
        if key == "token_command":
            raise Unavailable(
                "token-command",
                t("The token command did not print a token"),
                t("Run it by hand: wacli config get token_command"),
            )
        raise Unavailable(
            "secret-command",
            t("The command of {key} did not print a secret", key=key),
            t("Run it by hand: wacli config get {key}", key=key),
        )
    return done.stdout.strip()


def _from_keyring(profile: str, name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password("wacli", f"{profile}/{name}")
    except KeyringError:
        return None
    return found


def _from_file(path: Path) -> str | None:
    try:
        rights = path.stat().st_mode & 0o077
        value = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(
            "secret-unreadable", t("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or "")
        ) from None
    if rights and os.name == "posix":
        raise Invalid(
            "secret-readable-by-others",
            t("{path} can be read by other people of this machine", path=str(path)),
            t("Close it: chmod 600 {path}", path=str(path)),
        )
    return value or None
