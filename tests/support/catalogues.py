"""The catalogues of sentences: what the source says, what en.po and id.po translate, what the .mo files hold.

    python -m tests.support.catalogues          # brings the .po and .mo files in step with the source

New sentences arrive in id.po untranslated; `tests/render/test_catalogues.py` fails until somebody translates them.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[2] / "wacli"
LOCALES = PACKAGE / "render" / "locale"
_BORN = datetime(2026, 11, 22, tzinfo=UTC)  # fixed: a date that moves would make every run a change
_HEADER: dict[str, Any] = {
    "project": "wacli",
    "version": "1",
    "copyright_holder": "the wacli maintainers",
    "last_translator": "the wacli maintainers",
    "language_team": "the wacli maintainers",
    "msgid_bugs_address": "-",
    "creation_date": _BORN,
    "revision_date": _BORN,
    "header_comment": "# Sentences of wacli. Brought in step by: python -m tests.support.catalogues",
}
KEYWORDS = {"t": None, "tn": (1, 2), "mark": None}


def source_catalogue() -> Catalog:
    """Every sentence in the source, with the files it stands in."""
    catalogue = Catalog(project="wacli", charset="utf-8")
    found = extract_from_dir(PACKAGE, keywords=KEYWORDS, method_map=[("**.py", "python")])
    for filename, _line, message, _comments, _context in sorted(found, key=lambda item: (item[0], item[1])):
        catalogue.add(message, locations=[(filename, 0)])
    return catalogue


def po_path(language: str) -> Path:
    """Where a language's sentences are."""
    return LOCALES / language / "LC_MESSAGES" / "wacli.po"


def read(language: str) -> Catalog:
    """A language's catalogue as it stands in the repository."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="wacli", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """The .mo form."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def bring_up_to_date(language: str) -> Catalog:
    """The language's catalogue with exactly the sentences of the source; English translates itself."""
    known = read(language)
    fresh = Catalog(locale=language, charset="utf-8", fuzzy=False, **_HEADER)
    for message in source_catalogue():
        if not message.id:
            continue
        old = known.get(message.id)
        translation = message.id if language == "en" else (old.string if old is not None else None)
        fresh.add(message.id, translation, locations=sorted(set(message.locations)))
    return fresh


def main() -> None:
    """Writes all catalogues."""
    for language in ("en", "id"):
        catalogue = bring_up_to_date(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            file.write(compiled(read(language)))


if __name__ == "__main__":
    main()
