"""Recipients out of a file or from standard input: who each line means, and the values it gives for them.

| what is read | how |
|---|---|
| lines of standard input | one WHO a line: a contact id, a number, a BSUID, an @username, a name |
| NDJSON | `{"who": "Sari", "values": {"order": "A-17"}}`, as `wacli send` reads it |
| CSV | a header; one column says who, every other column is a value by its name |

Numbers and BSUIDs are looked up by the thousand; one that nobody has yet makes a contact, as sending to it would. A
name is looked up as everywhere else. Whatever becomes no recipient is told with its line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO, NamedTuple

from wacli.domain.campaign import Exclusion
from wacli.domain.contact_import import GivenPerson, ImportWishes
from wacli.domain.identity import IdentifierKind, identifier_kind, parse_phone
from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import t
from wacli.store.campaign_selection import Listed
from wacli.store.contact_batch import ContactBatches
from wacli.store.database import Store

from .order_lines import read_lines
from .people import find_contact
from .sending import Failed

_BATCH = 5_000
_ID = re.compile(r"#(\d{1,12})|(\d{1,6})")
_WHO = ("who", "contact_id", "id", "phone", "bsuid", "user_id", "whatsapp", "wa_id", "number", "mobile", "phone number",
        "phone_number", "tel", "telephone", "msisdn", "nomor", "nomor hp", "no hp", "hp", "nomor wa", "no wa",
        "telepon", "username")  # fmt: skip


class PersonLine(NamedTuple):
    """One line: whom it means, and values by name."""

    number: int
    who: str
    values: Mapping[str, str]


class Reject(NamedTuple):
    """A line that became no recipient."""

    line: int
    who: str
    reason: Exclusion
    contact_id: int | None = None


class PeopleFile(NamedTuple):
    """A file of people. `columns`: names of values; None where every line may name its own (NDJSON)."""

    columns: tuple[str, ...] | None
    lines: Iterator[PersonLine | Reject]


def read_people(stream: BinaryIO, name: str) -> PeopleFile:
    """A CSV or NDJSON file. Raises `Invalid` (`bad-encoding`, `no-column`, `empty-file`)."""
    start = _peek(stream)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return PeopleFile(None, _json_lines(stream))
    return _table(stream, name)


def read_words(stream: Iterable[bytes]) -> PeopleFile:
    """Standard input: one WHO a line; a line that begins with a brace is JSON."""
    return PeopleFile(None, _word_lines(stream))


def place_people(
    store: Store, lines: Iterable[PersonLine | Reject], columns: Sequence[str], country: str | None, now: datetime
) -> Iterator[Listed | Reject]:
    """Whom each line means, in the order of the lines. Within the caller's transaction: strangers become contacts."""
    seen: set[int] = set()
    rest = iter(lines)
    while batch := list(islice(rest, _BATCH)):
        for line, found in zip(batch, _resolve(store, batch, country, now), strict=True):
            if isinstance(line, Reject):
                yield line
            elif found is None:
                yield Reject(line.number, line.who, Exclusion.UNKNOWN_PERSON)
            elif found in seen:
                yield Reject(line.number, line.who, Exclusion.DUPLICATE, found)
            else:
                seen.add(found)
                yield Listed(found, line.number, _cells(line.values, columns))


def _cells(values: Mapping[str, str], columns: Sequence[str]) -> str | None:
    return json.dumps([values.get(column) for column in columns], ensure_ascii=False) if columns else None


def _resolve(
    store: Store, batch: Sequence[PersonLine | Reject], country: str | None, now: datetime
) -> Iterator[int | None]:
    """The contact of each line; None for nobody."""
    people: list[GivenPerson] = []
    places: dict[int, int] = {}
    for place, line in enumerate(batch):
        person = None if isinstance(line, Reject) else _person(line, country)
        if person is not None:
            places[place] = len(people)
            people.append(person)
    batches = ContactBatches(store.connection, ImportWishes(), now)
    placed = batches.put(people) if people else []
    for place, line in enumerate(batch):
        if isinstance(line, Reject):
            yield None
        elif place in places:
            one = placed[places[place]]
            yield None if one.others else one.contact_id
        else:
            yield _named(store, line.who, country)


