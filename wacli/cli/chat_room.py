"""What `wacli chat` does with a line, wherever it was typed: the same checks, outbox and limits as `reply` and `send`.

Reading and sending have a connection each: a message is checked against what is there when it is written, by whoever
draws the screen, and sent by a worker that opens its own store and client, once, when the first message is due.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.contact import Contact
from wacli.domain.money import Money
from wacli.domain.problem import Problem, Refused
from wacli.domain.text import Text, t
from wacli.domain.verdict import Outcome
from wacli.services.chat_line import SendFile, UseQuick, UseTemplate
from wacli.services.chat_line import Words as Said
from wacli.services.contact_values import values_of
from wacli.services.letters import Letter, file_letter, template_letter, text_letter
from wacli.services.live_thread import Follower, Look
from wacli.services.quick import text_for
from wacli.services.send_run import Courtesy, Order, Sender, carry_out, check, mark_read
from wacli.services.sending import Conditions, Desk, Failed, check_safe
from wacli.services.templates import find_template
from wacli.store import dealt_with, notes, quick_replies
from wacli.store.database import Store
from wacli.store.quick_replies import QuickReply
from wacli.store.watched import Watched

from .dispatch import sender_line
from .sending_options import desk_of, is_by_hand

if TYPE_CHECKING:
    from wacli.services.delivery import Sent

    from .session import Session

Sendable = Said | UseTemplate | SendFile | UseQuick
_MARKS_READ = Courtesy(marks_read=True)


class Ready(NamedTuple):
    """A message that every rule permits. `cost`: what nobody has agreed to pay yet; None: nothing to ask."""

    order: Order
    cost: Text | None


class Room:
    """One contact's chat. `close` it at the end."""

    def __init__(self, session: Session, contact: Contact, conditions: Conditions, limit: int) -> None:
        self.session = session
        self.contact = contact
        self.conditions = conditions
        self.by_hand = is_by_hand(session)
        self._watched = Watched(session.store_path)
        self.follower = Follower(
            self._watched, lambda store: desk_of(session, store), contact.id, limit, by_hand=self.by_hand
        )
        self._watched.has_changed()
        self._opened = ExitStack()

    def poll(self) -> Look | None:
        """A new look at the thread, if there is one."""
        return self.follower.poll(self.session.context.now())

    def banner(self) -> list[Text]:
        """Who is about to write to real people; and what a profile for practice, or one in safe mode, may not do."""
        profile = self.session.profile
        if self.by_hand:
            return [t("This number is answered in the phone app: wacli makes links and sends nothing.")]
        lines = sender_line(self.session, self.follower.desk())
        if profile["safe_recipients"] is not None:
            lines.append(t("Safe mode: only the profile's safe recipients can be written to."))
        return lines

    def ready(self, said: Sendable) -> Ready:
        """The message, checked; nothing is written and no socket opened. Raises what forbids it."""
        desk, now = self.follower.desk(), self.session.context.now()
        letter = self._letter(desk.store, said)
        order = Order(self.contact.label, self.contact, letter)
        if self.by_hand:
            check_safe(self.contact, desk.safe)
            return Ready(order, None)
        self.session.profile.required("phone_number_id")
        verdict = check(desk, order, self.conditions, now).verdict
        agreed = self.session.options.yes or self.conditions.limits.max_cost is not None
        if verdict.outcome is not Outcome.BILLED or agreed:
            return Ready(order, None)
        if verdict.price is None or verdict.currency is None:
            return Ready(order, t("This message is billed, at a rate that is not known."))
        return Ready(order, t("This message costs {price}.", price=Money(verdict.price, verdict.currency)))

    def quick(self) -> list[QuickReply]:
        """The quick replies there are."""
        return quick_replies.list_all(self.follower.desk().store)

    def _letter(self, store: Store, said: Sendable) -> Letter:
        if isinstance(said, UseTemplate):
            values = values_of(said.values, self.contact)
            return template_letter(find_template(store, said.name, said.language), values)
        if isinstance(said, SendFile):
            return file_letter(Path(said.path).expanduser(), said.caption)
        return text_letter(text_for(store, said.name, self.contact) if isinstance(said, UseQuick) else said.text)

    # --- what writes: always by the same thread ----------------------------------------------------------------------

    @cached_property
    def _writer(self) -> Store:
        from .stores import writing

        return self._opened.enter_context(writing(self.session))

    @cached_property
    def _sender(self) -> Sender:
        from .clients import client_of

        client = self._opened.enter_context(client_of(self.session))
        return Sender(client, self.session.profile.required("phone_number_id"), self.session.context.now)

    def _desk(self) -> Desk:
        return desk_of(self.session, self._writer)

    def send(self, ready: Ready) -> Sent | Failed | str:
        """Sends it, and returns what became of it; for a phone-app profile, the link that opens the app. Raises what
        comes before the first request."""
        order = ready.order
        if self.by_hand:
            from wacli.services.by_hand import intend, link_to

            link = link_to(order.contact, order.letter)
            return intend(self._writer, link, order.letter, self.session.context.now()).url
        (result,) = carry_out(self._desk(), self._sender, [order], self.conditions)
        return result

    def note(self, text: str) -> None:
        """Keeps a note."""
        notes.add(self._writer, self.contact.id, text, self.session.context.now())

    def deal_with(self, look: Look) -> None:
        """The thread is dealt with, up to the contact's last message of that look. Raises `Refused` when nobody
        waits."""
        row = look.detail.standing.row
        heard_at = look.last_heard_at
        if row is None or heard_at is None or not row.unanswered_count:
            raise Refused("nobody-waits", t("Nobody waits for an answer here"))
        dealt_with.mark(self._writer, row.thread_id, heard_at, self.session.context.now())

    def mark_read(self) -> None:
        """Tells the contact that their messages were read. Raises what the client raises."""
        mark_read(self._desk(), self._sender, self.contact, _MARKS_READ)

    def close_sending(self) -> None:
        """Closes what the worker opened; by the worker."""
        self._opened.close()

    def close(self) -> None:
        """Closes the rest."""
        self._watched.close()


def problem_of(result: Sent | Failed | str) -> Problem | None:
    """What went wrong with a message; None: nothing."""
    return None if isinstance(result, str) else result.problem
