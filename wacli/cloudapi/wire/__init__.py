"""Webhook notifications as Meta writes them, read into the events of `wacli.domain.event`.

`parse` takes the decoded JSON of one notification; it does no I/O and never raises. Source of all shapes: facts
cloud-api.md section 9, and the recorded payloads that the tests replay.
"""

from __future__ import annotations

from .walk import parse

__all__ = ["parse"]
