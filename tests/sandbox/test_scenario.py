"""Scenarios: read strictly, put on, and played by the sandbox's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wacli.domain.problem import Invalid
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.scenario import read_scenario
from wacli.sandbox.scenario_table import read_span
from wacli.sandbox.stage import EXAMPLE, sandbox_of

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SARI = '[[customers]]\nname = "Sari"\nphone = "+62 812-3456-7890"\n'


def play(text: str, hours: float = 24) -> Sandbox:
    """The scenario at a stopped clock, so many hours later."""
    sandbox = sandbox_of(read_scenario(text, "x.toml"), NOW, speed=0)
    sandbox.advance(timedelta(hours=hours))
    return sandbox


def told(sandbox: Sandbox) -> list[Any]:
    """What the webhooks would say, in order."""
    return [update.change for update in sandbox.courier.take()]


def kinds(sandbox: Sandbox) -> list[str]:
    return [one.kind for one in sandbox.book.heard.values()]


def test_the_example_is_a_scenario_and_plays_to_its_end() -> None:
    scenario = read_scenario(EXAMPLE, "example.toml")
    assert (scenario.speed, len(scenario.people), scenario.crowds[0].count) == (60.0, 3, 30)
    assert max(act.after for person in scenario.people for act in person.script) == timedelta(days=1)
    sandbox = play(EXAMPLE, hours=25)
    assert {"text", "image", "call", "edit"} <= set(kinds(sandbox))
    assert len(sandbox.book.customers) == 33
    assert len(kinds(sandbox)) > 40
    assert sandbox.book.allowance.count(sandbox.number.id, "2026-11") == 990
    assert [fault.kind for fault in sandbox.faults.waiting()] == ["timeout"]
    dewi = next(one for one in sandbox.book.customers if one.name == "Dewi")
    assert (dewi.username, dewi.has_stopped_marketing) == ("dewi.bunga", True)
    assert (sandbox.courier.switches.batch, sandbox.courier.switches.copies) == (3, 2)


def test_a_script_is_played_at_its_times() -> None:
    sandbox = play(SARI + '''script = [
      { after = "10s", says = "Halo" }, { after = "20s", edits = "Halo kak" },
      { after = "1h", clicks_ad = "Iklan", headline = "Buket" },
      { after = "2h", calls = "3m" }, { after = "3h", sends = "voice" },
      { after = "4h", sends = "order" }, { after = "5h", moves_to = "+62 811 0000 9999" },
      { after = "6h", stops_marketing = true }, { after = "7h", resumes_marketing = true },
      { after = "8h", hears_from_app = "Dari toko" }, { after = "9h", revokes = true } ]''')  # fmt: skip
    heard = list(sandbox.book.heard.values())
    assert [(one.kind, (one.at - NOW).total_seconds()) for one in heard] == [
        ("text", 10), ("edit", 20), ("text", 3600), ("call", 7200), ("audio", 10800), ("order", 14400),
        ("revoke", 32400),
    ]  # fmt: skip
    fields = [change["field"] for change in told(sandbox)]
    assert fields == ["messages", "messages", "messages", "calls", "calls", "messages", "messages", "messages",
                      "user_preferences", "user_preferences", "smb_message_echoes", "messages"]  # fmt: skip
    assert sandbox.book.customers[0].wa_id == "6281100009999"


def test_what_cannot_be_done_yet_is_left_out() -> None:
    sandbox = play(
        SARI + 'script = [{ taps = "Ya" }, { edits = "x" }, { reacts = "🌹" }, { after = "1s", says = "Halo" }]'
    )
    assert kinds(sandbox) == ["text"]


def test_a_colleague_answers_and_the_customers_answer_back() -> None:
    sandbox = play(
        '[shop]\nanswers_after = "5m"\n'
        + SARI
        + """script = [{ says = "Halo" }]