def _person(line: PersonLine, country: str | None) -> GivenPerson | None:
    """A number or a BSUID that can be looked up with thousands of others; None for everything else."""
    who = line.who
    if _ID.fullmatch(who):
        return None
    kind = identifier_kind(who)
    if kind is IdentifierKind.BSUID:
        return GivenPerson(line.number, None, (), (who,), None, (), None)
    if kind is not IdentifierKind.PHONE:
        return None
    try:
        return GivenPerson(line.number, None, (parse_phone(who, country),), (), None, (), None)
    except Invalid:
        return None


def _named(store: Store, who: str, country: str | None) -> int | None:
    match = _ID.fullmatch(who)
    try:
        if match is None:
            return find_contact(store, who, country).id
        from wacli.store import contacts

        found = contacts.find(store, int(match[1] or match[2]))
        return None if found is None else found.id
    except Problem:
        return None


def _peek(stream: BinaryIO) -> bytes:
    start = stream.read(4096)
    stream.seek(0)
    return start


def _json_lines(stream: Iterable[bytes]) -> Iterator[PersonLine | Reject]:
    for line in read_lines(stream):
        if isinstance(line, Failed):
            yield Reject(line.line or 0, line.who, Exclusion.UNREADABLE)
        else:
            yield PersonLine(line.number, line.who, line.values)


def _word_lines(stream: Iterable[bytes]) -> Iterator[PersonLine | Reject]:
    for number, raw in enumerate(stream, 1):
        text = raw.decode("utf-8-sig", "replace").strip()
        if not text:
            continue
        if text.startswith("{"):
            (line,) = _json_lines([raw])
            yield line._replace(number=number) if isinstance(line, PersonLine) else line._replace(line=number)
        elif len(text) > 200 or "\ufffd" in text:
            yield Reject(number, text[:60], Exclusion.UNREADABLE)
        else:
            yield PersonLine(number, text, {})


def _table(stream: BinaryIO, name: str) -> PeopleFile:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
    except UnicodeDecodeError:
        raise _not_utf8(name) from None
    if not first.strip():
        raise Invalid("empty-file", t("{file} is empty", file=name), t("Give a CSV file with a header"))
    delimiter = max(",;\t", key=first.count)
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
    small = [cell.casefold() for cell in header]
    place = next((small.index(word) for word in _WHO if word in small), None)
    if place is None:
        raise Invalid(
            "no-column",
            t("{file}: no column says who; there are: {names}", file=name, names=", ".join(header)),
            t("Name the column of the numbers or ids “who” in the first line"),
            {"columns": header},
        )
    columns = tuple(cell for at, cell in enumerate(header) if at != place and cell)
    return PeopleFile(columns, _table_lines(text, header, place, delimiter, name))


def _table_lines(
    text: io.TextIOWrapper, header: Sequence[str], place: int, delimiter: str, name: str
) -> Iterator[PersonLine | Reject]:
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            text.detach()  # the caller's stream stays open
            return
        except UnicodeDecodeError:
            raise _not_utf8(name) from None
        except csv.Error as error:
            raise Invalid("bad-csv", t("{file}, line {line}: {reason}", file=name, line=reader.line_num + 1,
                                       reason=str(error))) from None  # fmt: skip
        if not any(row):
            continue
        number = reader.line_num + 1  # the header was read before
        who = row[place].strip() if len(row) > place else ""
        if not who:
            yield Reject(number, "", Exclusion.UNREADABLE)
            continue
        values = {key: cell.strip() for key, cell in zip(header, row, strict=False) if key and cell.strip()}
        yield PersonLine(number, who, values)


def _not_utf8(name: str) -> Invalid:
    return Invalid("bad-encoding", t("{file}: not UTF-8 text", file=name), t("Save the file as CSV in UTF-8"))
