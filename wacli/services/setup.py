"""`wacli setup`: finding the account and number behind a token, checking them, subscribing the webhook.

People do not copy ids if it can be helped: the token names the accounts it was given for (facts cloud-api.md section
1; `granular_scopes` of `debug_token`), the account names its numbers, its currency is Meta's word, and the country
follows from the number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from wacli.cloudapi.account import (
    MANAGEMENT,
    MESSAGING,
    get_account,
    get_health,
    inspect_token,
    list_subscribed_apps,
    subscribe_app,
)
from wacli.cloudapi.client import Client
from wacli.cloudapi.failures import ApiError
from wacli.cloudapi.numbers import BusinessNumber, list_numbers
from wacli.domain.problem import Problem, Remote
from wacli.domain.text import t

from .checks import Check, Subject, failures
from .doctor_account import judge_account
from .doctor_findings import TOKEN_CODES, Findings, ask_everything

# What makes a profile useless: nothing is saved then, unless it was asked not to check. A number that is ours but not
# registered yet is no mistake in the settings.
FATAL: Final = frozenset({"connection", "token", "token-expiry", "permissions", "account"})


class Verification(NamedTuple):
    """What Meta told about the settings, and what that means."""

    findings: Findings
    checks: list[Check]

    @property
    def fatal(self) -> list[Check]:
        """The failures that make the profile useless."""
        names = FATAL if self._is_number_ours else FATAL | {"number"}
        return [check for check in failures(self.checks) if check.name in names]

    @property
    def _is_number_ours(self) -> bool:
        number, numbers = self.findings.number, self.findings.numbers
        if number is None or isinstance(number, Problem):
            return False
        return not isinstance(numbers, list) or any(one.id == number.id for one in numbers)

    @property
    def is_subscribed(self) -> bool | None:
        """True when the token's app gets the account's webhooks (any app where Meta does not name the token's), None
        where that is not known."""
        apps, token = self.findings.apps, self.findings.token
        if not isinstance(apps, list):
            return None
        own = None if isinstance(token, Problem) else token.app_id
        return any(own in (None, app.id) for app in apps)


def list_accounts(client: Client) -> tuple[str, ...]:
    """The accounts that the token was given for; none where Meta does not tell. Raises what a bad token raises."""
    try:
        token = inspect_token(client)
    except ApiError as refusal:
        if refusal.failure.code in TOKEN_CODES:
            raise
        return ()
    return token.targets_of(MANAGEMENT) or token.targets_of(MESSAGING) or ()


def list_account_numbers(client: Client, waba_id: str) -> list[BusinessNumber]:
    """The numbers of an account."""
    return list(list_numbers(client, waba_id))


def currency_of(client: Client, waba_id: str) -> str | None:
    """The currency that Meta bills the account in, None where it does not tell."""
    try:
        return get_account(client, waba_id).currency
    except ApiError:
        return None


def country_of(display_phone_number: str | None) -> str | None:
    """The country that a business number belongs to, None where the number does not say."""
    import phonenumbers

    try:
        number = phonenumbers.parse(display_phone_number or "")
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(number)
    return country if country is not None and len(country) == 2 and country.isalpha() else None


def verify(client: Client, subject: Subject, clock: Callable[[], datetime]) -> Verification:
    """Asks Meta about token, account and number. Raises nothing of the API."""
    findings = ask_everything(client, subject.waba_id, subject.phone_number_id, clock)
    return Verification(findings, judge_account(findings, subject, clock()))


def subscribe(client: Client, subject: Subject, verified: Verification, now: datetime) -> Verification:
    """Sends the account's webhooks to the token's app and looks again. Raises what the API raises."""
    assert subject.waba_id is not None  # verified before
    subscribe_app(client, subject.waba_id)
    apps = list_subscribed_apps(client, subject.waba_id)
    health = verified.findings.health
    if subject.phone_number_id is not None and not isinstance(health, Problem):
        health = get_health(client, subject.phone_number_id)  # where the webhooks go is known only once they go
    findings = verified.findings._replace(apps=apps, health=health)
    return Verification(findings, judge_account(findings, subject, now))


def problem_of(fatal: list[Check]) -> Problem:
    """The first failure as a problem: Meta's own where it came from one. Its exit status says what kind it is."""
    first = fatal[0]
    if first.problem is not None:
        first.problem.hint = first.next or first.problem.hint  # the check knows more, such as the right ids
        return first.problem
    return Remote(
        "setup-check-failed",
        t("Nothing was saved: {check}", check=first.message),
        first.next,
        {"checks": [check.name for check in fatal], **first.details},
    )
