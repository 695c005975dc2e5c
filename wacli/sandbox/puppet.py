"""A simulated customer as a test or the demo holds it: one object, one method for each thing a customer does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .acts import Acts
from .book import Book, Scene, SentMessage
from .customers import Customer, country_of, digits_of
from .payloads.contents import Ad
from .windows import OPENING_KINDS


@dataclass(frozen=True, slots=True)
class Puppet:
    """A customer with the strings attached. Instants are aware; None is now."""

    acts: Acts
    book: Book
    scene: Scene

    @property
    def customer(self) -> Customer:
        """The person: change its fields to change what happens next."""
        return self.scene.customer

    def says(self, text: str, at: datetime | None = None, *, reply_to: str | None = None) -> str:
        """Writes a text; returns its wamid."""
        return self.acts.says(self.scene, text, at, reply_to=reply_to)

    def clicks_ad(self, text: str, at: datetime | None = None, *, ad: Ad | None = None) -> str:
        """Comes through an ad and writes; returns the wamid."""
        return self.acts.clicks_ad(self.scene, text, ad or Ad(), at)

    def presses_page_button(self, text: str, at: datetime | None = None) -> str:
        """Comes through a Page's button and writes: no webhook tells that; returns the wamid."""
        return self.acts.presses_page_button(self.scene, text, at)

    def calls(self, at: datetime | None = None, *, lasted: timedelta | None = None) -> str:
        """Calls the business, unanswered unless it `lasted`; returns the call's id."""
        return self.acts.calls(self.scene, at, lasted=lasted)

    def reacts(self, message_id: str, emoji: str | None, at: datetime | None = None) -> str:
        """Reacts to a message, or takes it back with None."""
        return self.acts.reacts(self.scene, message_id, emoji, at)

    def taps(self, title: str, at: datetime | None = None, *, message_id: str | None = None) -> str:
        """Taps a button of that message, or of the last one received. Raises ValueError when there is none."""
        received = self.received()
        message = self.book.sent.get(message_id) if message_id else (received[-1] if received else None)
        if message is None:
            raise ValueError("there is no message to tap on")
        return self.acts.taps(self.scene, message, title, at)

    def sends(self, kind: str, content: dict[str, object], at: datetime | None = None) -> str:
        """A message of any kind: `content` holds `type` and its object as webhooks have them."""
        return self.acts.sends(self.scene, kind, content, "", at)

    def stops_marketing(self, at: datetime | None = None, *, resumes: bool = False) -> None:
        """Stops (or resumes) marketing in WhatsApp itself."""
        self.acts.stops_marketing(self.scene, at, resumes=resumes)

    def edits(self, wamid: str, text: str, at: datetime | None = None) -> str:
        """Changes one of their texts; returns the wamid of the edit."""
        return self.acts.edits(self.scene, wamid, text, at)

    def revokes(self, wamid: str, at: datetime | None = None) -> str:
        """Deletes one of their messages; returns the wamid of that."""
        return self.acts.revokes(self.scene, wamid, at)

    def moves_to(self, phone: str, at: datetime | None = None, *, bsuid: str | None = None) -> str:
        """Takes another number (and user ID); returns the wamid of the system message. Raises Refusal."""
        wa_id = digits_of(phone)
        return self.acts.moves_to(self.scene, wa_id, bsuid or f"{country_of(wa_id)}.{self.book.next_id('14')}", at)

    def shares_history(self, *told: tuple[bool, str, datetime], at: datetime | None = None) -> list[str]:
        """The owner's phone hands over old messages with this person: (whether ours, text, when)."""
        return self.acts.shares_history(self.scene, told, at=at)

    def last_said(self) -> str:
        """The wamid of the last message that this person wrote. Raises ValueError when there is none."""
        with self.book.lock:
            heard = [
                one for one in self.book.heard.values() if one.customer is self.customer and one.kind in OPENING_KINDS
            ]
        if not heard:
            raise ValueError("this person has written nothing yet")
        return heard[-1].id

    def hears_from_app(self, text: str, at: datetime | None = None) -> str:
        """Gets a message that the owner typed in the phone app; returns its wamid."""
        return self.acts.owner_types(self.scene, text, at)

    def received(self) -> list[SentMessage]:
        """What the business sent and this phone got."""
        with self.book.lock:
            return [
                one
                for one in self.book.sent.values()
                if one.customer is self.customer and any(e.status in ("delivered", "read") for e in one.events)
            ]
