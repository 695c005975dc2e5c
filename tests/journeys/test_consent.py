"""The consent ledger: STOP and START in a chat, Meta's own stop, refusals, what the sender vouches for."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.counter import Counter
from tests.support.front_door import FrontDoor
from tests.support.payloads import contact, messages, notification
from tests.support.shop import SARI, Shop, unix
from wacli.sandbox.puppet import Puppet

PROMO = ("send", "promo_weekend", "Sari", "1=Sari", "2=20%")
AT = "2026-11-22T04:00Z"


def ledger(run: Any, who: str = "Sari") -> list[tuple[str, str, str]]:
    """Category, state and source of each entry, newest first."""
    rows = run("contacts", "show", who, "--json").json["consents"]
    return [(row["category"], row["state"], row["source"]) for row in rows]


STOPPED = ("marketing", "opted-out", "stop-word")
STARTED = ("marketing", "opted-in", "start-word")


def test_marketing_needs_an_opt_in(counter: Counter, sari: Puppet) -> None:
    refused = counter.refuses("no-opt-in", *PROMO)
    assert "opt-in '#1'" in refused.error["hint"]
    assert "--assume-opt-in" in refused.error["hint"]
    counter("contacts", "opt-in", "Sari", "--evidence", "formulir 3 Mei")
    assert counter(*PROMO).status == 0
    assert counter("send", "order_ready", "Sari", "name=a", "order=b").status == 0  # utility needs none


def test_a_vouched_opt_in_is_written_down_when_it_is_used(counter: Counter, sari: Puppet) -> None:
    assume = ("--assume-opt-in", "kartu anggota")
    assert counter(*PROMO, *assume, "--dry-run").status == 0
    assert ledger(counter) == []
    counter.refuses("too-expensive", *PROMO, *assume, "--max-cost", "0.001")
    counter.refuses("missing", *PROMO, "--assume-opt-in", " ", status=2)
    assert ledger(counter) == []
    assert counter(*PROMO, *assume).status == 0
    assert ledger(counter) == [("marketing", "opted-in", "assumed")]
    shown = counter("contacts", "show", "Sari", "--json").json["consents"]
    assert shown[0]["evidence"] == "kartu anggota"
    assert counter(*PROMO, *assume).status == 0
    assert len(ledger(counter)) == 1  # once is enough
    assert counter("send", "order_ready", "Sari", "name=a", "order=b", *assume).status == 0
    assert len(ledger(counter)) == 1  # nothing was assumed for a utility template


def test_a_stop_is_always_refused_and_a_start_restores(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    counter.later(timedelta(seconds=1))
    sari.says("  Stop! ")
    counter.take_in()
    assert ledger(counter)[0] == STOPPED
    evidence = counter("contacts", "show", "Sari", "--json").json["consents"][0]["evidence"]
    assert evidence.startswith("  Stop!  (wamid.")
    counter.refuses("opted-out", *PROMO)
    counter.refuses("opted-out", *PROMO, "--assume-opt-in", "kartu anggota")
    assert counter("send", "order_ready", "Sari", "name=a", "order=b").status == 0
    counter.later(timedelta(seconds=1))
    sari.says("mulai")
    counter.take_in()
    assert ledger(counter)[0] == STARTED
    assert counter(*PROMO).status == 0


def test_the_button_of_a_template_stops_too(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    assert counter(*PROMO).status == 0
    counter.later(timedelta(seconds=5))
    sari.taps("Berhenti promo")
    counter.take_in()
    assert ledger(counter)[0] == STOPPED
    counter.refuses("opted-out", *PROMO)


def test_a_stop_in_whatsapp_is_not_lifted_by_a_word(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    counter.later(timedelta(seconds=1))
    sari.stops_marketing()
    counter.later(timedelta(seconds=1))
    sari.says("START")
    counter.take_in()
    assert ledger(counter)[0] == STARTED
    counter.refuses("opted-out", *PROMO)
    sari.stops_marketing(resumes=True)
    counter.later(timedelta(seconds=1))
    assert counter(*PROMO).status == 0


def test_a_131050_is_an_opt_out_whether_it_comes_at_once_or_later(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    counter.later(timedelta(seconds=1))
    counter.sandbox.push_fault("error", code=131050)
    outcome = counter(*PROMO, "--json")
    assert (outcome.status, outcome.json[0]["error"]) == (5, "api-131050")
    assert ledger(counter)[0] == ("marketing", "opted-out", "131050")
    counter.refuses("opted-out", *PROMO)
    assert counter("db", "rebuild").status == 0
    assert ledger(counter)[0] == ("marketing", "opted-out", "131050")
    budi = counter.meet("Budi", "+62 813-9876-5432", "hai")
    budi.customer.has_stopped_marketing = True
    to_budi = ("send", "promo_weekend", "Budi", "1=a", "2=b", "--assume-opt-in", "form")
    assert counter(*to_budi).status == 0
    counter.later(timedelta(seconds=5))
    counter.refuses("opted-out", *to_budi)


def test_a_dry_run_records_nothing_and_says_nothing_else(counter: Counter, sari: Puppet) -> None:
    for command, would in (("opt-in", "Would record: Sari Dewi agreed"), ("opt-out", "Would record: Sari Dewi wants")):
        dry = counter("contacts", command, "Sari", "--evidence", "form", "--dry-run")
        assert would in dry.err
        assert "Recorded" not in dry.err
    assert counter("contacts", "show", "Sari", "--json").json["consents"] == []


def test_an_opt_out_by_hand_of_each_category(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-out", "Sari", "--category", "utility", "--evidence", "telepon")
    counter.refuses("opted-out", "send", "order_ready", "Sari", "name=a", "order=b")
    assert counter("reply", "Sari", "maaf").status == 0
    counter("contacts", "opt-out", "Sari", "--category", "service", "--evidence", "telepon")
    counter.refuses("opted-out", "reply", "Sari", "maaf")
    assert counter("can", "Sari", "--json").status == 12
    (row,) = counter("threads", "--json").json
    assert (row["next_reply"], row["may_send"]) == ("blocked", "nothing")


# --- what counts as a word ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop.", "¡BAJA!", "Não quero mais receber", "berhenti promo 🙏", "«Unsubscribe»", "ＳＴＯＰ", "unreg",
     "Opt-out", "PARE", "Stop promotions"],
)  # fmt: skip
def test_a_whole_message_is_a_stop(wacli: FrontDoor, text: str) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, text, AT)
    assert ledger(wacli) == [STOPPED]


@pytest.mark.parametrize(
    "text",
    ["stop by tomorrow?", "jangan stop", "cancel", "batal", "cancelar", "no", "keluar", "para Sari", "", "s t o p",
     "stop " + "!" * 100],
)  # fmt: skip
def test_anything_else_is_not(wacli: FrontDoor, text: str) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, text, AT)
    assert ledger(wacli) == []


def test_only_live_messages_of_the_contact_count(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "hai", AT)
    shop.owner_types(SARI, "STOP", "2026-11-22T04:01Z")
    shop.hears(SARI, "STOP", "2026-11-22T04:02Z", group_id="group-1")
    history = {
        "messaging_product": "whatsapp",
        "metadata": {"phase": 0, "chunk_order": 1, "progress": 100},
        "threads": [
            {
                "id": SARI.phone,
                "messages": [
                    {"from": SARI.phone, "id": "wamid.OLD", "timestamp": str(unix(AT)), "type": "text",
                     "text": {"body": "STOP"}, "history_context": {"status": "READ"}}
                ],
            }
        ],
    }  # fmt: skip
    report = shop.tell(notification("history", history=[history]))
    assert report["history_new"] == 1
    assert ledger(wacli) == []


def test_a_start_alone_is_no_opt_in(counter: Counter, sari: Puppet) -> None:
    sari.says("mulai")
    counter.take_in()
    assert ledger(counter) == [STARTED]
    counter.refuses("no-opt-in", *PROMO)


# --- derived like everything else -----------------------------------------------------------------------------------


def _said(n: int, text: str, at: int) -> dict[str, Any]:
    message = {"from": SARI.phone, "from_user_id": SARI.bsuid, "id": f"wamid.W{n}", "timestamp": str(at),
               "type": "text", "text": {"body": text}}  # fmt: skip
    return messages([message], [contact()])


def test_the_order_of_arrival_does_not_matter_and_twice_is_once(wacli: FrontDoor) -> None:
    at = unix(AT)
    told = [_said(1, "STOP", at), _said(2, "START", at + 60), _said(3, "berhenti", at + 120), _said(4, "hai", at + 180)]
    seen = set()
    for number, order in enumerate(itertools.permutations(told)):
        database = str(wacli.folder / f"{number}.db")
        for body in (*order, order[0]):
            raw = json.dumps([body, body]).encode()
            assert wacli("ingest", "-", "--db", database, stdin=raw).status == 0
        seen.add(wacli("contacts", "show", "Sari", "--fields", "consents", "--json", "--db", database).out)
        assert wacli("db", "rebuild", "--db", database).status == 0
        seen.add(wacli("contacts", "show", "Sari", "--fields", "consents", "--json", "--db", database).out)
    assert len(seen) == 1
    entries = json.loads(seen.pop())["consents"]
    assert [(entry["state"], entry["at"]) for entry in entries] == [
        ("opted-out", "2026-11-22T04:02:00Z"),
        ("opted-in", "2026-11-22T04:01:00Z"),
        ("opted-out", "2026-11-22T04:00:00Z"),
    ]


def test_as_it_stood_then(counter: Counter, sari: Puppet) -> None:
    counter("contacts", "opt-in", "Sari", "--evidence", "form")
    counter.later(timedelta(minutes=10))
    sari.says("STOP")
    counter.take_in()
    before = counter(*PROMO, "--dry-run", "--at", "2026-11-22T05:09:59Z")
    at_it = counter(*PROMO, "--dry-run", "--at", "2026-11-22T05:10:00Z", "--json")
    assert before.status == 0
    assert at_it.error["code"] == "opted-out"
