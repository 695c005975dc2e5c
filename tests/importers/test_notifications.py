"""Notifications out of files: every layout, every kind of damage, each body with its own bytes and place."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.payloads import PAYLOADS, batch, payload, payload_bytes, payload_names
from wacli.domain.problem import Invalid, NotFound
from wacli.importers import json_stream
from wacli.importers.notifications import Body, Rejected, decode, digest, read

ONE = payload("messages/text")
TWO = payload("messages/text-escaped")
LINE = json.dumps(ONE)
PRETTY = json.dumps(TWO, indent=2, ensure_ascii=False)
ENTRY = '{"entry": []}'
CUT_OFF = "this document is cut off before its end"
NO_JSON = "this is not JSON from column {column} on"
NOT_OURS = "this is JSON, but no WhatsApp notification"
BAD_NUMBER = "it holds a number that JSON does not have, or one beyond all bounds"
TOO_DEEP = "it is nested too deeply"
UNCLOSED_LIST = "the list that begins here is not closed"


def found(text: str | bytes) -> list[Body | Rejected]:
    return list(read(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def values(text: str | bytes) -> list[Any]:
    parts = found(text)
    assert not [part for part in parts if isinstance(part, Rejected)], parts
    return [part.value for part in parts if isinstance(part, Body)]


def told(text: str | bytes) -> list[int | tuple[int, str]]:
    """The line of each body, and the line and sentence of each rejection, in order."""
    return [
        (part.line, part.problem.one) if isinstance(part, Rejected) else int(part.place.rpartition(":")[2])
        for part in found(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{LINE}\n{json.dumps(TWO)}\n",
        f"{LINE}\n\n  {json.dumps(TWO)}",
        f"{LINE}\r\n{json.dumps(TWO)}\r\n",
        f"{LINE}{json.dumps(TWO)}",
        f"{LINE} {PRETTY}",
        f"{json.dumps(ONE, indent=2)}\n{PRETTY}\n",
        f"{json.dumps(ONE, indent=4)}{PRETTY}",
        json.dumps(ONE, indent=2).replace("\n", "\r\n") + "\r\n" + PRETTY.replace("\n", "\r\n"),
        json.dumps(ONE, indent=2).replace("\n", "\r") + "\r" + PRETTY.replace("\n", "\r"),
        re.sub(r"(?m)^ +", "", json.dumps(ONE, indent=2) + "\n" + PRETTY),
        json.dumps([ONE, TWO]),
        json.dumps([ONE, TWO], indent=2),
        json.dumps([ONE, TWO], indent="\t"),
        json.dumps([[ONE], [[TWO]]], indent=1),
        f"[{LINE},\n{PRETTY}]\n",
        f"[\n{LINE}\n,\n{PRETTY}\n]\n",
        f"{LINE},\n{json.dumps(TWO)},\n",
        json.dumps({"first": ONE, "second": [TWO]}),
        json.dumps({"first": ONE, "second": [TWO]}, indent=2),
        json.dumps({"tests": {"a": {"headers": {"x": '"{['}, "body": ONE}, "b": [1, None, {"c": [TWO]}]}}, indent=1),
        "\ufeff" + f"{LINE}\n{PRETTY}",
        "\ufeff" + json.dumps([ONE, TWO]),
    ],
)
def test_every_layout_holds_the_same_two(text: str) -> None:
    assert values(text) == [ONE, TWO]


def test_the_bytes_are_those_of_the_source() -> None:
    odd = b'{ "entry" : [ ],\t"object":"\\u0077hatsapp_business_account", "x": "\xc3\xa9\\/" }'
    wrapped = b'[{"a": ' + odd + b"},\n " + odd + b" ]"
    assert [part.raw for part in found(odd + b"  \n") + found(wrapped) if isinstance(part, Body)] == [odd] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{LINE}\n{PRETTY}\n{LINE}", [1, 2, 2 + PRETTY.count("\n") + 1]),
        (f"\n\n{LINE}", [3]),
        (f"[\n{LINE},\n\n{LINE}]", [2, 4]),
        (f'{{\n"a": {ENTRY},\n"b": [\n{ENTRY}]}}', [2, 4]),
    ],
)
def test_places_are_lines(text: str, expected: list[int]) -> None:
    assert told(text) == expected
    assert all(part.place.startswith("stdin:") for part in found(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "nothing in it")]),
        (" \n\n", [(2, "nothing in it")]),
        ("[]", []),
        ("{}", [(1, NOT_OURS)]),
        ("42", [(1, NOT_OURS)]),
        ("null", [(1, NOT_OURS)]),
        ('"text"', [(1, NOT_OURS)]),
        ('{"a":1}', [(1, NOT_OURS)]),
        ('{"entry":{}}', [(1, NOT_OURS)]),
        ("[1,2,3]", [(1, NOT_OURS)]),
        (f'{ENTRY}\n{{"a":1}}\n{ENTRY}', [1, (2, NOT_OURS), 3]),
        (f"hello\nworld\n{ENTRY}", [(1, NO_JSON), (2, NO_JSON), 3]),
        (f"{ENTRY} oops {ENTRY}\n{ENTRY}", [1, (1, NO_JSON), 2]),
        (f'{{"entry": [NaN]}}\n{ENTRY}', [(1, BAD_NUMBER), 2]),
        (f'{{"entry": [-Infinity]}}\n{ENTRY}', [(1, BAD_NUMBER), 2]),
        (f'{{"entry": [1e400]}}\n{ENTRY}', [(1, BAD_NUMBER), 2]),
        (f'{{"entry": [{"9" * 5000}]}}\n{ENTRY}', [(1, BAD_NUMBER), 2]),
        (f'{{"entry": {"[" * 100_000}{"]" * 100_000}}}\n{ENTRY}', [(1, TOO_DEEP), 2]),
        ('{"entry":' * 100_000 + f"\n{ENTRY}", [(1, TOO_DEEP), 2]),
        (f"{'[' * 100_000}{']' * 100_000}\n{ENTRY}", [(1, TOO_DEEP), 2]),
        (f"[{ENTRY},", [1, (1, UNCLOSED_LIST)]),
        (f"{ENTRY}\n]\n{ENTRY}", [1, (2, "a bracket closes what was never opened"), 3]),
        (f'{{"entry": ["tab\there"]}}\n{ENTRY}', [(1, NO_JSON), 2]),
        (f"{{'entry': []}}\n{ENTRY}", [(1, NO_JSON), 2]),
        (f'{{"entry": [],}}\n{ENTRY}', [(1, NO_JSON), 2]),
    ],
)
def test_what_is_no_notification_is_named_and_the_rest_is_read(text: str, expected: list[Any]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize("cut", [1, 2, 10, 40, 47, 60, 80, 200, len(LINE) - 1])
def test_a_line_cut_off_anywhere_costs_only_itself(cut: int) -> None:
    lines = [LINE, LINE[:cut], LINE, LINE]
    parts = found("\n".join(lines))
    assert [part.value for part in parts if isinstance(part, Body)] == [ONE] * 3
    (rejected,) = [part for part in parts if isinstance(part, Rejected)]
    assert (rejected.line, rejected.place) == (2, "stdin:2")
    assert LINE.startswith(rejected.excerpt)
    assert found(LINE[:cut])[-1] == rejected._replace(line=1, place="stdin:1")


@pytest.mark.parametrize("after", [LINE, PRETTY, f"[{LINE}]"])
@pytest.mark.parametrize("cut", range(1, PRETTY.count("\n")))
def test_a_pretty_document_cut_off_after_any_line_costs_only_itself(cut: int, after: str) -> None:
    broken = "\n".join(PRETTY.split("\n")[:cut])
    assert told(f"{broken}\n{after}") == [(1, CUT_OFF), cut + 1]


@pytest.mark.parametrize("cut", range(2, len(PRETTY) - 1, 7))
def test_a_pretty_document_cut_off_within_a_line_costs_only_itself(cut: int) -> None:
    *first, last = told(f"{PRETTY[:cut]}\n{LINE}")
    assert last == PRETTY[:cut].count("\n") + 2
    assert len(first) == 1
    assert isinstance(first[0], tuple)


def test_a_broken_element_costs_only_itself() -> None:
    elements = [json.dumps(TWO, indent=2), '{\n  "entry": [\n    tru\n  ]\n}', json.dumps(ONE, indent=2)]
    text = "[\n" + ",\n".join(re.sub("(?m)^", "  ", element) for element in elements) + "\n]\n"
    first, broken, last = found(text)
    assert isinstance(first, Body)
    assert isinstance(last, Body)
    assert isinstance(broken, Rejected)
    assert (first.value, last.value) == (TWO, ONE)
    assert broken.excerpt == "tru"
    assert text.split("\n")[broken.line - 1].strip() == "tru"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_named(encoding: str) -> None:
    assert told(f"{LINE}\n{LINE}".encode(encoding)) == [(1, "this is UTF-16 text: save it as UTF-8")]


@pytest.mark.parametrize("junk", [b'{"entry": ["caf\xe9"]}', b"\xff" * 100, b'{"entry": ["\xed\xa0\xbd"]}', b"\x80{}"])
def test_what_is_not_utf8_costs_only_its_line(junk: bytes) -> None:
    assert told(junk + b"\n" + LINE.encode()) == [(1, "this is not UTF-8 text"), 2]


def test_half_an_emoji_is_no_reason_to_lose_a_message() -> None:
    (body,) = found(payload_bytes("odd/half-an-emoji"))
    assert isinstance(body, Body)
    assert body.raw == payload_bytes("odd/half-an-emoji")
    assert digest(body.value)


def test_a_line_too_long_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_LINE", 1000)

    class Stream(io.BytesIO):
        longest = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            self.longest = max(self.longest, len(line))
            return line

    stream = Stream(f"{ENTRY}\n{'x' * 5_000_000}\n{ENTRY}\n{'y' * 2_000_000}".encode())
    parts = list(read(stream))
    assert [type(part) for part in parts] == [Body, Rejected, Body, Rejected]
    assert [part.place for part in parts] == [f"stdin:{line}" for line in (1, 2, 3, 4)]
    assert stream.longest <= 1024 * 1024


def test_a_million_escapes_are_read_once() -> None:
    hostile = '{"entry": ["' + '\\"' * 1_000_000
    assert told(f"{hostile}\n{ENTRY}") == [(1, CUT_OFF), 2]
    assert told(f"{{\n{hostile}\n{ENTRY}") == [(1, CUT_OFF), (2, CUT_OFF), 3]


def test_a_document_too_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_LINE", 1000)
    long = "{\n" + '  "a": [],\n' * 200 + '  "entry": []\n}'
    first, *rest = told(f"{long}\n{ENTRY}")
    assert isinstance(first, tuple)
    assert "longer than" in first[1]
    assert rest == [204]


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.NDJSON").write_text(f"{LINE}\n{LINE}")
    (tmp_path / "b" / "1.txt").write_text("broken")
    (tmp_path / "a.json").write_text(PRETTY)
    (tmp_path / "c.jsonl").write_text("")
    (tmp_path / "notes.md").write_text("not read")
    (tmp_path / "d.json").mkdir()
    places = [str(Path(part.place.rpartition(":")[0]).relative_to(tmp_path)) for part in read(tmp_path)]
    assert places == ["a.json", str(Path("b", "1.txt")), *[str(Path("b", "2.NDJSON"))] * 2, "c.jsonl"]


def test_an_unreadable_file_is_named_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text(LINE)
    (tmp_path / "b.json").write_text(LINE)
    open_anything = Path.open

    def open_most(self: Path, *arguments: Any, **more: Any) -> Any:
        if self.name == "a.json":
            raise PermissionError(13, os.strerror(13))
        return open_anything(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", open_most)
    rejected, body = read(tmp_path)
    assert isinstance(rejected, Rejected)
    assert rejected.place == f"{tmp_path / 'a.json'}:1"
    assert str(rejected.problem) == "it cannot be read: Permission denied"
    assert isinstance(body, Body)


def test_no_such_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as problem:
        read(tmp_path / "missing.json")
    assert problem.value.code == "no-such-file"


def test_our_own_payloads_are_all_read() -> None:
    parts = list(read(PAYLOADS))
    assert [part for part in parts if isinstance(part, Rejected)] == []
    assert len(parts) == len(payload_names())


def test_a_big_batch_is_one_body() -> None:
    assert values(json.dumps(batch(1000))) == [batch(1000)]


def test_reading_is_lazy() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield LINE.encode() + b"\n"

    class Stream(io.BytesIO):
        lines = endless()

        def readline(self, size: int | None = -1, /) -> bytes:
            return next(self.lines)

    bodies = read(Stream())
    assert [next(bodies).place for _ in range(3)] == ["stdin:1", "stdin:2", "stdin:3"]


@given(st.binary(max_size=200))
def test_any_bytes_at_all(junk: bytes) -> None:
    """Nothing raises, and a notification on a line of its own is found between any two heaps of junk."""
    list(read(io.BytesIO(junk)))
    text = junk.replace(b'"', b"'").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    around = b"#" + text + b"\n" + LINE.encode() + b"\n" + text
    assert ONE in [part.value for part in read(io.BytesIO(around)) if isinstance(part, Body)]


TOKENS = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', "\n", "  ", '"entry"', "1", "null", "\\", LINE, ENTRY, PRETTY]
)


@given(st.lists(TOKENS, max_size=30))
def test_any_brackets_at_all(tokens: list[str]) -> None:
    text = "".join(tokens)
    for part in found(text):
        if isinstance(part, Body):
            assert json.loads(part.raw) == part.value
        else:
            assert 1 <= part.line <= text.count("\n") + 1
            assert len(part.excerpt) <= 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def shuffled(value: Any) -> Any:
    """The same value with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(part) for part in value] if isinstance(value, list) else value


