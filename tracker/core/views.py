"""From a vehicle's hypotheses and books to what may be said of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

from tracker.core.eta import FieldPace, arrival_range_ms, due_ms, start_range_ms
from tracker.core.evidence import ON_COURSE_M
from tracker.core.hypothesis import FINISHED, OFF, ON, UNKNOWN_M, WAITING, Node
from tracker.core.model import Freshness, Leg, Standing, Status, Totals, Tour, VehicleView
from tracker.core.pace import PaceMarks
from tracker.core.track import VehicleTrack

OFF_COURSE_AFTER_MS = 25_000
SAME_PLACE_M = 150.0
UNSURE_SHARE = 0.1


def make_view(
    tour: Tour,
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
    start_ms = tour.start_time_ms(best.leg, vehicle)
    place_m = best.along_m if best.mode in (ON, OFF) and best.along_m != UNKNOWN_M else 0.0
    if next_checkpoint is not None:
        eta = eta_ms(tour, vehicle, track, pace, leg.checkpoints[next_checkpoint].along_m)
        if eta is not None:
            early_ms, late_ms = eta
    if start_ms is not None and best.mode in (ON, OFF):
        deviation_s = (fix.time_ms - due_ms(leg, start_ms, place_m)) / 1000.0
    odometer = ledger.odometer
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
        totals=Totals(odometer.total_m, odometer.course_m, odometer.filled_m),
    )


def eta_ms(
    tour: Tour, vehicle: int, track: VehicleTrack, pace: Callable[[int], FieldPace], along_m: float
) -> tuple[int, int] | None:
    """The 80 % range of arriving at a place of the leg that the vehicle is on; None if it will not, or is past it."""
    if not track.live:
        return None
    node = _shown(track.live[0])
    leg = tour.legs[node.leg]
    if node.mode == WAITING:
        start_ms = tour.start_time_ms(node.leg, vehicle)
        if start_ms is None:
            return None
        early_ms, late_ms = start_range_ms(start_ms, node.time_ms)
        if along_m <= 0.0:
            return early_ms, late_ms
        low_ms, high_ms = arrival_range_ms(leg, pace(node.leg), PaceMarks(), 0.0, early_ms, along_m)
        return low_ms, high_ms + late_ms - early_ms
    if node.mode == FINISHED or node.along_m == UNKNOWN_M or along_m < node.along_m:
        return None
    ledger = track.ledger()
    since_ms = ledger.passages.halting_since_ms
    return arrival_range_ms(leg, pace(node.leg), ledger.marks, node.along_m, node.time_ms, along_m, since_ms)


def _shown(best: Node) -> Node:
    """The node of the best path to show: its newest used one, and while a departure from the course is not yet
    confirmed, the last one on it."""
    node = best
    while not node.used and node.parent is not None:
        node = node.parent
    if node.mode != OFF or _confirmed(node):
        return node
    walk: Node | None = node
    while walk is not None and (walk.mode == OFF or not walk.used):
        walk = walk.parent
    return node if walk is None or walk.leg != node.leg else walk


def _confirmed(off: Node) -> bool:
    """Whether a vehicle off the course has been so for long enough to say it."""
    return off.time_ms - off.left_ms >= OFF_COURSE_AFTER_MS


def _status(best: Node, track: VehicleTrack) -> tuple[Status, int | None]:
    if best.mode == FINISHED:
        return Status.FINISHED, best.left_ms or None
    if best.mode == WAITING:
        return Status.WAITING, None
    far = not best.offset_m <= ON_COURSE_M
    if best.mode == OFF and far and _confirmed(best):
        return Status.OFF_COURSE, best.left_ms
    anchor = track.anchor
    if anchor is not None and anchor.standing:
        return Status.STOPPED, anchor.since_ms
    return Status.RUNNING, None


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
