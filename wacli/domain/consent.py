"""Recorded permission, by category: what a ledger of opt-ins and opt-outs comes to.

The ledger is only added to (`wacli.store.consents`); the latest entry of a category holds, and of two at one instant
the opt-out. One thing is not an entry like the others: a START word undoes a stop and is no opt-in by itself, and it
does not undo a stop made in WhatsApp itself (`user_preferences`, error 131050): Meta would go on refusing until the
contact resumes there (facts: cloud-api.md section 6, pricing.md section 11).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

OPTED_IN, OPTED_OUT = "opted-in", "opted-out"

# Who told us.
OWNER = "owner"
ASSUMED = "assumed"  # --assume-opt-in, with the owner's reason as evidence
WHATSAPP = "whatsapp"
STOPPED_MARKETING = "131050"
STOP_WORD, START_WORD = "stop-word", "start-word"

_METAS_OWN = (WHATSAPP, STOPPED_MARKETING)


class Entry(NamedTuple):
    """What one entry of a ledger says."""

    category: str
    state: str
    source: str


class Permission(NamedTuple):
    """The categories a contact has agreed to, and those they have stopped. In neither: nobody ever said anything."""

    opted_in: frozenset[str] = frozenset()
    opted_out: frozenset[str] = frozenset()


NOTHING_SAID = Permission()


def permission_of(entries: Iterable[Entry]) -> Permission:
    """What a ledger comes to. `entries` oldest first, the opt-out last of several at one instant."""
    held: dict[str, str] = {}
    stopped_at_meta: set[str] = set()
    for category, state, source in entries:
        if state not in (OPTED_IN, OPTED_OUT):
            continue  # a word Meta added: it decides nothing
        if source == START_WORD and (held.get(category) != OPTED_OUT or category in stopped_at_meta):
            continue
        held[category] = state
        if state == OPTED_IN:
            stopped_at_meta.discard(category)
        elif source in _METAS_OWN:
            stopped_at_meta.add(category)
    return Permission(
        frozenset(category for category, state in held.items() if state == OPTED_IN),
        frozenset(category for category, state in held.items() if state == OPTED_OUT),
    )
