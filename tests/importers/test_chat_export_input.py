"""Files that arrive damaged, packed, in other encodings or with bad intent (issue 8, "Bad input")."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wacli.domain.chat_export import ChatMessage, DateOrder
from wacli.domain.problem import Invalid, NotFound, Problem
from wacli.importers.chat_export import ChatExport, read_chat
from wacli.importers.chat_export.opening import title_of

CHAT = "18/03/22, 14:56 - Sari: halo\n18/03/22, 14:57 - Budi: café 👍\n"
IOS_CHAT = (
    "[18/03/22, 14:56:01] Sari: halo\n"
    "\u200e[18/03/22, 14:57:02] Budi: \u200e<attached: 00000002-PHOTO-2022-03-18.jpg>\n"
)


def opened(data: bytes) -> ChatExport:
    return read_chat(io.BytesIO(data), zone=UTC)


def messages(data: bytes) -> tuple[list[ChatMessage], list[str]]:
    chat = opened(data)
    found = list(chat.messages())
    return found, [finding.code for finding in chat.findings]


def packed(*members: tuple[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


class Pipe(io.RawIOBase):
    """Standard input: it can be read once and not rewound."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._source = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1, /) -> bytes:
        return self._source.read(size)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_read_the_same(encoding: str, line_end: str) -> None:
    found, codes = messages((CHAT * 300).replace("\n", line_end).encode(encoding))
    assert [message.text for message in found] == ["halo", "café 👍"] * 300
    assert codes == []


def test_a_windows_code_page_is_read_and_said() -> None:
    chat = opened("18/03/22, 14:56 - Sari: café “ok”\n18/03/22, 14:57 - José: halo\n".encode("cp1252"))
    assert [(message.author, message.text) for message in chat.messages()] == [("Sari", "café “ok”"), ("José", "halo")]
    first = next(iter(chat.findings))
    assert (first.line, first.code) == (1, "not-utf8")
    assert str(first.message).startswith("line 1 is not UTF-8")


def test_damage_inside_utf8_is_shown_and_said() -> None:
    data = (CHAT + CHAT).encode()
    damaged = data[:-3] + b"x\n"  # in the middle of the last emoji
    found, codes = messages(damaged)
    assert len(found) == 4
    assert found[3].text.startswith("café ")
    assert codes == ["damaged-text"]


def test_a_file_cut_anywhere_gives_what_is_there() -> None:
    data = (CHAT * 4).encode()
    for end in range(40, len(data), 7):
        found, _ = messages(data[:end])
        assert len(found) >= data[:end].count(b" - ") - 1


@pytest.mark.parametrize(
    "chat", [CHAT, IOS_CHAT, CHAT.replace("\n", "\r\n"), CHAT.replace("18/03/22, 14:", "3/18/22, 2.")]
)
def test_a_file_that_breaks_off_in_a_stamp_or_a_name_says_so_and_leaves_that_line_out(chat: str) -> None:
    whole, _ = messages((chat * 3).encode())
    last = chat.splitlines()[0]
    text_at = last.index("Sari: ") + len("Sari: ")
    for end in range(6, text_at - 1):
        found, codes = messages((chat * 3 + last[:end]).encode())
        assert (found, codes) == (whole, ["cut-short"]), last[:end]
    found, codes = messages((chat * 3 + last[: text_at + 2]).encode())  # inside the words nobody can tell
    assert (len(found), codes) == (len(whole) + 1, [])


@pytest.mark.parametrize("last", ["18/03", "18", "jam 18/03/22", "18/03/22 ya", "14:57", "Budi"])
def test_an_end_without_a_line_feed_is_no_damage(last: str) -> None:
    found, codes = messages((CHAT + last).encode())
    assert (found[-1].text, codes) == (f"café 👍\n{last}", [])


def test_an_end_inside_a_character_is_said_and_the_message_kept() -> None:
    for cut in (1, 2, 3):
        found, codes = messages(CHAT.encode()[: -1 - cut])
        assert (found[-1].text, codes) == ("café ", ["cut-short"])
    found, codes = messages("18/03/22, 14:56 - Sari: caf\xe9".encode("latin-1"))
    assert (found[-1].text, codes) == ("café", ["not-utf8"])


