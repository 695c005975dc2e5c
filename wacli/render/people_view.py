"""The address book for other programs: the columns that `contacts import` reads."""

from __future__ import annotations

from collections.abc import Iterable

from wacli.domain.contact_import import GivenPerson
from wacli.domain.identity import display_phone
from wacli.domain.text import t

from .view import Cell, Flat, Heading, Listing, Style
from .words import sanitise

PEOPLE_FIELDS = ("name", "phones", "bsuid", "username", "tags", "note")


def people_listing(people: Iterable[GivenPerson]) -> Listing[GivenPerson]:
    """One row for each person; several numbers in one cell."""
    return Listing(
        fields=PEOPLE_FIELDS,
        rows=people,
        flat=person_fields,
        headings=(
            Heading(t("Name"), share=1),
            Heading(t("Number")),
            Heading(t("Username")),
            Heading(t("Tags"), share=1),
        ),
        cells=lambda person: (
            Cell(sanitise(person.name or ""), Style.STRONG),
            Cell(", ".join(map(display_phone, person.phones))),
            Cell(sanitise(person.username or "")),
            Cell(sanitise(", ".join(person.tags))),
        ),
        empty=t("No contacts yet. They come with their first message, or: wacli contacts add NAME --phone NUMBER"),
    )


def person_fields(person: GivenPerson) -> Flat:
    """One person for machines."""
    return {
        "name": person.name,
        "phones": tuple(map(display_phone, person.phones)),
        "bsuid": next(iter(person.bsuids), None),
        "username": person.username,
        "tags": person.tags,
        "note": person.note,
    }
