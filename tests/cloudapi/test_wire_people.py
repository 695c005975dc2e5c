"""Who a message is from, whatever is missing, and how contacts move, decide and are written down."""

from __future__ import annotations

import pytest

from tests.support.payloads import (
    RINA_BSUID,
    SARI_BSUID,
    SARI_PHONE,
    contact,
    messages,
    notification,
    payload,
    payload_names,
    text,
)
from wacli.cloudapi.wire import parse
from wacli.domain.event import (
    ContactSynced,
    IdentityChanged,
    IdentityKeySeen,
    MessageSeen,
    PreferenceStated,
    Unrecognised,
)
from wacli.domain.identity import Party

NOBODY = Party()
SARI = Party(SARI_PHONE, SARI_BSUID, name="Sari Dewi")
BUDI = Party("6281355500102", "ID.9000000000000000303", name="Budi")
RINA = Party(None, RINA_BSUID, username="rina.batik", name="Rina")
RINA_PARENT = "ID.ENT.9100000000000000202"
NEW_BSUID = "ID.9000000000000000299"

WHO: dict[str, list[Party]] = {
    "bsuid-only": [RINA],
    "parent-bsuid": [RINA._replace(parent_bsuid=RINA_PARENT)],
    "bsuid-in-from": [RINA._replace(username=None)],
    "empty-strings": [RINA._replace(username=None)],
    "no-contacts": [SARI._replace(name=None)],
    "no-profile": [SARI._replace(name=None)],
    "wa-id-only": [Party(SARI_PHONE)],
    "name-only": [SARI],
    "no-from": [SARI],
    "placeholders": [SARI],
    "somebody-elses-contact": [SARI._replace(name=None)],
    "two-contacts": [SARI, BUDI, NOBODY],
    "brazil-ninth-digit": [Party("5511987654321", "BR.9000000000000000404", name="João")],
    "own-number-id-in-from": [SARI],
}


@pytest.mark.parametrize("name", WHO)
def test_who_wrote(name: str) -> None:
    events = parse(payload(f"people/{name}"))
    assert [event.party for event in events if isinstance(event, MessageSeen)] == WHO[name]
    assert len(events) == len(WHO[name])


def test_every_payload_of_people_is_expected_here() -> None:
    assert {f"people/{name}" for name in WHO} == set(payload_names("people"))


def test_a_contact_with_the_same_number_and_another_bsuid_lends_nothing() -> None:
    (event,) = parse(messages([text("wamid.1=", 1)], [contact(SARI_PHONE, "ID.9000000000000000999", "Other")]))
    assert isinstance(event, MessageSeen)
    assert event.party == Party(SARI_PHONE, SARI_BSUID)


def test_the_bsuid_wins_over_the_number() -> None:
    people = [contact(SARI_PHONE, "ID.9000000000000000999", "By number"), contact(None, SARI_BSUID, "By BSUID")]
    (event,) = parse(messages([text("wamid.1=", 1)], people))
    assert isinstance(event, MessageSeen)
    assert event.party == Party(SARI_PHONE, SARI_BSUID, name="By BSUID")


def test_a_bsuid_is_never_read_as_a_number() -> None:
    (event,) = parse(
        messages([text("wamid.1=", 1, phone="MY.17771234567", bsuid=None)], [contact("MY.17771234567", None)])
    )
    assert isinstance(event, MessageSeen)
    assert event.party == Party(None, "MY.17771234567", name="Sari Dewi")


MOVES: dict[str, tuple[Party, Party, Party]] = {  # the message's own party, before, after
    "changed-number": (
        Party(SARI_PHONE),
        Party(SARI_PHONE, SARI_BSUID),
        Party("6281355500199", "ID.9000000000000000199"),
    ),
    "changed-number-older": (Party("6281355500199"), Party(SARI_PHONE), Party("6281355500199")),
    "changed-user-id": (
        Party(None, NEW_BSUID, "ID.ENT.9100000000000000299"),
        Party(None, RINA_BSUID, RINA_PARENT),
        Party(None, NEW_BSUID, "ID.ENT.9100000000000000299"),
    ),
    "changed-user-id-without-previous": (Party(None, NEW_BSUID), NOBODY, Party(None, NEW_BSUID)),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_a_message_and_a_change(name: str) -> None:
    message, change = parse(payload(f"system/{name}"))
    assert isinstance(message, MessageSeen)
    assert isinstance(change, IdentityChanged)
    assert (message.kind, message.at) == ("system", change.at)
    assert message.text is not None
    assert (message.party, change.before, change.after) == MOVES[name]


def test_a_changed_security_code_is_no_move() -> None:
    event, key = parse(payload("system/changed-identity"))
    assert isinstance(key, IdentityKeySeen), "told apart from the move: the person has another phone, or is another"
    assert isinstance(event, MessageSeen)
    assert (event.kind, event.text, event.party) == ("system", "User identity changed", SARI)


def test_the_sentence_of_a_move_proves_nothing() -> None:
    """The body holds the contact's display name: whoever calls himself `ID.1` would take over that contact."""
    (_, change) = parse(payload("system/changed-user-id-without-previous"))
    assert isinstance(change, IdentityChanged)
    assert "ID.1 " in change.raw
    assert change.before.is_nobody


def test_an_update_of_the_user_id() -> None:
    (event,) = parse(payload("system/user-id-update"))
    assert isinstance(event, IdentityChanged)
    assert event.before == Party("6281355500104", RINA_BSUID, RINA_PARENT, None, "Rina")
    assert event.after == Party("6281355500104", NEW_BSUID, "ID.ENT.9100000000000000299", None, "Rina")
    assert event.at == 1794900003


def test_every_payload_of_system_is_expected_here() -> None:
    assert {f"system/{name}" for name in (*MOVES, "changed-identity", "user-id-update")} == set(payload_names("system"))


@pytest.mark.parametrize(
    ("name", "value", "who"),
    [("stop", "stop", SARI), ("resume", "resume", SARI), ("signup", "signup", SARI), ("stop-bsuid-only", "stop", RINA)],
)
def test_preferences(name: str, value: str, who: Party) -> None:
    (event,) = parse(payload(f"preferences/{name}"))
    assert isinstance(event, PreferenceStated)
    assert (event.party, event.category, event.value, event.at) == (who, "marketing", value, 1794930000)
    assert event.detail == "User requested it"


def test_a_preference_without_its_words_is_kept() -> None:
    good = {"wa_id": SARI_PHONE, "category": "marketing_messages", "value": "stop", "timestamp": 1}
    bad = {"wa_id": SARI_PHONE, "category": 7}
    first, second = parse(notification("user_preferences", user_preferences=[bad, good]))
    assert isinstance(first, Unrecognised)
    assert isinstance(second, PreferenceStated)
    assert '"category":7' in first.raw


def test_the_address_book() -> None:
    events = parse(payload("address-book/add-and-remove"))
    assert all(isinstance(event, ContactSynced) for event in events)
    assert [(event.party, event.is_removed, event.at) for event in events if isinstance(event, ContactSynced)] == [
        (Party(SARI_PHONE, name="Sari Dewi"), False, 1794940000),
        (Party("6281355500102", name="Budi"), False, 1794940002),
        (Party("6281355500103"), True, 1794940001),
    ]