@given(JSON)
def test_the_digest_sees_content_only(value: Any) -> None:
    written = [
        json.dumps(value),
        json.dumps(shuffled(value), indent=3),
        json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/"),
        json.dumps(shuffled(value), ensure_ascii=False),
    ]
    digests = {digest(json.loads(text)) for text in written}
    assert len(digests) == 1
    assert len(digests.pop()) == 16
    assert digest([value]) != digest(value)


@given(JSON, JSON)
def test_other_content_has_another_digest(first: Any, second: Any) -> None:
    same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (digest(first) == digest(second)) == same


def test_the_digest_survives_any_depth() -> None:
    def deep(end: Any) -> Any:
        value = end
        for level in range(100_000):
            value = [value, level] if level % 2 else {"b": value, "a": None}
        return value

    assert digest(deep(1)) == digest(deep(1)) != digest(deep(2))


def test_one_value_is_decoded_strictly() -> None:
    assert decode(b'\xef\xbb\xbf {"a": "\\ud83d"}\n') == {"a": "\ud83d"}
    for raw in (b"", b"  ", b"{", b"{} {}", b"NaN", b"1e999", b"\xff", b"[" * 100_000, b"9" * 5000):
        with pytest.raises(Invalid) as problem:
            decode(raw)
        assert problem.value.code == "bad-json"
        assert str(problem.value.message)


