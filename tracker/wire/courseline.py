"""From the tracks of a GPX file to the course of a leg."""

from __future__ import annotations

from itertools import pairwise

from tracker.core.course import Course
from tracker.core.geo import distance_m
from tracker.wire.gpx import GpxFile, TrackPoint
from tracker.wire.problems import ProblemList

JOIN_GAP_M = 100.0  # a recorder that was paused starts its next segment nearby; more is a piece of road that is missing
JUMP_M = 25_000.0  # no road runs this far without a bend
MIN_COURSE_M = 100.0
MAX_COURSE_M = 5_000_000.0


def course_of(gpx: GpxFile, problems: ProblemList) -> Course | None:
    """The segments as one line, if each begins where the one before it ends; None with the reason otherwise."""
    before = problems.fatal_count
    for last, first in pairwise(gpx.segments):
        if (gap_m := _between_m(last[-1], first[0])) > JOIN_GAP_M:
            what = f"the track has a gap of {gap_m / 1000:.1f} km before this segment"
            problems.fatal(first[0].line, what, "Fill the gap with the road, or delete the part that is not driven")
    points = [point for segment in gpx.segments for point in segment]
    _judge_steps(gpx, problems)
    if len(points) < 2:
        problems.fatal(points[0].line, "the track has only one point", "Export the road as a line of many points")
        return None
    elevations = [point.elevation_m for point in points if point.elevation_m is not None]
    course = Course(
        tuple(point.lat for point in points),
        tuple(point.lon for point in points),
        tuple(elevations) if len(elevations) == len(points) else None,
    )
    if not MIN_COURSE_M <= course.length_m <= MAX_COURSE_M:
        what = f"the course is {course.length_m:.0f} m long"
        problems.fatal(points[0].line, what, f"A leg has {MIN_COURSE_M:.0f} m to {MAX_COURSE_M / 1000:.0f} km of road")
    return course if problems.fatal_count == before else None


def _judge_steps(gpx: GpxFile, problems: ProblemList) -> None:
    for segment in gpx.segments:
        for last, point in pairwise(segment):
            if abs(point.lon - last.lon) > 180:
                what = "the course crosses the 180th meridian, which is not supported"
                problems.fatal(point.line, what, "End the leg before it and begin another behind it")
            elif (jump_m := _between_m(last, point)) > JUMP_M:
                what = f"this point lies {jump_m / 1000:.0f} km from the one before it"
                problems.warn(point.line, what, "Is it misplaced, or is a piece of road missing?")


def _between_m(a: TrackPoint, b: TrackPoint) -> float:
    return distance_m(a.lat, a.lon, b.lat, b.lon)
