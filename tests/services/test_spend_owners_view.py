"""Spend by what only the owner knows (tags, templates, campaigns, links) and by ads, line by line against the sandbox's
own ledger: a month in each rule period, to the micro-unit."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from tests.support.months import Losses, Traffic, month_of_traffic
from tests.support.traffic import JAKARTA_PRICES, MONTHS, taken_in
from wacli.domain.allowance import midnight, month_of
from wacli.domain.category import category_of
from wacli.domain.link import code_of, with_code
from wacli.domain.money import to_micros
from wacli.sandbox.book import JAKARTA, Charge
from wacli.services.spend import spend
from wacli.store.database import Store
from wacli.store.spend import Dimension

_CODE = code_of("counter", "62")
Keys = dict[str, object]  # by the wamid of what was charged


def clicks_of(made: Traffic) -> dict[str, list[tuple[int, str]]]:
    """When each person came through which ad, read off the bodies themselves."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for body in map(json.loads, made.bodies):
        for entry in body["entry"]:
            for change in entry["changes"]:
                for one in change["value"].get("messages", ()):
                    if "referral" in one:
                        who = one.get("from_user_id") or one["from"]
                        found[who].append((int(one["timestamp"]), one["referral"]["source_id"]))
    return found


def put_owners_words(store: Store, made: Traffic) -> dict[Dimension, Keys]:
    """Tags, a link, a campaign and the outbox of the templates, written beside what the webhooks told; returns what
    each charge of the ledger then belongs to."""
    names: dict[int, str] = dict(store.query("SELECT id, coalesce(name, profile_name) FROM contacts"))
    tags = {
        name: ("vip" if number % 3 == 0 else "reseller" if number % 3 == 1 else None) for number, name in names.items()
    }
    first_heard: dict[str, int] = {}
    with store.transaction() as connection:
        for number, name in names.items():
            if tags[name]:
                connection.execute("INSERT INTO tags VALUES (?, ?)", (number, tags[name]))
            if number % 2 == 0:  # came through the link
                row = connection.execute(
                    "SELECT m.id, m.at FROM messages m JOIN threads t ON t.id = m.thread_id WHERE t.contact_id = ? "
                    "AND m.direction = 'inbound' AND m.kind = 'text' ORDER BY m.at, m.id LIMIT 1",
                    (number,),
                ).fetchone()
                if row is not None:
                    first_heard[name] = row[1]
                    words = with_code("halo", _CODE)
                    connection.execute("UPDATE messages SET text = ? WHERE id = ?", (words, row[0]))
        connection.execute(
            "INSERT INTO links (name, code, text, phone, created_at) VALUES ('counter', ?, 'halo', '62', 0)", (_CODE,)
        )
        connection.execute(
            "INSERT INTO campaigns (name, token, number_id, template_name, template_language, audience, given, fields, "
            "tries_again, currency, rules, markets, quote, excluded, recipient_count, planned_at) "
            "VALUES ('promo', 't', (SELECT min(id) FROM numbers), 'x', 'id', '', '', '[]', 0, 'USD', '', '{}', '{}', "
            "'{}', 0, 0)"
        )
        for one in made.charges:
            if one.template is None:
                continue
            category = category_of(one.rate_category or one.category)
            connection.execute(
                "INSERT INTO outbox (key, thread_id, kind, template_name, template_language, category, request, state, "
                "wamid, message_id, created_at) SELECT m.wamid, m.thread_id, 'template', ?, 'id', ?, '{}', 'accepted', "
                "m.wamid, m.id, 0 FROM messages m WHERE m.wamid = ?",
                (one.template, None if category is None else category.value, one.message_id),
            )
            if is_in_campaign(one):
                connection.execute("UPDATE messages SET campaign_id = 1 WHERE wamid = ?", (one.message_id,))
    clicks = clicks_of(made)

    def ad_of(one: Charge) -> str | None:
        came = [*clicks[one.customer.bsuid], *clicks[one.customer.wa_id]]
        return max(((at, ad) for at, ad in came if at <= int(one.sent_at.timestamp())), default=(0, None))[1]

    def link_of(one: Charge) -> str | None:
        heard_at = first_heard.get(one.customer.name)
        return "counter" if heard_at is not None and heard_at <= int(one.sent_at.timestamp()) else None

    return {
        Dimension.TAG: {one.message_id: tags[one.customer.name] for one in made.charges},
        Dimension.TEMPLATE: {one.message_id: one.template for one in made.charges},
        Dimension.CAMPAIGN: {one.message_id: "promo" if is_in_campaign(one) else None for one in made.charges},
        Dimension.AD: {one.message_id: ad_of(one) for one in made.charges},
        Dimension.LINK: {one.message_id: link_of(one) for one in made.charges},
    }


def is_in_campaign(one: Charge) -> bool:
    return one.template is not None and one.category == "marketing"


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_each_line_is_the_ledgers(month: date, tmp_path: Path) -> None:
    # In the years of conversations a message that never arrived leaves open which of the others opened one.
    losses = Losses.TEMPLATES if month >= date(2025, 7, 1) else Losses.NONE
    made = month_of_traffic(month, chats=120, seed=month.month, losses=losses)
    span = month_of(midnight(month, JAKARTA), JAKARTA)
    with taken_in(tmp_path, made) as store:
        for by, keys in put_owners_words(store, made).items():
            booked: defaultdict[object, int] = defaultdict(int)
            for one in made.charges:
                booked[keys[one.message_id]] += one.amount_micro or 0
            found = spend(store, JAKARTA_PRICES, by, *span)
            ours = {line.key: to_micros(line.sum.amount) for line in found.lines}
            assert {key: one for key, one in ours.items() if one} == {key: one for key, one in booked.items() if one}, (
                by
            )
            assert to_micros(found.total.amount) == made.total_micro
