"""One process at a time sends a campaign, also where one begins as another ends."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

import pytest

from wacli.domain.campaign import Campaign
from wacli.domain.problem import Unavailable
from wacli.store import campaign_lock
from wacli.store.database import Store, open_store


class _Named:
    id, name = 7, "promo"


def lock(store: Store) -> Any:
    named: Any = _Named()
    campaign: Campaign = named
    return campaign_lock.campaign_lock(store, campaign)


def test_a_lock_on_a_file_that_was_just_removed_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.db-campaign-7"
    with open_store(tmp_path / "shop.db", create=True) as store:

        class Late:
            LOCK_EX, LOCK_NB = fcntl.LOCK_EX, fcntl.LOCK_NB

            @staticmethod
            def flock(file: Any, how: int) -> None:
                path.unlink()  # the one before lets go between our opening of the file and our lock
                fcntl.flock(file, how)

        with monkeypatch.context() as patched:
            patched.setattr(campaign_lock, "fcntl", Late)
            with pytest.raises(Unavailable), lock(store):
                pass
        with lock(store):
            assert path.stat().st_mode & 0o777 == 0o600
            with pytest.raises(Unavailable), lock(store):
                pass
        assert not path.exists()
