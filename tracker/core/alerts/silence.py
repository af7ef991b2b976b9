"""Nothing is heard: of one vehicle where others are, or of the whole field at once."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.hearing import DeadZone
from tracker.core.alerts.scene import FIELD_LEAST, UNDER_WAY, Scene
from tracker.core.alerts.unheard import Inside, dead_zone
from tracker.core.alerts.wayout import way_out
from tracker.core.model import Status, VehicleKind

SILENT_MS = 600_000  # a phone that lost first GPS and then the network is back by then
SILENT_SUPPORT_MS = 1_800_000  # crews wait where they are needed, and have a radio
SILENT_RHYTHMS = 6.0
SILENT_AHEAD_OF_ALL_MS = 1_200_000
AHEAD_STEPS_M = tuple(1000.0 * km for km in range(2, 11))
NOT_STARTED_MS = 900_000
RESTING_MS = 1_800_000  # a phone may sleep while its car stands at a halt, and so long beyond
UNKNOWN_ZONE_MS = 1_800_000  # in a dead zone that nobody has come out of yet
ZONE_FACTOR = 1.5
ZONE_M = 20_000.0
HALT_SLACK_MS = 900_000

OUTAGE_WINDOW_MS = 600_000
OUTAGE_SPAN_MS = 45_000
OUTAGE_SHARE = 0.5
OUTAGE_SHARE_OF_DAY = 0.25
DAY_MS = 12 * 3_600_000
SLOW_RHYTHM_MS = 60_000


def silent(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """Not heard for 10 minutes or six of its own intervals, where others are heard; clear at the next word from it.

    In a dead zone it has half as long again as the slowest tenth of those before it took, and the 10 minutes. Where
    hardly anybody was ever heard on the road before it, it has 20 minutes: the first ones have to find the dead zones.
    """
    hearing = scene.hearing(vehicle)
    arrived_ms = hearing.arrived_ms
    if arrived_ms is None:
        return Clear()
    if known is not None and arrived_ms > known.at_ms:
        return Clear("heard again")
    view = scene.views[vehicle]
    if view.status is Status.FINISHED or not is_awaited(scene, vehicle):
        return Clear(view.status.word)
    if scene.outage_over_ms is None or known is not None:
        return None
    silence_ms = scene.now_ms - max(arrived_ms, scene.outage_over_ms)
    limit_ms = _rhythm_ms(scene, vehicle)
    if silence_ms < limit_ms:  # nearly everybody, nearly always
        return Clear()
    place = scene.place(vehicle)
    limit_ms = max(limit_ms, _place_ms(scene, vehicle, place))
    if silence_ms < limit_ms:
        return Clear()
    inside = dead_zone(scene, vehicle)
    if inside is not None and silence_ms < limit_ms + _inside_ms(scene, place, inside, arrived_ms):
        return Clear()
    evidence: dict[str, object] = {"silent_s": (scene.now_ms - arrived_ms) // 1000}
    if hearing.live is not None:
        evidence["heard_live_ms"] = hearing.live.fix_time_ms
    if inside is not None:
        evidence |= {"dead_zone_others": inside.zone.others, "dead_zone_passed": inside.zone.passed}
        back = way_out(scene, inside, place)
        evidence |= {} if back is None else {"back_ms": back.at_ms, "back_along_m": back.along_m}
    return Finding(arrived_ms, place, evidence)


def missed_at_ms(scene: Scene, vehicle: int, inside: Inside) -> int | None:
    """When a vehicle that is silent in a dead zone will be missed; None while the feed is out."""
    arrived_ms = scene.hearing(vehicle).arrived_ms
    if arrived_ms is None or scene.outage_over_ms is None:
        return None
    place = scene.place(vehicle)
    limit_ms = max(_rhythm_ms(scene, vehicle), _place_ms(scene, vehicle, place))
    return round(max(arrived_ms, scene.outage_over_ms) + limit_ms + _inside_ms(scene, place, inside, arrived_ms))


def is_awaited(scene: Scene, vehicle: int) -> bool:
    """Whether anybody waits for news: it is under way, or its start was a while ago. Support: only if it drove."""
    view = scene.views[vehicle]
    if scene.tour.vehicles[vehicle].kind is VehicleKind.SUPPORT:
        return view.status is Status.RUNNING
    if view.status in UNDER_WAY:
        return True
    start_ms = None if view.leg is None else scene.engine.decided.schedule.start_time_ms(view.leg, vehicle)
    return start_ms is not None and scene.now_ms - start_ms >= NOT_STARTED_MS


def _rhythm_ms(scene: Scene, vehicle: int) -> float:
    """How long one may be silent anywhere."""
    support = scene.tour.vehicles[vehicle].kind is VehicleKind.SUPPORT
    return max(SILENT_SUPPORT_MS if support else SILENT_MS, SILENT_RHYTHMS * scene.hearing(vehicle).every_ms)


def _place_ms(scene: Scene, vehicle: int, place: Place) -> int:
    """How long one may be silent there: longer at a halt, and where nobody went before."""
    checkpoint = scene.resting.at(place)
    halt_ms = 0 if checkpoint is None else checkpoint.halt_s * 1000 + RESTING_MS
    return halt_ms if _is_heard_ahead(scene, vehicle, place) else max(halt_ms, SILENT_AHEAD_OF_ALL_MS)


def _is_heard_ahead(scene: Scene, vehicle: int, place: Place) -> bool:
    """Whether others were heard on half of the next ten kilometres, so that there seems to be a network."""
    if place.leg is None or place.along_m is None:
        return True
    leg = scene.tour.legs[place.leg]
    ahead = [place.along_m + step_m for step_m in AHEAD_STEPS_M if place.along_m + step_m <= leg.length_m]
    heard = sum(scene.ears.is_heard(*leg.course.point_at(along_m), vehicle) for along_m in ahead)
    return 2 * heard >= len(ahead)


def _inside_ms(scene: Scene, place: Place, inside: Inside, arrived_ms: int) -> float:
    """How much longer than elsewhere one may be silent who is in a dead zone."""
    return inside.since_ms - arrived_ms + _zone_ms(inside.zone) + _halts_ms(scene, place)


def _zone_ms(zone: DeadZone) -> float:
    """How long one may be silent in a dead zone."""
    lasted_ms = sorted(gap.lasted_ms for gap in zone.gaps)
    if not lasted_ms:
        return UNKNOWN_ZONE_MS
    return ZONE_FACTOR * lasted_ms[int(0.9 * (len(lasted_ms) - 1))]


def _halts_ms(scene: Scene, place: Place) -> int:
    """The planned time at halts that may lie in the dead zone, too."""
    if place.leg is None or place.along_m is None:
        return 0
    ahead = (c for c in scene.tour.legs[place.leg].checkpoints if 0.0 <= c.along_m - place.along_m <= ZONE_M)
    return sum(checkpoint.halt_s * 1000 + HALT_SLACK_MS for checkpoint in ahead if checkpoint.halt_s)


def feed_outage(scene: Scene, known: AlertEvent | None) -> Judgement:
    """Half the field's newest fixes are from within 45 s, and old: one alert, and no silence counts until it is over.

    It makes no difference whether nothing arrives or everything arrives late. Over when half of those are heard live.
    """
    if known is not None:
        numbers = known.finding.evidence.get("vehicles")
        gone = [
            v for v, entry in enumerate(scene.tour.vehicles) if isinstance(numbers, list) and entry.number in numbers
        ]
        back = [v for v in gone if scene.hearing(v).newest_fix_ms > known.at_ms and not _is_quiet(scene, v)]
        return Clear("heard again") if len(back) >= OUTAGE_SHARE * len(gone) else None
    today = [v for v, hearing in enumerate(scene.ears.vehicles) if scene.now_ms - hearing.newest_fix_ms < DAY_MS]
    recent = [v for v in today if _is_recent(scene, v)]
    at_once = _at_once(scene, [v for v in recent if _is_quiet(scene, v)])
    least = max(FIELD_LEAST, OUTAGE_SHARE * len(recent), OUTAGE_SHARE_OF_DAY * len(today))
    if len(at_once) < least:
        return Clear()
    evidence = {
        "vehicles": [scene.tour.vehicles[v].number for v in at_once],
        "heard": len(recent) - len(at_once),
    }
    return Finding(min(scene.hearing(v).newest_fix_ms for v in at_once), Place(), evidence)


def _is_recent(scene: Scene, vehicle: int) -> bool:
    hearing = scene.hearing(vehicle)
    often = hearing.every_ms <= SLOW_RHYTHM_MS
    return often and scene.now_ms - hearing.newest_fix_ms < OUTAGE_WINDOW_MS


def _is_quiet(scene: Scene, vehicle: int) -> bool:
    hearing = scene.hearing(vehicle)
    return scene.now_ms - hearing.newest_fix_ms > hearing.gap_ms


def _at_once(scene: Scene, vehicles: Sequence[int]) -> list[int]:
    """The largest group of vehicles whose newest fixes lie within the span."""
    in_order = sorted(vehicles, key=lambda v: scene.hearing(v).newest_fix_ms)
    best: list[int] = []
    first = 0
    for last, vehicle in enumerate(in_order):
        while scene.hearing(vehicle).newest_fix_ms - scene.hearing(in_order[first]).newest_fix_ms > OUTAGE_SPAN_MS:
            first += 1
        if last + 1 - first > len(best):
            best = in_order[first : last + 1]
    return sorted(best)
