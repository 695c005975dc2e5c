"""Which column means what: by its heading (English and Indonesian), else by what stands in it.

The headings are those of Google contacts (before and since 2024), Outlook, WhatsApp tools, and of the lists that shops
keep themselves. Nothing is guessed silently: the preview shows each column with how it was understood.
"""

# ruff: noqa: E501 - lists of headings, one field a line

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from ...domain.identity import IdentifierKind, identifier_kind
from ...domain.problem import Invalid
from ...domain.text import t


class Field(StrEnum):
    """What a column can hold."""

    NAME = "name"
    FIRST_NAME = "first-name"
    MIDDLE_NAME = "middle-name"
    LAST_NAME = "last-name"
    PHONE = "phone"
    BSUID = "bsuid"
    USERNAME = "username"
    TAGS = "tags"
    NOTE = "note"
    COUNTRY = "country"


class GuessedBy(StrEnum):
    """How a column was understood."""

    MAPPING = "mapping"
    HEADING = "heading"
    CONTENT = "content"


class ColumnGuess(NamedTuple):
    """One column: its heading, what it is taken to be (None: left out), how that was found, and an example."""

    title: str
    field: Field | None
    by: GuessedBy | None
    example: str


_HEADINGS: dict[Field, str] = {
    Field.NAME: "name|full name|fullname|nama|nama lengkap|nama pelanggan|nama kontak|nama customer|nama pembeli|nama penerima|customer"
    "|customer name|contact|contact name|display name|pelanggan|kontak|client|client name|recipient|file as|profile name|pembeli",
    Field.FIRST_NAME: "first name|firstname|given name|nama depan|fn",
    Field.MIDDLE_NAME: "middle name|additional name|nama tengah",
    Field.LAST_NAME: "last name|lastname|family name|surname|nama belakang|nama keluarga|ln",
    Field.BSUID: "bsuid|user id|business scoped user id|business scoped id",
    Field.USERNAME: "username|user name|whatsapp username|nama pengguna",
    Field.TAGS: "tags|tag|label|labels|group|groups|grup|group membership|kategori|category|categories|kelompok|segment|segmen",
    Field.NOTE: "note|notes|catatan|keterangan|memo|remark|remarks|comment|comments|komentar|ket",
    Field.COUNTRY: "country code|kode negara|country iso|iso country|country|negara",
}
_BY_HEADING = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split("|")}
_PHONE_HEADING = re.compile(
    r"(?:^|\b)(?:phones?|mobile|mobiles|cell|cellphone|cellular|tel|telp|tlp|telepon|telpon|telephone|hp|no hp|nohp|handphone|ponsel|wa|no wa|nowa"
    r"|whatsapp|msisdn|wa id|waid|nomor|nomer|no telp|notelp|no telepon|phonenumber|number|contact number|kontak wa|numbers|seluler)(?:\b|$)"
)
_NOT_A_NUMBER = re.compile(
    r"\b(?:type|label|jenis|tipe|order|pesanan|invoice|faktur|date|tanggal|id card|ktp|name|nama|resi|rekening|rumah no)\b"
)
_NOT_NAMES = re.compile(r"[^\w]+")
_SAMPLE_SHARE = 0.5


def folded(heading: str) -> str:
    """A heading as it is looked up: lower case, words apart by one space."""
    return _NOT_NAMES.sub(" ", heading.replace("_", " ").casefold()).strip()


def field_of_heading(heading: str) -> Field | None:
    """What a column with this heading holds, or None when the heading does not tell."""
    key = folded(heading)
    exact = _BY_HEADING.get(key)
    if exact is not None:
        return exact
    if _PHONE_HEADING.search(key) and not _NOT_A_NUMBER.search(key):
        return Field.PHONE
    return None


def looks_like_header(cells: Sequence[str]) -> bool:
    """True when the first record names its columns instead of being a contact."""
    if any(_is_identifier(cell) for cell in cells):
        return False
    return any(field_of_heading(cell) is not None for cell in cells) or all(cell.strip() for cell in cells)


