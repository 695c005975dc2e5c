"""The shelf of rate cards for a command: the packaged ones, and the owner's from the `rates` folder beside config.toml.

Apart from `wacli.cli.stores` because prices need no store: `estimate` and `rates` never load SQLite.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wacli.ratecards.shelf import Shelf, shelf

from .config import config_folder

if TYPE_CHECKING:
    from .session import Session


def rates_folder(session: Session) -> Path:
    """Where imported cards are kept; it need not exist."""
    return config_folder(session.context.environment) / "rates"


def shelf_of(session: Session) -> Shelf:
    """The shelf. Raises `Invalid` (code `bad-rate-file`) when an imported card is broken."""
    return shelf(rates_folder(session))


def day_asked(session: Session, text: str | None) -> date:
    """The day that was typed, else the day of `--at` or today; in the account's time zone, as prices change there."""
    if text is None:
        return session.now.astimezone(session.zone).date()
    from .instants import parse_day

    return parse_day(text, session.now, session.zone)


def currency_asked(session: Session, text: str | None) -> str:
    """The currency that was typed, else the profile's. Raises `Invalid` (code `no-such-currency`)."""
    from wacli.services.estimate_terms import read_currency

    return read_currency(text if text is not None else session.profile["currency"] or "USD")
