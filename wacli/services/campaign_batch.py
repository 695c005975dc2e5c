"""What is known of a few recipients of a campaign at one moment, as the verdict takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wacli.domain.campaign import Campaign
from wacli.domain.consent import NOTHING_SAID
from wacli.domain.verdict import Person, Terms, Verdict
from wacli.domain.window import entry_point, not_before
from wacli.store import campaign_recipients, consents, setbacks
from wacli.store.campaign_recipients import Present, Waiting
from wacli.store.setbacks import Setbacks

from .sending import Desk
from .thread import Standing


class Batch:
    """A few recipients, looked up together. `verdicts`: on people of whom nothing is known but what many share."""

    def __init__(self, desk: Desk, campaign: Campaign, batch: Sequence[Waiting], now: datetime) -> None:
        store = desk.store
        self._prices = desk.prices
        self.verdicts: dict[object, tuple[bool, Verdict]] = {}
        self._terms = Terms(desk.prices.rules(now), desk.prices.card(now), 0)
        self.present = campaign_recipients.present(store, (one.recipient_id for one in batch), campaign.number_id)
        ids = {one.contact.id for one in self.present.values()}
        self._said = consents.permissions(store, ids)
        self._back = setbacks.of_contacts(store, ids, now)

    def standing(self, present: Present, now: datetime) -> Standing:
        """The recipient as the verdict takes them."""
        contact, clocks = present
        prices = self._prices
        at = not_before(clocks, now)
        said = self._said.get(contact.id, NOTHING_SAID)
        back: Setbacks = self._back.get(contact.id, setbacks.NONE)
        person = Person(
            contact.id,
            contact.phone is not None,
            contact.bsuid is not None,
            prices.market(contact.phone, contact.bsuid, at),
            clocks,
            entry_point(clocks, prices.entry_length(clocks.entry_started_at), at),
            said.opted_out,
            said.opted_in,
            back.undeliverable_at,
            back.held_back_at,
        )
        return Standing(contact, None, person, self._terms, False)
