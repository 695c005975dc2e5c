"""`wacli links`: made, shown, saved, and recognised when the customer writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.payloads import PHONE_NUMBER_ID
from tests.support.qr_reader import read_pdf, read_png, read_svg, read_terminal
from tests.support.shop import BUDI, RINA, SARI, Shop
from tests.support.transport import Answer, Expected, ScriptedServer

PHONE = "+62 813-5550-0100"


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    made = Shop(wacli)
    made.profile()
    return made


def sent_text(url: str) -> str:
    """What the customer's app fills in."""
    return parse_qs(urlsplit(url).query)["text"][0]


def make(shop: Shop, name: str, text: str = "Halo, saya mau pesan") -> str:
    """Makes a link; returns the words that customers send."""
    outcome = shop.door("links", "create", name, "--text", text, "--phone", PHONE, "--json")
    assert outcome.status == 0, outcome
    assert sent_text(outcome.json["link"]) == outcome.json["text"]
    return str(outcome.json["text"])


def report(shop: Shop, *argv: str) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in shop.door("links", "report", *argv, "--json").json}


def test_chats_are_recognised_by_the_code(shop: Shop) -> None:
    counter, bag = make(shop, "counter"), make(shop, "bag")
    shop.hears(SARI, counter, "2026-11-20T04:00Z")
    shop.hears(SARI, counter, "2026-11-20T05:00Z")  # the same chat again
    shop.owner_types(SARI, "Siap kak", "2026-11-20T06:00Z")
    shop.hears(BUDI, f"{counter} dua loyang", "2026-11-20T04:00Z")  # never answered
    shop.hears(RINA, "halo", "2026-11-21T04:00Z")
    shop.hears(RINA, bag.upper(), "2026-11-22T04:00Z")  # known before, and still waiting
    assert shop.door("contacts", "tag", "Sari", "customer").status == 0

    found = report(shop, "--converted", "customer")
    counts = ("chats", "new_contacts", "answered", "waiting", "missed", "converted")
    assert [found["counter"][key] for key in counts] == [2, 2, 1, 0, 1, 1]
    assert [found["bag"][key] for key in counts] == [1, 0, 0, 1, 0, 0]
    assert found["counter"]["tags"] == {"customer": 1}
    assert found["counter"]["last_at"] == "2026-11-20T05:00:00Z"
    assert list(report(shop, "bag")) == ["bag"]
    assert [row["chats"] for row in report(shop, "--since", "2026-11-21T00:00Z").values()] == [1, 0]


def test_money_goes_to_the_link_that_opened_the_chat(shop: Shop) -> None:
    bag = make(shop, "bag")
    pricing = {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"}
    shop.status(SARI, "wamid.BEFORE=", "delivered", "2026-11-19T04:00Z", pricing=pricing)
    shop.hears(SARI, bag, "2026-11-20T04:00Z")
    shop.status(SARI, "wamid.AFTER=", "delivered", "2026-11-20T04:10Z", pricing=pricing)
    (row,) = report(shop).values()
    assert (row["messages"], row["currency"]) == (1, "USD")
    assert float(str(row["spent"])) > 0
    lines = {line["key"]: line for line in shop.door("spend", "by", "link", "--json").json}
    assert set(lines) == {"bag", None}
    assert lines["bag"]["amount"] == row["spent"]


def test_a_link_made_after_its_messages_finds_them(shop: Shop) -> None:
    text = make(shop, "counter")
    assert shop.door("links", "rm", "counter").status == 0
    shop.hears(SARI, text, "2026-11-20T04:00Z")
    assert report(shop)["counter"]["chats"] == 1, "what is printed goes on working, and counting"
    assert make(shop, "Counter") == text, "the same name and number give the same code"
    assert shop.door("db", "rebuild").status == 0
    assert report(shop)["Counter"]["chats"] == 1


def test_the_number_is_learnt_from_webhooks(shop: Shop) -> None:
    refused = shop.door("links", "create", "counter", "--json")
    assert (refused.status, refused.error["code"]) == (2, "missing")
    shop.hears(SARI, "halo", "2026-11-20T04:00Z")
    made = shop.door("links", "create", "counter", "--json").json
    assert made["link"].startswith("https://wa.me/62")


def test_every_file_can_be_scanned(shop: Shop, tmp_path: Path) -> None:
    files = [tmp_path / f"card.{kind}" for kind in ("png", "svg", "pdf", "html")]
    options = [word for file in files for word in (f"--{file.suffix[1:]}", str(file))]
    made = shop.door("links", "create", "bag", "--phone", PHONE, *options, "--title", "Kopi Pandan", "--json").json
    png, svg, pdf, html = files
    assert read_png(png.read_bytes()) == made["link"]
    assert read_svg(svg.read_text()) == made["link"]
    assert read_pdf(pdf.read_bytes()) == made["link"]
    assert made["link"].replace("&", "&amp;") in html.read_text()
    again = shop.door("links", "show", "bag", "--png", str(png), "--json")
    assert (again.status, again.error["code"]) == (4, "file-exists")
    assert shop.door("links", "show", "bag", "--png", str(png), "--overwrite").status == 0


def test_the_terminal_shows_the_code(shop: Shop, terminal: FrontDoor) -> None:
    text = make(shop, "counter", "Halo & selamat\npagi 🌸")
    shown = terminal("links", "show", "counter")
    lines = [line for line in shown.out.splitlines() if set(line) <= set("█▀▄ ") and "█" in line]
    assert sent_text(read_terminal(lines, is_dark=True)) == text


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("a/b",), "bad-name"),
        (("x", "--text", "a" * 1_001), "too-long"),
        (("x", "--text", "a" * 130, "--managed"), "too-long"),
        (("x", "--text", "a\x1b[31m"), "bad-text"),
        (("x", "--phone", "12"), "bad-phone"),
        (("x", "--pdf", "card.pdf", "--title", "مقهى"), "needs-font"),
        (("x", "--png", "/nowhere/at/all/x.png"), "unwritable-file"),
        (("counter",), "name-taken"),
    ],
)
def test_what_cannot_be_makes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], code: str
) -> None:
    monkeypatch.chdir(shop.door.folder)
    make(shop, "counter")
    phone = () if "--phone" in argv else ("--phone", PHONE)
    refused = shop.door("links", "create", *argv, *phone, "--json")
    assert refused.error["code"] == code
    assert [row["name"] for row in shop.door("links", "list", "--json").json] == ["counter"]
    assert not (shop.door.folder / "card.pdf").exists()


