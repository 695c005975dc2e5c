"""Address books: tables and workbooks, what their columns mean, and every refusal with its place."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.finding import Findings
from wacli.domain.identity import parse_phone
from wacli.domain.problem import Invalid, NotFound, Problem
from wacli.importers.contact_files import ContactRow, Field, RejectedRow, preview_contacts, read_contacts
from wacli.importers.contact_files.numbers import PhoneReader


def results(
    data: str | bytes, *, country: str | None = "ID", mapping: Mapping[str, str] | None = None
) -> list[ContactRow | RejectedRow]:
    source = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read_contacts(source, country=country, mapping=mapping))


def contacts(data: str | bytes, **options: str) -> list[tuple[str | None, str | None]]:
    return [(row.name, row.phone) for row in results(data, **options) if isinstance(row, ContactRow)]  # type: ignore[arg-type]


def rejections(data: str | bytes) -> list[tuple[int, str | None, str]]:
    return [(row.row, row.column, row.code) for row in results(data) if isinstance(row, RejectedRow)]


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


SARI = ("Sari Dewi", "6281234567890")


@pytest.mark.parametrize(
    "number",
    [
        "+6281234567890",
        "+62 812-3456-7890",
        "+62 (812) 3456.7890",
        "081234567890",
        "0812-3456-7890",
        "(0812) 3456 7890",
        "6281234567890",
        "62 812 3456 7890",
        "'+6281234567890",
        '"=""+6281234567890"""',
        "006281234567890",
        "6281234567890.0",
        "\u202a+62 812\u00a03456\u20117890\u202c",
        "٠٨١٢٣٤٥٦٧٨٩٠",
    ],
)
def test_numbers_in_any_usual_form(number: str) -> None:
    assert contacts(f"Nama,No HP\nSari Dewi,{number}\n") == [SARI]


@pytest.mark.parametrize(
    "header",
    [
        "Nama,No HP",
        "nama lengkap,Nomor WhatsApp",
        "NAMA PELANGGAN,no_wa",
        "Name,Phone",
        "Full Name,Mobile Number",
        "Contact name,WhatsApp",
        "Customer,Telepon",
        "Kontak,Nomor Telepon",
        "display name,msisdn",
        "Name,Phone 1 - Value",
    ],
)
def test_headings_in_english_and_indonesian(header: str) -> None:
    assert contacts(f"{header}\nSari Dewi,0812-3456-7890\n") == [SARI]


def test_columns_are_found_without_a_heading() -> None:
    assert contacts("Sari Dewi,0812-3456-7890\nBudi,0813-1111-2222\n") == [SARI, ("Budi", "6281311112222")]
    preview = preview_contacts(io.BytesIO(b"x,Sari Dewi,0812-3456-7890\ny,Budi,0813-1111-2222\n"))
    assert not preview.has_header
    assert [column.field for column in preview.columns] == [Field.NAME, None, Field.PHONE]


def test_columns_with_strange_headings_are_found_by_content() -> None:
    assert contacts("A,B\nSari Dewi,0812-3456-7890\n") == [SARI]


def test_the_preview_says_what_is_understood_how() -> None:
    data = "Nama;Catatan;No HP;Tanggal\nSari Dewi;pelanggan lama;0812-3456-7890;2022-03-18\n".encode("utf-16")
    preview = preview_contacts(io.BytesIO(data))
    assert (preview.kind, preview.encoding, preview.delimiter, preview.has_header) == ("table", "utf-16-le", ";", True)
    assert [(column.title, column.field) for column in preview.columns] == [
        ("Nama", Field.NAME),
        ("Catatan", Field.NOTE),
        ("No HP", Field.PHONE),
        ("Tanggal", None),
    ]
    assert preview.columns[2].example == "0812-3456-7890"
    assert preview.samples == (("Sari Dewi", "pelanggan lama", "0812-3456-7890", "2022-03-18"),)


