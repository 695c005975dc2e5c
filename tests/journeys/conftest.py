"""What journeys may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.counter import Counter, open_counter
from tests.support.front_door import FrontDoor
from wacli.sandbox.puppet import Puppet


@pytest.fixture
def counter(wacli: FrontDoor) -> Iterator[Counter]:
    """A shop that can send."""
    with open_counter(wacli) as made:
        yield made


@pytest.fixture
def sari(counter: Counter) -> Puppet:
    """A customer who has just written."""
    return counter.meet("Sari Dewi", "+62 813-5550-0101", "Halo kak, masih buka?")
