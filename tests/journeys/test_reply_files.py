"""`wacli reply --file`: the kind is read from the file, its limits are checked before anything goes up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import files
from tests.support.counter import Counter
from wacli.cloudapi.client import Client
from wacli.sandbox.puppet import Puppet

MB = 1024 * 1024


@pytest.fixture
def folder(counter: Counter) -> Path:
    """Where the files of a test are."""
    return counter.door.folder


def put(folder: Path, name: str, content: bytes, size: int | None = None) -> str:
    path = folder / name
    path.write_bytes(content + bytes((size or len(content)) - len(content)))
    return str(path)


@pytest.mark.parametrize(
    ("name", "content", "kind", "extra"),
    [
        ("mawar.png", files.PNG, "image", {"caption": "Ini kak"}),
        ("mawar.JPG", files.JPEG, "image", {"caption": "Ini kak"}),
        ("menu baru.pdf", files.PDF, "document", {"caption": "Ini kak", "filename": "menu baru.pdf"}),
        ("buket.mp4", files.MP4, "video", {"caption": "Ini kak"}),
        ("lagu.mp3", files.MP3, "audio", {}),
        ("suara.ogg", files.OPUS, "audio", {}),
        ("senyum.webp", files.WEBP, "sticker", {}),
    ],
)
def test_each_kind(
    counter: Counter, sari: Puppet, folder: Path, name: str, content: bytes, kind: str, extra: dict[str, str]
) -> None:
    words = ["Ini kak"] if "caption" in extra else []
    counter.forget()
    outcome = counter("reply", "Sari", *words, "--file", put(folder, name, content), "--json")
    assert (outcome.status, outcome.json[0]["state"]) == (0, "accepted"), outcome
    assert counter.requests == [("POST", "media"), ("POST", "messages")]
    sent = dict(counter.last[kind])
    media_id = sent.pop("id")
    assert counter.sandbox.media.kind_of(counter.sandbox.account, media_id, counter.door.now) is not None
    assert sent == extra
    said = counter("thread", "Sari", "--json").json["messages"][-1]
    assert (said["kind"], said["text"]) == (kind, extra.get("caption", name))


def test_a_voice_note(counter: Counter, sari: Puppet, folder: Path) -> None:
    note = put(folder, "suara.ogg", files.OPUS)
    assert counter("reply", "Sari", "--file", note, "--voice").status == 0
    assert counter.last["audio"]["voice"] is True
    counter.sandbox.advance(timedelta(minutes=1))
    counter.take_in()
    assert counter("thread", "Sari", "--json").json["messages"][-1]["status"] == "played"
    counter.refuses("bad-media", "reply", "Sari", "--file", put(folder, "lagu.mp3", files.MP3), "--voice", status=2)
    counter.refuses("bad-media", "reply", "Sari", "kata", "--file", note, "--voice", status=2)
    counter.refuses("missing", "reply", "Sari", "halo", "--voice", status=2)


@pytest.mark.parametrize(
    ("name", "content", "size", "code"),
    [
        ("besar.png", files.PNG, 5 * MB + 1, "file-too-large"),
        ("besar.mp4", files.MP4, 16 * MB + 1, "file-too-large"),
        ("besar.webp", files.WEBP, 100 * 1024 + 1, "file-too-large"),
        ("palsu.pdf", files.PNG, None, "bad-media"),
        ("stereo.ogg", files.OPUS_STEREO, None, "bad-media"),
        ("program.exe", b"MZ", None, "bad-media"),
        ("kosong.pdf", b"", None, "empty-file"),
    ],
)
def test_what_whatsapp_would_refuse_never_goes_up(
    counter: Counter, sari: Puppet, folder: Path, name: str, content: bytes, size: int | None, code: str
) -> None:
    counter.refuses(code, "reply", "Sari", "--file", put(folder, name, content, size), status=2)


def test_the_largest_that_fits(counter: Counter, sari: Puppet, folder: Path) -> None:
    assert counter("reply", "Sari", "--file", put(folder, "pas.png", files.PNG, 5 * MB)).status == 0


def test_sizes_and_kinds_are_said_as_people_read_them(counter: Counter, sari: Puppet, folder: Path) -> None:
    large = folder / "besar.png"
    large.write_bytes(files.PNG + bytes(5 * MB))
    said = counter("reply", "Sari", "--file", str(large)).err
    assert "has 5,121 kB; WhatsApp takes 5,120 kB for this kind (image)" in said
    sound = folder / "a.ogg"
    sound.write_bytes(files.OPUS)
    assert "A file of this kind (audio) takes no caption" in counter("reply", "Sari", "x", "--file", str(sound)).err
    assert "The file . cannot be read" in counter("reply", "Sari", "--file", ".").err
    long = counter("reply", "Sari", "x" * 5_000).err
    assert "has 5,000 characters, 4,096 fit" in long


def test_a_file_that_is_not_there(counter: Counter, sari: Puppet, folder: Path) -> None:
    counter.refuses("no-file", "reply", "Sari", "--file", str(folder / "nothing.pdf"), status=2)


def test_captions_have_their_own_rules(counter: Counter, sari: Puppet, folder: Path) -> None:
    picture, song = put(folder, "a.png", files.PNG), put(folder, "a.mp3", files.MP3)
    counter.refuses("too-long", "reply", "Sari", "x" * 1025, "--file", picture, status=2)
    counter.refuses("bad-media", "reply", "Sari", "lagu", "--file", song, status=2)


def test_nothing_goes_up_for_a_window_that_is_shut(counter: Counter, sari: Puppet, folder: Path) -> None:
    counter.later(timedelta(hours=24))
    counter.refuses("window-closed", "reply", "Sari", "--file", put(folder, "a.png", files.PNG))


def test_an_upload_that_fails_sends_nothing(counter: Counter, sari: Puppet, folder: Path) -> None:
    counter.sandbox.push_fault("error", path="/media", code=131053)
    outcome = counter("reply", "Sari", "--file", put(folder, "a.png", files.PNG), "--json")
    assert (outcome.status, outcome.json[0]["error"]) == (5, "api-131053")
    assert counter.sent == []
    assert counter.outbox() == []


def test_a_dry_run_describes_the_upload(
    counter: Counter, sari: Puppet, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dry run makes no client")

    monkeypatch.setattr(Client, "__init__", refuse)
    path = put(folder, "menu.pdf", files.PDF)
    told = counter("reply", "Sari", "Menu", "--file", path, "--dry-run", "--json").json
    assert told["before"] == [
        {
            "method": "POST",
            "path": f"/v25.0/{counter.sandbox.number.id}/media",
            "form": {
                "messaging_product": "whatsapp",
                "type": "application/pdf",
                "file": {"name": "menu.pdf", "bytes": len(files.PDF)},
            },
        }
    ]
    assert told["body"]["document"] == {"id": "(the id of menu.pdf)", "caption": "Menu", "filename": "menu.pdf"}


def test_the_window_may_shut_while_a_file_goes_up(
    counter: Counter, sari: Puppet, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wacli.cloudapi import media

    upload = media.upload

    def slow(client: Client, phone_number_id: str, file: media.LocalFile) -> str:
        media_id = upload(client, phone_number_id, file)
        counter.door.now += timedelta(minutes=2)
        return media_id

    monkeypatch.setattr(media, "upload", slow)
    counter.later(timedelta(hours=24) - timedelta(minutes=1))
    outcome = counter("reply", "Sari", "--file", put(folder, "a.png", files.PNG), "--json")
    assert (outcome.status, outcome.json[0]["error"]) == (4, "window-closed")
    assert counter.sent == []
