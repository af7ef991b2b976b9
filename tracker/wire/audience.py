"""Who may see what of a vehicle and of the tour: one allow-list per audience. Pure.

A view becomes a row of 32-bit integers, a column per fact. Only what `public_row` and `describe_tour` name can ever
reach a spectator; crews get those columns and their own behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracker.core.model import Tour, VehicleView
from tracker.core.schedule import LegPlan

UNKNOWN = -(2**31)  # in time columns: never, not known
NONE = -1  # in place columns: not on the course, no next checkpoint, certain

COLUMNS = (
    "t",
    "lat",
    "lon",
    "along",
    "leg",
    "status",
    "freshness",
    "standing",
    "since",
    "next",
    "early",
    "late",
    "uncertain_from",
    "uncertain_to",
)
CREW_COLUMNS = ("speed", "bearing", "accuracy", "battery", "offset", "furthest", "deviation", "sos")
T, LAT, LON, ALONG, LEG = 0, 1, 2, 3, 4
EARLY, LATE = 10, 11

Row = tuple[int, ...]
NEVER_HEARD: Row = (UNKNOWN, 0, 0, NONE, 0, 0, 3, 0, UNKNOWN, NONE, UNKNOWN, UNKNOWN, NONE, NONE)
NEVER_HEARD_BY_CREW: Row = (*NEVER_HEARD, NONE, NONE, NONE, NONE, NONE, 0, UNKNOWN, 0)

ETA_STEP_S = 60  # arrivals are rounded outwards to minutes and only sent again when they moved by more
UNCERTAIN_STEP_M = 10


def public_row(view: VehicleView, base_ms: int) -> Row:
    """The allow-list: all that a spectator may know of a vehicle, as integers in the order of `COLUMNS`."""
    if view.time_ms is None or view.lat is None or view.lon is None:
        place: Row = (UNKNOWN, 0, 0, NONE)
    else:
        along = NONE if view.along_m is None else max(0, round(view.along_m))
        place = ((view.time_ms - base_ms) // 100, round(view.lat * 1e6), round(view.lon * 1e6), along)
    early = late = UNKNOWN
    if view.eta_early_ms is not None and view.eta_late_ms is not None:
        early = (view.eta_early_ms - base_ms) // 1000 // ETA_STEP_S * ETA_STEP_S
        late = -(-(view.eta_late_ms - base_ms) // 1000 // ETA_STEP_S) * ETA_STEP_S
    uncertain: Row = (NONE, NONE)
    if view.uncertain and view.along_min_m is not None and view.along_max_m is not None:
        uncertain = (
            int(view.along_min_m) // UNCERTAIN_STEP_M * UNCERTAIN_STEP_M,
            -(-int(view.along_max_m) // UNCERTAIN_STEP_M) * UNCERTAIN_STEP_M,
        )
    return (
        *place,
        0 if view.leg is None else view.leg + 1,
        int(view.status),
        int(view.freshness),
        int(view.standing),
        UNKNOWN if view.status_since_ms is None else (view.status_since_ms - base_ms) // 1000,
        NONE if view.next_checkpoint is None else view.next_checkpoint,
        early,
        late,
        *uncertain,
    )


def crew_row(view: VehicleView, base_ms: int) -> Row:
    """All that a crew may know of a vehicle: what spectators know, and `CREW_COLUMNS` behind it."""
    return (
        *public_row(view, base_ms),
        NONE if view.speed_mps is None else round(view.speed_mps * 10),
        NONE if view.bearing_deg is None else round(view.bearing_deg) % 360,
        NONE if view.accuracy_m is None else round(view.accuracy_m),
        NONE if view.battery_pct is None else round(view.battery_pct),
        NONE if view.offset_m is None else round(view.offset_m),
        round(view.furthest_m),
        UNKNOWN if view.deviation_s is None else round(view.deviation_s),
        int(view.sos),
    )


def steady_eta(old: Row, new: Row) -> Row:
    """Keep the old arrival window while the new one says the same within a step: jitter is not news."""
    same_checkpoint = old[LEG] == new[LEG] and old[EARLY - 1] == new[EARLY - 1]
    if same_checkpoint and abs(old[EARLY] - new[EARLY]) <= ETA_STEP_S and abs(old[LATE] - new[LATE]) <= ETA_STEP_S:
        return (*new[:EARLY], old[EARLY], old[LATE], *new[LATE + 1 :])
    return new


def describe_tour(
    tour: Tour, version: int, courses: Sequence[str], interval_s: int, plans: Sequence[LegPlan] = ()
) -> dict[str, Any]:
    """What does not move in a snapshot, from an allow-list: no crews, no devices. `courses` are content hashes.

    `plans`: what was decided about each leg, by default nothing.
    """
    plans = plans or [LegPlan()] * len(tour.legs)
    return {
        "tour": {
            "slug": tour.slug,
            "name": tour.name,
            "zone": tour.timezone,
            "units": tour.units,
            "version": version,
            "delay_s": tour.public_delay_s,
            "interval_s": interval_s,
            "start_interval_s": tour.start_interval_s,
        },
        "base_ms": tour.legs[0].first_start_ms,
        "legs": [
            {
                "title": leg.title,
                "start_ms": leg.first_start_ms,
                "delay_s": plan.delay_s,
                "cancelled": int(plan.cancelled),
                "length_m": round(leg.length_m),
                "course": course,
                "checkpoints": {
                    "id": [point.id for point in leg.checkpoints],
                    "name": [point.name for point in leg.checkpoints],
                    "kind": [point.kind.value for point in leg.checkpoints],
                    "along_m": [round(point.along_m) for point in leg.checkpoints],
                    "halt_s": [point.halt_s for point in leg.checkpoints],
                },
            }
            for leg, course, plan in zip(tour.legs, courses, plans, strict=True)
        ],
        "roster": {
            "number": [vehicle.number for vehicle in tour.vehicles],
            "kind": [int(vehicle.kind == "support") for vehicle in tour.vehicles],
            "role": [vehicle.role for vehicle in tour.vehicles],
            "class": [vehicle.class_name for vehicle in tour.vehicles],
            "year": [vehicle.year or 0 for vehicle in tour.vehicles],
            "make": [vehicle.make for vehicle in tour.vehicles],
            "model": [vehicle.model for vehicle in tour.vehicles],
            "colour": [vehicle.colour for vehicle in tour.vehicles],
            "start_order": [NONE if v.start_order is None else v.start_order for v in tour.vehicles],
        },
    }


def describe_tour_to_crews(
    tour: Tour, version: int, courses: Sequence[str], interval_s: int, plans: Sequence[LegPlan] = ()
) -> dict[str, Any]:
    """The same for crews: who sits in each vehicle, and a feed that is never behind on purpose."""
    about = describe_tour(tour, version, courses, interval_s, plans)
    about["tour"]["delay_s"] = 0
    about["roster"]["crew"] = [vehicle.crew for vehicle in tour.vehicles]
    return about


class Describe(Protocol):
    """Makes what does not move in a snapshot."""

    def __call__(
        self, tour: Tour, version: int, courses: Sequence[str], interval_s: int, plans: Sequence[LegPlan] = ()
    ) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Audience:
    """Who a feed is for, and the only ways from what the engine knows to what they see."""

    name: str  # in topics and in the process; never in a frame
    columns: tuple[str, ...]
    never_heard: Row
    row: Callable[[VehicleView, int], Row]
    describe: Describe


PUBLIC = Audience("public", COLUMNS, NEVER_HEARD, public_row, describe_tour)
CREW = Audience("crew", (*COLUMNS, *CREW_COLUMNS), NEVER_HEARD_BY_CREW, crew_row, describe_tour_to_crews)
