"""The Cloud API client of the active profile. Made only by commands that are about to use it: a dry run has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacli.domain.problem import Refused
from wacli.domain.text import t

from .secrets import token_source

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

    from .session import Session


def client_of(session: Session) -> Client:
    """The client. Raises `Refused` for a phone-app profile, which has no API."""
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
    settings = Settings(profile["api_base"] or Settings().base_url, profile["api_version"] or Settings().version)
    return Client(token_source(profile, session.context.environment), settings)
