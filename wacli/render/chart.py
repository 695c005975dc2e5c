"""A chart of horizontal bars as a picture: laid out once, written as SVG by hand or as PNG by Pillow.

SVG is text, so the standard library is enough for it and every browser and office program shows it. A PNG needs
letters turned into dots: Pillow does that with the font it carries itself, and is loaded for a .png only; it is an
optional extra (`wacli[charts]`), as nobody else needs it. A library for charts would bring fifty times the code for
one kind of chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import t

_WIDTH = 900
_MARGIN, _ROW, _BAR = 32, 30, 18
_HEAD = 96
_LABELS, _AMOUNTS = 250, 120
_INK, _SOFT, _PALE, _COLOUR, _PAPER = "#1f2933", "#616e7c", "#e4e7eb", "#128c7e", "#ffffff"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
_LONGEST_LABEL = 32


class Bar(NamedTuple):
    """One bar: what it is, how long (any unit), and the amount in words beside it."""

    label: str
    value: Decimal
    words: str


class Chart(NamedTuple):
    """A picture's words and bars, in the order in which they are drawn."""

    title: str
    subtitle: str
    bars: Sequence[Bar]
    note: str = ""


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    colour: str


class _Words(NamedTuple):
    x: float
    y: float  # of the line the letters stand on
    text: str
    size: int
    colour: str
    anchor: str = "start"
    is_strong: bool = False


def picture_of(chart: Chart, file: Path) -> bytes:
    """The content of the picture; the ending of the file's name says which kind.

    Raises Invalid (`bad-value`) for another ending, Refused (`needs-pillow`).
    """
    kind = file.suffix.lower()
    if kind not in (".svg", ".png"):
        raise Invalid("bad-value", t("{file} is neither .svg nor .png", file=str(file)), t("Name it chart.svg"))
    return to_svg(chart).encode() if kind == ".svg" else to_png(chart)


def to_svg(chart: Chart) -> str:
    """The picture as SVG, complete in itself."""
    boxes, words, height = _layout(chart)
    title = escape(f"{chart.title}. {chart.subtitle}")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" font-family="{_FONT}">',
        f"<title>{title}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
    ]
    lines += [
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="3" fill="{box.colour}"/>'
        for box in boxes
    ]
    lines += map(_svg_text, words)
    return "\n".join([*lines, "</svg>", ""])


def _svg_text(one: _Words) -> str:
    weight = ' font-weight="600"' if one.is_strong else ""
    return (
        f'<text x="{one.x:g}" y="{one.y:g}" font-size="{one.size}" fill="{one.colour}" text-anchor="{one.anchor}"'
        f"{weight}>{escape(one.text)}</text>"
    )


def to_png(chart: Chart) -> bytes:
    """The same as PNG, at twice the size so that it stays sharp. Raises Refused (`needs-pillow`)."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise Refused(
            "needs-pillow",
            t("A PNG needs the library Pillow, which is not installed"),
            t("Install it: pip install “wacli[charts]”; or name the file .svg"),
        ) from None
    from io import BytesIO

    boxes, words, height = _layout(chart)
    image = Image.new("RGB", (_WIDTH * 2, height * 2), _PAPER)
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top = box.x * 2, box.y * 2
        draw.rounded_rectangle((left, top, left + box.width * 2, top + box.height * 2), radius=6, fill=box.colour)
    for one in words:
        font = ImageFont.load_default(one.size * 2)
        anchor = {"start": "ls", "end": "rs", "middle": "ms"}[one.anchor]
        weight = 1 if one.is_strong else 0
        draw.text(
            (one.x * 2, one.y * 2), one.text, one.colour, font, anchor, stroke_width=weight, stroke_fill=one.colour
        )
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _layout(chart: Chart) -> tuple[list[_Box], list[_Words], int]:
    """Where everything goes, and how high the picture is."""
    words = [
        _Words(_MARGIN, _MARGIN + 14, chart.title, 22, _INK, is_strong=True),
        _Words(_MARGIN, _MARGIN + 40, chart.subtitle, 15, _SOFT),
    ]
    boxes = []
    left, room = _MARGIN + _LABELS, _WIDTH - 2 * _MARGIN - _LABELS - _AMOUNTS
    largest = max((bar.value for bar in chart.bars), default=Decimal(0))
    y = _HEAD
    for bar in chart.bars:
        middle = y + _BAR - 4
        boxes.append(_Box(left, y, room, _BAR, _PALE))
        if bar.value > 0:
            length = float(bar.value / largest) * room
            boxes.append(_Box(left, y, max(length, 3.0), _BAR, _COLOUR))
        words.append(_Words(left - 12, middle, _shortened(bar.label), 14, _INK, "end"))
        words.append(_Words(_WIDTH - _MARGIN, middle, bar.words, 14, _INK, "end"))
        y += _ROW
    if chart.note:
        words.append(_Words(_MARGIN, y + 18, chart.note, 13, _SOFT))
        y += _ROW
    return boxes, words, y + _MARGIN // 2


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
