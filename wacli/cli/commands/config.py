"""`wacli config`: settings, and where each came from."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.view import Cell, Heading, Listing, Style
from wacli.render.words import LANGUAGES, sanitise

from ..config import SETTINGS, Setting, check_setting, config_path
from ..config_file import set_language, set_value
from ..options import Command, group
from ..session import Session

config = group(mark("Settings, and where each value came from"))

_Key = Annotated[str, typer.Argument(metavar="KEY", help=mark("a setting; `wacli config list` shows them"))]


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
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("check the value, and write nothing"))] = False,
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
        if not dry_run:
            set_language(path, value)
    else:
        _known(key)
        if value:
            check_setting(path, f"profiles.{session.profile.name}.{key}", key, value)
        if not dry_run:
            set_value(path, session.profile.name, key, value or None)
    if dry_run:
        session.tell(t("{value} is possible for {key}; nothing was changed", value=value or "-", key=key))
        return
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
