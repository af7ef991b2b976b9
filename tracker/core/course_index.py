"""Where on a course could a fix be? All local minima of the distance to the line, by a grid over its segments."""

from __future__ import annotations

import math
from typing import NamedTuple

from tracker.core.course import Course
from tracker.core.geo import ECCENTRICITY_SQUARED, SEMI_MAJOR_M

REACH_M = 200.0  # farther from the line than this there are no candidates
CELL_M = 333.0
SAMPLE_M = 100.0
TWIN_M = 25.0  # minima closer together than this along the line are one place

Scale = tuple[float, float]


class Candidate(NamedTuple):
    """A place on the course nearer to a fix than its neighbours; (east, north) is the line's direction there."""

    along_m: float
    offset_m: float
    east: float
    north: float


def metres_per_degree(lat: float) -> Scale:
    """Metres per degree of longitude and of latitude on the WGS 84 ellipsoid at a latitude."""
    phi = math.radians(lat)
    sin_phi = math.sin(phi)
    w = 1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi
    normal_m = SEMI_MAJOR_M / math.sqrt(w)
    per_radian = math.pi / 180.0
    return normal_m * math.cos(phi) * per_radian, normal_m * (1.0 - ECCENTRICITY_SQUARED) / w * per_radian


class CourseIndex:
    """A grid over the segments of one course. Every cell lists the segments within reach of any point in it."""

    def __init__(self, course: Course) -> None:
        self.length_m = course.length_m
        self._course = course
        self._lats = course.lats
        self._lons = course.lons
        self._cumulative_m = course.cumulative_m
        east_m, north_m = metres_per_degree(sum(self._lats) / len(self._lats))
        self._cell_lat = CELL_M / north_m
        self._cell_lon = CELL_M / east_m
        cells: dict[tuple[int, int], set[int]] = {}
        margin_lat = (REACH_M + SAMPLE_M) / north_m
        margin_lon = (REACH_M + SAMPLE_M) / east_m * 1.1  # a degree of longitude is shorter in the north of the leg
        for i in range(len(self._lats) - 1):
            length_m = self._cumulative_m[i + 1] - self._cumulative_m[i]
            samples = max(1, math.ceil(length_m / SAMPLE_M))
            if length_m == 0.0 and i > 0:
                continue  # a repeated vertex has no direction; its neighbours cover the place
            for k in range(samples + 1):
                f = k / samples
                lat = self._lats[i] + f * (self._lats[i + 1] - self._lats[i])
                lon = self._lons[i] + f * (self._lons[i + 1] - self._lons[i])
                for row in range(
                    math.floor((lat - margin_lat) / self._cell_lat), math.floor((lat + margin_lat) / self._cell_lat) + 1
                ):
                    for column in range(
                        math.floor((lon - margin_lon) / self._cell_lon),
                        math.floor((lon + margin_lon) / self._cell_lon) + 1,
                    ):
                        cells.setdefault((row, column), set()).add(i)
        self._cells = {key: tuple(sorted(segments)) for key, segments in cells.items()}

    def candidates(self, lat: float, lon: float, scale: Scale) -> list[Candidate]:
        """All local minima of the distance from a place to the line within REACH_M, in the order of the line."""
        segments = self._cells.get((math.floor(lat / self._cell_lat), math.floor(lon / self._cell_lon)))
        if segments is None:
            return []
        east_m, north_m = scale
        lats, lons = self._lats, self._lons
        found: list[tuple[float, float, int, float, float]] = []  # offset squared, fraction, segment, east, north
        for i in segments:
            ax = (lons[i] - lon) * east_m
            ay = (lats[i] - lat) * north_m
            dx = (lons[i + 1] - lons[i]) * east_m
            dy = (lats[i + 1] - lats[i]) * north_m
            squared = dx * dx + dy * dy
            f = 0.0 if squared == 0.0 else -(ax * dx + ay * dy) / squared
            f = 0.0 if f < 0.0 else min(f, 1.0)
            px = ax + f * dx
            py = ay + f * dy
            found.append((px * px + py * py, f, i, dx, dy))
        out: list[Candidate] = []
        cumulative_m = self._cumulative_m
        last = len(found) - 1
        for k, (squared, f, i, dx, dy) in enumerate(found):
            if squared > REACH_M * REACH_M:
                continue
            if f == 1.0 and k < last and found[k + 1][1] > 0.0 and cumulative_m[found[k + 1][2]] == cumulative_m[i + 1]:
                continue  # nearer on the next segment
            if f == 0.0 and i > 0:
                continue  # nearer on the segment before, or found there as its end
            along_m = cumulative_m[i] + f * (cumulative_m[i + 1] - cumulative_m[i])
            length = math.hypot(dx, dy) or 1.0
            candidate = Candidate(along_m, math.sqrt(squared), dx / length, dy / length)
            before = out[-1] if out else None
            if (
                before is not None
                and along_m - before.along_m < TWIN_M
                and candidate.east * before.east + candidate.north * before.north > 0.0  # no turn-round in between
            ):
                if candidate.offset_m < before.offset_m:
                    out[-1] = candidate
            else:
                out.append(candidate)
        return out

    def point_at(self, along_m: float) -> tuple[float, float]:
        """The place (lat, lon) at a distance from the start."""
        return self._course.point_at(along_m)
