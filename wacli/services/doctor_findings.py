"""What Meta tells about an account, fetched once and without judging: the questions that `setup` and `doctor` ask.

Each answer is a value or the problem that came instead. After a problem that every further question would meet (no
connection, no token, a token that Meta refuses) nothing more is asked: nobody waits for eight time-outs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

from wacli.cloudapi.account import (
    AccountFacts,
    Health,
    SubscribedApp,
    TokenFacts,
    get_account,
    get_health,
    inspect_token,
    list_subscribed_apps,
    server_clock,
)
from wacli.cloudapi.client import Client
from wacli.cloudapi.failures import ApiError
from wacli.cloudapi.numbers import BusinessNumber, get_number, list_numbers
from wacli.domain.problem import Problem

Answer = TypeVar("Answer")
TOKEN_CODES = frozenset({0, 104, 190})


class ServerTime(NamedTuple):
    """The server's clock, and ours right before and after it was asked."""

    server_at: datetime | None
    asked_at: datetime
    answered_at: datetime


class Findings(NamedTuple):
    """Everything asked; None where there was nothing to ask about. `obstacle` stood in the way of all the rest."""

    token: TokenFacts | Problem
    account: AccountFacts | Problem | None
    numbers: list[BusinessNumber] | Problem | None
    number: BusinessNumber | Problem | None
    health: Health | Problem | None
    apps: list[SubscribedApp] | Problem | None
    time: ServerTime | Problem
    obstacle: Problem | None

    @property
    def is_token_accepted(self) -> bool:
        """True when Meta has answered anything with this token."""
        told = (self.token, self.account, self.numbers, self.number, self.apps)
        return any(one is not None and not isinstance(one, Problem) for one in told)


class Questions:
    """Asks one after another until something stands in the way of all."""

    def __init__(self) -> None:
        self.obstacle: Problem | None = None

    def ask(self, call: Callable[[], Answer]) -> Answer | Problem:
        """The answer, or the problem that came instead."""
        if self.obstacle is not None:
            return self.obstacle
        try:
            return call()
        except ApiError as refusal:
            if refusal.failure.code in TOKEN_CODES:
                self.obstacle = refusal
            return refusal
        except Problem as problem:
            self.obstacle = problem
            return problem


def ask_everything(
    client: Client, waba_id: str | None, phone_number_id: str | None, clock: Callable[[], datetime]
) -> Findings:
    """Asks about the token, the account and the number. Raises nothing of the API."""
    questions = Questions()
    time = questions.ask(lambda: _server_time(client, clock))
    token = questions.ask(lambda: inspect_token(client))
    account: AccountFacts | Problem | None = None
    numbers: list[BusinessNumber] | Problem | None = None
    apps: list[SubscribedApp] | Problem | None = None
    number: BusinessNumber | Problem | None = None
    health: Health | Problem | None = None
    if waba_id is not None:
        account = questions.ask(lambda: get_account(client, waba_id))
        numbers = questions.ask(lambda: list(list_numbers(client, waba_id)))
        apps = questions.ask(lambda: list_subscribed_apps(client, waba_id))
    if phone_number_id is not None:
        number = questions.ask(lambda: get_number(client, phone_number_id))
        health = questions.ask(lambda: get_health(client, phone_number_id))
    return Findings(token, account, numbers, number, health, apps, time, questions.obstacle)


def _server_time(client: Client, clock: Callable[[], datetime]) -> ServerTime:
    asked_at = clock()
    server_at = server_clock(client)
    return ServerTime(server_at, asked_at, clock())
