"""`wacli campaigns`: one template to many people: plan, price, approve, send, resume, report."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Refused
from wacli.domain.text import mark, t

from ..exits import ExitStatus
from ..options import Command, examples, group
from ..session import Session
from ..stores import existing, reading, writing
from .campaigns_plan import plan
from .campaigns_segments import segments_group
from .campaigns_send import resume, send

campaigns = group(mark("One template to many people, priced before and counted after"))
campaigns.command("plan", cls=Command, help=mark("Who gets it, who is left out and why, and what it costs"),
                  epilog=plan.examples)(plan)  # fmt: skip
campaigns.command("send", cls=Command, help=mark("Send a planned campaign, now or at its time"), epilog=send.examples)(
    send
)
campaigns.command("resume", cls=Command, help=mark("Send exactly the rest of a campaign"), epilog=resume.examples)(
    resume
)

Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("the campaign"))]


@examples(
    "wacli campaigns show promo",
    "wacli campaigns show promo --failed --csv > failed.csv",
    "wacli campaigns show promo --excluded",
)
def show(
    ctx: typer.Context,
    name: Name,
    failed: Annotated[bool, typer.Option("--failed", help=mark("the people it did not reach, and why"))] = False,
    excluded: Annotated[bool, typer.Option("--excluded", help=mark("the people left out, and why"))] = False,
    recipients: Annotated[bool, typer.Option("--recipients", help=mark("everybody who is in"))] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help=mark("those whose turn is still to come"))] = False,
    replied: Annotated[bool, typer.Option("--replied", help=mark("those who wrote back within 7 days"))] = False,
    csv: Annotated[bool, typer.Option("--csv", help=mark("the same as --format csv"))] = False,
) -> ExitStatus:
    """Counts one campaign, or lists its people."""
    from wacli.services.campaign_report import Which, report
    from wacli.store import campaigns as kept

    session: Session = ctx.obj
    if csv:
        session.options.format = session.options.format or "csv"
    wishes = {
        Which.FAILED: failed,
        Which.EXCLUDED: excluded,
        Which.IN: recipients,
        Which.WAITING: waiting,
        Which.REPLIED: replied,
    }
    asked = [which for which, is_asked in wishes.items() if is_asked]
    with existing(session) as store:
        campaign = kept.get(store, name)
        counted = report(store, campaign, session.now)
        if asked:
            from wacli.render.campaign_people_view import people_listing
            from wacli.services.campaign_report import count_of, people

            which = asked[0] if len(asked) == 1 else Which.ALL
            limit = session.row_limit() or 0
            more = count_of(counted, which) - limit if limit else 0
            session.write_listing(
                people_listing(people(store, campaign, which, limit=limit), campaign, more, session.words)
            )
        else:
            from wacli.render.campaign_view import report_record

            session.write_record(report_record(counted, session.words))
    return status_of_report(counted)


def list_(ctx: typer.Context) -> None:
    """Lists every campaign, newest first."""
    from wacli.render.campaign_view import campaigns_listing
    from wacli.services.campaign_report import list_reports
    from wacli.store import campaigns as kept

    session: Session = ctx.obj
    limit = session.row_limit() or 0
    with reading(session) as store:
        if store is None:
            session.write_listing(campaigns_listing((), 0, session.words))
            return
        more = kept.count_campaigns(store) - limit if limit else 0
        session.write_listing(campaigns_listing(list_reports(store, session.now, limit=limit), more, session.words))


@examples("wacli campaigns cancel promo")
def cancel(
    ctx: typer.Context,
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("say what would be cancelled"))] = False,
) -> None:
    """Ends a campaign: nothing more of it is sent. What was sent stays."""
    from wacli.services.campaign_report import report
    from wacli.store import campaigns as kept
    from wacli.store.campaign_lock import campaign_lock

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    with existing(session) if dry_run else writing(session) as store:
        campaign = kept.get(store, name)
        if campaign.ended_at is not None:
            raise Refused("campaign-ended", t("All of {name} was sent already", name=campaign.name))
        counted = report(store, campaign, now)
        if not dry_run:
            with campaign_lock(store, campaign):
                kept.mark_cancelled(store, campaign.id, now)
            counted = report(store, kept.get(store, name), now)
        from wacli.render.campaign_view import report_record

        session.write_record(report_record(counted, session.words))
    if dry_run:
        session.tell(t("Dry run: nothing was cancelled."))


def status_of_report(counted: object) -> ExitStatus:
    """7 for a campaign that is partly sent, 0 for everything else."""
    from wacli.domain.campaign import Report, State

    assert isinstance(counted, Report)
    is_partly = counted.state is State.PARTLY or (counted.state is State.CANCELLED and counted.counts.taken > 0)
    return ExitStatus.PARTLY if is_partly else ExitStatus.DONE


campaigns.command("show", cls=Command, help=mark("One campaign counted, or its people"), epilog=show.examples)(show)
campaigns.command("list", cls=Command, help=mark("Every campaign"))(list_)
campaigns.command("cancel", cls=Command, help=mark("Send nothing more of a campaign"), epilog=cancel.examples)(cancel)
campaigns.add_typer(segments_group, name="segments")
