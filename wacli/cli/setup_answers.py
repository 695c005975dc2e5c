"""What `setup` asks for and finds out: name, kind, account, number, country, time zone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t
from wacli.services.setup import currency_of, list_account_numbers, list_accounts

from .asking import Asking
from .config import KINDS, SETTINGS, Profile
from .config_file import is_profile_name
from .setup_token import GivenToken

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client
    from wacli.cloudapi.numbers import BusinessNumber

    from .session import Session

SANDBOX_URL = "http://127.0.0.1:4400"
_CHECKS = {setting.key: setting.check for setting in SETTINGS}
_KINDS = (
    t("cloud-api: through Meta's WhatsApp Cloud API"),
    t("phone-app: by hand, in the free WhatsApp Business app; wacli sends nothing"),
    t("sandbox: to practise on this machine; reaches nobody"),
)


class SetupInProgress(Protocol):
    """The profile being made."""

    session: Session
    asking: Asking
    profile: Profile
    name: str
    is_named: bool
    given: dict[str, str]
    secrets: dict[str, str]  # besides the token

    def learn(self, key: str, value: str | None) -> None:
        """Something asked or found out; what was given stays."""

    def rename(self, name: str) -> None:
        """The profile gets another name, before anything is written."""


def ask_name_and_kind(run: SetupInProgress) -> None:
    """Whether it is a new profile, and how its number is used."""
    if not run.is_named:
        name = run.asking.ask(t("Name of the profile"), run.name, _name)
        run.rename(name or run.name)
    if "kind" not in run.given and not run.profile.exists:
        choice = run.asking.choose(t("How is this number answered?"), [run.session.say(kind) for kind in _KINDS])
        run.learn("kind", KINDS[choice])


def _name(text: str) -> Text | None:
    return None if is_profile_name(text) else t("use letters, digits, - and _, for example: shop")


def use_sandbox(run: SetupInProgress) -> GivenToken:
    """The made-up ids and secrets of the sandbox that `wacli sandbox` starts."""
    from wacli.sandbox.engine import Engine

    account = Engine().account
    for key, value in (
        ("phone_number_id", account.numbers[0].id),
        ("waba_id", account.waba_id),
        ("api_base", SANDBOX_URL),
        ("country", "ID"),
        ("time_zone", "Asia/Jakarta"),
    ):
        if run.profile.values[key].origin == "default":
            run.learn(key, value)
    run.secrets.update(app_secret=account.app_secret, verify_token=account.verify_token)  # for `wacli listen`
    return GivenToken(account.token, "sandbox")


def find_account(run: SetupInProgress, client: Client) -> str | None:
    """Finds account and number behind the token, asking where there are several; returns the account's currency.

    Raises what Meta says to the token, and `Invalid` (`which-account`, `which-number`) where nobody can be asked.
    """
    if run.profile["waba_id"] is None:
        run.learn("waba_id", _account(run, client))
    waba_id = run.profile["waba_id"]
    if waba_id is None:
        return None
    if run.profile["phone_number_id"] is None:
        run.learn("phone_number_id", _number(run, list_account_numbers(client, waba_id), waba_id).id)
    return currency_of(client, waba_id) if run.profile.values["currency"].origin == "default" else None


def _account(run: SetupInProgress, client: Client) -> str | None:
    accounts = list_accounts(client)
    if len(accounts) == 1:
        run.session.tell(t("The token was given for one account: {account}", account=accounts[0]))
        return accounts[0]
    if run.asking.is_possible:
        if accounts:
            return accounts[run.asking.choose(t("Which WhatsApp Business account?"), accounts)]
        return run.asking.ask(t("Id of the WhatsApp Business account"), None, _CHECKS["waba_id"])
    raise Invalid(
        "which-account",
        t("The token does not say which account it is for")
        if not accounts
        else t("The token was given for several accounts: {accounts}", accounts=", ".join(accounts)),
        t("Say which: --waba-id ID (WhatsApp Manager shows it)"),
    )


def _number(run: SetupInProgress, numbers: list[BusinessNumber], waba_id: str) -> BusinessNumber:
    if not numbers:
        raise Invalid(
            "no-number",
            t("Account {account} has no business number", account=waba_id),
            t("Add one in WhatsApp Manager, then: wacli setup"),
        )
    if len(numbers) == 1:
        run.session.tell(t("The account has one number: {number}", number=_shown(numbers[0])))
        return numbers[0]
    if run.asking.is_possible:
        return numbers[run.asking.choose(t("Which business number?"), [_shown(number) for number in numbers])]
    raise Invalid(
        "which-number",
        t("The account has several numbers: {numbers}", numbers="; ".join(_shown(number) for number in numbers)),
        t("Say which: --phone-number-id ID"),
    )


def _shown(number: BusinessNumber) -> str:
    name = f" {number.verified_name}" if number.verified_name else ""
    return f"{number.display_phone_number or '?'}{name} (id {number.id})"


def ask_local(run: SetupInProgress, country: str | None) -> None:
    """Country and time zone. `country` is the number's own: taken as it is where nobody can be asked; the time zone
    is never guessed, because money depends on it."""
    if run.profile["kind"] == "sandbox":
        return
    if not run.asking.is_possible:
        if run.profile["country"] is None:
            run.learn("country", country)
        return
    questions = {
        "country": (t("Country of local numbers such as 0812... (two letters)"), country),
        "time_zone": (
            t("Time zone of the account (months and prices turn at its midnight)"),
            machine_zone(run.session.context.environment),
        ),
    }
    for key, (question, suggestion) in questions.items():
        if run.profile[key] is None:
            run.learn(key, run.asking.ask(question, suggestion, _CHECKS[key]))


def machine_zone(environment: Mapping[str, str]) -> str | None:
    """This machine's time zone by name (TZ, else what /etc/localtime points at), None where it has none."""
    named = environment.get("TZ", "").lstrip(":")
    place = named or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return place if "/" in place and _CHECKS["time_zone"](place) is None else None
