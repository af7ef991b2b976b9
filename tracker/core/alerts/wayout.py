"""Where and when a vehicle in a dead zone is likely to be heard again, as others were before it."""

from __future__ import annotations

from typing import NamedTuple

from tracker.core.alerts.event import Place
from tracker.core.alerts.scene import Scene
from tracker.core.alerts.unheard import Inside
from tracker.core.course_index import metres_per_degree


class WayOut(NamedTuple):
    """A time and a place; `along_m` None where the course is not near."""

    at_ms: int
    lat: float
    lon: float
    along_m: float | None


def way_out(scene: Scene, inside: Inside, place: Place) -> WayOut | None:
    """As the one in the middle of those who came out: after so long, and there. None where nobody has yet."""
    gaps = inside.zone.gaps
    if not gaps:
        return None
    gap = sorted(gaps, key=lambda each: each.lasted_ms)[len(gaps) // 2]
    there, along_m = gap.after, None
    if place.leg is not None:
        index = scene.engine.rules.indexes[place.leg]
        nearby = index.candidates(there.lat, there.lon, metres_per_degree(there.lat))
        along_m = min((c.along_m for c in nearby if c.along_m >= (place.along_m or 0.0)), default=None)
    return WayOut(inside.since_ms + gap.lasted_ms, there.lat, there.lon, along_m)
