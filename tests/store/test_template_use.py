"""What was handed in to Meta, and how templates were used: counted, bounded, kept over a rebuild."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import one_send
from tests.support.store import new_store
from wacli.services.rebuild import rebuild
from wacli.store import contacts, numbers, template_pushes, template_use
from wacli.store.contacts import ContactChange
from wacli.store.database import Store
from wacli.store.outbox import Draft
from wacli.store.template_pushes import NewPush
from wacli.store.template_use import PeopleCount, UseCount

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def push(store: Store, at: datetime, state: str, name: str = "a", what: str = "create", waba: str = "1") -> None:
    row = template_pushes.add(store, NewPush(waba, name, "id", what, "UTILITY"), at)
    if state != template_pushes.SENDING:
        template_pushes.mark(store, row, state)


def test_what_counts_against_a_limit(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for state in ("sending", "accepted", "refused", "unknown"):
            push(store, NOW, state, name=state)
        push(store, NOW - HOUR, "accepted", name="edge")
        push(store, NOW, "accepted", what="edit")
        push(store, NOW, "accepted", waba="2")
        counted = template_pushes.list_counted(store, "1", "create", NOW - HOUR)
        assert [row.name for row in counted] == ["sending", "accepted", "unknown"]  # exactly an hour ago is past
        earlier = template_pushes.list_counted(store, "1", "create", NOW - HOUR - timedelta(seconds=1))
        assert [row.name for row in earlier] == ["edge", "sending", "accepted", "unknown"]


def test_the_category_last_asked_for_of_what_was_taken(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for category, state, minute in (("UTILITY", "accepted", 0), ("MARKETING", "accepted", 1), ("X", "refused", 2)):
            row = template_pushes.add(store, NewPush("1", "a", "id", "edit", category), NOW + timedelta(minutes=minute))
            template_pushes.mark(store, row, state, template_id="9", error_code=100 if state == "refused" else None)
        assert template_pushes.requested_categories(store) == {("a", "id"): "MARKETING"}


def test_handed_in_templates_survive_a_rebuild(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        push(store, NOW, "accepted")
        rebuild(store, NOW)
        assert len(template_pushes.list_counted(store, "1", "create", NOW - HOUR)) == 1


def sent(store: Store, contact_id: int, at: datetime, key: str, *, wamid: str | None, name: str = "a") -> None:
    number = numbers.add(store, "105", None, None)
    draft = Draft(key, contact_id, number.id, "template", "{}", template_name=name, template_language="id")
    one_send.add(store, draft, at)
    if wamid is not None:
        one_send.accepted(store, key, wamid, at)


def test_use_is_counted_by_market_and_bounded_by_time(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        sari = contacts.add(store, ContactChange("Sari", phone="6281234567890"), NOW).id
        noura = contacts.add(store, ContactChange("Noura", bsuid="SA.123456"), NOW).id
        contacts.add(store, ContactChange("Nobody"), NOW)
        sent(store, sari, NOW - 2 * HOUR, "k1", wamid="w1")
        sent(store, sari, NOW - HOUR, "k2", wamid="w2")
        sent(store, noura, NOW, "k3", wamid="w3")
        sent(store, noura, NOW, "k4", wamid=None)  # never taken
        sent(store, noura, NOW, "k5", wamid="w5", name="b")
        counted = template_use.count_sent(store, "a", "id", NOW - HOUR, NOW)
        assert counted == [UseCount("6281", None, None, 1)]
        both = template_use.count_sent(store, "a", "id", NOW - 2 * HOUR, NOW + HOUR)
        assert sorted(one.message_count for one in both) == [1, 2]
        assert UseCount(None, "SA", None, 1) in both
        assert template_use.last_used(store, until=NOW) == {("a", "id"): NOW, ("b", "id"): NOW}
        assert template_use.last_used(store, until=NOW - HOUR) == {("a", "id"): NOW - HOUR}
        assert sorted(template_use.count_people(store), key=str) == [
            PeopleCount("6281", None, 1), PeopleCount(None, "SA", 1),
        ]  # fmt: skip


def test_last_use_is_answered_from_the_index_alone(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        plan = store.query(
            "EXPLAIN QUERY PLAN SELECT template_name, template_language, max(created_at) FROM outbox "
            "WHERE template_name IS NOT NULL AND wamid IS NOT NULL AND created_at <= 5 "
            "GROUP BY template_name, template_language"
        )
        assert "outbox_template" in str(plan)
