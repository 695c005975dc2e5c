"""The files that a link can be saved as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from wacli.domain.text import t
from wacli.services.links import Door

from .session import Session
from .written import check_new, write_file


class LinkFiles(NamedTuple):
    """The files that were asked for."""

    png: Path | None
    svg: Path | None
    pdf: Path | None
    html: Path | None
    title: str | None
    below: str | None
    font: Path | None

    def render(self, session: Session, door: Door) -> list[tuple[Path, bytes]]:
        """Every file with its content."""
        from wacli.render import link_card, qr

        title = self.title or session.say(t("Chat with us on WhatsApp"))
        below = self.below or session.say(t("Point your phone's camera at the code"))
        card = link_card.Card(title, below, door.url, door.link.phone, self.font)
        makers: tuple[tuple[Path | None, Callable[[], bytes]], ...] = (
            (self.png, lambda: qr.qr_png(door.url)),
            (self.svg, lambda: qr.qr_svg(door.url).encode()),
            (self.pdf, lambda: link_card.card_pdf(card)),
            (self.html, lambda: link_card.button_html(door.url, title).encode()),
        )
        return [(path, make()) for path, make in makers if path is not None]

    def check(self, *, overwrite: bool) -> None:
        """Raises `Refused` or `Unavailable` for a file that cannot be written."""
        for path in (self.png, self.svg, self.pdf, self.html):
            if path is not None:
                check_new(path, overwrite=overwrite)

    def save(self, session: Session, door: Door) -> None:
        """Writes them. Raises `Invalid` for what cannot be drawn, `Unavailable` for what cannot be written."""
        for path, content in self.render(session, door):
            write_file(path, content)
            session.tell(t("Saved {path}", path=str(path)))
