"""Handing a template file in: what would change, whether Meta and its limits allow it, the call, and the wait.

Rules and sources (facts: cloud-api.md section 4):

- A template is new (create), or it is there by name and language (edit). Only APPROVED, REJECTED and PAUSED ones can
  be edited, and the category of an approved one cannot.
- At most 100 creations an hour; for an approved template one edit in 24 hours and ten in 30 days. Meta counts and does
  not tell, so what was handed in from here is counted in the store; other programs' share is not known.
- The intention is written down before the call. An answer that is lost counts as handed in.
- While waiting, Meta is asked at growing intervals, up to 30 seconds: an inactive account has 200 management calls an
  hour (section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from wacli.cloudapi.failures import ApiError, NotSent
from wacli.cloudapi.template_calls import (
    check_sample,
    create_template,
    edit_template,
    subscribed_apps,
    upload_sample,
)
from wacli.cloudapi.templates import get_template
from wacli.domain.problem import Invalid, Problem, Refused, Unavailable
from wacli.domain.template import Template
from wacli.domain.template_draft import TemplateDraft
from wacli.domain.text import t, tn
from wacli.store import template_pushes, templates
from wacli.store.database import Store
from wacli.store.template_pushes import NewPush

from .template_files import diff
from .templates import draft_of, pulled_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

CREATE, EDIT, NOTHING = "create", "edit", "nothing"
CREATIONS_AN_HOUR = 100
EDITS_IN_30_DAYS = 10
_UNDECIDED = ("PENDING", "IN_APPEAL")
_EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 30.0


class Desk(NamedTuple):
    """Where a template is handed in: the store, the account's door to the API, and the account."""

    store: Store
    client: Client
    waba_id: str


class PushPlan(NamedTuple):
    """What handing in a file would do. `held` is what Meta has; `lines` the difference (see `template_files.diff`).

    `is_other_category`: the file asks for another category than the one Meta decided, which an approved template keeps.
    """

    draft: TemplateDraft
    held: Template | None
    what: str  # create, edit or nothing
    lines: tuple[str, ...]
    is_other_category: bool

    @property
    def body(self) -> dict[str, object]:
        """The request, with samples as they stand in the file."""
        if self.what == CREATE:
            return self.draft.create_body
        return self.draft.edit_body(with_category=not self._is_approved)

    @property
    def _is_approved(self) -> bool:
        return self.held is not None and self.held.is_approved


class Decided(NamedTuple):
    """What became of it as far as Meta has told. `template` None: it could not be read back."""

    plan: PushPlan
    template_id: str | None
    template: Template | None


def plan_push(draft: TemplateDraft, held: Template | None) -> PushPlan:
    """What handing it in would do. Raises `Refused` (`not-editable`) for a template that Meta lets nobody edit."""
    if held is None:
        return PushPlan(draft, None, CREATE, diff(draft, None), False)
    is_other = held.category != draft.category
    wanted = draft
    if is_other and held.is_approved:
        from dataclasses import replace

        wanted = replace(draft, category=held.category)
    lines = diff(wanted, draft_of(held))
    plan = PushPlan(draft, held, EDIT if lines else NOTHING, lines, is_other and held.is_approved)
    if lines and held.status not in _EDITABLE:
        raise Refused(
            "not-editable",
            t("The template {name} is {status}, and cannot be edited now", name=held.name, status=held.status.lower()),
            t("Meta lets only {statuses} ones be edited", statuses=", ".join(_EDITABLE).lower()),
        )
    return plan


def check_limits(store: Store, waba_id: str, plan: PushPlan, now: datetime) -> None:
    """Raises `Unavailable` (`hourly-limit`, `edit-limit`) with the instant from which it may be handed in."""
    if plan.what == CREATE:
        made = template_pushes.list_counted(store, waba_id, template_pushes.CREATE, now - timedelta(hours=1))
        if len(made) >= CREATIONS_AN_HOUR:
            free_at = made[-CREATIONS_AN_HOUR].at + timedelta(hours=1)
            raise Unavailable(
                "hourly-limit",
                tn(
                    "{count} template was created in the last hour, which is all Meta takes",
                    "{count} templates were created in the last hour, which is all Meta takes",
                    len(made),
                ),
                t("Type it again after {free_at}", free_at=free_at),
                {"free_at": free_at.isoformat()},
            )
    elif plan.what == EDIT and plan.held is not None and plan.held.is_approved:
        _check_edits(store, waba_id, plan.held, now)


