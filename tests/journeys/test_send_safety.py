"""Safe mode: a list of safe recipients, a sandbox that stays on this machine, a banner before real people."""

from __future__ import annotations

import pytest

from tests.support.counter import Counter
from wacli.sandbox.puppet import Puppet

READY = ("name=a", "order=b")


def test_anybody_else_is_refused_before_anything(counter: Counter, sari: Puppet) -> None:
    counter.profile(safe_recipients="+62 813-9876-5432, ID.42")
    refused = counter.refuses("not-safe", "reply", "Sari", "halo")
    assert "Sari Dewi" in refused.error["message"]
    counter.refuses("not-safe", "send", "order_ready", "Sari", *READY)
    counter.refuses("not-safe", "send", "order_ready", "Sari", *READY, "--dry-run")
    counter.meet("Budi", "+62 813-9876-5432", "hai")
    counter.meet("Rina", "+62 857-1122-3344", "hai", bsuid="ID.42", username="rina.h")
    assert counter("reply", "Budi", "halo").status == 0
    assert counter("reply", "Rina", "halo").status == 0
    outcome = counter("send", "order_ready", "Sari", "Budi", *READY, "--json")
    assert [(row["state"], row["error"]) for row in outcome.json] == [("not-sent", "not-safe"), ("accepted", None)]


def test_the_forms_of_one_number_are_one(counter: Counter) -> None:
    counter.profile(safe_recipients="+5511987654321")
    counter.meet("Ana", "+55 11 8765-4321", "oi")  # Brazil's ninth digit
    assert counter("reply", "Ana", "oi", "--dry-run").status == 0


@pytest.mark.parametrize("value", ["Sari", "0812345678", "+62 813,abc", " , "])
def test_a_list_that_cannot_be_read_is_refused(counter: Counter, value: str) -> None:
    wrong = counter("config", "set", "safe_recipients", value, "--json")
    assert (wrong.status, wrong.error["code"]) == (2, "config-value")
    assert ("with their country code" in wrong.error["message"]) == value.startswith("08")
    assert counter("config", "set", "safe_recipients", "+62 813-9876-5432,ID.42").status == 0


@pytest.mark.parametrize("base", ["https://graph.facebook.com", "http://127.0.0.1.evil.example", "https://127.0.0.2"])
def test_a_sandbox_reaches_nothing_but_this_machine(counter: Counter, sari: Puppet, base: str) -> None:
    if base.startswith("https"):
        counter.profile(api_base=base)
        counter.refuses("sandbox-only", "reply", "Sari", "halo")
        pulled = counter("templates", "pull", "--json")
        assert (pulled.status, pulled.error["code"]) == (4, "sandbox-only")
    else:  # a plain address elsewhere is no setting at all: the token would travel in the open
        counter.profile(api_base=base)
        counter_says = counter("reply", "Sari", "halo", "--json")
        assert (counter_says.status, counter_says.error["code"]) == (2, "config-value")


def test_real_people_are_announced(counter: Counter, sari: Puppet) -> None:
    quiet = counter("reply", "Sari", "halo")
    assert "Sending for real" not in quiet.err
    counter.profile(kind="cloud-api")
    loud = counter("reply", "Sari", "halo")
    assert loud.status == 0
    number = counter.sandbox.number.digits
    assert loud.err == f"Sending for real, as profile shop, number +{number}\n"
    assert counter("reply", "Sari", "halo", "--quiet").err == ""
    assert counter("reply", "Sari", "halo", "--dry-run").err == ""
    refused = counter("reply", "Sari", "halo", "--max-cost", "x")
    assert "Sending for real" not in refused.err
