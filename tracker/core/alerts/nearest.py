"""Who can be there soonest by road: support vehicles along the course, which on a tour is the road that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracker.core.model import Standing, Status, Tour, VehicleKind, VehicleView

Driving = Callable[[float, float], float]  # seconds from one place of the leg to a later one


class Helper(NamedTuple):
    """A support vehicle, how far it is along the course, in what time, and whether it must turn back."""

    vehicle: int
    road_m: float
    minutes: float
    must_turn_back: bool


def nearest_support(tour: Tour, views: Sequence[VehicleView], vehicle: int, driving_s: Driving) -> list[Helper]:
    """The support vehicles on the leg of a vehicle, soonest first; empty where the vehicle's place is not known.

    As the crow flies is never asked: on an out-and-back, a loop or a pass the nearest by air may be the last by road.
    Off the course counts the place where it was left. `driving_s` is the field's pace, taken to hold both ways.
    """
    target = views[vehicle]
    if target.leg is None:
        return []
    to_m = _along_m(target)
    helpers = []
    for index, entry in enumerate(tour.vehicles):
        view = views[index]
        if entry.kind is not VehicleKind.SUPPORT or index == vehicle or view.leg != target.leg:
            continue
        if view.standing is not Standing.RUNNING or view.time_ms is None:
            continue
        from_m = _along_m(view)
        seconds = driving_s(min(from_m, to_m), max(from_m, to_m))
        helpers.append(Helper(index, abs(to_m - from_m), seconds / 60.0, from_m > to_m))
    return sorted(helpers, key=lambda helper: (helper.minutes, helper.must_turn_back, helper.vehicle))


def _along_m(view: VehicleView) -> float:
    if view.along_m is not None:
        return view.along_m
    return 0.0 if view.status is Status.WAITING else view.furthest_m
