"""The lists of a campaign are found by index, however many it went to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaign_shop import CampaignShop
from wacli.store import campaign_counts, campaign_recipients
from wacli.store.campaign_recipients import Which

_VALUES = {"campaign": 1, "again": "[]", "limit": 10, "number": 1, "since": 0}


@pytest.mark.parametrize(
    "sql",
    [
        campaign_recipients._LIST.format(condition=f"r.contact_id IN ({campaign_recipients._FAILED})"),
        campaign_recipients._LIST.format(condition=campaign_recipients._CONDITIONS[Which.WAITING]),
        campaign_recipients._WAITING_LINES,
        campaign_counts._REPLIED,
        campaign_counts._REPLIED_TO_NOTHING,
    ],
)
def test_no_list_reads_the_whole_outbox_or_makes_an_index_of_its_own(tmp_path: Path, sql: str) -> None:
    with CampaignShop(tmp_path).store as store:
        steps = [str(row[3]) for row in store.query(f"EXPLAIN QUERY PLAN {sql}", _VALUES)]
    for step in steps:
        assert not step.startswith(("SCAN o", "SCAN m", "SCAN t", "SCAN c")), steps
        assert "AUTOMATIC" not in step, steps
