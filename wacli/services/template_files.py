"""Template files on disk: YAML or JSON in, YAML out, and what differs between a file and what Meta has.

YAML is read with PyYAML (well kept, one dependency, the safe constructor only), with three of its habits taken off,
because each spoils a template without a word: `Yes`, `no` and `on` are words and no booleans, `0812` and `12:30` are
texts and no numbers, and a key that stands twice is refused instead of the last one winning. Anchors and aliases are
refused: no template needs them, and a file of a few lines can unfold to gigabytes with them.

The library is imported by the functions that need it, so that no other command pays for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from wacli.domain.problem import Invalid, NotFound, Unavailable
from wacli.domain.template_draft import TemplateDraft, comparable
from wacli.domain.template_file import read_document, write_document
from wacli.domain.text import Text, t

SUFFIXES = (".yaml", ".yml", ".json")
_LARGEST = 256 * 1024  # bytes; the largest template Meta takes is a few kilobytes
_DEEPEST = 40  # levels of nesting
_SAFE_NAME = re.compile(r"[a-z0-9_]{1,200}")
# Samples are no part of a comparison (`template_draft`): that there is one is all that can be said.
_NO_SAMPLE = re.compile(r"^( +(?:image|video|document|gif)): null$", re.MULTILINE)
_SAFE_LANGUAGE = re.compile(r"[A-Za-z_]{2,10}")


class TemplateFile(NamedTuple):
    """A file and the template it describes."""

    path: Path
    draft: TemplateDraft


def is_file_word(word: str) -> bool:
    """True when what was typed is a file rather than a template's name."""
    return word.lower().endswith(SUFFIXES) or "/" in word or "\\" in word


