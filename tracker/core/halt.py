"""Is the vehicle standing? A place held for a while, that follows GPS drift but no vehicle. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

from tracker.core.course_index import metres_per_degree
from tracker.core.evidence import DEFAULT_ACCURACY_M
from tracker.core.fixes import Fix

STANDING_AFTER_MS = 45_000
HOLD_M = 30.0
FIRST_MS = 10_000
FOLLOW_MS = 120_000  # at first the mean of the fixes, then in about this time behind them: slower than anybody drives
FOLLOW_MOST = 0.5
REST_MPS = 0.8  # a device that says so stands, wherever its fixes wander
REST_M = 90.0


class Anchor(NamedTuple):
    """The place the vehicle has not left since `since_ms`; `newest_ms` is the last fix there."""

    lat: float
    lon: float
    since_ms: int
    newest_ms: int

    @property
    def standing(self) -> bool:
        return self.newest_ms - self.since_ms >= STANDING_AFTER_MS

    def distance_m(self, lat: float, lon: float) -> float:
        """From the place held to another one nearby."""
        east_m, north_m = metres_per_degree(lat)
        return math.hypot((lon - self.lon) * east_m, (lat - self.lat) * north_m)


def hold(anchor: Anchor | None, fix: Fix, speed_mps: float, told: bool) -> Anchor:
    """The anchor after one more fix: kept while the fixes stay around it, dropped anew when one is elsewhere.

    `told` says that the speed is the device's own.
    """
    if anchor is None:
        return Anchor(fix.lat, fix.lon, fix.time_ms, fix.time_ms)
    accuracy_m = fix.accuracy_m if fix.accuracy_m == fix.accuracy_m else DEFAULT_ACCURACY_M
    allowed_m = max(HOLD_M, 2.0 * accuracy_m)
    if speed_mps < 1.5:
        allowed_m *= 1.5  # drift of a parked receiver
    if told and speed_mps < REST_MPS:
        allowed_m = max(allowed_m, REST_M)
    if anchor.distance_m(fix.lat, fix.lon) > allowed_m or speed_mps > 4.0:
        return Anchor(fix.lat, fix.lon, fix.time_ms, fix.time_ms)
    since_ms = fix.time_ms - anchor.since_ms
    follow = (fix.time_ms - anchor.newest_ms) / min(since_ms + FIRST_MS, FOLLOW_MS)
    follow = min(follow, FOLLOW_MOST)
    return Anchor(
        anchor.lat + follow * (fix.lat - anchor.lat),
        anchor.lon + follow * (fix.lon - anchor.lon),
        anchor.since_ms,
        fix.time_ms,
    )
