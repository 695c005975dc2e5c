"""The words in a PDF, to see that a file is about the person it is for (`documents send --must-contain`).

pypdf: maintained, pure Python, no dependencies; loaded only when a PDF is about to be sent. A PDF is somebody else's
file: whatever it makes the reader stumble over becomes one sentence.
"""

from __future__ import annotations

import logging
import unicodedata
from pathlib import Path
from typing import NamedTuple

from ..domain.problem import Invalid
from ..domain.text import t

_MOST_PAGES = 50  # of a ticket; what is searched for stands on the first ones
_MOST_CHARACTERS = 1_000_000


class PdfWords(NamedTuple):
    """What a PDF says, ready to be searched."""

    name: str
    words: str

    def says(self, wanted: str) -> bool:
        """True when the PDF has this text; upper and lower case, spaces and line breaks do not matter."""
        return _folded(wanted) in self.words

    @property
    def is_picture(self) -> bool:
        """True for a PDF without any letters: a scan."""
        return not self.words


def read_pdf(path: Path) -> PdfWords:
    """Reads the PDF. Raises `Invalid`: `encrypted-pdf`, `broken-pdf`."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it comments on other programs' PDFs on stderr
    try:
        with path.open("rb") as file:
            reader = pypdf.PdfReader(file)
            if reader.is_encrypted and not reader.decrypt(""):
                raise Invalid(
                    "encrypted-pdf",
                    t("{file} asks for a password", file=path.name),
                    t("Save it without one, or send it yourself: wacli reply WHO --file FILE"),
                )
            if not len(reader.pages):
                raise _broken(path)
            pages: list[str] = []
            for page in reader.pages[:_MOST_PAGES]:
                pages.append(page.extract_text())
                if sum(map(len, pages)) > _MOST_CHARACTERS:
                    break
    except Invalid:
        raise
    except Exception as error:  # pypdf raises whatever a broken file leads it to
        raise _broken(path) from error
    return PdfWords(path.name, _folded(" ".join(pages)))


def _broken(path: Path) -> Invalid:
    return Invalid(
        "broken-pdf", t("{file} is broken: no PDF reader will open it", file=path.name), t("Export it again")
    )


def _folded(text: str) -> str:
    """Without spaces at all: letters of one word are often set apart in a PDF."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
