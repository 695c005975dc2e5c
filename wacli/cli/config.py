"""Configuration: flag > environment > config.toml > default, each value with where it came from.

A profile is one business number. The file is strict: a key we misspell is refused with its place and the keys that
exist. It holds no token: secrets live in the system keyring, in a 0600 file, or come from a command
(`wacli.cli.secrets`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from wacli.domain.identity import is_bsuid, parse_phone
from wacli.domain.problem import Invalid, NotFound
from wacli.domain.text import Text, mark, t

DEFAULT_PROFILE: Final = "default"
_LONGEST_TEXT: Final = 4_096  # of a text message (facts: cloud-api.md section 1)


class Setting(NamedTuple):
    """One key that a profile may have. `check` returns what is wrong with a value, or None."""

    key: str
    default: str | None
    help: str
    check: Callable[[str], Text | None]


def _anything(value: str) -> Text | None:
    return None if value else t("it is empty")


def _digits(value: str) -> Text | None:
    return None if value.isascii() and value.isdigit() else t("it must be digits only, as Meta shows it")


def _kind(value: str) -> Text | None:
    if value in KINDS:
        return None
    return t("it must be one of {choices}", choices=", ".join(KINDS))


def _country(value: str) -> Text | None:
    if len(value) == 2 and value.isascii() and value.isalpha() and value.isupper():
        return None
    return t("it must be a two-letter country code such as ID")


def _currency(value: str) -> Text | None:
    if len(value) == 3 and value.isascii() and value.isalpha() and value.isupper():
        return None
    return t("it must be a three-letter currency code such as USD")


def _zone(value: str) -> Text | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return t("there is no such time zone; write it like Asia/Jakarta")
    return None


def _version(value: str) -> Text | None:
    major, dot, minor = value.removeprefix("v").partition(".")
    if value.startswith("v") and dot and major.isdigit() and minor.isdigit():
        return None
    return t("it must look like v25.0")


def _base(value: str) -> Text | None:
    return None if value.startswith("https://") or is_loopback(value) else t("it must start with https://")


def _hours(value: str) -> Text | None:
    from wacli.domain.business_hours import parse_business_hours

    try:
        parse_business_hours(value)
    except Invalid as wrong:
        return wrong.message
    return None


def _switch(value: str) -> Text | None:
    return None if value in ("on", "off") else t("it must be on or off")


def _message(value: str) -> Text | None:
    """A text with fields of a contact in it; whether there are such fields is looked at when it is used."""
    if not value.strip():
        return t("it is empty")
    return t("it is longer than 4,096 characters") if len(value) > _LONGEST_TEXT else None


def is_loopback(url: str) -> bool:
    """True for a plain address on this machine: the host decides, not how the text begins."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def _recipients(value: str) -> Text | None:
    try:
        found = recipients_of(value)
    except Invalid as wrong:
        if wrong.code == "no-country":  # whoever changes the profile's country must not let in somebody else
            return t("numbers stand here with their country code, such as +62 812-3456-7890")
        return wrong.message
    return None if found else t("it is empty")


def _span(value: str) -> Text | None:
    from .instants import parse_duration

    try:
        return None if parse_duration(value).days >= 1 else t("it must be a day or more")
    except Invalid as wrong:
        return wrong.message


def recipients_of(value: str) -> tuple[str, ...]:
    """A comma-separated list of numbers (with their country code) and user IDs. Raises `Invalid` for anything else."""
    words = [word.strip() for word in value.split(",") if word.strip()]
    return tuple(word if is_bsuid(word) else parse_phone(word) for word in words)


_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]{3})?")


def is_amount(value: str) -> bool:
    """True for `50`, `50 USD` and `0.5usd`."""
    return _AMOUNT.fullmatch(value.strip()) is not None


def _amount(value: str) -> Text | None:
    return None if is_amount(value) else t("it must be an amount, such as 50 USD")


def amount_of(value: str) -> tuple[Decimal, str | None]:
    """The amount and the currency it names (upper case), if it names one. `value` has passed its check."""
    match = _AMOUNT.fullmatch(value.strip())
    assert match is not None
    return Decimal(match[1]), match[2].upper() if match[2] else None


