"""One file for each person, one person for each file, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.document_match import PersonRow, fill_pattern, is_plain_name, match_files
from wacli.domain.problem import Invalid


def rows(*bookings: str) -> list[PersonRow]:
    return [PersonRow(number, {"booking": booking, "name": "x"}) for number, booking in enumerate(bookings, 2)]


def codes(*bookings: str, files: tuple[str, ...]) -> list[str]:
    return [one.code for one in match_files(rows(*bookings), files, "{booking}.pdf")[1]]


def test_complete() -> None:
    pairs, wrong = match_files(rows("A1", "B2"), ["B2.PDF", "A1.pdf"], "{booking}.pdf")
    assert [(pair.row.number, pair.file) for pair in pairs] == [(2, "A1.pdf"), (3, "B2.PDF")]
    assert wrong == []


@pytest.mark.parametrize(
    ("bookings", "files", "expected"),
    [
        (("A1",), ("A1.pdf", "B2.pdf"), ["file-for-nobody"]),
        (("A1", "B2"), ("A1.pdf",), ["no-file"]),
        (("A1", "A1"), ("A1.pdf",), ["file-for-several"]),
        (("A1", ""), ("A1.pdf",), ["empty-cell"]),
        (("../A1",), ("A1.pdf",), ["bad-file-name", "file-for-nobody"]),
        (("a1",), ("A1.pdf", "A1.PDF"), ["no-file", "file-for-nobody", "file-for-nobody"]),
        (("A1", "a1"), ("A1.pdf", "a1.pdf"), []),
        ((), (), []),
    ],
)
def test_whatever_does_not_fit_is_named(bookings: tuple[str, ...], files: tuple[str, ...], expected: list[str]) -> None:
    assert codes(*bookings, files=files) == expected


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(Invalid) as caught:
        match_files(rows("A1"), ["A1.pdf"], "{ticket}.pdf")
    assert caught.value.code == "no-such-column"


def test_braces_themselves() -> None:
    assert fill_pattern("{{{name}}}", {"name": "x"}) == "{x}"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b.pdf", "a\\b.pdf", "/etc/passwd", "a\x00.pdf", "a\n.pdf", "a\u202efdp"]
)
def test_no_name_leads_anywhere(name: str) -> None:
    assert not is_plain_name(name)


_NAMES = st.text("ab", min_size=1, max_size=2)


@given(st.lists(_NAMES, max_size=6), st.lists(_NAMES, max_size=6, unique=True))
def test_complete_exactly_when_it_is_one_to_one(wanted: list[str], files: list[str]) -> None:
    pairs, wrong = match_files(rows(*wanted), [f"{name}.pdf" for name in files], "{booking}.pdf")
    assert (not wrong) == (sorted(wanted) == sorted(files))
    if not wrong:
        assert len({pair.file for pair in pairs}) == len(pairs) == len(files)