def guessed_columns(
    titles: Sequence[str], samples: Sequence[Sequence[str]], mapping: Mapping[str, str] | None
) -> list[ColumnGuess]:
    """A guess for each column. `mapping` says field -> heading or column number (from 1) and wins over guesses.

    Raises `Invalid` for a mapping that names no field or no column, and when no column holds numbers or ids.
    """
    chosen = _mapped(titles, mapping or {})
    guesses = []
    for index, title in enumerate(titles):
        column = [sample[index] for sample in samples if index < len(sample)]
        example = next((cell for cell in column if cell.strip()), "")[:60]
        if index in chosen:
            guesses.append(ColumnGuess(title, chosen[index], GuessedBy.MAPPING, example))
            continue
        field = field_of_heading(title)
        # A field that the owner has placed is not looked for elsewhere.
        if field is not None and field in chosen.values():
            field = None
        guesses.append(ColumnGuess(title, field, GuessedBy.HEADING if field else None, example))
    _guess_by_content(guesses, samples)
    if not any(guess.field in (Field.PHONE, Field.BSUID, Field.USERNAME) for guess in guesses):
        raise Invalid(
            "no-number-column",
            t("no column holds phone numbers: {columns}", columns=", ".join(title[:40] for title in titles[:12])),
            t("Say which: --map phone=HEADING, or --map phone=2 for the second column"),
        )
    return guesses


def _guess_by_content(guesses: list[ColumnGuess], samples: Sequence[Sequence[str]]) -> None:
    columns = [[sample[index].strip() for sample in samples if index < len(sample)] for index in range(len(guesses))]
    if not any(guess.field in (Field.PHONE, Field.BSUID, Field.USERNAME) for guess in guesses):
        for index, column in enumerate(columns):
            filled = [cell for cell in column if cell]
            hits = sum(_is_identifier(cell) for cell in filled)
            if guesses[index].field is None and filled and hits / len(filled) >= _SAMPLE_SHARE:
                guesses[index] = guesses[index]._replace(field=Field.PHONE, by=GuessedBy.CONTENT)
    if not any(guess.field in (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME) for guess in guesses):
        for index, column in enumerate(columns):
            filled = [cell for cell in column if cell]
            words = sum(any(char.isalpha() for char in cell) and "@" not in cell for cell in filled)
            if (
                guesses[index].field is None
                and guesses[index].by is None
                and filled
                and words / len(filled) > _SAMPLE_SHARE
            ):
                guesses[index] = guesses[index]._replace(field=Field.NAME, by=GuessedBy.CONTENT)
                return


def _mapped(titles: Sequence[str], mapping: Mapping[str, str]) -> dict[int, Field]:
    chosen: dict[int, Field] = {}
    for name, column in mapping.items():
        try:
            field = Field(name.strip().lower().replace("_", "-"))
        except ValueError:
            raise Invalid(
                "unknown-field",
                t("{field} is nothing a contact has", field=name),
                t("Use one of {fields}", fields=", ".join(Field)),
            ) from None
        wanted = folded(column)
        index = next(
            (i for i, title in enumerate(titles) if title.strip() == column.strip() or folded(title) == wanted), None
        )
        if index is None and column.strip().isdecimal() and 1 <= int(column) <= len(titles):
            index = int(column) - 1
        if index is None:
            raise Invalid(
                "unknown-column",
                t("there is no column {column}", column=column),
                t("The columns are {columns}", columns=", ".join(title[:40] for title in titles[:20])),
            )
        chosen[index] = field
    return chosen


def _is_identifier(cell: str) -> bool:
    text = cell.strip().strip("'\"=")
    return len(text) <= 60 and identifier_kind(text) in (
        IdentifierKind.PHONE,
        IdentifierKind.BSUID,
        IdentifierKind.USERNAME,
    )
