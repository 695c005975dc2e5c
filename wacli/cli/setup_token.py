"""Where `setup` takes the access token from. It is never in argv, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .asking import Asking
from .config import Profile
from .secrets import find_secret
from .session import Session

STDIN = "-"
_TOKEN_MOST = 4096


class GivenToken(NamedTuple):
    """A token to keep, or None where it is kept already; and where it is or comes from."""

    value: str | None
    place: str | None

    def __repr__(self) -> str:
        return f"GivenToken(place={self.place!r})"


def choose_token(
    session: Session, asking: Asking, profile: Profile, token_file: str | None, given: Mapping[str, str]
) -> GivenToken:
    """The file, the command, WACLI_TOKEN, an answer, what is kept already, a piped line: the first that there is.

    Raises `Invalid` (`no-token`) where there is none.
    """
    environment = session.context.environment
    if token_file is not None:
        value = asking.piped_line() if token_file == STDIN else _read(Path(token_file))
        if not value:
            raise Invalid("no-token", t("There is no token in {path}", path=token_file), t("Put it there, alone"))
        return GivenToken(value, token_file)
    if "token_command" in given:
        return GivenToken(None, "command")
    if environment.get("WACLI_TOKEN"):
        session.tell(t("The token comes from WACLI_TOKEN, and is not kept"))
        return GivenToken(None, "environment")
    is_kept = profile.exists and find_secret(profile, "token", environment) is not None
    if asking.is_possible:
        if not is_kept:
            session.tell(
                t("Meta's App Dashboard shows an access token under WhatsApp > API Setup; it lasts 24 hours."),
                t("For every day take the token of a system user: Business settings > Users > System users."),
            )
        question = t("Access token (not shown; Enter keeps the present one): ")
        answer = asking.secret(question if is_kept else t("Access token (not shown): "))
        if answer:
            return GivenToken(answer, "answer")
    if is_kept:
        return GivenToken(None, "command" if profile["token_command"] else "kept")
    if not session.context.in_is_terminal:
        value = asking.piped_line()
        if value:
            return GivenToken(value, "stdin")
    raise Invalid(
        "no-token",
        t("Profile {profile} has no access token", profile=profile.name),
        t("Give one: wacli setup --token-file FILE (- is stdin), --token-command COMMAND, or WACLI_TOKEN"),
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_TOKEN_MOST).decode("utf-8", "replace").strip()
    except OSError as error:
        raise Invalid(
            "token-file", t("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error))
        ) from None
