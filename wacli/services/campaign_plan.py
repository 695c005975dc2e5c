"""`wacli campaigns plan`: who is in, who is out and why, what it costs, and what it means for the account.

One transaction: the people of a file are placed, the facts gathered, every recipient selected and frozen by one
statement, counted and priced. A dry run does the same and takes it back.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from wacli.domain.audience import EVERYBODY, Some, Tree, joined, tagged
from wacli.domain.audience_words import parse_condition
from wacli.domain.campaign import IN_WINDOW, SITUATIONS, Amount, Campaign, Exclusion, Plan
from wacli.domain.category import Category
from wacli.domain.problem import Invalid
from wacli.domain.quote import NOTHING, Span
from wacli.domain.template import Template
from wacli.domain.text import Text, t, tn
from wacli.store import campaign_counts, campaigns, numbers, segments
from wacli.store import campaign_selection as selection
from wacli.store.campaign_selection import Listed, Wishes
from wacli.store.database import Store

from .campaign_facts import gather
from .campaign_people import PeopleFile, Reject, place_people
from .campaign_quote import price_plan
from .campaign_values import Values, reason_of_values, values_of
from .prices import Prices
from .sending import Desk

_NAME = re.compile(r"\w[\w .-]{0,79}")
_DAY = timedelta(hours=24)


class Audience(NamedTuple):
    """Whom `--to` and `--where` mean. `people`: a file or standard input, None: the address book."""

    text: str
    tree: Tree
    people: PeopleFile | None = None


class PlanRequest(NamedTuple):
    """Everything a plan is asked. `given`: values as typed, `{field}` for what each recipient has of their own.
    `messaging_limit`: what the owner says of it; Meta's word to the webhook counts more."""

    name: str
    template: Template
    audience: Audience
    given: Mapping[str, str]
    country: str | None
    assumed_opt_in: str | None = None
    tries_again: bool = False
    replaces: bool = False
    messaging_limit: int | None = None


class _TakeBack(Exception):
    """A dry run is over."""


def audience_of(
    store: Store, to: Sequence[str], where: str | None, people: PeopleFile | None, now: datetime, zone_of: Prices
) -> Audience:
    """The audience that was typed: `all`, `tag:vip`, `tag:vip,new`, `segment:NAME`; several are added together.

    Raises `Invalid` (`bad-audience`, `bad-condition`) and NotFound for a segment that is not there.
    """
    parts: list[Tree] = []
    for word in to:
        kind, colon, name = word.partition(":")
        names = tuple(filter(None, (one.strip() for one in name.split(","))))
        if word == "all":
            parts.append(EVERYBODY)
        elif kind == "tag" and colon and names:
            parts.append(tagged(*names))
        elif kind == "segment" and colon and name.strip():
            segment = segments.get(store, name.strip())
            inner = audience_of(store, segment.audience.split(), segment.condition, None, now, zone_of)
            parts.append(inner.tree)
        else:
            raise Invalid(
                "bad-audience",
                t("{text} is no audience", text=word),
                t("Choose all, tag:NAME, segment:NAME, - for standard input, or --people FILE"),
            )
    tree = parts[0] if len(parts) == 1 else Some(tuple(parts)) if parts else EVERYBODY
    text = " ".join(to)
    if where is not None:
        tree = joined(tree, parse_condition(where, now, zone_of.zone))
        text = f"{text} where {where}" if text else f"where {where}"
    return Audience(text, tree, people)


def count_audience(store: Store, audience: Audience, prices: Prices, phone_number_id: str | None, now: datetime) -> int:
    """How many contacts are meant, whether they may be written to or not. Writes nothing but temporary tables."""
    number = None if phone_number_id is None else numbers.find(store, phone_number_id)
    number_id = 0 if number is None else number.id
    gather(store, number_id, prices, now, asks_for_us=False)
    return selection.count_audience(store.connection, audience.tree, number_id, now)


@contextmanager
def planned(store: Store, desk: Desk, request: PlanRequest, now: datetime, *, is_dry: bool) -> Iterator[Plan]:
    """The plan. It is kept before the block begins, or (dry) taken back when the block ends.

    Raises `Invalid` for values that no send could have (`template-values`), Refused (`campaign-exists`,
    `campaign-started`), and what the people of a file raise.
    """
    _check(request)
    if not is_dry:
        with store.transaction(durable=True):
            plan = _plan(store, desk, request, now)
        yield plan
        return
    try:
        with store.transaction():
            yield _plan(store, desk, request, now)._replace(is_kept=False)
            raise _TakeBack
    except _TakeBack:
        return


def _check(request: PlanRequest) -> None:
    if not _NAME.fullmatch(request.name):
        raise Invalid(
            "bad-name",
            t("{name} is no name for a campaign", name=request.name),
            t("Use letters, digits, spaces and - . _, up to 80"),
        )


