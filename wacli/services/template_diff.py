"""Files against what Meta has, as the last pull brought it: files are the source of truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wacli.domain.template import Template
from wacli.domain.template_draft import TemplateDraft

from .template_files import TemplateFile, diff
from .templates import draft_of


class FileDiff(NamedTuple):
    """One template: its file's name (None: only Meta has it) and what handing the file in would change.

    `change` is create, edit, same, category (all the same but the category, which Meta decided for an approved
    template) or no-file.
    """

    file: str | None
    name: str
    language: str
    change: str
    lines: tuple[str, ...]

    @property
    def added_count(self) -> int:
        """Lines that the file adds."""
        return sum(line.startswith("+") for line in self.lines)

    @property
    def removed_count(self) -> int:
        """Lines that the file takes away."""
        return sum(line.startswith("-") for line in self.lines)


def compare_files(files: Sequence[TemplateFile], held: Sequence[Template], *, is_folder: bool) -> list[FileDiff]:
    """Each file against Meta's; a folder is all there should be, so what Meta has without a file is told too."""
    by_key = {(one.name, one.language): one for one in held}
    found = [_compare(file, by_key.pop((file.draft.name, file.draft.language), None)) for file in files]
    if is_folder:
        found.extend(FileDiff(None, one.name, one.language, "no-file", ()) for one in by_key.values())
    return found


def _compare(file: TemplateFile, held: Template | None) -> FileDiff:
    draft: TemplateDraft = file.draft
    if held is None:
        change, lines = "create", diff(draft, None)
    else:
        lines = diff(draft, draft_of(held))
        change = "edit" if lines else "same"
        if held.is_approved and held.category != draft.category:
            from dataclasses import replace

            rest = diff(replace(draft, category=held.category), draft_of(held))
            change = "edit" if rest else "category"
    return FileDiff(file.path.name, draft.name, draft.language, change, lines)
