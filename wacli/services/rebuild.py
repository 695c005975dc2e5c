"""`wacli db rebuild`: every notification applied again from scratch. What the owner typed stays; the rest is the same.

One transaction: readers see the old tables until the new ones are whole, and a killed process leaves the old ones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..store import notifications, outbox
from ..store import rebuild as tables
from ..store.database import Store
from ..store.intake import Intake
from .inbound import IngestReport, batched, events_of, report_of
from .outbox import told_by_history


def rebuild(store: Store, now: datetime, *, once_empty: Callable[[Intake], object] | None = None) -> IngestReport:
    """Makes all derived tables again from the notifications. Raises Unavailable when the store is being written.

    `once_empty` is called in the same transaction, when they are empty: what it changes is part of the rebuild.
    """
    intake = Intake(store)
    count = 0
    with intake.transaction() as connection:
        intake.messages.touch_threads(tables.begin(connection))
        if once_empty is not None:
            once_empty(intake)
        intake.parties.has_former = True
        outbox.take_in_all(connection, intake.messages)
        for batch in batched(notifications.stream_all(connection), lambda one: len(one[1])):
            intake.apply((notification_id, events_of(raw)) for notification_id, raw in batch)
            intake.settle()
            count += len(batch)
        intake.apply((None, told_by_history(row)) for row in outbox.list_with_history(store))
        intake.settle()
        notifications.mark_all_applied(connection, now)
        intake.parties.has_former = False
        for contact_id in tables.finish(connection):
            intake.parties.mark_stale(contact_id)
    return report_of(intake, count, 0, 0)