def _plan(store: Store, desk: Desk, request: PlanRequest, now: datetime) -> Plan:
    template, prices = request.template, desk.prices
    assert desk.phone_number_id is not None  # the front door asks for it
    number = numbers.add(store, desk.phone_number_id, None, None)
    if request.replaces and (old := campaigns.find(store, request.name)) is not None:
        campaigns.remove(store, old.id)
    people = request.audience.people
    values = values_of(template, request.given, None if people is None else people.columns or ())
    campaign = campaigns.add(store, _empty_campaign(number.id, desk, request, values, now))
    before = campaign_counts.contact_count(store)
    rejected = _place(store, campaign.id, request, values.columns, now)
    markets = _select(store, desk, campaign, request, values.columns, now)
    category = campaign.category
    counted = selection.count_recipients(store.connection, campaign.id)
    included = {line: count for (reason, line), count in counted.items() if reason is None}
    excluded = Counter[str]()
    for (reason, _), count in counted.items():
        if reason is not None:
            excluded[reason] += count
    excluded.update({reason.value: count for reason, count in rejected.items()})
    volumes = _volumes(store, category, prices, now)
    priced = price_plan(included, markets, category, prices, now, volumes)
    campaign = campaign._replace(
        markets=markets,
        lines=priced.lines,
        charges=priced.charges,
        amount=priced.amount,
        excluded=dict(sorted(excluded.items(), key=lambda pair: (-pair[1], pair[0]))),
        recipient_count=sum(included.values()),
    )
    campaigns.record_plan(store, campaign)
    return Plan(
        campaign,
        sum(count for line, count in included.items() if not line % SITUATIONS & IN_WINDOW),
        campaign_counts.people_since(store, now - _DAY, campaign.id),
        campaign_counts.messaging_limit(store) or request.messaging_limit,
        tuple(_assumptions(campaign, volumes)),
        new_contact_count=campaign_counts.contact_count(store) - before if request.audience.people else 0,
    )


def _empty_campaign(number_id: int, desk: Desk, request: PlanRequest, values: Values, now: datetime) -> Campaign:
    """The campaign before anybody is in it."""
    template, prices = request.template, desk.prices
    assert desk.phone_number_id is not None
    card = prices.card(now)
    return Campaign(
        0, request.name, secrets.token_hex(16), number_id, desk.phone_number_id, template.name, template.language,
        template.price_category, request.audience.text, values.given, values.fields, request.assumed_opt_in,
        request.tries_again, prices.currency, prices.rules(now).id, None if card is None else card.id, (), (), {},
        Amount(None, Span(NOTHING, None)), {}, 0, now,
    )  # fmt: skip


def _select(
    store: Store, desk: Desk, campaign: Campaign, request: PlanRequest, columns: tuple[str, ...], now: datetime
) -> tuple[str, ...]:
    """Freezes the recipients, each with the reason of being left out, if there is one; returns the markets."""
    template, prices, category = request.template, desk.prices, campaign.category
    is_marketing = category is Category.MARKETING
    is_us_paused = is_marketing and prices.rules(now).us_marketing_paused
    markets, has_restarts = gather(store, campaign.number_id, prices, now, asks_for_us=is_us_paused)
    selection.select_recipients(
        store.connection,
        Wishes(
            campaign.id, campaign.number_id, request.audience.tree, request.audience.people is not None, columns,
            campaign.fields, None if category is None else category.value, is_marketing, is_us_paused,
            request.assumed_opt_in is None, not request.tries_again, template.needs_phone,
            None if template.is_approved else "template-not-approved", has_restarts, desk.safe, now,
        ),
    )  # fmt: skip
    if campaign.fields:
        selection.exclude(store.connection, campaign.id, _wrong_values(store, campaign))
    return markets


def _place(
    store: Store, campaign_id: int, request: PlanRequest, columns: Sequence[str], now: datetime
) -> Counter[Exclusion]:
    """The people of a file, into the temporary list; those who became no recipient, counted by reason."""
    people = request.audience.people
    rejected: Counter[Exclusion] = Counter()
    if people is None:
        return rejected
    rejects: list[tuple[int, str, str, int | None]] = []

    def listed() -> Iterator[Listed]:
        for one in place_people(store, people.lines, columns, request.country, now):
            if isinstance(one, Listed):
                yield one
            else:
                keep(one)

    def keep(one: Reject) -> None:
        rejected[one.reason] += 1
        rejects.append((one.line, one.who, one.reason.value, one.contact_id))
        if len(rejects) >= 10_000:
            selection.add_rejects(store.connection, campaign_id, rejects)
            rejects.clear()

    selection.list_people(store.connection, listed())
    selection.add_rejects(store.connection, campaign_id, rejects)
    return rejected


def _wrong_values(store: Store, campaign: Campaign) -> Iterator[tuple[int, str]]:
    for recipient_id, text in selection.list_odd_values(store.connection, campaign.id, len(campaign.fields)):
        reason = reason_of_values(json.loads(text))
        if reason is not None:
            yield recipient_id, reason.value


def _volumes(store: Store, category: Category | None, prices: Prices, now: datetime) -> dict[str, int]:
    """Billed messages of this category this month by market, as far as this store knows; where tiers hang on it."""
    if category is None or category not in prices.rules(now).tiered:
        return {}
    from wacli.domain.allowance import month_of

    since, _ = month_of(now, prices.zone)
    found: Counter[str] = Counter()
    for prefix, country, count in campaign_counts.billed_since(store, category.value, since):
        market = prices.market(prefix, None if country is None else f"{country}.1", now)
        if market is not None:
            found[market] += count
    return dict(found)


def _assumptions(campaign: Campaign, volumes: Mapping[str, int]) -> Iterator[Text]:
    free = sum(line.free_count for line in campaign.lines)
    if free:
        yield tn(
            "{count} is free as things stand; who is not any more when their turn comes is billed (the upper figure)",
            "{count} are free as things stand; who is not any more when their turn comes is billed (the upper figure)",
            free,
        )
    if volumes and any(line.tier is not None for line in campaign.lines):
        yield t("Volume tiers count what this computer sent this month; Meta counts every number of your business")
    if campaign.lines:
        yield t("Meta bills what is delivered, so what does not arrive costs nothing")
