"""Template files as screens: what is wrong with one, how it differs from Meta's, what became of handing it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wacli.domain.template_finding import Finding, Severity
from wacli.domain.text import Text, t, tn
from wacli.services.template_diff import FileDiff
from wacli.services.template_push import Decided, PushPlan

from .emit import dump
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

FINDING_FIELDS = ("name", "language", "severity", "code", "where", "meta_code", "message", "hint")
DIFF_FIELDS = ("file", "name", "language", "change", "added_count", "removed_count", "lines")
PUSH_FIELDS = (
    "name", "language", "change", "dry_run", "template_id", "status", "requested_category", "category",
    "rejected_reason", "lines", "body",
)  # fmt: skip


class Fault(NamedTuple):
    """A finding and the template it is about."""

    name: str
    language: str
    finding: Finding


def findings_listing(faults: Sequence[Fault], words: Words) -> Listing[Fault]:
    """`wacli templates lint`, and why a push was refused."""
    say = words.say
    several = len({(fault.name, fault.language) for fault in faults}) > 1

    def cells(fault: Fault) -> tuple[Cell, ...]:
        one = fault.finding
        is_error = one.severity is Severity.ERROR
        where = f"{fault.name} ({fault.language}) {one.where}" if several else one.where
        return (
            Cell(say(t("refused") if is_error else t("risk")), Style.BAD if is_error else Style.WARN),
            Cell("" if one.meta_code is None else str(one.meta_code)),
            Cell(sanitise(where)),
            Cell(say(t("{fault}. {hint}.", fault=one.message, hint=one.hint))),
        )

    return Listing(
        fields=FINDING_FIELDS,
        rows=faults,
        flat=lambda fault: finding_fields(fault, words),
        headings=(
            Heading(t("Meta")),
            Heading(t("Error")),
            Heading(t("Where")),
            Heading(t("What to do"), share=1, wraps=True),
        ),
        cells=cells,
        empty=t("Nothing that Meta refuses was found"),
    )


def finding_fields(fault: Fault, words: Words) -> Flat:
    """One finding for machines."""
    one = fault.finding
    return {
        "name": fault.name,
        "language": fault.language,
        "severity": one.severity.value,
        "code": one.code,
        "where": one.where,
        "meta_code": one.meta_code,
        "message": words.say(one.message),
        "hint": words.say(one.hint),
    }


def diff_fields(one: FileDiff) -> Flat:
    """One file's difference for machines."""
    return {
        "file": one.file,
        "name": one.name,
        "language": one.language,
        "change": one.change,
        "added_count": one.added_count,
        "removed_count": one.removed_count,
        "lines": one.lines,
    }


CHANGES: dict[str, tuple[Text, Style]] = {
    "create": (t("new"), Style.GOOD),
    "edit": (t("differs"), Style.WARN),
    "same": (t("the same"), Style.DIM),
    "category": (t("Meta decided another category"), Style.WARN),
    "no-file": (t("has no file"), Style.WARN),
}


def diff_listing(found: Sequence[FileDiff], words: Words) -> Listing[FileDiff]:
    """`wacli templates diff`, one line for each template."""

    def cells(one: FileDiff) -> tuple[Cell, ...]:
        label, style = CHANGES[one.change]
        count = f"+{one.added_count} -{one.removed_count}" if one.added_count or one.removed_count else ""
        return (
            Cell(sanitise(one.name), Style.STRONG),
            Cell(sanitise(one.language)),
            Cell(words.say(label), style),
            Cell(count),
            Cell(sanitise(one.file or ""), Style.DIM),
        )

    return Listing(
        fields=DIFF_FIELDS,
        rows=found,
        flat=diff_fields,
        headings=(
            Heading(t("Template"), share=1),
            Heading(t("Language")),
            Heading(t("At Meta")),
            Heading(t("Lines")),
            Heading(t("File"), share=1),
        ),
        cells=cells,
        empty=t("No template files and no templates. Fetch them: wacli templates pull"),
    )


def diff_record(found: Sequence[FileDiff]) -> Record:
    """The lines behind the list, for people."""
    return Record(
        {},
        tuple(
            Paragraph(lines=(Cell(sanitise(f"{one.name} ({one.language})"), Style.STRONG), *diff_cells(one.lines)))
            for one in found
            if one.lines and one.change in ("create", "edit")
        ),
    )


