"""`wacli config` and `wacli profiles`: settings, where each came from, and the business numbers they belong to."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.view import Cell, Heading, Listing, Style
from wacli.render.words import LANGUAGES, sanitise

from ..config import SETTINGS, Setting, config_path
from ..config_file import add_profile, remove_profile, set_language, set_value, use_profile
from ..options import Command, group
from ..secrets import SECRETS, keep_secret
from ..session import Session

config = group(mark("Settings, and where each value came from"))
profiles = group(mark("Business numbers: one profile for each"))

_Key = Annotated[str, typer.Argument(metavar="KEY", help=mark("a setting; `wacli config list` shows them"))]
_Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("the profile's name"))]


@config.command("list", cls=Command, help=mark("Every setting of the active profile and where it came from"))
def config_list(ctx: typer.Context) -> None:
    """Every setting with its origin."""
    session: Session = ctx.obj
    store = session.store_file
    rows = [(setting.key, *session.profile.values[setting.key], setting.help) for setting in SETTINGS]
    rows = [
        (key, store.value, store.origin, help) if key == "db" else (key, value, origin, help)
        for key, value, origin, help in rows
    ]
    rows.append(("lang", session.language, _language_origin(session), mark("the language wacli speaks: en or id")))
    session.write_listing(
        Listing(
            fields=("key", "value", "origin"),
            rows=rows,
            flat=lambda row: {"key": row[0], "value": row[1], "origin": row[2]},
            headings=(
                Heading(t("Setting")),
                Heading(t("Value"), share=1),
                Heading(t("From")),
                Heading(t("Meaning"), wraps=True),
            ),
            cells=lambda row: (
                Cell(row[0], Style.STRONG),
                Cell(sanitise(row[1] or "-")),
                Cell(row[2], Style.DIM),
                Cell(session.words.say(row[3]), Style.DIM),
            ),
            empty=t("No settings"),
            footer=(t("File: {path}", path=str(config_path(session.context.environment))),),
        )
    )


def _language_origin(session: Session) -> str:
    if session.options.lang:
        return "flag"
    if session.context.environment.get("WACLI_LANG"):
        return "environment"
    return "config.toml" if session.config.language else "default"


@config.command("get", cls=Command, help=mark("One setting's value"))
def config_get(ctx: typer.Context, key: _Key) -> None:
    """Prints one value."""
    session: Session = ctx.obj
    _known(key)
    value = session.store_file.value if key == "db" else session.profile[key]
    session.context.out.write(f"{sanitise(value or '')}\n")


@config.command("set", cls=Command, help=mark("Set one setting of the active profile"))
def config_set(
    ctx: typer.Context,
    key: _Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help=mark("its new value; empty removes it"))],
) -> None:
    """Writes one value."""
    session: Session = ctx.obj
    path = config_path(session.context.environment)
    if key == "lang":
        if value not in LANGUAGES:
            raise Invalid(
                "unknown-language",
                t("There is no catalogue for {language}", language=value),
                t("Languages: {languages}", languages=", ".join(LANGUAGES)),
            )
        set_language(path, value)
    else:
        _known(key)
        set_value(path, session.profile.name, key, value or None)
    session.tell(
        t("{key} of profile {profile} is now {value}", key=key, profile=session.profile.name, value=value or "-")
    )


@config.command("path", cls=Command, help=mark("Where the configuration file is"))
def config_where(ctx: typer.Context) -> None:
    """Prints the file's path."""
    session: Session = ctx.obj
    session.context.out.write(f"{config_path(session.context.environment)}\n")


def _known(key: str) -> Setting:
    for setting in SETTINGS:
        if setting.key == key:
            return setting
    raise Invalid(
        "config-key",
        t("There is no setting {key}", key=key),
        t("Keys: {keys}", keys=", ".join(setting.key for setting in SETTINGS)),
    )


@profiles.command("list", cls=Command, help=mark("Every profile, the active one marked"))
def profiles_list(ctx: typer.Context) -> None:
    """Every profile."""
    session: Session = ctx.obj
    active = session.profile.name
    keys = ("kind", "phone_number_id", "country", "currency")
    session.write_listing(
        Listing(
            fields=("name", "active", *keys),
            rows=sorted(session.config.profiles.items()),
            flat=lambda row: {"name": row[0], "active": row[0] == active, **{key: row[1].get(key) for key in keys}},
            headings=(Heading(t("Profile")), Heading(t("Kind")), Heading(t("Number id")), Heading(t("Country"))),
            cells=lambda row: (
                Cell(("* " if row[0] == active else "  ") + sanitise(row[0]), Style.STRONG),
                *(Cell(sanitise(row[1].get(key) or "-")) for key in keys[:3]),
            ),
            empty=t("No profiles yet. Make one: wacli setup"),
        )
    )


@profiles.command("add", cls=Command, help=mark("Add a business number"))
def profiles_add(
    ctx: typer.Context,
    name: _Name,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help=mark("cloud-api, phone-app or sandbox"))
    ] = "cloud-api",
    phone_number_id: Annotated[
        str | None, typer.Option("--phone-number-id", metavar="ID", help=mark("Meta's id of the number"))
    ] = None,
    waba_id: Annotated[
        str | None, typer.Option("--waba-id", metavar="ID", help=mark("Meta's id of the account"))
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CC", help=mark("country of local numbers, such as ID"))
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option("--time-zone", metavar="ZONE", help=mark("the account's time zone, such as Asia/Jakarta")),
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CUR", help=mark("the account's currency"))
    ] = None,
) -> None:
    """Adds a profile; the first becomes the default."""
    session: Session = ctx.obj
    given = {
        "kind": kind,
        "phone_number_id": phone_number_id,
        "waba_id": waba_id,
        "country": country,
        "time_zone": time_zone,
        "currency": currency,
    }
    path = config_path(session.context.environment)
    add_profile(path, name, {key: value for key, value in given.items() if value is not None})
    session.tell(t("Profile {name} added to {path}", name=name, path=str(path)))
    if kind == "cloud-api":
        session.tell(t("Next: wacli -p {name} profiles token", name=name))


@profiles.command("use", cls=Command, help=mark("Make a profile the default one"))
def profiles_use(ctx: typer.Context, name: _Name) -> None:
    """Changes the default."""
    session: Session = ctx.obj
    use_profile(config_path(session.context.environment), name)
    session.tell(t("Profile {name} is now the default", name=name))


@profiles.command("rm", cls=Command, help=mark("Forget a profile's settings; its store stays"))
def profiles_rm(ctx: typer.Context, name: _Name) -> None:
    """Removes the settings after a yes."""
    session: Session = ctx.obj
    path = config_path(session.context.environment)
    if not session.confirm(t("Forget the settings of profile {name}?", name=name)):
        session.tell(t("Nothing was changed"))
        return
    remove_profile(path, name)
    session.tell(t("Profile {name} is forgotten; its store was not touched", name=name))


@profiles.command("token", cls=Command, help=mark("Keep a secret of the profile: asks for it, or reads it from stdin"))
def profiles_token(
    ctx: typer.Context,
    which: Annotated[
        str, typer.Option("--which", metavar="NAME", help=mark("token, app_secret or verify_token"))
    ] = "token",
) -> None:
    """Keeps a secret without it ever being in argv."""
    session: Session = ctx.obj
    if which not in SECRETS:
        raise Invalid(
            "bad-value",
            t("There is no secret {name}", name=which),
            t("Choose one of {choices}", choices=", ".join(SECRETS)),
        )
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
