"""A line of `wacli chat`: words for the contact, or a command to wacli. Pure; nothing is looked up here.

A line that begins with / is a command; // is a / that is meant. Values and paths may be quoted as in a shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from wacli.domain.problem import Invalid
from wacli.domain.text import t

COMMANDS = ("/template", "/file", "/quick", "/note", "/close", "/help", "/quit")
_VALUE = re.compile(r"([A-Za-z0-9_.]+)=(.*)", re.DOTALL)
_COMMAND = re.compile(r"(/\S+)\s*(.*)", re.DOTALL)


class Words(NamedTuple):
    """Something to say."""

    text: str


class UseTemplate(NamedTuple):
    """A template with its values."""

    name: str
    values: Mapping[str, str]
    language: str | None = None


class SendFile(NamedTuple):
    """A file, with words under it."""

    path: str
    caption: str | None


class UseQuick(NamedTuple):
    """A quick reply by its name."""

    name: str


class ListQuick(NamedTuple):
    """Which quick replies there are."""


class AddNote(NamedTuple):
    """A note for the owner alone."""

    text: str


class Close(NamedTuple):
    """The thread is dealt with."""


class Help(NamedTuple):
    """What can be typed here."""


class Quit(NamedTuple):
    """The end."""


Said: TypeAlias = Words | UseTemplate | SendFile | UseQuick | ListQuick | AddNote | Close | Help | Quit


def is_command(text: str) -> bool:
    """True for a line to wacli, whether or not it means anything; False for words to the contact."""
    text = text.strip()
    return text.startswith("/") and not text.startswith("//")


def read_line(text: str) -> Said | None:
    """What a line means; None for an empty one. Raises `Invalid` for a command that is none, or is incomplete."""
    text = text.strip()
    if not text:
        return None
    if not text.startswith("/"):
        return Words(text)
    if text.startswith("//"):
        return Words(text[1:])
    match = _COMMAND.fullmatch(text)
    name, rest = ("/", "") if match is None else (match[1], match[2])
    if name == "/template":
        return _template(rest)
    if name == "/file":
        path, *words = _words_of(rest) or [_missing("/file PATH")]
        return SendFile(path, " ".join(words) or None)
    if name == "/quick":
        names = _words_of(rest)
        return UseQuick(names[0]) if names else ListQuick()
    if name == "/note":
        return AddNote(rest or _missing("/note TEXT"))
    for word, said in (("/close", Close()), ("/help", Help()), ("/quit", Quit())):
        if name == word:
            return said
    near = get_close_matches(name, COMMANDS, n=1)
    raise Invalid(
        "no-such-command",
        t("There is no command {name}", name=name),
        t("Did you mean {names}?", names=near[0]) if near else t("See /help. To say a word that begins with /: //word"),
    )


def _template(rest: str) -> UseTemplate:
    name, *words = _words_of(rest) or [_missing("/template NAME KEY=VALUE")]
    language = None
    if "--language" in words[:-1]:
        place = words.index("--language")
        language = words[place + 1]
        del words[place : place + 2]
    values = {match[1]: match[2] for word in words if (match := _VALUE.fullmatch(word))}
    if len(values) < len(words):
        raise Invalid(
            "usage",
            t("The values of the template must be written KEY=VALUE"),
            t("Type: {example}", example="/template NAME KEY=VALUE"),
        )
    return UseTemplate(name, values, language)


def _words_of(rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError:
        raise Invalid("usage", t("A quotation mark is not closed"), t("Close it, or put \\ before it")) from None


def _missing(example: str) -> str:
    raise Invalid("missing", t("Something is missing"), t("Type: {example}", example=example))
