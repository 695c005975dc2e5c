"""What the findings about an account mean: token, permissions, number, money, webhooks, clock. Pure.

Sources: facts cloud-api.md sections 1 (permissions, versions), 5 (fields of a number, webhooks), 6 (what follows from
each state), pricing.md section 10.2 (payment method). Words of Meta are open sets: a new one is shown, not judged.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wacli.cloudapi.account import MANAGEMENT, PERMISSIONS, TokenFacts
from wacli.cloudapi.failures import ApiError
from wacli.domain.problem import Problem
from wacli.domain.text import Quantity, Text, t

from .checks import Check, Result, Subject, how_to_set
from .doctor_findings import TOKEN_CODES, Findings
from .doctor_number import judge_number
from .doctor_webhook import judge_webhook

SOON_ENDING: Final = timedelta(days=7)
SKEW_SEEN: Final = timedelta(seconds=30)  # a reply sent in the last half minute of a window may come too late
SKEW_BAD: Final = timedelta(minutes=5)

_NEW_TOKEN = t("Make a new token in the Meta dashboard, then: wacli setup")
_OK, _WARN, _FAIL, _UNKNOWN = Result.OK, Result.WARN, Result.FAIL, Result.UNKNOWN


def judge_account(findings: Findings, subject: Subject, now: datetime) -> list[Check]:
    """Every check that needs Meta, in the order in which they matter."""
    checks = [
        _connection(findings, subject),
        _token(findings),
        _expiry(findings, now),
        _permissions(findings),
        _account(findings, subject),
        *judge_number(findings, subject),
        _payment(findings),
        _currency(findings, subject),
        judge_webhook(findings, subject),
        _clock(findings, subject),
    ]
    if findings.obstacle is None:
        return checks
    return [_excused(check, findings.obstacle) for check in checks]


def _excused(check: Check, obstacle: Problem) -> Check:
    """What the obstacle kept us from asking is not a finding of its own."""
    if check.result is not _UNKNOWN:
        return check
    return check._replace(
        result=Result.SKIPPED, message=t("not asked: {reason}", reason=obstacle.message), next=None, problem=None
    )


def _connection(findings: Findings, subject: Subject) -> Check:
    obstacle = findings.obstacle
    if obstacle is None or isinstance(obstacle, ApiError):
        answers = t("the sandbox answers") if subject.kind == "sandbox" else t("Meta's server answers")
        return Check("connection", _OK, answers)
    if _is_about_token(obstacle):
        return Check("connection", _UNKNOWN, t("nobody was called"))
    hint = obstacle.hint
    if subject.kind == "sandbox":
        hint = t("Start the sandbox in another terminal: wacli -p {profile} sandbox", profile=subject.profile)
    return Check("connection", _FAIL, obstacle.message, hint, obstacle.details, obstacle)


def _token(findings: Findings) -> Check:
    token, obstacle = findings.token, findings.obstacle
    if obstacle is not None and _is_about_token(obstacle):
        return Check("token", _FAIL, obstacle.message, obstacle.hint, obstacle.details, obstacle)
    if isinstance(token, TokenFacts):
        details = {"app_id": token.app_id, "app_name": token.app_name, "kind": token.kind}
        if token.is_valid is False:
            return Check("token", _FAIL, t("Meta says that the access token is not valid"), _NEW_TOKEN, details)
        if token.app_name is not None:
            return Check("token", _OK, t("valid, of the app {app}", app=token.app_name), details=details)
        return Check("token", _OK, t("valid"), details=details)
    if findings.is_token_accepted:
        return Check("token", _OK, t("Meta accepts it"))
    return Check("token", _UNKNOWN, token.message, token.hint, token.details, token)


def _is_about_token(problem: Problem) -> bool:
    if isinstance(problem, ApiError):
        return problem.failure.code in TOKEN_CODES
    return problem.code in ("no-token", "bad-token", "token-command") or problem.code.startswith("secret-")


def _expiry(findings: Findings, now: datetime) -> Check:
    token = findings.token
    if not isinstance(token, TokenFacts) or (token.expires_at is None and not token.never_expires):
        return Check("token-expiry", _UNKNOWN, t("Meta does not tell when this token ends"))
    if token.expires_at is None:
        return Check("token-expiry", _OK, t("never"), details={"expires_at": None})
    details = {"expires_at": token.expires_at}
    left = token.expires_at - now
    if left <= timedelta(0):
        return Check("token-expiry", _FAIL, t("The token ended on {day}", day=token.expires_at), _NEW_TOKEN, details)
    if left < SOON_ENDING:
        return Check(
            "token-expiry",
            _WARN,
            t("The token ends in {span}, on {day}", span=left, day=token.expires_at),
            t("Make one that does not end, for a system user in Meta's business settings, then: wacli setup"),
            details,
        )
    return Check("token-expiry", _OK, t("on {day}, in {span}", span=left, day=token.expires_at), details=details)


def _permissions(findings: Findings) -> Check:
    token = findings.token
    if not isinstance(token, TokenFacts) or token.scopes is None:
        if isinstance(findings.numbers, list):
            return Check(
                "permissions",
                _UNKNOWN,
                t("Reading the account works; whether the token may send shows only when something is sent"),
            )
        return Check("permissions", _UNKNOWN, t("Meta does not show what this token may do"))
    missing = [scope for scope in PERMISSIONS if scope not in token.scopes]
    details: dict[str, object] = {"scopes": sorted(token.scopes), "missing": missing}
    if missing:
        return Check(
            "permissions",
            _FAIL,
            t("The token lacks {permissions}", permissions=", ".join(missing)),
            t("Give the system user both permissions and the WhatsApp account, make a new token, then: wacli setup"),
            details,
        )
    return Check("permissions", _OK, t("sending and managing"), details=details)


def _account(findings: Findings, subject: Subject) -> Check:
    account = findings.account
    if account is None:
        return _no_setting("account", "waba_id")
    if isinstance(account, Problem):
        given = findings.token.targets_of(MANAGEMENT) if isinstance(findings.token, TokenFacts) else None
        hint = account.hint
        if given:
            hint = t(
                "The token was given for {accounts}: {command}",
                accounts=", ".join(given),
                command=how_to_set(subject, "waba_id", given[0]),
            )
        if account is findings.obstacle:
            return Check("account", _UNKNOWN, account.message)
        return Check("account", _FAIL, account.message, hint, account.details, account)
    details = {"id": account.id, "name": account.name}
    return Check("account", _OK, t("{name}", name=account.name or account.id), details=details)


def _payment(findings: Findings) -> Check:
    account = findings.account
    if account is None or isinstance(account, Problem) or account.has_payment_method is None:
        return Check("payment-method", _UNKNOWN, t("Meta did not tell whether the account has a payment method"))
    details = {"has_payment_method": account.has_payment_method}
    if account.has_payment_method:
        return Check("payment-method", _OK, t("there is one"), details=details)
    return Check(
        "payment-method",
        _WARN,
        t("Meta shows no payment method: what is billed is not delivered (131042), nor replies beyond the free ones"),
        t("Add one in WhatsApp Manager, then: wacli doctor"),
        details,
    )


def _currency(findings: Findings, subject: Subject) -> Check:
    account = findings.account
    if account is None or isinstance(account, Problem) or account.currency is None:
        return Check("currency", _UNKNOWN, t("Meta did not tell the account's currency"))
    details = {"account": account.currency, "profile": subject.currency}
    if account.currency == subject.currency:
        return Check("currency", _OK, t("{currency}", currency=account.currency), details=details)
    return Check(
        "currency",
        _WARN,
        t(
            "Meta bills in {account}, the profile counts in {profile}",
            account=account.currency,
            profile=subject.currency,
        ),
        t("Set it: {command}", command=how_to_set(subject, "currency", account.currency)),
        details,
    )


def _clock(findings: Findings, subject: Subject) -> Check:
    time = findings.time
    if isinstance(time, Problem) or time.server_at is None:
        return Check("clock", _UNKNOWN, t("The server did not tell its time"))
    # The server's time is cut to the second and lies between question and answer.
    late = time.server_at - time.answered_at
    early = time.asked_at - (time.server_at + timedelta(seconds=1))
    skew = max(late, early, timedelta(0))
    seconds = int(skew.total_seconds())
    details = {"skew_seconds": -seconds if late > early else seconds}
    if skew <= SKEW_SEEN:
        return Check("clock", _OK, t("right to {seconds} s", seconds=Quantity(max(seconds, 1))), details=details)
    if subject.kind == "sandbox":  # made to run fast and to jump: nothing is wrong with this computer
        hint = t("Look with its time: --at, and wacli -p {profile} sandbox show", profile=subject.profile)
        return Check("clock", _WARN, t("The sandbox's clock goes its own way: {span} apart", span=skew), hint, details)
    message: Text = t("This computer's clock is {span} behind Meta's", span=skew)
    if early > late:
        message = t("This computer's clock is {span} ahead of Meta's", span=skew)
    return Check(
        "clock",
        _FAIL if skew > SKEW_BAD else _WARN,
        message,
        t("Switch on setting the time by network: windows and prices are counted by this clock"),
        details,
    )


def _no_setting(name: str, key: str) -> Check:
    return Check(name, Result.SKIPPED, t("not asked: the profile has no {key}", key=key))
