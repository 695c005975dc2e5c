"""Template files on disk: YAML without its traps, hostile files, names, differences, exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_template_file import HEAD, components, read
from tests.support.fixtures import json_under
from wacli.domain.problem import Invalid, NotFound, Problem
from wacli.domain.template_draft import TemplateDraft
from wacli.domain.template_file import read_document
from wacli.services.template_files import (
    diff,
    export,
    file_name,
    from_yaml,
    is_file_word,
    read_file,
    read_files,
    to_yaml,
)

X = Path("x.yaml")


@given(st.lists(components, max_size=3))
def test_yaml_brings_every_draft_back(parts: list[dict[str, object]]) -> None:
    draft = read(components=parts)
    assert read_document(from_yaml(to_yaml(draft), X), "x") == draft


def test_published_create_bodies_survive_yaml_and_json(tmp_path: Path) -> None:
    for name, body in json_under("templates").items():
        if "/create/" not in f"/{name}":
            continue
        draft = read_document(body, name)
        (tmp_path / "a.yaml").write_text(to_yaml(draft), "utf-8")
        (tmp_path / "a.json").write_text(json.dumps(body), "utf-8")
        assert read_file(tmp_path / "a.yaml").draft.create_body == body
        assert read_file(tmp_path / "a.json").draft.create_body == body


def test_yaml_words_stay_words() -> None:
    text = "a: Yes\nb: 0812\nc: 12:30\nd: 2026-11-22\ne: 1.50\nf: off\ng: 1e3\n1: x\nh: 12\ni: true\nj:\n"
    assert from_yaml(text, X) == {
        "a": "Yes", "b": "0812", "c": "12:30", "d": "2026-11-22", "e": "1.50", "f": "off", "g": "1e3", "1": "x",
        "h": 12, "i": True, "j": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "1: a\n'1': b",
        "a: &x [1]\nb: *x",
        "a: &a [*a]",
        "[" * 100_000,
        "{a: " * 200,
        "!!python/object/apply:os.system [id]",
        "a: !!python/name:os.system",
        "a: !!int x",
        "? [a]\n: b",
        "a: b: c",
        "a: 'open",
        "\x00",
        "--- a\n--- b",
        "%YAML 9.9\n--- a",
    ],
)
def test_hostile_yaml_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        from_yaml(text, X)
    assert refused.value.code == "bad-template-file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'{"name": "a", "name": "b"}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b"{"),
        ("a.json", b"[]"),
        ("a.yaml", b"\xff\xfe"),
        ("a.yaml", b"name: " + b"x" * 300_000),
        ("a.yaml", b""),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as refused:
        read_file(tmp_path / name)
    assert refused.value.code == "bad-template-file"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_file(tmp_path / "none.yaml")
    with pytest.raises(NotFound):
        read_files(tmp_path / "none")


def test_a_folder_holds_each_template_once(tmp_path: Path) -> None:
    draft = read(body="x")
    for name in ("b.yaml", "a.yml", "note.txt"):
        (tmp_path / name).write_text(to_yaml(draft))
    with pytest.raises(Invalid) as refused:
        read_files(tmp_path)
    assert refused.value.code == "twice-in-folder"
    (tmp_path / "b.yaml").unlink()
    assert [one.path.name for one in read_files(tmp_path)] == ["a.yml"]


def test_words_that_are_files() -> None:
    assert all(is_file_word(word) for word in ("a.yaml", "A.JSON", "t/a", "./a.yml"))
    assert not any(is_file_word(word) for word in ("order_ready", "yaml"))


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("order_ready", "id", "order_ready.id.yaml"),
        ("order_ready", "en_US", "order_ready.en_US.yaml"),
        ("../../etc/passwd", "id", None),
        ("a/b", "id", None),
        ("", "id", None),
        ("a", "../x", None),
        ("a" * 300, "id", None),
    ],
)
def test_names_from_elsewhere_lead_nowhere(name: str, language: str, expected: str | None) -> None:
    assert file_name(TemplateDraft(name, language, "UTILITY", ())) == expected


def test_a_difference_is_told_in_the_files_own_words() -> None:
    held, wanted = (
        read(body="Halo {{1}} lama.", examples={"1": "A"}),
        read(body="Halo {{1}} baru.", examples={"1": "A"}),
    )
    assert diff(held, held) == ()
    assert "-body: Halo {{1}} lama." in diff(wanted, held)
    assert "+body: Halo {{1}} baru." in diff(wanted, held)
    assert all(line.startswith("+") for line in diff(wanted, None))


def test_a_time_to_live_counts_only_where_the_file_names_one() -> None:
    plain, timed = read(body="x"), read(body="x", message_send_ttl_seconds=60)
    assert diff(plain, timed) == ()
    assert diff(timed, plain) != ()


def test_an_export_keeps_what_somebody_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    drafts = [read(body="x"), TemplateDraft("../x", "id", "UTILITY", ())]
    first = export(folder, drafts, overwrite=False)
    assert (first.written, first.left_out) == (["order_ready.id.yaml"], ["../x"])
    assert export(folder, drafts, overwrite=False).same == ["order_ready.id.yaml"]
    path = folder / "order_ready.id.yaml"
    path.write_text(path.read_text() + "footer: y\n")
    assert export(folder, drafts, overwrite=False).kept == ["order_ready.id.yaml"]
    assert "footer" in path.read_text()
    assert export(folder, drafts, overwrite=True).written == ["order_ready.id.yaml"]
    assert "footer" not in path.read_text()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["templates"]
    with pytest.raises(Problem):
        export(path, drafts, overwrite=True)


def test_a_block_of_text_has_no_line_break_of_yamls_at_its_end(tmp_path: Path) -> None:
    head = "".join(f"{key}: {value}\n" for key, value in HEAD.items())
    (tmp_path / "a.yaml").write_text(f"\ufeff{head}body: |\n  Halo {{{{nama}}}},\n  siap.\nexamples:\n  nama: Sari\n")
    assert read_file(tmp_path / "a.yaml").draft.components[0]["text"] == "Halo {{nama}},\nsiap."
