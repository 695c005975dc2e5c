"""Likely duplicates, and merges, as screens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wacli.domain.contact import label_of
from wacli.domain.identity import display_phone
from wacli.domain.likeness import Evidence, Sign, Strength
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.duplicates import Pair
from wacli.store.contact_merges import Merge, Side
from wacli.store.duplicates import Summary

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

PAIR_FIELDS = (
    "strength", "contact_id", "name", "phone", "bsuid", "username", "tags", "message_count", "last_at",
    "other_contact_id", "other_name", "other_phone", "other_bsuid", "other_username", "other_tags",
    "other_message_count", "other_last_at", "evidence",
)  # fmt: skip
MERGE_FIELDS = (
    "merge_id", "at", "undone_at", "contact_id", "name", "phone", "bsuid", "username", "tags", "message_count",
    "other_contact_id", "other_name", "other_phone", "other_bsuid", "other_username", "other_tags",
    "other_message_count", "evidence",
)  # fmt: skip
_SIGNS = {
    Sign.NUMBER: t("one number written in two ways: {value}"),
    Sign.SIMILAR_NUMBER: t("numbers that may be one: {value}"),
    Sign.BSUID: t("one user ID: {value}"),
    Sign.USERNAME: t("one username: {value}"),
    Sign.FORMER_USERNAME: t("a username that both had: {value}"),
    Sign.CARD: t("the same name and note: {value}"),
    Sign.NAME: t("the same name, in one country: {value}"),
}
_OWNERS_WORD = t("the owner's word: {value}")
_STRENGTHS = {
    Strength.STRONG: (t("strong"), Style.GOOD),
    Strength.LIKELY: (t("likely"), Style.WARN),
    Strength.POSSIBLE: (t("possible"), Style.DIM),
}


def reason(sign: str, value: str) -> Text:
    """One piece of evidence in words."""
    sentence = _SIGNS[Sign(sign)] if sign in tuple(Sign) else _OWNERS_WORD
    return t(sentence.one, value=_dialled(sign, value))


def pairs_listing(pairs: Sequence[Pair], words: Words, *, hidden: int = 0) -> Listing[Pair]:
    """Who is likely one person, the surest first; `hidden` pairs did not fit."""
    footer = ((tn("{count} more: --limit 0", "{count} more: --limit 0", hidden),) if hidden > 0 else ()) + (
        t("Make one of two: wacli contacts merge KEEP OTHER; go through them all: wacli contacts dedupe --merge"),
    )
    return Listing(
        fields=PAIR_FIELDS,
        rows=pairs,
        flat=lambda pair: _pair_fields(pair, words),
        headings=(
            Heading(t("How sure")),
            Heading(t("Contact"), share=1, wraps=True),
            Heading(t("And"), share=1, wraps=True),
            Heading(t("Why"), share=1, wraps=True),
        ),
        cells=lambda pair: _pair_cells(pair, words),
        empty=t("No two contacts look like one person"),
        footer=footer if pairs else (),
    )


def merges_listing(merges: Iterable[Merge], words: Words) -> Listing[Merge]:
    """The audit rows, latest first."""
    return Listing(
        fields=MERGE_FIELDS,
        rows=merges,
        flat=lambda one: merge_fields(one, words),
        headings=(
            Heading(t("Merge"), right=True),
            Heading(t("When")),
            Heading(t("Contact"), share=1, wraps=True),
            Heading(t("Took in"), share=1, wraps=True),
            Heading(t("Why"), share=1, wraps=True),
            Heading(t("Taken back")),
        ),
        cells=lambda one: (
            Cell(str(one.id), Style.DIM),
            Cell(words.instant(one.at)),
            Cell(words.say(who_of_side(one.kept)), Style.STRONG),
            Cell(words.say(who_of_side(one.other))),
            Cell(_reasons(one.evidence, words), Style.DIM),
            Cell("" if one.undone_at is None else words.instant(one.undone_at), Style.WARN),
        ),
        empty=t("No contacts were merged by hand"),
    )


def merge_record(merge: Merge, words: Words, *, dry_run: bool) -> Record:
    """One merge, done or taken back."""
    return Record(merge_fields(merge, words) | {"dry_run": dry_run}, _paragraphs(merge, words, dry_run=dry_run))


def merge_fields(merge: Merge, words: Words) -> dict[str, object]:
    """One merge for machines: each contact as it was before."""
    flat: dict[str, object] = {"merge_id": merge.id, "at": merge.at, "undone_at": merge.undone_at}
    for prefix, side in (("", merge.kept), ("other_", merge.other)):
        flat |= {
            f"{prefix}contact_id": side.contact_id,
            f"{prefix}name": side.shown or None,
            f"{prefix}phone": None if side.phone is None else display_phone(side.phone),
            f"{prefix}bsuid": side.bsuid,
            f"{prefix}username": side.username,
            f"{prefix}tags": side.tags,
            f"{prefix}message_count": side.message_count,
        }
    return flat | {"evidence": _evidence(merge.evidence, words)}


def who_of_side(side: Side) -> Text:
    """A contact of a merge, so that nobody takes one Budi for another."""
    label = label_of(side.contact_id, side.shown or None, side.username, side.phone, side.bsuid)
    return _who(side.contact_id, label, side.phone or side.bsuid, side.message_count)


def who_of(one: Summary) -> Text:
    """The same for one of a pair."""
    return _who(one.contact_id, one.label, one.phone or one.bsuid, one.message_count)


def _who(contact_id: int, label: str, known_by: str | None, message_count: int) -> Text:
    messages = tn("{count} message", "{count} messages", message_count)
    if known_by is None or known_by in label:
        return t("#{id} {name} ({messages})", id=contact_id, name=label, messages=messages)
    shown = display_phone(known_by) if known_by.isdigit() else known_by
    return t("#{id} {name} ({known_by}, {messages})", id=contact_id, name=label, known_by=shown, messages=messages)


def _pair_fields(pair: Pair, words: Words) -> Flat:
    flat: dict[str, object] = {"strength": pair.strength.value}
    for prefix, one in (("", pair.first), ("other_", pair.second)):
        flat |= {
            f"{prefix}contact_id": one.contact_id,
            f"{prefix}name": one.name,
            f"{prefix}phone": None if one.phone is None else display_phone(one.phone),
            f"{prefix}bsuid": one.bsuid,
            f"{prefix}username": one.username,
            f"{prefix}tags": one.tags,
            f"{prefix}message_count": one.message_count,
            f"{prefix}last_at": one.last_at,
        }
    return flat | {"evidence": _evidence(pair.evidence, words)}


def _pair_cells(pair: Pair, words: Words) -> tuple[Cell, ...]:
    word, style = _STRENGTHS[pair.strength]
    return (
        Cell(words.say(word), style),
        Cell(words.say(who_of(pair.first)), Style.STRONG),
        Cell(words.say(who_of(pair.second))),
        Cell(_reasons(pair.evidence, words), Style.DIM),
    )


def _evidence(evidence: Iterable[Evidence | tuple[str, str]], words: Words) -> list[dict[str, str]]:
    return [{"code": str(sign), "value": value, "text": words.say(reason(sign, value))} for sign, value in evidence]


def _reasons(evidence: Iterable[Evidence | tuple[str, str]], words: Words) -> str:
    return "; ".join(words.say(reason(sign, value)) for sign, value in evidence)


def _dialled(sign: str, value: str) -> str:
    return display_phone(value) if sign in (Sign.NUMBER, Sign.SIMILAR_NUMBER) else value


def _paragraphs(merge: Merge, words: Words, *, dry_run: bool) -> Iterator[Paragraph]:
    say = words.say
    if dry_run:
        yield Paragraph(lines=(Cell(say(t("A dry run: nothing was kept")), Style.WARN),))
    pairs = [
        (t("Merge"), f"{merge.id}, {words.instant(merge.at)}"),
        (t("Contact"), say(who_of_side(merge.kept))),
        (t("Took in"), say(who_of_side(merge.other))),
        (t("Why"), _reasons(merge.evidence, words)),
        (t("Tags"), ", ".join(sorted({*merge.kept.tags, *merge.other.tags}))),
        (t("Taken back"), "" if merge.undone_at is None else words.instant(merge.undone_at)),
    ]
    yield Paragraph(pairs=tuple((say(label), Cell(sanitise(text))) for label, text in pairs if text))
    if merge.undone_at is None and not dry_run:
        undo = t("Take it back: wacli contacts merge --undo {id}", id=merge.id)
        yield Paragraph(lines=(Cell(say(undo), Style.DIM),))


def question_of(kept: Summary, other: Summary) -> Text:
    """Exactly what is asked before a merge."""
    return t("Make {other} part of {kept}?", other=who_of(other), kept=who_of(kept))


def question_of_undo(merge: Merge) -> Text:
    """Exactly what is asked before a merge is taken back."""
    return t("Take {other} out of {kept} again?", other=who_of_side(merge.other), kept=who_of_side(merge.kept))


def counted(pairs: int) -> Text:
    """How many pairs there are to go through."""
    return tn("{shown} pair to look at", "{shown} pairs to look at", pairs, shown=Quantity(pairs))
