"""Every sentence is in both catalogues, translated, with the same values, and compiled."""

from __future__ import annotations

import gettext
import re
import string
from pathlib import Path

import pytest

from tests.support.catalogues import PACKAGE, po_path, read, source_catalogue

LANGUAGES = ("en", "id")


def texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value),)


def values_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    in_source = {texts(message.id) for message in source_catalogue() if message.id}
    in_catalogue = {texts(message.id) for message in read(language) if message.id}
    hint = "run: python -m tests.support.catalogues"
    assert in_source - in_catalogue == set(), hint
    assert in_catalogue - in_source == set(), hint


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_with_the_same_values(language: str) -> None:
    for message in read(language):
        if not message.id:
            continue
        for translation in texts(message.string):
            assert translation, f"{language}: {message.id!r} is not translated"
            allowed = set().union(*(values_in(text) for text in texts(message.id)))
            assert values_in(translation) <= allowed, f"{language}: {message.id!r}"
        if len(texts(message.id)) == 1:
            assert values_in(texts(message.string)[0]) == values_in(texts(message.id)[0]), f"{language}: {message.id!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_in_step(language: str) -> None:
    with po_path(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in read(language):
        if message.id and len(texts(message.id)) == 1:
            assert compiled.gettext(texts(message.id)[0]) == texts(message.string)[0], (
                "python -m tests.support.catalogues"
            )
        elif message.id:
            one, many = texts(message.id)
            assert compiled.ngettext(one, many, 2) == texts(message.string)[1]


def test_indonesian_is_not_english() -> None:
    same = [message.id for message in read("id") if message.id and message.string == message.id]
    # Names of things and patterns of pure values may read the same in both; whole sentences may not.
    assert [text for text in same if len(str(text).split()) > 4] == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_commands_can_be_typed_as_they_stand(path: Path) -> None:
    """A shell takes “ ” for letters: what a person copies from a screen needs the quotation marks of the keyboard."""
    curly = re.findall(r"(?:wacli [a-z-]+ [^\"'\n]*|--[a-z-]+ )“.*", path.read_text("utf-8"))
    assert curly == []
