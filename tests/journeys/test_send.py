"""`wacli send` against the sandbox: values from the command line and the address book, refusals before any request."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import files
from tests.support.counter import Counter
from wacli.cloudapi.client import Client
from wacli.sandbox.puppet import Puppet
from wacli.services.delivery_run import CONNECTIONS

AGUS = "+62 878-5566-7788"
READY = ("order_ready", "name=Sari", "order=A-17")


def texts(counter: Counter, component: int = 0) -> list[str]:
    """The values that the last template was sent with."""
    return [value["text"] for value in counter.last["template"]["components"][component]["parameters"]]


def send(*people: str, values: tuple[str, ...] = READY[1:]) -> tuple[str, ...]:
    return ("send", READY[0], *people, *values)


def test_named_values(counter: Counter, sari: Puppet) -> None:
    outcome = counter(*send("Sari"), "--json")
    assert outcome.status == 0
    assert outcome.json[0] | {"key": None, "wamid": None} == {
        "contact_id": 1,
        "name": "Sari Dewi",
        "phone": "+6281355500101",
        "key": None,
        "state": "accepted",
        "wamid": None,
        "free_reason": None,
        "price": "0.0250",
        "currency": "USD",
        "category": "utility",
        "template": "order_ready",
        "error": None,
        "error_text": None,
    }
    assert texts(counter) == ["Sari", "A-17"]


def test_numbered_values(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    assert counter("send", "promo_weekend", "Sari", "2=20%", "1=Sari").status == 0
    assert texts(counter) == ["Sari", "20%"]


def test_values_from_the_contact(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "tag", "Sari", "langganan", "vip")
    counter("contacts", "edit", "Sari", "--note", "suka mawar")
    sources = {
        "{name}": "Sari Dewi",
        "{first_name}": "Sari",
        "{phone}": "+6281355500101",
        "{tags}": "langganan, vip",
        "{note}": "suka mawar",
        "{id}": "1",
        "kak {first_name}!": "kak Sari!",
        "{{name}}": "{name}",
    }
    for typed, expected in sources.items():
        assert counter(*send("Sari", values=(f"name={typed}", "order=A-17"))).status == 0
        assert texts(counter)[0] == expected
    refused = counter.refuses("empty-field", *send("Sari", values=("name={username}", "order=1")), status=2)
    assert refused.error["details"] == {"fields": ["username"]}
    assert "Sari Dewi" in refused.error["message"]
    refused = counter.refuses("no-such-field", *send("Sari", values=("name={nmae}", "order=1")), status=2)
    assert "{nmae}" in refused.error["message"]


def test_missing_extra_and_empty_values_are_named_at_once(counter: Counter, sari: Puppet) -> None:
    refused = counter.refuses("template-values", "send", "order_ready", "Sari", "name= ", "colour=red", status=2)
    assert refused.error["details"] == {"missing": ["order"], "empty": ["name"], "extra": ["colour"]}


def test_a_wrong_value_for_one_stops_all(counter: Counter, sari: Puppet) -> None:
    counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    counter("contacts", "edit", "Budi", "--note", "ada")
    counter.refuses("empty-field", *send("Budi", "Sari", values=("name={note}", "order=1")), status=2)


def test_a_stranger_becomes_a_contact_only_when_written_to(counter: Counter) -> None:
    counter.sandbox.add_customer("Agus", AGUS)
    dry = counter(*send(AGUS), "--dry-run", "--json")
    assert dry.json["contact_id"] is None
    assert dry.json["body"]["to"] == "+6287855667788"
    counter.refuses("too-expensive", *send(AGUS), "--max-cost", "0.001")
    assert counter("contacts", "list", "--json").json == []
    assert counter(*send("0878-5566-7788")).status == 0
    assert [one["phone"] for one in counter("contacts", "list", "--json").json] == ["+6287855667788"]
    assert counter(*send(AGUS, AGUS)).status == 0
    assert len(counter("contacts", "list", "--json").json) == 1


def test_a_bsuid_is_an_address(counter: Counter) -> None:
    rina = counter.meet("Rina", "+62 857-1122-3344", "hai", bsuid="ID.42", username="rina.h")
    assert rina.customer.username
    assert counter(*send("@rina.h")).status == 0
    assert (counter.last["recipient"], "to" in counter.last) == ("ID.42", False)
    refused = counter.refuses("needs-phone", "send", "login_code", "@rina.h", "code=123456")
    assert "phone number" in refused.error["message"]
    assert counter("send", "login_code", "+62 857-1122-3344", "code=123456").status == 0


def test_somebody_nobody_knows_does_not_hold_the_others_up(counter: Counter, sari: Puppet) -> None:
    counter.refuses("no-such-contact", *send("Nobody"), status=3)
    outcome = counter(*send("Nobody", "Sari"), "--json")
    assert outcome.status == 7
    assert [(row["name"], row["state"], row["error"]) for row in outcome.json] == [
        ("Nobody", "not-sent", "no-such-contact"),
        ("Sari Dewi", "accepted", None),
    ]
    assert outcome.error["code"] == "no-such-contact"
    nobody = counter(*send("Nobody", "Noone"), "--json")
    assert nobody.status == 3
    assert len(counter.sent) == 1


def test_two_of_one_name(counter: Counter, sari: Puppet) -> None:
    counter.meet("Sari Wulandari", "+62 812-3456-7890", "hai")
    refused = counter.refuses("ambiguous", *send("Sari"), status=3)
    assert len(refused.error["details"]["candidates"]) == 2


def test_a_template_that_is_not_approved(counter: Counter, sari: Puppet) -> None:
    shelf = counter.sandbox.account.templates
    template = shelf.find("order_ready", "id")
    assert template is not None
    counter.sandbox.set_template_status(template, "PAUSED")
    counter.take_in()
    refused = counter.refuses("template-not-approved", *send("Sari"))
    assert "paused" in refused.error["message"]
    verdict = counter("can", "Sari", "--template", "order_ready", "--json")
    assert (verdict.status, verdict.json["reasons"][0]["code"]) == (12, "template-not-approved")
    counter.refuses("no-such-template", "send", "order_reday", "Sari", status=3)
    counter.refuses("no-such-template", *send("Sari"), "--language", "en", status=3)
    counter.refuses("missing", "send", "order_ready", "name=Sari", "order=1", status=2)


def test_the_limits_of_money(counter: Counter, sari: Puppet) -> None:
    counter.refuses("not-free", *send("Sari"), "--if-free")
    refused = counter.refuses("too-expensive", *send("Sari"), "--max-cost", "0.0249USD")
    assert "$0.025" in refused.error["message"]
    assert counter(*send("Sari"), "--max-cost", "0.025 usd").status == 0


def test_an_ad_makes_it_free(counter: Counter) -> None:
    budi = counter.meet("Budi", "+62 813-9876-5432")
    budi.clicks_ad("Saya lihat iklan")
    counter.take_in()
    (row,) = counter(*send("Budi"), "--if-free", "--json").json
    assert (row["state"], row["free_reason"], row["price"]) == ("accepted", "free_entry_point", "0")


def test_each_is_judged_right_before_its_own_message(
    counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first message and the last the last person writes STOP: not before there is a connection for it."""
    budi = counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    for who in ("Sari", "Budi"):
        counter("contacts", "opt-in", who, "--evidence", "form")
    send_one = Client.send

    def and_then(client: Client, phone_number_id: str, body: dict[str, object]) -> object:
        accepted = send_one(client, phone_number_id, body)
        budi.says("STOP")
        counter.take_in()
        return accepted

    monkeypatch.setattr(Client, "send", and_then)
    counter.door.now += timedelta(seconds=2)
    counter.sandbox.advance(timedelta(seconds=2))
    lines = b"".join(b'{"who": "%s"}\n' % who for who in [b"Sari"] * (CONNECTIONS + 2) + [b"Budi"])
    outcome = counter("send", "promo_weekend", "-", "1={name}", "2=20%", "--json", stdin=lines)
    told = [(row["state"], row["error"]) for row in outcome.json]
    assert told == [("accepted", None)] * (CONNECTIONS + 2) + [("not-sent", "opted-out")]
    assert outcome.status == 7
    assert len(counter.sent) == CONNECTIONS + 2


