"""Completion in a chat: commands, and the names and paths that belong to them."""

from __future__ import annotations

from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from wacli.domain.problem import Problem
from wacli.services.chat_line import COMMANDS
from wacli.store import quick_replies, templates

from .chat_room import Room


class ChatCompleter(Completer):
    """Commands, and the names that belong to them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """For a line that is a command; words are nobody's business."""
        text = document.text_before_cursor
        command, space, rest = text.partition(" ")
        if not text.startswith("/"):
            return
        if not space:
            yield from (Completion(one + " ", -len(text), one) for one in COMMANDS if one.startswith(text))
        elif command == "/file":
            yield from self._paths.get_completions(Document(rest), complete_event)
        elif command in ("/quick", "/template") and " " not in rest:
            for name in self._names(command):
                if name.startswith(rest):
                    yield Completion(name, -len(rest))

    def _names(self, command: str) -> list[str]:
        try:
            store = self._room.follower.desk().store
            if command == "/quick":
                return [one.name for one in quick_replies.list_all(store)]
            return sorted({one.name for one in templates.list_templates(store)})
        except Problem:
            return []