BODY = '{"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": []}]}'


@pytest.mark.parametrize(
    "source",
    [
        json.dumps(BODY),
        json.dumps({"Records": [{"messageId": "1", "body": BODY}]}),
        json.dumps({"request": {"headers": {"x": "{not json"}, "body": f"\n {BODY}"}}),
        json.dumps({"log": json.dumps({"event": json.dumps([{"body": BODY}])})}),
    ],
)
def test_a_body_that_was_written_into_a_string_is_found(source: str) -> None:
    (part,) = found(source)
    assert isinstance(part, Body)
    assert part.raw == BODY.encode()


def test_lines_of_strings_keep_their_places() -> None:
    parts = found(json.dumps({"a": 1, "body": BODY}, indent=1) + "\n" + json.dumps({"body": BODY}))
    assert [part.place.rpartition(":")[2] for part in parts] == ["3", "5"]


def test_what_a_customer_writes_is_never_a_notification() -> None:
    said = {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {"text": BODY}}]}]}
    for source in (json.dumps(said), json.dumps({"payload": said}), json.dumps({"payload": json.dumps(said)})):
        (part,) = found(source)
        assert isinstance(part, Body)
        assert part.value == said


def test_packed_files_are_read_and_damage_costs_the_rest(tmp_path: Path) -> None:
    lines = [BODY.replace('"1"', f'"{number}"') for number in range(20_000)]
    packed = gzip.compress("\n".join(lines).encode(), 1)
    (tmp_path / "all.ndjson.gz").write_bytes(packed)
    assert [part.raw.decode() for part in read(tmp_path) if isinstance(part, Body)] == lines
    assert len(list(read(io.BytesIO(packed)))) == len(lines)
    for broken in (packed[: len(packed) // 2], packed[: len(packed) // 2] + b"?" * 500, packed[:-8] + bytes(8)):
        *before, last = read(io.BytesIO(broken), "all.gz")
        assert isinstance(last, Rejected)
        assert last.place.startswith("all.gz:")
        kept = [part.raw.decode() for part in before if isinstance(part, Body)]
        assert len(kept) > 1_000
        assert kept == lines[: len(kept)]
