"""QR codes, read back by a decoder that is not ours: from the terminal (dark and light), PNG, SVG and PDF."""

from __future__ import annotations

import pytest

from tests.support.qr_reader import read_pdf, read_png, read_svg, read_terminal
from wacli.domain.link import chat_url
from wacli.domain.problem import Invalid
from wacli.render.link_card import Card, button_html, card_pdf
from wacli.render.qr import qr_lines, qr_png, qr_svg
from wacli.render.table import paint
from wacli.render.view import Cell, Style

_LINKS = [
    chat_url("6281355500101", text)
    for text in ("", "Halo, saya mau pesan (ref bcdfg)", "🌸 & + \n = ?", "سلام، أريد أن أطلب", "x" * 300)
]


@pytest.mark.parametrize("url", _LINKS)
def test_pictures_say_the_link(url: str) -> None:
    assert read_png(qr_png(url)) == url
    assert read_svg(qr_svg(url)) == url


@pytest.mark.parametrize("url", _LINKS)
def test_a_dark_terminal_shows_the_code(url: str) -> None:
    lines = qr_lines(url, 120)
    assert lines
    assert read_terminal(lines, is_dark=True) == url


def test_with_colours_the_code_brings_its_own_black_and_white() -> None:
    line = qr_lines(_LINKS[0], 80)[0]
    painted = paint(Cell(line, Style.CODE), colour=True)
    assert painted == f"\x1b[38;2;255;255;255;48;2;0;0;0m{line}\x1b[0m"


def test_a_code_that_does_not_fit_is_not_drawn() -> None:
    assert qr_lines(_LINKS[0], 20) == []
    with pytest.raises(Invalid) as caught:
        qr_png("x" * 4_000)
    assert caught.value.code == "too-long"


def test_a_narrow_terminal_gets_a_smaller_margin() -> None:
    wide = len(qr_lines(_LINKS[0], 80)[0])
    narrow = qr_lines(_LINKS[0], wide - 1)
    assert len(narrow[0]) == wide - 4
    assert read_terminal(narrow, is_dark=True) == _LINKS[0]


def test_the_card_can_be_scanned() -> None:
    card = Card("Kopi Pandan & Kue “Lapis”", "Pesan di sini – tanpa antre", _LINKS[1], "6281355500101")
    page = card_pdf(card)
    assert page.startswith(b"%PDF-")
    assert read_pdf(page) == _LINKS[1]


def test_a_long_title_stays_on_the_card() -> None:
    page = card_pdf(Card("Warung Nasi Bu Sri dan Keluarga Besar " * 4, "x " * 200, _LINKS[0], "6281355500101"))
    assert read_pdf(page) == _LINKS[0]


def test_a_script_without_a_font_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        card_pdf(Card("مقهى", "", _LINKS[0], "6281355500101"))
    assert caught.value.code == "needs-font"


def test_the_button_cannot_break_out_of_its_page() -> None:
    html = button_html("https://wa.me/62?text=%22", '"><script>alert(1)</script>')
    assert "<script>" not in html
    assert html.count("<a ") == 1
    assert 'href="https://wa.me/62?text=%22"' in html
