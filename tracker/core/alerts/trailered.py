"""On the trailer: a car that stood together with a recovery vehicle, and now moves as one with it."""

from __future__ import annotations

from bisect import bisect_left

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.scene import Scene
from tracker.core.fixes import Fix, FixColumns
from tracker.core.geo import distance_m
from tracker.core.model import Status, VehicleKind

RECOVERY_ROLES = ("trailer", "recovery", "mechanic", "sweep")
AS_ONE_M, APART_M = 80.0, 500.0
NEAR_DEGREES = 0.005  # of latitude: some 550 m
RIDE_M = 3000.0
LOADING_MS = 180_000
LOADING_M = 60.0
LOOK_BACK_MS = 2_400_000
BRIDGE_MS = 90_000
LAST_FIXES = 12


def trailered(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """Rode 3 km within 80 m of a recovery vehicle, after 3 minutes of standing beside it; clear when 500 m apart."""
    view = scene.views[vehicle]
    if known is None and view.status in (Status.WAITING, Status.FINISHED, Status.STOPPED):
        return Clear()
    if view.lat is None or view.lon is None or not scene.is_recent(vehicle):
        return None
    fixes = scene.engine.tracks[vehicle].fixes
    if known is not None:
        carrier = next(
            (v for v, e in enumerate(scene.tour.vehicles) if e.number == known.finding.evidence.get("by")), None
        )
        beside_m = None if carrier is None else _last_apart_m(fixes, scene.engine.tracks[carrier].fixes)
        return Clear("apart again") if beside_m is not None and beside_m > APART_M else None
    for carrier, entry in enumerate(scene.tour.vehicles):
        role = entry.role.lower()
        other = scene.views[carrier]
        if entry.kind is not VehicleKind.SUPPORT or not any(word in role for word in RECOVERY_ROLES):
            continue
        if other.lat is None or other.lon is None or abs(view.lat - other.lat) > NEAR_DEGREES:
            continue
        if distance_m(view.lat, view.lon, other.lat, other.lon) > APART_M:
            continue
        ride = _ride(fixes, scene.engine.tracks[carrier].fixes)
        if ride is None:
            continue
        loaded, ride_m = ride
        if scene.resting.at(Place(loaded.lat, loaded.lon, view.leg)) is None:  # everybody stands together at a control
            return Finding(loaded.time_ms, scene.place(vehicle), {"by": entry.number, "ride_m": round(ride_m)})
    return Clear()


def _ride(car: FixColumns, carrier: FixColumns) -> tuple[Fix, float] | None:
    """The fix since which, and how far, a car has been riding: back to where both stood. None if it is not."""
    newest = car[len(car) - 1]
    ride_m = 0.0
    after = newest
    for index in range(len(car) - 1, -1, -1):
        fix = car[index]
        if newest.time_ms - fix.time_ms > LOOK_BACK_MS:
            return None
        apart_m = _apart_m(fix, carrier)
        if apart_m is None:
            continue  # one of the two was in a dead zone, or has yet to be heard
        if apart_m > AS_ONE_M:
            return None
        ride_m += distance_m(fix.lat, fix.lon, after.lat, after.lon)
        after = fix
        if _stood_together(car, index, carrier):
            return (fix, ride_m) if ride_m >= RIDE_M else None
    return None


def _stood_together(car: FixColumns, index: int, carrier: FixColumns) -> bool:
    """Whether both stood for the time that loading takes, until the car's fix of that index."""
    there = car[index]
    earlier = car[max(bisect_left(car.times_ms, there.time_ms - LOADING_MS), 0)]
    if there.time_ms - earlier.time_ms < LOADING_MS // 2:
        return False
    if distance_m(there.lat, there.lon, earlier.lat, earlier.lon) > LOADING_M:
        return False
    before_m, after_m = _apart_m(earlier, carrier), _apart_m(there, carrier)
    return before_m is not None and after_m is not None and max(before_m, after_m) <= AS_ONE_M


def _apart_m(fix: Fix, others: FixColumns) -> float | None:
    """How far apart the two were at the time of a fix, the other's place interpolated; None where that is not known."""
    index = bisect_left(others.times_ms, fix.time_ms)
    if index == len(others):
        return None
    b = others[index]
    a = others[index - 1] if index else b
    if b.time_ms - a.time_ms > BRIDGE_MS or (index == 0 and b.time_ms != fix.time_ms):
        return None
    share = (fix.time_ms - a.time_ms) / (b.time_ms - a.time_ms) if b.time_ms > a.time_ms else 0.0
    return distance_m(fix.lat, fix.lon, a.lat + share * (b.lat - a.lat), a.lon + share * (b.lon - a.lon))


def _last_apart_m(car: FixColumns, carrier: FixColumns) -> float | None:
    """How far apart they were when that was last known of both."""
    for index in range(len(car) - 1, max(len(car) - LAST_FIXES, 0) - 1, -1):
        apart_m = _apart_m(car[index], carrier)
        if apart_m is not None:
            return apart_m
    return None
