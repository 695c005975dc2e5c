"""A phone-app profile: links and codes instead of requests; nothing is refused for a window."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support import files
from tests.support.counter import Counter
from tests.support.qr_reader import read_terminal
from tests.support.shop import Person, Shop
from wacli.cloudapi.client import Client
from wacli.render.qr import qr_lines
from wacli.sandbox.puppet import Puppet
from wacli.store import contacts, intentions
from wacli.store.database import connect_readonly


@pytest.fixture
def by_hand(counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """The same shop, answered in the phone app."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a phone-app profile makes no client")

    monkeypatch.setattr(Client, "__init__", refuse)
    counter.profile(kind="phone-app")
    counter.forget()
    return counter


def intended(counter: Counter, phone: str = "6281355500101") -> list[tuple[str, str | None]]:
    with connect_readonly(counter.door.folder / "shop.db") as store:
        contact = contacts.find_by_phone(store, phone)
        assert contact is not None
        return [(one.text, one.template_name) for one in intentions.list_of_contact(store, contact.id)]


def test_a_link_with_the_words_filled_in(by_hand: Counter) -> None:
    words = "Masih ada & siap? 100% 🌹\nSampai jam 9 #buka"
    outcome = by_hand("reply", "Sari", words, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    link = urlsplit(outcome.json["link"])
    assert (link.scheme, link.netloc, link.path) == ("https", "wa.me", "/6281355500101")
    assert parse_qs(link.query, strict_parsing=True) == {"text": [words]}
    assert outcome.json["contact_id"] == 1
    assert by_hand.requests == []
    assert by_hand.outbox() == []
    assert intended(by_hand) == [(words, None)]


def test_what_was_meant_stands_in_the_thread_and_in_the_outbox(by_hand: Counter) -> None:
    before = by_hand("thread", "Sari", "--json").json["messages"]
    by_hand.later(timedelta(minutes=5))
    by_hand("reply", "Sari", "Siap jam 4")
    by_hand("send", "order_ready", "+62 878-5566-7788", "name=a", "order=b")
    *said, meant = by_hand("thread", "Sari", "--json").json["messages"]
    assert said == before
    assert (meant["text"], meant["kind"], meant["direction"]) == ("Siap jam 4", "text", "outbound")
    assert (meant["origin"], meant["status"], meant["wamid"]) == ("link", "intended", None)
    assert "→ Siap jam 4   [link made]" in by_hand("thread", "Sari", "--format", "table").out
    earlier = by_hand("thread", "Sari", "--json", "--at", "2026-11-22T05:00Z").json["messages"]
    assert "intended" not in [one["status"] for one in earlier]
    (stranger,) = by_hand("thread", "+62 878-5566-7788", "--json").json["messages"]
    assert (stranger["kind"], stranger["status"]) == ("template", "intended")

    assert by_hand("outbox", "list", "--json").json == []  # nothing is under way
    rows = by_hand("outbox", "list", "--all", "--json").json
    assert [(row["name"], row["template"], row["state"], row["key"]) for row in rows] == [
        (None, "order_ready", "intended", None),
        ("Sari Dewi", None, "intended", None),
    ]
    assert rows[1]["text"] == "Siap jam 4"
    shown = by_hand("outbox", "list", "--all", "--limit", "1", "--format", "table").out
    assert "order_" in shown
    assert "link made" in shown
    assert "1 more: --limit 0" in shown


def test_half_a_character_does_no_harm(by_hand: Counter) -> None:
    outcome = by_hand("reply", "Sari", "a\ud83db", "--json")
    assert (outcome.status, outcome.json["link"]) == (0, "https://wa.me/6281355500101?text=a%3Fb")


def test_no_window_no_consent_no_price(by_hand: Counter) -> None:
    by_hand.later(timedelta(days=30))
    assert by_hand("reply", "Sari", "halo").status == 0
    assert by_hand("reply", "Sari", "halo", "--if-free").status == 0
    outcome = by_hand("send", "promo_weekend", "Sari", "1={first_name}", "2=20%", "--json")
    assert outcome.status == 0
    text = "Promo akhir pekan\nHalo Sari, akhir pekan ini diskon 20% untuk semua buket mawar. Pesan sekarang!"
    assert outcome.json["text"].startswith(text)
    assert intended(by_hand)[0][1] == "promo_weekend"
    assert by_hand("can", "Sari", "--json").status == 0


def test_a_stranger_is_met_and_a_file_is_attached_by_hand(by_hand: Counter) -> None:
    outcome = by_hand("send", "order_ready", "+62 878-5566-7788", "name=a", "order=b", "--json")
    assert outcome.status == 0
    assert len(intended(by_hand, "6287855667788")) == 1
    assert by_hand("reply", "+62 819-0000-2222", "halo", "--dry-run").status == 0
    assert len(by_hand("contacts", "list", "--json").json) == 2
    assert by_hand("reply", "+62 819-0000-2222", "halo").status == 0  # the app may write to anybody
    assert intended(by_hand, "6281900002222") == [("halo", None)]
    menu = by_hand.door.folder / "menu.pdf"
    menu.write_bytes(files.PDF)
    told = by_hand("reply", "Sari", "Menu kami", "--file", str(menu), "--json").json
    assert (told["attachments"], told["text"]) == (["menu.pdf"], "Menu kami")
    bare = by_hand("reply", "Sari", "--file", str(menu), "--json").json
    assert bare["link"] == "https://wa.me/6281355500101"
    assert "Attach by hand: menu.pdf" in by_hand("reply", "Sari", "--file", str(menu), "--format", "table").out


def test_a_dry_run_notes_nothing(by_hand: Counter) -> None:
    dry = by_hand("reply", "Sari", "halo", "--dry-run", "--json")
    assert (dry.json["text"], dry.err) == ("halo", "A dry run: nothing was kept\n")
    assert intended(by_hand) == []


def test_what_a_link_cannot_carry_is_said(by_hand: Counter) -> None:
    for more in (("--buttons", "Ya|Tidak"), ("--list", "Menu: Mawar | Melati")):
        told = by_hand("reply", "Sari", "Diantar?", *more, "--json")
        assert (told.status, told.json["text"]) == (0, "Diantar?")
        assert "the link carries the words alone" in told.err
    for wordless in (("--react", "👍", "--to-message", "last"), ("--location", "-6.2,106.8")):
        assert by_hand("reply", "Sari", *wordless, "--json").error["code"] == "no-link"
    assert len(intended(by_hand)) == 2


def test_only_a_number_has_a_link(by_hand: Counter) -> None:
    by_hand.meet("Rina", "+62 857-1122-3344", "hai", bsuid="ID.42", username="rina.h")
    refused = by_hand("reply", "Rina", "halo", "--json")
    assert (refused.status, refused.error["code"]) == (4, "needs-phone")
    some = by_hand("send", "order_ready", "Rina", "Sari", "name=a", "order=b", "--json")
    assert (some.status, [row["name"] for row in some.json]) == (7, ["Sari Dewi"])


def test_the_code_on_the_terminal_is_the_link(by_hand: Counter) -> None:
    shown = by_hand("reply", "Sari", "halo", "--format", "table").out
    link = "https://wa.me/6281355500101?text=halo"
    code = qr_lines(link, 80)
    assert link in shown
    assert "\n".join(code) in shown
    assert {char for line in code for char in line} <= set("█▀▄ ")
    assert read_terminal(code, is_dark=True) == link

    assert not qr_lines(link, 20)
    assert not qr_lines("x" * 3_000, 1_000)
    long = by_hand("reply", "Sari", "kata " * 200, "--format", "table").out
    assert "too long for a code" in long


def test_a_merge_and_a_rebuild_keep_what_was_meant(by_hand: Counter) -> None:
    shop = Shop(by_hand.door)
    shop.hears(Person("Rina", None, "ID.42"), "hai", "2026-11-22T04:00Z")
    by_hand("contacts", "add", "Bu Rina", "--phone", "+62 857-1122-3344")
    assert by_hand("reply", "Bu Rina", "halo").status == 0
    assert len(by_hand("contacts", "list", "--json").json) == 3
    shop.hears(Person("Rina", "6285711223344", "ID.42"), "ini nomor saya", "2026-11-22T04:01Z")
    assert len(by_hand("contacts", "list", "--json").json) == 2
    assert intended(by_hand, "6285711223344") == [("halo", None)]
    assert by_hand("db", "rebuild").status == 0
    assert intended(by_hand, "6285711223344") == [("halo", None)]


def test_a_template_that_nobody_has_leads_to_words_of_ones_own(by_hand: Counter) -> None:
    outcome = by_hand("send", "no_such_template", "Sari", "--json")
    assert (outcome.status, outcome.error["code"]) == (3, "no-such-template")
    assert outcome.error["hint"] == 'Write the words yourself: wacli reply WHO "..."'
