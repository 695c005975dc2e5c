"""Whether what customers write comes in: the account's subscription and the address it goes to. Pure.

Source: facts cloud-api.md section 5: an account's webhooks go to the subscribed apps; for messages the number's own
address wins over the account's, that over the app's.
"""

from __future__ import annotations

from wacli.cloudapi.account import Health, TokenFacts
from wacli.domain.problem import Problem
from wacli.domain.text import t

from .checks import Check, Result, Subject
from .doctor_findings import Findings

_NAME = "webhook"


def judge_webhook(findings: Findings, subject: Subject) -> Check:
    """Subscribed or not, by which app, to which address."""
    apps = findings.apps
    if apps is None:
        return Check(_NAME, Result.SKIPPED, t("not asked: the profile has no {key}", key="waba_id"))
    if isinstance(apps, Problem) and isinstance(findings.account, Problem):  # the account's check says why
        return Check(_NAME, Result.UNKNOWN, t("Meta did not show it"))
    if isinstance(apps, Problem):
        return Check(_NAME, Result.UNKNOWN, apps.message, apps.hint, apps.details, apps)
    urls = _urls(findings)
    details: dict[str, object] = {"apps": [app.id for app in apps], "urls": list(urls) if urls is not None else None}
    if not apps:
        return Check(
            _NAME,
            Result.FAIL,
            t("No app gets this account's webhooks: nothing that customers write comes in"),
            t("Subscribe yours: wacli -p {profile} setup --subscribe", profile=subject.profile),
            details,
        )
    own = findings.token.app_id if isinstance(findings.token, TokenFacts) else None
    names = ", ".join(app.name or app.id for app in apps)
    if own is not None and all(app.id != own for app in apps):
        return Check(
            _NAME,
            Result.WARN,
            t("Webhooks go to {apps}, not to the app of this token", apps=names),
            t("Subscribe yours: wacli -p {profile} setup --subscribe", profile=subject.profile),
            details,
        )
    if urls == ():
        hint = t("Give Meta one: app dashboard, WhatsApp, Configuration, Webhook")
        if subject.kind == "sandbox":
            hint = t("Give the sandbox one: wacli -p {profile} sandbox --callback-url URL", profile=subject.profile)
        return Check(_NAME, Result.WARN, t("{apps} is subscribed, but has no address", apps=names), hint, details)
    if urls:
        return Check(_NAME, Result.OK, t("{apps}, to {url}", apps=names, url=urls[0]), details=details)
    return Check(_NAME, Result.OK, t("{apps} is subscribed", apps=names), details=details)


def _urls(findings: Findings) -> tuple[str, ...] | None:
    """The addresses that Meta names; None where it names neither one nor none."""
    apps = findings.apps if isinstance(findings.apps, list) else []
    overrides = tuple(app.callback_uri for app in apps if app.callback_uri is not None)
    health = findings.health
    told = health.webhook_urls if isinstance(health, Health) else None
    if told is None:
        return overrides or None
    return told or overrides
