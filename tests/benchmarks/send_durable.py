"""CPU of a durable send: outbox row on disk before the request, result on disk after it, beside pywa's `send_template`.

Run: python -m tests.benchmarks.send_durable [sends a round] [rounds]

The same local server, in a process of its own, answers both; the store is a file on a real disk with
`synchronous=FULL` for every commit. Contestants take turns, each figure is the median over the rounds of the CPU of
this process (user and system, all threads), and ratios are taken round by round. pywa keeps no record of anything.

`run, N connections` is `deliver_run`, which shares its commits among messages; more connections than one are for
servers that take their time, and cost some CPU for threads that take turns. `one by one` is `deliver`, as
`wacli reply` sends: it waits for the disk twice for each message, which alone costs more CPU than a send of pywa.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import send_cpu
from tests.benchmarks.send_server import send_server
from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.outgoing import Address, Extras, TemplateMessage, body_of
from wacli.domain.filled import Filled, FilledPart, TextValue
from wacli.domain.template import Template
from wacli.ratecards.shelf import shelf
from wacli.services.delivery import deliver
from wacli.services.delivery_run import deliver_run
from wacli.services.letters import Letter
from wacli.services.pace import Pace
from wacli.services.prices import Prices
from wacli.services.sending import Conditions, Desk, Prepared, prepare
from wacli.store import contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import Store, open_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = "111"
TEMPLATE = Template("order_ready", "id", "APPROVED", "UTILITY")
CONTACTS = 2_000


class Shop:
    """A store with contacts, and prepared messages for them that cost nothing but the building of the body."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder / "shop.db", create=True)
        with self.store.transaction():
            people = [
                contacts.add(self.store, ContactChange(phone=f"62812{number:07d}"), NOW) for number in range(CONTACTS)
            ]
        desk = Desk(self.store, Prices(shelf(None), "USD", UTC), NUMBER)
        filled = _content("0")
        self._models = []
        for contact in people:
            self._models.append(prepare(desk, contact, Letter(filled, "halo", TEMPLATE), Conditions(), NOW))
        self._next = itertools.cycle(self._models)
        self._keys = itertools.count()

    def message(self) -> Prepared:
        """The next message: its body is built here, as pywa builds its own."""
        model, key = next(self._next), f"{next(self._keys):032x}"
        content = _content(key)
        phone = model.standing.contact.phone
        body = body_of(content, Address(phone=phone), Extras(callback=key))
        return model._replace(key=key, body=body, letter=model.letter._replace(content=content))

    def messages(self, count: int) -> Iterator[Prepared]:
        """So many of them."""
        return (self.message() for _ in range(count))


def _content(order: str) -> TemplateMessage:
    return TemplateMessage(
        Filled("order_ready", "id", (FilledPart("body", (TextValue("Sari", "nama"), TextValue(order, "pesanan"))),))
    )


def _clock() -> datetime:
    """The real one: the last message of a thread is earlier than the next, as it is in life."""
    return datetime.now(UTC)


def _spend(work: Callable[[], object], count: int) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / count * 1e6


def main(count: int, rounds: int) -> None:
    """Prints medians and ratios."""
    # On a real disk: a temporary folder is often in memory, where waiting for the disk costs nothing.
    with send_server() as server, tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        pywa = send_cpu._pywa(server.port)
        if pywa is None:
            sys.exit("pywa is not installed")
        client = Client("token-of-the-benchmark", Settings(f"http://127.0.0.1:{server.port}"))
        shop = Shop(Path(folder))
        store = shop.store

        def bare() -> None:
            for message in shop.messages(count):
                client.send(NUMBER, message.body)

        def run(connections: int) -> None:
            pace = Pace(None)
            messages = shop.messages(count)
            sent = list(deliver_run(store, client, NUMBER, messages, _clock, connections=connections, pace=pace))
            assert [one.state for one in sent] == ["accepted"] * count

        def one_by_one() -> None:
            for message in shop.messages(count):
                assert deliver(store, client, NUMBER, message, _clock).state == "accepted"

        def theirs() -> None:
            for _ in range(count):
                pywa()

        contestants: dict[str, Callable[[], None]] = {
            "pywa": theirs,
            "client alone": bare,
            "run, 1 connection": lambda: run(1),
            "run, 8 connections": lambda: run(8),
            "one by one": one_by_one,
        }
        figures: dict[str, list[float]] = {name: [] for name in contestants}
        for work in contestants.values():
            work()
        for _ in range(rounds):
            for name, work in contestants.items():
                figures[name].append(_spend(work, count))
        store.close()
    for name, found in figures.items():
        ratio = statistics.median(a / b for a, b in zip(found, figures["pywa"], strict=True))
        print(f"{name:20}{statistics.median(found):5.0f} us CPU a message   {ratio:.2f}x pywa")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [240, 15][len(given) :]))
