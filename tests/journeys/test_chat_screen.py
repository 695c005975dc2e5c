"""`wacli chat` on a real (pseudo-)terminal: a process of its own; sandbox, receiver and store run here."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live_shop import LiveShop, live_shop
from tests.support.process import command, wacli
from tests.support.pty import Terminal
from wacli.sandbox.puppet import Puppet

ENTER, ALT_ENTER, UP, PAGE_UP, PAGE_DOWN = "\r", "\x1b\r", "\x1b[A", "\x1b[5~", "\x1b[6~"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LiveShop]:
    with live_shop(tmp_path) as made:
        yield made


@pytest.fixture
def sari(shop: LiveShop) -> Puppet:
    puppet = shop.customer("Sari Dewi", "+6281234567890")
    puppet.says("halo kak, masih buka?")
    assert shop.sandbox.settle()
    return puppet


def chatting(shop: LiveShop, *argv: str, who: str = "Sari", width: int = 80, height: int = 24) -> Terminal:
    return Terminal(command("chat", who, *argv), shop.environment, width, height)


def leave(terminal: Terminal) -> None:
    terminal.press("\x04")
    assert terminal.wait() == 0
    assert terminal.raw.rfind(b"?1049l") > terminal.raw.rfind(b"?1049h") >= 0


def test_both_sides_of_a_conversation(shop: LiveShop, sari: Puppet) -> None:
    with chatting(shop) as terminal:
        screen = terminal.until(lambda screen: "← halo kak, masih buka?" in screen)
        assert "Sari Dewi · +6281234567890" in screen.splitlines()[0]
        assert "shop · sandbox" in screen.splitlines()[0]
        assert "left · free: allowance · 1,000 of 1,000 left" in screen
        terminal.press("Buka kak, sampai jam 9 🌹" + ENTER)
        terminal.until(lambda screen: "→ Buka kak, sampai jam 9 🌹  ✓✓ read" in screen)  # in its place, by itself
        assert "999 of 1,000" in terminal.text
        sari.says("siap, saya ke sana")
        terminal.until(lambda screen: "← siap, saya ke sana" in screen)
        leave(terminal)
    assert [one.text for one in shop.sandbox.book.sent.values()] == ["Buka kak, sampai jam 9 🌹"]


def test_lines_are_edited_recalled_and_may_be_many(shop: LiveShop, sari: Puppet) -> None:
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        terminal.press("baris satx\x7fu" + ALT_ENTER + "baris dua")
        terminal.until(lambda screen: "› baris satu" in screen and "baris dua" in screen)
        terminal.press(ENTER)
        terminal.until(lambda screen: "→ baris satu\n          baris dua  ✓✓ read" in screen)
        terminal.press("buang ini")
        terminal.until(lambda screen: "› buang ini" in screen)
        terminal.press("\x03")  # the first Ctrl-C only takes back what was typed
        terminal.until(lambda screen: "buang ini" not in screen)
        terminal.press(UP)
        terminal.until(lambda screen: "› baris satu" in screen)
        terminal.press("\x03")
        terminal.until(lambda screen: "› baris satu" not in screen)
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert len(shop.sandbox.book.sent) == 1


def test_notes_closing_and_help(shop: LiveShop, sari: Puppet) -> None:
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        terminal.press("/note suka mawar" + ENTER)
        terminal.until(lambda screen: "✎ suka mawar" in screen)
        terminal.press("/cl")
        terminal.until(lambda screen: "/close" in screen)
        terminal.press("ose" + ENTER)
        terminal.until(lambda screen: "Dealt with, until they write again." in screen)
        terminal.press("/help" + ENTER)
        terminal.until(lambda screen: "/template NAME KEY=VALUE" in screen and "/file PATH" in screen)
        terminal.press("/quick" + ENTER)
        terminal.until(lambda screen: "There are no quick replies yet" in screen and "› /quick" not in screen)
        terminal.press("/colse" + ENTER)
        terminal.until(lambda screen: "Did you mean /close?" in screen and "› /colse" not in screen)
        terminal.press(UP)  # it can be brought back, to be put right
        terminal.until(lambda screen: "› /colse" in screen)
        terminal.press("\x03/quit" + ENTER)
        assert terminal.wait() == 0
    assert shop.sandbox.book.sent == {}
    assert b"Sari Dewi" not in wacli(shop.folder, "threads", "--unanswered").out


def test_what_costs_is_asked_about(shop: LiveShop, sari: Puppet) -> None:
    assert wacli(shop.folder, "templates", "pull", WACLI_TOKEN=shop.sandbox.account.token).status == 0
    line = "/template order_ready name={name} order=A-7"
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        terminal.press(line + ENTER)
        terminal.until(lambda screen: "This message costs $0.025. Send it? [y/N]" in screen)
        terminal.press(ENTER)
        terminal.until(lambda screen: "Not sent." in screen and f"› {line}" in screen)
        assert shop.sandbox.book.sent == {}
        terminal.press(ENTER + "y" + ENTER)
        terminal.until(lambda screen: "→ Halo Sari Dewi, pesanan A-7" in screen and "✓✓ read" in screen)
        leave(terminal)
    assert len(shop.sandbox.book.sent) == 1


def test_a_refusal_leaves_what_was_typed(shop: LiveShop) -> None:
    agus = shop.customer("Agus", "+6287855667788")
    agus.says("kapan siap?", shop.sandbox.clock.now().replace(year=2025))
    assert shop.sandbox.settle()
    with chatting(shop, who="Agus") as terminal:
        terminal.until(lambda screen: "closed · only /template NAME KEY=VALUE may go" in screen)
        terminal.press("Sudah siap!" + ENTER)
        terminal.until(lambda screen: "Agus cannot be answered freely" in screen and "› Sudah siap!" in screen)
        terminal.press("\x03\x04")
        assert terminal.wait() == 0
    assert shop.sandbox.book.sent == {}


def test_an_answer_that_comes_late_does_not_stop_the_typing(shop: LiveShop, sari: Puppet) -> None:
    shop.sandbox.push_fault("slow", seconds=1.5)
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        terminal.press("pertama" + ENTER)
        terminal.until(lambda screen: "sending ..." in screen)
        terminal.press("kedua" + ENTER + "ketiga")
        terminal.until(lambda screen: "› ketiga" in screen and "sending ..." in screen)
        terminal.press("\x03\x04")  # leaving waits for what is under way
        assert terminal.wait() == 0
    assert [one.text for one in shop.sandbox.book.sent.values()] == ["pertama", "kedua"]


def test_it_follows_the_size_and_scrolls(shop: LiveShop, sari: Puppet) -> None:
    for number in range(40):
        sari.says(f"pesan nomor {number:02d}")
    assert shop.sandbox.settle()
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "pesan nomor 39" in screen)
        assert "pesan nomor 05" not in terminal.text
        terminal.press(PAGE_UP * 3)
        terminal.until(lambda screen: "pesan nomor 05" in screen and "pesan nomor 39" not in screen)
        assert "PgDn: newer" in terminal.text
        terminal.press(PAGE_DOWN * 4)
        terminal.until(lambda screen: "pesan nomor 39" in screen)
        terminal.resize(40, 50)
        terminal.until(lambda screen: "pesan nomor 05" in screen and "pesan nomor 39" in screen)
        leave(terminal)


def test_hostile_words_do_nothing_to_the_screen(shop: LiveShop) -> None:
    joko = shop.customer("Joko [bold]\x1b[2J\x1b]0;x\x07", "+6282144445555")
    joko.says("[/red] \x1b[31mRp 1\x1b[0m \x1b]0;kena\x07 \u202eya " + "panjang " * 30 + "木" * 100)
    assert shop.sandbox.settle()
    with chatting(shop, who="+6282144445555") as terminal:
        screen = terminal.until(lambda screen: "[/red] Rp 1" in screen and "木" in screen)
        assert screen.splitlines()[0].startswith(" Joko [bold]")
        assert b"kena" not in terminal.raw
        assert b"\x1b[31mRp" not in terminal.raw
        leave(terminal)


def test_a_request_to_end_gives_the_terminal_back(shop: LiveShop, sari: Puppet) -> None:
    with chatting(shop) as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.raw.rfind(b"?1049l") > terminal.raw.rfind(b"?1049h") >= 0


def test_messages_are_marked_as_read_when_asked(shop: LiveShop, sari: Puppet) -> None:
    with chatting(shop, "--mark-read") as terminal:
        terminal.until(lambda screen: "halo kak" in screen)
        latest = sari.says("satu lagi")
        terminal.until(lambda screen: "satu lagi" in screen)
        leave(terminal)
    assert latest in shop.sandbox.book.read_marks  # and with it everything before