def test_a_mapping_wins_over_guesses() -> None:
    data = "Nama,Panggilan,No HP,No HP Istri\nSari Dewi,Sari,0812-3456-7890,0812-3456-7891\n"
    assert contacts(data) == [SARI, ("Sari Dewi", "6281234567891")]
    mapped = results(data, mapping={"name": "panggilan", "phone": "4"})
    assert [(row.name, row.phone) for row in mapped if isinstance(row, ContactRow)] == [("Sari", "6281234567891")]


@pytest.mark.parametrize(
    ("data", "mapping", "code"),
    [
        ("a,b\nx,y\n", None, "no-number-column"),
        ("Nama,No HP\nx,1\n", {"phone": "Telepon"}, "unknown-column"),
        ("Nama,No HP\nx,1\n", {"colour": "Nama"}, "unknown-field"),
        ("", None, "empty-file"),
        ("\n\n", None, "empty-file"),
        (b"\xd0\xcf\x11\xe0 old excel", None, "old-workbook"),
        (b"PK\x03\x04 nothing", None, "broken-workbook"),
        (b"\x7fELF" + bytes(500), None, "not-contacts"),
        (bytes(range(256)) * 100, None, "not-contacts"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_a_hint(
    data: str | bytes, mapping: dict[str, str] | None, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        results(data, mapping=mapping)
    assert caught.value.code == code
    assert caught.value.hint is not None


def test_google_contacts_old_and_new() -> None:
    new = (
        "First Name,Middle Name,Last Name,Notes,Labels,E-mail 1 - Value,"
        "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
        "Sari,,Dewi,vip,Pelanggan ::: * myContacts,s@x.id,"
        "Mobile,0812-3456-7890 ::: +62 812-3456-7891,Home,021 555 0101\n"
    )
    assert contacts(new) == [SARI, ("Sari Dewi", "6281234567891"), ("Sari Dewi", "62215550101")]
    row = results(new)[0]
    assert isinstance(row, ContactRow)
    assert (row.tags, row.note) == (("Pelanggan",), "vip")
    old = (
        "Name,Given Name,Family Name,Group Membership,Phone 1 - Type,Phone 1 - Value\n"
        "Sari Dewi,Sari,Dewi,* myContacts ::: * starred,Mobile,0812-3456-7890\n"
    )
    assert contacts(old) == [SARI]


def test_bsuids_and_usernames_are_recognised_wherever_they_stand() -> None:
    data = (
        "Nama,No HP,Username\nAni,US.13491208655302741918,\nBudi,@budi.shop,\nCici,,Cici_Shop\nDodi,ID.ENT.55aa,@dodi\n"
    )
    found = [(row.phone, row.bsuid, row.username) for row in results(data) if isinstance(row, ContactRow)]
    assert found == [
        (None, "US.13491208655302741918", None),
        (None, None, "budi.shop"),
        (None, None, "cici_shop"),
        (None, "ID.ENT.55aa", None),
        (None, None, "dodi"),
    ]


def test_every_refusal_names_its_row_and_column() -> None:
    data = (
        "Nama,No HP,Catatan\n"
        "A,bukan nomor,\n"
        "B,6.28123E+11,\n"
        "C,=1+1,\n"
        "D,,\n"
        "\n"
        "E,0812-3456-7890,x,y\n"
        "F\n"
        "G,0812-3456-7890\n"
        ",,\n"
        f"{'n' * 600},0812-3456-7890,\n"
        "H,123,\n"
    )
    assert rejections(data) == [
        (2, "No HP", "bad-phone"),
        (3, "No HP", "rounded-number"),
        (4, "No HP", "formula-cell"),
        (5, "No HP", "no-identifier"),
        (7, None, "ragged-row"),
        (8, "No HP", "no-identifier"),
        (11, "Nama", "name-too-long"),
        (12, "No HP", "bad-phone"),
    ]
    assert contacts(data) == [("G", "6281234567890")]
    messages = [str(row.message) for row in results(data) if isinstance(row, RejectedRow)]
    assert messages[1] == "6.28123E+11 was rounded by the spreadsheet: its last digits are lost"
    assert messages[4] == "row 7 has 4 cells where the header has 3"


def test_local_numbers_without_a_country_are_refused() -> None:
    row = results("Nama,No HP\nSari,0812-3456-7890\n", country=None)[0]
    assert isinstance(row, RejectedRow)
    assert row.code == "no-country"
    assert contacts("Nama,No HP,Country Code\nSari Dewi,0812-3456-7890,ID\nJo,(415) 555-2671,US\n") == [
        SARI,
        ("Jo", "14155552671"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(delimiter: str) -> None:
    lines = [("Nama", "No HP", "Alamat"), ("Sari Dewi", "0812-3456-7890", "Jl. Mawar 1, Solo; Jawa")]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(lines)
    assert contacts(buffer.getvalue()) == [SARI]


def test_excel_may_say_its_delimiter() -> None:
    data = "sep=;\nNama;No HP\nSari Dewi;0812-3456-7890\nX;1\n"
    assert contacts(data) == [SARI]
    assert rejections(data) == [(4, "No HP", "bad-phone")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str) -> None:
    findings = Findings()
    data = "Nama,No HP\nJosé Nuñez,0812-3456-7890\n".encode(encoding)
    (row,) = read_contacts(io.BytesIO(data), country="ID", findings=findings)
    assert isinstance(row, ContactRow)
    assert row.name == "José Nuñez"
    assert [finding.code for finding in findings] == (["not-utf8"] if encoding == "latin-1" else [])


def test_cells_with_line_feeds_keep_together() -> None:
    row = results('Nama,No HP,Catatan\n"Sari\nDewi",0812-3456-7890,"satu\ndua ""tiga"""\n')[0]
    assert isinstance(row, ContactRow)
    assert (row.name, row.note) == ("Sari Dewi", 'satu\ndua "tiga"')


def test_an_open_quotation_mark_loses_one_line() -> None:
    tail = "".join(f"Orang {n},08123456{n:04}\n" for n in range(6000))
    data = f'Nama,No HP\n"Sari,0812-3456-7890\n{tail}'
    assert len(contacts(data)) == 6000
    assert rejections(data) == [(2, None, "open-quotation")]
    assert rejections('Nama,No HP\nSari Dewi,0812-3456-7890\nBudi,"0813\n') == [(3, None, "open-quotation")]


def test_enormous_cells_are_refused_in_bounded_memory() -> None:
    data = ("Nama,No HP\n" + "x" * 10_000_000 + ",1\nSari Dewi,0812-3456-7890\n").encode()
    source = io.BytesIO(data)
    tracemalloc.start()
    try:
        found = list(read_contacts(source, country="ID"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(row) for row in found] == [RejectedRow, ContactRow]
    assert isinstance(found[0], RejectedRow)
    assert (found[0].row, found[0].code) == (2, "cell-too-long")
    assert peak < 12_000_000


def test_hostile_cells_cost_no_more_than_others() -> None:
    hostile = (" " * 100_000 + ";x", ";" * 100_000, "1" + " " * 100_000 + "1", "=" * 100_000, "(0)" * 30_000)
    data = "Nama,No HP,Label\n" + "".join(f'Sari,"{cell}","{cell}"\n' for cell in hostile)
    began = time.process_time()
    assert {type(row) for row in results(data)} == {RejectedRow}
    assert time.process_time() - began < 2


def test_tables_stream() -> None:
    def endless() -> Iterator[bytes]:
        yield b"Nama,No HP\n"
        while True:
            yield b"Sari Dewi,0812-3456-7890\n" * 100

    class Source(io.BytesIO):
        pass

    pieces = endless()
    source = Source(b"".join(next(pieces) for _ in range(50)))
    rows = read_contacts(source, country="ID")
    assert isinstance(next(rows), ContactRow)
    assert source.tell() < len(source.getvalue())


def test_workbooks() -> None:
    data = workbook(
        ["Nama", "No HP", "Catatan"],
        ["Sari Dewi", 6281234567890, None],
        [None, None, None],
        ["Budi", "0813-1111-2222", "=1+1"],
        ["Cici", "=1+1", None],
        ["Dodi", 81234567890.5, None],
    )
    assert contacts(data) == [SARI, ("Budi", "6281311112222")]
    assert rejections(data) == [(5, "No HP", "no-identifier"), (6, "No HP", "bad-phone")]
    preview = preview_contacts(io.BytesIO(data))
    assert (preview.kind, preview.delimiter, preview.has_header) == ("workbook", None, True)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_workbook_that_breaks_in_the_middle_gives_the_rows_before(share: float) -> None:
    whole = workbook(["Nama", "No HP"], *([f"Orang {n}", str(628123450000 + n)] for n in range(30)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: int(len(data) * share)] if name.endswith("sheet1.xml") else data)
    findings = Findings()
    found = list(read_contacts(io.BytesIO(buffer.getvalue()), country="ID", findings=findings))
    assert 30 * share * 0.5 < len(found) < 30
    assert [finding.code for finding in findings] == ["broken-workbook"]


@pytest.mark.parametrize("end", ["", " ", "\t "])
def test_a_number_that_was_kept_as_a_number_loses_its_decimal_also_before_spaces(end: str) -> None:
    rows = "".join(f"Orang {n},62812345{n:04}.0{end}\n" for n in range(12))
    found = contacts("Nama,No HP\n" + rows)
    assert found == [(f"Orang {n}", f"62812345{n:04}") for n in range(12)]
    assert rejections(f"Nama,No HP\nA,081234567890\nB,6281234567.5{end}\n") == [(3, "No HP", "bad-phone")]


def test_a_zero_after_the_country_code_is_nobodys() -> None:
    """As people write it: +62 0812... is the number that 0812... is. In Italy the zero belongs to the number."""
    forms = [
        "+62 0812-3456-7890",
        "+6208123456789",
        "6208123456789",
        "08123456789",
        "+62 (0)812 3456789",
        "+390612345678",
    ]
    found = contacts("Nama,No HP\n" + "".join(f"Orang,{form}\n" for form in forms))
    assert [phone for _, phone in found] == ["6281234567890", *["628123456789"] * 4, "390612345678"]


def test_a_damaged_workbook_is_a_sentence() -> None:
    rows: list[list[Any]] = [["Nama", "No HP"], *([f"Orang {n}", 628123450000 + n] for n in range(2000))]
    data = workbook(*rows)
    with pytest.raises(Invalid) as caught:
        results(data[: len(data) // 2])
    assert caught.value.code == "broken-workbook"


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list(read_contacts(tmp_path / "none.csv", country="ID"))


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=30)
_PHONES = st.from_regex(r"62812[0-9]{7,9}", fullmatch=True)


@given(st.lists(st.tuples(_TEXTS, _PHONES, _TEXTS), min_size=1, max_size=20))
def test_what_a_csv_writer_writes_comes_back(people: list[tuple[str, str, str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["name", "phone", "note"])
    writer.writerows((name, "+" + phone, note) for name, phone, note in people)
    expected = [ContactRow(row, name, phone, None, None, (), note) for row, (name, phone, note) in enumerate(people, 2)]
    assert results(buffer.getvalue()) == expected


@given(
    st.from_regex(r"\+?[0-9 ().\-]{5,18}", fullmatch=True).filter(lambda text: text[-2:-1] != "."),
    st.sampled_from(["ID", "GB", "DE", "US", "BR", "AR", "MX", "IT", "SG"]),
)
def test_the_quick_way_reads_numbers_as_the_careful_one(text: str, country: str) -> None:
    reader = PhoneReader(country)
    for _ in range(2):  # the second time from memory
        try:
            expected = parse_phone(text, country)
        except Invalid:
            with pytest.raises(Invalid):
                reader.read(text)
        else:
            assert reader.read(text) == expected


def test_one_rule_serves_numbers_that_begin_alike() -> None:
    reader = PhoneReader("ID")
    for number in range(81230000000, 81230000400):
        assert reader.read(f"0{number}") == f"62{number}"
        assert reader.read(f"62{number}") == f"62{number}"
        assert reader.read(f"{number}") == f"62{number}"
