"""How a vehicle moved up to a fix, by what its device says or by the fixes before. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

from tracker.core.course_index import metres_per_degree
from tracker.core.evidence import DEFAULT_ACCURACY_M
from tracker.core.fixes import Fix

DRIFT = 2.0  # of the noise, squared: how far apart two fixes of a place are
NEWS_S = 8.0
NEWS_LEAST = 0.1


class Motion(NamedTuple):
    """How the vehicle moved up to a fix: reported, or else from the fix before."""

    speed_mps: float
    reported: bool
    east: float  # unit vector of the direction of motion; 0, 0 = not known
    north: float
    moved_m: float  # straight from the fix before
    trust: float  # of the direction, in nats for a right angle
    news: float = 1.0  # how much of what the fix says is new: fixes of successive seconds say nearly the same


def distance_between_m(a: Fix, b: Fix) -> float:
    """Distance between two fixes, in the plane that touches at the second."""
    east_m, north_m = metres_per_degree(b.lat)
    return math.hypot((b.lon - a.lon) * east_m, (b.lat - a.lat) * north_m)


def motion_between(last: Fix | None, base: Fix | None, fix: Fix, moved_m: float, honest: bool = True) -> Motion:
    """Speed and direction as reported, or else as driven since `base`; `moved_m` since `last`."""
    speed_mps, bearing_deg = fix.speed_mps, fix.bearing_deg
    reported = honest and speed_mps == speed_mps
    noise_m = accuracy_of(fix)
    if last is None or base is None:
        news, dt_s, driven_m = 1.0, 0.0, 0.0
    else:
        news = min(max((fix.time_ms - last.time_ms) / 1000.0 / NEWS_S, NEWS_LEAST), 1.0)
        dt_s = (fix.time_ms - base.time_ms) / 1000.0
        driven_m = moved_m if base is last else distance_between_m(base, fix)
    if not reported:
        square_m2 = driven_m * driven_m - DRIFT * noise_m * noise_m
        speed_mps = math.sqrt(square_m2) / dt_s if square_m2 > 0.0 and dt_s > 0.0 else 0.0
    if bearing_deg == bearing_deg and (speed_mps >= 1.5 or not reported):
        if reported or driven_m > 2.0 * noise_m:
            b = math.radians(bearing_deg)
            trust = 2.5 if speed_mps >= 3.0 else 1.2
            return Motion(speed_mps, reported, math.sin(b), math.cos(b), moved_m, trust, news)
    elif base is not None and bearing_deg != bearing_deg and 3.0 * noise_m < driven_m < 600.0 and dt_s < 60.0:
        east_m, north_m = metres_per_degree(fix.lat)
        east = (fix.lon - base.lon) * east_m / driven_m
        north = (fix.lat - base.lat) * north_m / driven_m
        return Motion(speed_mps, reported, east, north, moved_m, 1.2, news)
    return Motion(speed_mps, reported, 0.0, 0.0, moved_m, 0.0, news)


def accuracy_of(fix: Fix) -> float:
    accuracy_m = fix.accuracy_m
    return accuracy_m if accuracy_m == accuracy_m else DEFAULT_ACCURACY_M
