"""A chat that a phone exported and that WhatsApp told as well: one row for each message, whichever came first."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import NUMBER, T0, message
from tests.support.store import Dump, apply_events, dump, new_store
from wacli.domain.chat_export import ChatMessage
from wacli.domain.event import Event, MessageSeen
from wacli.domain.identity import Party
from wacli.domain.message import Direction, Origin
from wacli.store import contacts
from wacli.store.chat_import import ChatRows
from wacli.store.contacts import ContactChange
from wacli.store.database import Store
from wacli.store.hashing import SEAT_DIGITS, ExportKeys, seat_of, seats
from wacli.store.intake import Intake

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PHONE = "6281234567890"
SARI = Party(phone=PHONE)
BASE = T0 // 60 * 60


def exported(minute: int, author: str, text: str, kind: str = "text", ordinal: int = 0) -> ChatMessage:
    at = BASE + 60 * minute
    return ChatMessage(1, at, at + 7 * 3600, author, text, kind, None, False, ordinal)


def told(key: str, minute: int, author: str, text: str | None, kind: str = "text", second: int = 7) -> MessageSeen:
    side = Direction.INBOUND if author == "Sari" else Direction.OUTBOUND
    origin = Origin.HISTORY if len(key) % 2 else Origin.APP if side is Direction.OUTBOUND else Origin.API
    return message(key, BASE + 60 * minute + second, party=SARI, kind=kind, text=text, direction=side, origin=origin)


def take_in(store: Store, messages: Sequence[ChatMessage]) -> int:
    """Imports a chat; how many rows it added in the end."""
    contact = contacts.find_by_phone(store, PHONE) or contacts.add(store, ContactChange(phone=PHONE), NOW)
    intake = Intake(store)
    with intake.transaction():
        rows = ChatRows(intake, contact.id, NUMBER, "Toko")
        for one in messages:
            rows.put(rows.describe([one]))
        return rows.finish()


def shown(store: Store) -> list[tuple[object, ...]]:
    sql = "SELECT at, direction, kind, text, source FROM messages WHERE thread_id IS NOT NULL"
    return sorted(((row[0] - BASE) // 60, *row[1:]) for row in store.query(sql))


def test_what_came_first_makes_no_difference(tmp_path: Path) -> None:
    chat = [
        exported(0, "Sari", "halo"),
        exported(0, "Sari", "halo", ordinal=1),
        exported(1, "Toko", "siap "),
        exported(2, "Sari", "", "media"),
        exported(3, "Toko", "foto", "image"),
        exported(4, "Sari", "", "deleted"),
        exported(5, "Sari", "hanya di ekspor"),
    ]
    events: list[Event] = [
        told("wamid.1", 0, "Sari", "halo"),
        told("wamid.22", 1, "Toko", "siap"),
        told("wamid.3", 2, "Sari", None, "media_placeholder"),
        told("wamid.44", 3, "Toko", "foto", "image"),
        told("wamid.5", 4, "Sari", "rahasia"),
        message("wamid.6", BASE + 241, party=SARI, kind="revoke", text=None, target="wamid.5"),
        told("wamid.7", 6, "Sari", "halo"),
    ]
    with new_store(tmp_path, "before.db") as store:
        assert take_in(store, chat) == 7
        apply_events(store, events)
        before = shown(store)
        assert take_in(store, chat) == 0
        assert shown(store) == before
    with new_store(tmp_path, "after.db") as store:
        apply_events(store, events)
        assert take_in(store, chat) == 2
        assert shown(store) == before
        assert take_in(store, chat) == 0
    kept = [row for row in before if row[-1] == 5]
    assert kept == [(0, "inbound", "text", "halo", 5), (5, "inbound", "text", "hanya di ekspor", 5)]
    assert len(before) == 9


def test_an_edited_message_is_known_by_both_texts(tmp_path: Path) -> None:
    edit = message("wamid.9", BASE + 99, party=SARI, kind="edit", text="jam 9", target="wamid.1")
    for name, chat in (("old", exported(0, "Sari", "jam 8")), ("new", exported(0, "Sari", "jam 9"))):
        for order in (0, 1, 2):
            with new_store(tmp_path, f"{name}{order}.db") as store:
                steps: list[Event] = [told("wamid.1", 0, "Sari", "jam 8"), edit]
                apply_events(store, steps[:order])
                take_in(store, [chat])
                apply_events(store, steps[order:])
                assert store.query("SELECT text FROM messages WHERE source = 5") == [], (name, order)


words = st.sampled_from(["halo", "ok"])
minutes = st.integers(0, 2)
sides = st.sampled_from(["Sari", "Toko"])
kinds = st.sampled_from(["text", "text", "image", "media"])
said = st.tuples(minutes, sides, words, kinds)


def numbered(chat: Sequence[tuple[int, str, str, str]]) -> list[ChatMessage]:
    seen: dict[tuple[object, ...], int] = {}
    out = []
    for minute, side, word, kind in sorted(chat):
        text = word if kind == "text" else ""
        key = (minute, side, text or kind)
        out.append(exported(minute, side, text, kind, seen.get(key, 0)))
        seen[key] = seen.get(key, 0) + 1
    return out


def tables(steps: Sequence[tuple[str, Sequence[ChatMessage] | Sequence[Event]]]) -> Dump:
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        contacts.add(store, ContactChange(phone=PHONE), NOW)
        for what, rows in steps:
            if what == "chat":
                take_in(store, rows)  # type: ignore[arg-type]
            else:
                apply_events(store, rows)  # type: ignore[arg-type]
        return dump(store)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(said, max_size=8), st.lists(said, max_size=8), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_tables(
    chat: list[tuple[int, str, str, str]], history: list[tuple[int, str, str, str]], chance: object
) -> None:
    messages = numbered(chat)
    events: list[Event] = [
        told(f"wamid.{'x' * (index % 2)}{index}", minute, side, word if kind == "text" else None,
             "media_placeholder" if kind == "media" else kind)
        for index, (minute, side, word, kind) in enumerate(history)
    ]  # fmt: skip
    expected = tables([("told", events), ("chat", messages)])
    assert tables([("chat", messages), ("told", events)]) == expected
    half = len(events) // 2
    steps: list[tuple[str, Sequence[ChatMessage] | Sequence[Event]]] = [
        ("told", list(reversed(events[half:]))),
        ("chat", messages),
        ("told", events[:half]),
        ("chat", messages),
    ]
    assert tables(steps) == expected


@given(st.integers(-(2**20), 2**27), st.binary(min_size=16, max_size=16), st.integers(1, 10**6))
def test_the_seat_of_an_exported_message_is_in_its_key(minute: int, digest: bytes, scope: int) -> None:
    prefix, base = ExportKeys(scope).of_minute(minute)
    key, seat = prefix + digest.hex(), base + int(digest.hex()[:SEAT_DIGITS], 16)
    assert seat_of(key.encode()) == seat
    assert -(2**36) < seat < 2**63
    assert key.split(":")[1] == str(scope)


def test_the_same_words_to_many_people_in_one_minute_are_known_in_each_chat(tmp_path: Path) -> None:
    """A broadcast list of the phone app: the chats must not stand in each other's way."""
    chat = [exported(0, "Toko", "Promo hari ini"), exported(0, "Toko", "Buka sampai jam 9")]
    with new_store(tmp_path, "broadcast.db") as store:
        for phone in ("6281200000001", "6281200000002", "6281200000003"):
            contact = contacts.add(store, ContactChange(phone=phone), NOW)
            for expected in (2, 0):
                intake = Intake(store)
                with intake.transaction():
                    rows = ChatRows(intake, contact.id, NUMBER, "Toko")
                    rows.put(rows.describe(chat))
                    assert rows.finish() == expected
        assert store.query("SELECT count(*), count(DISTINCT seat) FROM messages")[0][:] == (6, 6)