def test_what_went_out_is_shown_also_after_ctrl_c(
    counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    send_one = Client.send

    def tire(client: Client, phone_number_id: str, body: dict[str, object]) -> object:
        if counter.sent:
            raise KeyboardInterrupt
        return send_one(client, phone_number_id, body)

    monkeypatch.setattr(Client, "send", tire)
    outcome = counter(*send("Sari", "Budi"), "--format", "table")
    assert outcome.status == 130
    assert "Sari Dewi" in outcome.out
    assert "Budi Santoso  outcome unknown" in outcome.out


def test_an_expired_token_stops_the_run(counter: Counter, sari: Puppet) -> None:
    counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    counter.sandbox.push_fault("error", code=190, times=100)
    counter.forget()
    outcome = counter(*send(*["Sari", "Budi"] * 20), "--json")
    told = [(row["state"], row["error"]) for row in outcome.json]
    tried = len(counter.requests)
    assert 1 <= tried <= CONNECTIONS
    assert sorted(told) == [("not-sent", "not-tried")] * (40 - tried) + [("refused", "api-190")] * tried
    assert told[0] == ("refused", "api-190")
    assert counter.sent == []
    assert outcome.status == 5


def test_a_dry_run_shows_every_request(counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dry run makes no client")

    monkeypatch.setattr(Client, "__init__", refuse)
    counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    one = counter(*send("Sari"), "--dry-run", "--json").json
    assert (one["name"], one["price"], one["template"]) == ("Sari Dewi", "0.0250", "order_ready")
    outcome = counter(*send("Sari", "Budi", "Nobody"), "--dry-run", "--json")
    assert [row["name"] for row in outcome.json] == ["Sari Dewi", "Budi Santoso", "Nobody"]
    assert [row["error"] for row in outcome.json] == [None, None, "no-such-contact"]
    assert outcome.status == 7
    assert counter(*send("Sari", "Budi"), "--dry-run", "--format", "table").out.count("Dry run: nothing was sent.") == 2
    assert counter.outbox() == []


# --- richer templates -------------------------------------------------------------------------------------------------


@pytest.fixture
def rich(counter: Counter) -> Counter:
    """Templates with pictures, documents, links, a coupon, an offer and a carousel."""
    shelf = counter.sandbox.account.templates
    body = {"type": "BODY", "text": "Halo {{1}}, ini.", "example": {"body_text": [["Sari"]]}}
    link = {"type": "URL", "text": "Lacak", "url": "https://toko.id/{{1}}", "example": ["https://toko.id/A-1"]}
    coupon = {"type": "COPY_CODE", "example": "HEMAT20"}

    def header(kind: str) -> dict[str, object]:
        return {"type": "HEADER", "format": kind, "example": {"header_handle": ["h"]}}

    def buttons(*ones: object) -> dict[str, object]:
        return {"type": "BUTTONS", "buttons": list(ones)}

    shelf.add("picture", "id", "UTILITY", [header("IMAGE"), body])
    shelf.add("invoice", "id", "UTILITY", [header("DOCUMENT"), body, buttons(link)])
    shelf.add("coupon", "id", "MARKETING", [body, buttons(coupon)])
    shelf.add(
        "offer",
        "id",
        "MARKETING",
        [
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Segera", "has_expiration": True}},
            body,
            buttons(coupon, link),
        ],
    )
    card = {"components": [header("IMAGE"), {"type": "BODY", "text": "Mawar"}, buttons(link)]}
    shelf.add("cards", "id", "MARKETING", [body, {"type": "CAROUSEL", "cards": [card, card]}])
    counter.meet("Sari Dewi", "+62 813-5550-0101", "hai")
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    counter.pull()
    return counter


def components(counter: Counter) -> dict[str, object]:
    return {part["type"]: part for part in counter.last["template"]["components"]}


def test_a_header_by_link_by_id_and_by_file(rich: Counter, tmp_path: Path) -> None:
    assert rich("send", "picture", "Sari", "1=Sari", "header=https://toko.id/a.png").status == 0
    assert components(rich)["header"] == {
        "type": "header",
        "parameters": [{"type": "image", "image": {"link": "https://toko.id/a.png"}}],
    }
    picture = tmp_path / "mawar.png"
    picture.write_bytes(files.PNG)
    rich.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    rich.forget()
    assert rich("send", "picture", "Sari", "Budi", "1={first_name}", f"header={picture}").status == 0
    assert rich.requests == [("POST", "media"), ("POST", "messages"), ("POST", "messages")]  # uploaded once
    used = [message.body["template"]["components"][0]["parameters"][0]["image"] for message in rich.sent[-2:]]  # type: ignore[index]
    assert used[0] == used[1]
    media_id = used[0]["id"]
    assert rich("send", "picture", "Sari", "1=Sari", f"header={media_id}").status == 0


def test_a_document_keeps_its_name(rich: Counter, tmp_path: Path) -> None:
    invoice = tmp_path / "nota 17.pdf"
    invoice.write_bytes(files.PDF)
    values = ("1=Sari", f"header={invoice}", "button.1=A-17")
    assert rich("send", "invoice", "Sari", *values).status == 0
    parameters = components(rich)["header"]["parameters"]  # type: ignore[index]
    assert parameters[0]["document"]["filename"] == "nota 17.pdf"
    button = components(rich)["button"]
    assert button["parameters"] == [{"type": "text", "text": "A-17"}]  # type: ignore[index]
    dry = rich("send", "invoice", "Sari", *values, "--dry-run", "--json").json
    assert dry["before"][0]["form"]["file"] == {"name": "nota 17.pdf", "bytes": len(files.PDF)}
    assert rich("send", "invoice", "Sari", *values, "header.filename=nota.pdf").status == 0
    assert components(rich)["header"]["parameters"][0]["document"]["filename"] == "nota.pdf"  # type: ignore[index]


def test_a_header_of_the_wrong_kind(rich: Counter, tmp_path: Path) -> None:
    wrong = tmp_path / "a.pdf"
    wrong.write_bytes(files.PDF)
    rich.refuses("bad-media", "send", "picture", "Sari", "1=a", f"header={wrong}", status=2)
    gone = rich.refuses("template-value", "send", "picture", "Sari", "1=a", "header=nowhere.png", status=2)
    assert "it is no file, no link and no media id" in gone.error["message"]
    picture = tmp_path / "a.png"
    picture.write_bytes(files.PNG)
    short = rich.refuses("template-values", "send", "picture", "Sari", f"header={picture}", status=2)
    assert f"header={picture} 1=..." in short.error["hint"]  # as it was typed, not what stands for it meanwhile


@pytest.mark.parametrize(
    ("typed", "ends_at_ms"),
    [
        ("3d", 1_795_582_800_000),  # from 2026-11-22T05:00Z
        ("tomorrow 9pm", 1_795_442_400_000),  # Jakarta
        ("2026-12-01 18:00", 1_796_122_800_000),
    ],
)
def test_an_offer_ends_when_people_say(rich: Counter, typed: str, ends_at_ms: int) -> None:
    values = ("1=Sari", "code=HEMAT20", "button.2=A-17")
    assert rich("send", "offer", "Sari", *values, f"expires={typed}").status == 0
    line = json.dumps({"who": "Sari", "values": {"expires": typed}}).encode()
    assert rich("send", "offer", "-", *values, stdin=line).status == 0
    for message in rich.sent[-2:]:
        (offer,) = message.body["template"]["components"][0]["parameters"]  # type: ignore[index]
        assert offer["limited_time_offer"] == {"expiration_time_ms": ends_at_ms}


def test_the_offer_of_a_campaign_ends_when_people_say(rich: Counter) -> None:
    plan = ("campaigns", "plan", "sale", "--template", "offer", "--to", "all", "--assume-opt-in", "form")
    values = ("1={name}", "code=HEMAT20", "button.2=A-17")
    rich.refuses("offer-over", *plan, *values, "expires=yesterday 9am", status=2)
    assert rich(*plan, *values, "expires=tomorrow 9pm", "--yes").status == 0
    assert _offer_of(rich("campaigns", "send", "sale", "--dry-run").err) == 1_795_442_400_000


_LATER = {
    "expires": ("3d", 1_795_582_800_000),
    "ends": ("2026-12-01 18:00", 1_796_122_800_000),
    "day": ("tomorrow", 1_795_442_400_000),
}


@pytest.mark.parametrize(
    ("header", "typed"), [("expires", ()), ("ends", ("expires={ends}",)), ("day", ("expires={day} 9pm",))]
)
def test_a_file_of_people_says_when_offers_end(
    rich: Counter, tmp_path: Path, header: str, typed: tuple[str, ...]
) -> None:
    later, ends_at_ms = _LATER[header]
    over = "2020-01-01" if header == "day" else "yesterday 9am"
    people = tmp_path / "people.csv"
    people.write_text(
        f"who,1,{header}\nSari,a,{later}\n+6281234567801,b,{over}\n+6281234567802,c,soonish\n+6281234567803,d,\n"
    )
    values = ("code=HEMAT20", "button.2=A-17", *typed)
    plan = ("campaigns", "plan", "sale", "--template", "offer", "--people", str(people), "--assume-opt-in", "form")
    planned = rich(*plan, *values, "--excluded", "--json")
    assert planned.status == 0, planned
    assert sorted((row["reason"], row["file_line"]) for row in planned.json) == [
        ("bad-value", 3), ("bad-value", 4), ("missing-value", None),
    ]  # fmt: skip
    assert _offer_of(rich("campaigns", "send", "sale", "--dry-run").err) == ends_at_ms


def test_lines_of_json_say_when_offers_end(rich: Counter) -> None:
    lines = [{"who": "Sari", "values": {"1": "a", "expires": "3d"}}, {"who": "+6281234567801", "values": {"1": "b"}}]
    plan = ("campaigns", "plan", "sale", "--template", "offer", "--to", "-", "--assume-opt-in", "form", "--json")
    values = ("code=HEMAT20", "button.2=A-17")
    planned = rich(*plan, *values, stdin="\n".join(json.dumps(line) for line in lines).encode())
    assert planned.json["excluded"] == [{"reason": "missing-value", "count": 1}]
    assert _offer_of(rich("campaigns", "send", "sale", "--dry-run").err) == 1_795_582_800_000
    everybody = ("expires=2026-12-01 18:00", "--replace")  # what is typed for everybody stands before a line's own
    rich(*plan, *values, *everybody, stdin="\n".join(json.dumps(line) for line in lines).encode())
    assert _offer_of(rich("campaigns", "send", "sale", "--dry-run").err) == 1_796_122_800_000


def _offer_of(told: str) -> int:
    request = next(json.loads(line) for line in told.splitlines() if line.startswith("{"))
    (offer,) = [part for part in request["template"]["components"] if part["type"] == "limited_time_offer"]
    return int(offer["parameters"][0]["limited_time_offer"]["expiration_time_ms"])


def test_no_offer_is_over_when_it_goes_out(rich: Counter) -> None:
    values = ("1=Sari", "code=HEMAT20", "button.2=A-17")
    for over in ("yesterday 9am", "2026-11-22T05:00:00Z"):
        rich.refuses("offer-over", "send", "offer", "Sari", *values, f"expires={over}", status=2)
    rich.refuses("bad-instant", "send", "offer", "Sari", *values, "expires=soonish", status=2)


def test_codes_offers_and_cards(rich: Counter, tmp_path: Path) -> None:
    assert rich("send", "coupon", "Sari", "1=Sari", "code=HEMAT20").status == 0
    assert components(rich)["button"]["parameters"] == [{"type": "coupon_code", "coupon_code": "HEMAT20"}]  # type: ignore[index]
    rich.refuses("template-value", "send", "coupon", "Sari", "1=Sari", "code=" + "X" * 21, status=2)
    values = ("1=Sari", "code=HEMAT20", "button.2=A-17", "expires=2026-12-01T18:00+07:00")
    assert rich("send", "offer", "Sari", *values).status == 0
    assert components(rich)["limited_time_offer"] == {
        "type": "limited_time_offer",
        "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1_796_122_800_000}}],
    }
    picture = tmp_path / "mawar.png"
    picture.write_bytes(files.PNG)
    cards = [
        f"card.{n}.{key}"
        for n in (1, 2)
        for key in (f"header={picture if n == 1 else 'https://toko.id/b.png'}", f"button.1=p{n}")
    ]
    assert rich("send", "cards", "Sari", "1=Sari", *cards).status == 0
    sent = components(rich)["carousel"]["cards"]  # type: ignore[index]
    headers = [card["components"][0]["parameters"][0]["image"] for card in sent]
    assert list(headers[0]) == ["id"]
    assert headers[1] == {"link": "https://toko.id/b.png"}
    refused = rich.refuses("template-values", "send", "cards", "Sari", "1=Sari", *cards[:3], status=2)
    assert refused.error["details"]["missing"] == ["card.2.button.1"]
