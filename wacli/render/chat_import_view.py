"""What an import of an exported chat did, and how the file was understood."""

from __future__ import annotations

from wacli.domain.chat_export import ChatForm
from wacli.domain.contact import Contact
from wacli.domain.text import t
from wacli.services.chat_import import ChatTally, Sides

from .view import Cell, Paragraph, Record, Style
from .words import Words, sanitise


def chat_record(
    tally: ChatTally, contact: Contact, sides: Sides, form: ChatForm, zone: str, words: Words, *, dry_run: bool
) -> Record:
    """Counts and evidence: one object for scripts, a few lines for people."""
    say = words.say
    flat = {
        "contact_id": contact.id,
        "name": contact.label,
        "me": sides.me,
        "them": sides.them,
        "read": tally.read,
        "added": tally.added,
        "known": tally.known,
        "announcements": tally.announcements,
        "first_at": tally.first_at,
        "last_at": tally.last_at,
        "platform": form.platform.value,
        "date_order": form.order.value,
        "date_order_by": form.order_evidence.value,
        "time_zone": zone,
        "dry_run": dry_run,
    }
    pairs = [
        (say(t("Contact")), Cell(f"{sanitise(contact.label)} (#{contact.id})", Style.STRONG)),
        (say(t("You")), Cell(sanitise(sides.me or "-"))),
        (say(t("messages, new")), Cell(words.number(tally.added), Style.STRONG if tally.added else Style.DIM)),
        (say(t("messages, known already")), Cell(words.number(tally.known))),
        (say(t("announcements of WhatsApp, left out")), Cell(words.number(tally.announcements))),
    ]
    if tally.first_at is not None and tally.last_at is not None:
        span = t("{first} to {last}", first=tally.first_at, last=tally.last_at)
        pairs.append((say(t("From")), Cell(say(span))))
    read_as = t("{order}, {zone} ({example})", order=form.order.value, zone=zone, example=form.example)
    pairs.append((say(t("Dates read as")), Cell(say(read_as))))
    head = (Paragraph(lines=(Cell(say(t("A dry run: nothing was kept")), Style.WARN),)),) if dry_run else ()
    return Record(flat, (*head, Paragraph(pairs=tuple(pairs))))
