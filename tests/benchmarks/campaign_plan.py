"""Planning a campaign over a million contacts beside raw SQL that selects and writes the same rows; and showing it.

Run: python -m tests.benchmarks.campaign_plan [contacts] [rounds] [folder]

The raw statement is what somebody would type who knows the tables and only wants the rows: contacts with the tag, out
where the latest word of the ledger is not an opt-in, the name as the value, one INSERT ... SELECT, one commit. It asks
for no failures, windows, ad clicks, markets or prices, and counts nothing. `rows alone` only copies the finished rows.
Contestants take turns on one store; memory is the peak of a process that only plans. `show` is timed as a command's
work without the interpreter's start, on a campaign of which everybody was sent and a tenth wrote back.
"""

from __future__ import annotations

import itertools
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

from tests.benchmarks.campaign_store import NOW, PHONE_NUMBER_ID, campaign_store, opened
from wacli.domain.campaign import Approval
from wacli.ratecards.shelf import shelf
from wacli.services.campaign_plan import PlanRequest, audience_of, planned
from wacli.services.campaign_report import report
from wacli.services.prices import Prices
from wacli.services.sending import Desk
from wacli.services.templates import find_template
from wacli.store import campaigns
from wacli.store.database import Store

_NUMBERS = itertools.count(1)
_RAW = """
INSERT INTO campaign_recipients (campaign_id, contact_id, reason, line, own)
SELECT -1, c.id, iif((SELECT k.state FROM consents k WHERE k.category = 'marketing' AND k.contact_id = c.id
    ORDER BY k.at DESC LIMIT 1) IS 'opted-in', NULL, 'no-opt-in'), 0, json_array(coalesce(c.name, c.profile_name))
FROM contacts c WHERE c.id IN (SELECT contact_id FROM tags WHERE tag = 'vip') ORDER BY c.id
"""
_ROWS = """
INSERT INTO campaign_recipients SELECT -1, contact_id, reason, line, own, skipped_at FROM campaign_recipients
WHERE campaign_id = (SELECT max(id) FROM campaigns)
"""


def plan_once(store: Store) -> str:
    """Plans, and returns the name."""
    prices = Prices(shelf(None), "USD", UTC)
    name = f"bench {next(_NUMBERS)} {time.monotonic_ns()}"
    audience = audience_of(store, ["tag:vip"], None, None, NOW, prices)
    template = find_template(store, "promo_akhir_tahun", None)
    request = PlanRequest(name, template, audience, {"1": "{name}", "2": "20%"}, "ID")
    with planned(store, Desk(store, prices, PHONE_NUMBER_ID), request, NOW, is_dry=False) as plan:
        assert plan.campaign.recipient_count > 0
    return name


def _timed(store: Store, work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    found = time.perf_counter() - wall, time.process_time() - cpu
    with store.transaction() as connection:  # the next one finds the same store
        connection.execute("DELETE FROM campaign_recipients WHERE campaign_id = -1")
    return found


def _sql(store: Store, statement: str) -> None:
    with store.transaction(durable=True) as connection:
        connection.execute(statement)


def main(contacts: int, rounds: int, folder: Path) -> None:
    """Prints ratios, memory, and how long `show` takes."""
    path = campaign_store(folder, contacts, contacts // 2)
    work = folder / "work.db"
    shutil.copy(path, work)
    with opened(work) as store:
        plan_once(store)
        contestants: dict[str, Callable[[], object]] = {
            "raw SQL": lambda: _sql(store, _RAW),
            "plan": lambda: plan_once(store),
            "rows alone": lambda: _sql(store, _ROWS),
        }
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, contestant in contestants.items():
                figures[name].append(_timed(store, contestant))
        for name, found in figures.items():
            ratios = [
                statistics.median(one[kind] / raw[kind] for one, raw in zip(found, figures["raw SQL"], strict=True))
                for kind in (0, 1)
            ]
            wall, cpu = (statistics.median(one[kind] for one in found) for kind in (0, 1))
            print(f"{name:12}{wall:6.2f} s ({ratios[0]:.2f}x raw SQL)   CPU {cpu:6.2f} s ({ratios[1]:.2f}x)")
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.campaign_plan", "alone", str(work)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    print(f"memory of a process that plans: {done.stdout.strip()} MB at the most")
    with opened(work) as store:
        _show(store)


def _show(store: Store) -> None:
    name = plan_once(store)
    campaign = campaigns.get(store, name)
    campaigns.approve(store, campaign.id, Approval(NOW), None)
    campaigns.mark_started(store, campaign.id, NOW)
    _pretend_sent(store, campaign.id)
    campaign = campaigns.get(store, name)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        counts = report(store, campaigns.get(store, name), NOW + timedelta(hours=2)).counts
        times.append(time.perf_counter() - began)
    print(f"show: {counts.taken:,} taken, {counts.replied:,} replied, {counts.waiting:,} waiting: "
          f"{min(times):.3f} to {max(times):.3f} s")  # fmt: skip


def _pretend_sent(store: Store, campaign_id: int) -> None:
    """Outbox rows and messages of everybody who is in, as a send would leave them; a tenth of them wrote back."""
    at = int(NOW.timestamp())
    with store.transaction() as connection:
        (first,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM messages").fetchone()
        values = {"campaign": campaign_id, "at": at + 60, "first": first}
        connection.execute("INSERT OR IGNORE INTO threads (contact_id, number_id) SELECT id, 1 FROM contacts")
        connection.execute(
            "INSERT INTO outbox (key, thread_id, kind, category, request, state, attempts, wamid, message_id, "
            "created_at, sent_at, message_at, campaign_id, recipient_id, price) SELECT 'k' || r.contact_id, t.id, "
            "'template', 'marketing', '{}', 'accepted', 1, 'wamid.bench.' || r.contact_id, :first + r.contact_id, :at, "
            ":at, :at, :campaign, r.contact_id, 41100 FROM campaign_recipients r JOIN threads t "
            "ON t.contact_id = r.contact_id WHERE r.campaign_id = :campaign AND r.reason IS NULL",
            values,
        )
        connection.execute(
            "INSERT INTO messages (id, seat, wamid, source, thread_id, number_id, direction, origin, kind, at, status, "
            "error_code, campaign_id, price) SELECT message_id, -message_id, wamid, 4, thread_id, 1, 'outbound', "
            "'api', 'template', :at, iif(recipient_id % 40 = 0, 'failed', iif(recipient_id % 3, 'delivered', 'read')), "
            "iif(recipient_id % 40 = 0, 131026, NULL), :campaign, price FROM outbox WHERE campaign_id = :campaign",
            values,
        )
        connection.execute(
            "UPDATE threads SET last_inbound_at = :at + 600, last_opener_at = :at + 600, closes_at = :at + 87000 "
            "WHERE contact_id % 10 = 3",
            values,
        )


def alone(path: Path) -> None:
    """One plan in this process; prints its peak memory in MB."""
    with opened(path) as store:
        plan_once(store)
    print(_peak_mb())


def _peak_mb() -> int:
    """Of this program alone: `ru_maxrss` of a child begins with what its parent had in memory."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        alone(Path(sys.argv[2]))
    else:
        given = sys.argv[1:4]
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as temporary:
            main(
                int(given[0]) if given else 1_000_000,
                int(given[1]) if len(given) > 1 else 3,
                Path(given[2]) if len(given) > 2 else Path(temporary),
            )
