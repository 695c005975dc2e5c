"""`wacli documents`: one sensitive file to each person, and nothing of it left behind."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.payloads import messages
from tests.support.pdfs import write_broken, write_pdf, write_scan
from tests.support.shop import SARI, Shop
from wacli.sandbox.book import SentMessage
from wacli.sandbox.puppet import Puppet

SARI_PHONE, BUDI_PHONE = "+62 813-5550-0101", "+62 813-5550-0303"
SEND = ("documents", "send", "--csv", "people.csv", "--match", "{booking}.pdf")


@pytest.fixture
def desk(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Sari has just written, Budi wrote two days ago; both have a boarding pass."""
    monkeypatch.chdir(counter.door.folder)
    counter.sandbox.account.templates.add(
        "boarding_pass", "id", "UTILITY",
        [{"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["h"]}},
         {"type": "BODY", "text": "Halo {{1}}, ini boarding pass Anda.", "example": {"body_text": [["Sari"]]}}],
    )  # fmt: skip
    counter.meet("Budi Santoso", BUDI_PHONE, "halo")
    counter.later(timedelta(days=2))
    counter.meet("Sari Dewi", SARI_PHONE, "sudah ada?")
    counter.pull()
    folder = Path("passes")
    folder.mkdir()
    write_pdf(folder / "QX7TK2.pdf", "Boarding pass", "DEWI / SARI MRS", "Booking QX7 TK2 GARUDA-RAHASIA")
    write_pdf(folder / "ZZ9PLU.pdf", "Boarding pass", "SANTOSO/BUDI MR", "Booking ZZ9PLU")
    people("QX7TK2", "ZZ9PLU")
    return counter


def content(sent: SentMessage) -> Any:
    """The body of a message as it was posted."""
    return sent.body


def people(first: str, second: str, *more: str) -> None:
    lines = ["Phone,Booking,booking", f"{SARI_PHONE},x,{first}", f"{BUDI_PHONE},x,{second}", *more]
    Path("people.csv").write_text("\n".join(lines), "utf-8")


def test_open_windows_get_the_file_others_the_template(desk: Counter) -> None:
    outcome = desk(
        *SEND, "passes", "--must-contain", "{booking}", "--template", "boarding_pass", "1=Ibu {booking}",
        "--caption", "Kursi 12A untuk {name}", "--yes", "--json",
    )  # fmt: skip
    assert outcome.status == 0, outcome
    assert [row["state"] for row in outcome.json] == ["accepted", "accepted"]
    free, template = desk.sent[-2:]
    assert content(free)["document"]["caption"] == "Kursi 12A untuk Sari Dewi"
    assert content(free)["document"]["filename"] == "QX7TK2.pdf"
    header, body = content(template)["template"]["components"]
    assert header["parameters"][0]["document"]["filename"] == "ZZ9PLU.pdf"
    assert body["parameters"][0]["text"] == "Ibu ZZ9PLU"


def test_nothing_of_the_content_stays(desk: Counter) -> None:
    secrets = ["GARUDA-RAHASIA", "Kursi 12A", "Ibu ZZ9PLU", "ini boarding pass"]
    desk(*SEND, "passes", "--template", "boarding_pass", "1=Ibu {booking}", "--caption", "Kursi 12A", "--yes")
    desk.later(timedelta(minutes=5))
    kept = b"".join(path.read_bytes() for path in desk.door.folder.glob("shop.db*"))
    assert b"QX7TK2.pdf" in kept, "the ledger knows the file's name"
    templates = json.dumps(desk("templates", "show", "boarding_pass", "--json").json)
    for secret in secrets:
        if secret not in templates:  # the template's own words are no secret
            assert secret.encode() not in kept, secret
    shown = desk("thread", "Sari", "--json").json["messages"][-1]
    assert (shown["kind"], shown["text"]) == ("document", None)
    key = desk("documents", "list", "--json").json[0]["key"]
    assert "Kursi" not in desk("outbox", "show", key, "--json").out


def test_not_sensitive_keeps_it_like_any_message(desk: Counter) -> None:
    desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--caption", "Kursi 12A", "--not-sensitive", "--yes")
    assert desk("thread", "Sari", "--json").json["messages"][-1]["text"] == "Kursi 12A"


def test_the_ledger_has_receipts_and_masks(desk: Counter) -> None:
    desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes")
    desk.later(timedelta(minutes=5))
    budi, sari = desk("documents", "list", "--json").json
    assert (sari["name"], sari["phone"], sari["file"]) == ("S••• D•••", "+62•••••••••01", "QX7TK2.pdf")
    assert sari["sent_at"]
    assert sari["delivered_at"]
    assert len(sari["sha256"]) == 64
    revealed = desk("documents", "list", "--who", "Sari", "--reveal", "--json").json
    assert [row["name"] for row in revealed] == ["Sari Dewi"]
    markdown = desk("documents", "list", "--format", "markdown").out
    assert markdown.splitlines()[0].startswith("| Sent |")
    assert budi["sha256"] in markdown
    assert "Budi" not in markdown
    assert "•" in desk("documents", "list", "--format", "csv").out


def test_the_files_go_at_meta_after_delivery(desk: Counter) -> None:
    desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes")
    media_ids = [content(desk.sent[-2])["document"]["id"]]
    assert desk("documents", "purge", "--json").json == [], "nothing was delivered yet"
    desk.later(timedelta(minutes=5))
    assert len(desk("documents", "purge", "--dry-run", "--json").json) == 2
    purged = desk("documents", "purge", "--after", "delivered", "--json")
    assert (purged.status, len(purged.json)) == (0, 2), purged
    assert all(row["media_deleted_at"] for row in desk("documents", "list", "--json").json)
    account = desk.sandbox.account
    assert not any(desk.sandbox.media.has(account, media_id, desk.door.now) for media_id in media_ids)
    assert desk("documents", "purge").status == 0


def test_a_file_that_is_gone_at_meta_is_deleted(desk: Counter) -> None:
    desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes")
    media_id = content(desk.sent[-2])["document"]["id"]
    desk.sandbox.media.delete(desk.sandbox.account, media_id, desk.door.now)
    desk.later(timedelta(minutes=5))
    assert desk("documents", "purge").status == 0


def test_a_dry_run_sends_nothing(desk: Counter) -> None:
    desk.forget()
    before = desk.outbox()
    outcome = desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--dry-run", "--json")
    assert outcome.status == 0
    assert [row["as"] for row in outcome.json] == ["document", "template"]
    assert outcome.json[0]["free_reason"] == "allowance"
    assert (desk.requests, desk.outbox()) == ([], before)
    assert desk("documents", "list", "--json").json == []


def test_it_asks_and_no_means_nothing(desk: Counter) -> None:
    desk.forget()
    asked = desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--json")
    assert (asked.status, asked.error["code"]) == (2, "needs-yes")
    desk.door.is_terminal = desk.door.can_ask = True
    shown = desk(*SEND, "passes", "--template", "boarding_pass", "1=x", stdin=b"n\n")
    assert "QX7TK2.pdf" in shown.out
    assert "Sari" not in shown.out
    assert "Nothing was sent" in shown.err
    assert desk.requests == []


def test_a_shut_window_without_a_template_leaves_that_person_out(desk: Counter) -> None:
    outcome = desk(*SEND, "passes", "--yes", "--json")
    assert outcome.status == 7
    assert [(row["state"], row["error"]) for row in outcome.json] == [("accepted", None), ("not-sent", "window-closed")]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda: people("QX7TK2", "QX7TK2"), "file-for-several"),
        (lambda: write_pdf(Path("passes/EXTRA.pdf"), "x"), "file-for-nobody"),
        (lambda: people("QX7TK2", "NONE"), "no-file"),
        (lambda: people("QX7TK2", "../ZZ9PLU"), "bad-file-name"),
        (lambda: people("QX7TK2", "ZZ9PLU", "0812,x,"), "empty-cell"),
        (lambda: write_broken(Path("passes/ZZ9PLU.pdf")), "broken-pdf"),
        (lambda: write_pdf(Path("passes/ZZ9PLU.pdf"), "x", password="secret"), "encrypted-pdf"),
        (lambda: write_scan(Path("passes/ZZ9PLU.pdf")), "not-searchable"),
        (lambda: write_pdf(Path("passes/ZZ9PLU.pdf"), "Booking QX7TK2"), "not-in-file"),
        (lambda: Path("passes/ZZ9PLU.pdf").write_bytes(b"PNG"), "bad-media"),
        (lambda: Path("passes/ZZ9PLU.pdf").write_bytes(b"%PDF-" + bytes(101 << 20)), "file-too-large"),
        (lambda: Path("passes/a\x1bb.pdf").write_bytes(b"%PDF-"), "bad-file-name"),
        (lambda: Path("passes/link.pdf").symlink_to("/etc/passwd"), "leads-outside"),
    ],
)  # fmt: skip
def test_what_does_not_fit_stops_everything(desk: Counter, spoil: object, code: str) -> None:
    assert callable(spoil)
    spoil()
    argv = (*SEND, "passes", "--must-contain", "{booking}", "--template", "boarding_pass", "1=x", "--yes")
    refused = desk.refuses("no-match", *argv, status=2)
    assert code in [one["code"] for one in refused.error["details"]["mismatches"]]
    assert desk("documents", "list", "--json").json == []


