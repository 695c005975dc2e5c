from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.problem import Invalid
from wacli.domain.text import t
from wacli.render.emit import Format, Page, write_listing, write_record
from wacli.render.view import Cell, Heading, Listing, Paragraph, Record
from wacli.render.words import Words, sanitise

ROW = {
    "name": "Sari [/red] \x1b[31m",
    "at": datetime(2026, 11, 22, 5, 0, tzinfo=UTC),
    "price": Decimal("0.0250"),
    "phone": "+62812",
    "tags": ("vip", "jakarta"),
    "open": True,
    "nothing": None,
}


def written(rows: list[dict[str, object]], form: Format, fields: tuple[str, ...] | None = None, width: int = 80) -> str:
    out = io.StringIO()
    listing = Listing(
        fields=tuple(ROW),
        rows=rows,
        flat=lambda row: row,
        headings=(Heading(t("Name"), share=1), Heading(t("Price"), right=True)),
        cells=lambda row: (Cell(sanitise(str(row["name"]))), Cell(str(row["price"]))),
        empty=t("Nobody"),
    )
    write_listing(listing, Page(out, Words("en", UTC), form, fields, width, colour=False))
    return out.getvalue()


def test_json_is_one_array_with_exact_money_and_utc_instants() -> None:
    assert (
        json.loads(written([ROW, ROW], Format.JSON))
        == [
            {
                "name": "Sari [/red] \x1b[31m",
                "at": "2026-11-22T05:00:00Z",
                "price": "0.0250",
                "phone": "+62812",
                "tags": ["vip", "jakarta"],
                "open": True,
                "nothing": None,
            }
        ]
        * 2
    )
    assert written([], Format.JSON) == "[]\n"


def test_ndjson_is_one_object_a_line() -> None:
    lines = written([ROW, ROW], Format.NDJSON).splitlines()
    assert [json.loads(line)["phone"] for line in lines] == ["+62812", "+62812"]


def test_plain_is_tab_separated_without_header_and_unknown_is_empty() -> None:
    assert written([ROW], Format.PLAIN) == "Sari [/red] \t2026-11-22T05:00:00Z\t0.0250\t+62812\tvip,jakarta\ttrue\t\n"


def test_csv_guards_formulas_but_not_phone_numbers() -> None:
    rows = [{**ROW, "name": "=HYPERLINK(1)"}, {**ROW, "name": "+62 812"}]
    table = list(csv.DictReader(io.StringIO(written(rows, Format.CSV))))
    assert [row["name"] for row in table] == ["'=HYPERLINK(1)", "+62 812"]
    assert table[0]["phone"] == "+62812"


def test_fields_choose_and_order() -> None:
    assert written([ROW], Format.CSV, ("phone", "open")) == "phone,open\n+62812,true\n"
    with pytest.raises(Invalid) as refused:
        written([ROW], Format.CSV, ("fone",))
    assert refused.value.code == "unknown-field"
    assert "phone" in str(refused.value.hint)


def test_a_table_shows_markup_as_text_and_fits_the_width() -> None:
    table = written([{**ROW, "name": "[/red] " + "x" * 4096}], Format.TABLE, width=60)
    assert "[/red]" in table
    assert "\x1b" not in table
    assert max(len(line) for line in table.splitlines()) <= 60
    assert written([], Format.TABLE) == "Nobody\n"


@given(st.text())
def test_json_never_carries_a_control_character(text: str) -> None:
    raw = written([{**ROW, "name": text}], Format.NDJSON)
    assert json.loads(raw)["name"] == text
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in raw[:-1])


def test_a_record_in_every_form() -> None:
    record = Record({"id": 1, "name": "Sari"}, (Paragraph(pairs=(("Name", Cell("Sari")),)),))
    forms = {}
    for form in Format:
        out = io.StringIO()
        write_record(record, Page(out, Words("en", UTC), form, None, 80, colour=False))
        forms[form] = out.getvalue()
    assert json.loads(forms[Format.JSON]) == {"id": 1, "name": "Sari"}
    assert forms[Format.NDJSON] == '{"id": 1, "name": "Sari"}\n'
    assert forms[Format.PLAIN] == "id\t1\nname\tSari\n"
    assert forms[Format.CSV] == "id,name\n1,Sari\n"
    assert forms[Format.TABLE] == "Name  Sari\n"
