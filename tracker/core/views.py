"""From a vehicle's hypotheses and books to what may be said of it. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

from tracker.core.eta import FieldPace, Range, arrival_ranges_ms, due_ms, ranges_from_start_ms, start_range_ms
from tracker.core.hypothesis import FINISHED, OFF, ON, UNKNOWN_M, WAITING, Node
from tracker.core.model import Freshness, Leg, Standing, Status, Tour, VehicleView
from tracker.core.schedule import Schedule
from tracker.core.shown import is_confirmed, status_at
from tracker.core.track import VehicleTrack

SAME_PLACE_M = 150.0
UNSURE_SHARE = 0.1


def make_view(
    tour: Tour,
    schedule: Schedule,
    vehicle: int,
    track: VehicleTrack,
    pace: Callable[[int], FieldPace],
    freshness: Freshness,
    standing: Standing,
    battery: tuple[int, float] | None,
    sos: bool,
) -> VehicleView:
    """The view of a vehicle whose fold owes nothing."""
    battery_pct = None if battery is None else battery[1]
    if not track.live:
        return VehicleView(vehicle=vehicle, freshness=freshness, standing=standing, battery_pct=battery_pct, sos=sos)
    best = _shown(track.live[0])
    fix = track.fixes[best.index]
    leg = tour.legs[best.leg]
    status, since_ms = _status(best, track)
    along_m = _along_m(best, status, leg)
    low_m, high_m, uncertain = _range(track.live, along_m)
    furthest_m = track.furthest[1] if track.furthest[0] == best.leg else 0.0
    ledger = track.ledger()
    next_checkpoint = _next_checkpoint(leg, best, furthest_m, status)
    early_ms = late_ms = None
    deviation_s = None
    start_ms = schedule.start_time_ms(best.leg, vehicle)
    place_m = best.along_m if best.mode in (ON, OFF) and best.along_m != UNKNOWN_M else 0.0
    if next_checkpoint is not None:
        eta = eta_ms(tour, schedule, vehicle, track, pace, leg.checkpoints[next_checkpoint].along_m)
        if eta is not None:
            early_ms, late_ms = eta
    if start_ms is not None and best.mode in (ON, OFF):
        deviation_s = (fix.time_ms - due_ms(leg, start_ms, place_m)) / 1000.0
    return VehicleView(
        vehicle=vehicle,
        time_ms=fix.time_ms,
        lat=round(fix.lat, 7),
        lon=round(fix.lon, 7),
        accuracy_m=_known(fix.accuracy_m),
        speed_mps=_known(fix.speed_mps),
        bearing_deg=_known(fix.bearing_deg),
        leg=best.leg,
        along_m=along_m,
        offset_m=None if best.mode in (WAITING, FINISHED) else _known(best.offset_m),
        furthest_m=furthest_m,
        uncertain=uncertain,
        along_min_m=low_m,
        along_max_m=high_m,
        status=status,
        status_since_ms=since_ms,
        freshness=freshness,
        standing=standing,
        battery_pct=battery_pct,
        sos=sos,
        next_checkpoint=next_checkpoint,
        eta_early_ms=early_ms,
        eta_late_ms=late_ms,
        deviation_s=deviation_s,
        totals=ledger.odometer.totals(),
    )


def eta_ms(
    tour: Tour,
    schedule: Schedule,
    vehicle: int,
    track: VehicleTrack,
    pace: Callable[[int], FieldPace],
    along_m: float,
) -> Range | None:
    """The 80 % range of arriving at a place of the leg that the vehicle is on; None if it will not, or is past it."""
    return etas_ms(tour, schedule, vehicle, track, pace, (along_m,))[0]


def etas_ms(
    tour: Tour,
    schedule: Schedule,
    vehicle: int,
    track: VehicleTrack,
    pace: Callable[[int], FieldPace],
    places_m: Sequence[float],
) -> list[Range | None]:
    """The same for several places, which are in the order of the leg."""
    found = reckoned_from(track)
    if found is None:
        return [None] * len(places_m)
    leg_index, from_m, node = found
    leg = tour.legs[leg_index]
    past = bisect_left(places_m, from_m)
    ahead_m = places_m[past:]
    ranges: list[Range] = []
    if node.mode == WAITING:
        start_ms = schedule.start_time_ms(leg_index, vehicle)
        if start_ms is None:
            return [None] * len(places_m)
        ranges = ranges_from_start_ms(leg, pace(leg_index), *start_range_ms(start_ms, node.time_ms), ahead_m)
    elif ahead_m:
        ledger = track.ledger()
        since_ms = ledger.passages.halts.since_ms
        ranges = arrival_ranges_ms(leg, pace(leg_index), ledger.marks, from_m, node.time_ms, ahead_m, since_ms)
    return [None] * past + ranges


def reckoned_from(track: VehicleTrack) -> tuple[int, float, Node] | None:
    """Leg and place from which a vehicle's arrivals are reckoned, and what is known there; None if nothing is.

    0 before the start; beyond every place of the leg once it has finished.
    """
    if not track.live:
        return None
    node = _shown(track.live[0])
    if node.mode == WAITING:
        return node.leg, 0.0, node
    if node.mode == FINISHED:
        return node.leg, math.inf, node
    return None if node.along_m == UNKNOWN_M else (node.leg, node.along_m, node)


def _shown(best: Node) -> Node:
    """The node of the best path to show: its newest used one, and while a departure from the course is not yet
    confirmed, the last one on it."""
    node = best
    while not node.used and node.parent is not None:
        node = node.parent
    if node.mode != OFF or is_confirmed(node):
        return node
    walk: Node | None = node
    while walk is not None and (walk.mode == OFF or not walk.used):
        walk = walk.parent
    return node if walk is None or walk.leg != node.leg else walk


def _status(best: Node, track: VehicleTrack) -> tuple[Status, int | None]:
    status = status_at(best, track.anchor)
    if status is Status.FINISHED:
        return status, best.left_ms or None
    if status is Status.OFF_COURSE:
        return status, best.left_ms
    return status, track.anchor.since_ms if status is Status.STOPPED and track.anchor is not None else None


def _along_m(best: Node, status: Status, leg: Leg) -> float | None:
    if status is Status.OFF_COURSE or best.along_m == UNKNOWN_M:
        return None
    if best.mode == WAITING:
        return 0.0
    return leg.length_m if best.mode == FINISHED else best.along_m


def _range(live: list[Node], along_m: float | None) -> tuple[float | None, float | None, bool]:
    """Lowest and highest likely place, and whether they are different places."""
    if along_m is None:
        return None, None, False
    best = live[0]
    total = 0.0
    elsewhere = 0.0
    low_m = high_m = along_m
    for node in live:
        if node.cost > best.cost + 6.0:
            break
        weight = math.exp(best.cost - node.cost)
        total += weight
        if node.mode == ON and node.leg == best.leg and abs(node.along_m - along_m) > SAME_PLACE_M:
            elsewhere += weight
            low_m = min(low_m, node.along_m)
            high_m = max(high_m, node.along_m)
    if elsewhere <= UNSURE_SHARE * total:
        return along_m, along_m, False
    return low_m, high_m, True


def _next_checkpoint(leg: Leg, best: Node, furthest_m: float, status: Status) -> int | None:
    if status is Status.FINISHED:
        return None
    if best.mode == WAITING:
        return 0
    place_m = best.along_m if best.mode == ON else furthest_m
    for k, checkpoint in enumerate(leg.checkpoints):
        if checkpoint.along_m > place_m:
            return k
    return None


def _known(value: float) -> float | None:
    return value if value == value else None
