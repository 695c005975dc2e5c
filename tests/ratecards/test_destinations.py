"""Where to: countries in two languages, markets, numbers; what is ambiguous or unknown."""

from __future__ import annotations

from datetime import date

import pytest

from wacli.domain.problem import Invalid, NotFound
from wacli.ratecards.destinations import resolve_destination
from wacli.ratecards.shelf import shelf

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("ID", "Indonesia"),
        ("id", "Indonesia"),
        ("UK", "United Kingdom"),
        ("usa", "North America"),
        ("Indonesia", "Indonesia"),
        ("united arab emirates", "United Arab Emirates"),
        ("Amerika Serikat", "North America"),
        ("Arab Saudi", "Saudi Arabia"),
        ("Türkiye", "Turkey"),
        ("Turki", "Turkey"),
        ("Brasil", "Brazil"),
        ("Jepang", "Rest of Asia Pacific"),
        ("Korea Selatan", "Other"),
        ("KR", "Other"),
        ("Czechia", "Rest of Central & Eastern Europe"),
        ("Rest of Africa", "Rest of Africa"),
        ("rest of central and eastern europe", "Rest of Central & Eastern Europe"),
        ("Other", "Other"),
        ("+62", "Indonesia"),
        ("+62 812-3456-7890", "Indonesia"),
        ("6281234567890", "Indonesia"),
        ("0062 812 3456 7890", "Indonesia"),
        ("+1 (809) 555-0123", "Rest of Latin America"),
        ("+82 10 1234 5678", "Other"),
        ("ID.1349120865530274", "Indonesia"),
        ("GG", "United Kingdom"),
        ("Guam", "North America"),
    ],
)
def test_places(text: str, market: str) -> None:
    ours = shelf()
    assert resolve_destination(text, TODAY, ours).market_on(ours.markets, TODAY) == market


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("KZ", "Meta publishes no prefix for Kazakhstan: +7 6 and +7 7 are taken to be it"),
        ("+7 701 123 4567", "Meta publishes no prefix for Kazakhstan: +7 6 and +7 7 are taken to be it"),
        ("GU", "no source says which market Guam belongs to: by its +1 code it is North America"),
        ("Korea Selatan", "South Korea is not on Meta's table, so its market is Other"),
        ("JE", "Jersey shares its calling code with GB and is taken to be billed as it"),
    ],
)
def test_what_no_source_settles_is_said(text: str, note: str) -> None:
    assert [str(text) for text in resolve_destination(text, TODAY, shelf()).notes] == [note]


def test_ambiguous_names_give_the_choices() -> None:
    with pytest.raises(NotFound) as refusal:
        resolve_destination("Korea", TODAY, shelf())
    assert refusal.value.code == "ambiguous-country"
    assert refusal.value.details == {"choices": ["KP", "KR"]}


@pytest.mark.parametrize(("text", "hint"), [("Indonsia", "Did you mean Indonesia"), ("Narnia", "Give a country code")])
def test_unknown_names_give_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(NotFound) as refusal:
        resolve_destination(text, TODAY, shelf())
    assert refusal.value.code == "no-such-country"
    assert str(refusal.value.hint).startswith(hint)


@pytest.mark.parametrize("text", ["0812 3456 7890", "+62 123456789012345678"])
def test_impossible_numbers_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        resolve_destination(text, TODAY, shelf())


def test_a_market_of_another_day_is_found_through_its_country() -> None:
    ours, before = shelf(), date(2026, 6, 30)
    poland = resolve_destination("Poland", before, ours)
    assert poland.market_on(ours.markets, before) == "Rest of Central & Eastern Europe"
    assert poland.market_on(ours.markets, TODAY) == "Poland"