def test_a_dry_run_makes_nothing(shop: Shop, tmp_path: Path) -> None:
    make(shop, "counter")
    file = tmp_path / "x.png"
    shown = shop.door("links", "create", "bag", "--phone", PHONE, "--png", str(file), "--dry-run", "--json")
    assert (shown.status, shown.json["name"], file.exists()) == (0, "bag", False)
    assert shop.door("links", "edit", "counter", "--text", "Lain", "--dry-run").status == 0
    assert shop.door("links", "rm", "counter", "--dry-run").status == 0
    (kept,) = shop.door("links", "list", "--json").json
    assert kept["text"].startswith("Halo, saya mau pesan")


def test_other_words_keep_the_code(shop: Shop) -> None:
    old = make(shop, "counter")
    new = shop.door("links", "edit", "counter", "--text", "Mau pesan kue", "--json").json
    assert new["text"].startswith("Mau pesan kue (ref ")
    for text in (old, new["text"]):
        shop.hears(SARI if text == old else BUDI, text, "2026-11-20T04:00Z")
    assert report(shop)["counter"]["chats"] == 2


def test_meta_keeps_a_managed_link(shop: Shop) -> None:
    path = f"/v25.0/{PHONE_NUMBER_ID}/message_qrdls"
    answer = {
        "code": "ANED2T5QRU7HG1",
        "prefilled_message": "x",
        "deep_link_url": "https://wa.me/message/ANED2T5QRU7HG1",
    }
    script = [
        Expected("POST", path, Answer(body=answer)),
        Expected("POST", path, Answer(body=answer)),
        Expected("GET", f"{path}?fields=code%2Cprefilled_message%2Cdeep_link_url", Answer(body={"data": [answer, {}]})),
        Expected("DELETE", f"{path}/ANED2T5QRU7HG1", Answer(body={"success": True})),
    ]
    with ScriptedServer(script) as server:
        door = shop.door
        door.environment["WACLI_TOKEN"] = "secret"
        assert door("config", "set", "api_base", server.url).status == 0
        made = door("links", "create", "bag", "--text", "Halo", "--phone", PHONE, "--managed", "--json").json
        assert (made["link"], made["managed_code"]) == (answer["deep_link_url"], answer["code"])
        assert server.requests[0].json == {"prefilled_message": made["text"]}
        edited = door("links", "edit", "bag", "--text", "Lain", "--json").json
        assert server.requests[1].json == {"code": answer["code"], "prefilled_message": edited["text"]}
        listed = door("links", "list", "--managed", "--json").json
        assert listed == [{"managed_code": answer["code"], "link": answer["deep_link_url"], "text": "x"}]
        refused = door("links", "rm", "bag", "--json")
        assert (refused.status, refused.error["code"]) == (2, "needs-yes")
        assert door("links", "rm", "bag", "--yes").status == 0


def test_what_meta_refuses_makes_no_link(shop: Shop) -> None:
    error = {"error": {"message": "no", "code": 100, "type": "OAuthException"}}
    script = [Expected("POST", f"/v25.0/{PHONE_NUMBER_ID}/message_qrdls", Answer(400, body=error))]
    with ScriptedServer(script) as server:
        shop.door.environment["WACLI_TOKEN"] = "secret"
        assert shop.door("config", "set", "api_base", server.url).status == 0
        assert shop.door("links", "create", "bag", "--phone", PHONE, "--managed").status == 5
    assert shop.door("links", "list", "--json").json == []


def test_a_link_that_meta_keeps(counter: Counter) -> None:
    """Against the sandbox: made, listed, changed, its chats recognised, deleted; 140 characters and no more."""

    def at_meta() -> list[tuple[str, str]]:
        rows = counter("links", "list", "--managed", "--json").json
        return [(row["managed_code"], row["text"]) for row in rows]

    made = counter("links", "create", "bag", "--text", "Halo 🌸", "--phone", PHONE, "--managed", "--json")
    assert made.status == 0, made
    assert made.json["link"].startswith("https://wa.me/message/")
    assert [text for _, text in at_meta()] == [made.json["text"]]
    edited = counter("links", "edit", "bag", "--text", "Pagi", "--json")
    assert edited.json["link"] == made.json["link"], "printed codes go on leading there"
    ((_, text),) = at_meta()
    assert text == edited.json["text"]
    assert text.startswith("Pagi")
    counter.meet("Sari Dewi", f"+{SARI.phone}", text)
    counter.later(timedelta(minutes=1))
    assert counter("links", "report", "bag", "--json").json[0]["chats"] == 1
    counter.forget()
    too_long = counter("links", "create", "x", "--text", "a" * 130, "--phone", PHONE, "--managed", "--json")
    assert (too_long.error["code"], counter.requests) == ("too-long", [])
    dry = counter("links", "create", "y", "--phone", PHONE, "--managed", "--dry-run", "--json")
    assert (dry.status, counter.requests) == (0, [])
    assert counter("links", "rm", "bag", "--yes").status == 0
    assert at_meta() == []
