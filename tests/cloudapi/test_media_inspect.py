"""What WhatsApp takes, told before anything goes up (facts: cloud-api.md section 3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from wacli.cloudapi.media import KINDS, LIMITS, inspect, same_checksum
from wacli.domain.problem import Invalid

HEADS = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-1.7",
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "ogg": b"OggS" + b"\0" * 24 + b"OpusHead\x01\x01",
}


def write(folder: Path, name: str, head: bytes, size: int | None = None) -> Path:
    path = folder / name
    with path.open("wb") as file:
        file.write(head)
        if size is not None:
            file.truncate(size)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "mime"),
    [
        ("a.JPG", "image", "image/jpeg"),
        ("a.png", "image", "image/png"),
        ("tiket saya.pdf", "document", "application/pdf"),
        ("a.webp", "sticker", "image/webp"),
        ("a.ogg", "audio", "audio/ogg"),
        ("a.mp4", "video", "video/mp4"),
        ("daftar.xlsx", "document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_the_kind_follows_the_name(tmp_path: Path, name: str, kind: str, mime: str) -> None:
    file = inspect(write(tmp_path, name, HEADS.get(name.rsplit(".", 1)[1].lower(), b"xx")))
    assert (file.kind, file.mime_type, file.name) == (kind, mime, name)


@pytest.mark.parametrize("extension", sorted(KINDS))
def test_the_limit_of_each_kind_is_exact(tmp_path: Path, extension: str) -> None:
    kind, mime = KINDS[extension]
    head = next((HEADS[key] for key in HEADS if KINDS[key][1] == mime), b"xx")
    assert inspect(write(tmp_path, f"a.{extension}", head, LIMITS[kind])).size == LIMITS[kind]
    with pytest.raises(Invalid) as caught:
        inspect(write(tmp_path, f"b.{extension}", head, LIMITS[kind] + 1))
    assert caught.value.code == "file-too-large"


def test_animated_stickers_may_be_larger(tmp_path: Path) -> None:
    head = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02"
    assert inspect(write(tmp_path, "a.webp", head, 500 * 1024)).kind == "sticker"
    with pytest.raises(Invalid):
        inspect(write(tmp_path, "b.webp", head, 500 * 1024 + 1))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.zip", b"PK", "bad-media"),
        ("noextension", b"xx", "bad-media"),
        ("a.png", b"\xff\xd8\xff", "bad-media"),
        ("a.pdf", b"<html>", "bad-media"),
        ("a.ogg", b"OggS" + b"\0" * 24 + b"\x01vorbis", "bad-media"),
        ("a.ogg", b"OggS" + b"\0" * 24 + b"OpusHead\x01\x02", "bad-media"),
        ("a.txt", b"", "empty-file"),
    ],
)
def test_what_whatsapp_refuses_is_refused_here(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        inspect(write(tmp_path, name, content))
    assert caught.value.code == code


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pdf", tmp_path):
        with pytest.raises(Invalid) as caught:
            inspect(path)
        assert caught.value.code == "no-file"


def test_checksums_in_strange_forms_prove_nothing() -> None:
    digest = bytes(32)
    assert same_checksum(None, digest) is None
    assert same_checksum("<HASH>", digest) is None
    assert same_checksum("z" * 64, digest) is None
    assert same_checksum("00" * 32, digest) is True
    assert same_checksum("01" * 32, digest) is False
