"""Counting recipients: the fast way must say what the slow way says, row by row and reject by reject."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.identity import is_bsuid, parse_phone
from wacli.domain.problem import Invalid
from wacli.ratecards.shelf import shelf
from wacli.services import recipients as module
from wacli.services.estimate import estimate
from wacli.services.estimate_request import EstimateRequest
from wacli.services.recipients import Recipients, Reject, count_recipients

MARKETS = shelf().markets


def counted(
    folder: Path, content: bytes, *, column: str | None = None, country: str | None = None
) -> tuple[Recipients, list[Reject]]:
    file = folder / "people.csv"
    file.write_bytes(content)
    rejects: list[Reject] = []
    found = count_recipients(file, MARKETS, column=column, country=country, on_reject=rejects.append)
    return found, rejects


def slowly(text: str, column: str, country: str | None) -> tuple[Counter[str], Counter[str], list[str]]:
    by_prefix: Counter[str] = Counter()
    by_country: Counter[str] = Counter()
    rejected = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        value = (row[column] or "").strip()
        try:
            if is_bsuid(value):
                by_country[value[:2]] += 1
            else:
                by_prefix[MARKETS.prefix_of(parse_phone(value, country)) or ""] += 1
        except Invalid:
            rejected.append(value)
    return by_prefix, by_country, rejected


codes = st.sampled_from(
    ["62", "1", "7", "91", "55", "54", "52", "44", "65", "966", "263", "86", "39", "82", "599", "0"]
)
digits = st.text("0123456789", min_size=4, max_size=13)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    code, rest = draw(codes), draw(digits)
    gap = draw(st.sampled_from(["", "", " ", "-", ".", "/", " - "]))
    spaced = rest[:3] + gap + rest[3:]
    return draw(
        st.sampled_from(
            [
                f"+{code}{spaced}",
                f"{code}{spaced}",
                f"00{code}{spaced}",
                f"0{spaced}",
                spaced,
                f"+{code} ({rest[:2]}) {rest[2:]}",
                f"+{code} (0){rest}",
                f" +{code}{spaced} ",
                f"0-0{code}{rest}",
                f"{code}+{rest}",
                f"++{code}{rest}",
                f"+{code}\u00a0{rest}",
                f"+{code}{rest}x",
                f"{code}.{rest}E+11",
                f"ID.{rest}",
                f"us.{rest}",
                "Sari",
                "+",
            ]
        )
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(numbers(), max_size=40),
    st.sampled_from([None, "ID", "US", "BR", "AR", "RU", "IT", "GB", "MX"]),
    st.sampled_from(["plain", "wide", "quoted", "crlf", "bom", "ragged"]),
)
@example(["62+81234567", "+62812345678", "62 +812345678"], "ID", "plain")
def test_the_fast_way_says_what_the_slow_way_says(
    tmp_path: Path, values: list[str], country: str | None, form: str
) -> None:
    end = "\r\n" if form == "crlf" else "\n"
    header = "phone" if form in ("plain", "crlf", "bom") else "name,phone,city"
    quoted = form == "quoted"
    rows = []
    for place, value in enumerate(values):
        cell = f'"{value}"' if quoted and place % 2 else value
        if form == "ragged" and place % 3 == 0:
            rows.append(f"Budi,{cell}")
        else:
            rows.append(
                cell if header == "phone" else f'"Ratu, {place}\n2",{cell},Bandung' if quoted else f"R,{cell},B"
            )
    text = end.join([header, *rows, ""])
    found, rejects = counted(
        tmp_path, (b"\xef\xbb\xbf" if form == "bom" else b"") + text.encode(), column="phone", country=country
    )
    by_prefix, by_country, rejected = slowly(text, "phone", country)
    assert found.by_prefix == by_prefix
    assert found.by_country == by_country
    assert sorted(reject.text for reject in rejects) == sorted(rejected)
    assert found.rejected_count == len(rejected)
    assert found.row_count == len(values)


def test_rejects_name_their_line(tmp_path: Path) -> None:
    content = b'name,phone\n"a\nb",+6281234567890\nBudi,none\n\nSari\nC,\nD,+62 812 3456 7891\nE,12\n'
    found, rejects = counted(tmp_path, content)
    assert [(reject.line, reject.text) for reject in rejects] == [(4, "none"), (6, ""), (7, ""), (9, "12")]
    assert found.by_prefix == {"62": 2}
    assert str(rejects[0].reason) == "none is not a phone number"
    assert str(rejects[1].reason) == "there is no number in column phone"


def test_a_line_end_inside_a_quoted_number_is_a_blank(tmp_path: Path) -> None:
    found, rejects = counted(tmp_path, b'phone\n"+62 812\n34567890"\n"x"\n')
    assert found.by_prefix == {"62": 1}
    assert [(reject.line, reject.text) for reject in rejects] == [(4, "x")]


def test_line_numbers_hold_over_block_edges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 50)
    rows = [f"+62812345678{place:02}" if place % 7 else f"bad{place:02}" for place in range(90)]
    found, rejects = counted(tmp_path, ("phone\n" + "\n".join(rows)).encode())
    assert [reject.line for reject in rejects] == [place + 2 for place in range(90) if place % 7 == 0]
    assert found.row_count == 90


@pytest.mark.parametrize(
    ("content", "column", "total"),
    [
        (b"+6281234567890\n+6281234567891\n", None, 2),
        (b"nomor hp;nama\n6281234567890;Sari\n", None, 1),
        (b"nama\tWhatsApp\nSari\t+6281234567890\n", None, 1),
        (b"orang\n+6281234567890\n", None, 1),
        (b"a,B c\nx,+6281234567890\n", "b C", 1),
        (b"phone\n", None, 0),
        (b"phone", None, 0),
    ],
)
def test_layouts(tmp_path: Path, content: bytes, column: str | None, total: int) -> None:
    found, rejects = counted(tmp_path, content, column=column)
    assert (sum(found.by_prefix.values()), rejects) == (total, [])


@pytest.mark.parametrize(
    ("content", "column", "code", "sentence"),
    [
        (b"a,b\n1,2\n", None, "no-column", "people.csv, line 1: there is no column phone; there are: a, b"),
        (b"a,b\n1,2\n", "c", "no-column", "people.csv, line 1: there is no column c; there are: a, b"),
        (b"", None, "empty-file", "people.csv is empty"),
        ("phone\n+62".encode("utf-16"), None, "bad-encoding", "people.csv, line 1: not UTF-8 text"),
        (
            b"phone,name\n+62812345678,ok\n+62812345679,caf\xe9\n",
            None,
            "bad-encoding",
            "people.csv, line 3: not UTF-8 text",
        ),
        (b"phone\r+62812345678\r", None, "bad-csv", "people.csv, line 1: the rows end in carriage returns alone"),
        (b'phone\n"+62812\n', None, "bad-csv", "people.csv, line 2: a quotation mark is never closed"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, content: bytes, column: str | None, code: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        counted(tmp_path, content, column=column)
    assert (refusal.value.code, str(refusal.value.message)) == (code, sentence)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal:
        count_recipients(tmp_path / "none.csv", MARKETS)
    assert refusal.value.code == "no-file"


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone\n" + "+6281234567890\n" * 10, "utf-8")
    steps: list[tuple[int, int]] = []
    count_recipients(file, MARKETS, on_progress=lambda done, size: steps.append((done, size)))
    assert steps[-1] == (file.stat().st_size,) * 2


def test_the_total_is_exact(tmp_path: Path) -> None:
    found, _ = counted(tmp_path, b"phone\n" + b"+62812345678\n" * 3 + b"+1 809 555 0123\nKR.123\n+821012345678\n")
    quote = estimate(EstimateRequest(found.traffic(Category.MARKETING), date(2026, 11, 22)), shelf())
    assert quote.total == 3 * Decimal("0.0411") + Decimal("0.0740") + 2 * Decimal("0.0604")
    assert quote.message_count == 6