def diff_cells(lines: Sequence[str]) -> tuple[Cell, ...]:
    """Lines of a difference: what comes in green, what goes in red."""
    styles = {"+": Style.GOOD, "-": Style.BAD, "@": Style.DIM}
    return tuple(Cell("  " + sanitise(line), styles.get(line[:1], Style.PLAIN)) for line in lines)


def plan_paragraphs(plan: PushPlan, words: Words) -> tuple[Paragraph, ...]:
    """What handing it in would do."""
    head = {
        "create": t("{name} ({language}) is new at Meta:", name=plan.draft.name, language=plan.draft.language),
        "edit": t("{name} ({language}) changes at Meta:", name=plan.draft.name, language=plan.draft.language),
        "nothing": t("{name} ({language}) is the same at Meta", name=plan.draft.name, language=plan.draft.language),
    }[plan.what]
    return (Paragraph(lines=(Cell(words.say(head), Style.STRONG), *diff_cells(plan.lines))),)


def plan_record(plan: PushPlan, words: Words, *, is_dry: bool) -> Record:
    """The plan alone: nothing to do, or a dry run with the exact request."""
    flat = _push_fields(plan, is_dry=is_dry)
    paragraphs = list(plan_paragraphs(plan, words))
    if is_dry:
        if plan.what != "nothing":
            flat["body"] = plan.body
            body = tuple(Cell(sanitise(line)) for line in dump(plan.body, indent=2).split("\n"))
            paragraphs.append(Paragraph(lines=body))
        paragraphs.append(Paragraph(lines=(Cell(words.say(t("Dry run: nothing was handed in.")), Style.STRONG),)))
    return Record(flat, tuple(paragraphs))


def decided_record(decided: Decided, words: Words) -> Record:
    """What became of it."""
    flat = _push_fields(decided.plan, is_dry=False)
    flat["template_id"] = decided.template_id
    template = decided.template
    if template is not None:
        flat |= {
            "status": template.status,
            "category": template.category,
            "rejected_reason": template.rejected_reason,
        }
    return Record(flat, (Paragraph(lines=tuple(Cell(words.say(one)) for one in decided_texts(decided))),))


def decided_texts(decided: Decided) -> tuple[Text, ...]:
    """What became of it, in sentences; a category that Meta chose itself is named."""
    template, name = decided.template, decided.plan.draft.name
    if template is None:
        return (t("{name} was handed in; what became of it: wacli templates pull", name=name),)
    status = template.status
    if status == "APPROVED":
        said = [t("{name} is approved", name=name)]
    elif status == "REJECTED":
        why = (template.rejected_reason or "").lower()
        said = [t("{name} was rejected: {reason}", name=name, reason=why if why not in ("", "none") else "?")]
    elif status == "PENDING":
        said = [t("{name} was handed in and is being reviewed", name=name)]
    else:
        said = [t("{name} is {status}", name=name, status=status.lower())]
    asked = decided.plan.draft.category
    if template.category != asked:
        said.append(t("Meta made it {category}, not {asked}", category=template.category.lower(), asked=asked.lower()))
    return tuple(said)


def plan_warnings(plan: PushPlan) -> tuple[Text, ...]:
    """What the file asks for and will not get."""
    if not plan.is_other_category or plan.held is None:
        return ()
    return (
        t(
            "{name} stays {held}: the category of an approved template cannot be edited (the file says {asked})",
            name=plan.draft.name,
            held=plan.held.category.lower(),
            asked=plan.draft.category.lower(),
        ),
    )


def _push_fields(plan: PushPlan, *, is_dry: bool) -> dict[str, object]:
    held = plan.held
    return {
        **dict.fromkeys(PUSH_FIELDS),
        "name": plan.draft.name,
        "language": plan.draft.language,
        "change": plan.what,
        "dry_run": is_dry,
        "template_id": None if held is None else held.id,
        "status": None if held is None else held.status,
        "requested_category": plan.draft.category,
        "category": None if held is None else held.category,
        "lines": plan.lines,
    }


def export_texts(written: int, same: int, kept: Sequence[str], left_out: Sequence[str]) -> tuple[Text, ...]:
    """What an export did."""
    said = [
        tn("{count} file written, {same} the same", "{count} files written, {same} the same", written, same=same),
    ]
    if kept:
        said.append(t("Kept, because they say something else: {names} (--overwrite)", names=", ".join(kept)))
    if left_out:
        said.append(t("Left out, because their names are no file names: {names}", names=", ".join(left_out)))
    return tuple(said)
