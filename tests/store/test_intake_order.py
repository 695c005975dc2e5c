"""Any order, any batching, any repetition of the same events gives the same tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import events
from tests.support.store import Dump, apply_events, dump, new_store
from wacli.domain.event import Event


def _tables(batches: Sequence[Sequence[Event]]) -> Dump:
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        apply_events(store, *batches)
        return dump(store)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, min_size=1, max_size=14), st.integers(0, 2**32))
def test_any_order_and_batching_gives_the_same_tables(history: list[Event], seed: int) -> None:
    chance = random.Random(seed)
    expected = _tables([history])
    shuffled = history + chance.sample(history, len(history) // 2)
    chance.shuffle(shuffled)
    cuts = sorted(chance.sample(range(len(shuffled) + 1), min(3, len(shuffled))))
    batches = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    assert _tables(batches) == expected
    assert _tables([[event] for event in reversed(history)]) == expected
