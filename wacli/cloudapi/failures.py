"""What Meta's refusals mean, and the ways in which a request can end.

Source: facts cloud-api.md section 6. Decide by `code`; `error_data` may be an object, a string or missing; HTTP
statuses are unreliable. The API has no idempotency key, so one question matters more than all others: *does the
answer prove that nothing was accepted?* Only then may a program repeat a send:

- `NotSent`: the request never left whole (refused connection, unknown host, TLS failure, cut off while sending).
- `ApiRefused` and `ApiBusy`: Meta answered with an `error`; nothing was accepted.
- `OutcomeUnknown`: silence, a reset or an unreadable answer after the request had left. It may have been accepted.
  Never repeated by a program: a status webhook with our key, or `message_history`, tells later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wacli.domain.problem import Problem, Remote, Unavailable
from wacli.domain.text import Text, t

from .failure_codes import Advice, FailureClass, Scope, advice_for

__all__ = [
    "ApiBusy",
    "ApiError",
    "ApiRefused",
    "Failure",
    "FailureClass",
    "NotSent",
    "OutcomeUnknown",
    "Scope",
    "advice_for",
    "failure_of",
    "failure_of_error",
    "problem_of",
]


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal: Meta's words kept as they are, ours beside them.

    `kind` says what a program may do, `scope` whom else it concerns. `proves_not_accepted` is True when the answer
    leaves no doubt that nothing was sent. `details`, `meta_message` and `fbtrace_id` are for `--debug`.
    """

    code: int | None
    kind: FailureClass
    scope: Scope
    message: Text
    why: Text
    next: Text
    details: str | None = None
    meta_message: str | None = None
    subcode: int | None = None
    fbtrace_id: str | None = None
    http_status: int | None = None
    proves_not_accepted: bool = False
    wait_s: int | None = None

    @property
    def may_retry(self) -> bool:
        """True when a program may send the same again: only retry classes, and only when nothing was accepted."""
        return self.proves_not_accepted and self.kind in (FailureClass.RETRY, FailureClass.RETRY_ONCE)

    @property
    def stops_run(self) -> bool:
        """True when no further message of a run should be tried: class A, and the spam limit (131048)."""
        return self.kind is FailureClass.ACCOUNT or self.code == _SPAM_LIMIT


class ApiError(Problem):
    """Meta said no; `failure` says what and why. Catch this to catch both kinds."""

    def __init__(self, failure: Failure) -> None:
        name = "api-error" if failure.code is None else f"api-{failure.code}"
        details = {
            "code": failure.code,
            "subcode": failure.subcode,
            "class": failure.kind.value,
            "details": failure.details,
            "meta_message": failure.meta_message,
            "fbtrace_id": failure.fbtrace_id,
            "http_status": failure.http_status,
        }
        super().__init__(name, t("{happened}: {why}", happened=failure.message, why=failure.why), failure.next, details)
        self.failure = failure


class ApiRefused(ApiError, Remote):
    """A refusal that repeating does not change (classes F and A)."""


class ApiBusy(ApiError, Unavailable):
    """A refusal that time may change (classes R, R once and L)."""


class NotSent(Unavailable):
    """The request never left whole: nothing was accepted, and it may be repeated. `reason` is for programs."""

    def __init__(self, reason: str, message: Text, hint: Text, details: Mapping[str, object]) -> None:
        super().__init__(f"not-sent-{reason}", message, hint, details)
        self.reason = reason


class OutcomeUnknown(Problem):
    """The request left, and nothing tells whether it was accepted. Not `Unavailable`: nobody should just try again."""

    def __init__(self, reason: str, details: Mapping[str, object]) -> None:
        super().__init__(
            "outcome-unknown",
            t(
                "It is not known whether WhatsApp took the message: {reason}",
                reason=_REASONS.get(reason, t("no answer")),
            ),
            t("Do not send it again yet: a webhook may still tell. See what became of it: wacli outbox list"),
            {"reason": reason, **details},
        )
        self.reason = reason


