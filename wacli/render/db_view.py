"""The store itself as screens: backups, proofs, sizes, and answers to the owner's own SQL."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from wacli.domain.text import Text, t
from wacli.store.backup import Backup, Proof
from wacli.store.sql import Answer
from wacli.store.statistics import Statistics

from .view import Cell, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

_MEGABYTE = 1_000_000


def backup_record(backup: Backup, words: Words) -> Record:
    """Where a copy is and how to know it again."""
    flat = {"path": str(backup.path), "bytes": backup.size, "sha256": backup.sha256}
    pairs = (
        (words.say(t("Backup")), Cell(sanitise(str(backup.path)), Style.STRONG)),
        (words.say(t("Size")), Cell(_size(backup.size, words))),
        (words.say(t("Checksum")), Cell(f"SHA-256 {backup.sha256}", Style.DIM)),
    )
    return Record(flat, (Paragraph(pairs=pairs),))


def proof_record(proof: Proof, words: Words) -> Record:
    """That a file restores, and what comes back."""
    flat = {
        "path": str(proof.path),
        "restores": True,
        "bytes": proof.size,
        "sha256": proof.checksum,
        "schema": proof.schema,
        **proof.counts,
    }
    checksum = words.say(t("none beside the file") if proof.checksum is None else t("right"))
    pairs = [(words.say(t("Checksum")), Cell(checksum)), (words.say(t("Size")), Cell(_size(proof.size, words)))]
    pairs += [(name, Cell(words.number(count))) for name, count in proof.counts.items()]
    head = Cell(words.say(t("{path} restores", path=str(proof.path))), Style.GOOD)
    return Record(flat, (Paragraph(lines=(head,)), Paragraph(pairs=tuple(pairs))))


def sound_record(path: Path, counts: dict[str, int], words: Words) -> Record:
    """That the store itself is whole."""
    pairs = tuple((name, Cell(words.number(count))) for name, count in counts.items())
    head = Cell(words.say(t("{path} is sound", path=str(path))), Style.GOOD)
    return Record({"path": str(path), "is_sound": True, **counts}, (Paragraph(lines=(head,)), Paragraph(pairs=pairs)))


def statistics_record(found: Statistics, path: Path, words: Words) -> Record:
    """Sizes and counts."""
    flat = {
        "path": str(path),
        "bytes": found.size,
        "wal_bytes": found.wal_size,
        "free_bytes": found.free,
        "schema": found.schema,
        "first_message_at": found.first_at,
        "last_message_at": found.last_at,
        "tables": found.tables,
    }
    pairs = [
        (words.say(t("Store")), Cell(sanitise(str(path)))),
        (words.say(t("Size")), Cell(_size(found.size, words))),
        (words.say(t("Waiting in the WAL")), Cell(_size(found.wal_size, words))),
        (words.say(t("Free inside")), Cell(_size(found.free, words))),
    ]
    if found.first_at is not None and found.last_at is not None:
        span = t("{first} to {last}", first=found.first_at, last=found.last_at)
        pairs.append((words.say(t("Messages")), Cell(words.say(span))))
    tables = tuple(
        (name, Cell(words.number(count), Style.PLAIN if count else Style.DIM)) for name, count in found.tables.items()
    )
    return Record(flat, (Paragraph(pairs=tuple(pairs)), Paragraph(pairs=tables)))


def tables_record(path: Path, counts: dict[str, int], words: Words) -> Record:
    """How many rows of each table were written or read."""
    pairs = tuple(
        (name, Cell(words.number(count), Style.PLAIN if count else Style.DIM)) for name, count in counts.items()
    )
    head = Paragraph(lines=(Cell(sanitise(str(path)), Style.STRONG),))
    return Record({"path": str(path), "tables": counts}, (head, Paragraph(pairs=pairs)))


def answer_listing(answer: Answer, rows: Iterable[tuple[object, ...]], footer: tuple[Text, ...]) -> Listing[object]:
    """Rows of any SELECT. Bytes are shown in hex."""

    def flat(row: object) -> dict[str, object]:
        assert isinstance(row, tuple)
        return dict(zip(answer.columns, map(_value, row), strict=True))

    def cells(row: object) -> tuple[Cell, ...]:
        assert isinstance(row, tuple)
        return tuple(Cell("" if value is None else sanitise(str(_value(value)))) for value in row)

    return Listing(
        fields=answer.columns,
        rows=rows,
        flat=flat,
        headings=tuple(Heading(t("{name}", name=name), share=1) for name in answer.columns),
        cells=cells,
        empty=t("There are no rows"),
        footer=footer,
    )


def _value(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _size(size: int, words: Words) -> str:
    megabytes = (Decimal(size) / _MEGABYTE).quantize(Decimal("0.1"))
    return words.say(t("{size} MB", size=megabytes))
