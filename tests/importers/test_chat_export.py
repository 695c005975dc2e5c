"""Exported chats: every form a phone writes, what is told apart, and what cannot be."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.fixtures import fixtures_dir
from wacli.domain.chat_export import ChatMessage, DateOrder, OrderEvidence, Platform
from wacli.domain.problem import Invalid
from wacli.importers.chat_export import ChatExport, read_chat

JAKARTA = ZoneInfo("Asia/Jakarta")


def export(text: str | bytes, *, day_first: bool | None = None, zone: timezone | ZoneInfo = UTC) -> ChatExport:
    data = text.encode() if isinstance(text, str) else text
    return read_chat(io.BytesIO(data), zone=zone, day_first=day_first)


def read(text: str | bytes, *, day_first: bool | None = None) -> list[ChatMessage]:
    return list(export(text, day_first=day_first).messages())


def local(message: ChatMessage) -> str:
    return datetime.fromtimestamp(message.local, UTC).strftime("%Y-%m-%d %H:%M:%S")


# One message in each way of writing; every stamp means 18 March 2022, 14:56 (with :01 where the form has seconds).
FORMS = {
    "US iOS": "[3/18/22, 2:56:01\u202fPM] Sari: halo",
    "US Android": "3/18/22, 2:56 PM - Sari: halo",
    "UK iOS": "[18/03/2022, 14:56:01] Sari: halo",
    "UK Android": "18/03/2022, 14:56 - Sari: halo",
    "South Africa Android": "2022/03/18, 14:56 - Sari: halo",
    "Canada Android": "2022-03-18, 2:56 p.m. - Sari: halo",
    "Australia iOS": "[18/3/2022, 2:56:01 pm] Sari: halo",
    "India Android": "18/03/22, 2:56 pm - Sari: halo",
    "Indonesia iOS": "[18/03/22 14.56.01] Sari: halo",
    "Indonesia Android": "18/03/22 14.56 - Sari: halo",
    "Germany iOS": "[18.03.22, 14:56:01] Sari: halo",
    "Germany Android": "18.03.22, 14:56 - Sari: halo",
    "France Android": "18/03/2022 à 14:56 - Sari: halo",
    "French Canada iOS": "[2022-03-18 14 h 56 min 01 s] Sari: halo",
    "Spain Android": "18/3/22 14:56 - Sari: halo",
    "Mexico Android": "18/3/2022, 2:56 p. m. - Sari: halo",
    "Argentina iOS": "[18/3/22, 2:56:01\u00a0p.\u00a0m.] Sari: halo",
    "Italy Android": "18/03/22, 14:56 - Sari: halo",
    "Brazil Android": "18/03/2022 14:56 - Sari: halo",
    "Netherlands Android": "18-03-2022 14:56 - Sari: halo",
    "Finland iOS": "[18.3.2022 klo 14.56.01] Sari: halo",
    "Finland Android": "18.3.2022 klo 14.56 - Sari: halo",
    "Turkey Android": "18.03.2022 14:56 - Sari: halo",
    "Russia Android": "18.03.2022, 14:56 - Sari: halo",
    "Bulgaria Android": "18.03.22 г., 14:56 ч. - Sari: halo",
    "Poland Android": "18.03.2022, 14:56 - Sari: halo",
    "Sweden iOS": "[2022-03-18 14:56:01] Sari: halo",
    "Sweden Android": "2022-03-18 14:56 - Sari: halo",
    "Czechia Android": "18. 3. 2022 14:56 - Sari: halo",
    "Hungary Android": "2022. 03. 18. 14:56 - Sari: halo",
    "Japan iOS": "[2022/03/18 14:56:01] Sari: halo",
    "Japan Android": "2022/03/18 14:56 - Sari: halo",
    "Japan 12 hours": "[2022/03/18 午後2:56:01] Sari: halo",
    "Japan era first": "[R4/03/18 14:56:01] Sari: halo",
    "Japan era last": "[3/18/R4, 14:56:01] Sari: halo",
    "Japan era in words": "[令和4/03/18 14:56:01] Sari: halo",
    "Korea iOS": "[22. 3. 18. 오후 2:56:01] Sari: halo",
    "Korea Android": "2022. 3. 18. 오후 2:56 - Sari: halo",
    "Korea in words": "2022년 3월 18일 오후 2:56, Sari : halo",
    "China iOS": "[2022/3/18 下午2:56:01] Sari: halo",
    "China Android": "2022/3/18 14:56 - Sari: halo",
    "Taiwan flexible": "[2022/3/18 下午2:56:01] Sari: halo",
    "Taiwan republic": "[民國111/3/18 下午2:56:01] Sari: halo",
    "Egypt iOS": "[\u200f١٨\u200f/٣\u200f/٢٠٢٢، ٢:٥٦:٠١\u00a0م] Sari: halo",
    "Arabic Android": "18\u200f/3\u200f/2022، 14:56 - Sari: halo",
    "Iran Android": "۲۰۲۲/۳/۱۸،\u200f ۱۴:۵۶ - Sari: halo",
    "Iran, its own calendar": "[۱۴۰۰/۱۲/۲۷،\u200f ۱۴:۵۶:۰۱] Sari: halo",
    "Israel iOS": "[18.3.2022, 14:56:01] \u200fSari: halo",
    "Israel Android": "18.3.2022, 14:56 - \u200fSari: halo",
    "Thailand iOS": "[18/3/2565 14:56:01] Sari: halo",
    "Thailand Android": "18/3/65 14:56 - Sari: halo",
    "Buddhist era": "[3/18/2565 BE, 2:56:01 PM] Sari: halo",
    "Vietnam iOS": "[14:56:01, 18/3/22] Sari: halo",
    "Vietnam Android": "14:56, 18/03/2022 - Sari: halo",
    "Basque Android": "22/3/18 (14:56) - Sari: halo",
    "en dash": "03/18/22, 2:56:01 PM – Sari: halo",
    "brackets without comma": "[03/18/22 14:56] Sari: halo",
    "very old": "18/03/2022 14:56:01: Sari: halo",
    "marked line": "\u200e[18/03/2022, 14:56:01] Sari: halo",
    "push name": "[18/03/2022, 14:56:01] ~\u202fSari: halo",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_stamp_means_the_same_moment(form: str) -> None:
    line = FORMS[form]
    chat = export(f"{line}\n{line.replace('halo', 'lagi')}\n", day_first=True if form.startswith("Basque") else None)
    if form.startswith("Basque"):
        # Two-figure years that stand first are only told by a longer chat.
        assert chat.form.order is DateOrder.DAY_FIRST
        return
    first, second = chat.messages()
    seconds = "01" if chat.form.has_seconds else "00"
    assert local(first) == f"2022-03-18 14:56:{seconds}"
    assert (first.author, first.text, first.kind) == ("Sari", "halo", "text")
    assert (second.text, second.line) == ("lagi", 2)


def test_platform_and_clock_are_found_out() -> None:
    ios = export("[3/18/22, 2:56:01\u202fPM] Sari: a").form
    assert (ios.platform, ios.is_12_hour, ios.has_seconds) == (Platform.IOS, True, True)
    android = export("18/03/2022, 14:56 - Sari: a").form
    assert (android.platform, android.is_12_hour, android.has_seconds) == (Platform.ANDROID, False, False)
    assert android.example == "18/03/2022, 14:56 -"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("12:05 AM", "00:05:00"),
        ("12:05 PM", "12:05:00"),
        ("00:08 a. m.", "00:08:00"),
        ("11:59 p.m.", "23:59:00"),
        ("1:00 de la madrugada", "01:00:00"),
        ("9:30 de la noche", "21:30:00"),
    ],
)
def test_halves_of_the_day(clock: str, expected: str) -> None:
    assert local(read(f"18/03/2022, {clock} - Sari: a")[0]) == f"2022-03-18 {expected}"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("凌晨12:05", "00:05:00"), ("中午11:50", "11:50:00"), ("中午1:00", "13:00:00"), ("晚上8:00", "20:00:00")],
)
def test_flexible_parts_of_the_day(clock: str, expected: str) -> None:
    assert local(read(f"2022/3/18 {clock} - Sari: a")[0]) == f"2022-03-18 {expected}"


def test_date_order_by_a_value_above_12_anywhere() -> None:
    lines = [f"0{month}/05/22, 10:00 - Sari: a" for month in range(1, 9)]
    chat = export("\n".join([*lines, "08/13/22, 10:00 - Sari: b"]))
    assert (chat.form.order, chat.form.order_evidence) == (DateOrder.MONTH_FIRST, OrderEvidence.VALUE)
    chat = export("\n".join([*lines, "13/08/22, 10:00 - Sari: b"]))
    assert (chat.form.order, chat.form.order_evidence) == (DateOrder.DAY_FIRST, OrderEvidence.VALUE)


def test_date_order_by_the_sequence() -> None:
    chat = export("11/03/22, 10:00 - Sari: a\n12/03/22, 10:00 - Sari: b\n02/04/22, 10:00 - Sari: c")
    assert (chat.form.order, chat.form.order_evidence) == (DateOrder.DAY_FIRST, OrderEvidence.SEQUENCE)
    chat = export("03/11/22, 10:00 - Sari: a\n03/12/22, 10:00 - Sari: b\n04/02/22, 10:00 - Sari: c")
    assert (chat.form.order, chat.form.order_evidence) == (DateOrder.MONTH_FIRST, OrderEvidence.SEQUENCE)


def test_year_of_two_figures_may_stand_first() -> None:
    chat = export("\n".join(f"22/3/{day}, 10:00 - Sari: a" for day in range(5, 30)))
    assert chat.form.order is DateOrder.YEAR_FIRST
    assert local(next(chat.messages())) == "2022-03-05 10:00:00"


def test_undecided_order_is_a_question() -> None:
    text = "02/11/22, 10:00 - Sari: a\n03/11/22, 10:00 - Sari: b"
    with pytest.raises(Invalid) as caught:
        export(text)
    assert caught.value.code == "undecided-date-order"
    assert caught.value.details["example"] == "02/11/22"
    assert "--day-first" in str(caught.value.hint)
    assert local(read(text, day_first=True)[0]) == "2022-11-02 10:00:00"
    assert local(read(text, day_first=False)[0]) == "2022-02-11 10:00:00"


def test_dots_and_equal_numbers_need_no_question() -> None:
    assert (
        export("[02.11.22, 10:00:00] Sari: a\n[03.11.22, 10:00:00] Sari: b").form.order_evidence
        is OrderEvidence.SEPARATOR
    )
    assert export("05/05/22, 10:00 - Sari: a").form.order_evidence is OrderEvidence.EITHER


def test_a_wrong_answer_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        export("18/03/22, 10:00 - Sari: a", day_first=False)
    assert caught.value.code == "wrong-date-order"


def test_instants_follow_the_zone_and_its_changes() -> None:
    text = "26/03/22, 23:00 - Sari: a\n27/03/22, 01:30 - Sari: b\n27/03/22, 03:30 - Sari: c\n28/03/22, 10:00 - Sari: d"
    at = [message.at for message in export(text, zone=ZoneInfo("Europe/Berlin")).messages()]
    expected = [(26, 22, 0), (27, 0, 30), (27, 1, 30), (28, 8, 0)]
    assert at == [int(datetime(2022, 3, day, hour, minute, tzinfo=UTC).timestamp()) for day, hour, minute in expected]
    jakarta = next(export("18/03/22, 07:00 - Sari: a", zone=JAKARTA).messages())
    assert jakarta.at == int(datetime(2022, 3, 18, tzinfo=UTC).timestamp())
    assert local(jakarta) == "2022-03-18 07:00:00"


def test_the_repeated_hour_stays_in_sequence() -> None:
    text = "30/10/22, 02:10 - S: a\n30/10/22, 02:50 - S: b\nc\n30/10/22, 02:20 - S: d\n30/10/22, 03:10 - S: e"
    at = [message.at for message in export(text, zone=ZoneInfo("Europe/Berlin")).messages()]
    assert at == sorted(at)
    assert at[-1] - at[0] == timedelta(hours=2).total_seconds()


def test_text_keeps_its_lines_and_loses_hidden_marks() -> None:
    text = (
        "[18/03/22, 14:56:01] Sari: baris\u00a0satu\n\nbaris \u2068@Budi\u2069 tiga 👩\u200d🍳\n"
        "[18/03/22, 14:57:00] Budi: \u200fשלום"
    )
    first, second = read(text)
    assert first.text == "baris satu\n\nbaris @Budi tiga 👩\u200d🍳"
    assert second.text == "שלום"
    assert second.line == 4


def test_announcements_are_no_messages() -> None:
    android = read(
        "18/03/22, 14:56 - Messages and calls are end-to-end encrypted.\n"
        '18/03/22, 14:57 - Sari created group "Promo: Lebaran"\n'
        "18/03/22, 14:58 - Sari: halo: apa kabar\n"
        "18/03/22, 14:59 - Budi:\n"
        "18/03/22, 14:59 - You were added\n"
    )
    assert [message.is_system for message in android] == [True, True, False, False, True]
    assert android[1].text == 'Sari created group "Promo: Lebaran"'
    assert (android[2].author, android[2].text) == ("Sari", "halo: apa kabar")
    assert (android[3].author, android[3].text) == ("Budi", "")
    ios = read(
        "[18/03/22, 14:56:01] Keluarga: \u200eMessages and calls are end-to-end encrypted. Only you can read them.\n"
        "\u200e[18/03/22, 14:56:02] Keluarga: \u200eSari added you\n"
        "[18/03/22, 14:56:03] Sari: halo"
    )
    assert [message.is_system for message in ios] == [True, True, False]


def test_equal_messages_of_one_minute_are_counted() -> None:
    said = ("56 - Sari", "56 - Sari", "56 - Budi", "56 - Sari", "57 - Sari")
    text = "".join(f"18/03/22, 14:{each}: ok\n" for each in said)
    messages = read(text)
    assert [message.ordinal for message in messages] == [0, 1, 0, 2, 0]
    assert len({message.key for message in messages}) == 5
    longer = read(text + "18/03/22, 14:58 - Sari: baru")
    assert [message.key for message in longer[:5]] == [message.key for message in messages]


def test_a_pasted_conversation_stays_in_its_message() -> None:
    text = (
        "[18/03/22, 14:56:01] Sari: halo\n"
        "[19/03/22, 09:00:00] Budi: [18/03/22, 14:56:01] Sari: halo\n"
        "[18/03/22, 15:00:00] Ani: ya\n"
        "[19/03/22, 09:01:00] Sari: oh\n"
    )
    messages = read(text)
    assert [message.author for message in messages] == ["Sari", "Budi", "Sari"]
    assert messages[1].text == "[18/03/22, 14:56:01] Sari: halo\n[18/03/22, 15:00:00] Ani: ya"


def test_a_stamp_in_another_form_stays_text_unless_it_fits() -> None:
    chat = export("[18/03/22, 14:56:01] Sari: lihat\n1/2/22, 10:00 - Budi: lama\n[18/03/22, 15:00:00] Sari: ya")
    assert [message.author for message in chat.messages()] == ["Sari", "Sari"]
    assert [(finding.line, finding.code) for finding in chat.findings] == [(2, "stamp-in-text")]
    fits = read("[18/03/22, 14:56:01] Sari: a\n18/03/22, 14:58 - Budi: b\n[18/03/22, 15:00:00] Sari: c")
    assert [(message.author, message.text) for message in fits] == [("Sari", "a"), ("Budi", "b"), ("Sari", "c")]


def test_an_impossible_date_is_text_with_a_finding() -> None:
    chat = export("18/03/22, 14:56 - Sari: a\n31/02/22, 14:57 - Sari: b\n19/03/22, 14:57 - Sari: c")
    first, second = chat.messages()
    assert first.text == "a\n31/02/22, 14:57 - Sari: b"
    assert second.text == "c"
    assert [(finding.line, finding.code) for finding in chat.findings] == [(2, "no-such-date")]


def test_what_stands_before_the_first_message_is_named() -> None:
    chat = export("sisa pesan\nterpotong\n18/03/22, 14:56 - Sari: a")
    assert [message.text for message in chat.messages()] == ["a"]
    assert str(next(iter(chat.findings)).message) == "lines 1 to 2 stand before the first message: left out"


@pytest.mark.parametrize("text", ["", "just a letter\nto somebody\n", "2022-03-18 something happened\n"])
def test_other_texts_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        export(text)
    assert caught.value.code in ("empty-file", "not-a-chat-export")
    assert caught.value.hint is not None


def test_a_calendar_that_is_not_read_is_a_sentence() -> None:
    with pytest.raises(Invalid) as caught:
        export("[١٨/٨/١٤٤٣ هـ، ٢:٥٦:٠١ م] Sari: a")
    assert caught.value.code == "unread-calendar"
    assert "Gregorian" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("persian", "common"),
    [
        ("1400/01/01", "2021-03-21"),
        ("1399/12/30", "2021-03-20"),
        ("1401/01/01", "2022-03-21"),
        ("1403/01/01", "2024-03-20"),
        ("1403/12/30", "2025-03-20"),
        ("1404/01/01", "2025-03-21"),
        ("1402/06/31", "2023-09-22"),
        ("1402/07/01", "2023-09-23"),
    ],
)
def test_persian_dates(persian: str, common: str) -> None:
    assert local(read(f"[{persian}, 10:00:00] Sari: a")[0]) == f"{common} 10:00:00"


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"18/03/22, 14:{minute:02} - Sari: pesan {minute}\nbaris kedua 👍 {minute}" for minute in range(60)]
    text = "\n".join(lines)
    whole = read(text)
    assert len(whole) == 60
    for size in (7, 64, 501):
        monkeypatch.setattr("wacli.importers.text_blocks.TextBlocks.__init__.__defaults__", (size,))
        assert read("18/03/22, 13:00 - Sari: awal\n" * 3 + text)[3:] == [m._replace(line=m.line + 3) for m in whole]


# --- chats that others wrote for their tests ---------------------------------------------------------------------


def _fixture(*parts: str) -> Path:
    return fixtures_dir().joinpath("chat-exports", *parts)


@pytest.mark.parametrize(
    "name",
    [
        "test_[mmddyy]_24hrs.txt",
        "test_ddmmyy_24hrs.txt",
        "test_mmddyy_24hrs.txt",
        "test_mmddyyyy_12hrs.txt",
        "test_yyyymmdd_24hrs.txt",
    ],
)
def test_chat_miner(name: str) -> None:
    chat = read_chat(_fixture("chat-miner", name), zone=JAKARTA)
    messages = list(chat.messages())
    said = [
        {"timestamp": local(m).replace(" ", "T"), "author": m.author, "message": m.text.replace("\n", " ")}
        for m in reversed(messages)
        if not m.is_system
    ]
    assert said == json.loads(_fixture("chat-miner", "target.json").read_text(encoding="utf-8"))
    assert len(messages) == 9


def test_chatistics_ios() -> None:
    chat = read_chat(_fixture("chatistics", "_chat.txt"), zone=JAKARTA)
    messages = list(chat.messages())
    assert len(messages) == 21
    assert sum(message.is_system for message in messages) == 1
    assert messages[17].text.endswith("\n[1.2.2019, 00:00:00] John Doe: this line is not a message on its own")
    assert messages[19].text == "What is that?\n2/11/19, 14:48 Alice Placeholder: this is a message from another chat!"
    assert {message.author for message in messages} == {"Alice Placeholder", "John Doe", None}
    second = list(read_chat(_fixture("chatistics", "_chat_2.txt"), zone=JAKARTA).messages())
    assert [local(message) for message in second] == [
        "2019-09-17 16:37:47",
        "2019-09-17 16:38:06",
        "2019-09-17 16:38:59",
        "2019-09-17 16:39:52",
    ]


def test_chatistics_android() -> None:
    path = _fixture("chatistics", "_chat_3.txt")
    with pytest.raises(Invalid, match="undecided-date-order"):
        read_chat(path, zone=JAKARTA)
    messages = [m for m in read_chat(path, zone=JAKARTA, day_first=False).messages() if not m.is_system]
    assert [local(message) for message in messages] == [
        f"2019-{stamp}:00"
        for stamp in (
            *("02-11 14:18", "02-11 14:21", "02-11 14:21", "02-11 14:21", "02-11 14:22"),
            *("10-11 14:25", "02-11 14:33", "02-11 14:48", "02-11 14:51"),
        )
    ]
    fourth = list(read_chat(_fixture("chatistics", "_chat_4.txt"), zone=JAKARTA).messages())
    assert [local(message) for message in fourth] == [
        "2019-09-17 08:30:52",
        "2019-09-17 16:30:10",
        "2019-09-18 16:50:32",
    ]


def test_three_forms_in_one_file() -> None:
    messages = list(read_chat(_fixture("whatsapp-chat-parser-rb", "sample-mixed.txt"), zone=JAKARTA).messages())
    assert [message.author for message in messages] == ["John Doe", "Jane Smith", "Alice", "Bob", "Charlie", None, None]
    assert messages[1].text.endswith("\nto test grouping.")
    assert messages[3].text == "And another iOS message.\nWith multi-line\ncontent as well."


def test_an_ios_archive() -> None:
    chat = read_chat(_fixture("whatsapp-chat-parser-website", "whatsapp-chat-parser-example.zip"), zone=JAKARTA)
    messages = list(chat.messages())
    assert len(messages) == 52
    assert len(chat.attachments) == 4
    named = [(message.kind, message.file_name) for message in messages if message.file_name]
    assert [kind for kind, _ in named] == ["image", "video", "audio", "document"]
    assert {name for _, name in named} == set(chat.attachments)
    assert [message.kind for message in messages].count("poll") == 1
    assert not len(chat.findings)


@pytest.mark.parametrize(("name", "count"), [("testChat2.txt", 9), ("testChat3.txt", 10)])
def test_exports_of_2012(name: str, count: int) -> None:
    messages = list(read_chat(_fixture("whatsapp-parser-2012", name), zone=JAKARTA, day_first=True).messages())
    assert len(messages) == count
    assert {message.author for message in messages} == {"UsernameOne", "UsernameTwo"}
    assert local(messages[0]) == "2012-12-09 17:02:35"
