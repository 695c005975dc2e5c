"""Handing templates in: create, edit, and the sample files of media headers.

Sources: facts cloud-api.md section 4 (create, edit) and section 3 (a header's sample is a *handle* from the Resumable
Upload API, `POST /{app_id}/uploads`, then `POST /upload:...`, never a media id). The details of the upload (query
`file_name`, `file_length`, `file_type`; header `file_offset`; answer `{"h": handle}`; JPEG, PNG, PDF and MP4 only) are
those that pywa 4.5 uses against the live API. The app is the one that the account's webhooks are subscribed to.

Creating and editing are not repeated by themselves: a second `create` of the same name is refused by Meta, but a
second edit would use up one of the few an approved template has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t

from .client import Client, segment

_SAMPLE_KINDS = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf", "mp4": "video/mp4",
}  # fmt: skip
_SAMPLE_LIMIT = 100 * 1024 * 1024  # what a document may have; pictures and films less (section 3)
_SESSION = re.compile(r"upload:[A-Za-z0-9+/=_:.-]{1,1000}(?:\?sig=[A-Za-z0-9_-]{1,500})?")


class HandedIn(NamedTuple):
    """Meta's answer: the template's id, and what it decided at once (PENDING, the category it chose)."""

    id: str | None
    status: str | None
    category: str | None


def create_template(client: Client, waba_id: str, body: Mapping[str, object]) -> HandedIn:
    """Creates a template. Raises `ApiRefused`/`ApiBusy` with Meta's reason, `NotSent`, `Unavailable`."""
    told = client.post(f"{segment(waba_id)}/message_templates", body)
    values = (told.get(key) for key in ("id", "status", "category"))
    return HandedIn(*(value if isinstance(value, str) and value else None for value in values))


def edit_template(client: Client, template_id: str, body: Mapping[str, object]) -> None:
    """Replaces a template's components; it goes back into review. Raises like `create_template`."""
    client.post(segment(template_id), body)


def subscribed_apps(client: Client, waba_id: str) -> list[str]:
    """The ids of the apps that get the account's webhooks."""
    found = []
    for told in client.pages(f"{segment(waba_id)}/subscribed_apps", {}):
        app = told.get("whatsapp_business_api_data")
        app_id = app.get("id") if isinstance(app, dict) else None
        if isinstance(app_id, str) and app_id:
            found.append(app_id)
    return found


def check_sample(path: Path) -> str:
    """The MIME type under which a sample goes up. Raises `Invalid` (`bad-sample`, `no-file`) for what Meta refuses."""
    kind = _SAMPLE_KINDS.get(path.suffix.lower().removeprefix("."))
    if kind is None:
        raise Invalid(
            "bad-sample",
            t("{name} cannot be a header's sample", name=path.name),
            t("Meta takes JPEG, PNG, MP4 and PDF files as samples"),
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Invalid(
            "no-file", t("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or str(error))
        ) from None
    if not 0 < size <= _SAMPLE_LIMIT:
        raise Invalid("bad-sample", t("{name} is empty or too large", name=path.name))
    return kind


def upload_sample(client: Client, app_id: str, path: Path) -> str:
    """Uploads a header's sample; returns its handle. Raises what `check_sample` raises, and what the client raises."""
    kind = check_sample(path)
    content = path.read_bytes()
    query = urlencode({"file_name": path.name, "file_length": len(content), "file_type": kind})
    session = client.post(f"{segment(app_id)}/uploads?{query}", {}).get("id")
    # The id goes into the path as it is (it carries its own signature), so it may not lead anywhere else.
    if not isinstance(session, str) or not _SESSION.fullmatch(session) or ".." in session:
        raise _bad_answer()
    handle = client.post_bytes(session, content, kind, {"file_offset": "0"}).get("h")
    if not isinstance(handle, str) or not handle:
        raise _bad_answer()
    return handle


def _bad_answer() -> Unavailable:
    return Unavailable(
        "bad-answer",
        t("Meta's answer to the upload of the sample cannot be understood"),
        t("Try again later; the template was not handed in"),
    )
