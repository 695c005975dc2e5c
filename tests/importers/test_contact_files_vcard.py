"""vCard in its three versions, as phones write it, and back."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.contact_import import GivenPerson
from wacli.domain.finding import Findings
from wacli.importers.contact_files import ContactRow, RejectedRow, preview_contacts, read_contacts, write_vcard


def read(text: str | bytes, findings: Findings | None = None) -> list[ContactRow | RejectedRow]:
    data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    return list(read_contacts(io.BytesIO(data), country="ID", findings=findings))


def card(*lines: str) -> str:
    return "\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def first(text: str) -> ContactRow:
    row = read(text)[0]
    assert isinstance(row, ContactRow)
    return row


def test_version_2_1_with_quoted_printable() -> None:
    row = first(
        card(
            "VERSION:2.1",
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:D=C3=A9wi;Sar=",
            "=C3=AD;;;",
            "TEL;CELL;PREF:0812-3456-7890",
            "NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:caf=E9=0D=0Abaru",
        )
    )
    assert (row.name, row.phone, row.note) == ("Sarí Déwi", "6281234567890", "café\r\nbaru")


def test_version_3_0_folded_grouped_and_escaped() -> None:
    row = first(
        card(
            "VERSION:3.0",
            "N:Dewi;Sari;;Ibu;",
            "FN:Ibu Sari\\, Toko",
            "  Maju",
            "item1.TEL;type=CELL;type=VOICE;type=pref:+62 812-3456-7890",
            "item1.X-ABLabel:Ponsel",
            "CATEGORIES:Pelanggan,Solo\\, Jawa",
            "NOTE:satu\\ndua\\; tiga \\\\ empat",
        )
    )
    assert row.name == "Ibu Sari, Toko Maju"
    assert row.tags == ("Pelanggan", "Solo, Jawa")
    assert row.note == "satu\ndua; tiga \\ empat"


def test_version_4_0_with_uris_and_quoted_parameters() -> None:
    row = first(card("VERSION:4.0", "FN:Sari", 'TEL;VALUE=uri;TYPE="voice,cell;x:y":tel:+62-812-3456-7890;ext=5'))
    assert row.phone == "6281234567890"


def test_whatsapp_says_the_id_of_a_number() -> None:
    row = first(card("VERSION:3.0", "FN:Sari", "item1.TEL;waid=6281234567890:+62 812-3456-7890 (toko)"))
    assert row.phone == "6281234567890"


def test_several_numbers_are_several_rows() -> None:
    rows = read(card("FN:Sari", "TEL:0812-3456-7890", "TEL:+62 812 3456 7890", "TEL:021 555 0101", "TEL:abc"))
    assert [row.phone for row in rows if isinstance(row, ContactRow)] == ["6281234567890", "62215550101"]
    assert [(row.row, row.column, row.code) for row in rows if isinstance(row, RejectedRow)] == [
        (1, "TEL", "bad-phone")
    ]


def test_names_come_from_what_there_is() -> None:
    assert first(card("N:Dewi;Sari;Ayu;;", "TEL:0812-3456-7890")).name == "Sari Ayu Dewi"
    assert first(card("ORG:Toko Maju;Gudang", "TEL:0812-3456-7890")).name == "Toko Maju;Gudang"
    assert first(card("TEL:0812-3456-7890")).name is None


def test_photos_do_not_matter() -> None:
    photo = ["PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * 70, *(" " + "B" * 74 for _ in range(20_000))]
    assert first(card("VERSION:3.0", "FN:Sari", *photo, "TEL:0812-3456-7890")).phone == "6281234567890"


def test_broken_cards_are_read_and_named() -> None:
    findings = Findings()
    text = "BEGIN:VCARD\nFN:Sari\nTEL:0812-3456-7890\n" + card("FN:Budi", "nonsense", "TEL:0813-1111-2222")
    rows = read(text + "BEGIN:VCARD\nFN:Cici\nTEL:0814-1111-2222", findings)
    assert [row.name for row in rows if isinstance(row, ContactRow)] == ["Sari", "Budi", "Cici"]
    assert [(finding.line, finding.code) for finding in findings] == [(1, "broken-card"), (9, "broken-card")]


def test_a_card_without_a_number_is_refused() -> None:
    (row,) = read(card("VERSION:3.0", "FN:Sari", "EMAIL:s@x.id"))
    assert isinstance(row, RejectedRow)
    assert (row.row, row.value, row.code) == (1, "Sari", "no-identifier")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    (row,) = read(card("VERSION:3.0", "FN:José", "TEL:0812-3456-7890").encode(encoding))
    assert row[1] == "José"


def test_the_preview_says_vcard() -> None:
    preview = preview_contacts(io.BytesIO(card("FN:Sari", "TEL:1").encode()))
    assert (preview.kind, preview.has_header) == ("vcard", False)


_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=40)
_NOTES = st.lists(_WORDS, min_size=1, max_size=4).map("\n".join)
_ROWS = st.builds(
    ContactRow,
    row=st.just(1),
    name=_WORDS,
    phone=st.none() | st.from_regex(r"62812[0-9]{7,9}", fullmatch=True),
    bsuid=st.from_regex(r"(US|ID)\.[A-Za-z0-9]{4,40}", fullmatch=True),
    username=st.none(),
    tags=st.lists(_WORDS, max_size=3, unique=True).map(tuple),
    note=st.none() | _NOTES,
)


@given(st.lists(_ROWS, min_size=1, max_size=8))
def test_what_is_written_comes_back(rows: list[ContactRow]) -> None:
    people = [
        GivenPerson(row.row, row.name, (row.phone,) if row.phone else (), (str(row.bsuid),), None, row.tags, row.note)
        for row in rows
    ]
    text = "".join(write_vcard(people))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    expected = []
    for number, row in enumerate(rows, 1):
        if row.phone:
            expected.append(row._replace(row=number, bsuid=None))
        expected.append(row._replace(row=number, phone=None))
    assert read(text.encode()) == expected
