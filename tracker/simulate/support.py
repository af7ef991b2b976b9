"""Vehicles without a start of their own: crews who shuttle along the leg, and the sweep, who is always last."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tracker.simulate.drive import Drive, drive_route, passages_of
from tracker.simulate.motion import Stop
from tracker.simulate.participant import TRANSFER_MPS, Scene, spot
from tracker.simulate.route import Point, Route

LEAST_TURN_M = 600.0  # nobody turns round for less


def escort(scene: Scene, vehicle: int, last_start_ms: int, asleep: Point, free_from_s: float, rng: Random) -> Drive:
    """A crew: forward some way, waits, often back to somebody who needs it, forward again, to the finish."""
    leg, course = scene.leg, scene.leg.course
    leave_s = leg.first_start_ms / 1000.0 + rng.uniform(-0.5, 1.0) * (last_start_ms - leg.first_start_ms) / 1000.0
    route, stops, begin_s, start_m = _to_the_line(scene, leave_s, asleep, free_from_s, rng)
    along_m = 0.0
    while along_m < leg.length_m:
        reach_m = rng.uniform(0.08, 0.3) * leg.length_m
        back = along_m > 0.05 * leg.length_m and rng.random() < 0.3
        if back:
            there_m = along_m - max(rng.uniform(0.02, 0.1) * leg.length_m, LEAST_TURN_M)
        else:
            there_m = along_m + reach_m
        there_m = min(max(there_m, 0.0), leg.length_m)
        if leg.length_m - there_m < LEAST_TURN_M:
            there_m = leg.length_m
        route.follow(course, along_m, there_m)
        along_m = there_m
        stops.append(Stop(route.length_m, rng.uniform(60.0, 1500.0)))
    return _home(scene, vehicle, route, stops, begin_s, start_m, rng.uniform(1.0, 1.25), rng)


def sweep(scene: Scene, vehicle: int, field: Sequence[Drive], asleep: Point, free_from_s: float, rng: Random) -> Drive:
    """The last vehicle: leaves the start and every checkpoint only when the last car still running is through."""
    leg = scene.leg
    clear_s = [leg.first_start_ms / 1000.0] * len(leg.checkpoints)
    for drive in field:
        for passage in drive.passages:
            gone_ms = passage.depart_until_ms or passage.until_ms
            clear_s[passage.checkpoint] = max(clear_s[passage.checkpoint], gone_ms / 1000.0)
    route, stops, begin_s, start_m = _to_the_line(scene, clear_s[0] + 300.0, asleep, free_from_s, rng)
    route.follow(leg.course, 0.0, leg.length_m)
    for checkpoint, through_s in zip(leg.checkpoints[1:-1], clear_s[1:-1], strict=True):
        stops.append(Stop(start_m + checkpoint.along_m - 15.0, 20.0, through_s + rng.uniform(90.0, 240.0)))
    return _home(scene, vehicle, route, stops, begin_s, start_m, 0.9, rng)


def _to_the_line(
    scene: Scene, leave_s: float, asleep: Point, free_from_s: float, rng: Random
) -> tuple[Route, list[Stop], float, float]:
    route = Route()
    park = spot(scene, 0.0, rng)
    route.leave((asleep, park, scene.leg.course.point_at(0.0)), TRANSFER_MPS, 0.0)
    begin_s = max(leave_s - 300.0 - route.length_m / TRANSFER_MPS, free_from_s)
    return route, [Stop(route.length_m, 5.0, leave_s)], begin_s, route.length_m


def _home(
    scene: Scene,
    vehicle: int,
    route: Route,
    stops: list[Stop],
    begin_s: float,
    start_m: float,
    factor: float,
    rng: Random,
) -> Drive:
    """The last metres to the car park, and the drive that comes of it all."""
    length_m = scene.leg.length_m
    finish_m = route.length_m
    route.leave((scene.leg.course.point_at(length_m), spot(scene, length_m, rng)), 3.0, length_m)
    motion = drive_route(begin_s, route.length_m, route, stops, scene.pace, factor, rng)
    passages = passages_of(scene.leg, route, motion, start_m, {})
    return Drive(scene.index, vehicle, route, motion, start_m, finish_m, passages)
