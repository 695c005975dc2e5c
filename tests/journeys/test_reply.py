"""`wacli reply` against the sandbox: every kind of answer, every refusal, both edges of the window."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.counter import Counter
from wacli.cloudapi.client import Client
from wacli.sandbox.puppet import Puppet

SARI = "+6281355500101"


def test_a_text_goes_out_and_is_in_the_thread(counter: Counter, sari: Puppet) -> None:
    outcome = counter("reply", "Sari", "Masih, sampai jam 9 🌹", "--json")
    assert outcome.status == 0
    (row,) = outcome.json
    assert row["state"] == "accepted"
    assert (row["free_reason"], row["price"], row["template"]) == ("allowance", "0", None)
    assert counter.last["text"] == {"body": "Masih, sampai jam 9 🌹"}
    assert counter.last["to"] == SARI
    assert counter.last["biz_opaque_callback_data"] == row["key"]
    counter.later(timedelta(seconds=5))
    said = counter("thread", "Sari", "--json").json["messages"][-1]
    assert (said["wamid"], said["status"], said["text"]) == (row["wamid"], "read", "Masih, sampai jam 9 🌹")


def test_the_window_is_half_open(counter: Counter, sari: Puppet) -> None:
    counter.later(timedelta(hours=24) - timedelta(seconds=1))
    assert counter("reply", "Sari", "masih sempat").status == 0
    counter.later(timedelta(seconds=1))
    refused = counter.refuses("window-closed", "reply", "Sari", "terlambat")
    assert "order_ready" in refused.error["hint"]
    assert refused.error["details"]["reasons"] == ["window-closed"]


def test_somebody_who_never_wrote_needs_a_template(counter: Counter) -> None:
    counter("contacts", "add", "Agus", "--phone", "+62 878-5566-7788")
    refused = counter.refuses("window-closed", "reply", "Agus", "halo")
    assert refused.error["details"]["reasons"] == ["never-wrote"]


def test_a_quote(counter: Counter, sari: Puppet) -> None:
    wamid = counter("thread", "Sari", "--json").json["messages"][-1]["wamid"]
    assert counter("reply", "Sari", "Masih", "--to-message", wamid).status == 0
    assert counter.last["context"] == {"message_id": wamid}
    assert counter("reply", "Sari", "Masih", "--to-message", "last").status == 0
    assert counter.last["context"] == {"message_id": wamid}
    counter("contacts", "add", "Agus", "--phone", "+62 878-5566-7788")
    counter.refuses("no-message", "reply", "Agus", "halo", "--to-message", "last", status=3)


def test_a_reaction_is_free_by_the_rules(counter: Counter, sari: Puppet) -> None:
    (row,) = counter("reply", "Sari", "--react", "👍", "--to-message", "last", "--if-free", "--json").json
    assert (row["state"], row["free_reason"]) == ("accepted", "rules")
    wamid = counter("thread", "Sari", "--json").json["messages"][0]["wamid"]
    assert counter.last["reaction"] == {"message_id": wamid, "emoji": "👍"}
    assert counter("reply", "Sari", "--react", "", "--to-message", wamid).status == 0
    assert counter.last["reaction"] == {"message_id": wamid, "emoji": ""}
    counter.refuses("bad-emoji", "reply", "Sari", "--react", "ok", "--to-message", "last", status=2)
    counter.refuses("missing", "reply", "Sari", "--react", "👍", status=2)


def test_a_place(counter: Counter, sari: Puppet) -> None:
    assert counter("reply", "Sari", "--location", "-6.2,106.8,Toko Melati,Jl. Sabang 1, Jakarta").status == 0
    assert counter.last["location"] == {
        "latitude": -6.2,
        "longitude": 106.8,
        "name": "Toko Melati",
        "address": "Jl. Sabang 1, Jakarta",
    }
    assert counter("reply", "Sari", "--location", "-6.2,106.8").status == 0
    assert counter.last["location"] == {"latitude": -6.2, "longitude": 106.8}
    for wrong in ("here", "91,0", "0,181", "1"):
        counter.refuses("bad-location", "reply", "Sari", "--location", wrong, status=2)


def test_buttons(counter: Counter, sari: Puppet) -> None:
    assert counter("reply", "Sari", "Diantar?", "--buttons", "Ya| Tidak |").status == 0
    assert counter.last["interactive"] == {
        "type": "button",
        "body": {"text": "Diantar?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "Ya", "title": "Ya"}},
                {"type": "reply", "reply": {"id": "Tidak", "title": "Tidak"}},
            ]
        },
    }
    counter.refuses("wrong-count", "reply", "Sari", "Pilih", "--buttons", "a|b|c|d", status=2)
    counter.refuses("same-id-twice", "reply", "Sari", "Pilih", "--buttons", "a|a", status=2)
    counter.refuses("too-long", "reply", "Sari", "Pilih", "--buttons", "x" * 21, status=2)
    counter.refuses("missing", "reply", "Sari", "--buttons", "Ya", status=2)


def test_a_list_on_one_line_and_from_a_file(counter: Counter, sari: Puppet) -> None:
    assert counter("reply", "Sari", "Mau apa?", "--list", "Menu: Mawar = merah atau putih | Tulip").status == 0
    inline = counter.last["interactive"]
    assert inline["action"] == {
        "button": "Menu",
        "sections": [
            {
                "rows": [
                    {"id": "Mawar", "title": "Mawar", "description": "merah atau putih"},
                    {"id": "Tulip", "title": "Tulip"},
                ]
            }
        ],
    }
    file = counter.door.folder / "menu.json"
    file.write_text(
        '{"button": "Menu", "sections": [{"title": "Bunga", "rows": [{"id": "m", "title": "Mawar"}]},'
        ' {"title": "Kue", "rows": [{"title": "Lapis", "description": "legit"}]}]}'
    )
    assert counter("reply", "Sari", "Mau apa?", "--list", str(file)).status == 0
    sections = counter.last["interactive"]["action"]["sections"]
    assert [section["title"] for section in sections] == ["Bunga", "Kue"]
    assert sections[0]["rows"] == [{"id": "m", "title": "Mawar"}]
    file.write_text('{"button": 7, "sections": [{"rows": []}]}')
    counter.refuses("bad-list", "reply", "Sari", "Mau apa?", "--list", str(file), status=2)
    counter.refuses("no-file", "reply", "Sari", "Mau apa?", "--list", "nowhere.json", status=2)
    counter.refuses("bad-list", "reply", "Sari", "Mau apa?", "--list", "Mawar | Tulip", status=2)


def test_a_long_text_is_refused_with_its_length_or_split(counter: Counter, sari: Puppet) -> None:
    exact, longer = "a" * 4096, "kata " * 1000  # 4,999 without the last blank
    assert counter("reply", "Sari", exact).status == 0
    refused = counter.refuses("too-long", "reply", "Sari", exact + "a", status=2)
    assert refused.error["details"] == {"length": 4097, "limit": 4096}
    assert "4,097" in refused.error["message"]
    assert "--split" in refused.error["hint"]
    before = len(counter.sent)
    outcome = counter("reply", "Sari", longer, "--split", "--to-message", "last", "--json")
    assert [row["state"] for row in outcome.json] == ["accepted", "accepted"]
    parts = [message.body for message in counter.sent[before:]]
    texts = [str(part["text"]["body"]) for part in parts]  # type: ignore[index]
    assert " ".join(texts) == longer.strip()
    assert all(len(text) <= 4096 for text in texts)
    assert ["context" in part for part in parts] == [True, False]


def test_the_rest_of_a_text_is_not_sent_after_a_part_that_failed(counter: Counter, sari: Puppet) -> None:
    counter.sandbox.push_fault("error", code=131009)
    before = len(counter.sent)
    outcome = counter("reply", "Sari", "kata " * 1000, "--split", "--json")
    assert [(row["state"], row["error"]) for row in outcome.json] == [
        ("refused", "api-131009"),
        ("not-sent", "not-tried"),
    ]
    assert outcome.status == 5
    assert len(counter.sent) == before


def test_the_text_comes_from_standard_input(counter: Counter, sari: Puppet) -> None:
    assert counter("reply", "Sari", "-", stdin=b"dua\nbaris\n").status == 0
    assert counter.last["text"] == {"body": "dua\nbaris"}
    counter.refuses("empty-text", "reply", "Sari", "-", stdin=b"\n", status=2)


def test_what_does_not_go_together_is_said(counter: Counter, sari: Puppet) -> None:
    for argv in (
        ("halo", "dunia"),
        ("halo", "--buttons", "a", "--list", "M: a"),
        ("halo", "--location", "0,0"),
        ("halo", "--react", "👍", "--to-message", "last"),
        ("halo", "--else-template", "order_ready", "Agus"),
    ):
        counter.refuses("usage", "reply", "Sari", *argv, status=2)
    counter.refuses("missing", "reply", "Sari", status=2)


# --- the other branch ------------------------------------------------------------------------------------------------

ELSE = ("--else-template", "order_ready", "name={first_name}", "order=A-17")


def test_the_template_goes_out_only_when_the_window_is_shut(counter: Counter, sari: Puppet) -> None:
    open_ = counter("reply", "Sari", "Sudah siap!", *ELSE, "--json")
    assert open_.status == 0
    assert open_.json[0]["template"] is None
    assert counter.last["type"] == "text"
    assert "The window is open: the answer went out (free: allowance)" in open_.err
    counter.later(timedelta(hours=24))
    shut = counter("reply", "Sari", "Sudah siap!", *ELSE, "--json")
    assert shut.status == 0
    assert (shut.json[0]["template"], shut.json[0]["price"], shut.json[0]["category"]) == (
        "order_ready",
        "0.0250",
        "utility",
    )
    assert "The window is shut: the template order_ready went out ($0.025)" in shut.err
    values = counter.last["template"]["components"][0]["parameters"]
    assert [value["text"] for value in values] == ["Sari", "A-17"]


def test_both_branches_are_checked_before_anything_is_sent(counter: Counter, sari: Puppet) -> None:
    refused = counter.refuses("template-values", "reply", "Sari", "Siap!", *ELSE[:-1], status=2)
    assert refused.error["details"]["missing"] == ["order"]
    counter.refuses("no-such-template", "reply", "Sari", "Siap!", "--else-template", "order_redy", status=3)
    counter.refuses("usage", "reply", "Sari", "kata " * 1000, "--split", *ELSE, status=2)
    counter.later(timedelta(hours=24))
    counter.refuses("too-expensive", "reply", "Sari", "Siap!", *ELSE, "--max-cost", "0.024USD")
    counter.refuses("not-free", "reply", "Sari", "Siap!", *ELSE, "--if-free")
    assert counter("reply", "Sari", "Siap!", *ELSE, "--max-cost", "0.025USD").status == 0


def test_a_dry_run_says_which_branch_it_would_be(counter: Counter, sari: Puppet) -> None:
    counter.later(timedelta(hours=24))
    outcome = counter("reply", "Sari", "Siap!", *ELSE, "--dry-run", "--json")
    assert outcome.json["template"] == "order_ready"
    assert "the template order_ready would go out" in outcome.err
    assert counter.requests == []


# --- money -----------------------------------------------------------------------------------------------------------


def test_the_allowance_counts_what_was_just_sent(counter: Counter, sari: Puppet) -> None:
    from tests.support.allowance import use_up

    use_up(counter, left=2)
    outcome = counter("reply", "Sari", "kata " * 1700, "--split", "--json")  # three parts
    assert [row["free_reason"] for row in outcome.json] == ["allowance", "allowance", None]
    assert outcome.json[2]["price"] == "0.0250"
    counter.refuses("not-free", "reply", "Sari", "satu lagi", "--if-free")
    counter.refuses("too-expensive", "reply", "Sari", "satu lagi", "--max-cost", "0.02")


def test_a_cost_limit_that_cannot_be_read(counter: Counter, sari: Puppet) -> None:
    counter.refuses("bad-value", "reply", "Sari", "halo", "--max-cost", "cheap", status=2)
    counter.refuses("other-currency", "reply", "Sari", "halo", "--max-cost", "500IDR")


# --- courtesies ------------------------------------------------------------------------------------------------------


def test_read_and_typing_come_before_the_answer(counter: Counter, sari: Puppet) -> None:
    counter.forget()
    assert counter("reply", "Sari", "Masih", "--mark-read").status == 0
    assert counter.requests == [("POST", "messages")] * 2
    assert counter("reply", "Sari", "Masih", "--typing", "--mark-read").status == 0
    wamid = counter("thread", "Sari", "--json").json["messages"][0]["wamid"]
    dry = counter("reply", "Sari", "Masih", "--typing", "--dry-run", "--json").json
    assert dry["before"] == [
        {
            "method": "POST",
            "path": f"/v25.0/{counter.sandbox.number.id}/messages",
            "body": {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": wamid,
                "typing_indicator": {"type": "text"},
            },
        }
    ]


def test_a_courtesy_that_fails_does_not_hold_the_answer_up(counter: Counter, sari: Puppet) -> None:
    counter.sandbox.push_fault("error", code=131009)
    outcome = counter("reply", "Sari", "Masih", "--mark-read")
    assert outcome.status == 0
    assert "Not marked as read" in outcome.err
    assert len(counter.sent) == 1


# --- dry runs --------------------------------------------------------------------------------------------------------


def test_a_dry_run_constructs_no_transport_and_writes_nothing(
    counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dry run makes no client")

    monkeypatch.setattr(Client, "__init__", refuse)
    before = counter.outbox()
    outcome = counter("reply", "Sari", "Masih", "--dry-run", "--json")
    assert outcome.status == 0
    assert outcome.json["dry_run"] is True
    body = outcome.json["body"]
    assert body.pop("biz_opaque_callback_data")
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": SARI,
        "type": "text",
        "text": {"body": "Masih"},
    }
    shown = counter("reply", "Sari", "Masih", "--dry-run", "--format", "table").out
    assert "Dry run: nothing was sent." in shown
    assert "Cost: free: allowance" in shown
    assert counter.outbox() == before
    then = counter("reply", "Sari", "Masih", "--dry-run", "--json", "--at", "2026-11-23T05:00Z")
    assert (then.status, then.error["code"]) == (4, "window-closed")
    assert counter("reply", "Sari", "Masih", "--at", "2026-11-23T05:00Z", "--json").error["code"] == "at-needs-dry-run"


def test_without_a_store_a_dry_run_makes_none(counter: Counter) -> None:
    empty = str(counter.door.folder / "other.db")
    outcome = counter("reply", "Sari", "Masih", "--dry-run", "--db", empty, "--json")
    assert outcome.error["code"] == "no-store"
    assert not (counter.door.folder / "other.db").exists()
