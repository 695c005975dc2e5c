"""`wacli chat WHO`: one thread, live."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t

from ..chat_room import Room
from ..exits import ExitStatus
from ..keyboard import ending_tidily
from ..options import examples
from ..sending_options import MaxCost, OnlyFree, TryAgain, conditions_of
from ..session import Session
from ..stores import existing
from ..who import find_contact

_HISTORY = 50


@examples(
    "wacli chat Sari",
    "wacli chat Sari --mark-read --max-cost 0.05USD",
    "printf 'Your order is ready.\\n/close\\n' | wacli chat Sari   # lines in, lines out",
)
def chat(
    ctx: typer.Context,
    who: Annotated[
        str, typer.Argument(metavar="WHO", help=mark("a name, phone number, user ID, @username or contact id"))
    ],
    read: Annotated[
        bool, typer.Option("--mark-read", help=mark("mark their messages as read while you watch"))
    ] = False,
    if_free: OnlyFree = False,
    max_cost: MaxCost = None,
    try_again: TryAgain = False,
) -> ExitStatus:
    """Talks with one person: their messages as they come, how far yours got, and what the next one costs.

    Type and press Enter; /help says what else can be typed. A message that costs money is sent only after a yes (or
    with --yes, or within --max-cost). Piped, each line is a message or a command, and the exit status is that of
    reply.
    """
    session: Session = ctx.obj
    if session.options.at is not None:
        raise Invalid("at-while-watching", t("A chat is in the present: --at does not go with it"), t("Leave it out"))
    conditions = conditions_of(session, if_free, max_cost, None, try_again)
    with existing(session) as store:
        contact = find_contact(session, store, who)
    limit = _HISTORY if session.limit is None else session.limit
    room = Room(session, contact, conditions, limit)
    context = session.context
    is_screen = context.in_is_terminal and context.out_is_terminal and session.options.format in (None, "table")
    try:
        with ending_tidily():
            if is_screen and context.environment.get("TERM") != "dumb":
                from ..chat_screen import ChatScreen

                return ChatScreen(room, marks_read=read, remarks=room.banner()).run()
            from ..chat_lines import LineChat

            session.tell(*room.banner())
            return LineChat(room, marks_read=read).run()
    finally:
        room.close()
