"""`wacli templates lint, push, diff, export`: template files as the source of truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid, Refused, Unavailable
from wacli.domain.text import mark, t
from wacli.render.emit import Format

from ..clients import client_of
from ..exits import ExitStatus
from ..instants import parse_duration
from ..options import Command
from ..rehearsal import DryRun
from ..session import Session
from ..shared_options import Language
from ..stores import existing, reading, writing

if TYPE_CHECKING:
    from wacli.domain.template import Template
    from wacli.domain.template_draft import TemplateDraft
    from wacli.render.template_file_view import Fault
    from wacli.services.template_push import Decided, Desk, PushPlan
    from wacli.store.database import Store

_WAIT_FOR = "10m"


def register(templates: typer.Typer) -> None:
    """Adds the commands to the group."""
    commands = (
        (
            "lint",
            lint,
            mark("What Meta would refuse, before it does"),
            "wacli templates lint order_ready.id.yaml\nwacli templates lint templates/",
        ),
        (
            "push",
            push,
            mark("Hand a template file in to Meta: create or edit"),
            "wacli templates push order_ready.id.yaml --dry-run\nwacli templates push order_ready.id.yaml --wait",
        ),
        ("diff", diff, mark("Template files against what Meta has"), "wacli templates diff templates/ --exit-code"),
        ("export", export, mark("Write every template into a folder of files"), "wacli templates export templates/"),
    )
    for name, function, help_, examples in commands:
        templates.command(name, cls=Command, help=help_, epilog=examples)(function)


def lint(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE|FOLDER", help=mark("a template's name, a YAML or JSON file, or a folder of them")
        ),
    ],
    language: Language = None,
) -> ExitStatus:
    """Names each fault with the Meta error that it avoids; ends with 4 when Meta would refuse something."""
    from wacli.render.template_file_view import findings_listing

    session: Session = ctx.obj
    faults = _faults_of(session, what, language)
    session.write_listing(findings_listing(faults, session.words))
    return ExitStatus.REFUSED if _is_refused(faults) else ExitStatus.DONE


def _faults_of(session: Session, what: str, language: str | None) -> list[Fault]:
    from wacli.services.template_files import is_file_word, read_files
    from wacli.services.template_overview import stored_templates
    from wacli.services.templates import list_by_name

    if is_file_word(what) or Path(what).is_dir():
        drafts = [one.draft for one in read_files(Path(what))]
        with reading(session) as store:
            others = [] if store is None else stored_templates(store)
        return [fault for draft in drafts for fault in _faults(draft, others)]
    from wacli.domain.template_lint import lint as find
    from wacli.render.template_file_view import Fault

    with existing(session) as store:
        others = stored_templates(store)
        return [
            Fault(one.name, one.language, finding)
            for one in list_by_name(store, what, language)
            for finding in find(one, others)
        ]


def _faults(draft: TemplateDraft, others: list[Template]) -> list[Fault]:
    from wacli.domain.template_lint import lint as find
    from wacli.render.template_file_view import Fault
    from wacli.services.templates import template_of_draft

    found = find(template_of_draft(draft), others, ttl_seconds=draft.ttl_seconds)
    return [Fault(draft.name, draft.language, finding) for finding in found]


def _is_refused(faults: list[Fault]) -> bool:
    from wacli.domain.template_finding import Severity

    return any(fault.finding.severity is Severity.ERROR for fault in faults)


def push(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=mark("a YAML or JSON file"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("print the request, hand nothing in"))] = False,
    wait: Annotated[bool, typer.Option("--wait", help=mark("until Meta has decided"))] = False,
    wait_for: Annotated[
        str, typer.Option("--wait-for", metavar="DURATION", help=mark("how long to wait at most"))
    ] = _WAIT_FOR,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=mark("hand it in although Meta is likely to refuse it"))
    ] = False,
    app_id: Annotated[
        str | None, typer.Option("--app-id", metavar="NUMBER", help=mark("the app that uploads a header's sample"))
    ] = None,
) -> ExitStatus:
    """Shows what changes, asks, hands in. With --wait: 0 approved, 5 rejected, 6 not decided in time."""
    from wacli.services.template_files import read_file
    from wacli.services.template_push import sample_paths

    session: Session = ctx.obj
    if app_id is not None and not (app_id.isascii() and app_id.isdigit()):
        raise Invalid("bad-value", t("--app-id {value} is not an app's number", value=app_id))
    limit = parse_duration(wait_for)
    read = read_file(file)
    samples = sample_paths(read.draft, file.parent)
    if dry_run:
        return _dry_push(session, read.draft, anyway=anyway)
    session.real_now()
    waba_id = session.profile.required("waba_id")
    from wacli.services.template_push import Desk, hand_in, wait_until_decided

    with writing(session) as store:
        _check(session, store, read.draft, anyway=anyway)
        with client_of(session) as client:
            desk = Desk(store, client, waba_id)
            plan = _agreed(session, desk, read.draft)
            if plan is None:
                return ExitStatus.DONE
            decided = hand_in(desk, plan, samples, session.context.now(), app_id)
            if wait:
                session.tell(t("Waiting for Meta's decision, {limit} at most ...", limit=limit))
                decided = wait_until_decided(desk, decided, session.context.now, _pause, limit.total_seconds())
    return _report(session, decided, waited=wait)


def _pause(seconds: float) -> None:
    import time

    time.sleep(seconds)


def _check(session: Session, store: Store | None, draft: TemplateDraft, *, anyway: bool) -> None:
    """Says what is wrong with it; raises `Refused` (`template-faults`) when Meta would refuse it, unless `anyway`."""
    from wacli.services.template_overview import stored_templates

    faults = _faults(draft, [] if store is None else stored_templates(store))
    session.warn(
        t("{where}: {fault}. {hint}.", where=one.finding.where, fault=one.finding.message, hint=one.finding.hint)
        for one in faults
    )
    if _is_refused(faults) and not anyway:
        raise Refused(
            "template-faults",
            t("Meta would refuse the template {name}; nothing was handed in", name=draft.name),
            t("Mend the file, or hand it in all the same with --anyway"),
            {"findings": [{"code": one.finding.code, "where": one.finding.where} for one in faults]},
        )


def _agreed(session: Session, desk: Desk, draft: TemplateDraft) -> PushPlan | None:
    """What is to be handed in, shown and agreed to; None when there is nothing to do, or the answer was no."""
    from wacli.cloudapi.templates import find_template
    from wacli.render.template_file_view import plan_paragraphs, plan_record, plan_warnings
    from wacli.render.view import Record
    from wacli.services.template_push import NOTHING, check_limits, plan_push

    held = find_template(desk.client, desk.waba_id, draft.name, draft.language)
    plan = plan_push(draft, held)
    session.warn(plan_warnings(plan))
    if plan.what == NOTHING:
        session.write_record(plan_record(plan, session.words, is_dry=False))
        return None
    check_limits(desk.store, desk.waba_id, plan, session.context.now())
    if session.format is Format.TABLE:
        session.write_record(Record({}, plan_paragraphs(plan, session.words)))
    if not session.confirm(t("Hand it in to Meta?")):
        session.tell(t("Nothing was handed in."))
        return None
    return plan


def _dry_push(session: Session, draft: TemplateDraft, *, anyway: bool) -> ExitStatus:
    """The plan against what the last pull brought: a dry run opens no connection."""
    from wacli.render.template_file_view import plan_record, plan_warnings
    from wacli.services.template_push import check_limits, plan_push
    from wacli.services.templates import find_stored

    with reading(session) as store:
        _check(session, store, draft, anyway=anyway)
        held = None if store is None else find_stored(store, draft.name, draft.language)
        plan = plan_push(draft, held)
        waba_id = session.profile["waba_id"]
        if store is not None and waba_id is not None:
            check_limits(store, waba_id, plan, session.now)
    session.warn(plan_warnings(plan))
    session.write_record(plan_record(plan, session.words, is_dry=True))
    return ExitStatus.DONE


def _report(session: Session, decided: Decided, *, waited: bool) -> ExitStatus:
    from wacli.render.template_file_view import decided_record
    from wacli.services.template_push import is_undecided

    session.write_record(decided_record(decided, session.words))
    template = decided.template
    if template is not None and template.status == "REJECTED":
        return ExitStatus.REMOTE
    if waited and is_undecided(decided):
        session.report(
            Unavailable(
                "not-decided",
                t("Meta has not decided on {name} yet", name=decided.plan.draft.name),
                t("Look again later: wacli templates pull"),
            )
        )
        return ExitStatus.LATER
    return ExitStatus.DONE


def diff(
    ctx: typer.Context,
    place: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help=mark("a template file, or a folder of template files"))
    ],
    exit_code: Annotated[bool, typer.Option("--exit-code", help=mark("end with 20 when anything differs"))] = False,
) -> ExitStatus:
    """Compares files with what the last pull brought."""
    from wacli.render.template_file_view import diff_listing, diff_record
    from wacli.services.template_diff import compare_files
    from wacli.services.template_files import read_files
    from wacli.services.template_overview import stored_templates

    session: Session = ctx.obj
    files = read_files(place)
    with reading(session) as store:
        held = [] if store is None else stored_templates(store)
    found = compare_files(files, held, is_folder=place.is_dir())
    session.write_listing(diff_listing(found, session.words))
    if session.format is Format.TABLE:
        record = diff_record(found)
        if record.paragraphs:
            session.context.out.write("\n")
            session.write_record(record)
    differs = any(one.change != "same" for one in found)
    return ExitStatus.THRESHOLD if exit_code and differs else ExitStatus.DONE


def export(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=mark("where the files go"))],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help=mark("also over files that say something else"))
    ] = False,
    dry_run: DryRun = False,
) -> ExitStatus:
    """Writes NAME.LANGUAGE.yaml for each template of the last pull; ends with 7 when a file was kept."""
    from wacli.render.template_file_view import export_texts
    from wacli.services.template_files import export as write_all
    from wacli.services.template_overview import stored_templates
    from wacli.services.templates import draft_of

    session: Session = ctx.obj
    with existing(session) as store:
        drafts = [draft_of(one) for one in stored_templates(store)]
    done = write_all(folder, drafts, overwrite=overwrite, dry_run=dry_run)
    if dry_run:
        session.tell(t("A dry run: nothing was kept"))
    session.tell(*export_texts(len(done.written), len(done.same), done.kept, done.left_out))
    return ExitStatus.PARTLY if done.kept or done.left_out else ExitStatus.DONE
