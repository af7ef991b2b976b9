"""The check list of the morning as the organiser's page gets it: facts, the page has the words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracker.core.decided import Decided
from tracker.core.decisions import DecisionKind
from tracker.core.devicecheck import DeviceReport
from tracker.core.model import Tour
from tracker.wire.frames import FeedState
from tracker.wire.projection import vehicles_now


def roll_call(
    tour: Tour, reports: Sequence[DeviceReport], decided: Decided, crew_feed: FeedState, now_ms: int
) -> dict[str, Any]:
    """Vehicles in roster order with their last sightings, and every device with the vehicle that it speaks for."""
    sightings = {sighting["number"]: sighting for sighting in vehicles_now(crew_feed)}
    return {
        "tour": {"slug": tour.slug, "name": tour.name, "zone": tour.timezone, "units": tour.units},
        "now_ms": now_ms,
        "vehicles": [
            {
                "number": vehicle.number,
                "kind": vehicle.kind.value,
                "class": vehicle.class_name,
                "name": " ".join(filter(None, (vehicle.make, vehicle.model))) or vehicle.role,
                "year": vehicle.year,
                "crew": vehicle.crew,
                "seen": _seen(sightings.get(vehicle.number)),
            }
            for vehicle in tour.vehicles
        ],
        "devices": [
            {
                "device": report.device,
                "of": tour.vehicles[tour.vehicle_of_device[report.device]].number,
                "vehicle": tour.vehicles[decided.assignments.vehicles_of(report.device)[-1]].number,
                "box": report.device in tour.boxes,
                "spare": report.device in tour.spares,
                "heard_at_ms": report.heard_at_ms,
                "fix_time_ms": report.fix_time_ms,
                "accuracy_m": report.accuracy_m,
                "battery_pct": report.battery_pct,
                "every_s": report.every_s,
                "clock_error_s": report.clock_error_s,
                "problems": [problem.kind for problem in report.problems],
            }
            for report in reports
        ],
        "swaps": [
            {"id": swap.id, "device": swap.text("device"), "vehicle": swap.text("vehicle"), "at_ms": swap.at_ms}
            for swap in decided.book.in_force(DecisionKind.ASSIGN)
        ],
    }


def _seen(sighting: dict[str, Any] | None) -> dict[str, Any] | None:
    """Where a vehicle was when it was last believed to be somewhere."""
    if sighting is None or sighting["fix_time_ms"] is None:
        return None
    names = ("fix_time_ms", "lat", "lon", "leg", "along_m", "standing")
    return {name: sighting[name] for name in names}
