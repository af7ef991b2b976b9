"""Trouble on the road: standing where nobody should, and driving where nobody should."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from statistics import median

from tracker.core.alerts.event import AlertEvent, Clear, Finding, Judgement, Place
from tracker.core.alerts.scene import Scene
from tracker.core.course_index import metres_per_degree
from tracker.core.geo import distance_m
from tracker.core.hypothesis import OFF, UNKNOWN_M, Node
from tracker.core.model import Status
from tracker.core.track import VehicleTrack

STOPPED_MS = 480_000
STOPPED_AFTER_SOS_MS = 60_000
FINE_MS = 1_800_000  # "we are fine, just stopped" holds for so long; then somebody had better look again
FINE_BEFORE_MS = 120_000  # some say it while they roll out
STOPPED_ASIDE_MS = 900_000  # off the carriageway: fuel, a shop, a view
ASIDE_M = 17.0
DOUBTFUL_M = 9.0  # from here on a poor GPS may have pulled the car on to the road: half a minute tells more
DOUBTFUL_MS = 510_000
STAND_M = 45.0
LOST_MS = 30_000  # without a fix; a shorter time says nothing new
RECKONED_MOST_MS = 120_000  # of a stop that nobody saw: what a car did in a silence is only reckoned
SLOW = 1.25  # of the field's driving time: so much slower than the others it may have come
ROUND_M = 500.0  # along the course: it was there before, and came by again
SEEN_MS = 60_000  # after a silence, where the course comes by again: who only passes is gone by then
STRAYS = 3  # outliers come alone, or two or three in a row
MOVED_M = 100.0
OFF_COURSE_MS = 50_000  # since its first fix beside the course, which it left some seconds before
BACK_M = 75.0
BACK_MS = 20_000  # or a wrong road only crosses the right one
BESIDE_FIXES = 20
SAME_ROAD_M = 1000.0
TREND_MS = 30_000


def stopped(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """Stands on the road for 8 minutes, not at a checkpoint; clear once it is 100 m away.

    Beside the road it has 15 minutes; one that has called SOS has one, wherever it stands. One whose crew says that it
    is fine is left in peace for half an hour, unless it has called SOS.
    """
    view = scene.views[vehicle]
    if view.status in (Status.WAITING, Status.FINISHED) or view.leg is None or view.lat is None or view.lon is None:
        return Clear(view.status.word)
    if not scene.is_recent(vehicle):
        return None
    track = scene.engine.tracks[vehicle]
    distress = scene.is_in_distress(vehicle)
    if known is None and not distress and scene.resting.at(scene.place(vehicle)) is not None:
        return Clear()
    fine_ms = scene.hearing(vehicle).fine_ms
    says_fine = not distress and scene.now_ms - fine_ms < FINE_MS
    since_ms, stands_ms = _stands(track, FINE_MS + FINE_BEFORE_MS if says_fine else STOPPED_ASIDE_MS)
    unseen_ms = 0 if known is not None or distress else since_ms - _arrived_ms(scene, vehicle, since_ms)
    since_ms, stands_ms = since_ms - unseen_ms, stands_ms + unseen_ms
    if known is not None:
        place = known.finding.place
        if place.lat is None or place.lon is None or distance_m(place.lat, place.lon, view.lat, view.lon) > MOVED_M:
            return Clear("moving again")
        if says_fine and fine_ms >= known.finding.since_ms - FINE_BEFORE_MS:
            return Clear("says that it is fine")
        return Finding(since_ms, place, known.finding.evidence) if stands_ms >= STOPPED_MS else None
    if stands_ms < (STOPPED_AFTER_SOS_MS if distress else STOPPED_MS):
        return Clear()
    round_ms = 0 if distress else _drove_round_ms(scene, vehicle, since_ms, since_ms + stands_ms)
    if round_ms is None:
        return None
    stands_ms -= max(round_ms - since_ms, 0)
    since_ms = max(since_ms, round_ms)
    if (stands_ms < STOPPED_MS and not distress) or (says_fine and fine_ms >= since_ms - FINE_BEFORE_MS):
        return Clear()
    lat, lon = _middle(track, since_ms)
    place = Place(lat, lon, view.leg, view.along_m)
    if not distress and scene.resting.at(place) is not None:
        return Clear()
    aside_m = _aside_m(scene, place)
    if not distress and stands_ms < _patience_ms(aside_m):
        return Clear()
    evidence = {"stopped_s": stands_ms // 1000, "aside_m": None if aside_m is None else round(aside_m)}
    return Finding(since_ms, place, evidence)


def off_course(scene: Scene, vehicle: int, known: AlertEvent | None) -> Judgement:
    """Off the course for about a minute, as its own fixes say; clear once it follows it again, within 75 m for 20 s.

    The place is where it took the wrong road; the evidence says where it is, and whether it is coming back.
    """
    view, track = scene.views[vehicle], scene.engine.tracks[vehicle]
    if view.status is not Status.OFF_COURSE or view.leg is None or view.status_since_ms is None or view.time_ms is None:
        return Clear("back on the course") if view.offset_m is None or _is_back(track) else None
    if known is not None or not scene.is_recent(vehicle):
        return None
    since_ms, along_m = _left(scene, view.leg, track, view.status_since_ms)
    if view.time_ms - since_ms < OFF_COURSE_MS:
        return None
    lat, lon = view.lat, view.lon
    if along_m is not None:
        lat, lon = scene.tour.legs[view.leg].course.point_at(along_m)
    evidence = {
        "here_lat": view.lat,
        "here_lon": view.lon,
        "offset_m": None if view.offset_m is None else round(view.offset_m),
        "coming_back": coming_back(track, lat, lon),
    }
    return Finding(since_ms, Place(lat, lon, view.leg, along_m), evidence)


def _left(scene: Scene, leg: int, track: VehicleTrack, left_ms: int) -> tuple[int, float | None]:
    """When and where it left the course: back from where the matcher gave it up to its last fix within 75 m.

    A wrong road often runs beside the right one for a while, and the matcher waits until there is no doubt.
    """
    node = _off_node(track)
    along_m = None if node is None or node.along_m == UNKNOWN_M else node.along_m
    if along_m is None:
        return left_ms, None
    fixes, since_ms = track.fixes, left_ms
    first = bisect_left(fixes.times_ms, left_ms)
    for index in range(first - 1, max(first - BESIDE_FIXES, -1), -1):
        fix = fixes[index]
        nearby = scene.engine.rules.indexes[leg].candidates(fix.lat, fix.lon, metres_per_degree(fix.lat))
        before = [c for c in nearby if -SAME_ROAD_M <= c.along_m - along_m <= BACK_M]
        if before:
            nearest = min(before, key=lambda candidate: candidate.offset_m)
            along_m = nearest.along_m
            if nearest.offset_m <= BACK_M:
                break
        since_ms = fix.time_ms
    return since_ms, along_m


def _stands(track: VehicleTrack, most_ms: int) -> tuple[int, int]:
    """Since when and for how long the vehicle has been standing, at most a little longer than is asked for.

    The anchor is live: a stray fix moves it. So its place is looked for in the fixes before it, strays left out.
    """
    anchor = track.anchor
    if anchor is None:
        return 0, 0
    fixes, since_ms, strays = track.fixes, anchor.since_ms, 0
    east_m, north_m = metres_per_degree(anchor.lat)
    for index in range(bisect_left(fixes.times_ms, anchor.since_ms) - 1, -1, -1):
        fix = fixes[index]
        if math.hypot((fix.lon - anchor.lon) * east_m, (fix.lat - anchor.lat) * north_m) <= STAND_M:
            since_ms, strays = fix.time_ms, 0
        else:
            strays += 1
        if strays > STRAYS or anchor.newest_ms - since_ms > most_ms + TREND_MS:
            break
    return since_ms, anchor.newest_ms - since_ms


def _drove_round_ms(scene: Scene, vehicle: int, since_ms: int, newest_ms: int) -> int | None:
    """When it came by again, where it drove round in a silence; 0 if it did not, None while that cannot be told."""
    track = scene.engine.tracks[vehicle]
    times_ms = track.fixes.times_ms
    first = bisect_left(times_ms, since_ms)
    silences = [i for i in range(first + 1, len(times_ms)) if times_ms[i] - times_ms[i - 1] > LOST_MS]
    if not silences or not _comes_by_again(scene, vehicle):
        return 0
    if newest_ms - times_ms[silences[-1]] < SEEN_MS:
        return None
    return max((times_ms[i] for i in silences if _drove_round(track, i)), default=0)


def _comes_by_again(scene: Scene, vehicle: int) -> bool:
    """Whether the course passes more than once where the vehicle is."""
    view = scene.views[vehicle]
    if view.leg is None or view.lat is None or view.lon is None:
        return False
    places = scene.engine.rules.indexes[view.leg].candidates(view.lat, view.lon, metres_per_degree(view.lat))
    along_m = [place.along_m for place in places if place.offset_m <= MOVED_M]
    return bool(along_m) and max(along_m) - min(along_m) > ROUND_M


def _drove_round(track: VehicleTrack, index: int) -> bool:
    """Whether it was elsewhere along the course before that fix, at the same place: it drove in the silence."""
    seen = list(track.shown(index - 1, index + 1))
    if len(seen) < 2 or min(each.along_m for each in seen) < 0:
        return False
    before, after = seen
    return before.leg != after.leg or abs(before.along_m - after.along_m) > ROUND_M


def _arrived_ms(scene: Scene, vehicle: int, since_ms: int) -> int:
    """When it came to where it has been seen standing since a time: earlier, if its phone was lost on the way.

    From its last fix before the silence, where it was driving, it came along the course, slower than the field.
    """
    view, track = scene.views[vehicle], scene.engine.tracks[vehicle]
    first = bisect_left(track.fixes.times_ms, since_ms)
    if view.leg is None or view.along_m is None or not first or since_ms - track.fixes.times_ms[first - 1] < LOST_MS:
        return since_ms
    before = deque(track.shown(max(first - STRAYS - 1, 0), first), maxlen=1)
    if not before or before[0].leg != view.leg or before[0].status is not Status.RUNNING:
        return since_ms
    heard = before[0]
    if not 0.0 <= heard.along_m <= view.along_m:
        return since_ms
    arrived_ms = heard.time_ms + round(1000.0 * SLOW * scene.engine.driving_s(view.leg, heard.along_m, view.along_m))
    return min(max(arrived_ms, since_ms - RECKONED_MOST_MS), since_ms)


def _middle(track: VehicleTrack, since_ms: int) -> tuple[float, float]:
    """The median of the fixes since the vehicle has been standing: drift and strays cancel out."""
    fixes = [track.fixes[index] for index in range(bisect_left(track.fixes.times_ms, since_ms), len(track.fixes))]
    return median(fix.lat for fix in fixes), median(fix.lon for fix in fixes)


def _patience_ms(aside_m: float | None) -> int:
    """How long a car may stand so far beside the course."""
    if aside_m is None or aside_m > ASIDE_M:
        return STOPPED_ASIDE_MS
    return DOUBTFUL_MS if aside_m > DOUBTFUL_M else STOPPED_MS


def _aside_m(scene: Scene, place: Place) -> float | None:
    """How far beside the course a place is, or None where it is nowhere near."""
    if place.leg is None or place.lat is None or place.lon is None:
        return None
    index = scene.engine.rules.indexes[place.leg]
    candidates = index.candidates(place.lat, place.lon, metres_per_degree(place.lat))
    return min((candidate.offset_m for candidate in candidates), default=None)


def _off_node(track: VehicleTrack) -> Node | None:
    node: Node | None = track.live[0] if track.live else None
    while node is not None and not node.used:
        node = node.parent
    return node if node is not None and node.mode == OFF else None


def _is_back(track: VehicleTrack) -> bool:
    """Whether its latest fixes are on the course, for long enough to say so."""
    node: Node | None = track.live[0] if track.live else None
    newest_ms = 0 if node is None else node.time_ms
    while node is not None:
        if node.mode == OFF or node.offset_m > BACK_M:
            return False
        if newest_ms - node.time_ms >= BACK_MS:
            return True
        node = node.parent
    return True


def coming_back(track: VehicleTrack, lat: float | None, lon: float | None) -> bool:
    """Whether it is nearer to where it left than half a minute ago."""
    fixes = track.fixes
    if lat is None or lon is None or not fixes:
        return False
    now = fixes[len(fixes) - 1]
    before = fixes[max(bisect_left(fixes.times_ms, now.time_ms - TREND_MS) - 1, 0)]
    return distance_m(lat, lon, now.lat, now.lon) < distance_m(lat, lon, before.lat, before.lon) - 30.0