def read_file(path: Path) -> TemplateFile:
    """The template in a file. Raises `NotFound` (`no-file`), `Invalid` (`bad-template-file`)."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise NotFound(
            "no-file", t("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error))
        ) from None
    if len(raw) > _LARGEST:
        raise _broken(path, t("it is larger than any template"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _broken(path, t("it is not UTF-8 text")) from None
    document = _from_json(text, path) if path.suffix.lower() == ".json" else from_yaml(text, path)
    return TemplateFile(path, read_document(document, path.name))


def read_files(place: Path) -> list[TemplateFile]:
    """The template in a file, or every one in a folder (not below it), by name. Raises `Invalid`
    (`twice-in-folder`) when two files describe the same template, and what `read_file` raises."""
    if not place.is_dir():
        return [read_file(place)]
    paths = sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    found: dict[tuple[str, str], TemplateFile] = {}
    for path in paths:
        one = read_file(path)
        other = found.setdefault((one.draft.name, one.draft.language), one)
        if other is not one:
            raise Invalid(
                "twice-in-folder",
                t(
                    "{file} and {other} describe the same template, {name} in {language}",
                    file=other.path.name,
                    other=path.name,
                    name=one.draft.name,
                    language=one.draft.language,
                ),
                t("Keep one of them"),
            )
    return list(found.values())


def file_name(draft: TemplateDraft) -> str | None:
    """`NAME.LANGUAGE.yaml`; None for a name from elsewhere that is no plain file name."""
    if not _SAFE_NAME.fullmatch(draft.name) or not _SAFE_LANGUAGE.fullmatch(draft.language):
        return None
    return f"{draft.name}.{draft.language}.yaml"


def diff(wanted: TemplateDraft, held: TemplateDraft | None) -> tuple[str, ...]:
    """What a file changes at Meta, as lines that begin with `-`, `+` or a blank; empty when nothing.

    `held` None: Meta has no such template. A time to live counts only where the file names one.
    """
    from dataclasses import replace
    from difflib import unified_diff

    if held is not None and wanted.ttl_seconds is None:
        held = replace(held, ttl_seconds=None)
    if held is None:
        return tuple("+" + line for line in to_yaml(wanted).splitlines())
    before, after = (_NO_SAMPLE.sub(r"\1: ...", to_yaml(comparable(one))).splitlines() for one in (held, wanted))
    return tuple(list(unified_diff(before, after, lineterm="", n=2))[2:])


def to_yaml(draft: TemplateDraft) -> str:
    """The draft as a YAML file that reads back as the same draft."""
    import yaml

    return yaml.dump(
        write_document(draft),
        Dumper=_dumper(),
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=1_000_000,
    )


def from_yaml(text: str, path: Path) -> object:
    """The document in a YAML text. Raises `Invalid` (`bad-template-file`)."""
    import yaml

    try:
        return yaml.load(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise _broken(path, t("line {line}: {reason}", line=line or 0, reason=str(error.problem))) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(path, t("{reason}", reason=str(error).split("\n")[0])) from None


def _from_json(text: str, path: Path) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise ValueError("a key stands twice")
        return made

    try:
        return json.loads(text, object_pairs_hook=once, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _broken(path, t("{reason}", reason=str(error))) from None


def _broken(path: Path, wrong: Text) -> Invalid:
    return Invalid("bad-template-file", t("{file} cannot be understood: {wrong}", file=path.name, wrong=wrong))


def _loader() -> Any:
    """A SafeLoader that knows texts, whole numbers, true, false, null, lists and mappings."""
    import yaml

    class Loader(yaml.SafeLoader):
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()  # type: ignore[no-untyped-call]
                raise yaml.MarkedYAMLError(problem="aliases (*name) are not used here", problem_mark=event.start_mark)
            self.depth += 1
            if self.depth > _DEEPEST:
                raise yaml.YAMLError("nested too deeply")
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            made: dict[object, object] = {}
            for key_node, value_node in node.value:
                key = self.construct_object(key_node, deep=True)
                key = str(key) if isinstance(key, int) else key
                if not isinstance(key, str) or key in made:
                    raise yaml.MarkedYAMLError(
                        problem="a key stands twice, or is no word", problem_mark=key_node.start_mark
                    )
                made[key] = self.construct_object(value_node, deep=True)
            return made

    def construct(loader: Any, node: Any) -> Iterator[dict[object, object]]:
        made: dict[object, object] = {}
        yield made
        made.update(loader.construct_mapping(node))

    Loader.yaml_implicit_resolvers = {}
    _resolve(Loader)
    Loader.add_constructor("tag:yaml.org,2002:map", construct)
    return Loader


def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: Any, data: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    # What other YAML readers would take for a boolean, a number or a date stays quoted: the usual resolvers remain.
    Dumper.add_representer(str, text)
    return Dumper


def _resolve(loader: Any) -> None:
    for kind, pattern, first in (
        ("bool", r"^(?:true|false)$", "tf"),
        ("null", r"^(?:null|~|)$", ["n", "~", ""]),
        ("int", r"^(?:0|-?[1-9][0-9]{0,17})$", "-0123456789"),
    ):
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), list(first))


class Exported(NamedTuple):
    """What an export did: file names written, already the same, kept because they differ, and names left out."""

    written: list[str]
    same: list[str]
    kept: list[str]
    left_out: list[str]


def export(folder: Path, drafts: Iterable[TemplateDraft], *, overwrite: bool, dry_run: bool = False) -> Exported:
    """Writes one file for each template. A file that says something else stays unless `overwrite`.

    `dry_run` only says what would be written.

    Raises `Unavailable` (`cannot-write`) when the folder cannot be made or written.
    """
    done = Exported([], [], [], [])
    try:
        if not dry_run:
            folder.mkdir(parents=True, exist_ok=True)
        for draft in drafts:
            name = file_name(draft)
            if name is None:
                done.left_out.append(draft.name)
                continue
            path, text = folder / name, to_yaml(draft)
            before = path.read_text("utf-8") if path.exists() else None
            if before == text:
                done.same.append(name)
            elif before is not None and not overwrite:
                done.kept.append(name)
            else:
                if not dry_run:
                    path.write_text(text, "utf-8")
                done.written.append(name)
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            "cannot-write", t("{path} cannot be written: {reason}", path=str(folder), reason=str(error))
        ) from None
    return done
