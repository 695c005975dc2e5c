"""Names, numbers and texts that somebody who looks over a shoulder should not read."""

from __future__ import annotations

from wacli.domain.problem import Problem
from wacli.domain.text import Text

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


def masked_problem(problem: Problem, label: str) -> Problem:
    """The problem without the name of the contact it is about: in its sentences and in its details."""
    masked = problem.__class__.__new__(problem.__class__, problem.code)  # families are made in different ways
    masked.__dict__.update(problem.__dict__)
    masked.message = _masked_text(problem.message, label)
    masked.hint = None if problem.hint is None else _masked_text(problem.hint, label)
    masked.details = {key: _masked_value(value, label) for key, value in problem.details.items()}
    return masked


def _masked_text(text: Text, label: str) -> Text:
    return text._replace(values={key: _masked_value(value, label) for key, value in text.values.items()})


def _masked_value(value: object, label: str) -> object:
    if isinstance(value, Text):
        return _masked_text(value, label)
    return value.replace(label, masked_label(label)) if isinstance(value, str) else value
