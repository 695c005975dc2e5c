"""The active profile as `setup` and `doctor` look at it, and the machine it is on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wacli import __version__
from wacli.services.checks import Subject

from .config import Profile, config_path
from .secrets import SECRETS, secret_file

if TYPE_CHECKING:
    from wacli.services.doctor_machine import Machine

    from .session import Session


def subject_of(profile: Profile) -> Subject:
    """The settings that checks look at."""
    return Subject(
        profile.name,
        profile.exists,
        profile["kind"] or "cloud-api",
        profile["phone_number_id"],
        profile["waba_id"],
        profile["country"],
        profile["time_zone"],
        profile["currency"] or "USD",
        profile["api_version"] or "",
    )


def machine_of(session: Session) -> Machine:
    """This process's versions and paths."""
    from wacli.services.doctor_machine import Machine

    environment, profile = session.context.environment, session.profile
    program = Path(sys.argv[0]).absolute() if sys.argv and sys.argv[0] else None
    return Machine(
        __version__,
        (sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        program if program is not None and program.is_file() else None,
        environment.get("PATH", ""),
        config_path(environment),
        tuple(secret_file(profile.name, name, environment) for name in SECRETS),
        session.store_path,
    )
