"""Passing a notification on to another program: the very bytes, with the headers that prove where they come from.

The other side verifies them as if Meta had called it: with the app secret over the raw body. So it may see customers'
messages, and the way there must be this machine or https, unless the owner says otherwise (a private network).
Redirects are not followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t

from .transport import Connections, MaybeLeft, NeverLeft, Origin, Patience

CARRIED = ("content-type", "user-agent", "x-hub-signature", "x-hub-signature-256")
_PATIENCE = Patience(connect_s=5.0, read_s=15.0)


class Target:
    """Where notifications are passed on to. Raises `Invalid` (`bad-url`) for an address that will not do."""

    def __init__(self, url: str, *, allows_plain: bool = False) -> None:
        self.origin, self._path = _checked(url, allows_plain)
        self.url = url
        self._connections = Connections(self.origin, _PATIENCE)

    def post(self, body: bytes, headers: Sequence[tuple[str, str]]) -> int:
        """The status of the answer. Raises `Unavailable` (`not-forwarded`) when there was none."""
        try:
            return self._connections.exchange("POST", self._path, dict(headers), body).status
        except (NeverLeft, MaybeLeft) as failure:
            raise Unavailable(
                "not-forwarded",
                t("{url} does not take notifications: {reason}", url=self.shown, reason=failure.reason),
                t("What waits for it is kept and will be tried again"),
            ) from None

    @property
    def shown(self) -> str:
        """The address without its query, where secrets sometimes hide."""
        return self.url.split("?", 1)[0]

    def close(self) -> None:
        """Closes what is kept open."""
        self._connections.close()


def _checked(url: str, allows_plain: bool) -> tuple[Origin, str]:
    try:
        parts = urlsplit(url)
        origin = Origin(
            parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        )
    except ValueError:
        parts, origin = urlsplit(""), Origin("", "", 0)
    shown = url.split("?", 1)[0].split("@")[-1]
    if origin.scheme not in ("http", "https") or not origin.host or parts.username is not None:
        raise Invalid(
            "bad-url", t("{url} is no address to forward to", url=shown), t("Write it like https://example.com/webhook")
        )
    if origin.scheme == "http" and not (origin.is_loopback or allows_plain):
        raise Invalid(
            "bad-url",
            t("{url} would carry your customers' messages unencrypted", url=shown),
            t("Use https://, or add --allow-http if the network between is your own"),
        )
    return origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
