from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.catalogues import read
from wacli.domain.money import Money
from wacli.domain.text import t, tn
from wacli.render.words import Words, language_of, sanitise, sanitise_lines

ENGLISH = Words("en", UTC)
INDONESIAN = Words("id", timezone(timedelta(hours=7)))


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;new title\x07hello", "hello"),
        ("a\x9b31mb", "ab"),
        ("\u202eevil\u202c", "evil"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("bell\x07 and nul\x00", "bell and nul"),
        ("[/red] stays as typed", "[/red] stays as typed"),
        ("سارة", "سارة"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_somebody_else_typed_cannot_drive_the_terminal(hostile: str, harmless: str) -> None:
    assert sanitise(hostile) == harmless


@given(st.text())
def test_nothing_unprintable_survives(text: str) -> None:
    clean = sanitise(text)
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E for char in clean)
    assert sanitise(clean) == clean
    assert all(sanitise(line) == line for line in sanitise_lines(text))


def test_durations_keep_two_units() -> None:
    assert ENGLISH.duration(timedelta(hours=3, minutes=12, seconds=59)) == "3 hr 12 min"
    assert ENGLISH.duration(timedelta(days=2, hours=1, minutes=5)) == "2 days 1 hr"
    assert ENGLISH.duration(timedelta(hours=5)) == "5 hr"
    assert ENGLISH.duration(timedelta(seconds=59)) == "59 sec"
    assert ENGLISH.duration(timedelta(seconds=-5)) == "0 sec"
    assert INDONESIAN.duration(timedelta(hours=3, minutes=12)) == "3 jam 12 menit"


def test_money_keeps_every_decimal_and_at_least_the_usual_ones() -> None:
    assert ENGLISH.money(Money(Decimal("0.0250"), "USD")) == "$0.025"
    assert ENGLISH.money(Money(Decimal("103.6"), "USD")) == "$103.60"
    assert INDONESIAN.money(Money(Decimal("0.0411"), "USD")) == "US$0,0411"


def test_an_instant_is_shown_in_the_readers_zone() -> None:
    instant = datetime(2026, 11, 22, 20, 5, tzinfo=UTC)
    assert ENGLISH.instant(instant) == "22 Nov 2026 20:05"
    assert INDONESIAN.instant(instant) == "23 Nov 2026 03.05"


def test_a_sentence_counts_in_words() -> None:
    assert ENGLISH.say(tn("{count} row", "{count} rows", 1)) == "1 row"
    assert ENGLISH.say(tn("{count} row", "{count} rows", 12_000)) == "12,000 rows"


def test_values_in_a_sentence_are_harmless_and_never_a_template() -> None:
    assert ENGLISH.say(t("{name} wrote", name="\x1b[31m{evil}")) == "{evil} wrote"


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ((None, "id_ID.UTF-8"), "id"),
        (("id", "en"), "id"),
        (("in-ID",), "id"),
        (("de_DE",), "en"),
        (("C.UTF-8",), "en"),
        ((None, ""), "en"),
    ],
)
def test_the_language_wished_for(wishes: tuple[str | None, ...], language: str) -> None:
    assert language_of(*wishes) == language


def test_english_needs_no_catalogue() -> None:
    assert [message.id for message in read("en") if message.id and message.string != message.id] == []


def test_figures_keep_what_the_card_says() -> None:
    assert ENGLISH.figure(Decimal("0.0250")) == "0.0250"
    assert ENGLISH.figure(Decimal("18750")) == "18,750.00"
    assert INDONESIAN.figure(Decimal("18750.5")) == "18.750,50"
