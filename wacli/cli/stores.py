"""Opening the store for a command, and what a machine without one answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wacli.domain.problem import NotFound
from wacli.store.database import Store, connect_readonly, open_store

if TYPE_CHECKING:
    from wacli.services.prices import Prices

    from .session import Session


@contextmanager
def reading(session: Session) -> Iterator[Store | None]:
    """The store, for reading only; None where there is none yet: a list of nothing is an answer."""
    try:
        store = connect_readonly(session.store_path)
    except NotFound:
        yield None
        return
    with store:
        yield store


@contextmanager
def existing(session: Session) -> Iterator[Store]:
    """The store, for reading only. Raises `NotFound` (code `no-store`) where there is none."""
    with connect_readonly(session.store_path) as store:
        yield store


@contextmanager
def writing(session: Session) -> Iterator[Store]:
    """The store, for writing; made when it is not there."""
    with open_store(session.store_path, create=True) as store:
        yield store


def prices_of(session: Session) -> Prices:
    """The shelf as the active profile's account sees it."""
    from wacli.services.prices import Prices

    from .shelves import shelf_of

    return Prices(shelf_of(session), session.profile["currency"] or "USD", session.zone)
