"""Is the course where the tour is? Swapped lat and lon and a forgotten minus sign give a good line in a wrong place."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from tracker.core.course import Course
from tracker.core.geo import distance_m
from tracker.core.model import Leg
from tracker.wire.problems import ProblemList

FAR_AWAY_M = 50_000.0  # no mistake of the hand, but of lat and lon
FAR_WORDS_M = 500_000.0  # beyond this nobody needs the figure
MAX_ZONE_ERROR_H = 4.0  # western China is three hours off its meridian, Spain's summer two and a half


def distance_words(length_m: float) -> str:
    return f"{length_m / 1000:.1f} km" if length_m < FAR_WORDS_M else f"more than {FAR_WORDS_M / 1000:.0f} km"


def judge_zone(leg: Leg, zone: ZoneInfo, problems: ProblemList) -> None:
    """Warn of a course whose longitude does not go with the tour's time zone."""
    offset = datetime.fromtimestamp(leg.first_start_ms / 1000, zone).utcoffset()
    if offset is None:
        return
    apart_h = abs((offset.total_seconds() / 3600 - leg.course.lons[0] / 15 + 12) % 24 - 12)
    if apart_h > MAX_ZONE_ERROR_H:
        what = (
            f"the course is at lat {leg.course.lats[0]:.1f}, lon {leg.course.lons[0]:.1f}, which is not in {zone.key}"
        )
        problems.warn(None, what, "West is negative, and lat comes first: was a minus forgotten, or were they swapped?")


def judge_neighbours(legs: tuple[Leg, ...], problems: list[ProblemList]) -> None:
    """Hold each leg's beginning against the end of the leg before it; `problems` has the course file's list of each."""
    for index, (before, leg) in enumerate(pairwise(legs), 1):
        apart_m = _gap_m(before.course, leg.course)
        if apart_m <= FAR_AWAY_M:
            continue
        what = f"leg {index + 1} begins {distance_words(apart_m)} from where leg {index} ends"
        if min(_gap_m(_swapped(before.course), leg.course), _gap_m(before.course, _swapped(leg.course))) <= FAR_AWAY_M:
            problems[index].fatal(None, what, f"lat and lon look swapped, here or on leg {index}: exchange them")
        else:
            problems[index].warn(None, what, "Is it the course file of this leg?")


def _gap_m(before: Course, after: Course) -> float:
    return distance_m(before.lats[-1], before.lons[-1], after.lats[0], after.lons[0])


def _swapped(course: Course) -> Course:
    return Course(course.lons, course.lats)
