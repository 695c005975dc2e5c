"""`wacli documents`: one sensitive file to each person, and nothing of it left behind."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.importers.test_contact_files import workbook
from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.payloads import messages
from tests.support.pdfs import write_broken, write_pdf, write_scan
from tests.support.shop import SARI, Shop
from wacli.sandbox.book import Scene, SentMessage
from wacli.sandbox.puppet import Puppet
from wacli.services.documents import due_for_deletion
from wacli.store.database import open_store
from wacli.store.documents import mark_uploaded, start
from wacli.store.lease import sending_lease

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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize(
    ("where", "states", "is_due_at"),
    [
        ("uploaded", (None, None), timedelta(minutes=5)),  # no message: the file lies there for nothing
        ("posting", ("unknown", "unknown"), timedelta(days=1)),  # accepted or not, a word would have come by then
        ("told", ("accepted", "read"), timedelta(minutes=5)),
    ],
)
def test_a_killed_run_is_told_and_its_files_go(
    desk: Counter, where: str, states: tuple[str | None, str | None], is_due_at: timedelta
) -> None:
    Path("passes/ZZ9PLU.pdf").unlink()
    Path("people.csv").write_text(f"Phone,booking\n{SARI_PHONE},QX7TK2", "utf-8")
    child = os.fork()
    if not child:
        _die(where)
        desk(*SEND, "passes", "--yes")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    (row,) = desk("documents", "list", "--json").json
    assert (row["state"], row["media_deleted_at"]) == (states[0], None)
    desk.later(timedelta(minutes=4))
    assert desk("documents", "list", "--json").json[0]["state"] == states[1]
    desk.later(is_due_at)
    purged = desk("documents", "purge", "--json")
    assert (purged.status, [one["file"] for one in purged.json]) == (0, ["QX7TK2.pdf"])


def _die(where: str) -> None:
    """Kills this process at the next call: the file is up, the message is on its way, the answer has come."""
    from wacli.cloudapi.client import Client
    from wacli.services import send_run
    from wacli.store import documents

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    room: Any
    room, name = {
        "uploaded": (send_run, "_posted"),
        "posting": (Client, "send"),
        "told": (documents, "mark_handed_over"),
    }[where]
    setattr(room, name, die)


def test_nothing_is_deleted_while_somebody_sends(desk: Counter) -> None:
    """Between upload and post a file has no message yet: it is not left behind."""
    with open_store(desk.door.folder / "shop.db", create=False) as store:
        row = start(store, 1, "a.pdf", "application/pdf", 1, b"x", "1", desk.door.now)
        mark_uploaded(store, row, "4711")
        with sending_lease(store, desk.door.now):
            assert due_for_deletion(store, "delivered", desk.door.now) == []
        assert [one.id for one in due_for_deletion(store, "delivered", desk.door.now)] == [row]


def test_names_are_masked_in_reasons_too(desk: Counter) -> None:
    for argv in ((*SEND, "passes", "--dry-run"), (*SEND, "passes", "--dry-run", "--json")):
        shown = desk(*argv)
        assert "Budi" not in shown.out + shown.err
        assert "B••• S•••" in shown.err
        assert "Budi Santoso" in desk(*argv, "--reveal").err


def test_the_same_content_twice_is_named(desk: Counter) -> None:
    Path("passes/ZZ9PLU.pdf").write_bytes(Path("passes/QX7TK2.pdf").read_bytes())
    shown = desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--dry-run")
    assert "The same content under several names: QX7TK2.pdf, ZZ9PLU.pdf" in shown.err


def test_what_was_looked_into_is_what_goes_out(desk: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    from wacli.services import documents

    looked = documents.preview

    def swapped(*given: Any) -> Any:
        write_pdf(Path("passes/QX7TK2.pdf"), "somebody else's")
        return looked(*given)

    monkeypatch.setattr(documents, "preview", swapped)
    outcome = desk(*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes", "--json")
    assert {row["file"]: row["error"] for row in outcome.json} == {"QX7TK2.pdf": "file-changed", "ZZ9PLU.pdf": None}


@pytest.mark.parametrize("who", ["Sari Dewi", "#{id}", "{bsuid}", "@sari.dewi", "+62 813 5550 0101", "081355500101"])
def test_people_may_be_named_in_any_way(desk: Counter, who: str) -> None:
    sari = desk.sandbox.book.find_customer("6281355500101")
    assert sari is not None
    sari.username = "sari.dewi"
    desk.sandbox.acts.says(Scene(desk.sandbox.account, desk.sandbox.number, sari), "ini saya")
    desk.take_in()
    row = desk("contacts", "show", "Sari", "--json").json
    assert row["username"] == "sari.dewi"
    Path("passes/ZZ9PLU.pdf").unlink()
    named = who.format(id=row["contact_id"], bsuid=row["bsuid"])
    Path("people.csv").write_text(f'who,booking\n"{named}",QX7TK2', "utf-8")
    shown = desk(*SEND, "passes", "--dry-run", "--json")
    assert [one["contact_id"] for one in shown.json] == [row["contact_id"]], shown


def test_money_and_safety_rules_hold(desk: Counter) -> None:
    argv = (*SEND, "passes", "--template", "boarding_pass", "1=x", "--yes", "--json")
    dear = desk(*argv, "--max-cost", "0.001")
    assert [row["error"] for row in dear.json] == [None, "too-expensive"]
    desk.profile(safe_recipients="+6281355500303")
    assert desk(*argv, "--dry-run").json[0]["error"] == "not-safe"
    desk.profile(kind="phone-app")
    desk.refuses("phone-app", *argv[:-1], status=4)


def test_a_long_caption_is_refused_before_anything(desk: Counter) -> None:
    desk.refuses("no-match", *SEND, "passes", "--caption", "x" * 1_025, "--yes", status=2)


def test_a_spreadsheet_of_people(desk: Counter) -> None:
    rows = (["Phone", "booking"], [SARI_PHONE, "QX7TK2"], [BUDI_PHONE, "ZZ9PLU"])
    Path("people.xlsx").write_bytes(workbook(*rows))
    shown = desk(
        "documents", "send", "passes", "--csv", "people.xlsx", "--match", "{booking}.pdf",
        "--template", "boarding_pass", "1=x", "--dry-run", "--json",
    )  # fmt: skip
    assert [row["file"] for row in shown.json] == ["QX7TK2.pdf", "ZZ9PLU.pdf"]
