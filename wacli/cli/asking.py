"""Questions to somebody who sits at the terminal."""

from __future__ import annotations

from wacli.domain.text import Text

from .session import Session


def can_ask(session: Session) -> bool:
    """True when somebody is there to answer and wants to be asked."""
    context = session.context
    return context.in_is_terminal and context.err_is_terminal and not session.options.no_input


def ask(session: Session, question: Text) -> str:
    """What was typed, without the spaces around it; empty when nothing was."""
    session.context.err.write(session.say(question) + " ")
    session.context.err.flush()
    return session.context.stdin().readline().decode("utf-8", "replace").strip()