def test_chats_of_an_earlier_store_are_known_after_its_migration(tmp_path: Path) -> None:
    chat = [exported(0, "Toko", "Promo hari ini"), exported(0, "Toko", "Buka sampai jam 9")]
    path = tmp_path / "earlier.db"
    with new_store(tmp_path, path.name) as store:
        for phone in ("6281200000001", "6281200000002"):
            contact = contacts.add(store, ContactChange(phone=phone), NOW)
            intake = Intake(store)
            with intake.transaction():
                rows = ChatRows(intake, contact.id, NUMBER, "Toko")
                rows.put(rows.describe(chat))
                rows.finish()
    with closing(sqlite3.connect(path)) as connection, connection:
        for item, key in connection.execute("SELECT id, wamid FROM messages ORDER BY id").fetchall():
            _, _, minute, digest = key.split(":")
            for seat in seats((int(minute, 16) << 36) + int(digest[:9], 16)):
                if connection.execute("UPDATE OR IGNORE messages SET seat = ? WHERE id = ?", (seat, item)).rowcount:
                    break
        connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm027%'")
        connection.execute("PRAGMA user_version = 26")
    with new_store(tmp_path, path.name) as store:
        for phone in ("6281200000001", "6281200000002"):
            found = contacts.find_by_phone(store, phone)
            assert found is not None
            intake = Intake(store)
            with intake.transaction():
                rows = ChatRows(intake, found.id, NUMBER, "Toko")
                rows.put(rows.describe(chat))
                assert rows.finish() == 0


def test_what_a_file_says_twice_is_counted_once(tmp_path: Path) -> None:
    chat = [exported(minute, "Toko", f"pesan {minute}") for minute in range(600)]
    with new_store(tmp_path, "twice.db") as store:
        assert take_in(store, [*chat, *chat, exported(601, "Sari", "baru")]) == 601
        assert take_in(store, [*chat, *chat, exported(602, "Sari", "baru")]) == 1
        assert len(shown(store)) == 602
