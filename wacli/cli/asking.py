"""Questions on a terminal. Nobody is asked when there is no terminal or with --no-input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import BinaryIO

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

from .session import Session


class Asking:
    """Asks on stderr and reads from stdin, a line at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.is_possible = session.context.in_is_terminal and not session.options.no_input

    @cached_property
    def _stdin(self) -> BinaryIO:
        return self._session.context.stdin()

    def ask(self, question: Text, suggestion: str | None, check: Callable[[str], Text | None]) -> str | None:
        """The answer, once `check` finds nothing wrong with it; the suggestion (or None) for an empty one."""
        say = self._session.say
        while True:
            answer = self._read(f"{say(question)} [{suggestion}]: " if suggestion else f"{say(question)}: ")
            if not answer:
                return suggestion
            wrong = check(answer)
            if wrong is None:
                return answer
            self._session.warn([t("{answer}: {wrong}", answer=answer, wrong=wrong)])

    def choose(self, question: Text, choices: Sequence[str]) -> int:
        """Which of the choices, counted from 0; Enter takes the first."""
        self._show(question, choices)
        return self._number(t("Number"), " [1]: ", len(choices), or_nothing="1") or 0

    def choose_or_none(self, question: Text, choices: Sequence[str]) -> int | None:
        """The same where no choice is the usual one: Enter, or the end of the input, takes none of them."""
        self._show(question, choices)
        try:
            return self._number(t("Number (Enter: none of them)"), ": ", len(choices))
        except Invalid:
            return None

    def _show(self, question: Text, choices: Sequence[str]) -> None:
        lines = [f"  {number}. {choice}\n" for number, choice in enumerate(choices, 1)]
        self._session.context.err.writelines([self._session.say(question) + "\n", *lines])

    def _number(self, prompt: Text, end: str, last: int, or_nothing: str = "") -> int | None:
        while True:
            answer = self._read(self._session.say(prompt) + end) or or_nothing
            if not answer:
                return None
            if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= last:
                return int(answer) - 1
            self._session.warn([t("Type a number from 1 to {last}", last=last)])

    def agrees(self, question: Text) -> bool:
        """Yes or no (--yes says yes); where nobody can be asked it is no."""
        return self.is_possible and self._session.confirm(question)

    def secret(self, question: Text) -> str:
        """Something that is not shown while it is typed."""
        from getpass import getpass

        return getpass(self._session.say(question)).strip()

    def piped_line(self) -> str:
        """The first line of a piped stdin; empty when nothing comes."""
        return self._stdin.readline().decode("utf-8", "replace").strip()

    def _read(self, prompt: str) -> str:
        self._session.context.err.write(prompt)
        self._session.context.err.flush()
        line = self._stdin.readline()
        if not line:
            self._session.context.err.write("\n")
            raise Invalid(
                "no-answer",
                t("The answers ended before the questions"),
                t("Give them as options: {command} --help", command="wacli setup"),
            )
        return line.decode("utf-8", "replace").strip()
