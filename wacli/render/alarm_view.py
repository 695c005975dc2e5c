"""Category alarms as sentences, as data, and as the lines on top of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.money import Money
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.template_alarms import VOLUME_DAYS, AlarmPrice, AlarmShare, CategoryAlarm

from .verdict_words import FREE_BECAUSE
from .view import Cell, Flat, Paragraph, Style
from .words import Words


def alarm_fields(alarm: CategoryAlarm) -> Flat:
    """One alarm for machines. `adds` is per month; null: not known."""
    return {
        "name": alarm.name,
        "language": alarm.language,
        "before": alarm.before,
        "after": alarm.after,
        "is_announced": alarm.is_announced,
        "said_at": alarm.said_at,
        "holds_at": alarm.holds_at,
        "sent_count": alarm.message_count,
        "adds": alarm.adds,
        "currency": alarm.currency,
        "markets": [
            {
                "market": part.market,
                "sent_count": part.message_count,
                "price_before": part.price_before,
                "price_after": part.price_after,
                "adds": part.adds,
            }
            for part in alarm.markets
        ],
    }


def alarm_texts(alarm: CategoryAlarm) -> tuple[Text, ...]:
    """The alarm in sentences: what moves, what it adds a month, and from what to what each market's price goes."""
    values = {
        "name": alarm.name,
        "language": alarm.language,
        "before": (alarm.before or "?").lower(),
        "after": alarm.after.lower(),
        "at": alarm.holds_at,
    }
    if alarm.is_announced:
        moved = t("{name} ({language}) moves from {before} to {after} by {at}", **values)
    else:
        moved = t("{name} ({language}) moved from {before} to {after} on {at}", **values)
    lines = [t("! {moved}: {money}", moved=moved, money=_money(alarm))]
    lines.extend(_share_text(part.market, share, alarm.currency) for part in alarm.markets for share in part.shares)
    return tuple(lines)


def _money(alarm: CategoryAlarm) -> Text:
    count, days = Quantity(alarm.message_count), VOLUME_DAYS
    if not alarm.message_count:
        return t("nothing was sent with it in the last {days} days", days=days)
    if alarm.adds is None:
        return tn(
            "what that adds to {count} message in {days} days is not known",
            "what that adds to {count} messages in {days} days is not known",
            count,
            days=days,
        )
    if alarm.adds < 0:
        return tn(
            "saves {amount} a month, at {count} message in {days} days",
            "saves {amount} a month, at {count} messages in {days} days",
            count,
            amount=Money(-alarm.adds, alarm.currency),
            days=days,
        )
    return tn(
        "adds {amount} a month, at {count} message in {days} days",
        "adds {amount} a month, at {count} messages in {days} days",
        count,
        amount=Money(alarm.adds, alarm.currency),
        days=days,
    )


def _share_text(market: str | None, share: AlarmShare, currency: str) -> Text:
    """How many of a market's messages cost what instead of what: the lines add up to the alarm's amount."""
    where: Text | str = t("unknown market") if market is None else market
    count = Quantity(share.message_count)
    before, after = _price(share.before, currency), _price(share.after, currency)
    if share.before.amount == share.after.amount:
        return t("    {market}: {count} × {price}, as before", market=where, count=count, price=after)
    return t(
        "    {market}: {count} × {after} instead of {before}", market=where, count=count, before=before, after=after
    )


def _price(charge: AlarmPrice, currency: str) -> Text | Money:
    if charge.free_reason is not None:
        return FREE_BECAUSE[charge.free_reason]
    return t("unknown") if charge.amount is None else Money(charge.amount, currency)


def alarms_paragraph(alarms: Sequence[CategoryAlarm], words: Words) -> tuple[Paragraph, ...]:
    """The alarms on top of a screen; nothing when there is none."""
    lines = []
    for alarm in alarms:
        first, *parts = alarm_texts(alarm)
        style = Style.WARN if alarm.adds is not None and alarm.adds <= 0 else Style.BAD
        lines.append(Cell(words.say(first), style))
        lines.extend(Cell(words.say(part)) for part in parts)
    return (Paragraph(lines=tuple(lines)),) if lines else ()
