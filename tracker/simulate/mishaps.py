"""How likely what goes wrong is, and the roads a driver takes who has lost the course."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tracker.core.course import Course
from tracker.simulate.route import Point, bearing_at, beside

CLEAR_M = 260.0  # a wrong road is a wrong road only well away from the right one
SAMPLE_M = 60.0
DETOUR_M = 7500.0
DETOUR_SPAN_M = 4800.0  # of the course, left out by a detour
SHAPE = ((0.0, 0.0), (0.12, 0.7), (0.35, 1.0), (0.65, 1.0), (0.88, 0.7), (1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Mishaps:
    """Probability of each, per participant and leg."""

    late_start: float
    wrong_turn: float
    detour: float
    breakdown: float
    retirement: float
    fuel: float


CALM = Mishaps(late_start=0.05, wrong_turn=0.05, detour=0.02, breakdown=0.05, retirement=0.004, fuel=0.5)
EVENTFUL = Mishaps(late_start=0.2, wrong_turn=0.3, detour=0.25, breakdown=0.15, retirement=0.04, fuel=0.4)
NONE = Mishaps(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Surroundings:
    """How far a place is from the course, to about the sampling distance: one row of points every 60 m."""

    def __init__(self, course: Course) -> None:
        self.course = course
        count = max(int(course.length_m / SAMPLE_M), 1)
        self._points = [course.point_at(course.length_m * i / count) for i in range(count + 1)]

    def distance_m(self, point: Point) -> float:
        lat, lon = point
        east = 111_320.0 * math.cos(math.radians(lat))
        north = 111_130.0
        square = min(((b - lon) * east) ** 2 + ((a - lat) * north) ** 2 for a, b in self._points)
        return math.sqrt(square)

    def clear(self, points: Sequence[Point]) -> bool:
        return all(self.distance_m(point) > CLEAR_M for point in points)


def wrong_turn(around: Surroundings, along_m: float, rng: Random) -> list[Point] | None:
    """A side road of 0.5 to 1.5 km from a place of the course, or None where there is no room for one."""
    course = around.course
    start = course.point_at(along_m)
    length_m = rng.uniform(500.0, 1500.0)
    for _ in range(6):
        bearing = bearing_at(course, along_m) + rng.choice((-1.0, 1.0)) * rng.uniform(55.0, 115.0)
        bend = rng.uniform(-12.0, 12.0)
        points = [start]
        for i in range(5):
            points.append(beside(points[-1], bearing + i * bend, length_m / 5.0, 0.0))
        if around.clear(points[3:]):
            return points
    return None


def detour(around: Surroundings, from_m: float, to_m: float, rng: Random) -> list[Point] | None:
    """Another road of about 7.5 km between two places of the course, or None where there is no room for one."""
    course = around.course
    a, b = course.point_at(from_m), course.point_at(to_m)
    chord = Course.from_points((a, b))
    bearing = bearing_at(chord, chord.length_m / 2.0)
    first_side = rng.choice((-1.0, 1.0))
    for side in (first_side, -first_side):
        points: list[Point] = []
        low_m, high_m = 0.0, DETOUR_M
        for _ in range(24):  # halve until it is as long as wanted
            bulge_m = (low_m + high_m) / 2.0
            points = [beside(a, bearing, f * chord.length_m, side * g * bulge_m) for f, g in SHAPE]
            points[-1] = b
            if Course.from_points(points).length_m < DETOUR_M:
                low_m = bulge_m
            else:
                high_m = bulge_m
        if around.clear(points[1:-1]):
            return points
    return None
