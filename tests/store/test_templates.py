"""Templates as pulled, and as webhooks changed them since."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.events import NUMBER, T0
from tests.support.store import apply_events, new_store
from wacli.domain.event import NoticeSeen, TemplateChanged, Unrecognised
from wacli.domain.problem import NotFound
from wacli.store import templates
from wacli.store.templates import PulledTemplate, PullReport

PULLED_AT = datetime.fromtimestamp(T0, UTC)
ORDER_OK = PulledTemplate(
    "123", "order_ok", "id", "APPROVED", "UTILITY", None, "GREEN", None, "NAMED", "[]", '{"name":"order_ok"}'
)


def change(what: str, after: str | None, at: int) -> TemplateChanged:
    return TemplateChanged(NUMBER, "123", "order_ok", "id", what, None, after, None, at, "{}")


def test_a_pull_says_what_it_changed_and_what_is_gone(tmp_path: Path) -> None:
    other = ORDER_OK._replace(name="promo", raw="{}")
    with new_store(tmp_path) as store:
        assert templates.record_pull(store, [ORDER_OK, other], PULLED_AT) == PullReport(2, 0, 0, 0)
        edited = ORDER_OK._replace(status="PAUSED", raw="{...}")
        assert templates.record_pull(store, [edited], PULLED_AT) == PullReport(0, 1, 0, 1)
        assert templates.record_pull(store, [edited], PULLED_AT) == PullReport(0, 0, 1, 0)
        assert [row.name for row in templates.list_templates(store)] == ["order_ok"]
        assert [row.name for row in templates.list_templates(store, with_gone=True)] == ["order_ok", "promo"]
        assert templates.get(store, "promo", "id").is_gone
        assert templates.get(store, "order_ok", "id").status == "PAUSED"
        with pytest.raises(NotFound):
            templates.get(store, "order_ok", "en")


def test_what_a_webhook_said_after_the_pull_holds(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        templates.record_pull(store, [ORDER_OK], PULLED_AT)
        apply_events(
            store,
            [
                change("status", "REJECTED", T0 - 5),
                change("status", "PAUSED", T0 + 5),
                change("quality", "RED", T0 + 6),
                change("category", "MARKETING", T0 + 7),
                change("category-announced", "AUTHENTICATION", T0 + 8),
            ],
        )
        row = templates.get(store, "order_ok", "id")
        assert (row.status, row.quality, row.category) == ("PAUSED", "RED", "MARKETING")
        assert [one.what for one in templates.list_changes(store, since=PULLED_AT)] == [
            "category-announced", "category", "quality", "status",
        ]  # fmt: skip
        templates.record_pull(store, [ORDER_OK], datetime.fromtimestamp(T0 + 60, UTC))
        assert templates.get(store, "order_ok", "id").status == "APPROVED"


def test_notices_and_what_nobody_could_read_are_kept_once(tmp_path: Path) -> None:
    notice = NoticeSeen(NUMBER, "account_update", "DISABLED_UPDATE", T0, '{"event":1}')
    odd = Unrecognised(NUMBER, "wonder", "unknown field", '{"field":"wonder"}')
    with new_store(tmp_path) as store:
        intake = apply_events(store, [notice, odd], [notice, odd, notice._replace(at=T0 + 1)])
        assert intake.counts.unknown == 1
        assert store.query("SELECT field, what, at FROM notices ORDER BY at") == [
            ("account_update", "DISABLED_UPDATE", T0), ("account_update", "DISABLED_UPDATE", T0 + 1),
        ]  # fmt: skip
        assert store.query("SELECT field, why FROM unrecognised") == [("wonder", "unknown field")]