_SPAM_LIMIT = 131048
_UNSURE_STATUSES = frozenset({408, 409, 499})  # the server gave up waiting, or says that something is under way
_REASONS = {
    "timeout": t("no answer came in time"),
    "closed": t("the connection broke before the answer"),
    "unreadable": t("the answer could not be read"),
    "too-large": t("the answer was too large"),
    "server-error": t("the server failed without saying why"),
    "interrupted": t("wacli was stopped before the answer came"),
}


def problem_of(failure: Failure) -> ApiError:
    """The problem to raise for a refusal."""
    if failure.kind in (FailureClass.FIX, FailureClass.ACCOUNT):
        return ApiRefused(failure)
    return ApiBusy(failure)


def failure_of(http_status: int, body: object, wait_s: int | None = None) -> Failure:
    """The failure behind an answer that is not a success: `body` is the decoded JSON, or None where there is none."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return failure_of_error(error, http_status, wait_s)
    said = error if isinstance(error, str) else None
    proves = said is not None or (400 <= http_status < 500 and http_status not in _UNSURE_STATUSES)
    kind, scope = _kind_by_status(http_status)
    return _failure(None, kind, scope, _unknown_advice(None, http_status), said, http_status, proves, wait_s)


def failure_of_error(error: Mapping[str, object], http_status: int | None = None, wait_s: int | None = None) -> Failure:
    """The failure in one `error` object, or in one element of a webhook's `errors`."""
    code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
    advice = None if code is None else _advice_for(code, subcode)
    if advice is not None:
        kind, scope = advice.kind, advice.scope
    else:
        kind, scope = _kind_by_status(http_status or 400)
        if error.get("is_transient") is True:
            kind = FailureClass.RETRY
        advice = _unknown_advice(code, http_status)
    message = _words(error.get("message")) or _words(error.get("title"))
    return Failure(
        code,
        kind,
        scope,
        advice.happened,
        advice.why,
        advice.next,
        _details(error) or _words(error.get("error_user_msg")),
        message,
        subcode,
        _words(error.get("fbtrace_id")),
        http_status,
        # Graph's negative codes stand for its own time-outs: the work may have been done.
        proves_not_accepted=code is None or code >= 0,
        wait_s=wait_s,
    )


def _advice_for(code: int, subcode: int | None) -> Advice | None:
    """100 says that something is wrong; its subcode says what: 33, that the object is gone or not visible, and what is
    wrong with a template (2388xxx) or a phone's history (2593xxx)."""
    tells = code == 100 and subcode is not None and (subcode == 33 or subcode > 1_000_000)
    return (advice_for(subcode) if tells and subcode is not None else None) or advice_for(code)


def _failure(
    code: int | None,
    kind: FailureClass,
    scope: Scope,
    advice: Advice,
    said: str | None,
    http_status: int,
    proves: bool,
    wait_s: int | None,
) -> Failure:
    return Failure(
        code,
        kind,
        scope,
        advice.happened,
        advice.why,
        advice.next,
        said,
        None,
        None,
        None,
        http_status,
        proves_not_accepted=proves,
        wait_s=wait_s,
    )


def _kind_by_status(status: int) -> tuple[FailureClass, Scope]:
    if status == 429:
        return FailureClass.RETRY, Scope.RUN
    if status in (401, 403):
        return FailureClass.ACCOUNT, Scope.RUN
    if status >= 500 or status in _UNSURE_STATUSES:
        return FailureClass.RETRY_ONCE, Scope.MESSAGE
    return FailureClass.FIX, Scope.MESSAGE


def _unknown_advice(code: int | None, http_status: int | None) -> Advice:
    """For codes that Meta added after this table was written, and for answers without any."""
    if code is not None:
        happened = t("Meta refused the request with error {code}", code=code)
    else:
        happened = t("The server answered with HTTP status {status}", status=http_status or 0)
    return Advice(
        FailureClass.FIX,
        Scope.MESSAGE,
        happened,
        t("wacli does not know this error"),
        t("Look at what Meta says about it with --debug"),
    )


def _details(error: Mapping[str, object]) -> str | None:
    extra = error.get("error_data")
    if isinstance(extra, Mapping):
        return _words(extra.get("details"))
    return _words(extra)


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    return None
