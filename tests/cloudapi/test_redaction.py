"""Nobody can be told from a notification that was rewritten, and everything else in it stays."""

from __future__ import annotations

import copy
import json

import pytest

from tests.support.payloads import RINA_BSUID, SARI_BSUID, SARI_PHONE, payload, payload_names
from wacli.cloudapi.redaction import Person, redacted
from wacli.cloudapi.wire import parse
from wacli.domain.event import MessageSeen, StatusSeen

INVENTED = "ID.1000000000000000001"
SARI = Person(
    is_theirs=lambda word: word.lstrip("+") in (SARI_PHONE, SARI_BSUID),
    renamed=lambda wamid: f"erased.{abs(hash(wamid))}" if wamid.startswith("wamid.") else None,
    bsuid=INVENTED,
)
ABOUT_SARI = [name for name in payload_names() if SARI_PHONE in json.dumps(payload(name))]


def test_there_are_many_of_them() -> None:
    assert len(ABOUT_SARI) > 20


@pytest.mark.parametrize("name", ABOUT_SARI)
def test_she_is_gone_and_the_rest_can_be_read(name: str) -> None:
    body = payload(name)
    kept = copy.deepcopy(body)
    only_hers = SARI._replace(renamed=lambda _: None)
    new = redacted(body, only_hers)
    assert body == kept, "the body that came in is left alone"
    text = json.dumps(new)
    if new is not body:
        assert SARI_PHONE not in text
        assert SARI_BSUID not in text
        assert "Sari Dewi" not in text
    for event in parse(new):
        if isinstance(event, MessageSeen) and event.party.bsuid == INVENTED:
            assert (event.text, event.media) == (None, None)


@pytest.mark.parametrize(
    "name", [name for name in payload_names("statuses") if SARI_PHONE in json.dumps(payload(name))]
)
def test_statuses_keep_what_the_bill_is_made_of(name: str) -> None:
    def told(body: object) -> list[tuple[object, ...]]:
        return [
            (one.status, one.at, one.pricing_type, one.pricing_category, one.billable, one.expires_at, one.error_code)
            for one in parse(body)
            if isinstance(one, StatusSeen)
        ]

    assert told(redacted(payload(name), SARI)) == told(payload(name))


@pytest.mark.parametrize("name", payload_names())
def test_others_are_not_touched(name: str) -> None:
    nobody = Person(is_theirs=lambda _: False, renamed=lambda _: None, bsuid=INVENTED)
    body = payload(name)
    assert redacted(body, nobody) is body


@pytest.mark.parametrize("name", ABOUT_SARI)
def test_dropping_leaves_nothing(name: str) -> None:
    text = json.dumps(redacted(payload(name), Person(SARI.is_theirs, lambda _: None)))
    assert SARI_BSUID not in text
    assert INVENTED not in text


def test_what_is_no_notification_stays() -> None:
    odd: list[object] = [None, 1, "x", [], {}, {"entry": None}, {"entry": [None, {"changes": [None, {"value": 1}]}]}]
    for body in odd:
        assert redacted(body, SARI) is body
    assert RINA_BSUID not in (SARI_PHONE, SARI_BSUID)
