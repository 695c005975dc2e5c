"""Messages and their statuses: kinds, where they came from, and which of several statuses is the true one.

Rules and sources: facts cloud-api.md section 8 (statuses repeat, come out of order, `delivered` may be skipped, a
late `failed` after `sent` is normal) and pricing.md section 8.1 (what opens the customer service window).
"""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Seen from the business: inbound is from the contact."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Origin(StrEnum):
    """How a message came to exist, which decides whether it may be billed or open a window."""

    API = "api"  # live, through the Cloud API, ours or another tool's
    APP = "app"  # typed by the owner in the WhatsApp Business app (an echo): never billed, touches no window
    LINK = "link"  # meant for the phone app, through a link that wacli filled in; nobody tells whether it was sent
    HISTORY = "history"  # handed over by the phone when the number was connected, or imported from an export


# A contact's message of one of these kinds opens or renews the customer service window. Reactions, edits, deletes,
# system and unsupported events do not, prudently: Meta says nothing of them, and an API refusal (131047) is
# cheaper than a promise we cannot keep. Kinds unknown to us are treated the same way.
WINDOW_OPENING_KINDS = frozenset(
    {
        "text",
        "image",
        "video",
        "audio",
        "voice",
        "document",
        "sticker",
        "location",
        "contacts",
        "interactive",
        "button",
        "order",
    }
)
# What is a file, whatever was said with it.
FILE_KINDS = frozenset({"image", "video", "audio", "voice", "document", "sticker"})
# Kinds of an inbound element that wacli reads; others are kept, counted as unknown, and shown by their name.
KNOWN_KINDS = WINDOW_OPENING_KINDS | {
    "reaction",
    "system",
    "edit",
    "revoke",
    "unsupported",
    "unknown",
    "request_welcome",
    "ephemeral",
    "group_invite",
    "media_placeholder",  # history: the file itself follows in a notification of its own, under the same wamid
    "template",
    "errors",
}


def is_known_kind(kind: str) -> bool:
    """True for a kind of message that wacli reads; the others are kept and counted as unknown."""
    return kind in KNOWN_KINDS


class Status(StrEnum):
    """Where an outbound message stands. `unknown`: it may or may not have been sent, and nothing repeats it."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    UNKNOWN = "unknown"


# A later stage proves the earlier ones. `failed` beats `sent` (Meta reports it late) but not `delivered`: what
# reached the phone has reached it. `unknown` gives way to any word from Meta.
STATUS_RANK = {
    Status.QUEUED: 0,
    Status.UNKNOWN: 1,
    Status.ACCEPTED: 2,
    Status.HELD: 3,
    Status.SENT: 4,
    Status.FAILED: 5,
    Status.DELIVERED: 6,
    Status.READ: 7,
    Status.PLAYED: 8,
}


def status_rank(status: str) -> int:
    """The rank of a status word, -1 for words that say nothing of delivery (`deleted`, `warning`, new ones)."""
    return STATUS_RANK.get(Status(status), -1) if status in _STATUS_WORDS else -1


_STATUS_WORDS = frozenset(status.value for status in Status)
