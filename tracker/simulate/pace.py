"""How fast one drives where: the leg's own rhythm, the same for every car."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from tracker.core.geo import bearing_deg
from tracker.core.model import Leg

GRID_M = 250.0
TOWN_M = 1200.0  # around a checkpoint people live
TOWN_FACTOR = 0.85
CORNER_DEG = 50.0  # a vertex that turns more than this is a corner: slow down for it


class Pace:
    """Wished speed along a leg. Averages the planned average over the whole leg, stops not counted.

    `corners` are places with the speed at which one gets round them.
    """

    def __init__(self, leg: Leg) -> None:
        cumulative_m = leg.course.cumulative_m
        turns_m, turns_deg = _turns(leg)
        summed = [0.0]
        for turn in turns_deg:
            summed.append(summed[-1] + turn)
        self.planned_mps = leg.planned_average_mps
        self._factors: list[float] = []
        count = int(cumulative_m[-1] / GRID_M) + 2
        for i in range(count):
            at_m = i * GRID_M
            low = bisect_left(turns_m, at_m - GRID_M)
            high = bisect_right(turns_m, at_m + GRID_M)
            factor = 1.0 / (1.0 + (summed[high] - summed[low]) / 110.0)
            if any(abs(at_m - checkpoint.along_m) < TOWN_M for checkpoint in leg.checkpoints):
                factor *= TOWN_FACTOR
            self._factors.append(max(factor, 0.25))
        slowness = sum(1.0 / factor for factor in self._factors) / count
        self._factors = [factor * slowness for factor in self._factors]
        self.corners = [
            (at_m, 5.0 if turn < 110.0 else 2.5)
            for at_m, turn in zip(turns_m, turns_deg, strict=True)
            if turn > CORNER_DEG
        ]

    def wished_mps(self, along_m: float) -> float:
        place = min(max(along_m / GRID_M, 0.0), len(self._factors) - 1.001)
        i = int(place)
        factor = self._factors[i] + (place - i) * (self._factors[i + 1] - self._factors[i])
        return self.planned_mps * factor


def _turns(leg: Leg) -> tuple[list[float], list[float]]:
    """Where the line turns, and by how many degrees."""
    course = leg.course
    turns_m: list[float] = []
    turns_deg: list[float] = []
    before: float | None = None
    for i in range(1, len(course.lats)):
        if course.cumulative_m[i] == course.cumulative_m[i - 1]:
            continue
        bearing = bearing_deg(course.lats[i - 1], course.lons[i - 1], course.lats[i], course.lons[i])
        if before is not None:
            turns_m.append(course.cumulative_m[i - 1])
            turns_deg.append(abs((bearing - before + 180.0) % 360.0 - 180.0))
        before = bearing
    return turns_m, turns_deg
