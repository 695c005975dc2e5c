"""Contacts as screens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wacli.domain.contact import Contact
from wacli.domain.identity import Party, display_phone
from wacli.domain.text import t, tn
from wacli.store.consents import Consent

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

CONTACT_FIELDS = (
    "contact_id", "name", "profile_name", "phone", "bsuid", "parent_bsuid", "username", "tags", "note", "created_at",
)  # fmt: skip


def contact_fields(contact: Contact) -> Flat:
    """One contact for machines."""
    return {
        "contact_id": contact.id,
        "name": contact.name,
        "profile_name": contact.profile_name,
        "phone": None if contact.phone is None else display_phone(contact.phone),
        "bsuid": contact.bsuid,
        "parent_bsuid": contact.parent_bsuid,
        "username": contact.username,
        "tags": contact.tags,
        "note": contact.note,
        "created_at": contact.created_at,
    }


def contacts_listing(contacts: Iterable[Contact], more_count: int) -> Listing[Contact]:
    """The address book."""
    footer = (tn("{count} more: --limit 0", "{count} more: --limit 0", more_count),) if more_count > 0 else ()
    return Listing(
        fields=CONTACT_FIELDS,
        rows=contacts,
        flat=contact_fields,
        headings=(
            Heading(t("Id"), right=True),
            Heading(t("Name"), share=1),
            Heading(t("Number")),
            Heading(t("Username")),
            Heading(t("Tags"), share=1),
        ),
        cells=lambda contact: (
            Cell(f"#{contact.id}", Style.DIM),
            Cell(sanitise(contact.label), Style.STRONG),
            Cell("" if contact.phone is None else display_phone(contact.phone)),
            Cell(sanitise(contact.username or "")),
            Cell(sanitise(", ".join(contact.tags))),
        ),
        empty=t("No contacts yet. They come with their first message, or: wacli contacts add NAME --phone NUMBER"),
        footer=footer,
    )


def contact_record(contact: Contact, identifiers: Sequence[Party], consents: Sequence[Consent], words: Words) -> Record:
    """One contact with everything known about them."""
    flat = dict(contact_fields(contact))
    flat["identifiers"] = [
        {
            "phone": None if one.phone is None else display_phone(one.phone),
            "bsuid": one.bsuid,
            "parent_bsuid": one.parent_bsuid,
        }
        for one in identifiers
    ]
    flat["consents"] = [
        {"category": one.category, "state": one.state, "source": one.source, "evidence": one.evidence, "at": one.at}
        for one in consents
    ]
    return Record(flat, _paragraphs(contact, consents, words))


def _paragraphs(contact: Contact, consents: Sequence[Consent], words: Words) -> Iterator[Paragraph]:
    say = words.say
    shown = [
        (say(t("Id")), f"#{contact.id}"),
        (say(t("Profile name")), contact.profile_name),
        (say(t("Number")), None if contact.phone is None else display_phone(contact.phone)),
        (say(t("User ID")), contact.bsuid),
        (say(t("Username")), contact.username),
        (say(t("Tags")), ", ".join(contact.tags)),
        (say(t("Note")), contact.note),
        (say(t("Known since")), words.instant(contact.created_at)),
    ]
    ledger = tuple(
        Cell(
            words.say(
                t(
                    "{at}  {category}: {state} ({source})",
                    at=one.at,
                    category=one.category,
                    state=STATES.get(one.state, t("{word}", word=one.state)),
                    source=one.source,
                )
            )
            + (f"  “{sanitise(one.evidence)}”" if one.evidence else ""),
            Style.BAD if one.state == "opted-out" else Style.PLAIN,
        )
        for one in consents
    )
    yield Paragraph(lines=(Cell(sanitise(contact.label), Style.STRONG),))
    yield Paragraph(pairs=tuple((label, Cell(sanitise(value))) for label, value in shown if value))
    if ledger:
        yield Paragraph(lines=(Cell(say(t("Consent"))), *ledger))


STATES = {"opted-in": t("opted in"), "opted-out": t("opted out")}
