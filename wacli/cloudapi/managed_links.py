"""Links that Meta keeps (`message_qrdls`): create, change, delete, list.

Source: facts cloud-api.md section 5: at most 140 characters, at most 2,000 links a number, 25 on a page; the code is
taken as it comes (Meta's own example breaks Meta's own pattern). A second `create` would make a second link, which
harms nobody, so these calls need no outbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from wacli.domain.problem import Unavailable
from wacli.domain.text import t

from .client import Client, segment


class ManagedLink(NamedTuple):
    """One link at Meta: its code, the words it fills in, its address."""

    code: str
    text: str | None
    url: str


def create(client: Client, phone_number_id: str, text: str) -> ManagedLink:
    """Makes a link. Raises `ApiRefused`/`ApiBusy`, `NotSent`, `Unavailable`."""
    return _one(client.post(_path(phone_number_id), {"prefilled_message": text}))


def change(client: Client, phone_number_id: str, code: str, text: str) -> ManagedLink:
    """Gives a link other words; its address and printed codes stay."""
    return _one(client.post(_path(phone_number_id), {"code": code, "prefilled_message": text}))


def delete(client: Client, phone_number_id: str, code: str) -> None:
    """Deletes a link: its address leads nowhere from then on."""
    client.delete(f"{_path(phone_number_id)}/{segment(code)}")


def list_managed(client: Client, phone_number_id: str) -> Iterator[ManagedLink]:
    """Every link of the number, page after page."""
    for told in client.pages(_path(phone_number_id), {"fields": "code,prefilled_message,deep_link_url"}):
        link = parse_link(told)
        if link is not None:
            yield link


def parse_link(told: Mapping[str, object]) -> ManagedLink | None:
    """A link from Meta's JSON; None without a code. Meta answers one link sometimes inside `data`."""
    inside = told.get("data")
    if isinstance(inside, list) and inside and isinstance(inside[0], Mapping):
        told = inside[0]
    code, text, url = (told.get(key) for key in ("code", "prefilled_message", "deep_link_url"))
    if not isinstance(code, str) or not code:
        return None
    if not isinstance(url, str) or not url.startswith("https://"):
        url = f"https://wa.me/message/{segment(code)}"
    return ManagedLink(code, text if isinstance(text, str) else None, url)


def _path(phone_number_id: str) -> str:
    return f"{segment(phone_number_id)}/message_qrdls"


def _one(told: Mapping[str, object]) -> ManagedLink:
    link = parse_link(told)
    if link is None:
        raise Unavailable(
            "bad-answer", t("Meta's answer names no link"), t("See what is there: wacli links list --managed")
        )
    return link
