"""The same set of pings gives the same digest, in whatever order, number and batches it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.core.roads import HOUR_MS, OUT_AND_BACK, START_MS, drive, engine_of, leg, place, records, stand, tour, travel
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Ping, Record, RecordKind, Status, Tour


@lru_cache(maxsize=1)
def eventful() -> tuple[Tour, tuple[Ping, ...], str]:
    """A morning with everything in it: two phones, a wrong turn, a halt, outliers, a silence. And its digest."""
    day = tour(leg(OUT_AND_BACK, halts={2: 10}))
    line = day.legs[0].course
    pings = stand(place(0.0, 10.0), START_MS - 60_000, 50)
    pings += drive(line, to_m=6_000.0)
    pings += travel([(6_000.0, 0.0), (6_000.0, 900.0), (6_000.0, 0.0)], _after(pings))
    pings += drive(line, 6_000.0, 9_995.0, _after(pings))
    pings += stand(place(9_995.0, 30.0), _after(pings), 300)
    pings += [p for k, p in enumerate(drive(line, 9_995.0, 18_000.0, _after(pings))) if not 8 < k < 25]
    wild_lat, wild_lon = place(2_000.0, 5_000.0)
    pings += [replace(pings[60], lat=wild_lat, lon=wild_lon, fix_time_ms=(pings[60].fix_time_ms or 0) + 4_000)]
    pings += drive(line, to_m=6_000.0, device="1b", every_s=30, begin_ms=START_MS + 2_000)
    pings += drive(line, to_m=3_000.0, device="2", begin_ms=START_MS + 60_000)
    return day, tuple(pings), engine_of(day, pings).digest()


def _after(pings: list[Ping]) -> int:
    return (pings[-1].fix_time_ms or 0) + 10_000


def fed_in_batches(day: Tour, pings: Iterable[Ping], sizes: list[int]) -> Engine:
    """Fold after every batch, in slices, and look at the views in between."""
    engine = Engine(day)
    waiting = 0
    turn = 0
    for record in records(pings):
        engine.apply(record)
        waiting += 1
        if waiting >= sizes[turn % len(sizes)]:
            waiting = 0
            turn += 1
            while not engine.fold(7):
                assert len(engine.views) == len(day.vehicles)
    return engine


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_any_order_repetition_and_batching_ends_in_the_same_digest(seed: int, sizes: list[int]) -> None:
    day, pings, digest = eventful()
    random = Random(seed)
    shuffled = list(pings) + random.sample(pings, 30)
    random.shuffle(shuffled)
    assert fed_in_batches(day, shuffled, sizes).digest() == digest


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 200), st.integers(1, 100))
def test_a_batch_that_comes_late_ends_in_the_same_digest(begin: int, size: int) -> None:
    day, pings, digest = eventful()
    late = pings[begin : begin + size]
    assert fed_in_batches(day, pings[:begin] + pings[begin + size :] + late, [1]).digest() == digest


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from([0, 400_000, 7_200_000]))
def test_what_is_held_back_as_dated_ahead_does_not_depend_on_the_order(seed: int, error_ms: int) -> None:
    """Strays hours ahead, some of them repeated in time, and a clock whose error is found sooner or later."""
    day, pings, _ = eventful()
    random = Random(seed)
    inputs = [(p, (p.fix_time_ms or 0) + 300) for p in pings[:120]]
    inputs += [(replace(p, fix_time_ms=at_ms + 3_600_000), at_ms) for p, at_ms in random.sample(inputs, 10)]
    inputs += [
        (replace(p, fix_time_ms=(p.fix_time_ms or 0) + 400_000), at_ms) for p, at_ms in random.sample(inputs, 10)
    ]
    inputs += [(p, at_ms + 5_000_000) for p, at_ms in inputs[120:125]]  # the same once more, when it is no riddle
    digests = set()
    for _ in range(3):
        random.shuffle(inputs)
        engine = Engine(day)
        found_at = random.randrange(len(inputs))
        for seq, (ping, at_ms) in enumerate(inputs, 1):
            if seq == found_at:
                engine.apply(Record(seq, at_ms, RecordKind.CALIBRATION, Calibration("1", 900_000)))
            engine.apply(Record(seq, at_ms, RecordKind.PING, ping))
            engine.fold(20)
        engine.apply(Record(len(inputs), 0, RecordKind.CALIBRATION, Calibration("1", error_ms)))
        digests.add(engine.digest())
    assert len(digests) == 1


def wild(random: Random, day: Tour) -> list[tuple[int, Ping]]:
    """Received time and ping, of two phones and a crew that go astray, stand, leap, lie about time and say little."""
    line = day.legs[0].course
    time_ms, along_m, beside_m = START_MS - random.choice((0, 2 * HOUR_MS)), 0.0, 0.0
    found = []
    for _ in range(random.randrange(20, 150)):
        time_ms += random.choice((0, 500, 10_000, 10_000, 10_000, 30_000, 400_000))
        along_m += random.choice((-1, 1, 1, 1)) * random.choice((0.0, 0.0, 50.0, 150.0, 400.0))
        beside_m = random.choice((0.0, 60.0, 180.0, 900.0)) if random.random() < 0.1 else beside_m
        lat, lon = line.point_at(along_m)
        north_m = beside_m + random.gauss(0.0, random.choice((2.0, 15.0, 60.0)))
        fix_ms = time_ms + (random.choice((HOUR_MS, -HOUR_MS)) if random.random() < 0.02 else 0)
        accuracy_m, speed_mps = random.choice((None, 5.0, 2000.0)), random.choice((None, 0.0, 15.0))
        ping = Ping(
            random.choice(("1", "1", "1b", "S1")), fix_ms, lat + north_m / 111_000.0, lon, accuracy_m, speed_mps
        )
        found.append((time_ms + 300, ping))
    return found


@settings(deadline=None, max_examples=8)
@example(16)  # a saved step at a leg's closing
@given(st.integers(0, 10_000))
def test_wild_pings_over_two_legs_end_in_the_same_digest_in_any_order(seed: int) -> None:
    random = Random(seed)
    first = leg(random.choice((OUT_AND_BACK, [(0.0, 0.0), (0.0, 0.0), (100.0, 0.0), (0.0, 0.0)])))
    day = tour(first, replace(first, first_start_ms=START_MS + 90 * 60_000))
    inputs = wild(random, day)
    digests = set()
    for _ in range(2):
        engine = Engine(day)
        for seq, (at_ms, ping) in enumerate(inputs, 1):
            engine.apply(Record(seq, at_ms, RecordKind.PING, ping))
            engine.fold(random.choice((1, 5, 100)))
        digests.add(engine.digest())
        random.shuffle(inputs)
    assert len(digests) == 1


def test_the_digest_sees_a_single_metre() -> None:
    day, pings, digest = eventful()
    moved = replace(pings[20], lat=(pings[20].lat or 0.0) + 1e-5)
    assert engine_of(day, (*pings[:20], moved, *pings[21:])).digest() != digest


def test_a_clock_error_is_taken_out_of_all_fixes_whenever_it_is_found() -> None:
    day, pings, digest = eventful()
    wrong = [p if p.device != "1" else replace(p, fix_time_ms=(p.fix_time_ms or 0) + 77_000) for p in pings]
    error = Calibration("1", 77_000)
    assert engine_of(day, [*wrong, error]).digest() == digest
    assert engine_of(day, [*wrong[:40], error, *wrong[40:]]).digest() == digest
    assert engine_of(day, wrong).digest() != digest


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_the_furthest_place_never_falls_and_the_place_never_leaps(seed: int) -> None:
    """Through noise, a crew that turns back, and lost fixes; and along_m moves no faster than a car."""
    random = Random(seed)
    day = tour(leg(OUT_AND_BACK))
    line = day.legs[0].course
    pings = drive(line, to_m=5_000.0)
    pings += drive(line, 5_000.0, 3_000.0, _after(pings))
    pings += drive(line, 3_000.0, 16_000.0, _after(pings))
    noisy = [
        replace(p, lat=(p.lat or 0.0) + random.gauss(0.0, 5e-5), lon=(p.lon or 0.0) + random.gauss(0.0, 5e-5))
        for p in pings
        if random.random() < 0.9
    ]
    engine = Engine(day)
    furthest_m = 0.0
    before: tuple[int, float] | None = None
    for record in records(noisy):
        engine.apply(record)
        engine.fold(100)
        view = engine.view(0)
        assert view.furthest_m >= furthest_m
        furthest_m = view.furthest_m
        if before is not None and view.along_m is not None and view.time_ms is not None:
            assert abs(view.along_m - before[1]) <= 30.0 * (view.time_ms - before[0]) / 1000.0 + 60.0
        if view.along_m is not None and view.time_ms is not None and view.status is not Status.WAITING:
            before = (view.time_ms, view.along_m)


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_backlog_is_folded_in_slices(steps: int) -> None:
    day, pings, digest = eventful()
    engine = Engine(day)
    for record in records(pings):
        engine.apply(record)
    slices = 1
    while not engine.fold(steps):
        slices += 1
    assert slices >= len(set(pings)) / steps / 2
    assert engine.digest() == digest
