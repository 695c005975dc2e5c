"""The owner's imported cards: the same files as the packaged ones, in a folder of the profile, marked as theirs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wacli.domain.market import Markets
from wacli.domain.rate_card import RateCard

from .card_file import card_name, dump_card, load_card
from .strict import read_toml


def load_user_cards(files: Iterable[Path], markets: Markets) -> list[RateCard]:
    """Reads imported cards. Raises `Invalid` (code `bad-rate-file`) for a broken one."""
    cards = []
    for file in files:
        text = file.read_text("utf-8")
        day = read_toml(text, file.name).day("effective_from")
        cards.append(load_card(text, file.name, markets.names_on(day), is_user=True))
    return cards


def save_user_card(folder: Path, card: RateCard, source: str) -> Path:
    """Writes a card into the folder (made if missing), whole or not at all, and returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{card_name(card.effective_from, card.currency, card.publisher)}.toml"
    text = dump_card(card, {word: source for _, word in card.cells})
    draft = file.with_suffix(".toml.new")
    draft.write_text(text, "utf-8")
    draft.replace(file)
    return file
