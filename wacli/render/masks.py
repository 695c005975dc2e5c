"""Names, numbers and texts that somebody who looks over a shoulder should not read."""

from __future__ import annotations

_DOT = "•"


def masked_phone(shown: str) -> str:
    """A displayed number of which the country and the last two digits are left."""
    digits = sum(char.isdigit() for char in shown)
    kept = {*range(2), *range(digits - 2, digits)}
    out, place = [], 0
    for char in shown:
        if char.isdigit():
            out.append(char if place in kept else _DOT)
            place += 1
        else:
            out.append(char)
    return "".join(out)


def masked_words(words: str) -> str:
    """Each word's first letter; how long words are is not shown either."""
    return " ".join(word[0] + _DOT * 3 for word in words.split())


def masked_label(label: str) -> str:
    """What a contact is called: a number as a number, anything else as words."""
    return masked_phone(label) if sum(char.isdigit() for char in label) > 5 else masked_words(label)
