"""Signatures over the raw bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.payloads import payload_bytes
from wacli.cloudapi.signature import sign, verify

SECRET = "app-secret"


def test_the_known_answer() -> None:
    """RFC 4231, test case 2."""
    expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == expected


@given(st.binary(), st.text(min_size=1).filter(lambda secret: secret.isprintable()))
def test_what_was_signed_verifies(raw: bytes, secret: str) -> None:
    assert verify(raw, sign(raw, secret), secret)
    assert not verify(raw + b" ", sign(raw, secret), secret)
    assert not verify(raw, sign(raw, secret), secret + "x")


def test_only_the_bytes_on_the_wire_count() -> None:
    """Meta escapes slashes and non-ASCII letters: the same JSON written again is other bytes."""
    raw = payload_bytes("messages/text-escaped")
    assert b"\\/" in raw
    assert not verify(raw.replace(b"\\/", b"/"), sign(raw, SECRET), SECRET)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=0", "x", "sha256=" + "0" * 64, "sha256=é\udc80", "\0"])
def test_nonsense_is_refused(header: str | None) -> None:
    assert not verify(b"{}", header, SECRET)


def test_capitals_and_blanks_are_the_same_header() -> None:
    assert verify(b"{}", " " + sign(b"{}", SECRET).upper() + " ", SECRET)


def test_without_a_secret_nothing_is_trusted() -> None:
    assert not verify(b"{}", sign(b"{}", ""), "")
