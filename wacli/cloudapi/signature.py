"""`X-Hub-Signature-256`: proof that a notification comes from Meta (facts: cloud-api.md section 8).

HMAC-SHA256 with the app secret over the raw bytes of the body. Meta escapes non-ASCII letters and slashes, so a body
that was decoded and written again no longer matches: sign and verify what came over the wire. Compared in constant
time.
"""

from __future__ import annotations

import hmac

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(raw: bytes, app_secret: str) -> str:
    """The header's value for these bytes."""
    return _PREFIX + hmac.digest(app_secret.encode(), raw, "sha256").hex()


def verify(raw: bytes, header: str | None, app_secret: str) -> bool:
    """True when the header was made from these very bytes with this secret.

    An empty secret verifies nothing: with it, anybody could sign.
    """
    if header is None or not app_secret:
        return False
    return hmac.compare_digest(sign(raw, app_secret).encode(), header.strip().lower().encode(errors="replace"))
