"""A thread as Markdown: for a file, a note, a case. Somebody else's words never become markup of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wacli.domain.message import Direction
from wacli.domain.text import t
from wacli.services.thread import ThreadDetail
from wacli.store.messages import MessageRow

from .words import Words, sanitise, sanitise_lines

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")


def transcript(found: ThreadDetail, words: Words) -> Iterator[str]:
    """The whole thread, oldest message first, a heading for each day in the reader's zone."""
    contact = found.standing.contact
    yield f"# {_plain(contact.label)}\n"
    day = None
    for message in found.messages:
        if message.kind in ("edit", "revoke"):  # shown at the message they are about
            continue
        local = None if message.at is None else message.at.astimezone(words.zone)
        if local is not None and local.date() != day:
            day = local.date()
            yield f"\n## {words.day(day)}\n"
        is_ours = message.direction == Direction.OUTBOUND
        who = words.say(t("You")) if is_ours else _plain(contact.label)
        clock = "" if local is None else f"{local:%H:%M} "
        yield f"\n{clock}**{who}**" + _remarks(message, words) + "\n\n"
        yield from _body(message, words)


def _remarks(message: MessageRow, words: Words) -> str:
    remarks = []
    if message.edited_at is not None:
        remarks.append(words.say(t("edited")))
    if message.status == "failed":
        remarks.append(words.say(t("not delivered")))
    return f" ({', '.join(remarks)})" if remarks else ""


def _body(message: MessageRow, words: Words) -> Iterator[str]:
    if message.revoked_at is not None:
        yield f"> *{words.say(t('deleted'))}*\n"
        return
    if message.kind != "text":
        name = message.media.filename if message.media is not None else None
        yield f"> *{_plain(message.kind)}{': ' + _plain(name) if name else ''}*\n"
    for line in sanitise_lines(message.text) if message.text else ():
        yield f"> {_plain(line)}  \n" if line else ">\n"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", sanitise(text))
