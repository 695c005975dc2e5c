"""One JSON value, read more strictly than the json module does.

NaN, infinite numbers and numbers of thousands of digits are no JSON, and Python's own limits (depth, digits) become
sentences. Half of an emoji, cut off before its escape was complete, is JSON and is let through: Meta writes every
letter outside ASCII as an escape, and a customer's message is not lost for it.
"""

from __future__ import annotations

import json
import math

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

UTF8_MARK = b"\xef\xbb\xbf"
_BLANKS = " \t\r\n"


class _BadNumberError(ValueError):
    pass


def _no_constant(_name: str) -> object:
    raise _BadNumberError


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _BadNumberError
    return number


scan = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite).raw_decode


def decode(raw: bytes) -> object:
    """The one JSON value in these bytes. Raises `Invalid` (code `bad-json`) with a sentence that says why not."""
    try:
        text = raw.removeprefix(UTF8_MARK).decode().lstrip(_BLANKS)
        value, end = scan(text)
    except (ValueError, RecursionError) as failure:
        raise Invalid("bad-json", why_not(failure)) from None
    if text[end:].strip(_BLANKS):
        raise Invalid("bad-json", t("something follows the end of the JSON value"))
    return value


def is_unfinished(failure: BaseException, text: str) -> bool:
    """True when all that is wrong is that the text ends here."""
    return isinstance(failure, json.JSONDecodeError) and not text[failure.pos :].strip()


def why_not(failure: BaseException) -> Text:
    """The sentence for what `scan` or decoding raised."""
    if isinstance(failure, RecursionError):
        return too_deep()
    if isinstance(failure, UnicodeDecodeError):
        return t("this is not UTF-8 text")
    if isinstance(failure, json.JSONDecodeError):
        if is_unfinished(failure, failure.doc) or failure.msg.startswith("Unterminated string"):
            return t("this document is cut off before its end")
        return t("this is not JSON from column {column} on", column=failure.colno)
    return t("it holds a number that JSON does not have, or one beyond all bounds")


def too_deep() -> Text:
    """The sentence for nesting beyond what Python reads."""
    return t("it is nested too deeply")
