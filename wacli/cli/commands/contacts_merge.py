"""`wacli contacts dedupe`, `merge` and `merges list`: who is likely one person, and making one of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t

from ..asking import Asking
from ..options import Command, group
from ..rehearsal import DryRun, rehearsable
from ..session import Session
from ..stores import reading, writing

if TYPE_CHECKING:  # loaded by these commands only, not by every `wacli contacts`
    from wacli.domain.likeness import Strength
    from wacli.services.duplicates import Pair
    from wacli.store.contact_merges import Merge
    from wacli.store.database import Store

merges = group(mark("Contacts that were made one by hand"))

_SCREEN = 20


def dedupe(
    ctx: typer.Context,
    strength: Annotated[
        str | None, typer.Option("--strength", metavar="WORD", help=mark("at least strong, likely or possible"))
    ] = None,
    merge_: Annotated[
        bool, typer.Option("--merge", help=mark("go through them and ask; with --yes merge the strong ones"))
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Lists pairs with their evidence; merges only when asked to."""
    from wacli.render.merge_view import pairs_listing
    from wacli.services.duplicates import find_pairs

    session: Session = ctx.obj
    if merge_ and not dry_run:
        _go_through(session, _strength(strength, "strong" if session.options.yes else "possible"))
        return
    wanted = _strength(strength, "strong" if merge_ and session.options.yes else "possible")
    limit = session.row_limit(_SCREEN)
    with reading(session) as store:
        pairs = [] if store is None else find_pairs(store, session.profile["country"], at_least=wanted)
    shown = pairs[:limit] if limit else pairs
    session.write_listing(pairs_listing(shown, session.words, hidden=len(pairs) - len(shown)))


def merge(
    ctx: typer.Context,
    keep: Annotated[str | None, typer.Argument(metavar="KEEP", help=mark("who stays, under this id"))] = None,
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help=mark("who becomes part of them"))] = None,
    undo: Annotated[int | None, typer.Option("--undo", metavar="ID", help=mark("take this merge back"))] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help=mark("how you know, for the audit row"))
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Makes one contact of two, or two of one again."""
    session: Session = ctx.obj
    if undo is not None:
        if keep is not None or why is not None:
            raise Invalid(
                "bad-option", t("--undo takes the number of a merge and nothing else"), t("Leave the rest out")
            )
        _undo(session, undo, dry_run=dry_run)
        return
    if keep is None or other is None:
        raise Invalid(
            "missing", t("A merge needs two contacts"), t("Write: wacli contacts merge KEEP OTHER, or --undo ID")
        )
    _merge(session, keep, other, why, dry_run=dry_run)


@merges.command(
    "list",
    cls=Command,
    help=mark("Every merge, with what each contact was and why"),
    epilog="wacli contacts merges list\nwacli contacts merge --undo 3",
)
def list_(ctx: typer.Context) -> None:
    """Lists the audit rows."""
    from wacli.render.merge_view import merges_listing
    from wacli.store.contact_merges import list_merges

    session: Session = ctx.obj
    with reading(session) as store:
        found = [] if store is None else list_merges(store)
    session.write_listing(merges_listing(found[: session.row_limit(_SCREEN)], session.words))


def _merge(session: Session, keep: str, other: str, why: str | None, *, dry_run: bool) -> None:
    from wacli.render.merge_view import question_of
    from wacli.services import duplicates
    from wacli.store.contact_merges import refuse_same
    from wacli.store.duplicates import summaries

    from ..who import find_contact

    now = session.now if dry_run else session.real_now()
    country = session.profile["country"]
    with rehearsable(session, dry_run=dry_run) as store:
        kept_id, other_id = (find_contact(session, store, who).id for who in (keep, other))
        refuse_same(kept_id, other_id)
        shown = summaries(store, (kept_id, other_id))
        if not dry_run and not session.confirm(question_of(shown[kept_id], shown[other_id])):
            raise typer.Abort
        evidence = [
            (one.sign.value, one.value) for one in duplicates.evidence_between(store, country, kept_id, other_id)
        ]
        if why:
            evidence.append(("owner", why))
        _answer(session, duplicates.merge(store, kept_id, other_id, evidence, now, dry_run=dry_run), dry_run=dry_run)


def _undo(session: Session, merge_id: int, *, dry_run: bool) -> None:
    from wacli.render.merge_view import question_of_undo
    from wacli.services import duplicates
    from wacli.store.contact_merges import get

    now = session.now if dry_run else session.real_now()
    with rehearsable(session, dry_run=dry_run) as store:
        found = get(store, merge_id)
        if not dry_run and found.undone_at is None and not session.confirm(question_of_undo(found)):
            raise typer.Abort
        _answer(session, duplicates.undo(store, merge_id, now, dry_run=dry_run), dry_run=dry_run)


def _answer(session: Session, done: Merge, *, dry_run: bool) -> None:
    from wacli.render.merge_view import merge_record

    session.write_record(merge_record(done, session.words, dry_run=dry_run))


def _go_through(session: Session, at_least: Strength) -> None:
    """Asks about each pair on a terminal; --yes is a yes to all of them."""
    from wacli.render.merge_view import counted, merges_listing
    from wacli.services.duplicates import find_pairs

    session.real_now()
    if not session.options.yes and not Asking(session).is_possible:
        raise Invalid("needs-yes", t("This needs a yes, and nobody can be asked"), t("Add --yes"))
    done: list[Merge] = []
    refused: set[frozenset[int]] = set()
    with writing(session) as store:
        pairs = find_pairs(store, session.profile["country"], at_least=at_least)
        session.tell(counted(len(pairs)))
        for pair in pairs:
            merged = _one_of(session, store, pair, refused)
            if merged is not None:
                done.append(merged)
        session.write_listing(merges_listing(done, session.words))


def _one_of(session: Session, store: Store, pair: Pair, refused: set[frozenset[int]]) -> Merge | None:
    """One pair: earlier answers may have made one of either and somebody else."""
    from wacli.render.merge_view import question_of, reason
    from wacli.services import duplicates
    from wacli.store import contacts
    from wacli.store.duplicates import summaries

    kept_id, other_id = (contacts.get(store, one.contact_id).id for one in (pair.first, pair.second))
    if kept_id == other_id or {kept_id, other_id} in refused:
        return None
    if not session.options.yes:
        shown = summaries(store, (kept_id, other_id))
        session.tell(*(reason(*one) for one in pair.evidence))
        if not session.confirm(question_of(shown[kept_id], shown[other_id])):
            refused.add(frozenset((kept_id, other_id)))
            return None
    evidence = [(one.sign.value, one.value) for one in pair.evidence]
    return duplicates.merge(store, kept_id, other_id, evidence, session.real_now(), dry_run=False)


def _strength(word: str | None, usual: str) -> Strength:
    from wacli.domain.likeness import STRENGTHS, Strength

    if (word or usual) not in STRENGTHS:
        raise Invalid(
            "bad-value",
            t("--strength {word} is no strength", word=word),
            t("Choose one of {choices}", choices=", ".join(STRENGTHS)),
        )
    return Strength(word or usual)
