"""`wacli doctor`: looks at the machine first, then asks Meta, and says of each thing how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from wacli.domain.text import t

from .checks import Check, Result, Subject
from .doctor_account import judge_account
from .doctor_findings import ask_everything

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

# The names of the checks that need Meta, in order: one set of rows whatever could be asked.
ONLINE = (
    "connection", "token", "token-expiry", "permissions", "account", "number", "display-name", "quality",
    "messaging-limit", "health", "payment-method", "currency", "webhook", "clock",
)  # fmt: skip


def examine_account(client: Client, subject: Subject, clock: Callable[[], datetime]) -> list[Check]:
    """Asks Meta about token, account and number, and judges the answers. Raises nothing of the API."""
    findings = ask_everything(client, subject.waba_id, subject.phone_number_id, clock)
    return judge_account(findings, subject, clock())


def not_asked(kind: str) -> Iterator[Check]:
    """The same rows for who did not want Meta to be asked, or has nothing to ask about."""
    reason = t("not asked: this profile has no API") if kind == "phone-app" else t("not asked: --offline")
    return (Check(name, Result.SKIPPED, reason) for name in ONLINE)
