"""Silent as usual: where others were silent too, and not missed yet."""

from __future__ import annotations

from typing import NamedTuple

from tracker.core.alerts.event import Place
from tracker.core.alerts.scene import Scene
from tracker.core.alerts.silence import is_awaited, missed_at_ms
from tracker.core.alerts.unheard import dead_zone
from tracker.core.alerts.wayout import WayOut, way_out


class Quiet(NamedTuple):
    """Nobody need worry about it before `missed_ms`. `others` of those who `passed` fell silent there."""

    vehicle: int
    since_ms: int
    place: Place
    others: int
    passed: int
    back: WayOut | None
    missed_ms: int


def quiet(scene: Scene, vehicle: int) -> Quiet | None:
    """None for who is heard, or silent where others are not."""
    hearing = scene.hearing(vehicle)
    since_ms = hearing.arrived_ms
    if since_ms is None or hearing.live is None or scene.now_ms - since_ms < hearing.gap_ms:
        return None
    inside = dead_zone(scene, vehicle) if is_awaited(scene, vehicle) else None
    missed_ms = None if inside is None else missed_at_ms(scene, vehicle, inside)
    if inside is None or missed_ms is None:
        return None
    place, zone = scene.place(vehicle), inside.zone
    back = way_out(scene, inside, place)
    return Quiet(vehicle, since_ms, place, zone.others, zone.passed, back, missed_ms)
