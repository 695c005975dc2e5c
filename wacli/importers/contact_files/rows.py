"""From the cells of one record to contacts, or to the reason why not.

Identifiers are told apart by their shape (facts: cloud-api.md sections 0.2 and 9): a phone number, a BSUID, an
@username, whatever the column is called. A person with several numbers becomes several rows with one name: to
WhatsApp each number is somebody. Every refusal names its row as a spreadsheet counts them (the header is row 1)
and its column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ...domain.identity import is_bsuid, is_username
from ...domain.problem import Invalid
from ...domain.text import Text, t
from .headers import Field
from .numbers import PhoneReader, cut

_NAME_LIMIT, _NOTE_LIMIT, _TAG_LIMIT = 500, 10_000, 100  # characters
_SEVERAL = re.compile(r":::|[;\n|]|(?<=\d),|\s/\s")  # no \s* beside them: quadratic on a cell of spaces
_TAG_SPLIT = re.compile(r":::|[,;|]")
_tuple = tuple.__new__  # half the time of calling the class
_UNNAMEABLE = re.compile(r"[\x00-\x1f\x7f\s]+")


class ContactRow(NamedTuple):
    """One person of an address book, ready for the store; at least one of phone, bsuid and username is there."""

    row: int
    name: str | None
    phone: str | None  # digits, country code first
    bsuid: str | None
    username: str | None  # without @
    tags: tuple[str, ...]
    note: str | None


class RejectedRow(NamedTuple):
    """A row, or one number of it, that was not taken over. `value` is what stood there, shortened."""

    row: int
    column: str | None
    value: str
    code: str
    message: Text


class Layout(NamedTuple):
    """Which column holds what; several columns may hold numbers, tags and parts of a name."""

    names: tuple[int, ...]  # a full name
    name_parts: tuple[int, ...]  # first, middle, last
    identifiers: tuple[int, ...]  # phones, BSUIDs, usernames
    tags: tuple[int, ...]
    notes: tuple[int, ...]
    countries: tuple[int, ...]
    titles: tuple[str, ...]  # of all columns, for refusals
    width: int


def layout_of(fields: Sequence[Field | None], titles: Sequence[str]) -> Layout:
    """The layout for columns that mean `fields`, from left to right."""

    def where(*wanted: Field) -> tuple[int, ...]:
        return tuple(index for field in wanted for index, each in enumerate(fields) if each is field)

    return Layout(
        where(Field.NAME),
        where(Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME),
        where(Field.PHONE, Field.BSUID, Field.USERNAME),
        where(Field.TAGS),
        where(Field.NOTE),
        where(Field.COUNTRY),
        tuple(titles),
        len(fields),
    )


class RowReader:
    """Reads records of one file. Not for several files: it remembers numbers of one country."""

    def __init__(self, layout: Layout, country: str | None) -> None:
        self._layout = layout
        self._country = country
        self._phones = {country: PhoneReader(country)}
        self._usual = self._phones[country]
        is_plain = len(layout.identifiers) == 1 and len(layout.names) <= 1 and len(layout.tags) <= 1
        is_plain = is_plain and len(layout.notes) <= 1 and not layout.name_parts and not layout.countries
        self._single = layout.identifiers[0] if is_plain else None
        self._name_at = next(iter(layout.names), None)
        self._note_at = next(iter(layout.notes), None)
        self._tags_at = next(iter(layout.tags), None)

    def quick(self, row: int, cells: Sequence[str]) -> ContactRow | None:
        """The contact of a record with one number in a usual form; None for every record that needs a closer look."""
        at = self._single
        if at is None or not at < len(cells) <= self._layout.width:
            return None
        phone = self._usual.quick(cells[at])
        if phone is None:
            return None
        name = note = None
        tags: tuple[str, ...] = ()
        if self._name_at is not None and self._name_at < len(cells):
            name = cells[self._name_at].strip()
            if not name.isprintable() or "  " in name or len(name) > _NAME_LIMIT or "\u3000" in name:
                return None
        if self._note_at is not None and self._note_at < len(cells):
            note = cells[self._note_at].strip()
            if len(note) > _NOTE_LIMIT:
                return None
        if self._tags_at is not None and self._tags_at < len(cells) and (cell := cells[self._tags_at]):
            tags = _tags_of(cell)
        return _tuple(ContactRow, (row, name or None, phone, None, None, tags, note or None))

    def read(self, row: int, cells: Sequence[str]) -> Iterator[ContactRow | RejectedRow]:
        """One result for each identifier of the record; nothing for an empty record."""
        layout = self._layout
        if len(cells) > layout.width and any(cell.strip() for cell in cells[layout.width :]):
            extra = t(
                "row {row} has {found} cells where the header has {wanted}",
                row=row,
                found=len(cells),
                wanted=layout.width,
            )
            yield RejectedRow(row, None, cut(",".join(cells)), "ragged-row", extra)
            return
        try:
            name = self._name(cells)
            phones = self._phones_for(cells)
            tags = self._tags(cells) if layout.tags else ()
            note = self._joined(cells, layout.notes, _NOTE_LIMIT) if layout.notes else None
        except _Unfit as unfit:
            yield RejectedRow(row, unfit.column, unfit.value, unfit.code, unfit.text)
            return
        yield from self._people(row, cells, phones, name, tags, note)

    def _people(
        self,
        row: int,
        cells: Sequence[str],
        phones: PhoneReader,
        name: str | None,
        tags: tuple[str, ...],
        note: str | None,
    ) -> Iterator[ContactRow | RejectedRow]:
        found = False
        seen: set[str] = set()
        for index in self._layout.identifiers:
            cell = cells[index].strip() if index < len(cells) else ""
            if not cell:
                continue
            found = True
            for part in _SEVERAL.split(cell) if _may_hold_several(cell) else (cell,):
                text = part.strip()
                if not text:
                    continue
                result = _identified(row, text, self._layout.titles[index], phones)
                if isinstance(result, RejectedRow):
                    yield result
                    continue
                phone, bsuid, username = result
                identifier = phone or bsuid or username or ""
                if identifier not in seen:
                    seen.add(identifier)
                    yield ContactRow(row, name, phone, bsuid, username, tags, note)
        if not found and any(cell.strip() for cell in cells):
            column = self._layout.titles[self._layout.identifiers[0]] if self._layout.identifiers else None
            yield RejectedRow(
                row, column, cut(name or ""), "no-identifier", t("row {row} has no number, BSUID or username", row=row)
            )

    def _phones_for(self, cells: Sequence[str]) -> PhoneReader:
        for index in self._layout.countries:
            code = cells[index].strip().upper() if index < len(cells) else ""
            if len(code) == 2 and code.isascii() and code.isalpha():
                if code not in self._phones:
                    self._phones[code] = PhoneReader(code)
                return self._phones[code]
        return self._usual

    def _name(self, cells: Sequence[str]) -> str | None:
        layout = self._layout
        for index in layout.names:
            if index < len(cells) and (cell := cells[index].strip()):
                return self._named(cell, layout.titles[index])
        parts = [cells[index].strip() for index in layout.name_parts if index < len(cells)]
        whole = " ".join(part for part in parts if part)
        return self._named(whole, layout.titles[layout.name_parts[0]]) if whole else None

    def _named(self, text: str, column: str) -> str | None:
        if len(text) > _NAME_LIMIT:
            raise _Unfit(
                column,
                cut(text),
                "name-too-long",
                t("{column} is longer than {limit} characters", column=column, limit=_NAME_LIMIT),
            )
        return plain_name(text)

    def _tags(self, cells: Sequence[str]) -> tuple[str, ...]:
        tags: dict[str, None] = {}
        for index in self._layout.tags:
            cell = cells[index] if index < len(cells) else ""
            if cell:
                tags |= dict.fromkeys(_tags_of(cell))
        return tuple(tags)

    def _joined(self, cells: Sequence[str], columns: Sequence[int], limit: int) -> str | None:
        parts = [cells[index].strip() for index in columns if index < len(cells)]
        whole = "\n".join(part for part in parts if part)
        if len(whole) > limit:
            column = self._layout.titles[columns[0]]
            raise _Unfit(
                column,
                cut(whole),
                "note-too-long",
                t("{column} is longer than {limit} characters", column=column, limit=limit),
            )
        return whole or None


def plain_name(text: str) -> str | None:
    """A name on one line, without control characters; None when nothing is left."""
    if text.isprintable() and "  " not in text and "\u3000" not in text:
        return text.strip() or None
    return _UNNAMEABLE.sub(" ", text).strip() or None


def _tags_in(cell: str) -> tuple[str, ...]:
    tags = (tag.strip()[:_TAG_LIMIT] for tag in _TAG_SPLIT.split(cell))
    # `* myContacts` is Google's own group of everybody.
    return tuple(dict.fromkeys(tag for tag in tags if tag and not tag.startswith("*")))


_cached_tags = lru_cache(maxsize=1024)(_tags_in)  # a file has few different sets of tags


def _tags_of(cell: str) -> tuple[str, ...]:
    return _cached_tags(cell) if len(cell) < 200 else _tags_in(cell)


class _Unfit(Exception):
    def __init__(self, column: str, value: str, code: str, text: Text) -> None:
        super().__init__(code)
        self.column, self.value, self.code, self.text = column, value, code, text


def _may_hold_several(cell: str) -> bool:
    return not cell.isalnum() and (
        ":::" in cell or ";" in cell or "," in cell or " / " in cell or "\n" in cell or "|" in cell
    )


def _identified(
    row: int, text: str, column: str, phones: PhoneReader
) -> tuple[str | None, str | None, str | None] | RejectedRow:
    try:
        return phones.read(text), None, None
    except Invalid as problem:
        if is_bsuid(text):
            return None, text, None
        lowered = text.casefold()
        if (text.startswith("@") or column.casefold() in ("username", "nama pengguna")) and is_username(lowered):
            return None, None, lowered.removeprefix("@")
        return RejectedRow(row, column, cut(text), problem.code, problem.message)
