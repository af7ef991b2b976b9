"""Full garbage collections look only at what came since the last one."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tracker.tidying import ENOUGH_OBJECTS, keep_collections_short


@pytest.fixture
def as_it_was() -> Iterator[None]:
    callbacks, thresholds = list(gc.callbacks), gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.callbacks[:] = callbacks
    gc.unfreeze()


@pytest.mark.usefixtures("as_it_was")
def test_what_survives_a_full_collection_is_not_looked_at_again() -> None:
    keep_collections_short()
    keep_collections_short()
    gc.collect()
    kept = [[number] for number in range(ENOUGH_OBJECTS)]
    gc.collect()
    assert gc.get_freeze_count() >= len(kept)
    assert len(gc.get_objects()) < len(kept)  # what the next one would visit


@pytest.mark.usefixtures("as_it_was")
def test_cycles_made_since_are_still_freed() -> None:
    keep_collections_short()
    kept = [[number] for number in range(ENOUGH_OBJECTS)]
    gc.collect()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
    assert len(kept) == ENOUGH_OBJECTS


@pytest.mark.usefixtures("as_it_was")
def test_little_is_not_set_aside() -> None:
    """What is open at that moment and ends in a cycle later would stay for ever: it should happen rarely."""
    gc.collect()
    gc.freeze()
    keep_collections_short()
    frozen = gc.get_freeze_count()
    kept = [[number] for number in range(1000)]
    gc.collect()
    assert gc.get_freeze_count() == frozen
    assert len(kept) == 1000
