"""The strict loaders of rules.toml and markets.toml."""

from __future__ import annotations

from importlib.resources import files

import pytest

from wacli.domain.problem import Invalid
from wacli.ratecards.markets_file import load_markets
from wacli.ratecards.rules_file import load_rules

RULES = (files("wacli.ratecards") / "rules.toml").read_text("utf-8")
MARKETS = (files("wacli.ratecards") / "markets.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'value = "conversation"',
            'value = "minute"',
            "rules.toml: unit[2].value: minute is not one of fixed, conversation, message",
        ),
        ("count = 1000", "count = -1", "rules.toml: allowance[2].count: must be a whole number, zero or more"),
        ("count = 1000\nper", "count = 1000\nevery", "rules.toml: allowance[2].per: is missing"),
        ("sure_hours = 24", "sure_hours = 25", "rules.toml: entry_point[2].at_most_hours: is below sure_hours"),
        ('["service"]', '["gossip"]', "rules.toml: free_in_window[3].value: gossip is not known here"),
        ("value = false", 'value = "no"', "rules.toml: us_marketing_paused[1].value: must be true or false"),
        ("low = 0.005", 'low = "cheap"', "rules.toml: rate_range[1].low: 'cheap' is not a decimal number"),
        ("[[unit]]\nfrom = 2018-08-01", "[[unit]]\nfrom = 2018-08-02", "rules.toml: unit: must begin on 2018-08-01"),
        (
            "[[unit]]\nfrom = 2025-07-01",
            "[[unit]]\nfrom = 2020-07-01",
            "rules.toml: unit[3].from: the entries must be in the order of their dates",
        ),
        ('utility = ["*"]', 'utilty = ["*"]', "rules.toml: rate_changes[5].cells.utilty: is not a category"),
        ("[[app_free]]", "[[apps_free]]", "rules.toml: app_free: is missing"),
        ("retrieved_on", 'note = "x"\nretrieved_on', "rules.toml: note: is not a known key"),
    ],
)
def test_broken_rules(old: str, new: str, sentence: str) -> None:
    assert old in RULES
    with pytest.raises(Invalid) as refusal:
        load_rules(RULES.replace(old, new, 1), "rules.toml")
    assert str(refusal.value.message) == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'prefixes = ["971"]',
            'prefixes = ["+971"]',
            "markets.toml: countries[1].prefixes: +971 is not a calling-code prefix",
        ),
        ('prefixes = ["93"]', 'prefixes = ["971"]', "markets.toml: countries[2].prefixes: 971 belongs to two markets"),
        ('iso = "AF"', 'iso = "AE"', "markets.toml: countries[2].iso: AE stands there twice"),
        (
            'source = "unlisted"',
            'source = "rumour"',
            "markets.toml: countries[3].source: rumour is not one of the sources",
        ),
        ('name = "Afghanistan"', 'nome = "Afghanistan"', "markets.toml: countries[2].name: is missing"),
        (
            'after = "Rest of Africa"',
            'after = "Other"',
            "markets.toml: moves[1].after: Other is not where 263 is today",
        ),
    ],
)
def test_broken_markets(old: str, new: str, sentence: str) -> None:
    assert old in MARKETS
    with pytest.raises(Invalid) as refusal:
        load_markets(MARKETS.replace(old, new, 1), "markets.toml")
    assert str(refusal.value.message) == sentence
