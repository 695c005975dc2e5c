"""The clocks of a thread against a second, naive telling of the same rules, now and at any earlier instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import AD, DAY, NUMBER, SARI, T0, call, echo, message, status
from tests.support.store import apply_events, new_store
from wacli.domain.event import CallSeen, Event, MessageSeen, StatusSeen
from wacli.domain.message import WINDOW_OPENING_KINDS, Direction, Origin
from wacli.store import contacts, numbers, threads
from wacli.store.database import Store

IN, OUT = Direction.INBOUND.value, Direction.OUTBOUND.value
Clock = dict[str, object]


def told_naively(events: Iterable[Event]) -> Clock:
    """What a thread of these events knows of time. Each message has one description here; all have instants."""
    seen = {e.key: e for e in events if isinstance(e, MessageSeen)}
    said = [e for e in events if isinstance(e, StatusSeen)]
    calls = [e for e in events if isinstance(e, CallSeen)]
    spoken = [(m.at or 0, m.direction, m.origin, m.kind, m.key, m.referral) for m in seen.values()]
    for key in {s.key for s in said} - seen.keys():
        spoken.append((min(s.at or 0 for s in said if s.key == key), OUT, "api", "unknown", key, None))
    words = {key: {s.status for s in said if s.key == key} for _, _, _, _, key, _ in spoken}
    failed = {key for key, told in words.items() if "failed" in told and not told & {"delivered", "read", "played"}}
    inbound = [(at, origin, kind, referral) for at, d, origin, kind, _, referral in spoken if d == IN]
    answers = [
        (at, origin)
        for at, d, origin, kind, key, _ in spoken
        if d == OUT and key not in failed and kind not in ("edit", "revoke")
    ]
    answered_at = max((at for at, _ in answers), default=None)
    waiting = [at for at, _, kind, _ in inbound if kind in WINDOW_OPENING_KINDS and at > (answered_at or -1)]
    openers = [at for at, origin, kind, _ in inbound if kind in WINDOW_OPENING_KINDS and origin == "api"]
    openers += [
        min(c.at or 0 for c in calls if c.opens_window and c.key == k) for k in {c.key for c in calls if c.opens_window}
    ]
    referrals = sorted(at for at, origin, _, referral in inbound if referral and origin == "api")
    started = [(r, min(a)) for r in referrals if (a := [at for at, o in answers if o == "api" and r <= at < r + DAY])]
    entry_referral_at, entry_started_at = started[-1] if started else (None, None)
    entries = [s for s in said if s.expires_at and s.conversation_origin == "referral_conversion"]
    ends = {s.key: max(e.expires_at or 0 for e in entries if e.key == s.key) for s in entries}
    expires_at = max((end for end in ends.values() if end > (entry_started_at or -1)), default=None)
    if entry_started_at is None and expires_at is not None:
        entry_started_at = min(s.at or 0 for s in entries if ends[s.key] == expires_at)
    return {
        "last_inbound_at": max((at for at, *_ in inbound), default=None),
        "last_outbound_at": answered_at,
        "last_opener_at": max(openers, default=None),
        "unanswered_count": len(waiting),
        "waiting_since": min(waiting, default=None),
        "referral_at": referrals[-1] if referrals else None,
        "entry_referral_at": entry_referral_at,
        "entry_started_at": entry_started_at,
        "entry_expires_at": expires_at,
    }


def told_by_the_store(store: Store, now: datetime, *, as_of: bool) -> Clock | None:
    (contact,) = contacts.stream_contacts(store)
    number_id = numbers.get(store, str(NUMBER.phone_number_id)).id
    found = [row for row in threads.list_of_contact(store, contact.id, now, as_of=as_of) if row.number_id == number_id]
    if not found:
        return None
    (row,) = found
    clocks = row.clocks
    told: dict[str, datetime | int | None] = {
        "last_inbound_at": row.last_inbound_at,
        "last_outbound_at": row.last_outbound_at,
        "last_opener_at": clocks.last_opener_at,
        "unanswered_count": row.unanswered_count,
        "waiting_since": row.waiting_since,
        "referral_at": clocks.referral_at,
        "entry_referral_at": clocks.entry_referral_at,
        "entry_started_at": clocks.entry_started_at,
        "entry_expires_at": clocks.entry_expires_at,
    }
    return {key: int(value.timestamp()) if isinstance(value, datetime) else value for key, value in told.items()}


_at = st.one_of(st.integers(T0, T0 + 6), st.sampled_from([T0 + DAY - 1, T0 + DAY, T0 + DAY + 1, T0 + 3 * DAY]))
_histories = st.builds(
    lambda seen, said, calls: [*seen, *said, *calls],
    st.lists(
        st.builds(
            message,
            st.sampled_from("ABCDEFGHIJ"),
            _at,
            kind=st.sampled_from(["text", "text", "text", "image", "reaction", "edit", "system", "unheard_of"]),
            direction=st.sampled_from([IN, OUT]),
            origin=st.sampled_from(["api", "api", "app", "history"]),
            referral=st.sampled_from([None, AD]),
        ),
        max_size=7,
        unique_by=lambda one: one.key,
    ),
    st.lists(
        st.builds(
            status,
            st.sampled_from("ABCDEFGHIJKL"),
            st.sampled_from(["sent", "delivered", "failed"]),
            _at,
            origin=st.sampled_from([None, "service", "referral_conversion"]),
            expires_at=st.none() | st.sampled_from([T0 + 2, T0 + 3 * DAY, T0 + 7 * DAY]),
        ),
        max_size=5,
    ),
    st.lists(st.builds(call, st.sampled_from(["c1", "c2"]), _at, opens=st.booleans()), max_size=2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_histories.filter(bool), st.randoms(use_true_random=False), _at)
def test_clocks_are_as_the_rules_say_now_and_then(history: list[Event], chance: object, then: int) -> None:
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        chance.shuffle(history)  # type: ignore[attr-defined]
        half = len(history) // 2
        apply_events(store, history[:half], history[half:])
        far = datetime.fromtimestamp(T0 + 100 * DAY, UTC)
        assert told_by_the_store(store, far, as_of=False) == told_naively(history)
        assert told_by_the_store(store, far, as_of=True) == told_naively(history)
        later = {e.key for e in history if isinstance(e, MessageSeen) and (e.at or 0) > then}
        past = [  # no status comes before its message
            e for e in history if (getattr(e, "at", None) or 0) <= then and getattr(e, "key", None) not in later
        ]
        told = told_by_the_store(store, datetime.fromtimestamp(then, UTC), as_of=True)
        assert told == (told_naively(past) if past else None)


def _thread(folder: Path, events: Sequence[Event]) -> threads.ThreadRow:
    with new_store(folder) as store:
        apply_events(store, events)
        (row,) = threads.list_board(
            store, threads.BoardQuery(which=threads.Which.ALL), datetime.fromtimestamp(T0, UTC)
        ).rows
        return row


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


@pytest.mark.parametrize("kind", ["reaction", "edit", "revoke", "system", "unsupported", "unheard_of"])
def test_what_is_no_message_opens_no_window_and_waits_for_no_answer(tmp_path: Path, kind: str) -> None:
    row = _thread(tmp_path, [message("A", kind=kind)])
    assert row.window_closes_at is None
    assert row.unanswered_count == 0
    assert _seconds(row.last_inbound_at) == T0


def test_a_window_closes_24_hours_after_the_last_message_or_call(tmp_path: Path) -> None:
    row = _thread(tmp_path, [message("A", T0), call("c", T0 + 50)])
    assert _seconds(row.window_closes_at) == T0 + 50 + DAY


def test_history_and_echoes_open_no_window_but_an_echo_is_an_answer(tmp_path: Path) -> None:
    row = _thread(tmp_path, [message("A", origin=Origin.HISTORY), message("B", T0 + 1), echo("C", T0 + 2)])
    assert _seconds(row.window_closes_at) == T0 + 1 + DAY
    assert row.unanswered_count == 0
    assert row.waiting_since is None


def test_an_echo_answers_a_referral_for_people_but_not_for_the_price(tmp_path: Path) -> None:
    row = _thread(tmp_path, [message("A", referral=AD), echo("B", T0 + 5)])
    assert _seconds(row.clocks.referral_at) == T0
    assert row.clocks.entry_started_at is None


@pytest.mark.parametrize(("after", "is_in_time"), [(0, True), (DAY - 1, True), (DAY, False)])
def test_a_referral_must_be_answered_within_24_hours(tmp_path: Path, after: int, is_in_time: bool) -> None:
    row = _thread(tmp_path, [message("A", referral=AD), status("B", "sent", T0 + after)])
    assert (_seconds(row.clocks.entry_started_at) == T0 + after) is is_in_time


def test_a_failed_answer_is_no_answer_until_something_proves_it_arrived(tmp_path: Path) -> None:
    failed: list[Event] = [message("A"), status("B", "sent", T0 + 1), status("B", "failed", T0 + 2)]
    assert _thread(tmp_path, failed).unanswered_count == 1
    (tmp_path / "store.db").unlink()
    assert _thread(tmp_path, [*failed, status("B", "delivered", T0 + 3)]).unanswered_count == 0


def test_meta_alone_can_start_an_entry_point_that_no_referral_announced(tmp_path: Path) -> None:
    ends = T0 + 3 * DAY
    row = _thread(
        tmp_path, [message("A"), status("B", "sent", T0 + 9, pricing_type="free_entry_point", expires_at=ends)]
    )
    assert (_seconds(row.clocks.entry_started_at), _seconds(row.clocks.entry_expires_at)) == (T0 + 9, ends)


def test_an_entry_point_of_last_month_does_not_end_the_new_one(tmp_path: Path) -> None:
    old = status("B", "sent", T0 - 30 * DAY, origin="referral_conversion", expires_at=T0 - 27 * DAY)
    row = _thread(tmp_path, [old, message("A", referral=AD), status("C", "sent", T0 + 1)])
    assert _seconds(row.clocks.entry_started_at) == T0 + 1
    assert row.clocks.entry_expires_at is None


def test_groups_and_samples_touch_no_thread(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A", group_id="G"),
                status("B", "sent", group_id="G"),
                message("C", is_sample=True, party=SARI._replace(phone="16315551181")),
            ],
        )
        board = threads.list_board(
            store, threads.BoardQuery(which=threads.Which.ALL), datetime.fromtimestamp(T0, UTC) + timedelta(1)
        )
        assert board.rows == []
        assert [contact.phone for contact in contacts.stream_contacts(store)] == [SARI.phone]
        assert store.query("SELECT count(*) FROM messages") == [(3,)]
