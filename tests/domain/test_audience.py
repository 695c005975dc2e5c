"""The words of a condition: what is understood, what they mean, what is refused and where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.audience import (
    All,
    Before,
    Compare,
    Fact,
    Field,
    Instant,
    Is,
    Known,
    Match,
    Never,
    Not,
    Said,
    Since,
    Some,
    Tree,
    joined,
    tagged,
)
from wacli.domain.audience_words import parse_condition
from wacli.domain.problem import Invalid

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")


def read(text: str) -> Tree:
    return parse_condition(text, NOW, JAKARTA)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("window open", Is(Fact.WINDOW_OPEN)),
        ("Window CLOSED", Not(Is(Fact.WINDOW_OPEN))),
        ("last message within 30 days", Since(Instant.MESSAGE, NOW - timedelta(days=30))),
        ("last message within 2h", Since(Instant.MESSAGE, NOW - timedelta(hours=2))),
        ("last message over 3 weeks ago", Before(Instant.MESSAGE, NOW - timedelta(weeks=3))),
        ("last answer more than 1 day ago", Before(Instant.ANSWER, NOW - timedelta(days=1))),
        ("added since 2026-11-01", Since(Instant.ADDED, datetime(2026, 10, 31, 17, tzinfo=UTC))),
        ("last message before 2026-11-01", Before(Instant.MESSAGE, datetime(2026, 10, 31, 17, tzinfo=UTC))),
        ("never wrote", Never(Instant.MESSAGE)),
        ("never answered", Never(Instant.ANSWER)),
        ("unanswered", Is(Fact.UNANSWERED)),
        ("opted in", Said("opted-in", "marketing")),
        ("opted out utility", Said("opted-out", "utility")),
        ("tag vip", tagged("vip")),
        ("tag = vip", tagged("vip")),
        ("tag in (vip, 'very good')", tagged("vip", "very good")),
        ("market United Kingdom", Compare(Field.MARKET, Match.EQUALS, ("United Kingdom",))),
        ("name != “Sari Dewi”", Not(Compare(Field.NAME, Match.EQUALS, ("Sari Dewi",)))),
        ('name starts with "O\'Neil"', Compare(Field.NAME, Match.STARTS, ("O'Neil",))),
        ("note contains 50%", Compare(Field.NOTE, Match.CONTAINS, ("50%",))),
        ("username is known", Known(Field.USERNAME)),
        ("name is not known", Not(Known(Field.NAME))),
        ("note is empty", Not(Known(Field.NOTE))),
        ("id in (1, 2)", Compare(Field.ID, Match.EQUALS, ("1", "2"))),
        (
            "window open or tag vip and not unanswered",
            Some((Is(Fact.WINDOW_OPEN), All((tagged("vip"), Not(Is(Fact.UNANSWERED)))))),
        ),
        (
            "(window open or tag vip) and not (unanswered)",
            All((Some((Is(Fact.WINDOW_OPEN), tagged("vip"))), Not(Is(Fact.UNANSWERED)))),
        ),
        ('name = "and"', Compare(Field.NAME, Match.EQUALS, ("and",))),
    ],
)
def test_what_is_understood(text: str, tree: Tree) -> None:
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends too early"),
        ("window", "open, closed"),
        ("window ajar", "“ajar” at character 8"),
        ("last message within", "a length of time"),
        ("last message within many days", "a length of time"),
        ("last message within 30 moons", "minutes, hours, days"),
        ("last message before yesterday", "a date"),
        ("tag vip tag new)", "“)”"),
        ("(tag vip", "ends too early"),
        ("name", "is empty"),
        ("name is funny", "empty, known"),
        ("shoe = 42", "“shoe” at character 1"),
        ("tag vip and", "ends too early"),
        ("1 = 1; DROP TABLE contacts", "“1” at character 1"),
        ('name = "unclosed', "cannot be read"),
        ("not " * 60 + "window open", "nested too deeply"),
        ("(" * 60 + "window open" + ")" * 60, "nested too deeply"),
        ("tag a or " * 1000 + "tag b", "longer than"),
    ],
)
def test_what_is_not_and_where(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == "bad-condition"
    assert said in str(refused.value.message)


def test_parts_are_joined_flat() -> None:
    assert joined(All(), tagged("a")) == tagged("a")
    assert joined(All((tagged("a"), tagged("b"))), tagged("c")) == All((tagged("a"), tagged("b"), tagged("c")))
    assert joined() == All()


_WORDS = ("window", "open", "tag", "vip", "and", "or", "not", "(", ")", "name", "=", "is", "known", "'a b'", "last")


@given(st.text(max_size=60) | st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join))
def test_any_words_are_read_or_refused(text: str) -> None:
    """What is read means the same in parentheses, and the opposite of its `not`; what is not is refused."""
    tree = read_or_refused(text)
    if tree is None:
        assert read_or_refused(f"not {text}") is None
    else:
        assert read(f"({text})") == tree
        assert read(f"not ({text})") == Not(tree)


def read_or_refused(text: str) -> Tree | None:
    try:
        return read(text)
    except Invalid as problem:
        assert problem.code == "bad-condition", text  # noqa: PT017 - which of the two it is, nobody knows before
        return None