answers = [{ to = "siap", text = "Terima kasih", after = "1m", times = 2 }]"""
    )
    assert [one.status for one in sandbox.book.sent.values()] == ["read", "read", "read"]
    assert [one.text for one in sandbox.book.heard.values()] == ["Halo", "Terima kasih", "Terima kasih"]


def test_the_same_seed_plays_the_same_crowd() -> None:
    text = 'seed = 5\n[[crowd]]\ncount = 20\nwrites_every = "2h"\nuntil = "6h"\nfrom_ads = 0.3\ncalls = 0.2\n'
    first, again = play(text), play(text)
    assert [one.text for one in first.book.heard.values()] == [one.text for one in again.book.heard.values()]
    heard = list(first.book.heard.values())
    assert 30 < len(heard) < 120
    assert all(NOW <= one.at <= NOW + timedelta(hours=6) for one in heard)
    assert {one.kind for one in heard} == {"text", "call"}
    assert any(one.is_ad for one in heard)


def test_the_shop_is_as_the_file_says() -> None:
    sandbox = play(
        """start = 2026-09-28T08:00:00+07:00
[shop]
name = "Toko Roti"
currency = "EUR"
time_zone = "Asia/Makassar"
payment_method = false
entry_point = "80h"
[webhooks]
shuffled = true
""",
        hours=0,
    )
    account = sandbox.account
    assert (account.name, account.currency, str(account.zone), account.has_payment_method) == (
        "Toko Roti", "EUR", "Asia/Makassar", False
    )  # fmt: skip
    assert sandbox.clock.now() == datetime(2026, 9, 28, 1, tzinfo=UTC)
    assert sandbox.transit.entry_point_for == timedelta(hours=80)
    assert sandbox.courier.switches.is_shuffled


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x = [", "TOML"),
        ("speeed = 3", "speeed"),
        ("speed = -1", "speed"),
        ("speed = true", "speed"),
        ("start = 2026-11-22", "start"),
        ("start = 2026-11-22T08:00:00", "start"),
        ('shop = "x"', "shop"),
        ('[shop]\ntime_zone = "Mars/Base"', "shop.time_zone"),
        ("[shop]\nfree_used = -1", "shop.free_used"),
        ('[shop]\nentry_point = "long"', "shop.entry_point"),
        ("[webhooks]\nbatch = 0", "webhooks.batch"),
        ("customers = 3", "customers"),
        ("customers = [3]", "customers[0]"),
        ('[[customers]]\nname = "Sari"', "customers[0].phone"),
        (SARI + "name2 = 3", "customers[0].name2"),
        (SARI + "script = [{}]", "customers[0].script[0]"),
        (SARI + 'script = [{ says = "a", calls = "missed" }]', "customers[0].script[0]"),
        (SARI + "script = [{ says = 3 }]", "customers[0].script[0].says"),
        (SARI + 'script = [{ calls = "long" }]', "customers[0].script[0].calls"),
        (SARI + 'script = [{ sends = "hologram" }]', "customers[0].script[0].sends"),
        (SARI + "script = [{ revokes = false }]", "customers[0].script[0].revokes"),
        (SARI + 'script = [{ says = "a", after = "soon" }]', "customers[0].script[0].after"),
        (SARI + "answers = [{ times = 2 }]", "customers[0].answers[0].text"),
        ("[[crowd]]\nfrom_ads = 0.2", "crowd[0].count"),
        ("[[crowd]]\ncount = 3\nfrom_ads = 2", "crowd[0].from_ads"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_scenario(text, "x.toml")
    assert caught.value.code == "bad-scenario"
    assert caught.value.details == {"file": "x.toml", "key": key}


@pytest.mark.parametrize(
    ("text", "seconds"), [("400ms", 0.4), ("90s", 90), ("1h30m", 5400), ("3d", 259_200), ("2 h", 7200)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    found = read_span(text)
    assert found is not None
    assert found.total_seconds() == seconds
    assert read_span(text + "!") is None
