"""A shop at the front door: people write to it, statuses come back, all of it through `wacli ingest`."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.support.front_door import FrontDoor, Outcome
from tests.support.payloads import PHONE_NUMBER_ID, WABA_ID, messages, notification


class Person(NamedTuple):
    """A contact as Meta tells of them; what is None is left out of the payload."""

    name: str | None
    phone: str | None = None
    bsuid: str | None = None
    username: str | None = None

    @property
    def card(self) -> dict[str, Any]:
        """Their entry of `contacts`."""
        profile = {key: value for key, value in (("name", self.name), ("username", self.username)) if value}
        ids = {key: value for key, value in (("wa_id", self.phone), ("user_id", self.bsuid)) if value}
        return {"profile": profile, **ids}

    @property
    def sender(self) -> dict[str, Any]:
        """How a message of theirs names them."""
        return {key: value for key, value in (("from", self.phone), ("from_user_id", self.bsuid)) if value}

    @property
    def recipient(self) -> dict[str, Any]:
        """How a status names them."""
        return {key: value for key, value in (("recipient_id", self.phone), ("recipient_user_id", self.bsuid)) if value}


SARI = Person("Sari Dewi", "6281355500101", "ID.9000000000000000101")
BUDI = Person("Budi Santoso", "6281355500303", "ID.9000000000000000303")
RINA = Person("Rina", None, "ID.9000000000000000202", "rina.h")  # a username and no number


def unix(instant: str | datetime) -> int:
    """Seconds since 1970 of an RFC 3339 text (`2026-11-22T04:00Z`)."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    assert at.tzinfo is not None
    return int(at.timestamp())


def rfc3339(seconds: int) -> str:
    """The instant as wacli writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Shop:
    """One business number behind a front door. Instants are RFC 3339 texts or seconds."""

    def __init__(self, door: FrontDoor) -> None:
        self.door = door
        self._ids = itertools.count(1)

    def tell(self, *bodies: Any) -> dict[str, int]:
        """Takes notifications in; returns the report."""
        outcome = self.door("ingest", "-", "--json", stdin=json.dumps(bodies).encode())
        assert outcome.status == 0, outcome
        report: dict[str, int] = outcome.json
        return report

    def profile(self, **settings: str) -> None:
        """Makes the profile `shop` the default one: number and account of the payloads, country Indonesia."""
        values = {
            "phone-number-id": PHONE_NUMBER_ID,
            "waba-id": WABA_ID,
            "country": "ID",
            **{key.replace("_", "-"): value for key, value in settings.items()},
        }
        options = [word for key, value in values.items() for word in (f"--{key}", value)]
        assert self.door("profiles", "add", "shop", *options).status == 0
        assert self.door("profiles", "use", "shop").status == 0

    def hears(self, who: Person, text: str, at: str | int, **more: Any) -> str:
        """A message from a contact; returns its wamid."""
        wamid = f"wamid.IN{next(self._ids)}="
        element = {
            **who.sender,
            "id": wamid,
            "timestamp": str(at if isinstance(at, int) else unix(at)),
            "type": "text",
            "text": {"body": text},
            **more,
        }
        self.tell(messages([element], [who.card]))
        return wamid

    def clicks_ad(self, who: Person, text: str, at: str | int) -> str:
        """A first message through an ad."""
        referral = {"source_type": "ad", "source_id": "1201", "headline": "Buket", "ctwa_clid": "click-1"}
        return self.hears(who, text, at, referral=referral)

    def status(self, who: Person, wamid: str, word: str, at: str | int, **more: Any) -> None:
        """A status of a message to a contact."""
        seconds = at if isinstance(at, int) else unix(at)
        element = {"id": wamid, "status": word, "timestamp": str(seconds), **who.recipient, **more}
        self.tell(notification("messages", contacts=[who.card], statuses=[element]))

    def calls(self, who: Person, at: str | int, *, rang_for: int = 30) -> None:
        """A call that nobody took."""
        start = at if isinstance(at, int) else unix(at)
        for event, seconds in (("connect", start), ("terminate", start + rang_for)):
            call = {
                **who.sender,
                "id": f"wacid.{start}",
                "event": event,
                "direction": "USER_INITIATED",
                "timestamp": str(seconds),
            }
            self.tell(notification("calls", contacts=[who.card], calls=[call]))

    def owner_types(self, who: Person, text: str, at: str | int) -> None:
        """An echo: the owner wrote in the phone app."""
        echo = {
            "from": "622150550100",
            **({"to": who.phone} if who.phone else {}),
            **({"to_user_id": who.bsuid} if who.bsuid else {}),
            "id": f"wamid.ECHO{next(self._ids)}=",
            "timestamp": str(at if isinstance(at, int) else unix(at)),
            "type": "text",
            "text": {"body": text},
        }
        self.tell(notification("smb_message_echoes", contacts=[who.card], message_echoes=[echo]))

    def board(self, *argv: str) -> dict[str, dict[str, Any]]:
        """`wacli threads --json`, by name (or username, or number)."""
        outcome = self.door("threads", "--json", *argv)
        assert outcome.status in (0, 20), outcome
        return {row["name"] or row["username"] or row["phone"]: row for row in outcome.json}

    def can(self, who: str, *argv: str) -> Outcome:
        """`wacli can WHO --json`."""
        return self.door("can", who, "--json", *argv)
