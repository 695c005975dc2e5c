"""What `setup` wrote or would write, what Meta said about it, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wacli.domain.text import Text, t
from wacli.services.checks import Check

from .doctor_view import check_fields, checks_listing
from .view import Cell, Listing, Paragraph, Record, Style
from .words import Words, sanitise


class SetUp(NamedTuple):
    """The outcome. `settings` are the profile's keys as they are now; None is a key that is not set.

    `token_from` says where the token is or comes from, never the token; `is_subscribed` None: not known.
    """

    profile: str
    settings: Mapping[str, str | None]
    config_file: str
    token_from: str | None
    is_default: bool
    is_subscribed: bool | None
    is_saved: bool
    is_dry_run: bool
    checks: Sequence[Check]
    missing: Sequence[str]
    next: Sequence[Text]


def setup_record(outcome: SetUp, words: Words, *, with_details: bool = False) -> Record:
    """The object for machines; for people the settings, the checks and the next commands."""
    flat: dict[str, object] = {
        "profile": outcome.profile,
        **outcome.settings,
        "config_file": outcome.config_file,
        "token_from": outcome.token_from,
        "is_default": outcome.is_default,
        "is_subscribed": outcome.is_subscribed,
        "is_saved": outcome.is_saved,
        "dry_run": outcome.is_dry_run,
        "missing": list(outcome.missing),
        "next": [words.say(line) for line in outcome.next],
        "checks": [check_fields(check, words) for check in outcome.checks],
    }
    pairs = [(key, Cell(sanitise(value))) for key, value in outcome.settings.items() if value is not None]
    if outcome.token_from is not None:
        pairs.append(("token", Cell(sanitise(outcome.token_from), Style.DIM)))
    paragraphs = [Paragraph(lines=(Cell(words.say(_title(outcome)), Style.STRONG),), pairs=tuple(pairs))]
    if outcome.checks:
        listing: Listing[Any] = checks_listing(outcome.checks, words, is_for_people=True, with_details=with_details)
        paragraphs.append(Paragraph(table=listing))
    if outcome.next:
        lines = tuple(Cell(f"  {words.say(line)}") for line in outcome.next)
        paragraphs.append(Paragraph(lines=(Cell(words.say(t("Next:")), Style.STRONG), *lines)))
    return Record(flat, tuple(paragraphs))


def _title(outcome: SetUp) -> Text:
    if outcome.is_dry_run:
        return t("Dry run: profile {name} would be written to {path}", name=outcome.profile, path=outcome.config_file)
    if not outcome.is_saved:
        return t("Profile {name} was not saved", name=outcome.profile)
    return t("Profile {name} is saved in {path}", name=outcome.profile, path=outcome.config_file)
