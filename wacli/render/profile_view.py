"""Profiles: which business numbers there are, and one of them in full. No secret is ever shown, only where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wacli.domain.text import t

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

_LISTED = ("kind", "phone_number_id", "waba_id", "country", "time_zone", "currency")


class ProfileShown(NamedTuple):
    """One profile. `is_active`: this command works with it; `is_default`: commands do that say nothing else.

    `settings` with their defaults; `secrets`: where each is or comes from, None where there is none.
    """

    name: str
    is_active: bool
    is_default: bool
    settings: Mapping[str, str | None]
    store: str
    secrets: Mapping[str, str | None]


def profiles_listing(found: Sequence[ProfileShown]) -> Listing[ProfileShown]:
    """The list screen."""
    return Listing(
        fields=("name", "active", "default", *_LISTED, "db"),
        rows=found,
        flat=_fields,
        headings=(
            Heading(t("Profile")),
            Heading(t("Kind")),
            Heading(t("Number id")),
            Heading(t("Country")),
            Heading(t("Time zone")),
            Heading(t("Currency")),
        ),
        cells=lambda one: (
            Cell(("* " if one.is_active else "  ") + sanitise(one.name), Style.STRONG),
            *(
                Cell(sanitise(one.settings[key] or "-"))
                for key in ("kind", "phone_number_id", "country", "time_zone", "currency")
            ),
        ),
        empty=t("No profiles yet. Make one: wacli setup"),
    )


def profile_record(one: ProfileShown, words: Words) -> Record:
    """The one-thing screen."""
    say = words.say
    marks = [say(t("active"))] if one.is_active else []
    if one.is_default:
        marks.append(say(t("the default")))
    title = sanitise(one.name) + (f"  ·  {', '.join(marks)}" if marks else "")
    settings = [(key, Cell(sanitise(value))) for key, value in one.settings.items() if value is not None]
    secrets = [(key, Cell(sanitise(place or "-"), Style.DIM)) for key, place in one.secrets.items()]
    return Record(
        {
            **_fields(one),
            **one.settings,
            "db": one.store,
            **{f"{key}_from": place for key, place in one.secrets.items()},
        },
        (
            Paragraph(lines=(Cell(title, Style.STRONG),), pairs=tuple(settings)),
            Paragraph(pairs=((say(t("Store")), Cell(sanitise(one.store))), *secrets)),
        ),
    )


def _fields(one: ProfileShown) -> Flat:
    return {
        "name": one.name,
        "active": one.is_active,
        "default": one.is_default,
        **{key: one.settings[key] for key in _LISTED},
        "db": one.store,
    }
