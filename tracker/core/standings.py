"""The order on the road, the gaps in it, and where the field is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracker.core.model import Standing, Status, VehicleView
from tracker.core.pace import PaceMarks

OUT = (Standing.RETIRED, Standing.TRAILERED, Standing.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Place:
    """One vehicle in the order on the road. Gaps are to the vehicle ahead; `gap_s` None where it is not known."""

    vehicle: int
    along_m: float
    gap_m: float | None
    gap_s: float | None


@dataclass(frozen=True, slots=True)
class Standings:
    """A leg's field, the first on the road first. `head_m`, `median_m` and `tail_m` are of those who run."""

    leg: int
    order: tuple[Place, ...]
    head_m: float | None
    median_m: float | None
    tail_m: float | None


def standings(leg: int, views: Sequence[VehicleView], marks: Callable[[int], PaceMarks]) -> Standings:
    """Order the vehicles that are on a leg by how far they are; those off the course by where they left it."""
    rows = sorted(
        (
            (-(view.along_m if view.along_m is not None else view.furthest_m), view.vehicle, view)
            for view in views
            if view.leg == leg and view.status is not Status.WAITING and view.standing not in OUT
        ),
        key=lambda row: row[:2],
    )
    places: list[Place] = []
    for i, (minus_m, vehicle, view) in enumerate(rows):
        if i == 0:
            places.append(Place(vehicle, -minus_m, None, None))
            continue
        ahead = rows[i - 1]
        gap_m = minus_m - ahead[0]
        places.append(Place(vehicle, -minus_m, gap_m, _gap_s(-minus_m, view.time_ms, marks(ahead[1]), leg)))
    running = sorted(-minus_m for minus_m, _, view in rows if view.status is not Status.FINISHED)
    if not running:
        return Standings(leg, tuple(places), None, None, None)
    return Standings(leg, tuple(places), running[-1], running[len(running) // 2], running[0])


def _gap_s(along_m: float, time_ms: int | None, ahead: PaceMarks, leg: int) -> float | None:
    """How long ago the vehicle ahead was where this one is now."""
    passed_ms = ahead.passed_ms(along_m) if ahead.leg == leg else None
    return None if time_ms is None or passed_ms is None else max((time_ms - passed_ms) / 1000.0, 0.0)
