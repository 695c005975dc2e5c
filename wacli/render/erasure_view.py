"""The certificate of an erasure: what was done, what was found afterwards, and what wacli cannot reach."""

from __future__ import annotations

from collections.abc import Iterator

from wacli.domain.text import Text, t, tn
from wacli.services.erasure import Certificate

from .view import Cell, Flat, Paragraph, Record, Style
from .words import Words, sanitise

TRACES_LEFT = t(
    "Another program is using the store, so traces are left in its file. Close it, then: wacli contacts erase --finish"
)


def certificate_fields(done: Certificate) -> Flat:
    """The certificate for machines. `found_again` counts places in the store's files where an identifier stands."""
    return {
        "contact_ids": done.contact_ids,
        "erased_at": done.erased_at,
        "notifications_rewritten": done.notifications_rewritten,
        "messages": done.messages,
        "rows": done.rows,
        "tombstones": done.tombstones,
        "mentions": [{"kind": kind, "name": name} for kind, name in done.mentions],
        "is_scrubbed": done.is_scrubbed,
        "found_again": done.found_again,
        "copies": [str(path) for path in done.copies],
    }


def certificate_record(done: Certificate, words: Words) -> Record:
    """The certificate for people; it names nobody."""
    return Record(certificate_fields(done), _paragraphs(done, words))


def _paragraphs(done: Certificate, words: Words) -> Iterator[Paragraph]:
    say = words.say
    ids = ", ".join(f"#{contact_id}" for contact_id in done.contact_ids)
    yield Paragraph(lines=(Cell(say(t("Certificate of erasure")), Style.STRONG),))
    yield Paragraph(
        pairs=(
            (say(t("Contact")), Cell(ids)),
            (say(t("Erased")), Cell(words.instant(done.erased_at))),
            (say(t("Messages without their words")), Cell(words.number(done.messages))),
            (say(t("Notifications rewritten")), Cell(words.number(done.notifications_rewritten))),
            (say(t("Tombstones")), Cell(" ".join(mark[:8] for mark in done.tombstones), Style.DIM)),
        )
    )
    if not done.is_scrubbed:
        yield Paragraph(lines=(Cell(say(TRACES_LEFT), Style.WARN),))
    elif done.found_again:
        found = tn(
            "An identifier of theirs still stands in {count} place: somebody else wrote it in a message.",
            "An identifier of theirs still stands in {count} places: somebody else wrote it in a message.",
            done.found_again,
        )
        yield Paragraph(lines=(Cell(say(found), Style.WARN),))
    else:
        looked = t("The store's files were searched afterwards: no number, user ID or message id of theirs is in them.")
        yield Paragraph(lines=(Cell(say(looked), Style.GOOD),))
    kept = t(
        "What the bill needs stays, for nobody who can be told: when messages went out, of which kind, at what price."
    )
    back = t("Old notifications, imports and exports do not bring them back. When they write again, they are met anew.")
    yield Paragraph(lines=(Cell(say(kept)), Cell(say(back))))
    if done.mentions:
        named = tuple(Cell(sanitise(say(_mention(kind, name)))) for kind, name in done.mentions)
        yield Paragraph(
            lines=(Cell(say(t("Your own words still name them, change these yourself:")), Style.WARN), *named)
        )
    far = t("Out of reach of wacli: WhatsApp's own copies, your phone, exports and backups elsewhere.")
    copies = tuple(Cell(sanitise(str(path)), Style.WARN) for path in done.copies)
    lead = (Cell(say(t("These copies beside the store still know them:")), Style.WARN),) if copies else ()
    yield Paragraph(lines=(Cell(say(far)), *lead, *copies))


def _mention(kind: str, name: str) -> Text:
    match kind:
        case "segment":
            return t("segment {name}", name=name)
        case "campaign":
            return t("campaign {name}", name=name)
        case "quick reply":
            return t("quick reply {name}", name=name)
        case _:
            return t("link {name}", name=name)
