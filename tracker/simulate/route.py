"""Where a simulated vehicle goes: stretches of road, on the course or off it, laid end to end.

Everything is measured in road metres from the route's beginning; they only ever grow, also where the
vehicle turns round. A place on a route therefore has at most one `along_m`, whatever the course looks like.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.core.course import Course
from tracker.core.geo import ECCENTRICITY_SQUARED, SEMI_MAJOR_M, bearing_deg

Point = tuple[float, float]  # lat, lon in degrees


def moved(point: Point, north_m: float, east_m: float) -> Point:
    """The point so many metres to the north and east; good to a decimetre over a few kilometres."""
    lat, lon = point
    sin_lat = math.sin(math.radians(lat))
    root = math.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / root**3
    parallel_m = SEMI_MAJOR_M / root * math.cos(math.radians(lat))
    return lat + math.degrees(north_m / meridian_m), lon + math.degrees(east_m / parallel_m)


def beside(point: Point, bearing: float, ahead_m: float, right_m: float) -> Point:
    """The point so many metres ahead and to the right of somebody who looks along `bearing` (degrees)."""
    angle = math.radians(bearing)
    return moved(
        point,
        ahead_m * math.cos(angle) - right_m * math.sin(angle),
        ahead_m * math.sin(angle) + right_m * math.cos(angle),
    )


def bearing_at(course: Course, along_m: float) -> float:
    """Direction of the course at a place, looked at over ten metres."""
    at_m = min(max(along_m, 5.0), max(course.length_m - 5.0, 5.0))
    return bearing_deg(*course.point_at(at_m - 5.0), *course.point_at(at_m + 5.0))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a line, driven from `from_m` to `to_m` (backwards where that is less).

    On the course `along_m` follows the line; beside it (car park, lunch) it is held at `held_along_m`;
    off the course there is none.
    """

    line: Course
    from_m: float
    to_m: float
    start_m: float  # road metres at the beginning
    held_along_m: float | None = None
    speed_mps: float | None = None  # None: as the leg's pace has it
    on_course: bool = False

    @property
    def length_m(self) -> float:
        return abs(self.to_m - self.from_m)

    def at(self, road_m: float) -> float:
        """Metres along the line at a place on the route."""
        step_m = road_m - self.start_m
        return self.from_m + (step_m if self.to_m >= self.from_m else -step_m)

    def along_m(self, road_m: float) -> float | None:
        return self.at(road_m) if self.on_course else self.held_along_m


class Route:
    """Stretches end to end; build with `follow` and `leave`, then ask."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.length_m = 0.0
        self._starts_m: list[float] = []

    def _add(self, stretch: Stretch) -> None:
        if stretch.length_m > 0.0:
            self.stretches.append(stretch)
            self._starts_m.append(stretch.start_m)
            self.length_m += stretch.length_m

    def follow(self, course: Course, from_m: float, to_m: float) -> None:
        """Drive on the course."""
        self._add(Stretch(course, from_m, to_m, self.length_m, on_course=True))

    def leave(
        self, points: Sequence[Point], speed_mps: float, held_along_m: float | None = None, *, back: bool = False
    ) -> float:
        """Drive beside or off the course through the points, and with `back` the same way back.

        Returns the road metres at the last point.
        """
        line = Course.from_points(points)
        self._add(Stretch(line, 0.0, line.length_m, self.length_m, held_along_m, speed_mps))
        there_m = self.length_m
        if back:
            self._add(Stretch(line, line.length_m, 0.0, there_m, held_along_m, speed_mps))
        return there_m

    def stretch_at(self, road_m: float) -> Stretch:
        return self.stretches[max(bisect_right(self._starts_m, road_m) - 1, 0)]

    def point_at(self, road_m: float) -> Point:
        stretch = self.stretch_at(road_m)
        return stretch.line.point_at(stretch.at(road_m))

    def bearing_at(self, road_m: float) -> float:
        """Direction of motion in degrees true."""
        stretch = self.stretch_at(road_m)
        bearing = bearing_at(stretch.line, stretch.at(road_m))
        return bearing if stretch.to_m >= stretch.from_m else (bearing + 180.0) % 360.0

    def along_m(self, road_m: float) -> float | None:
        """True metres along the leg, None off the course."""
        return self.stretch_at(road_m).along_m(road_m)

    @property
    def end(self) -> Point:
        return self.point_at(self.length_m)
