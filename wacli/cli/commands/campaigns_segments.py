"""`wacli campaigns segments`: audiences with a name."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t

from ..options import Command, examples, group
from ..session import Session
from ..stores import existing, prices_of, reading, writing

segments_group = group(mark("Audiences with a name, asked anew whenever they are used"))
SegmentName = Annotated[str, typer.Argument(metavar="NAME", help=mark("the segment"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("only say what would be done"))]


@examples(
    'wacli campaigns segments add regulars --to tag:vip --where "last message within 30 days"',
    'wacli campaigns segments add bali --where "note contains Bali"',
)
def add(
    ctx: typer.Context,
    name: SegmentName,
    to: Annotated[list[str] | None, typer.Option("--to", metavar="AUDIENCE", help=mark("all, tag:NAME"))] = None,
    where: Annotated[str | None, typer.Option("--where", metavar="CONDITION", help=mark("only those"))] = None,
    dry_run: DryRun = False,
) -> None:
    """Keeps an audience under a name."""
    from wacli.domain.segment import Segment
    from wacli.render.segment_view import segments_listing
    from wacli.services.campaign_plan import audience_of, count_audience
    from wacli.store import segments

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    words = to or ["all"]
    if any(word.startswith("segment:") or word == "-" for word in words):
        raise Invalid("bad-audience", t("A segment is made of tags and conditions"), t("Use --to tag:NAME and --where"))
    with existing(session) if dry_run else writing(session) as store:
        prices = prices_of(session)
        audience = audience_of(store, words, where, None, now, prices)
        segment = Segment(name.strip(), " ".join(words), where, now)
        if not segment.name or any(char.isspace() for char in segment.name):
            raise Invalid("bad-name", t("{name} is no name for a segment", name=name), t("Use one word"))
        if not dry_run:
            segments.add(store, segment)
        count = count_audience(store, audience, prices, session.profile["phone_number_id"], now)
        session.write_listing(segments_listing([(segment, count)], session.words))


@examples("wacli campaigns segments list")
def list_(ctx: typer.Context) -> None:
    """Lists the segments, and how many are in each now."""
    from wacli.render.segment_view import segments_listing
    from wacli.services.campaign_plan import audience_of, count_audience
    from wacli.store import segments

    session: Session = ctx.obj
    with reading(session) as store:
        if store is None:
            session.write_listing(segments_listing([], session.words))
            return
        prices, number = prices_of(session), session.profile["phone_number_id"]
        rows = []
        for segment in segments.list_segments(store):
            audience = audience_of(store, [f"segment:{segment.name}"], None, None, session.now, prices)
            rows.append((segment, count_audience(store, audience, prices, number, session.now)))
        session.write_listing(segments_listing(rows, session.words))


@examples("wacli campaigns segments rm regulars")
def remove(ctx: typer.Context, name: SegmentName, dry_run: DryRun = False) -> None:
    """Forgets a segment. Campaigns that were planned with it keep their people."""
    from wacli.store import segments

    session: Session = ctx.obj
    with existing(session) if dry_run else writing(session) as store:
        segment = segments.get(store, name)
        if dry_run:
            session.tell(t("Would remove the segment {name}", name=segment.name))
            return
        session.real_now()
        segments.remove(store, segment.name)
        session.tell(t("Removed the segment {name}", name=segment.name))


segments_group.command("add", cls=Command, help=mark("Keep an audience under a name"), epilog=add.examples)(add)
segments_group.command("list", cls=Command, help=mark("Every segment and how many are in it"), epilog=list_.examples)(
    list_
)
segments_group.command("rm", cls=Command, help=mark("Forget a segment"), epilog=remove.examples)(remove)
