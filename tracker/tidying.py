"""Python's garbage collection in a process that has others to answer.

A full collection looks at every object there is, and nothing else runs meanwhile: with a morning's fixes in memory
that is a fifth of a second, again and again, though it finds nothing. Whenever enough has survived one, it is therefore
set aside for good, so that the next looks only at what came since. (docs/decisions/0014-full-collections-stay-short.md)
"""

from __future__ import annotations

import gc
from typing import Literal

OLDEST = 2
ENOUGH_OBJECTS = 30_000
THRESHOLDS = (700, 10, 4)  # Python's own, but a full one after some 28,000 new objects: together that is some 15 ms


def keep_collections_short() -> None:
    """Set aside what full collections leave; for the life of the process."""
    gc.set_threshold(*THRESHOLDS)
    if _set_aside not in gc.callbacks:
        gc.callbacks.append(_set_aside)


def _set_aside(phase: Literal["start", "stop"], info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == OLDEST and len(gc.get_objects(OLDEST)) >= ENOUGH_OBJECTS:
        gc.freeze()