def test_two_files_for_one_person(desk: Counter) -> None:
    write_pdf(Path("passes/THIRD.pdf"), "THIRD")
    people("QX7TK2", "ZZ9PLU", "0813-5550-0101,x,THIRD")
    argv = (*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes")
    refused = desk.refuses("no-match", *argv, status=2)
    assert [one["code"] for one in refused.error["details"]["mismatches"]] == ["several-files"]


def test_wrong_columns_and_templates(desk: Counter) -> None:
    desk.refuses(
        "no-such-column", "documents", "send", "passes", "--csv", "people.csv", "--match", "{seat}.pdf", status=2
    )
    desk.refuses(
        "no-such-file", "documents", "send", "passes", "--csv", "none.csv", "--match", "{booking}.pdf", status=3
    )
    desk.refuses("no-document-header", *SEND, "passes", "--template", "order_ready", status=2)
    Path("people.csv").write_text("a,b\nx,y\n")
    desk.refuses("no-who-column", *SEND, "passes", status=2)


def test_a_changed_identity_key_stops_that_person(desk: Counter, sari: Puppet) -> None:
    now = int(desk.door.now.timestamp())
    shop = Shop(desk.door)
    card = SARI._replace(phone=SARI_PHONE.replace(" ", "").replace("-", "").lstrip("+"), bsuid=None)
    for key, at in (("first=", now - 500), ("second=", now - 100)):
        element = {**card.sender, "id": f"wamid.{key}", "timestamp": str(at), "type": "text", "text": {"body": "x"}}
        shop.tell(messages([element], [{**card.card, "identity_key_hash": key}]))
    argv = (*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes", "--json")
    stopped = desk(*argv)
    assert stopped.status == 7
    assert {row["file"]: row["error"] for row in stopped.json} == {"QX7TK2.pdf": "identity-changed", "ZZ9PLU.pdf": None}
    assert desk("documents", "confirm", "Sari", "--evidence", "called her", "--dry-run").status == 0
    assert desk("documents", "confirm", "Sari", "--evidence", "called her").status == 0
    assert desk("db", "rebuild").status == 0
    again = desk(*argv)
    assert again.status == 0, again
    assert content(desk.sent[-2])["recipient_identity_key_hash"] == "second="


def test_nothing_yet(wacli: FrontDoor) -> None:
    assert wacli("documents", "list", "--json").json == []
    assert wacli("documents", "purge", "--dry-run").status == 0
