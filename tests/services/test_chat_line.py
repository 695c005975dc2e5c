"""What a line of a chat means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.problem import Invalid
from wacli.services.chat_line import (
    COMMANDS,
    AddNote,
    Close,
    Help,
    ListQuick,
    Quit,
    SendFile,
    UseQuick,
    UseTemplate,
    Words,
    read_line,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", None),
        ("  \n ", None),
        ("halo kak", Words("halo kak")),
        (" dua\nbaris ", Words("dua\nbaris")),
        ("//close", Words("/close")),
        ("/close", Close()),
        ("/help", Help()),
        ("/quit", Quit()),
        ("/note suka  mawar\nputih", AddNote("suka  mawar\nputih")),
        ("/quick", ListQuick()),
        ("/quick hours", UseQuick("hours")),
        ("/file 'my menu.pdf' ini  menunya", SendFile("my menu.pdf", "ini menunya")),
        ("/file ~/menu.pdf", SendFile("~/menu.pdf", None)),
        ("/template siap", UseTemplate("siap", {})),
        ("/template siap name='Mbak Sari' 1=x", UseTemplate("siap", {"name": "Mbak Sari", "1": "x"})),
        ("/template siap --language id name=Sari", UseTemplate("siap", {"name": "Sari"}, "id")),
    ],
)
def test_a_line_is_words_or_a_command(typed: str, meant: object) -> None:
    assert read_line(typed) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("/", "no-such-command"),
        ("/ close", "no-such-command"),
        ("/colse", "no-such-command"),
        ("/file", "missing"),
        ("/note", "missing"),
        ("/template", "missing"),
        ("/template siap Sari", "usage"),
        ("/file 'menu.pdf", "usage"),
    ],
)
def test_what_means_nothing_is_said(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_line(typed)
    assert refused.value.code == code


@given(st.text())
def test_any_line_is_understood_or_refused(typed: str) -> None:
    try:
        said = read_line(typed)
    except Invalid:
        assert typed.strip().startswith("/")
        return
    assert (said is None) == (not typed.strip())
    if isinstance(said, Words):
        assert typed.strip() in (said.text, "/" + said.text)


def test_a_near_miss_is_named() -> None:
    for command in COMMANDS:
        with pytest.raises(Invalid) as refused:
            read_line(command + "x")
        assert command in str(refused.value.hint)
