"""Every locale that CLDR knows: a phone writes stamps with its own short formats, so CLDR is the list of them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from babel import Locale, localedata
from babel.dates import format_date, format_time

from wacli.domain.problem import Problem
from wacli.importers.chat_export import read_chat

_MOMENTS = [
    datetime(2022, 3, day, hour, minute, second, tzinfo=UTC)
    for day, hour, minute, second in ((3, 0, 5, 1), (18, 14, 56, 1), (19, 9, 0, 59), (28, 12, 30, 0), (31, 23, 59, 2))
]
# Where a half-day word or a number is written in a way that no phone is known to use with WhatsApp: Syriac, Ewe,
# Dzongkha, Bodo, Meitei in its own script, Latin.
_NOT_READ = {"syr", "ee", "dz", "brx", "mni_Mtei", "la"}


def _written(platform: str, locale: Locale) -> str:
    length = "short" if platform == "android" else "medium"
    glue = str(locale.datetime_formats["short"])
    lines = []
    for moment in _MOMENTS:
        date = format_date(moment.date(), "short", locale=locale)
        time = format_time(moment.time(), length, locale=locale)
        stamp = glue.replace("{1}", date).replace("{0}", time)
        lines.append(f"[{stamp}] Sari: halo" if platform == "ios" else f"{stamp} - Sari: halo")
    return "\n".join(lines)


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_every_locale_of_cldr(platform: str) -> None:
    wrong, tried = [], set()
    for identifier in sorted(localedata.locale_identifiers()):
        locale = Locale.parse(identifier)
        text = _written(platform, locale)
        if text in tried or identifier in _NOT_READ or identifier.rpartition("_")[0] in _NOT_READ:
            continue
        tried.add(text)
        expected = [moment.replace(second=0) if platform == "android" else moment for moment in _MOMENTS]
        try:
            messages = list(read_chat(io.BytesIO(text.encode()), zone=UTC).messages())
        except Problem as problem:
            wrong.append((identifier, text.split("\n")[1], str(problem)))
            continue
        if [datetime.fromtimestamp(m.at, UTC) for m in messages] != expected or any(
            m.author != "Sari" for m in messages
        ):
            wrong.append((identifier, text.split("\n")[1], "misread"))
    assert wrong == []
    assert len(tried) > 150