def _limit(value: str) -> Text | None:
    if value == "unlimited" or (value.isascii() and value.isdigit() and 0 < int(value) < 10**9):
        return None
    return t("it must be a number of people, such as 2000, or: unlimited")


KINDS: Final = ("cloud-api", "phone-app", "sandbox")
SETTINGS: Final = (
    Setting("kind", "cloud-api", mark("how this number is used: cloud-api, phone-app or sandbox"), _kind),
    Setting("phone_number_id", None, mark("Meta's id of the business number"), _digits),
    Setting("waba_id", None, mark("Meta's id of the WhatsApp Business account"), _digits),
    Setting("country", None, mark("country of local numbers such as 0812..., two letters"), _country),
    Setting("time_zone", None, mark("the account's time zone: months, rates and rules change at its midnight"), _zone),
    Setting("currency", "USD", mark("the account's billing currency"), _currency),
    Setting("budget", None, mark("what a month may cost, such as 50 USD: what would pass it is not sent"), _amount),
    Setting(
        "messaging_limit",
        None,
        mark("people in 24 hours, as wacli doctor shows it: 250, 2000, 100000, unlimited"),
        _limit,
    ),
    Setting("api_base", "https://graph.facebook.com", mark("where the Cloud API is"), _base),
    Setting("api_version", "v25.0", mark("Graph API version"), _version),
    Setting("db", None, mark("the store's file, when not in the usual folder"), _anything),
    Setting(
        "safe_recipients",
        None,
        mark("the only people this profile may write to: numbers with +, user IDs; empty: everybody"),
        _recipients,
    ),
    Setting("business_hours", None, mark("when the shop is open: mon-fri 08:00-17:00; sat 09:00-12:00"), _hours),
    Setting(
        "away_message", None, mark("what `listen` answers outside the business hours; {name} is the contact"), _message
    ),
    Setting("away", "off", mark("on or off: away messages by `listen`, once a window"), _switch),
    Setting("greeting_message", None, mark("what `listen` answers to a new contact; {name} is the contact"), _message),
    Setting("greet", "off", mark("on or off: greetings by `listen`, once a window"), _switch),
    Setting("keep_silent_for", None, mark("erase contacts silent for longer than this, such as 730d"), _span),
    Setting("token_command", None, mark("a command that prints the access token"), _anything),
    Setting("app_secret_command", None, mark("a command that prints the app secret"), _anything),
)
_SETTINGS_BY_KEY: Final = {setting.key: setting for setting in SETTINGS}


class Value(NamedTuple):
    """A value and where it came from: flag, environment, config.toml, default."""

    value: str | None
    origin: str


class Profile:
    """One business number's settings, complete with defaults."""

    __slots__ = ("exists", "name", "values")

    def __init__(self, name: str, values: Mapping[str, Value], exists: bool) -> None:
        self.name = name
        self.values = values
        self.exists = exists

    def __getitem__(self, key: str) -> str | None:
        return self.values[key].value

    def required(self, key: str) -> str:
        """The value, or a refusal that says what to type. Raises `Invalid` (code `not-set-up`)."""
        value = self.values[key].value
        if value is None:
            raise Invalid(
                "not-set-up",
                t("Profile {profile} has no {key}", profile=self.name, key=key),
                t("Set it: wacli config set {key} VALUE", key=key),
            )
        return value


class Config(NamedTuple):
    """The file as read. `language` is its own wish, if it has one."""

    path: Path
    default_profile: str | None
    language: str | None
    profiles: Mapping[str, Mapping[str, str]]


