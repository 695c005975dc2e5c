"""`wacli setup`: from an access token to a number that works. Asks on a terminal, takes options everywhere.

Nothing is written before Meta has agreed (or `--no-check` was given): a profile that cannot work is worse than none.
Run again for a profile that exists, it keeps what is there and changes what is new, such as the token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wacli.cloudapi.numbers import BusinessNumber
from wacli.domain.problem import Invalid
from wacli.domain.text import Text, mark, t
from wacli.render.emit import Format
from wacli.render.setup_view import SetUp, setup_record
from wacli.services.setup import Verification, country_of, problem_of, subscribe, verify

from ..asking import Asking
from ..config import KINDS, SETTINGS, Config, Profile, Value, check_setting, config_path
from ..config_file import add_profile, set_value
from ..options import examples
from ..profile_options import Country, Currency, Kind, PhoneNumberId, TimeZone, WabaId
from ..secrets import keep_secret, token_source
from ..session import Session
from ..setup_answers import ask_local, ask_name_and_kind, find_account, use_sandbox
from ..setup_token import GivenToken, choose_token
from ..subjects import subject_of

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

NEW_PROFILE = "shop"
_DESCRIBED = ("kind", "phone_number_id", "waba_id", "country", "time_zone", "currency")


_Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help=mark("the profile's name"))]
_TokenFile = Annotated[
    str | None,
    typer.Option("--token-file", metavar="FILE", help=mark("read the access token from a file; - is stdin")),
]
_TokenCommand = Annotated[
    str | None,
    typer.Option("--token-command", metavar="COMMAND", help=mark("a command that prints the token each time")),
]
_ApiBase = Annotated[
    str | None, typer.Option("--api-base", metavar="URL", help=mark("where the API is, when not at Meta"))
]
_ApiVersion = Annotated[
    str | None, typer.Option("--api-version", metavar="V", help=mark("Graph API version, such as v25.0"))
]
_WantsWebhook = Annotated[
    bool | None,
    typer.Option("--subscribe/--no-subscribe", help=mark("send the account's webhooks to the token's app")),
]
_NoCheck = Annotated[bool, typer.Option("--no-check", help=mark("save without asking Meta"))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show what would be saved, and do nothing"))]


@examples(
    "wacli setup",
    "wacli setup --name shop --token-file token.txt --time-zone Asia/Jakarta --subscribe",
    "wacli setup --name shop --token-command 'pass show whatsapp' --no-input",
    "wacli setup --name cafe --kind phone-app --country ID",
)
def wizard(
    ctx: typer.Context,
    name: _Name = None,
    kind: Kind = None,
    token_file: _TokenFile = None,
    token_command: _TokenCommand = None,
    phone_number_id: PhoneNumberId = None,
    waba_id: WabaId = None,
    country: Country = None,
    time_zone: TimeZone = None,
    currency: Currency = None,
    api_base: _ApiBase = None,
    api_version: _ApiVersion = None,
    wants_webhook: _WantsWebhook = None,
    no_check: _NoCheck = False,
    dry_run: _DryRun = False,
) -> None:
    """Connects a business number: asks for what is missing, checks it with Meta, saves it."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    given = {
        "kind": kind, "phone_number_id": phone_number_id, "waba_id": waba_id, "country": country,
        "time_zone": time_zone, "currency": currency, "api_base": api_base, "api_version": api_version,
        "token_command": token_command,
    }  # fmt: skip
    if token_file is not None and token_command is not None:
        raise Invalid("two-tokens", t("--token-file and --token-command both name the token"), t("Give one of the two"))
    run = _Setup(session, name, {key: value for key, value in given.items() if value is not None})
    if dry_run:
        run.show(is_dry_run=True)
        return
    run.begin(token_file)
    if run.profile["kind"] == "cloud-api" and not no_check:
        with run.client() as client:
            run.learn("currency", find_account(run, client))
            run.check(client, wants_webhook)
    run.finish()
    run.save()
    run.show()


