"""CPU of what `wacli send` does for each message, beside pywa's `send_template`.

Run: python -m tests.benchmarks.send_durable [sends a round] [rounds]

The same local server, in a process of its own, answers both; the store is a file on a real disk with
`synchronous=FULL` for every commit. Contestants take turns, each figure is the median over the rounds of the CPU of
this process (user and system, all threads), and ratios are taken round by round. pywa judges nothing and keeps no
record of anything. Rubbish is collected as in a process of `wacli` (see `wacli.__main__`) while wacli sends, and as
Python does by itself while pywa sends.

`send` is the service behind the command: the values are filled in, the message is judged, its outbox row is on disk
before the request and its result after it. `one alone` is a run of one, as `wacli reply` makes it: it waits for the
disk twice for itself, which alone costs more CPU than a send of pywa, and no order of the steps avoids it.
"""

from __future__ import annotations

import gc
import itertools
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import send_cpu
from tests.benchmarks.send_server import send_server
from wacli.__main__ import SWEEPING
from wacli.cloudapi.client import Client, Settings
from wacli.domain.template import Body, Template
from wacli.ratecards.shelf import shelf
from wacli.services.letters import template_letter
from wacli.services.pace import Pace
from wacli.services.prices import Prices
from wacli.services.send_run import Order, Sender, carry_out, check, look_ahead
from wacli.services.sending import Conditions, Desk
from wacli.store import contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import Store, open_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBER = "111"
TEMPLATE = Template("order_ready", "id", "APPROVED", "UTILITY", (Body("Halo {{nama}}, pesanan {{pesanan}} siap."),))
CONTACTS = 2_000


class Shop:
    """A store with contacts, and orders for them."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder / "shop.db", create=True)
        with self.store.transaction():
            people = [
                contacts.add(self.store, ContactChange(phone=f"62812{number:07d}"), NOW) for number in range(CONTACTS)
            ]
        self.desk = Desk(self.store, Prices(shelf(None), "USD", UTC), NUMBER)
        self._people = itertools.cycle(people)
        self._numbers = itertools.count()

    def order(self) -> Order:
        """The next one: its letter is made here, as pywa makes its own."""
        contact = next(self._people)
        values = {"nama": "Sari", "pesanan": f"A-{next(self._numbers)}"}
        return Order(str(contact.phone), contact, template_letter(TEMPLATE, values))

    def send(self, client: Client, count: int, *, connections: int, pace: Pace, checks: bool = False) -> None:
        """So many orders in one run. `checks`: all of them are looked at before the first goes out."""
        sender = Sender(client, NUMBER, _clock, connections, pace)
        orders = [self.order() for _ in range(count)]
        ahead = look_ahead(self.desk, orders)
        if checks:
            for place, order in enumerate(orders):
                now = _clock()
                check(self.desk, order, Conditions(), now, ahead.known(place, now))
        sent = carry_out(self.desk, sender, orders, Conditions(), ahead)
        assert [None if one.problem is None else one.problem.code for one in sent] == [None] * count


def _clock() -> datetime:
    """The real one: the last message of a thread is earlier than the next, as it is in life."""
    return datetime.now(UTC)


def _spend(name: str, work: Callable[[], object], count: int) -> float:
    before = gc.get_threshold()
    gc.set_threshold(*(before if name == "pywa" else SWEEPING))
    start = time.process_time()
    work()
    spent = (time.process_time() - start) / count * 1e6
    gc.set_threshold(*before)
    return spent


def main(count: int, rounds: int) -> None:
    """Prints medians and ratios."""
    # On a real disk: a temporary folder is often in memory, where waiting for the disk costs nothing.
    with send_server() as server, tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        pywa = send_cpu._pywa(server.port)
        if pywa is None:
            sys.exit("pywa is not installed")
        client = Client("token-of-the-benchmark", Settings(f"http://127.0.0.1:{server.port}"))
        shop = Shop(Path(folder))
        prepared = check(shop.desk, shop.order(), Conditions(), _clock())

        def bare() -> None:
            for _ in range(count):
                client.send(NUMBER, prepared.body)

        def one_alone() -> None:
            for _ in range(count):
                shop.send(client, 1, connections=8, pace=Pace(None))

        def theirs() -> None:
            for _ in range(count):
                pywa()

        contestants: dict[str, Callable[[], None]] = {
            "pywa": theirs,
            "client alone": bare,
            "send": lambda: shop.send(client, count, connections=8, pace=Pace(None)),
            "send, all checked first": lambda: shop.send(client, count, connections=8, pace=Pace(None), checks=True),
            "send, 1 connection": lambda: shop.send(client, count, connections=1, pace=Pace(None)),
            "one alone": one_alone,
        }
        figures: dict[str, list[float]] = {name: [] for name in contestants}
        shop.send(client, CONTACTS, connections=8, pace=Pace(None))  # everybody has a thread, as customers have
        for work in contestants.values():
            work()
        for _ in range(rounds):
            for name, work in contestants.items():
                figures[name].append(_spend(name, work, count))
        shop.store.close()
    for name, found in figures.items():
        ratio = statistics.median(a / b for a, b in zip(found, figures["pywa"], strict=True))
        print(f"{name:26}{statistics.median(found):5.0f} us CPU a message   {ratio:.2f}x pywa")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [240, 15][len(given) :]))
