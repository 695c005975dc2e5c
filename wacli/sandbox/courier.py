"""Webhook delivery: signed, batched, retried, and on request doubled, disordered or lost.

Facts cloud-api.md section 8: notifications are batches, at least once, in no order, retried for days. The retries
here are few and in real seconds, so that a test or a demo ends; `drain` tries at once instead of waiting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .book import Account, Book, StatusEvent
from .payloads.envelope import body_of, signature
from .post import NoReply, request

BATCH_MOST = 1000
BODY_MOST = 3 * 1024 * 1024
RETRY_AFTER = (0.0, 0.5, 2.0, 8.0, 30.0)  # real seconds before each attempt


@dataclass(slots=True)
class Switches:
    """How webhooks misbehave. `batch` updates a body; each body `copies` times; `is_shuffled` before batching."""

    batch: int = 1
    copies: int = 1
    is_shuffled: bool = False
    is_lost: bool = False  # nothing arrives, and nothing is tried again: message_history is the only way
    is_held: bool = False  # kept back until it is switched off
    timeout: float = 10.0  # real seconds
    is_patient: bool = False  # a receiver that is not there yet is waited for; Meta tries for days


@dataclass(slots=True)
class Update:
    """One change waiting to be told, and the status event it tells of, if it is one."""

    account: Account
    change: dict[str, object]
    event: StatusEvent | None = None
    told_at: datetime | None = None  # when it was put into the queue


@dataclass(slots=True)
class Notification:
    """One body. `state` is PENDING, RETRYING, DELIVERED or FAILED, as message_history calls them."""

    id: str
    account: Account
    url: str
    body: bytes
    events: list[StatusEvent]
    state: str = "PENDING"
    attempts: int = 0
    last_answer: str = ""
    next_try: float = 0.0

    def becomes(self, state: str) -> None:
        """Moves the notification and every status in it."""
        self.state = state
        for event in self.events:
            event.webhook = state


@dataclass(slots=True)
class Delivery:
    """What a drain did."""

    delivered: int = 0
    failed: int = 0
    waiting: int = 0


class Courier:
    """Keeps updates until somebody flushes them. All methods may be called from any thread."""

    def __init__(self, book: Book, now: Callable[[], datetime]) -> None:
        self.switches = Switches()
        self.notifications: list[Notification] = []
        self._book, self._now = book, now
        self._updates: list[Update] = []
        self._open: list[Notification] = []
        self._posting = threading.Lock()
        self.wake: Callable[[], None] = lambda: None

    def tell(self, update: Update) -> None:
        """Put one update into the queue."""
        update.told_at = self._now()
        with self._book.lock:
            self._updates.append(update)
        self.wake()

    def take(self) -> list[Update]:
        """Everything that waits, in the order in which it was told, for whoever carries it instead of the courier."""
        with self._book.lock:
            taken, self._updates = self._updates, []
        return taken

    def drain(self) -> Delivery:
        """Post everything that waits, each up to the last attempt, without pauses. For tests and for the demo."""
        done = Delivery()
        with self._posting:
            self._make_bodies()
            while self._open:
                first = self._open[0]
                self._post(first, done)
                if first.state == "RETRYING" and self.switches.is_patient:
                    break
            done.waiting = self.waiting()
        return done

    def flush(self) -> float | None:
        """Post what is due; returns real seconds until the next retry, None when there is none."""
        with self._posting:
            self._make_bodies()
            now = time.monotonic()
            for notification in [one for one in self._open if one.next_try <= now]:
                self._post(notification, Delivery())
                if notification.state == "RETRYING" and self.switches.is_patient:
                    break  # nobody there: the others need not find that out one by one
            return min((max(0.0, one.next_try - time.monotonic()) for one in self._open), default=None)

    def is_idle(self) -> bool:
        """True when nothing waits: no update without a body, no body without an answer."""
        with self._posting, self._book.lock:
            return not self._updates and not self._open

    def waiting(self) -> int:
        """Updates that have no body yet: held back, or nobody to tell."""
        with self._book.lock:
            return len(self._updates)

    def _make_bodies(self) -> None:
        switches = self.switches
        if switches.is_held:
            return
        with self._book.lock:
            ready = [one for one in self._updates if one.account.webhook_url is not None]
            self._updates = [one for one in self._updates if one.account.webhook_url is None]
            if switches.is_shuffled:
                self._book.random.shuffle(ready)
            for account in self._book.accounts:
                mine = [one for one in ready if one.account is account]
                size = max(1, min(switches.batch, BATCH_MOST))
                for start in range(0, len(mine), size):
                    self._make_body(account, mine[start : start + size])

    def _make_body(self, account: Account, updates: list[Update]) -> None:
        changes = joined([one.change for one in updates])
        body = body_of(account, changes, self._now(), entries=2 if len(changes) > 3 else 1)
        if len(body) > BODY_MOST and len(updates) > 1:
            half = len(updates) // 2
            self._make_body(account, updates[:half])
            self._make_body(account, updates[half:])
            return
        url = account.webhook_url or ""
        events = [one.event for one in updates if one.event is not None]
        for _ in range(max(1, self.switches.copies)):
            made = Notification(self._book.next_id("7"), account, url, body, events)
            self.notifications.append(made)
            if self.switches.is_lost:
                made.becomes("FAILED")
            else:
                self._open.append(made)

    def _post(self, notification: Notification, done: Delivery) -> None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature(notification.account.app_secret, notification.body),
        }
        notification.attempts += 1
        try:
            reply = request("POST", notification.url, headers, notification.body, self.switches.timeout)
            notification.last_answer, accepted = str(reply.status), reply.status == 200
        except NoReply as why:
            notification.last_answer, accepted = str(why), False
            if self.switches.is_patient:
                notification.attempts = min(notification.attempts, len(RETRY_AFTER) - 2)
        with self._book.lock:
            if accepted:
                notification.becomes("DELIVERED")
                notification.body = b""  # a sandbox that runs for days at 1000 times real speed keeps no post
                done.delivered += 1
            elif notification.attempts < len(RETRY_AFTER):
                notification.becomes("RETRYING")
                notification.next_try = time.monotonic() + RETRY_AFTER[notification.attempts]
                return
            else:
                notification.becomes("FAILED")
                done.failed += 1
            self._open.remove(notification)


def joined(changes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Neighbouring statuses of one number share a value, as Meta packs them; everything else stands alone.

    Their contacts go into one list, without repeating a card.
    """
    made: list[dict[str, object]] = []
    for change in changes:
        before = made[-1]["value"] if made and made[-1]["field"] == change["field"] else None
        value = change["value"]
        if (
            isinstance(before, dict)
            and isinstance(value, dict)
            and "statuses" in before
            and "statuses" in value
            and before["metadata"] == value["metadata"]
        ):
            cards = before.get("contacts", []) + [
                c for c in value.get("contacts", []) if c not in before.get("contacts", [])
            ]
            joined = before | {"statuses": [*before["statuses"], *value["statuses"]]}
            made[-1] = {"value": joined | ({"contacts": cards} if cards else {}), "field": change["field"]}
        else:
            made.append(change)
    return made
