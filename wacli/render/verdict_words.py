"""Verdicts in words and as data: the next reply, which free, how long, and what the two clocks say."""

from __future__ import annotations

from datetime import datetime, timedelta

from wacli.domain.money import Money
from wacli.domain.pricing import FreeReason
from wacli.domain.text import Text, t
from wacli.domain.verdict import MaySend, Outcome, Verdict
from wacli.domain.window import EntryPointState

from .view import Cell, Flat, Style
from .words import Words

_CLOSING_SOON = timedelta(hours=1)
_CLOSING = timedelta(hours=4)

FREE_BECAUSE = {
    FreeReason.ALLOWANCE: t("free: allowance"),
    FreeReason.FREE_ENTRY_POINT: t("free: ad window"),
    FreeReason.RULES: t("free: rules"),
    FreeReason.APP: t("free: phone app"),
}


def verdict_fields(verdict: Verdict, now: datetime) -> Flat:
    """The stable keys that a thread row and a verdict share (design: COMMANDS.md, "Output")."""
    return {
        "may_send": verdict.may_send.value,
        "free_reason": None if verdict.free_reason is None else verdict.free_reason.value,
        "free_until": verdict.free_until,
        "price": verdict.price,
        "currency": verdict.currency,
        "market": verdict.market,
        "window_closes_at": verdict.window_closes_at,
        "seconds_left": seconds_left(verdict, now),
        "entry_point": verdict.entry_point.state.value,
    }


def seconds_left(verdict: Verdict, now: datetime) -> int | None:
    """Whole seconds until the customer service window closes; 0 when it has, None when it never opened."""
    if verdict.window_closes_at is None:
        return None
    return max(int((verdict.window_closes_at - now).total_seconds()), 0)


def next_reply(verdict: Verdict, words: Words) -> Cell:
    """The next reply in a few words: free and which free, its price, or that only a template may go."""
    if verdict.outcome is Outcome.FREE and verdict.free_reason is not None:
        return Cell(words.say(FREE_BECAUSE[verdict.free_reason]), Style.GOOD)
    if verdict.outcome is Outcome.BILLED:
        return Cell(price(verdict, words), Style.WARN)
    if verdict.outcome is Outcome.TEMPLATE_ONLY:
        return Cell(words.say(t("template only")), Style.DIM)
    return Cell(words.say(t("blocked")), Style.BAD)


def price(verdict: Verdict, words: Words) -> str:
    """The price with its currency, or that it is billed at a rate nobody knows."""
    if verdict.price is None or verdict.currency is None:
        return words.say(t("billed, rate unknown"))
    return words.money(Money(verdict.price, verdict.currency))


def time_left(verdict: Verdict, now: datetime, words: Words) -> Cell:
    """How long the customer service window still is, with the urgency it deserves."""
    if verdict.window_closes_at is None:
        return Cell(words.say(t("never wrote")), Style.DIM)
    left = verdict.window_closes_at - now
    if left <= timedelta(0):
        return Cell(words.say(t("closed")), Style.DIM)
    style = Style.BAD if left < _CLOSING_SOON else Style.WARN if left < _CLOSING else Style.GOOD
    return Cell(words.short_duration(left), style)


def entry_point(verdict: Verdict, now: datetime, words: Words) -> Cell:
    """Where the price clock of an ad stands; empty when there is none."""
    entry = verdict.entry_point
    if entry.state is EntryPointState.ARMED and entry.answer_by is not None:
        left = words.short_duration(entry.answer_by - now, 1)
        return Cell(words.say(t("answer in {left}", left=left)), Style.WARN)
    if entry.state is EntryPointState.RUNNING and entry.free_until is not None:
        left = words.short_duration(entry.free_until - now)
        sentence = t("free {left}", left=left) if entry.is_confirmed else t("free {left} or more", left=left)
        return Cell(words.say(sentence), Style.GOOD)
    if entry.state is EntryPointState.LOST:
        return Cell(words.say(t("lost")), Style.DIM)
    return Cell("")


def headline(verdict: Verdict) -> Text:
    """The verdict as one sentence: may I write, and what does it cost."""
    if verdict.outcome is Outcome.FREE:
        return t("Yes, and it is free.")
    if verdict.outcome is Outcome.BILLED:
        if verdict.price is None or verdict.currency is None:
            return t("Yes, but it is billed, at a rate that is not known.")
        return t("Yes, and it costs {price}.", price=Money(verdict.price, verdict.currency))
    if verdict.may_send is MaySend.TEMPLATE_ONLY and verdict.outcome is Outcome.TEMPLATE_ONLY:
        return t("Only a template.")
    return t("No.")
