"""Message QR codes of a number: made, changed, listed, deleted, drawn. Facts cloud-api.md section 5."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .failures import Refusal
from .shape import Fields
from .templates import paged

MESSAGE_MOST = 140
CODES_MOST = 2_000
PAGE_MOST = 25
IMAGE_KINDS = ("svg", "png")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(slots=True)
class QrCode:
    """One code. `made_at` orders the list, newest first."""

    code: str
    message: str
    made_at: datetime

    @property
    def link(self) -> str:
        """What the picture holds."""
        return f"https://wa.me/message/{self.code}"

    def shown(self, base_url: str, image: str | None = None) -> dict[str, object]:
        """The JSON object; a picture's address only where one was asked for."""
        told: dict[str, object] = {
            "code": self.code,
            "prefilled_message": self.message,
            "deep_link_url": self.link,
        }
        return told if image is None else told | {"qr_image_url": f"{base_url}/_qr/{self.code}.{image}"}


@dataclass(slots=True)
class QrShelf:
    """The codes of all numbers."""

    chance: random.Random
    _codes: dict[str, dict[str, QrCode]] = field(default_factory=dict)

    def write(self, number_id: str, body: Fields, base_url: str, now: datetime) -> dict[str, object]:
        """`POST`: a new one, or with `code` the change of one. Raises Refusal."""
        message = body.text("prefilled_message", MESSAGE_MOST)
        image = body.choice("generate_qr_image", IMAGE_KINDS) if body.has("generate_qr_image") else None
        code = body.maybe_text("code")
        body.done()
        codes = self._codes.setdefault(number_id, {})
        if code is not None:
            found = self.get(number_id, code)
            found.message = message
            return found.shown(base_url, image)
        if len(codes) >= CODES_MOST:
            raise Refusal(100, f"A phone number may have {CODES_MOST} QR codes.")
        made = QrCode("".join(self.chance.choices(_LETTERS, k=13)) + "1", message, now)
        codes[made.code] = made
        return made.shown(base_url, image)

    def page(self, number_id: str, query: Mapping[str, str], address: str, base_url: str) -> dict[str, object]:
        """`GET`: newest first, 25 a page at most; `code` picks one."""
        limit = query.get("limit", str(PAGE_MOST))
        if limit.isdigit() and int(limit) > PAGE_MOST:
            raise Refusal(100, f"Param limit must be 1 to {PAGE_MOST}.")
        image = _asked_image(query.get("fields", ""))
        found = sorted(self._codes.get(number_id, {}).values(), key=lambda one: one.made_at, reverse=True)
        rows = [one.shown(base_url, image) for one in found if query.get("code") in (None, one.code)]
        return paged(rows, {"limit": limit} | dict(query), address)

    def get(self, number_id: str, code: str) -> QrCode:
        """One of the number's codes; raises Refusal 803."""
        found = self._codes.get(number_id, {}).get(code)
        if found is None:
            raise Refusal(803, "QR code not found", http=404, title="QR code not found")
        return found

    def one(self, number_id: str, code: str, query: Mapping[str, str], base_url: str) -> dict[str, object]:
        """`GET /{code}`: in a list, as Meta answers."""
        return {"data": [self.get(number_id, code).shown(base_url, _asked_image(query.get("fields", "")))]}

    def delete(self, number_id: str, code: str) -> None:
        """`DELETE /{code}`. Raises Refusal 803."""
        self.get(number_id, code)
        del self._codes[number_id][code]

    def picture(self, name: str) -> tuple[bytes, str] | None:
        """The file behind `/_qr/CODE.svg` or `.png` and its type; None for a code that is not there."""
        code, _, kind = name.partition(".")
        found = next((codes[code] for codes in self._codes.values() if code in codes), None)
        if found is None or kind not in IMAGE_KINDS:
            return None
        from io import BytesIO

        import segno

        drawn = BytesIO()
        segno.make_qr(found.link).save(drawn, kind=kind, scale=8)
        return drawn.getvalue(), "image/svg+xml" if kind == "svg" else "image/png"


def _asked_image(fields: str) -> str | None:
    for kind in IMAGE_KINDS:
        if f"qr_image_url.format({kind.upper()})" in fields.replace(" ", ""):
            return kind
    return None
