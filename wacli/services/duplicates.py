"""`wacli contacts dedupe` and `merge`: who is likely one person, and making one of two, on the owner's word only.

Contacts meet in buckets, one for each form of a number, BSUID, username and name; whoever shares a bucket is a pair,
with everything they share as its evidence. The cost grows with the contacts and not with their pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from ..domain.identity import bsuid_country, match_key
from ..domain.likeness import (
    FEW,
    STRENGTHS,
    Evidence,
    Sign,
    Strength,
    name_key,
    number_forms,
    sign_of_numbers,
    strongest,
)
from ..store import contact_merges
from ..store.contact_merges import Merge
from ..store.database import Store
from ..store.duplicates import Summary, Traits, list_taken_back, stream_traits, summaries
from ..store.intake import Intake


class Pair(NamedTuple):
    """Two contacts that are likely one person, the one with the smaller id first."""

    strength: Strength
    first: Summary
    second: Summary
    evidence: tuple[Evidence, ...]


class _TakeBack(Exception):
    """A dry run is over."""


def find_pairs(store: Store, country: str | None, *, at_least: Strength = Strength.POSSIBLE) -> list[Pair]:
    """Every pair, the surest first. `country` is the shop's, for numbers without a country code. Pairs whose merge the
    owner took back are left out."""
    everybody = {one.contact_id: one for one in stream_traits(store)}
    shared: dict[tuple[int, int], set[Evidence]] = {}
    for key, ids in _buckets(everybody.values(), _calling_code(country)).items():
        if len(ids) <= (FEW if key.sign in (Sign.NAME, Sign.CARD) else 2 * FEW):
            for one, other in combinations(sorted(ids), 2):
                shared.setdefault((one, other), set()).add(key)
    for pair in list_taken_back(store):
        shared.pop(pair, None)
    judged = {pair: _judged(everybody[pair[0]], everybody[pair[1]], keys) for pair, keys in shared.items()}
    wanted = {
        pair: evidence
        for pair, evidence in judged.items()
        if STRENGTHS.index(strongest(evidence)) <= STRENGTHS.index(at_least)
    }
    shown = summaries(store, (one for pair in wanted for one in pair))
    pairs = [Pair(strongest(evidence), shown[one], shown[other], evidence) for (one, other), evidence in wanted.items()]
    return sorted(pairs, key=_rank)


def evidence_between(store: Store, country: str | None, one_id: int, other_id: int) -> tuple[Evidence, ...]:
    """What two contacts have in common; nothing is an answer."""
    calling_code = _calling_code(country)
    one, other = stream_traits(store, (one_id, other_id))
    return _judged(one, other, set(_keys_of(one, calling_code)) & set(_keys_of(other, calling_code)))


def merge(
    store: Store, kept_id: int, other_id: int, evidence: Iterable[tuple[str, str]], now: datetime, *, dry_run: bool
) -> Merge:
    """Makes `other_id` part of `kept_id`; a dry run takes it back. Raises Refused (`same-contact`)."""
    intake = Intake(store)
    done: Merge | None = None
    try:
        with intake.transaction():
            done = contact_merges.merge(intake, kept_id, other_id, tuple(evidence), now, store)
            intake.settle()
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        pass
    assert done is not None
    return done


def undo(store: Store, merge_id: int, now: datetime, *, dry_run: bool) -> Merge:
    """Makes two of one again. Raises NotFound and Refused (see `store.contact_merges.undo`)."""
    intake = Intake(store)
    done: Merge | None = None
    try:
        with intake.transaction():
            done = contact_merges.undo(intake, merge_id, now, store)
            intake.settle()
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        pass
    assert done is not None
    return done


def _calling_code(country: str | None) -> str | None:
    if country is None:
        return None
    import phonenumbers

    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else None


def _buckets(everybody: Iterable[Traits], calling_code: str | None) -> dict[Evidence, set[int]]:
    buckets: dict[Evidence, set[int]] = {}
    alone: dict[Evidence, int] = {}  # most keys have one contact only: no set for those
    for one in everybody:
        for key in set(_keys_of(one, calling_code)):
            first = alone.setdefault(key, one.contact_id)
            if first != one.contact_id:
                buckets.setdefault(key, {first}).add(one.contact_id)
    return buckets


def _keys_of(one: Traits, calling_code: str | None) -> Iterator[Evidence]:
    for phone in one.phones:
        for form in number_forms(phone, calling_code):
            yield Evidence(Sign.NUMBER, form)
    for bsuid in one.bsuids:
        yield Evidence(Sign.BSUID, bsuid)
    if one.username:
        yield Evidence(Sign.FORMER_USERNAME, one.username)
    for username in one.former_usernames:
        yield Evidence(Sign.FORMER_USERNAME, username)
    areas = _areas(one)
    for name in one.names:
        key = name_key(name)
        if key is not None:
            for area in areas:
                yield Evidence(Sign.NAME, f"{key} {area}".strip())
    if one.name and one.note and (key := name_key(one.name)) is not None:
        yield Evidence(Sign.CARD, f"{key}: {one.note}")


def _areas(one: Traits) -> set[str]:
    """The countries of a contact; somebody without any identifier is compared with those who have none either."""
    import phonenumbers

    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    areas = set()
    for phone in one.phones:
        code = next((int(phone[:size]) for size in (1, 2, 3) if phone[:size] and int(phone[:size]) in codes), None)
        if code is not None:
            areas.add(f"+{code}")
    for bsuid in one.bsuids:
        code = phonenumbers.country_code_for_region(bsuid_country(bsuid))
        if code:
            areas.add(f"+{code}")
    return areas or {""}


def _judged(one: Traits, other: Traits, keys: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The same keys as evidence: which kind of likeness of numbers, which of usernames, and each once."""
    found = set()
    for key in keys:
        if key.sign is Sign.NUMBER:
            found.add(_of_numbers(one, other, key.value))
        elif key.sign is Sign.FORMER_USERNAME and one.username == other.username:
            found.add(Evidence(Sign.USERNAME, key.value))
        else:
            found.add(key)
    return tuple(sorted(found, key=lambda each: (list(Sign).index(each.sign), each.value)))


def _of_numbers(one: Traits, other: Traits, form: str) -> Evidence:
    """Which of their numbers have this form in common."""
    for mine in one.phones:
        for theirs in other.phones:
            if match_key(mine) != match_key(theirs) and form in (match_key(mine), match_key(theirs)):
                return Evidence(sign_of_numbers(mine, theirs), form)
    return Evidence(Sign.SIMILAR_NUMBER, form)


def _rank(pair: Pair) -> tuple[int, int, int, int, int]:
    messages = pair.first.message_count + pair.second.message_count
    ids = (pair.first.contact_id, pair.second.contact_id)
    return (STRENGTHS.index(pair.strength), -len(pair.evidence), -messages, *ids)
