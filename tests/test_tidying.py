"""Full garbage collections look only at what came since the last one."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tracker.tidying import keep_collections_short


@pytest.fixture
def as_it_was() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.unfreeze()


@pytest.mark.usefixtures("as_it_was")
def test_what_survives_a_full_collection_is_not_looked_at_again() -> None:
    keep_collections_short()
    keep_collections_short()
    kept = [[number] for number in range(50_000)]
    gc.collect()
    assert gc.get_freeze_count() >= len(kept)
    assert len(gc.get_objects()) < len(kept)  # what the next one would visit


@pytest.mark.usefixtures("as_it_was")
def test_cycles_made_since_are_still_freed() -> None:
    keep_collections_short()
    gc.collect()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
