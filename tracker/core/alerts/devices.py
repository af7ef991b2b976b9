"""Trouble with trackers: a battery that runs low, and one that was left in the hotel."""

from __future__ import annotations

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.hearing import Sighting
from tracker.core.alerts.scene import Scene
from tracker.core.geo import distance_m

LOW_PCT, CHARGED_PCT = 15.0, 25.0
LEFT_MS = 600_000
HEARD_MS = 1_800_000  # a phone that lies in a hotel reports rarely
LEFT_M, TOGETHER_M = 2000.0, 500.0


def low_battery(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """A device of the vehicle has 15 % or less; clear at 25 %."""
    levels = [
        (device.battery[1], device.battery[0], name)
        for name, device in scene.hearing(vehicle).devices.items()
        if device.battery is not None
    ]
    if not levels:
        return Clear()
    level_pct, at_ms, name = min(levels)
    if level_pct >= CHARGED_PCT:
        return Clear("charged")
    if level_pct > LOW_PCT or known is not None:
        return None
    return Finding(at_ms, scene.place(vehicle), {"device": name, "battery_pct": round(level_pct)})


def left_behind(scene: Scene, vehicle: int, _known: AlertEvent | None) -> Judgement:
    """A device has stood for 10 minutes while another of the same vehicle drove 2 km away; clear within 500 m."""
    devices = [(name, device) for name, device in scene.hearing(vehicle).devices.items() if device.last is not None]
    nearest_m = 0.0
    for name, device in devices:
        for other_name, other in devices:
            here, there = device.last, other.last
            if here is None or there is None or device.stands is None or other.stands is None or name == other_name:
                continue
            apart_m = distance_m(here.lat, here.lon, there.lat, there.lon)
            nearest_m = max(nearest_m, apart_m)
            stood_ms = here.fix_time_ms - device.stands.fix_time_ms
            went_later = other.stands.fix_time_ms > device.stands.fix_time_ms
            if apart_m > LEFT_M and stood_ms >= LEFT_MS and went_later and _both_heard(scene, here, there):
                evidence = {"device": name, "moving_device": other_name, "apart_m": round(apart_m)}
                return Finding(device.stands.fix_time_ms, Place(here.lat, here.lon), evidence)
    return Clear("together again") if nearest_m <= TOGETHER_M else None


def _both_heard(scene: Scene, here: Sighting, there: Sighting) -> bool:
    return scene.now_ms - min(here.fix_time_ms, there.fix_time_ms) <= HEARD_MS
