"""`wacli help conditions`: everything it shows can be typed after `--where`."""

from __future__ import annotations

from datetime import UTC

import pytest

from tests.support.front_door import NOW, FrontDoor
from wacli.cli.commands.help import CONDITIONS
from wacli.domain.audience_words import parse_condition


@pytest.mark.parametrize("condition", [condition for condition, _ in CONDITIONS])
def test_what_it_shows_is_understood(condition: str) -> None:
    assert parse_condition(condition, NOW, UTC)


def test_a_condition_that_is_none_leads_there(wacli: FrontDoor) -> None:
    wacli("contacts", "add", "--name", "Sari", "--phone", "+6281234567890")
    wrong = wacli("campaigns", "segments", "add", "x", "--where", "window opened", "--json")
    assert wrong.error["hint"].endswith("wacli help conditions")
    assert "last message over 90 days ago" in wacli("help", "conditions").out