class _Setup:
    """The profile on its way from what was given to what is saved."""

    def __init__(self, session: Session, name: str | None, given: dict[str, str]) -> None:
        """Takes what was given over what the profile has. Raises `Invalid` for a value it cannot have."""
        self.session = session
        self.asking = Asking(session)
        self.path = config_path(session.context.environment)
        for key, value in given.items():
            check_setting(self.path, f"--{key.replace('_', '-')}", key, value)
        chosen = name or session.options.profile or session.context.environment.get("WACLI_PROFILE")
        self.name = chosen or _usual_name(session.config)
        self.is_named = chosen is not None
        self.given = given
        self.token = GivenToken(None, None)
        self.secrets: dict[str, str] = {}  # besides the token
        self.verified: Verification | None = None
        self.is_saved = False
        self._take_over()

    def rename(self, name: str) -> None:
        """The profile gets another name, before anything is written."""
        self.name = name
        self._take_over()

    def _take_over(self) -> None:
        """The session works with the profile that is being made, so that words and paths are its own."""
        section = self.session.config.profiles.get(self.name)
        values = {
            setting.key: Value(self.given[setting.key], "flag")
            if setting.key in self.given
            else Value(section[setting.key], "config.toml")
            if section is not None and setting.key in section
            else Value(setting.default, "default")
            for setting in SETTINGS
        }
        self.profile = Profile(self.name, values, section is not None)
        self.session.profile = self.profile

    def learn(self, key: str, value: str | None) -> None:
        """Something asked or found out; what was given stays."""
        if value is not None and key not in self.given:
            self.given[key] = value
            self._take_over()

    def begin(self, token_file: str | None) -> None:
        """Name, kind and token. Raises `Invalid` where there is no token and one is needed."""
        if self.asking.is_possible:
            ask_name_and_kind(self)
        if self.profile["kind"] == "sandbox":
            self.token = use_sandbox(self)
        elif self.profile["kind"] == "cloud-api":
            self.token = choose_token(self.session, self.asking, self.profile, token_file, self.given)

    def client(self) -> Client:
        """Meta's API with the token that was given, before it is kept anywhere."""
        from wacli.cloudapi.client import Client, Settings

        profile, usual = self.profile, Settings()
        settings = Settings(profile["api_base"] or usual.base_url, profile["api_version"] or usual.version)
        source = self.token.value or token_source(profile, self.session.context.environment)
        return Client(source, settings)

    def check(self, client: Client, wants_webhook: bool | None) -> None:
        """Asks Meta; subscribes the webhook where that is wanted. Raises the first failure that makes it useless."""
        subject, clock = subject_of(self.profile), self.session.context.now
        self.verified = verify(client, subject, clock)
        if self.verified.fatal:
            if self.session.format is Format.TABLE:
                self.show()
            raise problem_of(self.verified.fatal)
        if wants_webhook is None and self.verified.is_subscribed is False:
            wants_webhook = self.asking.agrees(t("Send this account's webhooks to the app of this token?"))
        if wants_webhook and subject.waba_id is not None:
            self.verified = subscribe(client, subject, self.verified, clock())

    def finish(self) -> None:
        """Country and time zone come last: nobody answers questions for a number that does not work."""
        number = None if self.verified is None else self.verified.findings.number
        shown = number.display_phone_number if isinstance(number, BusinessNumber) else None
        ask_local(self, country_of(shown))

    def save(self) -> None:
        """Writes settings, secret and a store that knows the number; what was there and is not new stays."""
        from wacli.store import numbers
        from wacli.store.database import open_store

        environment = self.session.context.environment
        fresh = {key: value for key, value in self.given.items() if value != (self._section().get(key))}
        if self.profile.exists:
            for key, value in fresh.items():
                set_value(self.path, self.name, key, value)
        else:
            add_profile(self.path, self.name, {"kind": self.profile["kind"] or KINDS[0], **fresh})
        if self.token.value is not None:
            place = keep_secret(self.name, "token", self.token.value, environment)
            self.token = GivenToken(None, place)
            if "token_command" not in self.given and self.profile["token_command"] is not None:
                set_value(self.path, self.name, "token_command", None)  # it would win over the new one
        for secret, value in self.secrets.items():
            keep_secret(self.name, secret, value, environment)
        number = None if self.verified is None else self.verified.findings.number
        with open_store(self.session.store_path, create=True) as store:
            if isinstance(number, BusinessNumber) and number.display_phone_number is not None:
                numbers.name(store, number.id, number.display_phone_number, self.profile["waba_id"])
        self.is_saved = True

    def _section(self) -> dict[str, str]:
        return dict(self.session.config.profiles.get(self.name, {}))

    def show(self, *, is_dry_run: bool = False) -> None:
        """Answers with the profile as it is now."""
        missing = self._missing()
        outcome = SetUp(
            self.name,
            {key: self.profile[key] for key in _DESCRIBED},
            str(self.path),
            self.token.place,
            self.session.config.default_profile in (None, self.name),
            None if self.verified is None else self.verified.is_subscribed,
            self.is_saved,
            is_dry_run,
            () if self.verified is None else self.verified.checks,
            missing,
            [*self._settings_to_make(missing), *self._next()] if self.is_saved else (),
        )
        record = setup_record(outcome, self.session.words, with_details=self.session.options.debug)
        self.session.write_record(record)

    def _missing(self) -> list[str]:
        wanted = ["country", "time_zone"]
        if self.profile["kind"] != "phone-app":
            wanted = ["phone_number_id", "waba_id", *wanted]
        return [key for key in wanted if self.profile[key] is None]

    def _settings_to_make(self, missing: list[str]) -> list[Text]:
        values = {"country": "ID", "time_zone": "Asia/Jakarta"}
        commands = (f"wacli{self._flag()} config set {key} {values.get(key, 'ID')}" for key in missing)
        return [t("{command}", command=command) for command in commands]

    def _next(self) -> list[Text]:
        flag, kind = self._flag(), self.profile["kind"]
        if kind == "sandbox":
            return [
                t("wacli{profile} sandbox      (in another terminal)", profile=flag),
                t("wacli{profile} doctor", profile=flag),
            ]
        if kind == "phone-app":
            return [t("wacli{profile} ingest FILE      (what customers wrote, from webhooks)", profile=flag)]
        if self.verified is None:
            return [t("wacli{profile} doctor      (nothing was checked)", profile=flag)]
        lines = [t("wacli{profile} templates pull", profile=flag), t("wacli{profile} threads", profile=flag)]
        if flag:
            lines.append(t("wacli profiles use {name}      (to leave out -p {name})", name=self.name))
        return lines

    def _flag(self) -> str:
        default = self.session.config.default_profile
        return "" if default in (None, self.name) else f" -p {self.name}"


def _usual_name(config: Config) -> str:
    """The default profile, unless it is for practising: nobody turns the demo's shop into a real one by accident."""
    usual = config.default_profile or next(iter(config.profiles), None)
    is_real = usual is not None and config.profiles.get(usual, {}).get("kind") != "sandbox"
    return usual if usual is not None and is_real else NEW_PROFILE
