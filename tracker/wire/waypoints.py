"""Where along the course do waypoints lie? Matched in passing order, as a road may be driven more than once.

On an out-and-back course the nearest point of the line is as often wrong as right. Each waypoint has a candidate for
every time the course comes by; of the sequences of candidates that never go back, the one that lies nearest to the
waypoints is taken, and of equals the earliest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.core.course import Course
from tracker.core.geo import Xyz, to_xyz

REACH_M = 250.0  # a waypoint further from the line is not on the course
SAME_PLACE_M = 30.0  # offsets below this say nothing about which pass is meant
APART_M = 500.0  # two passes closer together than this are no choice worth asking about

SAME_VERTEX_M = 0.001  # two segments that meet at the nearest vertex both find it

_BLOCK = 64  # segments that are skipped at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """The course comes by a place: `along_m` on the line, `offset_m` from it."""

    along_m: float
    offset_m: float


_AWAY = Candidate(math.nan, math.inf)  # stands for the parts of the line that are out of reach


@dataclass(frozen=True, slots=True)
class Placement:
    """The matched place; `other_along_m` is set where another sequence fits just as well."""

    along_m: float
    offset_m: float
    other_along_m: float | None


class CourseSearch:
    """Finds where a course comes by a place, skipping whole blocks of the line that are out of reach."""

    def __init__(self, course: Course) -> None:
        self._cumulative_m = course.cumulative_m
        self._points = [to_xyz(lat, lon) for lat, lon in zip(course.lats, course.lons, strict=True)]
        self._blocks = [_box(self._points[i : i + _BLOCK + 1]) for i in range(0, len(self._points) - 1, _BLOCK)]

    def nearest(self, place: Xyz) -> Candidate:
        """The nearest point of the whole line: how far off is a place that is not on the course?"""
        best = Candidate(0.0, math.inf)
        for block, (low, high) in enumerate(self._blocks):
            if _outside_m(place, low, high) < best.offset_m:
                near = min(self._projections(place, block), key=lambda candidate: candidate.offset_m)
                best = min(best, near, key=lambda candidate: candidate.offset_m)
        return best

    def passes(self, place: Xyz) -> list[Candidate]:
        """Every local minimum of the distance to the line that is within reach, in the order of the line."""
        near = [_AWAY]
        for block, (low, high) in enumerate(self._blocks):
            if _outside_m(place, low, high) <= REACH_M:
                near.extend(self._projections(place, block))
            elif near[-1] is not _AWAY:
                near.append(_AWAY)
        near.append(_AWAY)
        out: list[Candidate] = []
        for before, candidate, after in zip(near, near[1:], near[2:], strict=False):
            if before.offset_m < candidate.offset_m or candidate.offset_m > min(after.offset_m, REACH_M):
                continue
            if not out or candidate.along_m - out[-1].along_m > SAME_VERTEX_M:
                out.append(candidate)
        return out

    def _projections(self, place: Xyz, block: int) -> Iterator[Candidate]:
        points = self._points
        for i in range(block * _BLOCK, min((block + 1) * _BLOCK, len(points) - 1)):
            fraction, offset_m = _project(place, points[i], points[i + 1])
            start_m = self._cumulative_m[i]
            yield Candidate(start_m + fraction * (self._cumulative_m[i + 1] - start_m), offset_m)


def place_in_order(passes: Sequence[Sequence[Candidate]]) -> list[Placement] | None:
    """The placement of each waypoint from its candidates, or None if no sequence of them goes forward."""
    earliest = _best_sequence(passes)
    if earliest is None:
        return None
    mirrored = [[Candidate(-c.along_m, c.offset_m) for c in reversed(options)] for options in reversed(passes)]
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


def _box(points: Sequence[Xyz]) -> tuple[Xyz, Xyz]:
    xs, ys, zs = zip(*points, strict=True)
    return (min(xs), min(ys), min(zs)), (max(xs), max(ys), max(zs))


def _outside_m(place: Xyz, low: Xyz, high: Xyz) -> float:
    """Distance from a place to a box, 0 within it: never more than to anything in the box."""
    return math.hypot(*(max(a - p, p - b, 0.0) for p, a, b in zip(place, low, high, strict=True)))


def _project(place: Xyz, a: Xyz, b: Xyz) -> tuple[float, float]:
    """The fraction of a..b nearest to a place, and the distance to it in metres."""
    ab = (b[0] - a[0], b[1] - a[1], b[2] - a[2])
    ap = (place[0] - a[0], place[1] - a[1], place[2] - a[2])
    length2 = ab[0] * ab[0] + ab[1] * ab[1] + ab[2] * ab[2]
    dot = ap[0] * ab[0] + ap[1] * ab[1] + ap[2] * ab[2]
    fraction = 0.0 if length2 == 0.0 else min(max(dot / length2, 0.0), 1.0)
    return fraction, math.hypot(ap[0] - fraction * ab[0], ap[1] - fraction * ab[1], ap[2] - fraction * ab[2])
