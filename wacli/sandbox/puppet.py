"""A simulated customer as a test or the demo holds it: one object, one method for each thing a customer does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .acts import Acts
from .book import Book, Scene, SentMessage
from .customers import Customer
from .payloads.contents import Ad


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
