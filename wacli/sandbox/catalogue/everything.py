"""The whole catalogue by name, and bodies made from it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from difflib import get_close_matches

from wacli.domain.problem import NotFound
from wacli.domain.text import Text, t

from ..payloads.envelope import body_of
from .account import ACCOUNT
from .customers import CUSTOMERS
from .kind import Kind, Telling
from .ours import OURS

CHAPTERS = (
    (t("Customers"), CUSTOMERS),
    (t("Your own messages, and the phone app"), OURS),
    (t("Templates, number and account"), ACCOUNT),
)


def kinds() -> Iterator[tuple[Text, Kind]]:
    """All of them with the chapter they stand in."""
    for chapter, found in CHAPTERS:
        for kind in found.values():
            yield chapter, kind


def find_kind(name: str) -> Kind:
    """The kind of that name; underscores are taken for hyphens. Raises NotFound, with near names."""
    wanted = name.strip().lower().replace("_", "-")
    everything = {kind.name: kind for _, kind in kinds()}
    if wanted not in everything:
        near = get_close_matches(wanted, everything, n=3, cutoff=0.6)
        hint = t("Did you mean {names}?", names=", ".join(near)) if near else t("See them all: wacli trigger --list")
        raise NotFound("no-such-event", t("There is no notification {name} to make up", name=name), hint)
    return everything[wanted]


def made_up_wamid() -> str:
    """An id that no message has; its beginning says where it came from."""
    return "wamid.TRIGGER" + secrets.token_hex(12).upper()


def body_for(kind: Kind, telling: Telling) -> bytes:
    """The notification as Meta would post it."""
    return body_of(telling.scene.account, [kind.build(telling)], telling.at)
