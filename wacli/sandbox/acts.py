"""What simulated customers do: write, tap, call, react, come through an ad, stop marketing.

Each act is booked, moves the clocks of the thread, and becomes a webhook. An instant in the past is told now with
its own timestamp (as a late webhook is); one in the future waits for the sandbox's clock.
Shapes: facts cloud-api.md section 9; what opens a window: pricing.md section 8.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .agenda import Agenda
from .book import Account, Book, BusinessNumber, Heard, SentMessage
from .courier import Courier, Update
from .customers import Customer
from .payloads import change, contact_card, messages_value, sender, unix
from .windows import OPENING_KINDS


@dataclass(frozen=True, slots=True)
class Ad:
    """A click-to-WhatsApp ad. `click_id` is left out for ads in Status, as Meta does."""

    source_id: str = "120210000000000001"
    headline: str = "Chat with us"
    body: str = "Fresh every morning"
    url: str = "https://fb.me/sandbox"
    source_type: str = "ad"
    has_click_id: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Who acts towards which number of which account."""

    account: Account
    number: BusinessNumber
    customer: Customer


class Acts:
    """The customers' side of the sandbox."""

    def __init__(self, book: Book, agenda: Agenda, courier: Courier, now: Callable[[], datetime]) -> None:
        self._book, self._agenda, self._courier, self._now = book, agenda, courier, now

    def says(self, scene: Scene, text: str, at: datetime | None = None, *, reply_to: str | None = None) -> str:
        """A text message; returns its wamid."""
        content: dict[str, object] = {"text": {"body": text}, "type": "text"}
        if reply_to is not None:
            content["context"] = {"from": scene.number.digits, "id": reply_to}
        return self.sends(scene, "text", content, text, at)

    def clicks_ad(self, scene: Scene, text: str, ad: Ad, at: datetime | None = None) -> str:
        """The first message of a chat that began at an ad or a post."""
        referral: dict[str, object] = {
            "source_url": ad.url,
            "source_id": ad.source_id,
            "source_type": ad.source_type,
            "body": ad.body,
            "headline": ad.headline,
            "media_type": "image",
            "image_url": f"{ad.url}/picture.jpg",
        }
        if ad.has_click_id:
            referral["ctwa_clid"] = hashlib.sha256(f"{ad.source_id}{scene.customer.bsuid}".encode()).hexdigest()
        content = {"referral": referral, "text": {"body": text}, "type": "text"}
        return self.sends(scene, "text", content, text, at, is_ad=True)

    def taps(self, scene: Scene, message: SentMessage, title: str, at: datetime | None = None) -> str:
        """A tap on a quick reply of a template, or on a button or row of an interactive message."""
        context = {"from": scene.number.digits, "id": message.id}
        if message.template is not None:
            payload = message.payloads.get(title, title)
            content: dict[str, object] = {
                "context": context,
                "type": "button",
                "button": {"payload": payload, "text": title},
            }
            return self.sends(scene, "button", content, title, at)
        kind, choice = _choice(message.body, title)
        content = {"context": context, "type": "interactive", "interactive": {"type": kind, kind: choice}}
        return self.sends(scene, "interactive", content, title, at)

    def reacts(self, scene: Scene, message_id: str, emoji: str | None, at: datetime | None = None) -> str:
        """A reaction; None takes it back. It opens no window."""
        reaction = {"message_id": message_id} | ({} if emoji is None else {"emoji": emoji})
        content = {"type": "reaction", "reaction": reaction}
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
            message = {**sender(scene.customer, scene.number, due), "id": wamid, "timestamp": str(unix(due)), **content}
            value = messages_value(scene.number) | {
                "contacts": [contact_card(scene.customer, scene.number, due)],
                "messages": [message],
            }
            self._courier.tell(Update(scene.account, change("messages", value)))

        self._when(at, happen)
        return wamid

    def calls(self, scene: Scene, at: datetime | None = None, *, lasted: timedelta | None = None) -> str:
        """A call to the business: it opens the window, answered (`lasted`) or not. Returns the call's id."""
        call_id = "wacid." + self._book.new_wamid().removeprefix("wamid.")

        def tell(due: datetime, event: str, more: Mapping[str, object]) -> None:
            call = {
                "id": call_id,
                **sender(scene.customer, scene.number, due),
                "to": scene.number.digits,
                "event": event,
                "direction": "USER_INITIATED",
                "timestamp": str(unix(due)),
                **more,
            }
            contacts = [contact_card(scene.customer, scene.number, due)]
            value = messages_value(scene.number) | {"contacts": contacts, "calls": [call]}
            self._courier.tell(Update(scene.account, change("calls", value)))

        def happen(exactly: datetime) -> None:
            due = _told(exactly)
            self._book.heard[call_id] = Heard(call_id, scene.number, scene.customer, "call", "", due)
            self._book.thread(scene.number, scene.customer).hears(due)
            tell(due, "connect", {})
            ended = due + (lasted or timedelta(seconds=30))
            times = {"start_time": str(unix(due)), "end_time": str(unix(ended))}
            done = (
                {"status": "COMPLETED", **times, "duration": int(lasted.total_seconds())}
                if lasted
                else {"status": "FAILED"}
            )
            self._when(ended, lambda end: tell(end, "terminate", done))

        self._when(at, happen)
        return call_id

    def stops_marketing(self, scene: Scene, at: datetime | None = None, *, resumes: bool = False) -> None:
        """Stop (or resume) in WhatsApp itself: `user_preferences`, and 131050 from then on."""

        def happen(due: datetime) -> None:
            scene.customer.has_stopped_marketing = not resumes
            card = contact_card(scene.customer, scene.number, due)
            told: dict[str, object] = {key: card[key] for key in ("wa_id", "user_id") if key in card}
            word = "resume" if resumes else "stop"
            told |= {
                "detail": f"User requested to {word} marketing messages",
                "category": "marketing_messages",
                "value": word,
                "timestamp": unix(due),
            }
            value = messages_value(scene.number) | {"contacts": [card], "user_preferences": [told]}
            self._courier.tell(Update(scene.account, change("user_preferences", value)))

        self._when(at, happen)

    def owner_types(self, scene: Scene, text: str, at: datetime | None = None) -> str:
        """The owner writes in the phone app: an echo. It is free and moves no clock. Returns its wamid."""
        wamid = self._book.new_wamid()

        def happen(due: datetime) -> None:
            card = contact_card(scene.customer, scene.number, due)
            named = {"wa_id": "to", "user_id": "to_user_id"}
            echo = {
                "from": scene.number.digits,
                **{named[key]: card[key] for key in named if key in card},
                "id": wamid,
                "timestamp": str(unix(due)),
                "type": "text",
                "text": {"body": text},
            }
            value = messages_value(scene.number) | {"contacts": [card], "message_echoes": [echo]}
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
