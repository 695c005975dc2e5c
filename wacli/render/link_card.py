"""What a link is printed and built in as: a card for the shop's counter (PDF, A6), a button for a web page.

The card is drawn by fpdf2 (small, maintained, PDF/Unicode with any TrueType font). The fonts every PDF reader has of
its own know Western European letters only; other scripts need a font file.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.identity import display_phone
from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .qr import code_of

if TYPE_CHECKING:
    from fpdf import FPDF

_WIDTH, _HEIGHT, _MARGIN = 105.0, 148.0, 10.0  # millimetres: A6
_CODE_SIZE = 76.0
_CODE_TOP = 48.0  # below at most two lines of title and two of text
_QUIET = 4  # modules


class Card(NamedTuple):
    """What stands on a card. `font`: a TrueType file for scripts that the built-in fonts do not have."""

    title: str
    text: str
    url: str
    phone: str
    font: Path | None = None


def card_pdf(card: Card) -> bytes:
    """The card as a PDF page. Raises `Invalid` (`needs-font`, `bad-font`)."""
    from fpdf import FPDF

    pdf = FPDF(unit="mm", format=(_WIDTH, _HEIGHT))
    pdf.set_auto_page_break(False)
    pdf.set_margin(_MARGIN)
    pdf.set_title(card.title)
    pdf.set_creator("wacli")
    family = _family(pdf, card)
    pdf.add_page()
    below = _lines(pdf, family, card.title, size=22, top=_MARGIN, height=10, most=2, is_bold=True)
    _lines(pdf, family, card.text, size=12, top=below + 3, height=6, most=2)
    _draw_code(pdf, card.url, (_WIDTH - _CODE_SIZE) / 2, _CODE_TOP)
    _lines(pdf, family, f"WhatsApp {display_phone(card.phone)}", size=13, top=128, height=6, most=1)
    return bytes(pdf.output())


def button_html(url: str, label: str) -> str:
    """A link that looks like a button: no script, no picture, no font from elsewhere."""
    style = (
        "display:inline-block;padding:.7em 1.3em;border-radius:2em;background:#0b7a5b;color:#fff;"
        "font:600 1rem/1.2 system-ui,sans-serif;text-decoration:none"
    )
    return f'<a href="{escape(url)}" style="{style}" rel="noopener" target="_blank">{escape(label)}</a>\n'


def _family(pdf: FPDF, card: Card) -> str:
    if card.font is not None:
        try:
            pdf.add_font("own", fname=card.font)
        except Exception as error:  # the font reader raises whatever it stumbles over
            raise Invalid(
                "bad-font",
                t("{file} cannot be used as a font: {reason}", file=str(card.font), reason=str(error)),
                t("Name a .ttf or .otf file"),
            ) from None
        return "own"
    for words in (card.title, card.text):
        strange = next((char for char in words if not _is_western(char)), None)
        if strange is not None:
            raise Invalid(
                "needs-font",
                t("The built-in font of a PDF has no {letter}", letter=strange),
                t("Name a font file that has it: --font NotoSans-Regular.ttf"),
            )
    return "Helvetica"


def _is_western(char: str) -> bool:
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return char in "\n“”’‘–—…€•" or char.encode("latin-1", "ignore") != b""


def _lines(
    pdf: FPDF, family: str, words: str, *, size: int, top: float, height: float, most: int, is_bold: bool = False
) -> float:
    """Centred lines; smaller letters where they would be too many. Returns where they end, in millimetres."""
    from fpdf.enums import Align, MethodReturnValue

    if family == "Helvetica":
        words = words.translate(_PLAIN)
    width = _WIDTH - 2 * _MARGIN
    while True:
        pdf.set_font(family, style="B" if is_bold and family == "Helvetica" else "", size=size)
        lines = pdf.multi_cell(width, height, words, align=Align.C, dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(lines, list)
        if len(lines) <= most or size <= 6:
            break
        size -= 1
    pdf.set_xy(_MARGIN, top)
    pdf.multi_cell(width, height, words, align=Align.C)
    return float(pdf.get_y())


_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "…": "...", "€": "EUR", "•": "-"})


def _draw_code(pdf: FPDF, url: str, left: float, top: float) -> None:
    rows = [list(row) for row in code_of(url).matrix_iter(border=_QUIET)]
    size = _CODE_SIZE / len(rows)
    pdf.set_fill_color(0, 0, 0)
    for down, row in enumerate(rows):
        across = 0
        while across < len(row):
            until = across
            while until < len(row) and row[until]:
                until += 1
            if until > across:
                pdf.rect(left + across * size, top + down * size, (until - across) * size, size, style="F")
            across = max(until, across + 1)
