"""`wacli contacts import`: an address book into the store, one transaction, in constant memory.

Rows are read as a stream and placed by the thousand. Nothing is committed before the last row: a file that breaks a
rule of the store leaves no half of itself. A dry run does all of it and takes everything back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ..domain.contact_import import GivenPerson, ImportWishes, Outcome, Placed
from ..domain.text import Text, t
from ..importers.contact_files import ContactRow, RejectedRow
from ..store import tombstones
from ..store.contact_batch import ContactBatches
from ..store.database import Store
from ..store.tombstones import Tombstones

BATCH = 10_000
_tuple = tuple.__new__


class RowVerdict(NamedTuple):
    """What became of one row, or of one number of it. `code` and `message` say why it was left out."""

    row: int
    outcome: Outcome
    contact_id: int | None
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    column: str | None
    value: str | None
    code: str | None
    message: Text | None


@dataclass(slots=True)
class ImportTally:
    """How many rows ended how; `read` counts people and refusals."""

    read: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def left_out(self) -> int:
        """Rows, or numbers of rows, that are not in the store."""
        return self.counts[Outcome.REJECTED] + self.counts[Outcome.SEVERAL]


class Batch(NamedTuple):
    """People with what became of them, and refusals, both in the order of the file."""

    people: list[GivenPerson]
    placed: list[Placed]
    rejected: list[RejectedRow]

    def verdicts(self) -> Iterator[RowVerdict]:
        """One for each row, in the order of the file."""
        refusals = iter(self.rejected)
        refusal = next(refusals, None)
        for person, placed in zip(self.people, self.placed, strict=True):
            while refusal is not None and refusal.row < person.row:
                yield _refused(refusal)
                refusal = next(refusals, None)
            yield _placed(person, placed)
        while refusal is not None:
            yield _refused(refusal)
            refusal = next(refusals, None)

    def left_out(self) -> Iterator[RowVerdict]:
        """Only those that are not in the store now."""
        if self.rejected or any(placed.outcome is Outcome.SEVERAL for placed in self.placed):
            for verdict in self.verdicts():
                if verdict.code is not None:
                    yield verdict


class _TakeBack(Exception):
    """A dry run is over."""


def import_contacts(
    store: Store,
    rows: Iterable[ContactRow | RejectedRow],
    wishes: ImportWishes,
    now: datetime,
    *,
    tally: ImportTally,
    dry_run: bool = False,
) -> Iterator[Batch]:
    """Places every row and yields what became of it, batch by batch; committed when the iteration ends.

    Raises what reading the file raises, and Unavailable when the store stays locked or the disk is full; then nothing
    is kept. An iteration that is given up keeps nothing either.
    """
    try:
        with store.bulk(), store.transaction() as connection:
            batches = ContactBatches(connection, wishes, now)
            erased = tombstones.load(connection)
            for people, rejected in _batches(rows):
                if erased:
                    people, refused = _without_the_erased(people, erased)
                    rejected += refused
                placed = batches.put(people)
                tally.read += len(people) + len(rejected)
                for one in placed:
                    tally.counts[one.outcome] += 1
                tally.counts[Outcome.REJECTED] += len(rejected)
                yield Batch(people, placed, rejected)
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        return


def _without_the_erased(people: list[GivenPerson], erased: Tombstones) -> tuple[list[GivenPerson], list[RejectedRow]]:
    """Whoever asked to be forgotten does not come back with an old list."""
    kept: list[GivenPerson] = []
    refused: list[RejectedRow] = []
    for person in people:
        if any(erased.of(one) is not None for one in (*person.phones, *person.bsuids)):
            said = t("row {row} is somebody who was erased from this store", row=person.row)
            refused.append(RejectedRow(person.row, None, "", "erased", said))
        else:
            kept.append(person)
    return kept, refused


def _batches(
    rows: Iterable[ContactRow | RejectedRow],
) -> Iterator[tuple[list[GivenPerson], list[RejectedRow]]]:
    people: list[GivenPerson] = []
    rejected: list[RejectedRow] = []
    last = -1
    for found in rows:
        if type(found) is not ContactRow:
            assert isinstance(found, RejectedRow)
            rejected.append(found)
            continue
        row, name, phone, bsuid, username, tags, note = found
        if row == last:  # another number of the same person
            people[-1] = _joined(people[-1], found)
            if username and people[-1].username != username:
                rejected.append(_second_username(row, username))
            continue
        if len(people) + len(rejected) >= BATCH:
            yield people, rejected
            people, rejected = [], []
        last = row
        if phone is not None:
            people.append(_tuple(GivenPerson, (row, name, (phone,), (), None, tags, note)))
        else:
            people.append(GivenPerson(row, name, (), (bsuid,) if bsuid else (), username, tags, note))
    if people or rejected:
        yield people, rejected


def _joined(person: GivenPerson, more: ContactRow) -> GivenPerson:
    return person._replace(
        phones=person.phones + ((more.phone,) if more.phone else ()),
        bsuids=person.bsuids + ((more.bsuid,) if more.bsuid else ()),
        username=person.username or more.username,
    )


def _second_username(row: int, username: str) -> RejectedRow:
    message = t("row {row} has a second username, and a person has one", row=row)
    return RejectedRow(row, None, username, "second-username", message)


def _placed(person: GivenPerson, placed: Placed) -> RowVerdict:
    phone = person.phones[0] if person.phones else None
    bsuid = person.bsuids[0] if person.bsuids else None
    who = (person.name, phone, bsuid, person.username)
    if placed.outcome is not Outcome.SEVERAL:
        return RowVerdict(person.row, placed.outcome, placed.contact_id, *who, None, None, None, None)
    ids = ", ".join(f"#{one}" for one in placed.others)
    message = t("row {row}: its numbers belong to several contacts ({ids})", row=person.row, ids=ids)
    value = ", ".join((*person.phones, *person.bsuids, *filter(None, [person.username])))
    return RowVerdict(person.row, placed.outcome, None, *who, None, value, Outcome.SEVERAL.value, message)


def _refused(row: RejectedRow) -> RowVerdict:
    return RowVerdict(
        row.row, Outcome.REJECTED, None, None, None, None, None, row.column, row.value, row.code, row.message
    )
