"""Trouble with the plan: not started, behind the field, behind the sweep."""

from __future__ import annotations

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.scene import UNDER_WAY, Scene
from tracker.core.model import Status

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
    evidence = {"behind_field_s": round(behind_s), "behind_plan_s": round(view.deviation_s)}
    place = Place(view.lat, view.lon, view.leg, view.furthest_m if view.along_m is None else view.along_m)
    return Finding(view.time_ms, place, evidence)


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
