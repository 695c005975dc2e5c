"""`wacli can`: every exit status, the allowance to the message and to the second, and the rules of every year."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.payloads import messages, notification, payload
from tests.support.shop import BUDI, RINA, SARI, Person, Shop, rfc3339, unix
from wacli.services.people import find_contact
from wacli.store import consents
from wacli.store.database import open_store
from wacli.store.templates import PulledTemplate, record_pull

# COMMANDS.md, "Output": scripts rely on these names.
VERDICT_KEYS = [
    "contact_id", "may_send", "verdict", "free_reason", "free_until", "price", "currency", "market", "category",
    "rate_card", "rules", "window_closes_at", "seconds_left", "entry_point", "reasons",
    "hint",
]  # fmt: skip
PROMISED = {
    "contact_id", "may_send", "verdict", "free_reason", "price", "currency", "market", "category", "rate_card",
    "rules", "window_closes_at", "entry_point", "reasons",
}  # fmt: skip
OLD = Person("Agus Pratama", "6287855667788", "ID.9000000000000000404")


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    """A profile in Jakarta; Sari wrote an hour ago, Agus days ago."""
    made = Shop(wacli)
    made.profile(time_zone="Asia/Jakarta", currency="USD")
    made.hears(SARI, "halo", "2026-11-22T04:00Z")
    made.hears(OLD, "dulu", "2026-11-17T04:00Z")
    return made


def add_templates(shop: Shop, **categories: str) -> None:
    """Templates as a pull would have kept them: name=CATEGORY, or name=CATEGORY/STATUS."""
    made: list[PulledTemplate] = []
    for name, words in categories.items():
        category, _, status = words.partition("/")
        body: dict[str, Any] = {"type": "BODY", "text": "Halo {{1}}", "example": {"body_text": [["Sari"]]}}
        source: dict[str, Any] = {
            "id": str(len(made) + 1),
            "name": name,
            "language": "id",
            "status": status or "APPROVED",
            "category": category,
            "components": [body],
        }
        made.append(
            PulledTemplate(
                template_id=source["id"],
                name=name,
                language="id",
                status=source["status"],
                category=category,
                requested_category=None,
                quality=None,
                rejected_reason=None,
                parameter_format="POSITIONAL",
                components=json.dumps(source["components"]),
                raw=json.dumps(source),
            )
        )
    with open_store(shop.door.folder / "shop.db", create=False) as store:
        record_pull(store, made, shop.door.now)


def agree(shop: Shop, *names: str) -> None:
    """They have agreed to marketing since before the first price list."""
    with open_store(shop.door.folder / "shop.db", create=False) as store:
        for name in names:
            contact = find_contact(store, name, "ID")
            at = datetime(2018, 1, 1, tzinfo=UTC)
            consents.record(store, consents.Consent(contact.id, "marketing", "opted-in", "owner", "form", at))


def reasons(verdict: dict[str, Any]) -> list[str]:
    assert all(set(reason) == {"code", "text"} and reason["text"] for reason in verdict["reasons"])
    return [reason["code"] for reason in verdict["reasons"]]


# --- the four answers, and who is not found ---------------------------------------------------------------------------


def test_the_keys_are_the_promised_ones(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING")
    for argv in (("Sari",), ("Agus",), ("Sari", "--template", "promo")):
        verdict = shop.can(*argv).json
        assert list(verdict) == VERDICT_KEYS
        assert set(verdict) >= PROMISED
    plain = [line.split("\t")[0] for line in shop.door("can", "Sari").out.splitlines()]
    assert plain == VERDICT_KEYS
    assert shop.door("can", "Sari", "--fields", "verdict").out == "verdict\tfree\n"


def test_free_is_zero(shop: Shop) -> None:
    outcome = shop.can("Sari")
    assert outcome.status == 0
    assert (outcome.json["verdict"], outcome.json["may_send"]) == ("free", "free-form")
    assert (outcome.json["free_reason"], outcome.json["price"]) == ("allowance", "0")
    assert outcome.json["free_until"] == outcome.json["window_closes_at"] == "2026-11-23T04:00:00Z"
    assert reasons(outcome.json) == ["window-open", "allowance"]


def test_billed_is_ten(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING", ready="UTILITY", code="AUTHENTICATION")
    agree(shop, "Sari", "Agus")
    for name in ("promo", "ready", "code"):
        outcome = shop.can("Sari", "--template", name)
        assert outcome.status == 10, name
        assert (outcome.json["verdict"], outcome.json["free_reason"]) == ("billed", None)
        assert outcome.json["rate_card"] == "2026-10-01.USD"
        assert float(outcome.json["price"]) > 0
        assert outcome.json["currency"] == "USD"
        assert outcome.json["market"] == "Indonesia"
    assert shop.can("Agus", "--template", "promo").status == 10


def test_template_only_is_eleven(shop: Shop) -> None:
    outcome = shop.can("Agus")
    assert outcome.status == 11
    assert (outcome.json["verdict"], outcome.json["may_send"]) == ("template-only", "template-only")
    assert (outcome.json["price"], outcome.json["free_reason"], outcome.json["seconds_left"]) == (None, None, 0)
    assert reasons(outcome.json) == ["window-closed"]
    shop.door("contacts", "add", "Baru", "--phone", "0812 9999 0000")
    never = shop.can("Baru")
    assert (never.status, reasons(never.json)) == (11, ["never-wrote"])
    assert (never.json["window_closes_at"], never.json["seconds_left"]) == (None, None)


def test_blocked_is_twelve(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING", ready="UTILITY", wait="UTILITY/PENDING", gone="UTILITY/DISABLED")
    for name in ("wait", "gone"):
        outcome = shop.can("Sari", "--template", name)
        assert (outcome.status, outcome.json["verdict"]) == (12, "blocked")
        assert reasons(outcome.json) == ["template-not-approved"]
    shop.door("contacts", "opt-out", "Sari", "--category", "marketing")
    stopped = shop.can("Sari", "--template", "promo")
    assert (stopped.status, reasons(stopped.json)) == (12, ["opted-out"])
    assert shop.can("Sari", "--template", "ready").status == 10
    assert shop.can("Sari").status == 0
    shop.door("contacts", "add", "Hantu")
    ghost = shop.can("Hantu")
    assert (ghost.status, ghost.json["may_send"], reasons(ghost.json)) == (12, "nothing", ["no-identifier"])


def test_a_stop_in_whatsapp_blocks_and_a_resume_frees(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING")
    agree(shop, "Sari", "Agus")
    word = {"category": "marketing_messages", "detail": "x", "timestamp": unix("2026-11-22T04:30Z"), "value": "stop"}
    shop.tell(notification("user_preferences", contacts=[SARI.card], user_preferences=[{"wa_id": SARI.phone, **word}]))
    assert shop.can("Sari", "--template", "promo").status == 12
    assert shop.can("Sari", "--template", "promo", "--at", "2026-11-22T04:29:59Z").status == 10
    again = {**word, "value": "resume", "timestamp": unix("2026-11-22T04:40Z")}
    shop.tell(notification("user_preferences", contacts=[SARI.card], user_preferences=[{"wa_id": SARI.phone, **again}]))
    assert shop.can("Sari", "--template", "promo").status == 10
    assert shop.can("Sari", "--template", "promo", "--at", "2026-11-22T04:35Z").status == 12


def test_a_refused_marketing_message_is_an_opt_out(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING")
    shop.status(SARI, "wamid.OUT=", "failed", "2026-11-22T04:30Z", errors=[{"code": 131050, "title": "stopped"}])
    assert reasons(shop.can("Sari", "--template", "promo").json) == ["opted-out"]
    ledger = shop.door("contacts", "show", "Sari", "--json").json["consents"]
    assert [(one["category"], one["state"], one["source"]) for one in ledger] == [("marketing", "opted-out", "131050")]


def test_a_template_that_a_webhook_paused_is_blocked(shop: Shop) -> None:
    add_templates(shop, order_ready="UTILITY")
    assert shop.can("Sari", "--template", "order_ready").status == 10
    body = payload("templates/status-paused")
    value = body["entry"][0]["changes"][0]["value"]
    value.update(message_template_name="order_ready", message_template_language="id")
    body["entry"][0]["time"] = unix("2026-11-22T06:00Z")
    shop.tell(body)
    assert shop.can("Sari", "--template", "order_ready").status == 12


def test_nobody_and_too_many_are_three(shop: Shop) -> None:
    nobody = shop.can("Fulan")
    assert (nobody.status, nobody.out, nobody.error["code"]) == (3, "", "no-such-contact")
    assert "wacli contacts" in nobody.error["hint"]
    shop.hears(Person("Sari Wulandari", "6281355500999"), "halo", "2026-11-22T03:00Z")
    for command in ("can", "thread"):
        many = shop.door(command, "sari", "--json")
        assert (many.status, many.out, many.error["code"]) == (3, "", "ambiguous")
        candidates = many.error["details"]["candidates"]
        assert [(one["name"], one["phone"]) for one in candidates] == [
            ("Sari Dewi", "+6281355500101"),
            ("Sari Wulandari", "+6281355500999"),
        ]
        in_words = shop.door(command, "sari")
        assert len(in_words.err.splitlines()) == 1
        assert "Sari Dewi" in in_words.err
        assert "Sari Wulandari" in in_words.err
        for one in candidates:
            assert shop.door(command, f"#{one['contact_id']}", "--json").json["contact_id"] == one["contact_id"]
    assert shop.can("sari dewi").status == 0
    template = shop.can("Sari Dewi", "--template", "nope")
    assert (template.status, template.error["code"]) == (3, "no-such-template")


def test_two_languages_of_a_template(shop: Shop) -> None:
    add_templates(shop, ready="UTILITY")
    with open_store(shop.door.folder / "shop.db", create=False) as store, store.transaction() as connection:
        connection.execute(
            "INSERT INTO templates (template_id, name, language, status, category, parameter_format, components, raw, "
            "pulled_at) SELECT '9', name, 'en', status, category, parameter_format, components, "
            'replace(raw, \'"language": "id"\', \'"language": "en"\'), pulled_at FROM templates'
        )
    both = shop.can("Sari", "--template", "ready")
    assert (both.status, both.error["code"]) == (4, "which-language")
    assert shop.can("Sari", "--template", "ready", "--language", "en").status == 10
    assert shop.can("Sari", "--template", "ready", "--language", "fr").status == 3


@pytest.mark.parametrize(
    "who",
    ["6281355500101", "+6281355500101", "+62 813-5550-0101", "0813 5550 0101", "(0813) 55500101", "#1", "1",
     "ID.9000000000000000101", "sari", "SARI DEWI", "Dewi", "ari Dew"],
)  # fmt: skip
def test_who_in_every_usual_form(shop: Shop, who: str) -> None:
    outcome = shop.can(who)
    assert (outcome.status, outcome.json["contact_id"]) == (0, 1)


# --- the allowance ----------------------------------------------------------------------------------------------------


def delivered(shop: Shop, count: int, first_at: str, *, tag: str = "", who: Person = OLD) -> None:
    """So many service messages, a second apart, delivered from that instant on."""
    start = unix(first_at)
    statuses = [
        {
            "id": f"wamid.SERVICE{tag}{n}=",
            "status": "delivered",
            "timestamp": str(start + n),
            **who.recipient,
            "pricing": {"pricing_model": "PMP", "type": "free_customer_service", "category": "service"},
        }
        for n in range(count)
    ]
    for begin in range(0, count, 1_000):
        body = messages([], [who.card])
        body["entry"][0]["changes"][0]["value"]["statuses"] = statuses[begin : begin + 1_000]
        shop.tell(body)


@pytest.mark.parametrize(
    ("count", "status", "left", "price"),
    [(0, 0, "1,000", "0"), (999, 0, "1", "0"), (1_000, 10, "0", "0.0250"), (1_001, 10, "0", "0.0250")],
)
def test_the_thousandth_is_free_and_the_next_is_billed(
    shop: Shop, count: int, status: int, left: str, price: str
) -> None:
    delivered(shop, count, "2026-11-10T00:00Z")
    outcome = shop.can("Sari")
    assert (outcome.status, outcome.json["price"]) == (status, price)
    assert outcome.json["free_reason"] == ("allowance" if status == 0 else None)
    row = shop.board()["Sari Dewi"]
    assert (row["next_reply"], row["price"]) == ("free" if status == 0 else "billed", price)
    assert f"Free replies left this month: {left} of 1,000." in shop.door("threads", "--format", "table").out


def test_the_month_ends_at_midnight_of_the_account(shop: Shop) -> None:
    """Jakarta is at UTC+7: November is over at 17:00 UTC of the 30th."""
    delivered(shop, 1_000, "2026-11-10T00:00Z")
    edge = unix("2026-11-30T17:00Z")
    shop.hears(SARI, "malam", edge - 3_600)
    assert shop.can("Sari", "--at", rfc3339(edge - 1)).json["verdict"] == "billed"
    assert shop.can("Sari", "--at", rfc3339(edge)).json["free_reason"] == "allowance"
    # The same instants for an account whose clocks show UTC.
    assert shop.door("config", "set", "time_zone", "UTC").status == 0
    assert shop.can("Sari", "--at", rfc3339(edge)).json["verdict"] == "billed"
    assert shop.can("Sari", "--at", "2026-12-01T00:00Z").json["free_reason"] == "allowance"


def test_deliveries_count_in_the_month_of_their_delivery(shop: Shop) -> None:
    delivered(shop, 999, "2026-11-10T00:00Z")
    delivered(shop, 5, "2026-10-31T16:59:55Z", tag="OCTOBER")  # the last five seconds of October in Jakarta
    assert shop.can("Sari").status == 0
    delivered(shop, 1, "2026-10-31T17:00:00Z", tag="NOVEMBER")
    assert shop.can("Sari").status == 10


def test_the_allowance_is_that_of_its_instant(shop: Shop) -> None:
    delivered(shop, 1_000, "2026-11-10T00:00Z")
    shop.hears(SARI, "pagi", "2026-11-09T23:00Z")
    last = unix("2026-11-10T00:00Z") + 999
    assert shop.can("Sari", "--at", rfc3339(last - 1)).json["verdict"] == "free"
    assert shop.can("Sari", "--at", rfc3339(last)).json["verdict"] == "billed"


def test_what_does_not_use_the_allowance(shop: Shop) -> None:
    delivered(shop, 999, "2026-11-10T00:00Z")
    at = "2026-11-11T00:00Z"
    shop.status(OLD, "wamid.SENT=", "sent", at, pricing={"type": "free_customer_service", "category": "service"})
    shop.status(OLD, "wamid.FAILED=", "failed", at, pricing={"type": "regular", "category": "service"})
    shop.status(OLD, "wamid.UTILITY=", "delivered", at, pricing={"type": "regular", "category": "utility"})
    shop.status(OLD, "wamid.MARKETING=", "read", at, pricing={"type": "regular", "category": "marketing"})
    shop.owner_types(OLD, "dari aplikasi", at)
    assert shop.can("Sari").status == 0
    other = notification("messages", contacts=[OLD.card], statuses=[
        {"id": "wamid.OTHER=", "status": "delivered", "timestamp": str(unix(at)), **OLD.recipient,
         "pricing": {"type": "free_customer_service", "category": "service"}},
    ])  # fmt: skip
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "105559999999999"
    shop.tell(other)  # another business number has an allowance of its own
    assert shop.can("Sari").status == 0
    # A message that was read was delivered, also when nobody said so; and it counts once.
    shop.status(OLD, "wamid.READ=", "read", at, pricing={"type": "free_customer_service", "category": "service"})
    assert shop.can("Sari").status == 10


# --- the rules of their day -------------------------------------------------------------------------------------------

YEARS = [
    # the day, the reply's reason, and what a utility and a marketing template inside the window come to
    ("2019-05-01", "rules", "free", "free"),
    ("2022-03-01", "allowance", "free", "free"),
    ("2023-07-01", "allowance", "billed", "billed"),
    ("2024-12-01", "rules", "billed", "billed"),
    ("2025-08-01", "rules", "free", "billed"),
    ("2026-09-30", "rules", "free", "billed"),
    ("2026-10-01", "allowance", "billed", "billed"),
    ("2026-11-20", "allowance", "billed", "billed"),
]


@pytest.mark.parametrize(("day", "why", "utility", "marketing"), YEARS)
def test_the_same_thread_under_the_rules_of_every_year(
    shop: Shop, day: str, why: str, utility: str, marketing: str
) -> None:
    add_templates(shop, promo="MARKETING", ready="UTILITY")
    shop.hears(BUDI, "halo", f"{day}T05:00Z")
    agree(shop, "Budi")
    at = ("--at", f"{day}T06:00Z")
    reply = shop.can("Budi", *at)
    assert (reply.status, reply.json["verdict"], reply.json["free_reason"]) == (0, "free", why)
    assert reply.json["rules"] <= day
    assert reasons(reply.json)[0] == "window-open"
    board = shop.board(*at)["Budi Santoso"]
    assert (board["next_reply"], board["free_reason"]) == ("free", why)
    for name, expected in (("ready", utility), ("promo", marketing)):
        outcome = shop.can("Budi", "--template", name, *at)
        assert outcome.json["verdict"] == expected, (name, outcome.json)
        assert outcome.status == (0 if expected == "free" else 10)
    closed = shop.can("Budi", "--at", rfc3339(unix(f"{day}T05:00Z") + 86_400))
    assert (closed.status, closed.json["verdict"]) == (11, "template-only")


def test_the_rules_change_at_midnight_of_the_account(shop: Shop) -> None:
    shop.hears(SARI, "halo", "2026-09-30T16:00Z")
    before, after = (shop.can("Sari", "--at", at).json for at in ("2026-09-30T16:59:59Z", "2026-09-30T17:00:00Z"))
    assert (before["free_reason"], after["free_reason"]) == ("rules", "allowance")
    assert after["rules"] == "2026-10-01"


@pytest.mark.parametrize("at", ["2018-07-31T12:00Z", "1999-01-01T00:00Z"])
def test_before_the_first_price_list_there_is_no_verdict(shop: Shop, at: str) -> None:
    outcome = shop.can("Sari", "--at", at)
    assert (outcome.status, outcome.out, outcome.error["code"]) == (2, "", "before-pricing")


def test_a_currency_without_a_card_says_so_and_invents_nothing(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING")
    agree(shop, "Sari", "Agus")
    assert shop.door("config", "set", "currency", "IDR").status == 0
    outcome = shop.can("Sari", "--template", "promo")
    assert (outcome.status, outcome.json["verdict"]) == (10, "billed")
    assert (outcome.json["price"], outcome.json["rate_card"]) == (None, None)
    assert shop.can("Sari").json["price"] == "0"
    words = shop.door("can", "Sari", "--template", "promo", "--format", "table").out
    assert "not known" in words


def test_an_answer_by_hand_is_free_by_the_app(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.profile(kind="phone-app")
    shop.hears(SARI, "halo", "2026-11-22T04:00Z")
    shop.hears(OLD, "dulu", "2026-11-01T04:00Z")
    for who in ("Sari", "Agus"):
        outcome = shop.can(who)
        assert (outcome.status, outcome.json["free_reason"], outcome.json["may_send"]) == (0, "app", "free-form")
    row = shop.board()["Agus Pratama"]
    assert (row["next_reply"], row["free_reason"]) == ("free", "app")


def test_the_ad_window_frees_templates_too(shop: Shop) -> None:
    add_templates(shop, promo="MARKETING", ready="UTILITY", code="AUTHENTICATION")
    shop.clicks_ad(BUDI, "iklan", "2026-11-20T04:00Z")
    agree(shop, "Budi")
    armed = shop.can("Budi", "--at", "2026-11-20T05:00Z")
    assert armed.json["entry_point"] == "armed"
    assert "entry-point-armed" in reasons(armed.json)
    shop.status(BUDI, "wamid.ANSWER=", "sent", "2026-11-20T05:30Z")
    at = ("--at", "2026-11-21T12:00Z")  # the 24 hours are over, the ad window runs
    assert shop.can("Budi", *at).status == 11
    for name in ("promo", "ready", "code"):
        outcome = shop.can("Budi", "--template", name, *at)
        assert (outcome.status, outcome.json["free_reason"]) == (0, "free_entry_point"), name
        assert "entry-point-unconfirmed" in reasons(outcome.json)
        assert outcome.json["free_until"] == "2026-11-23T05:30:00Z"


def test_a_user_id_alone_has_a_market_and_no_code(shop: Shop) -> None:
    add_templates(shop, code="AUTHENTICATION", ready="UTILITY")
    shop.hears(RINA, "halo", "2026-11-22T04:30Z")
    assert shop.can("Rina").json["market"] == "Indonesia"
    assert (
        shop.can("Rina", "--template", "ready").json["price"] == shop.can("Sari", "--template", "ready").json["price"]
    )


def test_the_verdict_in_two_languages(shop: Shop) -> None:
    english = shop.door("can", "Agus", "--format", "table")
    indonesian = shop.door("can", "Agus", "--format", "table", "--lang", "id")
    assert english.status == indonesian.status == 11
    assert "Only a template" in english.out
    machine = shop.can("Agus").json
    translated = shop.can("Agus", "--lang", "id").json
    for key in VERDICT_KEYS:
        if key not in ("reasons", "hint"):
            assert machine[key] == translated[key], key
    assert reasons(machine) == reasons(translated)


def test_a_no_says_what_would_change_it(shop: Shop) -> None:
    add_templates(shop, ready="UTILITY", promo="MARKETING", code="AUTHENTICATION")
    closed = shop.can("Agus").json
    agus = closed["contact_id"]
    assert closed["hint"] == f"Send a template: wacli send ready '#{agus}' 1=..."
    assert f"→ Send a template: wacli send ready '#{agus}' 1=..." in shop.door("can", "Agus", "--format", "table").out
    blocked = shop.can("Agus", "--template", "promo").json
    assert blocked["hint"].startswith(f"Record how they agreed: wacli contacts opt-in '#{agus}' --evidence \"...\"")
    shop.hears(Person("Bob", "14155552671", "US.1"), "hi", "2026-11-22T04:30Z")
    shop.door("contacts", "opt-in", "Bob", "--evidence", "form")
    assert "utility templates, still reach them" in shop.can("Bob", "--template", "promo").json["hint"]
    refused = shop.door("send", "promo", "Bob", "1=Bob", "--json")
    assert "utility templates, still reach them" in refused.error["hint"]
    assert shop.can("Sari").json["hint"] is None
