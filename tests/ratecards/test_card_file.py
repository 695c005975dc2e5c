"""The strict loader: each broken card of the drawer and its sentence, round trips, past cards that never change."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from wacli.domain.problem import Invalid
from wacli.ratecards.card_file import dump_card, load_card
from wacli.ratecards.packaged import read_packaged
from wacli.ratecards.shelf import shelf

DRAWER = Path(__file__).parent.parent / "data" / "broken_cards"
CARDS = Path(__file__).parents[2] / "wacli" / "ratecards" / "cards"
MARKETS = shelf().markets.names_on(date(2026, 10, 1))

# A price that was once published stays what it was: a correction is a new card or a new source, never an edit.
FROZEN: dict[str, str] = {
    "2022-02-01.EUR.toml": "c1c95cf3af3203845f655a752fdad488",
    "2022-02-01.IDR.resale.toml": "f176b18900cbf5d22f416b4804c94fe5",
    "2022-02-01.IDR.toml": "69fae5cd2dc94d0dfc3819b2a635cd09",
    "2022-02-01.USD.derived.toml": "55a3a8ae63fdf5dcc2596fb07a1838cb",
    "2022-02-01.USD.resale.toml": "ef9ae29e8c2a86588e2d90b02338b9ba",
    "2023-06-01.USD.derived.toml": "96b0eddadeec2626ef6631c8d2bccfe8",
    "2023-06-01.USD.resale.toml": "8eb05e93bd768d244773078e4c755158",
    "2023-06-01.USD.toml": "5abe279c8b353dc69e42fbbf1c2549d6",
    "2024-06-01.USD.toml": "1d6d2e9fe322a266a872ab784bb6d1e4",
    "2024-11-01.USD.toml": "de2b234576775764b3b5bc873a575fab",
    "2025-04-01.INR.toml": "416c53d154a8702859cef530aaeb2559",
    "2025-07-01.USD.toml": "bbffad041880e469bb0557eafb797b74",
    "2025-10-01.INR.toml": "61a09c0ec0114581f160fefade746e8b",
    "2025-10-01.USD.toml": "f3108906eee9139a68385cd1af576ba2",
    "2026-01-01.INR.toml": "9b11d3082836aa44e15208c08505525c",
    "2026-01-01.USD.toml": "66a180f28dd52fac46023f9a6ae3c28d",
    "2026-04-01.INR.toml": "d3b8d38f11e6e11dadd95d83776123d5",
    "2026-04-01.USD.toml": "6d6c63044985e62d4e5dfc6ff4e96e63",
    "2026-07-01.BRL.toml": "e848de956ab868ddcc64515252676e60",
    "2026-07-01.EUR.toml": "45882ab62bcec48fc7a033b9560dc668",
    "2026-07-01.GBP.toml": "82fe7bf2e5bf8f013191fcf9fcf4a74f",
    "2026-07-01.SAR.toml": "27d1de56a5dfe985592aa77a5a74bd33",
    "2026-07-01.USD.toml": "510b41b18eb6ac5a29b249afbcb05d9f",
    "2026-10-01.AED.toml": "b7f88fcc11aa7a1c3f434a6b655e7b97",
    "2026-10-01.COP.toml": "84791d2df883a2983454662713b79130",
    "2026-10-01.INR.toml": "b1461470ce9caef910bb752835f75d2d",
    "2026-10-01.USD.toml": "7f1992ccbef7351f9986c528fe95381f",
}


@pytest.mark.parametrize("case", sorted(folder.name for folder in DRAWER.iterdir()))
def test_a_broken_card_is_refused_with_its_file_and_key(case: str) -> None:
    file = next((DRAWER / case).glob("*.toml"))
    with pytest.raises(Invalid) as refusal:
        load_card(file.read_text("utf-8"), file.name, MARKETS)
    sentence = (DRAWER / case / "sentence.txt").read_text("utf-8").rstrip("\n")
    assert refusal.value.code == "bad-rate-file"
    assert refusal.value.hint is not None
    if case == "not_toml":
        assert str(refusal.value.message).startswith(sentence)
    else:
        assert str(refusal.value.message) == sentence


def test_the_drawer_s_cards_are_broken_in_one_place_only() -> None:
    text = (DRAWER / "unknown_key" / "2026-10-01.XTS.toml").read_text("utf-8").replace('colour = "red"\n', "")
    card = load_card(text, "2026-10-01.XTS.toml", MARKETS)
    assert len(card.cells) == 2


def test_past_cards_are_frozen() -> None:
    found = {file.name: sha256(file.read_bytes()).hexdigest()[:32] for file in CARDS.glob("*.toml")}
    assert {name: digest for name, digest in found.items() if name in FROZEN} == FROZEN
    assert set(found) == set(FROZEN), "a new card: add its digest"


def test_a_card_written_is_the_card_read() -> None:
    ours = shelf()
    for card in read_packaged().cards:
        tier_sources = {word: card.sources[-1] for (_, word), rate in card.cells.items() if rate.bands}
        again = load_card(dump_card(card, tier_sources), f"{card.id}.toml", ours.markets.names_on(card.effective_from))
        assert again.cells == card.cells
        assert (again.complete, again.unit, again.publisher) == (card.complete, card.unit, card.publisher)
