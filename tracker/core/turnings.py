"""Where was the course left, or taken up again, between a fix on it and one beside it? Pure.

The straight way between the two fixes, if there was time for it at the speed beside the course: it may be another road.
Where there was not, it must have been on the course, and quick, for as much of the way as makes up for it.
"""

from __future__ import annotations

import math

from tracker.core.course_index import metres_per_degree
from tracker.core.fixes import Fix
from tracker.core.hypothesis import Node
from tracker.core.legs import LegRules

STEP_M = 50.0
MOST_STEPS = 400
WINDING = 1.15  # a road beside the course against the straight line
SLOW_SHARE = 0.6  # of the planned average: nobody is slower for long beside the course


def left_m(rules: LegRules, on: Node, off: Node, off_fix: Fix) -> float:
    """The place at which the course was left after `on`, its last fix on it."""
    return _turning_m(rules, on, off, off_fix, rules.lengths_m[on.leg])


def back_m(rules: LegRules, off: Node, off_fix: Fix, on: Node) -> float:
    """The place, no nearer to the start than where it was left, at which the course was taken up before `on`."""
    return min(_turning_m(rules, on, off, off_fix, off.along_m), on.along_m)


def paces_mps(rules: LegRules, on: Node, off: Node) -> tuple[float, float]:
    """How fast it is likely to have driven on the course and beside it."""
    planned_mps = rules.legs[on.leg].planned_average_mps
    return max(on.speed_mps, planned_mps), max(off.speed_mps, SLOW_SHARE * planned_mps)


def _turning_m(rules: LegRules, on: Node, off: Node, off_fix: Fix, far_m: float) -> float:
    """The place nearest to `on` that there was time for; where there is none, the quickest."""
    on_mps, off_mps = paces_mps(rules, on, off)
    index = rules.indexes[on.leg]
    east_m, north_m = metres_per_degree(off_fix.lat)
    time_s = abs(on.time_ms - off.time_ms) / 1000.0
    reach_m = min(abs(far_m - on.along_m), time_s * on_mps)
    steps = min(math.ceil(reach_m / STEP_M), MOST_STEPS)
    sign = 1.0 if far_m > on.along_m else -1.0
    quickest_s, turning_m = math.inf, on.along_m
    for step in range(steps + 1):
        along_m = reach_m * step / max(steps, 1)
        lat, lon = index.point_at(on.along_m + sign * along_m)
        beside_m = math.hypot((lat - off_fix.lat) * north_m, (lon - off_fix.lon) * east_m)
        takes_s = along_m / on_mps + WINDING * beside_m / off_mps
        if takes_s < quickest_s:
            quickest_s, turning_m = takes_s, on.along_m + sign * along_m
        if takes_s <= time_s:
            break
    return turning_m
