"""Reads QR codes with OpenCV, which knows nothing of how we draw them; and makes pictures of what we drew."""

from __future__ import annotations

from typing import Any

_SCALE = 10  # pixels a module, for what comes without a size of its own


def read_png(content: bytes) -> str:
    """What the QR code in a PNG says; empty when none is found."""
    import cv2
    import numpy

    picture = cv2.imdecode(numpy.frombuffer(content, dtype=numpy.uint8), cv2.IMREAD_GRAYSCALE)
    return _read(picture)


def read_svg(content: str) -> str:
    """The same for an SVG drawing, through resvg."""
    import resvg_py

    drawn: Any = resvg_py.svg_to_bytes(svg_string=content)
    return read_png(bytes(drawn))


def read_pdf(content: bytes) -> str:
    """The same for the first page of a PDF, through PDFium."""
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    return _read(page.render(scale=4).to_numpy())


def read_terminal(lines: list[str], *, is_dark: bool) -> str:
    """The same for half blocks: on a dark terminal blocks are light, on a light one they are dark."""
    import numpy

    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    rows = []
    for line in lines:
        rows.append([halves[glyph][0] for glyph in line])
        rows.append([halves[glyph][1] for glyph in line])
    modules = numpy.array(rows, dtype=numpy.uint8)
    light = modules if is_dark else 1 - modules
    picture = numpy.kron(light * 255, numpy.ones((_SCALE, _SCALE), dtype=numpy.uint8))
    surrounding = 0 if is_dark else 255
    return _read(numpy.pad(picture, 8 * _SCALE, constant_values=surrounding))


def _read(picture: Any) -> str:
    import cv2

    said, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(said)
