"""A link that opens a chat with the words filled in, and the short code by which its first message is recognised.

`https://wa.me/<number>?text=<words>` works for every business, API or phone app. Meta's own managed links
(`message_qrdls`, at most 140 characters and 2,000 links a number: facts cloud-api.md section 5) have no numbers on
what became of them, so every link carries a code of ours in its text. It comes back with the customer's first message.

The code is worked out from the name and the number and not drawn: a printed QR code still finds its link after a store
was lost and the link was made again under its old name.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import quote

from .problem import Invalid
from .text import t

MANAGED_LIMIT: Final = 140  # characters, the code included
TEXT_LIMIT: Final = 1_000  # longer ones make a QR code that no phone reads off a counter
_LETTERS: Final = "bcdfghjkmnpqrstvwxz23456789"  # nothing that looks alike, no vowels: never a word by accident
_CODE = re.compile(rf"\(ref ([{_LETTERS}]{{5}})\)", re.IGNORECASE)
_NAME = re.compile(r"[\w][\w .&+-]{0,59}")


def code_of(name: str, phone: str, attempt: int = 0) -> str:
    """Five letters for a link of that name; another `attempt` gives others, where two names meet in one code."""
    said = f"{phone}/{name.casefold()}/{attempt}".encode()
    number = int.from_bytes(hashlib.blake2b(said, digest_size=8).digest())
    letters = []
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def code_in(text: str | None) -> str | None:
    """The code in a message, or None. Letters may have been made capital on the way."""
    found = _CODE.search(text) if text is not None and "(" in text else None
    return None if found is None else found[1].lower()


def with_code(text: str, code: str) -> str:
    """The words that the customer sends: the text, and the code at its end."""
    return f"{text} (ref {code})".lstrip()


def chat_url(phone: str, text: str = "") -> str:
    """The link. Every character survives: emoji, line breaks, `&`, `+`, any script. `phone` is digits only."""
    return f"https://wa.me/{phone}" + (f"?text={quote(text, safe='', errors='replace')}" if text else "")


def check_name(name: str) -> str:
    """The name of a link, tidied. Raises `Invalid` for one that could not be typed again."""
    tidy = " ".join(name.split())
    if not _NAME.fullmatch(tidy):
        raise Invalid(
            "bad-name",
            t("{name} cannot be the name of a link", name=name),
            t("Use up to 60 letters, digits, spaces and . & + - _, beginning with a letter or digit"),
        )
    return tidy


def check_text(text: str, code: str, *, is_managed: bool) -> str:
    """The words of the link with their code. Raises `Invalid` (`too-long`, `bad-text`)."""
    if any((char < " " and char != "\n") or "\x7f" <= char < "\xa0" for char in text):
        raise Invalid("bad-text", t("The text of a link cannot have control characters"), t("Type it without them"))
    whole = with_code(text.strip(), code)
    limit = MANAGED_LIMIT if is_managed else TEXT_LIMIT
    if len(whole) > limit:
        raise Invalid(
            "too-long",
            t("The text has {count} characters with its code; a link may have {limit}", count=len(whole), limit=limit),
            t("Make it shorter by {count}", count=len(whole) - limit),
        )
    return whole
