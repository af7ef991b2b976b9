"""Slices of the past: the same in any order of arrival, true within metres, changed only where news belong."""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from itertools import pairwise

from tests.core.roads import OUT_AND_BACK, START_MS, STRAIGHT, drive, engine_of, leg, records, stand, tour, travel
from tests.golden.make_frames import GOLDEN, slice_of_the_past
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Ping, Status
from tracker.core.segments import APART_MS, SLOT_MS, TOLERANCE_M, slot_of, slots, thinned, traces
from tracker.core.shown import Shown
from tracker.wire.segments import Segment, decode_segment, encode_segment

DAY = tour(leg(OUT_AND_BACK, halts={1: 15}))
LINE = DAY.legs[0].course
NUMBERS = [vehicle.number for vehicle in DAY.vehicles]


def slice_at(engine: Engine, slot_ms: int, until_ms: int = START_MS * 2) -> Segment:
    found = (traces(track, vehicle, 0, slot_ms, until_ms) for vehicle, track in enumerate(engine.tracks))
    return encode_segment(0, slot_ms, NUMBERS, [each for each in found if each is not None])


def all_slices(engine: Engine) -> dict[int, Segment]:
    there = {slot for track in engine.tracks for _, slot in slots(track, 0)}
    return {slot: slice_at(engine, slot) for slot in sorted(there)}


def a_morning() -> list[Ping]:
    to_lunch = drive(LINE, to_m=5_000.0) + stand(LINE.point_at(5_000.0), START_MS + 335_000, 900)
    after_lunch = drive(LINE, from_m=5_000.0, begin_ms=START_MS + 1_250_000)
    other = drive(LINE, device="2", begin_ms=START_MS + 60_000, speed_mps=12.0)
    return [*stand(LINE.point_at(0.0), START_MS - 1_200_000, 1_190), *to_lunch, *after_lunch, *other]


def test_the_order_of_arrival_changes_nothing() -> None:
    pings: list[Ping | Calibration] = [*a_morning()]
    in_order = all_slices(engine_of(DAY, pings))
    random.Random(7).shuffle(pings)
    assert all_slices(engine_of(DAY, pings)) == in_order
    assert len(in_order) >= 5


def test_a_backlog_changes_the_slices_it_belongs_to_and_no_earlier_ones() -> None:
    pings = a_morning()
    gap = (START_MS + 700_000, START_MS + 1_500_000)
    before = all_slices(
        engine_of(DAY, [p for p in pings if p.device != "2" or not gap[0] < (p.fix_time_ms or 0) < gap[1]])
    )
    after = all_slices(engine_of(DAY, pings))
    changed = {slot for slot in after if slot not in before or before[slot].hash != after[slot].hash}
    assert changed
    assert min(changed) == slot_of(gap[0])
    assert max(changed) <= slot_of(gap[1]) + SLOT_MS, "the last place before a slice is in it too"


def test_thinning_keeps_every_place_within_metres_and_makes_no_silence() -> None:
    dice = random.Random(3)
    along_m, points = 0.0, []
    for second in range(1_200):
        along_m += max(0.0, dice.gauss(14.0, 4.0)) if second % 300 < 240 else 0.0
        points.append(Shown(START_MS + second * 1_000, 0, 0, 0, round(along_m), Status.RUNNING))
    kept = list(thinned(points))
    assert len(kept) < len(points) / 5
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert all(b.time_ms - a.time_ms <= APART_MS for a, b in pairwise(kept))
    times = [point.time_ms for point in kept]
    for point in points:
        k = min(bisect_right(times, point.time_ms) - 1, len(kept) - 2)
        a, b = kept[k], kept[k + 1]
        share = (point.time_ms - a.time_ms) / (b.time_ms - a.time_ms)
        assert abs(a.along_m + share * (b.along_m - a.along_m) - point.along_m) <= TOLERANCE_M + 1


def test_silences_stay_silences_and_a_new_status_is_kept() -> None:
    statuses = [Status.RUNNING] * 4 + [Status.STOPPED] * 4 + [Status.RUNNING] * 4
    points = [Shown(START_MS + k * 100_000, 0, 0, 0, 0, status) for k, status in enumerate(statuses)]
    assert list(thinned(points)) == points


def test_resting_all_night_is_said_once() -> None:
    points = [Shown(START_MS + k * 10_000, 0, 0, 0, 18_000, Status.FINISHED) for k in range(3_000)]
    assert list(thinned(points)) == [points[0], points[-1]]
    finished = engine_of(DAY, [*drive(LINE), *stand(LINE.point_at(LINE.length_m), START_MS + 1_610_000, 7_200)])
    assert max(slot for _, slot in slots(finished.tracks[0], 0)) <= slot_of(START_MS + 1_700_000)


def test_a_slice_begins_with_the_last_place_before_it_and_knows_since_when() -> None:
    engine = engine_of(DAY, a_morning())
    slot = slot_of(START_MS + 1_000_000)
    (car, *_) = (found for found in [traces(engine.tracks[0], 0, 0, slot, START_MS * 2)] if found)
    assert car.points[0].time_ms < slot
    assert car.points[0].status is Status.STOPPED
    assert START_MS + 335_000 <= car.since_ms <= START_MS + 400_000


def test_nothing_is_newer_than_the_public_present() -> None:
    engine = engine_of(DAY, a_morning())
    now_ms = START_MS + 250_000
    points = decode_segment(slice_at(engine, slot_of(now_ms), now_ms).body)
    assert max(point.time_ms for each in points.values() for point in each) == now_ms


def test_off_the_course_it_has_a_place_and_no_distance() -> None:
    day = tour(leg(STRAIGHT))
    away = travel([(6_000.0, 0.0), (6_000.0, 3_000.0)], START_MS + 400_000)
    engine = engine_of(day, [*drive(day.legs[0].course, to_m=6_000.0), *away])
    found = [traces(engine.tracks[0], 0, 0, slot, START_MS * 2) for _, slot in sorted(slots(engine.tracks[0], 0))]
    last = found[-1].points[-1] if found[-1] else None
    assert last is not None
    assert (last.status, last.along_m) == (Status.OFF_COURSE, -1)


def test_changes_are_told_once_and_from_where_they_begin() -> None:
    pings = a_morning()
    engine = engine_of(DAY, pings)
    track = engine.tracks[1]
    track.take_changed()
    assert track.take_changed() > track.fixes.times_ms[-1]
    (late,) = records([Ping("2", START_MS + 800_500, *LINE.point_at(8_886.0), 5.0)])
    engine.apply(late)
    engine.fold(100_000)
    assert START_MS <= track.take_changed() <= START_MS + 800_500


def test_the_golden_slice_is_read_as_it_was_written() -> None:
    body = slice_of_the_past()
    assert (GOLDEN / "segments" / "slice.bin").read_bytes() == body, "run python -m tests.golden.make_frames"
    read = {number: [list(point) for point in points] for number, points in decode_segment(body).items()}
    assert read == json.loads((GOLDEN / "segments" / "slice.json").read_text())
