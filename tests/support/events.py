"""Events made by hand, with as little said as a test needs, and Hypothesis strategies for whole histories."""

from __future__ import annotations

from hypothesis import strategies as st

from wacli.domain.event import (
    CallSeen,
    ContactSynced,
    Event,
    IdentityChanged,
    Media,
    MessageSeen,
    NoticeSeen,
    Number,
    PreferenceStated,
    Referral,
    StatusSeen,
    TemplateChanged,
    Unrecognised,
)
from wacli.domain.identity import Party
from wacli.domain.message import Direction, Origin

NUMBER = Number("106540352242922", "15550783881", "102290129340398")
OTHER_NUMBER = Number("206540352242922", None, "102290129340398")
SARI = Party(phone="6281234567890", name="Sari")
AD = Referral("ad", "120", "https://fb.me/x", "Kue lebaran", "click-1")
DAY = 86_400
T0 = 1_790_000_000


def message(
    key: str,
    at: int | None = T0,
    *,
    party: Party = SARI,
    kind: str = "text",
    text: str | None = "halo",
    direction: str = Direction.INBOUND,
    origin: str = Origin.API,
    number: Number = NUMBER,
    target: str | None = None,
    reply_to: str | None = None,
    referral: Referral | None = None,
    media: Media | None = None,
    group_id: str | None = None,
    history_status: str | None = None,
    is_sample: bool = False,
) -> MessageSeen:
    """A message; inbound, live and a text unless said otherwise."""
    return MessageSeen(
        number=number,
        party=party,
        key=key,
        direction=str(direction),
        origin=str(origin),
        kind=kind,
        at=at,
        text=text,
        reply_to=reply_to,
        group_id=group_id,
        target=target,
        media=media,
        referral=referral,
        history_status=history_status,
        is_sample=is_sample,
        raw="",
    )


def echo(key: str, at: int | None = T0, *, party: Party = SARI, kind: str = "text") -> MessageSeen:
    """What the owner typed in the app."""
    return message(key, at, party=party, kind=kind, direction=Direction.OUTBOUND, origin=Origin.APP)


def status(
    key: str,
    word: str = "sent",
    at: int | None = T0,
    *,
    party: Party = SARI,
    number: Number = NUMBER,
    callback_data: str | None = None,
    origin: str | None = None,
    expires_at: int | None = None,
    pricing_type: str | None = None,
    pricing_category: str | None = None,
    error_code: int | None = None,
    error_text: str | None = None,
    group_id: str | None = None,
    is_sample: bool = False,
) -> StatusSeen:
    """A status of an outbound message."""
    return StatusSeen(
        number=number,
        party=party,
        key=key,
        status=word,
        at=at,
        callback_data=callback_data,
        conversation_id=None if expires_at is None else "conversation",
        conversation_origin=origin,
        expires_at=expires_at,
        pricing_model=None if pricing_type is None else "PMP",
        pricing_type=pricing_type,
        pricing_category=pricing_category,
        billable=None,
        error_code=error_code,
        error_text=error_text,
        group_id=group_id,
        is_sample=is_sample,
        raw="",
    )


def call(key: str, at: int | None = T0, *, party: Party = SARI, event: str = "connect", opens: bool = True) -> CallSeen:
    """A call event."""
    return CallSeen(NUMBER, party, key, event, str(Direction.INBOUND), at, opens, "{}")


_phones = st.sampled_from(["6281234567890", "628111", "5511987654321", "551187654321", "15550001111"])
_bsuids = st.sampled_from(["ID.1", "ID.2", "BR.3"])
_at = st.one_of(
    st.none(),
    st.integers(T0, T0 + 12),
    st.sampled_from([T0 + DAY - 1, T0 + DAY, T0 + DAY + 1, T0 + 2 * DAY, T0 + 5 * DAY]),
)
_maybe = st.none() | st.sampled_from(["x", "y"])
parties = st.builds(
    Party,
    phone=st.none() | _phones,
    bsuid=st.none() | _bsuids,
    parent_bsuid=st.none() | st.sampled_from(["ID.ENT.1", "ID.ENT.2"]),
    username=_maybe,
    name=_maybe,
)
_keys = st.sampled_from([f"wamid.{letter}" for letter in "ABCDEFGH"])
_numbers = st.sampled_from([NUMBER, NUMBER, OTHER_NUMBER, Number(None, "15550783881", None)])
_kinds = st.sampled_from(
    ["text", "text", "image", "video", "reaction", "edit", "revoke", "system", "media_placeholder", "unheard_of"]
)

messages = st.builds(
    message,
    _keys,
    _at,
    party=parties,
    kind=_kinds,
    text=_maybe,
    direction=st.sampled_from(list(Direction)),
    origin=st.sampled_from(list(Origin)),
    number=_numbers,
    target=st.none() | _keys,
    reply_to=st.none() | _keys,
    referral=st.sampled_from([None, None, AD]),
    media=st.sampled_from([None, Media("1", "image/png", None, None)]),
    group_id=st.sampled_from([None, None, None, "group"]),
    history_status=st.sampled_from([None, "READ", "ERROR", "PENDING", "failed"]),
    is_sample=st.sampled_from([False] * 5 + [True]),
)
statuses = st.builds(
    status,
    _keys,
    st.sampled_from(["sent", "delivered", "read", "failed", "failed", "played", "deleted", "new_word"]),
    _at,
    party=parties,
    number=_numbers,
    origin=st.sampled_from([None, "service", "referral_conversion"]),
    expires_at=st.none() | st.sampled_from([T0 + 3, T0 + 3 * DAY, T0 + 7 * DAY]),
    pricing_type=st.sampled_from([None, "regular", "free_entry_point", "free_customer_service"]),
    pricing_category=st.sampled_from([None, "service", "marketing"]),
    error_code=st.sampled_from([None, None, 131050, 131026]),
    error_text=_maybe,
    group_id=st.sampled_from([None, None, None, "group"]),
    is_sample=st.sampled_from([False] * 5 + [True]),
)
calls = st.builds(call, st.sampled_from(["call.1", "call.2"]), _at, party=parties, opens=st.booleans())
changes = st.builds(IdentityChanged, _numbers, parties, parties, _at, st.just("{}"))
others: st.SearchStrategy[Event] = st.one_of(
    st.builds(ContactSynced, _numbers, parties, st.booleans(), _at, st.just("{}")),
    st.builds(
        PreferenceStated,
        _numbers,
        parties,
        st.just("marketing"),
        st.sampled_from(["stop", "resume", "signup"]),
        _maybe,
        _at,
        st.just("{}"),
    ),
    st.builds(NoticeSeen, _numbers, st.just("account_update"), _maybe, _at, st.just("{}")),
    st.builds(Unrecognised, _numbers, st.just("field"), st.sampled_from(["why", "how"]), st.just("{}")),
    st.builds(
        TemplateChanged,
        _numbers,
        _maybe,
        _maybe,
        st.just("id"),
        st.sampled_from(["status", "category"]),
        _maybe,
        _maybe,
        _maybe,
        _at,
        st.just("{}"),
    ),
)
events: st.SearchStrategy[Event] = st.one_of(messages, messages, statuses, statuses, calls, changes, others)
