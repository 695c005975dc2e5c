"""Templates through the front door, against the sandbox over loopback: list, show, preview, and category alarms."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.demo_shop import DemoShop, demo_shop
from tests.support.front_door import FrontDoor
from tests.support.shop import rfc3339, unix
from wacli.sandbox.templates import Template

LIST_KEYS = [
    "name", "language", "status", "category", "requested_category", "quality", "rejected_reason", "template_id",
    "pulled_at", "is_gone", "previous_category", "last_used_at", "price", "currency", "market",
]  # fmt: skip
# The card of 2026-10-01 in USD (rate card file of that day).
UTILITY, MARKETING = Decimal("0.025"), Decimal("0.0411")
SAUDI_UTILITY, SAUDI_MARKETING = Decimal("0.0107"), Decimal("0.0576")


@pytest.fixture
def shop(wacli: FrontDoor) -> Iterator[DemoShop]:
    """Six contacts in Indonesia, one in Saudi Arabia; three templates, pulled."""
    with demo_shop(wacli) as shop:
        shop.hear()
        shop.done("templates", "pull")
        yield shop


def send(shop: DemoShop, *people: str) -> None:
    """order_ready to each, delivered and reported."""
    for who in people:
        shop.done("send", "order_ready", who, "name=Kak", "order=A-1")
    shop.advance(timedelta(minutes=1))
    shop.hear()


def listed(shop: DemoShop, name: str = "order_ready") -> dict[str, object]:
    row: dict[str, object] = next(one for one in shop.json("templates", "list") if one["name"] == name)
    return row


# --- list -----------------------------------------------------------------------------------------------------------


def test_every_page_is_pulled(shop: DemoShop) -> None:
    for number in range(240):
        shop.sandbox.account.templates.add(
            f"t_{number}", "id", "UTILITY", [{"type": "BODY", "text": f"Kabar {number}"}]
        )
    assert shop.done("templates", "pull", "--json").json["new"] == 240
    assert len(shop.json("templates", "list")) == 243


def test_the_list_has_the_promised_keys_and_the_price_where_most_contacts_are(shop: DemoShop) -> None:
    rows = shop.json("templates", "list")
    assert [list(row) for row in rows] == [LIST_KEYS] * 3
    assert [(row["name"], Decimal(row["price"]), row["currency"], row["market"]) for row in rows] == [
        ("login_code", Decimal("0.025"), "USD", "Indonesia"),
        ("order_ready", UTILITY, "USD", "Indonesia"),
        ("promo_weekend", MARKETING, "USD", "Indonesia"),
    ]


def test_the_usual_market_is_counted_in_the_store_and_else_the_profiles_country(wacli: FrontDoor) -> None:
    with demo_shop(wacli) as shop:
        shop.done("templates", "pull")
        assert listed(shop)["market"] == "Indonesia"  # nobody wrote yet: the profile's country
        for number in range(3):
            shop.done("contacts", "add", f"Noura {number}", "--phone", f"+96650123456{number}")
        shop.done("contacts", "add", "Sari", "--phone", "+6281234567890")
        shop.done("contacts", "add", "Ahmed", "--bsuid", "SA.1002003004006")
        row = listed(shop)
        assert (row["market"], row["price"]) == ("Saudi Arabia", str(SAUDI_UTILITY))
        shop.done("config", "set", "currency", "XAF")
        row = listed(shop)
        assert (row["price"], row["currency"], row["market"]) == (None, None, "Saudi Arabia")


def test_last_used_is_when_it_was_sent_from_here(shop: DemoShop) -> None:
    assert listed(shop)["last_used_at"] is None
    at = shop.door.now
    send(shop, "Sari")
    assert listed(shop)["last_used_at"] == rfc3339(int(at.timestamp()))
    assert listed(shop, "promo_weekend")["last_used_at"] is None
    # Asked about the time before, it had not been used.
    before = rfc3339(unix(at) - 60)
    assert shop.json("templates", "list", "--at", before)[1]["last_used_at"] is None


def test_the_table_fits_a_terminal_and_names_its_market(terminal: FrontDoor) -> None:
    with demo_shop(terminal) as shop:
        shop.hear()
        shop.done("templates", "pull")
        send(shop, "Sari")
        out = shop.done("templates", "list").out
        assert max(map(len, out.splitlines())) <= 80
        assert "Indonesia, where most of your contacts are" in out
        (line,) = [line for line in out.splitlines() if line.startswith("order_ready")]
        assert line.split() == ["order_ready", "id", "approved", "utility", "green", "1m", "$0.025"]


def test_a_store_that_is_not_there_has_no_templates(wacli: FrontDoor) -> None:
    assert wacli("templates", "list", "--json").json == []
    assert wacli("templates", "show", "x").status == 3


# --- show -----------------------------------------------------------------------------------------------------------


def test_show_tells_places_prices_and_history(shop: DemoShop) -> None:
    send(shop, "Sari", "نورة القحطاني")
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    told = shop.json("templates", "show", "order_ready")
    assert list(told)[: len(LIST_KEYS)] == LIST_KEYS
    assert [(one["key"], one["is_required"], one["example"]) for one in told["places"]] == [
        ("name", True, "Sari"), ("order", True, "A-104"), ("button.1", False, None), ("button.2", False, None),
    ]  # fmt: skip
    assert told["command"] == "wacli send order_ready WHO name=... order=..."
    assert told["sent_count"] == 2
    assert [(one["market"], one["contact_count"], one["price"]) for one in told["prices"]] == [
        ("Indonesia", 6, str(MARKETING)),
        ("Saudi Arabia", 1, str(SAUDI_MARKETING)),
    ]
    assert [(one["what"], one["before"], one["after"]) for one in told["history"]] == [
        ("category", "UTILITY", "MARKETING")
    ]
    assert told["previous_category"] == "UTILITY"
    assert len(told["alarms"]) == 1
    assert told["components"][0]["type"] == "BODY"


def test_utility_that_was_free_inside_the_window_is_said_so(shop: DemoShop) -> None:
    free = shop.json("templates", "show", "order_ready", "--at", "2026-09-30T12:00+07:00")["prices"]
    billed = shop.json("templates", "show", "order_ready")["prices"]
    assert [one["is_free_in_window"] for one in free] == [True, True]
    assert [one["is_free_in_window"] for one in billed] == [False, False]


def test_show_on_a_terminal_and_in_indonesian(terminal: FrontDoor) -> None:
    with demo_shop(terminal) as shop:
        shop.hear()
        shop.done("templates", "pull")
        out = shop.done("templates", "show", "order_ready").out
        for piece in (
            "Halo {{name}}",
            "[ Saya ambil ]",
            "name=",
            "such as Sari",
            "Indonesia",
            "wacli send order_ready",
        ):
            assert piece in out
        assert "misalnya Sari" in shop.done("templates", "show", "order_ready", "--lang", "id").out


@pytest.mark.parametrize("command", [["show", "order_redy"], ["preview", "order_redy", "Sari"], ["lint", "order_redy"]])
def test_a_name_that_is_nearly_right(shop: DemoShop, command: list[str]) -> None:
    outcome = shop("templates", *command)
    assert outcome.status == 3
    assert "order_ready" in outcome.err


def test_a_template_in_two_languages_asks_which(shop: DemoShop) -> None:
    shop.sandbox.account.templates.add(
        "order_ready", "en", "UTILITY", [{"type": "BODY", "text": "Your order is ready."}]
    )
    shop.done("templates", "pull")
    assert shop("templates", "show", "order_ready").status == 4
    assert shop.json("templates", "show", "order_ready", "--language", "en")["language"] == "en"


# --- preview --------------------------------------------------------------------------------------------------------


def test_preview_shows_what_they_will_see_and_what_is_missing(shop: DemoShop) -> None:
    outcome = shop("templates", "preview", "order_ready", "Sari", "--json")
    told = outcome.json
    assert outcome.status == 0
    assert told["text"].startswith("Halo Sari Wulandari, pesanan {{order}} Anda sudah siap")
    assert told["missing"] == ["order"]
    assert "order" in outcome.err
    whole = shop.json("templates", "preview", "order_ready", "Sari", "order=A-9", "name={first_name}", "extra=1")
    assert whole["text"].splitlines()[0] == "Halo Sari, pesanan A-9 Anda sudah siap diambil di toko kami."
    assert (whole["missing"], whole["extra"]) == ([], ["extra"])
    assert whole["command"] == "wacli send order_ready '#1' name=Sari order=A-9"


def test_what_preview_shows_is_what_arrives(shop: DemoShop) -> None:
    told = shop.json("templates", "preview", "order_ready", "Sari", "order=A-9")
    shop.done("send", "order_ready", "#1", *(f"{key}={value}" for key, value in told["values"].items()))
    thread = shop.json("thread", "Sari")
    assert thread["messages"][-1]["text"] == told["text"]


def test_a_field_nobody_has_and_one_that_is_empty(shop: DemoShop) -> None:
    assert shop("templates", "preview", "order_ready", "Sari", "name={age}").status == 2
    assert shop.json("templates", "preview", "order_ready", "Sari", "name={username}")["missing"] == ["name", "order"]
    braces = shop.json("templates", "preview", "order_ready", "Sari", "order={{A}}")
    assert (braces["values"]["order"], braces["command"].split()[-1]) == ("{A}", "'order={{A}}'")
    assert shop("templates", "preview", "order_ready", "Sari", "novalue").status == 2
    assert shop("templates", "preview", "order_ready", "Nobody").status == 3


def test_preview_on_a_terminal_is_harmless(terminal: FrontDoor) -> None:
    with demo_shop(terminal) as shop:
        shop.hear()
        shop.done("templates", "pull")
        out = shop.done("templates", "preview", "order_ready", "Sari", "order=\x1b[2J[/red]").out
        assert "\x1b" not in out
        assert "│ Halo Sari Wulandari, pesanan [/red] Anda" in out


# --- alarms ---------------------------------------------------------------------------------------------------------


def test_a_change_of_category_is_an_alarm_with_its_money_by_market(shop: DemoShop) -> None:
    send(shop, "Sari", "Agus", "نورة القحطاني")
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    (alarm,) = shop.json("templates", "show", "order_ready")["alarms"]
    assert (alarm["before"], alarm["after"], alarm["is_announced"]) == ("UTILITY", "MARKETING", False)
    assert alarm["sent_count"] == 3
    adds = 2 * (MARKETING - UTILITY) + (SAUDI_MARKETING - SAUDI_UTILITY)
    assert (Decimal(alarm["adds"]), alarm["currency"]) == (adds, "USD")
    assert [(one["market"], one["sent_count"], Decimal(one["adds"])) for one in alarm["markets"]] == [
        ("Indonesia", 2, 2 * (MARKETING - UTILITY)),
        ("Saudi Arabia", 1, SAUDI_MARKETING - SAUDI_UTILITY),
    ]
    piped = shop("templates", "list")
    assert "! order_ready" in piped.err
    assert "!" not in piped.out
    row = listed(shop)
    assert (row["category"], row["previous_category"]) == ("MARKETING", "UTILITY")
    on_screen = shop("templates", "list", "--format", "table").out  # 80 columns: neither name nor category is cut off
    assert "promo_weekend" in on_screen
    assert "marketing (was:" in on_screen
    assert " utility) " in on_screen


def test_messages_free_by_an_ad_stay_free_and_cost_nothing_more(shop: DemoShop) -> None:
    shop.done("reply", "Budi", "Mulai 75 ribu")  # starts the free entry point window
    shop.advance(timedelta(minutes=1))
    shop.hear()
    send(shop, "Budi", "Agus")
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    (alarm,) = shop.json("templates", "show", "order_ready")["alarms"]
    assert (alarm["sent_count"], Decimal(alarm["adds"])) == (2, MARKETING - UTILITY)
    told = shop("templates", "list").err  # the lines below the amount add up to it
    assert "    Indonesia: 1 × $0.0411 instead of $0.025" in told
    assert "    Indonesia: 1 × free: ad window, as before" in told


def announce(shop: DemoShop, correct: str = "MARKETING", new: str = "UTILITY") -> None:
    template = shop.template("order_ready")
    shop.tell(
        "template_category_update",
        {
            "message_template_id": int(template.id),
            "message_template_name": "order_ready",
            "message_template_language": "id",
            "new_category": new,
            "correct_category": correct,
        },
    )


def alarms(shop: DemoShop) -> list[dict[str, object]]:
    found: list[dict[str, object]] = shop.json("templates", "show", "order_ready")["alarms"]
    return found


def test_an_announced_change_is_an_alarm_before_it_costs_anything(shop: DemoShop) -> None:
    send(shop, "Sari")
    announce(shop)
    (alarm,) = alarms(shop)
    assert alarm["is_announced"] is True
    assert alarm["holds_at"] == rfc3339(int((shop.door.now + timedelta(hours=24)).timestamp()))
    assert Decimal(str(alarm["adds"])) == MARKETING - UTILITY
    assert listed(shop)["category"] == "UTILITY"
    shop.advance(timedelta(hours=24))
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    (alarm,) = alarms(shop)
    assert alarm["is_announced"] is False


def test_an_announced_change_that_did_not_come_is_no_alarm_any_more(shop: DemoShop) -> None:
    announce(shop)
    shop.advance(timedelta(hours=23))
    shop.done("templates", "pull")
    assert len(alarms(shop)) == 1
    shop.advance(timedelta(hours=1))
    shop.done("templates", "pull")
    assert alarms(shop) == []


def test_an_announced_change_that_a_pull_shows_made(shop: DemoShop) -> None:
    announce(shop)
    shop.template("order_ready").category = "MARKETING"
    shop.advance(timedelta(hours=24))
    shop.done("templates", "pull")
    assert [one["is_announced"] for one in alarms(shop)] == [False]


def test_an_alarm_ends_when_the_category_is_back_or_after_thirty_days_or_with_its_template(shop: DemoShop) -> None:
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    assert len(alarms(shop)) == 1
    shop.advance(timedelta(hours=1))
    shop.template("order_ready").category = "UTILITY"
    shop.done("templates", "pull")
    assert alarms(shop) == []
    shop.advance(timedelta(hours=1))
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    shop.advance(timedelta(days=30))
    assert len(alarms(shop)) == 1
    shop.advance(timedelta(seconds=1))
    assert alarms(shop) == []
    shop.sandbox.recategorise(shop.template("order_ready"), "UTILITY")
    shop.hear()
    assert len(shop("templates", "list", "--json").err) > 0
    shop.sandbox.account.templates.delete("order_ready", None)
    shop.done("templates", "pull")
    assert shop("templates", "list", "--json").err == ""


def test_an_alarm_that_saves_money_and_one_without_any(terminal: FrontDoor) -> None:
    with demo_shop(terminal) as shop:
        shop.hear()
        shop.done("templates", "pull")
        shop.done("contacts", "opt-in", "Sari", "--evidence", "asked for it in the shop")
        shop.done("send", "promo_weekend", "Sari", "1=Sari", "2=20%")
        shop.sandbox.recategorise(shop.template("promo_weekend"), "UTILITY")
        shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
        shop.hear()
        out = shop.done("templates", "list").out
        assert "saves $0.0161 a month, at 1 message in 30 days" in out
        assert "nothing was sent with it in the last 30 days" in out
        assert out.index("!") < out.index("Template ")


def test_what_no_card_shows_is_not_known(shop: DemoShop) -> None:
    send(shop, "Sari")
    shop.sandbox.recategorise(shop.template("order_ready"), "SHOPPING")
    shop.hear()
    (alarm,) = alarms(shop)
    assert (alarm["adds"], alarm["after"], alarm["sent_count"]) == (None, "SHOPPING", 1)
    assert "is not known" in shop("templates", "list").err


def test_what_is_older_than_thirty_days_or_failed_is_no_volume(shop: DemoShop) -> None:
    send(shop, "Agus")
    shop.advance(timedelta(days=30))
    send(shop, "Sari")
    (failed,) = shop.json("send", "order_ready", "Dewi", "name=Kak", "order=A-1")
    status = {
        "id": failed["wamid"], "status": "failed", "timestamp": str(int(shop.door.now.timestamp())),
        "recipient_id": "6281900001111", "errors": [{"code": 131026, "title": "Message undeliverable"}],
    }  # fmt: skip
    number = {"display_phone_number": "622150550100", "phone_number_id": shop.sandbox.number.id}
    shop.tell("messages", {"messaging_product": "whatsapp", "metadata": number, "statuses": [status]})
    shop.sandbox.recategorise(shop.template("order_ready"), "MARKETING")
    shop.hear()
    (alarm,) = alarms(shop)
    assert alarm["sent_count"] == 1


def test_without_webhooks_a_pull_tells_of_an_announced_change(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    send(shop, "Sari")
    plain = Template.shown

    def shown(self: Template, fields: tuple[str, ...]) -> dict[str, object]:
        correct = {"correct_category": "MARKETING"} if self.name == "order_ready" else {}
        return {**plain(self, fields), **correct}

    monkeypatch.setattr(Template, "shown", shown)
    shop.done("templates", "pull")
    (alarm,) = alarms(shop)
    assert (alarm["is_announced"], alarm["before"], alarm["after"]) == (True, "UTILITY", "MARKETING")
    assert Decimal(str(alarm["adds"])) == MARKETING - UTILITY
    shop.template("order_ready").category = "MARKETING"
    shop.done("templates", "pull")
    assert alarms(shop) == []  # a change nobody reported has no day, and no alarm


def test_looking_at_templates_loads_no_yaml_and_no_client(shop: DemoShop) -> None:
    program = (
        "import sys\nfrom wacli.cli.app import run\nfrom wacli.cli.context import process_context\n"
        "run(['templates', 'list', '--json'], process_context())\n"
        "heavy = {'yaml', 'urllib3', 'starlette', 'sqlite_utils', 'rich.table', 'babel'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    environment = {
        "WACLI_CONFIG": str(shop.door.folder / "config"), "WACLI_DB": str(shop.door.folder / "shop.db"),
        "LANG": "en_US.UTF-8", "PATH": "",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env=environment, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert json.loads(done.stdout)
    assert done.stderr.strip() == "[]"
