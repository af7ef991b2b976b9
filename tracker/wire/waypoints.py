"""Where along the course do waypoints lie? Matched in passing order, as a road may be driven more than once.

On an out-and-back course the nearest point of the line is as often wrong as right. Each waypoint has a candidate for
every time the course comes by; of the sequences of candidates that never go back, the one that lies nearest to the
waypoints is taken, and of equals the earliest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.core.course import Course
from tracker.core.course_index import Candidate, CourseIndex, metres_per_degree
from tracker.core.geo import to_xyz

SAME_PLACE_M = 30.0  # offsets below this say nothing about which pass is meant
APART_M = 500.0  # two passes closer together than this are no choice worth asking about


@dataclass(frozen=True, slots=True)
class Placement:
    """The matched place; `other_along_m` is set where another sequence fits just as well."""

    along_m: float
    offset_m: float
    other_along_m: float | None


class CourseSearch:
    """Looks for places on one course."""

    def __init__(self, course: Course) -> None:
        self._index = CourseIndex(course)
        self._vertices = [to_xyz(lat, lon) for lat, lon in zip(course.lats, course.lons, strict=True)]

    def passes(self, lat: float, lon: float) -> list[Candidate]:
        """Every time the course comes by a place, in the order of the line; empty for a place that is not on it."""
        return self._index.candidates(lat, lon, metres_per_degree(lat))

    def nearest_vertex_m(self, lat: float, lon: float) -> float:
        """How far off is a place that is not on the course?"""
        place = to_xyz(lat, lon)
        return min(math.dist(place, vertex) for vertex in self._vertices)


def place_in_order(passes: Sequence[Sequence[Candidate]]) -> list[Placement] | None:
    """The placement of each waypoint from its candidates, or None if no sequence of them goes forward."""
    earliest = _best_sequence(passes)
    if earliest is None:
        return None
    mirrored = [[c._replace(along_m=-c.along_m) for c in reversed(options)] for options in reversed(passes)]
    latest = _best_sequence(mirrored) or []
    out: list[Placement] = []
    for first, last in zip(earliest, reversed(latest), strict=True):
        other_m = -last.along_m
        differs = abs(other_m - first.along_m) > APART_M
        out.append(Placement(first.along_m, first.offset_m, other_m if differs else None))
    return out


def _best_sequence(passes: Sequence[Sequence[Candidate]]) -> list[Candidate] | None:
    """The increasing sequence of least cost, the earliest of equals: dynamic programming over the candidates."""
    # For each waypoint: per candidate the least cost of a sequence that ends there, and the candidate before it.
    steps: list[list[tuple[float, int]]] = []
    for index, options in enumerate(passes):
        row: list[tuple[float, int]] = []
        best_cost, best_before, j = (0.0, -1, 0) if index == 0 else (math.inf, -1, 0)
        for option in options:
            while index > 0 and j < len(passes[index - 1]) and passes[index - 1][j].along_m < option.along_m:
                if steps[-1][j][0] < best_cost:
                    best_cost, best_before = steps[-1][j][0], j
                j += 1
            row.append((best_cost + max(option.offset_m - SAME_PLACE_M, 0.0), best_before))
        steps.append(row)
    if not steps or not steps[-1]:
        return None if steps else []
    at = min(range(len(steps[-1])), key=lambda k: steps[-1][k][0])
    if math.isinf(steps[-1][at][0]):
        return None
    chosen: list[Candidate] = []
    for index in range(len(passes) - 1, -1, -1):
        chosen.append(passes[index][at])
        at = steps[index][at][1]
    chosen.reverse()
    return chosen
