"""`wacli profiles`: one for each business number; which there are, which is used, and the secrets they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.profile_view import ProfileShown, profile_record, profiles_listing

from ..config import KINDS, SETTINGS, choose_profile, config_path, store_path
from ..config_file import add_profile, check_new_profile, remove_profile, require_profile, use_profile
from ..options import Command, group
from ..profile_options import Country, Currency, Kind, PhoneNumberId, TimeZone, WabaId
from ..secrets import SECRETS, forget_secrets, keep_secret, secret_place
from ..session import Session

profiles = group(mark("Business numbers: one profile for each"))

_Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("the profile's name"))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("say what would be done, and do nothing"))]


@profiles.command("list", cls=Command, help=mark("Every profile, the active one marked"))
def list_(ctx: typer.Context) -> None:
    """Every profile."""
    session: Session = ctx.obj
    found = [_shown(session, name) for name in sorted(session.config.profiles)]
    session.write_listing(profiles_listing(found))


@profiles.command(
    "show",
    cls=Command,
    help=mark("One profile: its settings, its store, and where its secrets are"),
    epilog="wacli profiles show\nwacli profiles show cafe --json",
)
def show(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help=mark("the profile's name; the active one without it"))
    ] = None,
) -> None:
    """Shows one profile."""
    session: Session = ctx.obj
    if name is not None:
        require_profile(session.config, name)
    session.write_record(profile_record(_shown(session, name or session.profile.name), session.words))


@profiles.command("add", cls=Command, help=mark("Add a business number"))
def add(
    ctx: typer.Context,
    name: _Name,
    kind: Kind = None,
    phone_number_id: PhoneNumberId = None,
    waba_id: WabaId = None,
    country: Country = None,
    time_zone: TimeZone = None,
    currency: Currency = None,
    dry_run: _DryRun = False,
) -> None:
    """Adds a profile; the first becomes the default."""
    session: Session = ctx.obj
    given = {
        "kind": kind or KINDS[0],
        "phone_number_id": phone_number_id,
        "waba_id": waba_id,
        "country": country,
        "time_zone": time_zone,
        "currency": currency,
    }
    values = {key: value for key, value in given.items() if value is not None}
    path = config_path(session.context.environment)
    if dry_run:
        check_new_profile(path, name, values)
        session.tell(t("Profile {name} would be added to {path}; nothing was changed", name=name, path=str(path)))
        return
    add_profile(path, name, values)
    session.tell(t("Profile {name} added to {path}", name=name, path=str(path)))
    if values["kind"] == "cloud-api":
        session.tell(t("Next: wacli -p {name} profiles token", name=name))


@profiles.command("use", cls=Command, help=mark("Make a profile the default one"))
def use(ctx: typer.Context, name: _Name, dry_run: _DryRun = False) -> None:
    """Changes the default."""
    session: Session = ctx.obj
    require_profile(session.config, name)
    if dry_run:
        session.tell(t("Profile {name} would become the default; nothing was changed", name=name))
        return
    use_profile(config_path(session.context.environment), name)
    session.tell(t("Profile {name} is now the default", name=name))


@profiles.command("rm", cls=Command, help=mark("Forget a profile's settings and secrets; its store stays"))
def rm(ctx: typer.Context, name: _Name, dry_run: _DryRun = False) -> None:
    """Removes settings and secrets after a yes."""
    session: Session = ctx.obj
    require_profile(session.config, name)
    store = _shown(session, name).store
    if dry_run:
        session.tell(t("Profile {name} would be forgotten; nothing was changed", name=name))
        return
    if not session.confirm(t("Forget the settings and secrets of profile {name}?", name=name)):
        session.tell(t("Nothing was changed"))
        return
    remove_profile(config_path(session.context.environment), name)
    forget_secrets(name, session.context.environment)
    session.tell(t("Profile {name} is forgotten; its store was not touched: {path}", name=name, path=store))


@profiles.command("token", cls=Command, help=mark("Keep a secret of the profile: asks for it, or reads it from stdin"))
def token(
    ctx: typer.Context,
    which: Annotated[
        str, typer.Option("--which", metavar="NAME", help=mark("token, app_secret or verify_token"))
    ] = "token",
    dry_run: _DryRun = False,
) -> None:
    """Keeps a secret without it ever being in argv. A dry run asks for nothing."""
    session: Session = ctx.obj
    if which not in SECRETS:
        raise Invalid(
            "bad-value",
            t("There is no secret {name}", name=which),
            t("Choose one of {choices}", choices=", ".join(SECRETS)),
        )
    if dry_run:
        session.tell(
            t("Would ask for {name} and keep it for profile {profile}", name=which, profile=session.profile.name)
        )
        return
    if session.context.in_is_terminal:
        from getpass import getpass

        value = getpass(session.say(t("{name} (not shown): ", name=which)))
    else:
        value = session.context.stdin().readline().decode("utf-8", "replace")
    value = value.strip()
    if not value:
        raise Invalid("missing", t("Nothing was given"), t("Paste the token, or pipe it in"))
    place = keep_secret(session.profile.name, which, value, session.context.environment)
    session.tell(
        t("Kept {name} of profile {profile} in {place}", name=which, profile=session.profile.name, place=place)
    )


def _shown(session: Session, name: str) -> ProfileShown:
    """A profile with its defaults, as it would be if it were the active one."""
    environment: Mapping[str, str] = session.context.environment
    profile = session.profile if name == session.profile.name else choose_profile(session.config, name, environment)
    return ProfileShown(
        name,
        name == session.profile.name,
        name == choose_profile(session.config, None, {}).name,
        {setting.key: profile[setting.key] for setting in SETTINGS},
        str(store_path(profile, session.options.db, environment).value),
        {secret: secret_place(profile, secret, environment) for secret in SECRETS},
    )
