"""The dead zone in which a silent vehicle seems to be: where it fell silent, or one that it has come to since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tracker.core.alerts.hearing import DeadZone
from tracker.core.alerts.scene import Scene
from tracker.core.model import Status, VehicleKind

NEARBY_M = tuple(1000.0 * km for km in range(1, 8))  # as far as one drives while a phone finds its satellites again


class Inside(NamedTuple):
    """A dead zone, and since when a vehicle is in it: since its last word, or later by the drive to it."""

    zone: DeadZone
    since_ms: int


def dead_zone(scene: Scene, vehicle: int) -> Inside | None:
    """None where others are heard as usual. A phone that lost GPS first is not seen to enter the zone."""
    arrived_ms = scene.hearing(vehicle).arrived_ms
    if arrived_ms is None:
        return None
    here = scene.ears.dead_zone(vehicle, scene.now_ms)
    if here is not None:
        return Inside(here, arrived_ms)
    leg = scene.views[vehicle].leg
    for along_m, there_ms in _may_have_come_to(scene, vehicle, arrived_ms):
        zone = scene.ears.dead_zone_at(*scene.tour.legs[leg or 0].course.point_at(along_m), vehicle, scene.now_ms)
        if zone is not None:
            return Inside(zone, there_ms)
    return None


def _may_have_come_to(scene: Scene, vehicle: int, arrived_ms: int) -> Iterator[tuple[float, int]]:
    """Places along the course not far from the last one, and when it was there if it drove on. Support turns back."""
    view = scene.views[vehicle]
    if view.leg is None or view.along_m is None or view.status is not Status.RUNNING:
        return
    turns_back = scene.tour.vehicles[vehicle].kind is VehicleKind.SUPPORT
    for step_m in (*NEARBY_M, *(-step_m for step_m in NEARBY_M if turns_back)):
        along_m = view.along_m + step_m
        if 0.0 <= along_m <= scene.tour.legs[view.leg].length_m:
            drive_s = scene.engine.driving_s(view.leg, min(view.along_m, along_m), max(view.along_m, along_m))
            there_ms = arrived_ms + round(1000.0 * drive_s)
            if there_ms <= scene.now_ms:
                yield along_m, there_ms
