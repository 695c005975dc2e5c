"""What ads brought, as screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wacli.domain.money import Money
from wacli.domain.text import Text, t
from wacli.domain.window import EntryPointState
from wacli.services.ads import Ad, AdChat

from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

AD_FIELDS = (
    "source_type", "source_id", "headline", "source_url", "chats", "clicks", "won", "lost", "waiting", "running",
    "next_ends_at", "first_at", "last_at", "messages", "free_messages", "saved", "spent", "currency",
)  # fmt: skip
CHAT_FIELDS = (
    "contact_id", "name", "at", "source_type", "source_id", "headline", "click_id", "text", "answered_at",
    "entry_point", "answer_by", "free_until", "is_confirmed",
)  # fmt: skip
_STATES: dict[EntryPointState, tuple[Text, Style]] = {
    EntryPointState.ARMED: (t("answer in time"), Style.WARN),
    EntryPointState.RUNNING: (t("free now"), Style.GOOD),
    EntryPointState.LOST: (t("lost"), Style.BAD),
    EntryPointState.NONE: (t("over"), Style.DIM),
}


def ad_fields(ad: Ad, currency: str) -> Flat:
    """One ad for machines. `saved`: what the free messages to its people would have cost."""
    return {
        "source_type": ad.source_type,
        "source_id": ad.source_id,
        "headline": ad.headline,
        "source_url": ad.source_url,
        "chats": ad.chat_count,
        "clicks": ad.click_count,
        "won": ad.won_count,
        "lost": ad.lost_count,
        "waiting": ad.waiting_count,
        "running": len(ad.running),
        "next_ends_at": ad.running[0].entry.free_until if ad.running else None,
        "first_at": ad.first_at,
        "last_at": ad.last_at,
        "messages": ad.sent.message_count,
        "free_messages": ad.free_count,
        "saved": ad.sent.saved,
        "spent": ad.sent.amount,
        "currency": currency,
    }


def ads_listing(ads: Sequence[Ad], words: Words, now: datetime, currency: str) -> Listing[Ad]:
    """The ads, most chats first."""
    return Listing(
        fields=AD_FIELDS,
        rows=ads,
        flat=lambda ad: ad_fields(ad, currency),
        headings=(
            Heading(t("Ad"), share=1),
            Heading(t("Headline"), share=3),
            Heading(t("Chats"), right=True),
            Heading(t("Won"), right=True),
            Heading(t("Lost"), right=True),
            Heading(t("Waiting"), right=True),
            Heading(t("Free now"), right=True),
            Heading(t("Next ends")),
            Heading(t("Sent free"), right=True),
            Heading(t("Saved"), right=True),
        ),
        cells=lambda ad: (
            Cell(sanitise(ad.source_id or ad.source_url or ad.source_type or "?"), Style.STRONG),
            Cell(sanitise(ad.headline or "")),
            Cell(words.number(ad.chat_count)),
            Cell(words.number(ad.won_count), Style.GOOD if ad.won_count else Style.DIM),
            Cell(words.number(ad.lost_count), Style.BAD if ad.lost_count else Style.DIM),
            Cell(words.number(ad.waiting_count), Style.WARN if ad.waiting_count else Style.DIM),
            Cell(words.number(len(ad.running))),
            Cell(_left(ad.running[0], now, words) if ad.running else "", Style.DIM),
            Cell(words.number(ad.free_count), Style.GOOD if ad.free_count else Style.DIM),
            Cell(words.money(Money(ad.sent.saved, currency)) if ad.free_count else ""),
        ),
        empty=t("No chat has come from an ad or a Page button yet"),
        footer=_todo(ads),
    )


def chat_fields(chat: AdChat) -> Flat:
    """One chat from an ad, for machines. `entry_point` as on the board: none, armed, running, lost."""
    row, referral = chat.row, chat.row.referral
    return {
        "contact_id": row.contact_id,
        "name": row.label,
        "at": row.at,
        "source_type": referral.source_type,
        "source_id": referral.source_id,
        "headline": referral.headline,
        "click_id": referral.click_id,
        "text": row.text,
        "answered_at": row.started_at,
        "entry_point": str(chat.entry.state),
        "answer_by": chat.entry.answer_by,
        "free_until": chat.entry.free_until,
        "is_confirmed": chat.entry.is_confirmed if chat.entry.free_until is not None else None,
    }


def chats_listing(chats: Sequence[AdChat], words: Words, now: datetime, empty: Text) -> Listing[AdChat]:
    """The chats that ads opened."""
    return Listing(
        fields=CHAT_FIELDS,
        rows=chats,
        flat=chat_fields,
        headings=(
            Heading(t("Who"), share=1),
            Heading(t("Came")),
            Heading(t("Entry point")),
            Heading(t("Left")),
            Heading(t("Ad"), share=1),
            Heading(t("Click"), share=1),
            Heading(t("They said"), share=2),
        ),
        cells=lambda chat: (
            Cell(sanitise(chat.row.label), Style.STRONG),
            Cell(words.instant(chat.row.at), Style.DIM),
            Cell(words.say(_STATES[chat.entry.state][0]), _STATES[chat.entry.state][1]),
            Cell(_left(chat, now, words)),
            Cell(sanitise(chat.row.referral.headline or chat.row.referral.source_id or "")),
            Cell(sanitise(chat.row.referral.click_id or ""), Style.DIM),
            Cell(sanitise(chat.row.text or "")),
        ),
        empty=empty,
    )


def _left(chat: AdChat, now: datetime, words: Words) -> str:
    end = chat.entry.free_until or (chat.entry.answer_by if chat.entry.state is EntryPointState.ARMED else None)
    if end is None:
        return ""
    sure = chat.entry.is_confirmed or chat.entry.free_until is None
    return ("" if sure else "≥ ") + words.short_duration(end - now)


def _todo(ads: Sequence[Ad]) -> tuple[Text, ...]:
    waiting = sum(ad.waiting_count for ad in ads)
    if not waiting:
        return ()
    return (t("Answer within 24 h of the click and everything to them is free for days: wacli threads"),)
