"""Nineteen of twenty messages are read a short way, without the looks that files, quotations and other stamps need:
whatever people write, both ways give the same messages."""

from __future__ import annotations

import io
from functools import partial
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wacli.domain.chat_export import ChatMessage
from wacli.importers.chat_export import read_chat
from wacli.importers.chat_export.reading import TEXT_LIMIT, MessageReader
from wacli.importers.text_blocks import TextBlocks

_PIECES = st.sampled_from(
    [
        *("halo", "jadi 2 ya", "50.000", "[1] satu", "1. dua", "<Media omitted>", "<ini>", "(ya)", "gambar.jpg"),
        *("\n", "\n\n", " ", ":", " - ", ")", ">", "?q=1", "This message was deleted", "👍", "Ani: ya", "\u00a0"),
        *("13/11/26, 10:04 - Sari: kutipan", "[13/11/26, 10.04.09] Ani: kutipan", "IMG-20261113-WA0001.jpg (file"),
        *(" (file attached)", "https://maps.google.com/?q=-6.2,106.8", "<This message was edited>", "\u200e"),
        *("\n13.11.26 10:05 - Ani: lain", "\n[13/11/26, 10.04.09] Ani: kutipan", "a.jpg (file attached)\nini"),
        " <This message was edited>",
    ]
)  # fmt: skip
_TEXTS = st.lists(st.lists(_PIECES, max_size=5).map("".join), min_size=1, max_size=12)


def _read(chat: str, block_size: int, *, day_first: bool | None = True) -> tuple[list[ChatMessage], list[str]]:
    with patch("wacli.importers.chat_export.export.TextBlocks", partial(TextBlocks, block_size=block_size)):
        export = read_chat(io.BytesIO(chat.encode()), zone=ZoneInfo("Asia/Jakarta"), day_first=day_first)
        return list(export.messages()), [str(one.message) for one in export.findings.kept]


_learn = MessageReader._learn


def _learn_no_whole_day(reader: MessageReader, days: set[str], clocks: set[str], names: set[str | None]) -> bool:
    is_sound = _learn(reader, days, clocks, names)
    reader._whole_days.clear()  # the short way is for days without a change of clocks
    return is_sound


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.sampled_from([60, 500, 1 << 15]))
@example(["<Media omitted> "], 1 << 15)
@example(["<Media omitted>"], 1 << 15)
@example(["besok ya <This message was edited>"], 1 << 15)
@example(["baris\n13.11.26 10:01 - Ani: lain"], 1 << 15)
@example(["gambar.jpg (file attached)\nini dia"], 1 << 15)
@example(["This message was deleted"], 1 << 15)
@example(["13/11/26, 09:00 - Ani: kutipan"], 1 << 15)
@example(["baris\n" * 9], 60)
def test_both_ways_read_the_same(texts: list[str], block_size: int) -> None:
    chat = "13/11/26, 10:00 - Sari: mulai\n" + "".join(
        f"13/11/26, 10:{minute // 2:02} - {'Ani' if minute % 3 else 'Sari'}: {text}\n"
        for minute, text in enumerate(texts, 2)
    )
    chat += "13/11/26, 10:59 - Ani: selesai\n"  # what ends a block never goes the short way
    short = _read(chat, block_size)
    with patch.object(MessageReader, "_learn", _learn_no_whole_day):
        long = _read(chat, block_size)
    assert short == long


@pytest.mark.parametrize(
    "stamp", ["٢٨/٣/٢٠٢٦، ٩:{} ص - ", "۲۰۲۶/۰۳/۰۸، ۰۹:{} - ", "[R8/3/8 9:{}:00] ", "28/3/2026, 9:{} - "]
)
def test_a_message_that_begins_by_quoting_is_one_in_any_figures(stamp: str) -> None:
    def at(minute: str) -> str:
        written = stamp.format(minute)
        table = {"٢": "٠١٢٣٤٥٦٧٨٩", "۲": "۰۱۲۳۴۵۶۷۸۹"}.get(written[0])
        return written if table is None else written.translate({ord("0") + n: sign for n, sign in enumerate(table)})

    quoted = f"{at('15')}Ani: kemarin\n{at('16')}Ani: lagi\ngimana?"
    chat = f"{at('15')}Ani: kemarin\n{at('40')}Sari: {quoted}\n{at('41')}Ani: ya\n"
    messages, findings = _read(chat, 1 << 15, day_first=None)
    assert [(one.author, one.text) for one in messages] == [("Ani", "kemarin"), ("Sari", quoted), ("Ani", "ya")]
    assert findings == []


def test_a_message_beyond_every_limit_is_cut_also_in_the_middle_of_a_block() -> None:
    after = "".join(f"13/11/26, 10:{n % 60:02} - Sari: pesan {n}\n" for n in range(500))
    chat = f"13/11/26, 10:00 - Sari: mulai\n13/11/26, 10:00 - Ani: {'a' * (TEXT_LIMIT + 9)}\n{after}"
    messages, findings = _read(chat, 1 << 15)
    assert [len(one.text) for one in messages[:3]] == [5, TEXT_LIMIT, 7]
    assert len(messages) == 502
    assert len(findings) == 1
    assert "line 2" in findings[0]


def test_plain_messages_do_go_the_short_way() -> None:
    lines = (f"13/11/26, {n // 60:02}:{n % 60:02} - Sari: pesan {n}" for n in range(1_000))
    chat = "".join(line + ("\nlagi\n" if line.endswith("5") else "\n") for line in lines)
    with patch.object(MessageReader, "_finished", autospec=True, side_effect=MessageReader._finished) as finished:
        messages, _ = _read(chat, 1 << 15)
    assert len(messages) == 1_000
    assert finished.call_count < 10, "only what ends a block goes the long way"
