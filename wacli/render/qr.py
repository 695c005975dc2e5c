"""QR codes: in half blocks on a terminal, as PNG, as SVG (segno: pure Python, follows ISO/IEC 18004).

Pictures are dark on white with the margin the standard asks for, so they scan on any page. On a terminal the blocks
paint the *light* modules; with colours these are white on black whatever the terminal's own are, without colours they
are right on the usual dark one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from wacli.domain.problem import Invalid
from wacli.domain.text import t

if TYPE_CHECKING:
    import segno

_STANDARD_MARGIN: Final = 4  # modules
_NARROW_MARGIN: Final = 2  # half of what the standard asks for, and read by every phone tried
_GLYPHS: Final = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
PICTURE_SCALE: Final = 12  # pixels a module: sharp on paper up to postcard size


def qr_lines(content: str, width: int) -> list[str]:
    """The code in half blocks, two rows of modules a line; empty when it is wider than `width` or cannot hold this."""
    import segno

    try:
        code = segno.make_qr(content, error="l", boost_error=False)
    except segno.DataOverflowError:
        return []
    margin = _STANDARD_MARGIN if code.symbol_size(border=_STANDARD_MARGIN)[0] <= width else _NARROW_MARGIN
    rows = [list(row) for row in code.matrix_iter(border=margin)]
    if len(rows[0]) > width:
        return []
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(_GLYPHS[int(bool(top)), int(bool(bottom))] for top, bottom in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def qr_png(content: str) -> bytes:
    """The code as a PNG file. Raises `Invalid` (`too-long`) for more than a code holds."""
    return _saved(content, "png", scale=PICTURE_SCALE)


def qr_svg(content: str) -> str:
    """The code as an SVG file that brings its own white ground."""
    return _saved(content, "svg", scale=PICTURE_SCALE, light="white", svgclass=None, lineclass=None).decode()


def _saved(content: str, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    code_of(content).save(out, kind=kind, border=_STANDARD_MARGIN, **options)
    return out.getvalue()


def code_of(content: str) -> segno.QRCode:
    """The code with room for damage (level M: a scratched counter card still reads). Raises `Invalid`."""
    import segno

    try:
        return segno.make_qr(content, error="m")
    except segno.DataOverflowError:
        raise Invalid(
            "too-long",
            t("The link is too long for a QR code"),
            t("Make its text shorter, or leave characters like emoji out"),
        ) from None