def read_config(path: Path) -> Config:
    """Reads and checks the file; a missing one is an empty one. Raises `Invalid` naming file and key."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Config(path, None, None, {})
    except OSError as error:
        raise Invalid(
            "config-unreadable",
            t("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error)),
        ) from None
    import tomllib

    try:
        document = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            "config-broken", t("{path} is not valid TOML: {reason}", path=str(path), reason=str(error))
        ) from None
    return _checked(path, document)


def _checked(path: Path, document: Mapping[str, object]) -> Config:
    known = ("default_profile", "lang", "profiles")
    for key in document:
        if key not in known:
            raise _bad_key(path, key, known)
    profiles: dict[str, Mapping[str, str]] = {}
    sections = document.get("profiles", {})
    if not isinstance(sections, Mapping):
        raise _bad_value(path, "profiles", t("it must be a table: [profiles.NAME]"))
    for name, section in sections.items():
        if not isinstance(section, Mapping):
            raise _bad_value(path, f"profiles.{name}", t("it must be a table: [profiles.NAME]"))
        for key, value in section.items():
            check_setting(path, f"profiles.{name}.{key}", key, value)
        profiles[name] = dict(section)
    return Config(path, _text(path, document, "default_profile"), _text(path, document, "lang"), profiles)


def _text(path: Path, document: Mapping[str, object], key: str) -> str | None:
    value = document.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _bad_value(path, key, t("it must be text in quotes"))


def check_setting(path: Path, place: str, key: str, value: object) -> str:
    """The value if this key may have it. Raises `Invalid` naming file, key and what would be right."""
    setting = _SETTINGS_BY_KEY.get(key)
    if setting is None:
        raise _bad_key(path, place, tuple(_SETTINGS_BY_KEY))
    if not isinstance(value, str):
        raise _bad_value(path, place, t("it must be text in quotes"))
    wrong = setting.check(value)
    if wrong is not None:
        raise _bad_value(path, place, wrong)
    return value


def _bad_key(path: Path, key: str, known: tuple[str, ...]) -> Invalid:
    return Invalid(
        "config-key",
        t("{path}: there is no key {key}", path=str(path), key=key),
        t("Keys: {keys}", keys=", ".join(known)),
    )


def _bad_value(path: Path, key: str, wrong: Text) -> Invalid:
    if key.startswith("--"):  # typed just now, and in no file yet
        return Invalid("config-value", t("{key} is wrong: {wrong}", key=key, wrong=wrong))
    return Invalid("config-value", t("{path}: {key} is wrong: {wrong}", path=str(path), key=key, wrong=wrong))


def choose_profile(config: Config, flag: str | None, environment: Mapping[str, str]) -> Profile:
    """The profile asked for. Raises `NotFound` when it was named and is not in the file."""
    wanted = flag or environment.get("WACLI_PROFILE") or None
    name = wanted or config.default_profile or (next(iter(config.profiles)) if len(config.profiles) == 1 else None)
    section = config.profiles.get(name or DEFAULT_PROFILE)
    if section is None and wanted not in (None, DEFAULT_PROFILE):
        names = ", ".join(config.profiles) or "-"
        raise NotFound(
            "no-profile",
            t("There is no profile {name}", name=wanted),
            t("Profiles: {names}. Make one: wacli profiles add {name}", names=names, name=wanted),
        )
    if section is None and name is not None and name != DEFAULT_PROFILE:
        raise Invalid(
            "config-value",
            t("{path}: default_profile is {name}, which does not exist", path=str(config.path), name=name),
        )
    values = {
        setting.key: Value(section[setting.key], "config.toml")
        if section is not None and setting.key in section
        else Value(setting.default, "default")
        for setting in SETTINGS
    }
    return Profile(name or DEFAULT_PROFILE, values, section is not None)


def config_folder(environment: Mapping[str, str]) -> Path:
    """Where config.toml is: `WACLI_CONFIG` (a file or a folder), else the platform's configuration folder."""
    named = environment.get("WACLI_CONFIG")
    if named:
        path = Path(named)
        return path.parent if path.suffix == ".toml" else path
    from platformdirs import user_config_path

    return user_config_path("wacli", appauthor=False)


def config_path(environment: Mapping[str, str]) -> Path:
    """The configuration file's path; it need not exist."""
    named = environment.get("WACLI_CONFIG")
    if named and named.endswith(".toml"):
        return Path(named)
    return config_folder(environment) / "config.toml"


def store_path(profile: Profile, flag: str | None, environment: Mapping[str, str]) -> Value:
    """The store's file: `--db`, `WACLI_DB`, the profile's `db`, else one file for each profile in the data folder."""
    if flag:
        return Value(flag, "flag")
    if environment.get("WACLI_DB"):
        return Value(environment["WACLI_DB"], "environment")
    if profile["db"]:
        return profile.values["db"]
    from platformdirs import user_data_path

    return Value(str(user_data_path("wacli", appauthor=False) / f"{profile.name}.db"), "default")
