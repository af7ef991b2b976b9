"""When will each vehicle be where? What an engine knows of it, at marks along every leg. Pure.

Between two marks a vehicle drives on at one pace, so that a reader may interpolate.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.core.eta import BEYOND_M, HERE_M, Range, halts
from tracker.core.model import Leg
from tracker.core.pace import MARK_M


@dataclass(frozen=True, slots=True)
class Forecast:
    """One vehicle's. `expected` is False for one that drives no more, by decision of people.

    `leg` is None for one that was never heard, `place_m` None for one whose place on the leg is not known; inf once it
    has finished. `ranges` are those of its own place, and of the leg's marks from number `first` on; empty where
    nobody can say.
    """

    vehicle: int
    expected: bool
    leg: int | None
    place_m: float | None = None
    first: int = 0
    ranges: tuple[Range, ...] = ()


def marks_m(leg: Leg) -> tuple[int, ...]:
    """Every mark of the pace, every checkpoint, and both sides of where an arrival leaps (start, halts)."""
    length_m = round(leg.length_m)
    marks = {0, 1, length_m, *range(0, length_m, int(MARK_M)), *(round(c.along_m) for c in leg.checkpoints)}
    for k in halts(leg):
        at_m = round(leg.checkpoints[k].along_m)
        marks |= {at_m + int(BEYOND_M) + 1, at_m + int(HERE_M) - 1, at_m + int(HERE_M) + 1}
    return tuple(sorted(mark for mark in marks if 0 <= mark <= length_m))