def _check_edits(store: Store, waba_id: str, held: Template, now: datetime) -> None:
    made = [
        row.at
        for row in template_pushes.list_counted(store, waba_id, template_pushes.EDIT, now - timedelta(days=30))
        if (row.name, row.language) == (held.name, held.language)
    ]
    free_at = None
    if made and made[-1] > now - timedelta(hours=24):
        free_at = made[-1] + timedelta(hours=24)
    if len(made) >= EDITS_IN_30_DAYS:
        tenth = made[-EDITS_IN_30_DAYS] + timedelta(days=30)
        free_at = tenth if free_at is None else max(free_at, tenth)
    if free_at is not None:
        raise Unavailable(
            "edit-limit",
            tn(
                "{name} was edited {count} time in 30 days; an approved template takes one edit in 24 hours, ten in 30 "
                "days",
                "{name} was edited {count} times in 30 days; an approved template takes one edit in 24 hours, ten in "
                "30 days",
                len(made),
                name=held.name,
            ),
            t("Type it again after {free_at}", free_at=free_at),
            {"free_at": free_at.isoformat()},
        )


def sample_paths(draft: TemplateDraft, folder: Path) -> dict[str, Path]:
    """The files behind the draft's samples, beside the template file. Raises `Invalid` (`bad-sample`, `no-file`)."""
    found = {}
    for sample in draft.samples:
        if sample.startswith(("http://", "https://")):
            raise Invalid(
                "bad-sample",
                t("The sample of the header is a link, and Meta wants the file itself"),
                t("Put the file beside the template file and write its name"),
            )
        path = folder / sample
        check_sample(path)
        found[sample] = path
    return found


def hand_in(
    desk: Desk, plan: PushPlan, samples: Mapping[str, Path], now: datetime, app_id: str | None = None
) -> Decided:
    """Uploads the samples, writes the intention down, hands the template in and reads back what Meta made of it.

    Raises `Refused` (`which-app`) when samples need an app and it is not clear which, and what the client raises.
    """
    store, client, waba_id = desk
    if samples:
        app = app_id or _app_of(client, waba_id)
        handles = {sample: upload_sample(client, app, path) for sample, path in samples.items()}
        plan = plan._replace(draft=plan.draft.with_handles(handles))
    held_id = None if plan.held is None else plan.held.id
    draft = plan.draft
    row = template_pushes.add(
        store, NewPush(waba_id, draft.name, draft.language, plan.what, draft.category, held_id), now
    )
    try:
        template_id = held_id
        if plan.what == CREATE:
            template_id = create_template(client, waba_id, plan.body).id
        else:
            assert held_id is not None
            edit_template(client, held_id, plan.body)
    except Problem as problem:
        template_pushes.mark(store, row, *_outcome(problem), error_code=_code(problem))
        if _outcome(problem) == (template_pushes.UNKNOWN,):
            raise Unavailable(
                "push-unknown",
                t("It is not known whether Meta took the template {name}", name=draft.name),
                t("Look before handing it in again: wacli templates pull"),
                problem.details,
            ) from problem
        raise
    template_pushes.mark(store, row, template_pushes.ACCEPTED, template_id=template_id)
    return Decided(plan, template_id, _read_back(desk, template_id, now))


def wait_until_decided(
    desk: Desk, decided: Decided, now: Callable[[], datetime], pause: Callable[[float], object], limit_s: float
) -> Decided:
    """Asks Meta until it has decided, or until pauses of `limit_s` seconds in all are used up."""
    waited, step = 0.0, _FIRST_PAUSE_S
    while decided.template_id is not None and is_undecided(decided) and waited < limit_s:
        step = min(step, limit_s - waited)
        pause(step)
        waited += step
        step = min(step * 2, _LONGEST_PAUSE_S)
        decided = decided._replace(template=_read_back(desk, decided.template_id, now()))
    return decided


def is_undecided(decided: Decided) -> bool:
    """True while Meta's reviewers have not decided, as far as is known."""
    return decided.template is None or decided.template.status in _UNDECIDED


def _read_back(desk: Desk, template_id: str | None, now: datetime) -> Template | None:
    """The template as Meta has it now, kept in the store. It was handed in already: a failure here is no failure."""
    if template_id is None:
        return None
    try:
        template = get_template(desk.client, template_id)
    except Problem:
        return None
    if template is not None:
        templates.record(desk.store, pulled_of(template), now)
    return template


def _app_of(client: Client, waba_id: str) -> str:
    apps = subscribed_apps(client, waba_id)
    if len(apps) == 1:
        return apps[0]
    raise Refused(
        "which-app",
        t("A sample goes up through an app of yours, and this account has {count} of them", count=len(apps)),
        t("Name it, as the App Dashboard shows it: --app-id NUMBER"),
        {"apps": apps},
    )


def _outcome(problem: Problem) -> tuple[str]:
    if isinstance(problem, NotSent):
        return (template_pushes.REFUSED,)
    if isinstance(problem, ApiError) and problem.failure.proves_not_accepted:
        return (template_pushes.REFUSED,)
    return (template_pushes.UNKNOWN,) if isinstance(problem, (ApiError, Unavailable)) else (template_pushes.REFUSED,)


def _code(problem: Problem) -> int | None:
    return problem.failure.code if isinstance(problem, ApiError) else None
