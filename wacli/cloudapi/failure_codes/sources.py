"""Where each error code was read, for the person who wants to check it (facts: cloud-api.md section 6, "Sources").

Most codes come from Meta's own page. Those that were seen elsewhere only say so, because an SDK or a schema file can
be behind, or ahead of, what Meta answers.
"""

from __future__ import annotations

from typing import Final

from wacli.domain.text import Text, t

from .other import CALLS, FLOWS_AND_BLOCKS, GROUPS, USERNAMES

PAGE: Final = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

_PAGE = t("Meta's page of error codes, copies of January and May 2026: {page}", page=PAGE)
_GROUPS = t("Meta's page of error codes for groups, copy of December 2025")
_DIRECT_SEND = t("Meta's reference of Direct Send, 31 July 2026")
_USER_IDS = t("Meta's page on business-scoped user IDs, 7 May 2026")
_OPENAPI = t("Meta's OpenAPI file of Graph v23.0; not on Meta's page of error codes")
_SDK = t("the tables of the open-source SDK pywa 4.5.0, September 2026; not seen on Meta's page of error codes")

_ELSEWHERE: dict[int, Text] = {
    **dict.fromkeys(GROUPS, _GROUPS),
    **dict.fromkeys((*CALLS, *FLOWS_AND_BLOCKS, *USERNAMES, 131063, 132008, 132018, 137000), _SDK),
    **dict.fromkeys((139200, 2388318, 2388330), _DIRECT_SEND),
    131062: _USER_IDS,
    **dict.fromkeys((17, 104, 803), _OPENAPI),
}


def source_of(code: int) -> Text:
    """Where the code was read."""
    return _ELSEWHERE.get(code, _PAGE)
