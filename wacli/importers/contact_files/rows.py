"""From the cells of one record to contacts, or to the reason why not.

Identifiers are told apart by their shape (facts: cloud-api.md sections 0.2 and 9): a phone number, a BSUID, an
@username, whatever the column is called. A person with several numbers becomes several rows with one name: to
WhatsApp each number is somebody. Every refusal names its row as a spreadsheet counts them (the header is row 1)
and its column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, repeat
from typing import NamedTuple, cast

from ...domain.identity import is_bsuid, is_username
from ...domain.problem import Invalid
from ...domain.text import Text, t
from .headers import Field
from .numbers import PhoneReader, cut

_NAME_LIMIT, _NOTE_LIMIT, _TAG_LIMIT = 500, 10_000, 100  # characters
_SEVERAL = re.compile(r":::|[;\n|]|(?<=\d),|\s/\s")  # no \s* beside them: quadratic on a cell of spaces
_TAG_SPLIT = re.compile(r":::|[,;|]")
# What an export (ours, and others that are careful) puts before a text that a spreadsheet would run as a formula.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
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


class PlainRows(NamedTuple):
    """People with one number each and nothing else to be known by, in columns of one length, and refusals among them.

    A million are read in columns at half the cost of a million `ContactRow`s. `tags` and `notes` are None where nobody
    has any.
    """

    rows: Sequence[int]
    names: Sequence[str | None]
    phones: Sequence[str]
    tags: Sequence[tuple[str, ...]] | None
    notes: Sequence[str | None] | None
    rejected: list[RejectedRow]

    def contacts(self) -> Iterator[ContactRow]:
        """The same, one by one."""
        nothing: Iterable[None] = repeat(None)
        for row, name, phone, tags, note in zip(
            self.rows, self.names, self.phones, self.tags or repeat(()), self.notes or nothing, strict=False
        ):
            yield ContactRow(row, name, phone, None, None, tags, note)


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

    def __init__(self, layout: Layout, country: str | None, *, is_guarded: bool = True) -> None:
        """`is_guarded`: an apostrophe before what looks like a formula was put there by an export (not in vCard)."""
        self._bare = unguarded if is_guarded else str
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

    def read_many(self, rows: Sequence[int], cells: Sequence[list[str]]) -> PlainRows | list[ContactRow | RejectedRow]:
        """All records of a block: as columns, unless somebody among them has several identifiers, or one of another
        kind than a phone number. What is unusual is read by `read`, record by record."""
        at = self._single
        if at is None or set(map(len, cells)) != {self._layout.width}:
            return [found for row, each in zip(rows, cells, strict=True) for found in self.read(row, each)]
        columns = list(zip(*cells, strict=True))
        phones = self._usual.quick_many(columns[at])
        odd = {index for index, phone in enumerate(phones) if phone is None} if None in phones else set()
        names = [None] * len(cells) if self._name_at is None else _plain_names(columns[self._name_at], odd)
        notes = None if self._note_at is None else _plain_notes(columns[self._note_at], odd)
        tags = None
        if self._tags_at is not None and any(column := columns[self._tags_at]):
            tags = list(map({cell: _tags_of(cell) for cell in set(column)}.__getitem__, column))
        return self._with_odd(rows, cells, odd, PlainRows(rows, names, phones, tags, notes, []))  # type: ignore[arg-type]

    def _with_odd(
        self, rows: Sequence[int], cells: Sequence[list[str]], odd: set[int], plain: PlainRows
    ) -> PlainRows | list[ContactRow | RejectedRow]:
        """Puts in what `read` makes of the odd ones, or takes them out."""
        left_out: set[int] = set()
        for index in sorted(odd):
            found = list(self.read(rows[index], cells[index]))
            people = [one for one in found if isinstance(one, ContactRow)]
            if not people:
                left_out.add(index)
                plain.rejected.extend(one for one in found if isinstance(one, RejectedRow))
            elif len(found) == 1 and people[0].phone is not None:
                _put(plain, index, people[0])
            else:
                return [one for row, each in zip(rows, cells, strict=True) for one in self.read(row, each)]
        if not left_out:
            return plain
        kept = [index not in left_out for index in range(len(rows))]
        return PlainRows(
            list(compress(plain.rows, kept)),
            list(compress(plain.names, kept)),
            list(compress(plain.phones, kept)),
            None if plain.tags is None else list(compress(plain.tags, kept)),
            None if plain.notes is None else list(compress(plain.notes, kept)),
            plain.rejected,
        )

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
        return plain_name(self._bare(text))

    def _tags(self, cells: Sequence[str]) -> tuple[str, ...]:
        tags: dict[str, None] = {}
        for index in self._layout.tags:
            cell = cells[index] if index < len(cells) else ""
            if cell:
                tags |= dict.fromkeys(_tags_of(cell))
        return tuple(tags)

    def _joined(self, cells: Sequence[str], columns: Sequence[int], limit: int) -> str | None:
        parts = [self._bare(cells[index].strip()) for index in columns if index < len(cells)]
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


def _put(plain: PlainRows, index: int, one: ContactRow) -> None:
    names, phones, notes = (cast("list[str | None]", column) for column in (plain.names, plain.phones, plain.notes))
    names[index], phones[index] = one.name, one.phone
    if notes is not None:
        notes[index] = one.note


def _plain_names(column: Sequence[str], odd: set[int]) -> list[str | None]:
    """Names on one line without spaces around them; the places of those that need a closer look are noted."""
    joined = f"|{'|'.join(column)}|"
    is_plain = joined.isprintable() and not any(sign in joined for sign in ("  ", "| ", " |", "\u3000", "|'"))
    if is_plain and max(map(len, column)) <= _NAME_LIMIT:
        return [name or None for name in column] if "" in column else list(column)
    names = [unguarded(name.strip()) for name in column]
    for index, name in enumerate(names):
        if not name.isprintable() or "  " in name or len(name) > _NAME_LIMIT or "\u3000" in name:
            odd.add(index)
    return [name or None for name in names]


def _plain_notes(column: Sequence[str], odd: set[int]) -> list[str | None] | None:
    if not any(column):
        return None
    joined = f"|{'|'.join(column)}|"
    if joined.isprintable() and not any(sign in joined for sign in ("| ", " |", "|'")):
        notes = [note or None for note in column]
    else:
        notes = [unguarded(note.strip()) or None if note else None for note in column]
    if max(map(len, column)) > _NOTE_LIMIT:
        odd.update(index for index, note in enumerate(notes) if note and len(note) > _NOTE_LIMIT)
    return notes


def unguarded(text: str) -> str:
    """The text of a cell that was guarded against being run as a formula."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def plain_name(text: str) -> str | None:
    """A name on one line, without control characters; None when nothing is left."""
    if text.isprintable() and "  " not in text and "\u3000" not in text:
        return text.strip() or None
    return _UNNAMEABLE.sub(" ", text).strip() or None


def _tags_in(cell: str) -> tuple[str, ...]:
    tags = (tag.strip()[:_TAG_LIMIT] for tag in _TAG_SPLIT.split(unguarded(cell)))
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