def test_an_enormous_line_is_cut_in_bounded_memory() -> None:
    data = b"18/03/22, 14:56 - Sari: " + b"x" * 10_000_000 + b"\n18/03/22, 14:57 - Budi: ya\n"
    tracemalloc.start()
    try:
        found, codes = messages(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [len(message.text) for message in found] == [65_536, 2]
    assert codes == ["long-line", "long-message"]
    assert peak < 12_000_000


def test_hostile_lines_cost_no_more_than_others() -> None:
    hostile = (
        " " * 60_000 + ">",
        "<" * 60_000 + ">",
        "1/" * 30_000 + ")",
        "18/03/22, " * 6_000,
        "\u200e" * 20_000 + ">",
    )
    data = "".join(f"18/03/22, 14:56 - Sari: {text}\n{text}\n" for text in hostile).encode()
    began = time.process_time()
    found, _ = messages(data)
    assert len(found) == len(hostile)
    assert time.process_time() - began < 2


def test_a_message_of_a_million_lines_is_cut_in_bounded_memory() -> None:
    data = b"18/03/22, 14:56 - Sari: daftar\n" + b"baris\n" * 1_000_000 + b"18/03/22, 14:57 - Budi: ya\n"
    tracemalloc.start()
    try:
        found, codes = messages(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [len(message.text) for message in found] == [65_536, 2]
    assert found[1].line == 1_000_002
    assert codes == ["long-message"]
    assert peak < 60_000_000


def test_an_ios_archive_with_media_and_finder_leftovers() -> None:
    chat = opened(
        packed(
            ("__MACOSX/._chat.txt", b"\0\5\x16"),
            ("00000002-PHOTO-2022-03-18.jpg", b"jpeg"),
            ("_chat.txt", IOS_CHAT),
            ("note.txt", "shopping list"),
        )
    )
    assert [message.kind for message in chat.messages()] == ["text", "image"]
    assert chat.attachments == {"00000002-PHOTO-2022-03-18.jpg": 4, "note.txt": 13}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Sari Dewi.txt", "Sari Dewi"),
        ("WhatsApp Chat - Sari Dewi.zip", "Sari Dewi"),
        ("Chat WhatsApp dengan Sari Dewi.txt", "Sari Dewi"),
        ("Chat de WhatsApp con Sari Dewi.txt", "Sari Dewi"),
        ("WhatsApp-Chat mit Sari Dewi.zip", "Sari Dewi"),
        ("Discussion WhatsApp avec Sari Dewi.txt", "Sari Dewi"),
        ("Conversa do WhatsApp com Sari Dewi.txt", "Sari Dewi"),
        ("Чат WhatsApp с контактом Sari Dewi.txt", "Sari Dewi"),
        ("_chat.txt", None),
        ("export.zip", None),
    ],
)
def test_titles_come_from_the_file_name(name: str, title: str | None) -> None:
    assert title_of(name) == title


