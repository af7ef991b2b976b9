"""When a leg may be driven: its window, and the earliest time at which a place on it can have been reached."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from tracker.core.course_index import CourseIndex, metres_per_degree
from tracker.core.fixes import Fix
from tracker.core.model import Leg, Tour

OPENS_BEFORE_START_MS = 3 * 3_600_000
GRACE_MS = 2 * 3_600_000  # after the last car's due finish a leg that overlaps the next one's window stays open
FASTEST_AVERAGE_MPS = 33.0
FASTEST_SLACK_M = 300.0
EARLY_START_MS = 600_000
NEVER_MS = 1 << 62
HOTEL_M = 3000.0  # farther from the start nobody sleeps beside the course


class LegRules:
    """The legs of a tour with their windows and indexes, shared by all vehicles. Only `delay` changes them."""

    def __init__(self, tour: Tour) -> None:
        self.legs = tour.legs
        self.indexes = tuple(CourseIndex(leg.course) for leg in tour.legs)
        self.lengths_m = tuple(leg.length_m for leg in tour.legs)
        self.opens_ms = tuple(leg.first_start_ms - OPENS_BEFORE_START_MS for leg in tour.legs)
        self._dues_ms = tuple(_due_ms(tour, leg) for leg in tour.legs)
        self.closes_ms = self._closes_ms([0] * len(tour.legs))
        self.start_points = tuple((leg.course.lats[0], leg.course.lons[0]) for leg in tour.legs)
        self.finish_points = tuple((leg.course.lats[-1], leg.course.lons[-1]) for leg in tour.legs)
        self.last = len(tour.legs) - 1

    def delay(self, delays_s: Sequence[int]) -> int | None:
        """Let legs close so much later; the earliest time for which that makes a difference, if it does."""
        before, self.closes_ms = self.closes_ms, self._closes_ms(delays_s)
        changed = (min(pair) for pair in zip(before, self.closes_ms, strict=True) if pair[0] != pair[1])
        return min(changed, default=None)

    def _closes_ms(self, delays_s: Sequence[int]) -> tuple[int, ...]:
        """When vehicles that have not finished leave a leg behind: the next one opens, and this one is over.

        Several legs a day overlap in time; there a vehicle moves on by finishing.
        """
        closes = [
            max(due_ms + delay_s * 1000 + GRACE_MS, opens_ms)
            for due_ms, delay_s, opens_ms in zip(self._dues_ms, delays_s, self.opens_ms[1:], strict=False)
        ]
        return (*closes, NEVER_MS)

    def legs_at(self, time_ms: int) -> range:
        """The legs that may be driven at a time, the first one before all windows."""
        last = max(bisect_right(self.opens_ms, time_ms) - 1, 0)
        first = last
        while first > 0 and time_ms < self.closes_ms[first - 1]:
            first -= 1
        return range(first, last + 1)

    def reachable(self, leg: int, along_m: float, time_ms: int) -> bool:
        """Whether a participant can have got so far by then, had it left the start a little early."""
        driven_s = (time_ms - self.legs[leg].first_start_ms + EARLY_START_MS) / 1000.0
        return could_drive(along_m, driven_s * 1000.0)

    def halts_at(self, leg: int, along_m: float, fix: Fix, due_ms: int | None) -> bool:
        """Whether a car that stands at a place and was due to start can be halting there, not late at its hotel."""
        lat, lon = self.start_points[leg]
        east_m, north_m = metres_per_degree(fix.lat)
        if due_ms is None or math.hypot((fix.lon - lon) * east_m, (fix.lat - lat) * north_m) < HOTEL_M:
            return False
        return along_m <= self.legs[leg].planned_average_mps * (fix.time_ms - due_ms) / 1000.0


def could_drive(way_m: float, dt_ms: float) -> bool:
    """Whether anybody can have driven so far along a course in that time."""
    return way_m <= max(dt_ms, 0.0) / 1000.0 * FASTEST_AVERAGE_MPS + FASTEST_SLACK_M


def _due_ms(tour: Tour, leg: Leg) -> int:
    """When the last car is due at the finish."""
    cars = sum(1 for vehicle in tour.vehicles if vehicle.start_order is not None)
    driving_s = leg.length_m / leg.planned_average_mps + sum(c.halt_s for c in leg.checkpoints)
    return leg.first_start_ms + (max(cars - 1, 0) * tour.start_interval_s + int(driving_s)) * 1000
