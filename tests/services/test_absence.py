"""Away messages and greetings: to whom, when, once, and what they cost; against the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.practice import TOKEN, Practice, practising
from wacli.cloudapi.client import Client, Settings
from wacli.domain.business_hours import parse_business_hours
from wacli.domain.problem import Problem
from wacli.domain.verdict import Limits
from wacli.ratecards.shelf import shelf
from wacli.sandbox.puppet import Puppet
from wacli.services.absence import AbsenceKind, AbsenceWishes, Courteous
from wacli.services.delivery import Sent
from wacli.services.prices import Prices
from wacli.services.send_run import Sender
from wacli.services.sending import Conditions, Desk
from wacli.store.database import Store, open_store

JAKARTA = ZoneInfo("Asia/Jakarta")
NO_CONDITIONS = Conditions()
SUNDAY = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)  # noon in Jakarta
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # ten in the morning
HOURS = parse_business_hours("mon-fri 08:00-17:00")
BOTH = AbsenceWishes("Halo {name}, kami tutup.", "Selamat datang, {name}!", HOURS)
AWAY = BOTH._replace(greeting=None)
GREETING = BOTH._replace(away=None, hours=None)


@dataclass
class Counter:
    """The shop, and what its automatic answers did."""

    practice: Practice
    store: Store
    client: Client
    sari: Puppet
    sent: list[tuple[AbsenceKind, Sent]] = field(default_factory=list)
    troubles: list[Problem] = field(default_factory=list)

    def look(self, wishes: AbsenceWishes, conditions: Conditions = NO_CONDITIONS, **desk: Any) -> list[str]:
        """One look at the store, as `listen` takes it; the texts that went out."""
        number = self.practice.sandbox.account.numbers[0].id
        made = Desk(self.store, Prices(shelf(None), "USD", JAKARTA), number)._replace(**desk)
        sender = Sender(self.client, number, self.practice.now)
        before = len(self.sent)
        Courteous(
            made,
            sender,
            wishes,
            conditions,
            lambda *one: self.sent.append(one),
            self.troubles.append,
            threading.Event(),
        ).run(self.practice.now())
        return [sent.prepared.letter.text for _, sent in self.sent[before:]]

    def hears(self, text: str = "halo", who: Puppet | None = None) -> None:
        """A customer writes, and it is applied."""
        (who or self.sari).says(text)
        self.practice.hear()

    def accepted(self) -> int:
        """How many messages WhatsApp has taken."""
        return len(self.practice.sandbox.book.sent)


@contextmanager
def shop(folder: Path, at: datetime) -> Iterator[Counter]:
    with practising(folder, at) as practice:
        sari = practice.customer("Sari", "+6281234567890", "ID.900001")
        settings = Settings(str(practice.sandbox.base_url))
        with open_store(practice.store_path, create=True) as store, Client(lambda: TOKEN, settings) as client:
            yield Counter(practice, store, client, sari)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Counter]:
    """A shop on a Sunday."""
    with shop(tmp_path, SUNDAY) as counter:
        yield counter


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Counter]:
    """A shop on a Monday morning."""
    with shop(tmp_path, MONDAY) as counter:
        yield counter


def test_outside_the_hours_an_away_message_goes_out_once_a_window(closed: Counter) -> None:
    closed.hears()
    assert closed.look(BOTH) == ["Halo Sari, kami tutup."]
    assert closed.look(BOTH) == []
    closed.practice.wait(hours=23)
    closed.hears("masih tutup?")
    assert closed.look(BOTH) == []  # the window was renewed in time: it is the same one
    closed.practice.wait(days=6)
    closed.hears("halo lagi")
    assert closed.look(AWAY) == ["Halo Sari, kami tutup."]
    assert closed.accepted() == 2
    assert closed.troubles == []


def test_inside_the_hours_none_goes_out(opened: Counter) -> None:
    opened.hears()
    assert opened.look(AWAY) == []


def test_who_is_new_is_greeted_and_again_after_fourteen_days(opened: Counter) -> None:
    opened.hears()
    opened.hears("ada mawar?")
    assert opened.look(BOTH) == ["Selamat datang, Sari!"]
    opened.practice.wait(days=14, minutes=-1)
    opened.hears()
    assert opened.look(GREETING) == []
    opened.practice.wait(days=14)
    opened.hears()
    assert opened.look(GREETING) == ["Selamat datang, Sari!"]


def test_a_message_gets_one_automatic_answer_and_not_two(closed: Counter) -> None:
    closed.hears()
    assert closed.look(BOTH) == ["Halo Sari, kami tutup."]
    assert closed.look(GREETING) == []


def test_what_was_greeted_by_day_may_get_an_away_message_by_night(opened: Counter) -> None:
    opened.hears()
    assert opened.look(BOTH) == ["Selamat datang, Sari!"]
    opened.practice.wait(hours=9)
    opened.hears("masih buka?")
    assert opened.look(BOTH) == ["Halo Sari, kami tutup."]


def test_it_counts_toward_the_allowance(closed: Counter) -> None:
    closed.hears()
    closed.look(AWAY)
    ((kind, sent),) = closed.sent
    assert kind is AbsenceKind.AWAY
    assert (sent.state, str(sent.prepared.verdict.free_reason)) == ("accepted", "allowance")
    closed.practice.wait(minutes=1)
    from wacli.services.board import allowance_at

    row = sent.prepared.standing.row
    assert row is not None
    state = allowance_at(closed.store, row.number_id, Prices(shelf(None), "USD", JAKARTA), closed.practice.now())
    assert state is not None
    assert state.used == 1


def test_only_while_it_is_free(closed: Counter) -> None:
    closed.hears()
    closed.store.connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        "INSERT INTO messages (seat, wamid, source, number_id, direction, origin, kind, at, allowance_at) "
        "SELECT i, 'used.' || i, 1, (SELECT id FROM numbers LIMIT 1), 'outbound', 'api', 'text', ?, ? FROM n",
        (int(SUNDAY.timestamp()) - 60,) * 2,
    )
    assert closed.look(AWAY, Conditions(Limits(only_free=True))) == []
    assert [problem.code for problem in closed.troubles] == ["not-free"]
    assert "No automatic answer to Sari" in str(closed.troubles[0].message)
    assert closed.look(AWAY, Conditions(Limits(only_free=True))) == []
    assert len(closed.troubles) == 1  # said once


def test_the_customer_still_waits_on_the_board(closed: Counter) -> None:
    closed.hears()
    closed.look(AWAY)
    closed.practice.wait(minutes=1)
    (row,) = closed.practice("threads", "--json", "--unanswered").json
    assert (row["name"], row["unanswered_count"]) == ("Sari", 1)
    before = closed.practice("threads", "--json").out
    assert closed.practice("db", "rebuild").status == 0
    assert closed.practice("threads", "--json").out == before
    closed.practice("reply", "Sari", "Kami buka besok.")
    assert closed.practice("threads", "--json", "--unanswered").json == []


def test_never_what_is_applied_late(closed: Counter) -> None:
    closed.sari.says("halo")
    closed.practice.sandbox.advance(timedelta(minutes=11))
    closed.practice.hear()
    assert closed.look(BOTH) == []
    closed.hears("halo?")
    assert closed.look(AWAY) == ["Halo Sari, kami tutup."]


def test_never_when_somebody_has_answered(closed: Counter) -> None:
    closed.hears()
    closed.practice.wait(seconds=30)
    assert closed.practice("reply", "Sari", "Sebentar ya").status == 0
    assert closed.look(BOTH) == []


def test_never_an_echo_and_what_is_no_message(closed: Counter) -> None:
    closed.sari.hears_from_app("Ini saya, pemilik toko")
    closed.practice.hear()
    assert closed.look(BOTH) == []


def test_never_to_who_has_stopped(closed: Counter) -> None:
    closed.hears("STOP")
    assert closed.look(BOTH) == []
    assert [problem.code for problem in closed.troubles] == ["opted-out"]


def test_never_to_who_is_not_safe(closed: Counter) -> None:
    closed.hears()
    assert closed.look(BOTH, safe=frozenset()) == []
    assert [problem.code for problem in closed.troubles] == ["not-safe"]


def test_never_to_a_machine_that_answers_at_once(closed: Counter) -> None:
    closed.hears()
    assert closed.look(AWAY) == ["Halo Sari, kami tutup."]
    closed.practice.wait(days=2)
    closed.practice("templates", "pull")
    sent = closed.practice("send", "order_ready", "Sari", "name=Sari", "order=A1")
    assert sent.status == 0
    closed.practice.wait(seconds=3)
    closed.hears("Terima kasih telah menghubungi kami. Kami akan segera membalas.")
    assert closed.look(BOTH) == []


def test_a_crash_between_the_note_and_the_sending_sends_none(closed: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    from wacli.services import absence

    def killed(*_: object, **__: object) -> Sent:
        raise KeyboardInterrupt

    closed.hears()
    with monkeypatch.context() as patch:
        patch.setattr(absence, "deliver", killed)
        with pytest.raises(KeyboardInterrupt):
            closed.look(AWAY)
    assert closed.look(AWAY) == []
    assert closed.accepted() == 0


def test_two_that_look_at_once_send_one(closed: Counter) -> None:
    closed.hears()
    from wacli.services.absence import due_to, list_candidates
    from wacli.store import absence

    desk = Desk(closed.store, Prices(shelf(None), "USD", JAKARTA), closed.practice.sandbox.account.numbers[0].id)
    (candidate,) = list_candidates(desk, closed.practice.now())
    due = due_to(desk, AWAY, candidate, closed.practice.now())
    assert due is not None
    note = absence.AbsenceNote(due.candidate.thread_id, "away", due.heard.at, "a-key")
    with open_store(closed.store.path, create=False) as other:
        assert absence.claim(other, note, due.window_began_at, closed.practice.now())
    assert not absence.claim(closed.store, note._replace(key="b-key"), due.window_began_at, closed.practice.now())


def test_a_name_that_is_not_known_is_said_and_not_left_blank(closed: Counter) -> None:
    nobody = closed.practice.sandbox.add_customer("", "+6281200000009")
    closed.hears(who=nobody)
    assert closed.look(AWAY) == []
    assert [problem.code for problem in closed.troubles] == ["empty-field"]


def test_only_the_profiles_own_number_answers(closed: Counter) -> None:
    closed.hears()
    assert closed.look(BOTH, phone_number_id="999") == []
    assert closed.look(BOTH, phone_number_id=None) == []
