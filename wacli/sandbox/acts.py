"""What simulated customers do: write, tap, call, react, come through an ad, stop marketing.

Each act is booked, moves the clocks of the thread, and becomes a webhook. An instant in the past is told now with
its own timestamp (as a late webhook is); one in the future waits for the sandbox's clock.
Shapes: facts cloud-api.md section 9; what opens a window: pricing.md section 8.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from .agenda import Agenda
from .book import Book, Heard, Scene, SentMessage
from .courier import Courier, Update
from .customers import Customer
from .payloads import contents, people
from .payloads.contents import Ad
from .payloads.envelope import change
from .windows import OPENING_KINDS


class Acts:
    """The customers' side of the sandbox."""

    def __init__(self, book: Book, agenda: Agenda, courier: Courier, now: Callable[[], datetime]) -> None:
        self._book, self._agenda, self._courier, self._now = book, agenda, courier, now
        self.heard: Callable[[Customer, datetime], None] = lambda _customer, _at: None

    def says(self, scene: Scene, text: str, at: datetime | None = None, *, reply_to: str | None = None) -> str:
        """A text message; returns its wamid."""
        about = None if reply_to is None else contents.context(scene.number.digits, reply_to)
        content = contents.text(text, reply_to=about)
        return self.sends(scene, "text", content, text, at)

    def clicks_ad(self, scene: Scene, text: str, ad: Ad, at: datetime | None = None) -> str:
        """The first message of a chat that began at an ad or a post."""
        content = contents.from_ad(contents.text(text), ad, scene.customer.bsuid)
        return self.sends(scene, "text", content, text, at, is_ad=True)

    def presses_page_button(self, scene: Scene, text: str, at: datetime | None = None) -> str:
        """Comes through the button of a Facebook Page: an entry point too, and nothing in the webhook says so."""
        return self.sends(scene, "text", contents.text(text), text, at, is_ad=True)

    def taps(self, scene: Scene, message: SentMessage, title: str, at: datetime | None = None) -> str:
        """A tap on a quick reply of a template, or on a button or row of an interactive message."""
        about = contents.context(scene.number.digits, message.id)
        if message.template is not None:
            content = contents.button(about, message.payloads.get(title, title), title)
            return self.sends(scene, "button", content, title, at)
        content = contents.choice(about, *_choice(message.body, title))
        return self.sends(scene, "interactive", content, title, at)

    def reacts(self, scene: Scene, message_id: str, emoji: str | None, at: datetime | None = None) -> str:
        """A reaction; None takes it back. It opens no window."""
        content = contents.reaction(message_id, emoji)
        return self.sends(scene, "reaction", content, emoji or "", at)

    def sends(
        self,
        scene: Scene,
        kind: str,
        content: Mapping[str, object],
        text: str = "",
        at: datetime | None = None,
        *,
        is_ad: bool = False,
    ) -> str:
        """A message of any kind; `content` holds `type`, its object, context or referral. Returns its wamid."""
        wamid = self._book.new_wamid()

        def happen(exactly: datetime) -> None:
            due = _told(exactly)
            self._book.heard[wamid] = Heard(wamid, scene.number, scene.customer, kind, text, due, is_ad)
            if kind in OPENING_KINDS:
                self._book.thread(scene.number, scene.customer).hears(due, is_ad=is_ad)
                self.heard(scene.customer, exactly)
            self._courier.tell(Update(scene.account, change("messages", people.said(scene, wamid, content, due))))

        self._when(at, self._reaches(scene, happen))
        return wamid

    def calls(self, scene: Scene, at: datetime | None = None, *, lasted: timedelta | None = None) -> str:
        """A call to the business: it opens the window, answered (`lasted`) or not. Returns the call's id."""
        call_id = "wacid." + self._book.new_wamid().removeprefix("wamid.")

        def tell(due: datetime, event: str, more: Mapping[str, object]) -> None:
            value = people.call_event(scene, call_id, event, due, more)
            self._courier.tell(Update(scene.account, change("calls", value)))

        def happen(exactly: datetime) -> None:
            due = _told(exactly)
            self._book.heard[call_id] = Heard(call_id, scene.number, scene.customer, "call", "", due)
            self._book.thread(scene.number, scene.customer).hears(due)
            tell(due, "connect", {})
            ended = due + (lasted or timedelta(seconds=30))
            self._when(ended, lambda end: tell(end, "terminate", people.call_ended(due, lasted)))

        self._when(at, self._reaches(scene, happen))
        return call_id

    def stops_marketing(self, scene: Scene, at: datetime | None = None, *, resumes: bool = False) -> None:
        """Stop (or resume) in WhatsApp itself: `user_preferences`, and 131050 from then on."""

        def happen(due: datetime) -> None:
            scene.customer.has_stopped_marketing = not resumes
            value = people.preference(scene, "resume" if resumes else "stop", due)
            self._courier.tell(Update(scene.account, change("user_preferences", value)))

        self._when(at, happen)

    def edits(self, scene: Scene, wamid: str, text: str, at: datetime | None = None) -> str:
        """Changes one of their texts; opens no window. Returns the wamid of the edit."""
        return self.sends(scene, "edit", contents.edit(wamid, contents.text(text)), text, at)

    def revokes(self, scene: Scene, wamid: str, at: datetime | None = None) -> str:
        """Deletes one of their messages; returns the wamid of that."""
        return self.sends(scene, "revoke", contents.revoke(wamid), "", at)

    def moves_to(self, scene: Scene, wa_id: str, bsuid: str, at: datetime | None = None) -> str:
        """Takes another number, and with it another user ID; told by a system message. Returns its wamid."""
        wamid = self._book.new_wamid()

        def happen(due: datetime) -> None:
            person, old, before = scene.customer, scene.customer.wa_id, scene.customer.bsuid
            body = f"User {person.name} changed from {old} to {wa_id}"
            content = contents.system("user_changed_number", body, wa_id=wa_id, user_id=bsuid, previous_user_id=before)
            self._courier.tell(
                Update(scene.account, change("messages", people.said(scene, wamid, content, _told(due))))
            )
            self._book.rename(person, wa_id, bsuid)

        self._when(at, happen)
        return wamid

    def shares_history(
        self, scene: Scene, told: Sequence[tuple[bool, str, datetime]], progress: int = 100, at: datetime | None = None
    ) -> list[str]:
        """The owner's phone hands over old messages: (whether ours, text, when). Returns their wamids."""
        wamids = [self._book.new_wamid() for _ in told]
        rows = [(wamid, ours, text, when, "READ") for wamid, (ours, text, when) in zip(wamids, told, strict=True)]

        def happen(_due: datetime) -> None:
            self._courier.tell(Update(scene.account, change("history", people.history(scene, progress, rows))))

        self._when(at, happen)
        return wamids

    def owner_types(self, scene: Scene, text: str, at: datetime | None = None) -> str:
        """The owner writes in the phone app: an echo. It is free and moves no clock. Returns its wamid."""
        wamid = self._book.new_wamid()

        def happen(due: datetime) -> None:
            value = people.echo(scene, wamid, contents.text(text), due)
            self._courier.tell(Update(scene.account, change("smb_message_echoes", value)))

        self._when(at, happen)
        return wamid

    def _when(self, at: datetime | None, happen: Callable[[datetime], None]) -> None:
        now = self._now()
        with self._book.lock:
            if at is None or at <= now:
                happen(now if at is None else at)
            else:
                self._agenda.at(at, happen)

    def _reaches(self, scene: Scene, happen: Callable[[datetime], None]) -> Callable[[datetime], None]:
        """What a blocked customer does never arrives: it is not told and moves no clock."""

        def unless_blocked(due: datetime) -> None:
            if not self._book.has_blocked(scene.number, scene.customer):
                happen(due)

        return unless_blocked


def _told(at: datetime) -> datetime:
    """The instant as the webhook will tell it: Meta's timestamps, and so its clocks, know whole seconds only."""
    return at.replace(microsecond=0)


def _choice(body: Mapping[str, object], title: str) -> tuple[str, dict[str, object]]:
    """The button or the row with that title in an interactive message that was sent."""
    interactive = body.get("interactive")
    action = interactive.get("action") if isinstance(interactive, Mapping) else None
    action = action if isinstance(action, Mapping) else {}
    for button in action.get("buttons") or []:
        if button["reply"]["title"] == title:
            return "button_reply", dict(button["reply"])
    for section in action.get("sections") or []:
        for row in section.get("rows") or []:
            if row["title"] == title:
                return "list_reply", dict(row)
    raise ValueError(f"the message has nothing to tap on that says {title!r}")
