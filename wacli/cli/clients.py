"""The Cloud API client of the active profile. Made only by commands that are about to use it: a dry run has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacli.domain.problem import Refused
from wacli.domain.text import t

from .config import is_loopback
from .secrets import token_source

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

    from .session import Session


def client_of(session: Session) -> Client:
    """The client. Raises `Refused` for a phone-app profile, which has no API, and for a sandbox elsewhere."""
    from wacli.cloudapi.client import Client, Settings

    profile = session.profile
    if profile["kind"] == "phone-app":
        raise Refused(
            "phone-app",
            t(
                "Profile {profile} is answered by hand in the phone app; nothing can be sent for it",
                profile=profile.name,
            ),
            t("Answer in the app, or use another profile: wacli profiles list"),
        )
    base = profile["api_base"] or Settings().base_url
    if profile["kind"] == "sandbox" and not is_loopback(base):
        raise Refused(
            "sandbox-only",
            t("Profile {profile} is a sandbox and reaches this machine only, not {address}",
              profile=profile.name, address=base),
            t("Start one with wacli sandbox, then: wacli config set api_base http://127.0.0.1:4400"),
        )  # fmt: skip
    settings = Settings(base, profile["api_version"] or Settings().version)
    return Client(token_source(profile, session.context.environment), settings)
