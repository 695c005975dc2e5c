"""`wacli ads`: what each ad brought, and whether its free entry point was won or lost to the clock.

Won: an answer within 24 h of the click; then everything to that person is free for 72 h until 2026-09-27, up to 7 days
after (facts: pricing.md section 8.2). Lost: nobody answered in time, and the ad's free window never began.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from wacli.domain.pricing import FreeReason
from wacli.domain.problem import NotFound
from wacli.domain.text import t
from wacli.domain.window import Clocks, EntryPoint, EntryPointState, entry_point
from wacli.store import ads
from wacli.store.ads import ReferralRow
from wacli.store.database import Store
from wacli.store.spend import Dimension

from .prices import Prices
from .spend import NOTHING, Sum, sums_by_key

_BEGINNING = datetime(2018, 8, 1, tzinfo=UTC)  # nothing was billed before


class AdChat(NamedTuple):
    """One chat that an ad opened, and where its price clock stands."""

    row: ReferralRow
    entry: EntryPoint
    is_won: bool


class Ad(NamedTuple):
    """One ad or post. Of its chats: won, lost to the clock, or still waiting for the answer that wins."""

    source_type: str | None
    source_id: str | None
    headline: str | None
    source_url: str | None
    chat_count: int
    click_count: int  # chats with a click id; ads in Status carry none
    won_count: int
    lost_count: int
    waiting_count: int
    running: tuple[AdChat, ...]  # the one that ends first comes first
    first_at: datetime
    last_at: datetime
    sent: Sum  # what was sent to them since the click

    @property
    def free_count(self) -> int:
        """Messages that the entry point made free."""
        return self.sent.free.get(FreeReason.FREE_ENTRY_POINT, 0)


def list_chats(
    store: Store, prices: Prices, now: datetime, *, since: datetime | None = None, source_id: str | None = None
) -> list[AdChat]:
    """The chats that ads opened, the latest first. Raises `NotFound` for an ad that opened none."""
    rows = ads.list_referrals(store, now, since=since, source_id=source_id)
    if source_id is not None and not rows:
        raise NotFound("no-such-ad", t("No chat began with ad {id}", id=source_id), t("See them: wacli ads"))
    return [_chat(row, prices, now) for row in reversed(rows)]


def running(chats: Iterable[AdChat]) -> list[AdChat]:
    """Those whose free window runs now, the one that ends first on top; one for each thread."""
    latest: dict[int, AdChat] = {}
    for chat in chats:  # the latest first
        if chat.entry.is_running:
            latest.setdefault(chat.row.thread_id, chat)
    return sorted(latest.values(), key=_ends)


def list_ads(
    store: Store, prices: Prices, chats: Sequence[AdChat], now: datetime, *, since: datetime | None = None
) -> list[Ad]:
    """The ads and posts with their money, most chats first."""
    money = sums_by_key(store, prices, Dimension.AD, since or _BEGINNING, now) if chats else {}
    grouped: dict[tuple[str | None, str | None], list[AdChat]] = {}
    for chat in chats:
        referral = chat.row.referral
        grouped.setdefault((referral.source_type, referral.source_id or referral.source_url), []).append(chat)
    found = [_ad(group, money.get(key or "", NOTHING)) for (_, key), group in grouped.items()]
    return sorted(found, key=lambda ad: (-ad.chat_count, str(ad.source_id)))


def _ad(chats: Sequence[AdChat], sent: Sum) -> Ad:
    latest = chats[0].row.referral  # an ad may be given another headline
    threads = {chat.row.thread_id for chat in chats}
    won = {chat.row.thread_id for chat in chats if chat.is_won}
    waiting = {chat.row.thread_id for chat in chats if chat.entry.state is EntryPointState.ARMED} - won
    return Ad(
        latest.source_type,
        latest.source_id,
        latest.headline,
        latest.source_url,
        chat_count=len(threads),
        click_count=sum(chat.row.referral.click_id is not None for chat in chats),
        won_count=len(won),
        lost_count=len(threads - won - waiting),
        waiting_count=len(waiting),
        running=tuple(running(chats)),
        first_at=chats[-1].row.at,
        last_at=chats[0].row.at,
        sent=sent,
    )


def _chat(row: ReferralRow, prices: Prices, now: datetime) -> AdChat:
    clocks = Clocks(
        last_opener_at=row.at,
        referral_at=row.at,
        entry_referral_at=None if row.started_at is None else row.at,
        entry_started_at=row.started_at,
        entry_expires_at=row.expires_at,
    )
    return AdChat(row, entry_point(clocks, prices.entry_length(row.started_at), now), row.started_at is not None)


def _ends(chat: AdChat) -> datetime:
    assert chat.entry.free_until is not None  # of one that runs
    return chat.entry.free_until