def test_the_localised_name_is_chosen_among_texts() -> None:
    chat = opened(packed(("letter.txt", "hello"), ("Chat WhatsApp dengan Sari.txt", CHAT), ("IMG-1.jpg", b"")))
    assert (chat.title, len(list(chat.messages()))) == ("Sari", 2)
    unnamed = opened(packed(("letter.txt", "hello"), ("a.txt", CHAT)))
    assert unnamed.chat.name == "a.txt"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packed(("a.jpg", b"1"), ("b.jpg", b"2")), "no-chat-in-archive"),
        (packed(("a.txt", CHAT), ("b.txt", CHAT)), "several-chats"),
        (packed(("../_chat.txt", CHAT)), "no-chat-in-archive"),
        (packed(("_chat.txt", b"0" * 100_000_000)), "chat-too-large"),
        (b"PK\x03\x04 nothing of the kind", "broken-archive"),
        (b"", "empty-file"),
    ],
)
def test_archives_that_are_no_chat_are_refused_with_a_hint(data: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        opened(data)
    assert caught.value.code == code
    assert caught.value.hint is not None


def test_paths_out_of_the_archive_are_left_out_and_named() -> None:
    chat = opened(packed(("_chat.txt", CHAT), ("../../etc/passwd", "x"), ("C:\\x.jpg", "x"), ("/abs.jpg", "x")))
    assert len(list(chat.messages())) == 2
    assert chat.attachments == {}
    assert [finding.code for finding in chat.findings] == ["unsafe-path"] * 3


def test_a_password_is_a_sentence() -> None:
    data = bytearray(packed(("_chat.txt", CHAT), method=zipfile.ZIP_STORED))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    with pytest.raises(Invalid) as caught:
        opened(bytes(data))
    assert caught.value.code == "encrypted-archive"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_truncated_archive_gives_what_is_there(method: int) -> None:
    lines = "".join(f"18/03/22, 14:{n % 60:02} - Sari: pesan nomor {n * n}\n" for n in range(3000))
    whole = packed(("00000001-PHOTO.jpg", bytes(range(256)) * 40), ("_chat.txt", lines), method=method)
    chat = opened(whole[: len(whole) // 2])
    found = list(chat.messages())
    assert 500 < len(found) < 3000
    assert [message.text for message in found[:-1]] == [f"pesan nomor {n * n}" for n in range(len(found) - 1)]
    assert [finding.code for finding in chat.findings] == ["broken-archive"]


def test_an_archive_with_damaged_contents_gives_what_comes_before() -> None:
    lines = "".join(f"18/03/22, 14:{n % 60:02} - Sari: pesan nomor {n * n}\n" for n in range(30_000))
    data = bytearray(packed(("_chat.txt", lines)))
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    chat = opened(bytes(data))
    found = list(chat.messages())
    assert 1000 < len(found) <= 30_000
    assert "broken-archive" in [finding.code for finding in chat.findings]


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_small_archive_with_damaged_contents_gives_what_comes_before(place: float) -> None:
    lines = "".join(f"18/03/22, 14:{n % 60:02} - Sari: pesan nomor {n * n}\n" for n in range(600))
    data = bytearray(packed(("_chat.txt", lines)))
    at = int(len(data) * place * 0.9)
    data[at : at + 24] = b"\xff" * 24
    chat = opened(bytes(data))
    found = list(chat.messages())
    sound = [message for n, message in enumerate(found) if message.text == f"pesan nomor {n * n}"]
    assert len(sound) > 600 * place * 0.5
    assert "broken-archive" in [finding.code for finding in chat.findings]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_false_checksum_loses_nothing(method: int) -> None:
    lines = "".join(f"18/03/22, 14:{n % 60:02} - Sari: pesan nomor {n * n}\n" for n in range(600))
    data = bytearray(packed(("_chat.txt", lines), method=method))
    data[data.rindex(b"PK\x01\x02") + 16] ^= 1
    chat = opened(bytes(data))
    assert len(list(chat.messages())) == 600
    assert [finding.code for finding in chat.findings] == ["broken-archive"]


@pytest.mark.parametrize("pasted", ["18/03/05, 14:00", "45/03/22, 14:00", "18/03/99, 14:00"])
def test_one_strange_date_does_not_turn_all_the_others(pasted: str) -> None:
    """A line that somebody pasted, or that damage made: the year stands where most dates have it."""
    lines = [f"{day}/03/22, 14:{day} - Sari: pesan {day}" for day in range(10, 29)]
    lines.insert(7, f"{pasted} - Sari: lama")
    chat = opened("\n".join(lines).encode())
    assert chat.form.order is DateOrder.DAY_FIRST
    years = Counter(datetime.fromtimestamp(message.at, UTC).year for message in chat.messages())
    assert years[2022] >= 18


def test_media_only_exports_are_messages_without_words() -> None:
    found, codes = messages(b"18/03/22, 14:56 - Sari: <Media omitted>\n18/03/22, 14:57 - Budi: <Media omitted>\n")
    assert [(message.kind, message.text) for message in found] == [("media", ""), ("media", "")]
    assert codes == []


def test_a_pipe_and_a_file_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Sari.txt"
    path.write_text(CHAT, encoding="utf-8")
    from_file = read_chat(path, zone=UTC)
    from_pipe = read_chat(Pipe(CHAT.encode()), zone=UTC)  # type: ignore[arg-type]
    assert list(from_file.messages()) == list(from_pipe.messages()) == list(from_pipe.messages())
    assert (from_file.title, from_pipe.title) == ("Sari", None)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_chat(tmp_path / "none.zip", zone=UTC)
    assert caught.value.code == "no-such-file"
