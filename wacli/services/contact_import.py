"""`wacli contacts import`: an address book into the store, one transaction, in constant memory.

Rows are read as a stream and placed by the thousand; rows with a plain number each stay columns from the file to the
store, because a million tuples more cost as much as everything else. Nothing is committed before the last row: a file
that breaks a rule of the store leaves no half of itself. A dry run does all of it and takes everything back.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import NamedTuple

from ..domain.contact_import import GivenPerson, ImportWishes, Outcome, Placed
from ..domain.text import Text, t
from ..importers.contact_files import ContactRow, PlainRows, RejectedRow
from ..store import tombstones
from ..store.contact_batch import ContactBatches, PlacedRun
from ..store.database import Store
from ..store.tombstones import Tombstones
from .unswept import unswept

BATCH = 10_000


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


class Batch:
    """People with what became of them, and refusals, both in the order of the file."""

    __slots__ = ("_people", "_placed", "rejected")

    def __init__(
        self, people: list[GivenPerson] | PlainRows, placed: PlacedRun | list[Placed], rejected: list[RejectedRow]
    ) -> None:
        self._people, self._placed, self.rejected = people, placed, rejected

    @property
    def people(self) -> Iterable[GivenPerson]:
        """Who they are."""
        if isinstance(self._people, PlainRows):
            return (person_of(one) for one in self._people.contacts())
        return self._people

    @property
    def placed(self) -> Sequence[Placed]:
        """What became of each."""
        return self._placed.each() if isinstance(self._placed, PlacedRun) else self._placed

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
        if isinstance(self._placed, PlacedRun):
            several = any(placed.outcome is Outcome.SEVERAL for placed in self._placed.others.values())
        else:
            several = any(placed.outcome is Outcome.SEVERAL for placed in self._placed)
        if self.rejected or several:
            for verdict in self.verdicts():
                if verdict.code is not None:
                    yield verdict


class _TakeBack(Exception):
    """A dry run is over."""


def import_contacts(
    store: Store,
    blocks: Iterable[PlainRows | list[ContactRow | RejectedRow]],
    wishes: ImportWishes,
    now: datetime,
    *,
    tally: ImportTally,
    dry_run: bool = False,
) -> Generator[Batch, None, None]:
    """Places every row and yields what became of it, batch by batch; committed when the iteration ends.

    Raises what reading the file raises, and Unavailable when the store stays locked or the disk is full; then nothing
    is kept. An iteration that is given up keeps nothing either.
    """
    try:
        with (
            store.bulk(),
            store.sorting_on_disk(),
            store.trusting_references(),
            unswept(),
            store.transaction() as connection,
        ):
            batches = ContactBatches(connection, wishes, now)
            erased = tombstones.load(connection)
            for people, rejected in _batches(blocks):
                if erased:
                    kept, refused = _without_the_erased(people, erased)
                    batch = _put(batches, kept, sorted(rejected + refused, key=_row_of), tally)
                else:
                    batch = _put(batches, people, rejected, tally)
                tally.read = sum(tally.counts.values())
                yield batch
            batches.finish()
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        return


def _put(
    batches: ContactBatches,
    people: list[GivenPerson] | PlainRows,
    rejected: list[RejectedRow],
    tally: ImportTally,
) -> Batch:
    tally.counts[Outcome.REJECTED] += len(rejected)
    placed: PlacedRun | list[Placed]
    if isinstance(people, PlainRows):
        placed = batches.put_plain(people.phones, people.names, people.notes, people.tags)
        tally.counts[Outcome.ADDED] += placed.count - len(placed.others)
        others: Iterable[Placed] = placed.others.values()
    else:
        others = placed = batches.put(people)
    for one in others:
        tally.counts[one.outcome] += 1
    return Batch(people, placed, rejected)


def _without_the_erased(
    people: list[GivenPerson] | PlainRows, erased: Tombstones
) -> tuple[list[GivenPerson] | PlainRows, list[RejectedRow]]:
    """Whoever asked to be forgotten does not come back with an old list."""
    if isinstance(people, PlainRows):
        if not any(erased.of(phone) is not None for phone in people.phones):
            return people, []
        people = [person_of(one) for one in people.contacts()]
    kept: list[GivenPerson] = []
    refused: list[RejectedRow] = []
    for person in people:
        if any(erased.of(one) is not None for one in (*person.phones, *person.bsuids)):
            said = t("row {row} is somebody who was erased from this store", row=person.row)
            refused.append(RejectedRow(person.row, None, "", "erased", said))
        else:
            kept.append(person)
    return kept, refused


def _row_of(refused: RejectedRow) -> int:
    return refused.row


def _batches(
    blocks: Iterable[PlainRows | list[ContactRow | RejectedRow]],
) -> Iterator[tuple[list[GivenPerson] | PlainRows, list[RejectedRow]]]:
    """Blocks of one kind together, so that a batch is worth its statements."""
    plain: list[PlainRows] = []
    people = _People()
    for block in blocks:
        if isinstance(block, PlainRows):
            if people.given or people.rejected:
                yield people.given, people.rejected
                people = _People()
            plain.append(block)
            if sum(len(each.rows) for each in plain) >= BATCH:
                yield _together(plain)
                plain = []
            continue
        if plain:
            yield _together(plain)
            plain = []
        for found in block:
            if people.is_full and not people.goes_on(found):
                yield people.given, people.rejected
                people = _People()
            people.add(found)
    if plain:
        yield _together(plain)
    if people.given or people.rejected:
        yield people.given, people.rejected


def _together(blocks: Sequence[PlainRows]) -> tuple[PlainRows, list[RejectedRow]]:
    rejected = [one for block in blocks for one in block.rejected]
    if len(blocks) == 1:
        return blocks[0], rejected
    tags = notes = None
    if any(block.tags for block in blocks):
        tags = list(chain.from_iterable(block.tags or repeat((), len(block.rows)) for block in blocks))
    if any(block.notes for block in blocks):
        notes = list(chain.from_iterable(block.notes or repeat(None, len(block.rows)) for block in blocks))
    return PlainRows(
        list(chain.from_iterable(block.rows for block in blocks)),
        list(chain.from_iterable(block.names for block in blocks)),
        list(chain.from_iterable(block.phones for block in blocks)),
        tags,
        notes,
        rejected,
    ), rejected


class _People:
    """People gathered row by row: several numbers of one row are one person's."""

    def __init__(self) -> None:
        self.given: list[GivenPerson] = []
        self.rejected: list[RejectedRow] = []

    @property
    def is_full(self) -> bool:
        return len(self.given) + len(self.rejected) >= BATCH

    def goes_on(self, found: ContactRow | RejectedRow) -> bool:
        """True for another number of the person at hand."""
        return bool(self.given) and found.row == self.given[-1].row

    def add(self, found: ContactRow | RejectedRow) -> None:
        if isinstance(found, RejectedRow):
            self.rejected.append(found)
        elif self.goes_on(found):
            self.given[-1] = _joined(self.given[-1], found)
            if found.username and self.given[-1].username != found.username:
                self.rejected.append(_second_username(found.row, found.username))
        else:
            self.given.append(person_of(found))


def person_of(row: ContactRow) -> GivenPerson:
    """A row as a person with one identifier."""
    row_number, name, phone, bsuid, username, tags, note = row
    return GivenPerson(row_number, name, (phone,) if phone else (), (bsuid,) if bsuid else (), username, tags, note)


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
