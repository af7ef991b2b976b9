"""Trouble with the plan: not started, behind the field, behind the sweep."""

from __future__ import annotations

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.scene import UNDER_WAY, Scene
from tracker.core.eta import due_ms
from tracker.core.model import CheckpointKind, Status

NOT_STARTED_MS = 900_000
BEHIND_S, CAUGHT_UP_S = 3600.0, 2700.0
SWEPT_M, AHEAD_M = 2000.0, 500.0


def not_started(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """Waits 15 minutes after its time, and is heard to wait; clear when it starts."""
    view = scene.views[vehicle]
    start_ms = None if view.leg is None else scene.engine.decided.schedule.start_time_ms(view.leg, vehicle)
    if view.status is not Status.WAITING or start_ms is None:
        return Clear("started")
    if scene.now_ms - start_ms < NOT_STARTED_MS:
        return Clear("its time has not come")
    if known is None and not scene.is_recent(vehicle):
        return None
    return Finding(start_ms, scene.place(vehicle), {"due_ms": start_ms})


def behind(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """An hour behind the field, as both stand against the plan; clear at three quarters of an hour.

    Where the field runs early, behind is against the plan. Time at a halt is nobody's delay yet.
    """
    view = scene.views[vehicle]
    if view.status not in UNDER_WAY or view.leg is None or view.deviation_s is None or view.time_ms is None:
        return Clear(view.status.word)
    field_s = scene.field_deviation_s(view.leg)
    if field_s is None or not scene.is_recent(vehicle):
        return None
    behind_s = view.deviation_s - max(field_s, 0.0)
    if behind_s < CAUGHT_UP_S:
        return Clear("caught up")
    if known is not None or behind_s < BEHIND_S or scene.resting.at(scene.place(vehicle)) is not None:
        return None
    along_m = view.furthest_m if view.along_m is None else view.along_m
    evidence = {"behind_field_s": round(behind_s), "behind_plan_s": round(view.deviation_s)}
    evidence |= _at_the_control(scene, vehicle, view.leg, along_m)
    return Finding(view.time_ms, Place(view.lat, view.lon, view.leg, along_m), evidence)


def _at_the_control(scene: Scene, vehicle: int, leg_index: int, along_m: float) -> dict[str, int]:
    """When it is due and when it is expected at the next time control, or at the finish where there is none."""
    leg = scene.tour.legs[leg_index]
    last = len(leg.checkpoints) - 1
    ahead = (k for k, c in enumerate(leg.checkpoints) if c.along_m > along_m and c.kind is CheckpointKind.TIME_CONTROL)
    control = next(ahead, last)
    start_ms = scene.engine.decided.schedule.start_time_ms(leg_index, vehicle)
    expected = scene.engine.eta(vehicle, leg.checkpoints[control].along_m)
    if start_ms is None or expected is None:
        return {}
    there_ms = round(due_ms(leg, start_ms, leg.checkpoints[control].along_m))
    expected_ms = sum(expected) // 2
    late_s = (expected_ms - there_ms) // 1000
    return {"control": control, "due_ms": there_ms, "expected_ms": expected_ms, "late_s": late_s}


def behind_sweep(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """The last sweep vehicle is 2 km further than a car that is not done; clear when it is 500 m further at most."""
    view = scene.views[vehicle]
    if view.status not in UNDER_WAY or view.leg is None or view.time_ms is None:
        return Clear(view.status.word)
    sweep = scene.sweeps.get(view.leg)
    if sweep is None or sweep.along_m is None or view.uncertain or not scene.is_recent(vehicle):
        return None
    along_m = view.furthest_m if view.along_m is None else view.along_m
    behind_m = sweep.along_m - along_m
    if behind_m <= AHEAD_M:
        return Clear("ahead of the sweep")
    if known is not None or behind_m < SWEPT_M:
        return None
    evidence = {"sweep": scene.tour.vehicles[sweep.vehicle].number, "behind_m": round(behind_m)}
    return Finding(view.time_ms, Place(view.lat, view.lon, view.leg, along_m), evidence)
