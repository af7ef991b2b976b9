"""The past in slices: what was shown of every vehicle during ten minutes of a leg, thinned to what can be drawn. Pure.

A slice is a function of the fixes before its end, whoever makes it and in whatever order the pings came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.core.geo import distance_m
from tracker.core.model import Status
from tracker.core.shown import Shown
from tracker.core.track import VehicleTrack

SLOT_MS = 600_000
APART_MS = 30_000  # thinning leaves no two points farther apart: a longer silence is one that the vehicle kept
TOLERANCE_M = 12.0  # what thinning may move a vehicle by
RESTING = (Status.WAITING, Status.FINISHED)  # of these only the first and the last point of a run says anything
NOBODY_ASKS_SINCE_WHEN = (*RESTING, Status.RUNNING)
LOOK_BACK = 64  # fixes that are looked through at once for the one before a slice
MOST_BEFORE = 4096  # fixes, and no more


@dataclass(frozen=True, slots=True)
class Traces:
    """One vehicle in a slice: the last point before it, if there is one, and those in it.

    `since_ms` is when the status of the first one began, where somebody asks for that, or its own time.
    """

    vehicle: int
    since_ms: int
    points: tuple[Shown, ...]


def slot_of(time_ms: int) -> int:
    """The beginning of the slice that a time lies in."""
    return time_ms // SLOT_MS * SLOT_MS


def traces(track: VehicleTrack, vehicle: int, leg: int, slot_ms: int, until_ms: int) -> Traces | None:
    """A vehicle in a slice of a leg, nothing of it after `until_ms`; None if it was not heard on the leg by then."""
    times_ms = track.fixes.times_ms
    done = track.done
    first = bisect_left(times_ms, slot_ms, 0, done)
    end = bisect_left(times_ms, min(slot_ms + SLOT_MS, until_ms + 1), 0, done)
    inside = [point for point in track.shown(first, end) if point.leg == leg]
    since_ms, before = _run_before(track, first, leg)
    points = [*before, *thinned(inside)]
    if not points:
        return None
    return Traces(vehicle, since_ms if before else points[0].time_ms, tuple(points))


def slots(track: VehicleTrack, from_ms: int) -> set[tuple[int, int]]:
    """Leg and slot of everything that the vehicle did from a time on; resting, however long, is done once."""
    found = set()
    status: Status | None = None
    for point in track.shown(bisect_left(track.fixes.times_ms, from_ms, 0, track.done), track.done):
        if point.status not in RESTING or point.status is not status:
            found.add((point.leg, slot_of(point.time_ms)))
        status = point.status
    return found


def _run_before(track: VehicleTrack, end: int, leg: int) -> tuple[int, list[Shown]]:
    """The last point on a leg before a fix, if there is one, and when its status began."""
    last: Shown | None = None
    since_ms = 0
    oldest = max(end - MOST_BEFORE, 0)
    while end > oldest:
        start = max(end - LOOK_BACK, 0)
        for point in reversed(list(track.shown(start, end))):
            if last is None and point.leg > leg:
                continue
            if point.leg != leg or (last is not None and point.status is not last.status):
                return since_ms, [] if last is None else [last]
            last = last or point
            since_ms = point.time_ms
            if last.status in NOBODY_ASKS_SINCE_WHEN:
                return since_ms, [last]
        end = start
    return since_ms, [] if last is None else [last]


def thinned(points: Sequence[Shown]) -> Iterator[Shown]:
    """The points without those that lie where a straight drive between their neighbours has the vehicle anyway."""
    kept: Shown | None = None
    waiting: list[Shown] = []
    for point in points:
        if kept is None:
            yield point
            kept = point
            continue
        if waiting and not _stands_for(kept, waiting, point):
            kept = waiting[-1]
            yield kept
            waiting = []
        waiting.append(point)
    if waiting:
        yield waiting[-1]


def _stands_for(kept: Shown, between: Sequence[Shown], point: Shown) -> bool:
    """Whether the way from one point to another says what the points between them say."""
    if any((other.status, other.along_m < 0) != (kept.status, kept.along_m < 0) for other in (*between, point)):
        return False
    if kept.status in RESTING:
        return True
    span_ms = point.time_ms - kept.time_ms
    return span_ms <= APART_MS and all(_astray_m(kept, other, point, span_ms) <= TOLERANCE_M for other in between)


def _astray_m(a: Shown, between: Shown, b: Shown, span_ms: int) -> float:
    share = (between.time_ms - a.time_ms) / span_ms if span_ms else 0.0
    if a.along_m >= 0:
        return abs(a.along_m + share * (b.along_m - a.along_m) - between.along_m)
    lat = a.lat_e7 + share * (b.lat_e7 - a.lat_e7)
    lon = a.lon_e7 + share * (b.lon_e7 - a.lon_e7)
    return distance_m(lat / 1e7, lon / 1e7, between.lat_e7 / 1e7, between.lon_e7 / 1e7)
