"""vCard 2.1, 3.0 and 4.0 as cards of properties, one at a time.

Sources: the vCard 2.1 specification (versit), RFC 2426, RFC 6350. An own reader and not vobject: vobject builds
the whole card as objects, stops at the first broken line, and does not read 2.1 as phones write it. What is
needed of the format is small: folding, groups, parameters, quoted-printable, escapes. Photos are skipped line
by line, so a card's size does not matter.

WhatsApp's own contact cards carry the number's id in a parameter: `TEL;waid=6281234567890:+62 812-3456-7890`.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...domain.text import Text, t

_VALUE_LIMIT = 65_536  # characters of one property
_WANTED = frozenset(
    ("BEGIN", "END", "FN", "N", "NICKNAME", "ORG", "TEL", "CATEGORIES", "NOTE", "X-WACLI-BSUID", "X-WACLI-USERNAME")
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Property(NamedTuple):
    """One property of a card, decoded but with its backslashes."""

    name: str
    parameters: str  # as written, upper case, between semicolons
    value: str


class Card(NamedTuple):
    """What one card says that concerns a contact; `number` counts cards from 1."""

    number: int
    line: int
    name: str
    phones: tuple[str, ...]
    bsuid: str
    username: str
    tags: tuple[str, ...]
    note: str
    problem: Text | None


def read_cards(blocks: Iterable[str]) -> Iterator[Card]:
    """Every card in the order of the file; one that breaks off is given with its problem and what it held."""
    number, begun_at = 0, 0
    properties: list[Property] | None = None
    for line, text in _unfolded(blocks):
        prop = _property(text)
        if prop is None:
            continue
        if prop.name == "BEGIN" and prop.value.strip().upper() == "VCARD":
            if properties is not None:
                yield _card(number, begun_at, properties, t("card {number} has no end", number=number))
            number, begun_at, properties = number + 1, line, []
        elif prop.name == "END" and properties is not None:
            yield _card(number, begun_at, properties, None)
            properties = None
        elif properties is not None:
            properties.append(prop)
    if properties is not None:
        yield _card(number, begun_at, properties, t("card {number} breaks off", number=number))


def _unfolded(blocks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first line; long values are cut, properties of no use dropped early."""
    held: list[str] = []
    held_line, size, is_skipped, is_quoted = 0, 0, False, False
    for number, line in enumerate((line for block in blocks for line in block.split("\n")), 1):
        soft_break = is_quoted and held and held[-1].endswith("=")
        if held and (line[:1] in (" ", "\t") or soft_break):
            if is_skipped or size > _VALUE_LIMIT:
                continue
            if soft_break:
                held[-1] = held[-1][:-1]
                held.append(line.lstrip(" \t") if line[:1] in (" ", "\t") else line)
            else:
                held.append(line[1:])
            size += len(line)
            continue
        if held and not is_skipped:
            yield held_line, "".join(held)[:_VALUE_LIMIT]
        head = line[:200].partition(":")[0].upper()
        is_quoted = "QUOTED-PRINTABLE" in head
        is_skipped = _bare_name(head) not in _WANTED
        held, held_line, size = [line], number, len(line)
    if held and not is_skipped:
        yield held_line, "".join(held)[:_VALUE_LIMIT]


def _bare_name(head: str) -> str:
    return head.partition(";")[0].rpartition(".")[2].strip()


def _property(line: str) -> Property | None:
    head, colon, value = _split_head(line)
    if not colon:
        return None
    name, _, parameters = head.partition(";")
    upper = parameters.upper()
    if "QUOTED-PRINTABLE" in upper:
        charset = re.search(r"CHARSET=([\w-]+)", upper)
        value = _quoted_printable(value, charset.group(1) if charset else "UTF-8")
    return Property(_bare_name(name.upper()), upper, value)


def _split_head(line: str) -> tuple[str, str, str]:
    """Name with parameters, and value: at the first colon outside quotation marks."""
    head, colon, value = line.partition(":")
    while colon and head.count('"') % 2:
        more, colon, value = value.partition(":")
        head = f"{head}:{more}"
    return head, colon, value


def _quoted_printable(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _card(number: int, line: int, properties: list[Property], problem: Text | None) -> Card:
    name = family = other = bsuid = username = ""
    phones: list[str] = []
    tags: list[str] = []
    notes: list[str] = []
    for prop in properties:
        if prop.name == "TEL":
            phones.append(_phone(prop))
        elif prop.name == "FN":
            name = name or _unescaped(prop.value).strip()
        elif prop.name == "N":
            family = family or _structured(prop.value)
        elif prop.name in ("NICKNAME", "ORG"):
            other = other or _unescaped(prop.value.strip(";")).strip()
        elif prop.name == "CATEGORIES":
            tags += [_unescaped(tag).strip() for tag in _parted(prop.value, ",")]
        elif prop.name == "NOTE":
            notes.append(_unescaped(prop.value).strip())
        elif prop.name == "X-WACLI-BSUID":
            bsuid = prop.value.strip()
        elif prop.name == "X-WACLI-USERNAME":
            username = prop.value.strip()
    return Card(
        number,
        line,
        name or family or other,
        tuple(phone for phone in phones if phone),
        bsuid,
        username,
        tuple(tag for tag in tags if tag),
        "\n".join(note for note in notes if note),
        problem,
    )


def _phone(prop: Property) -> str:
    waid = re.search(r"(?:^|;)WAID=(\d{7,15})(?:;|$)", prop.parameters)
    if waid is not None:
        return "+" + waid.group(1)
    value = _unescaped(prop.value).strip()
    if value[:4].lower() == "tel:":
        value = value[4:]
    return value.partition(";")[0].strip()


def _structured(value: str) -> str:
    """Given, middle, family: the order people say them in; N stores family;given;middle;prefix;suffix."""
    parts = [_unescaped(part).strip() for part in _parted(value, ";")] + ["", "", ""]
    return " ".join(part for part in (parts[1], parts[2], parts[0]) if part)


def _parted(value: str, separator: str) -> list[str]:
    """The parts between separators that no backslash takes away; a backslash may itself be escaped."""
    parts, start, place = [], 0, 0
    while place < len(value):
        if value[place] == separator:
            parts.append(value[start:place])
            start = place + 1
        place += 2 if value[place] == "\\" else 1
    return [*parts, value[start:]]


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match.group(1) in "nN" else match.group(1), value)
