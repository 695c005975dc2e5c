"""A plan that crosses a volume step names it in words, and the count of the cost says that it does not know it."""

from __future__ import annotations

import io
from datetime import UTC
from decimal import Decimal
from pathlib import Path

from tests.support.campaign_shop import NOW, CampaignShop, template
from wacli.domain.campaign import Counts, Plan, Report, State
from wacli.domain.category import Category
from wacli.render.campaign_plan_view import plan_record
from wacli.render.campaign_view import report_record
from wacli.render.emit import Format, Page, write_record
from wacli.render.view import Record
from wacli.render.words import Words
from wacli.services.campaign_quote import price_plan


def _shown(record: Record, words: Words) -> str:
    out = io.StringIO()
    write_record(record, Page(out, words, Format.TABLE, None, 110, False))
    return out.getvalue()


def test_volume_tiers_in_words(tmp_path: Path) -> None:
    shop = CampaignShop(tmp_path)
    with shop.store:
        shop.person("254712345678")
        shop.plan(template("UTILITY"))
        plan: Plan = shop.last
    market = plan.campaign.lines[0].market
    priced = price_plan({0: 300_000}, (market,), Category.UTILITY, shop.prices, NOW, {market: 50_000})
    campaign = plan.campaign._replace(lines=priced.lines, amount=priced.amount, recipient_count=300_000)
    words = Words("en", UTC)
    shown = _shown(plan_record(plan._replace(campaign=campaign), words), words)
    assert "0 to 100,000" in shown
    assert "100,001 to 1,000,000" in shown
    counted = Report(campaign, State.PARTLY, Counts(delivered=3, cost=Decimal(1)))
    assert "Counted at list prices; volume tiers make the bill smaller" in _shown(report_record(counted, words), words)
