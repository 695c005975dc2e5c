"""A store for campaigns without a front door: people of every kind, a template, a desk."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wacli.cloudapi.templates import parse_template
from wacli.domain.template import Template
from wacli.ratecards.shelf import shelf
from wacli.services.campaign_plan import PlanRequest, audience_of, planned
from wacli.services.prices import Prices
from wacli.services.sending import Desk
from wacli.store import consents, contacts, numbers
from wacli.store.campaign_recipients import RecipientRow, Which, stream_recipients
from wacli.store.consents import Consent
from wacli.store.contacts import ContactChange
from wacli.store.database import Store, open_store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NUMBER = "111"


def template(category: str = "MARKETING", status: str = "APPROVED", text: str = "Halo {{1}}!") -> Template:
    """A template with one place."""
    made = parse_template(
        {
            "name": "promo", "language": "id", "status": status, "category": category, "id": "1",
            "parameter_format": "POSITIONAL", "components": [{"type": "BODY", "text": text}],
        }
    )  # fmt: skip
    assert made is not None
    return made


class CampaignShop:
    """One number; contacts are written straight into the tables, as any order of notifications would leave them."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder / "shop.db", create=True)
        self.prices = Prices(shelf(None), "USD", UTC)
        self.desk = Desk(self.store, self.prices, NUMBER)
        self.number_id = numbers.add(self.store, NUMBER, None, None).id
        self._phones = itertools.count(1)
        self._messages = itertools.count(1)
        self._names = itertools.count(1)

    def person(self, phone: str | None = None, *, bsuid: str | None = None, name: str | None = "Sari") -> int:
        """A contact; without anything an Indonesian number."""
        if phone is None and bsuid is None:
            phone = f"62812{next(self._phones):07d}"
        return contacts.add(self.store, ContactChange(name=name, phone=phone, bsuid=bsuid), NOW).id

    def nobody(self) -> int:
        """A contact with a name only."""
        return contacts.add(self.store, ContactChange(name="Tanpa nomor"), NOW).id

    def says(self, contact_id: int, category: str, state: str, source: str, at: datetime = NOW) -> None:
        """An entry of the ledger."""
        consents.record(self.store, Consent(contact_id, category, state, source, None, at))

    def thread(self, contact_id: int, **clocks: datetime | None) -> int:
        """The contact's thread, with these clocks (`opener`, `referral`, `entry_referral`, `started`, `expires`)."""
        values = {key: None if at is None else int(at.timestamp()) for key, at in clocks.items()}
        opener = values.get("opener")
        with self.store.transaction() as connection:
            row = connection.execute(
                "INSERT INTO threads (contact_id, number_id, last_at, last_inbound_at, last_opener_at, closes_at, "
                "referral_at, entry_referral_at, entry_started_at, entry_expires_at) VALUES (?,?,?,?,?,?,?,?,?,?) "
                "RETURNING id",
                (
                    contact_id, self.number_id, opener, opener, opener, None if opener is None else opener + 86_400,
                    values.get("referral"), values.get("entry_referral"), values.get("started"), values.get("expires"),
                ),
            ).fetchone()  # fmt: skip
        return int(row[0])

    def failed(self, thread_id: int, code: int, at: datetime) -> None:
        """A message of ours in that thread that failed."""
        number = next(self._messages)
        with self.store.transaction() as connection:
            connection.execute(
                "INSERT INTO messages (seat, wamid, source, thread_id, number_id, direction, origin, kind, at, status, "
                "status_at, error_code) VALUES (?, ?, 3, ?, ?, 'outbound', 'api', 'template', ?, 'failed', ?, ?)",
                (number, f"wamid.{number}", thread_id, self.number_id, int(at.timestamp()), int(at.timestamp()), code),
            )

    def heard(self, thread_id: int, at: datetime) -> None:
        """A message of theirs in that thread."""
        number = next(self._messages)
        with self.store.transaction() as connection:
            connection.execute(
                "INSERT INTO messages (seat, wamid, source, thread_id, number_id, direction, origin, kind, at) "
                "VALUES (?, ?, 3, ?, ?, 'inbound', 'api', 'text', ?)",
                (number, f"wamid.{number}", thread_id, self.number_id, int(at.timestamp())),
            )

    def plan(
        self, made: Template, *, where: str | None = None, now: datetime = NOW, **more: object
    ) -> dict[int, RecipientRow]:
        """Plans a campaign, and gives its rows by contact."""
        audience = audience_of(self.store, ["all"], where, None, now, self.prices)
        request = PlanRequest(f"plan {next(self._names)}", made, audience, {"1": "{name}"}, "ID")
        request = request._replace(**more)  # type: ignore[arg-type]
        with planned(self.store, self.desk, request, now, is_dry=False) as plan:
            rows = stream_recipients(self.store, plan.campaign.id, Which.ALL, ())
            self.last = plan
            return {row.contact_id or 0: row for row in rows}

    def keep_template(self, made: Template) -> None:
        """As a pull would have kept it."""
        source = json.loads(made.source or "{}")
        with self.store.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO templates (template_id, name, language, status, category, parameter_format, "
                "components, raw, pulled_at) VALUES ('1', ?, ?, ?, ?, 'POSITIONAL', ?, ?, ?)",
                (made.name, made.language, made.status, made.category, json.dumps(source.get("components", [])),
                 made.source, int((NOW - timedelta(days=1)).timestamp())),
            )  # fmt: skip
