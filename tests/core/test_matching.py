"""The course matcher on roads where the nearest point is the wrong answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.core.roads import (
    HOUR_MS,
    LAPS,
    OUT_AND_BACK,
    SPEED_MPS,
    START_MS,
    STRAIGHT,
    drive,
    engine_of,
    leg,
    place,
    records,
    stand,
    tour,
    travel,
)
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Freshness, Ping, Record, RecordKind, Status, VehicleView


def watched(engine: Engine, pings: list[Ping], vehicle: int = 0) -> list[VehicleView]:
    """What is shown after each ping."""
    views = []
    for record in records(pings):
        engine.apply(record)
        while not engine.fold(1000):
            pass
        views.append(engine.view(vehicle))
    return views


@pytest.mark.parametrize("points", [STRAIGHT, OUT_AND_BACK, LAPS], ids=["straight", "out and back", "laps"])
def test_a_car_is_shown_where_it_is(points: list[tuple[float, float]]) -> None:
    day = tour(leg(points))
    pings = drive(day.legs[0].course)
    views = watched(Engine(day), pings)
    length_m = day.legs[0].length_m
    for k, view in enumerate(views[1:], 1):
        assert view.along_m == pytest.approx(min(k * 10 * SPEED_MPS, length_m), abs=30.0)
        assert not view.uncertain
    assert views[-1].status is Status.FINISHED


def test_a_dead_zone_over_the_turn_round_ends_on_the_return() -> None:
    day = tour(leg(OUT_AND_BACK))
    pings = drive(day.legs[0].course, to_m=18_000.0)
    silent = range(int(9_000 / SPEED_MPS / 10), int(15_000 / SPEED_MPS / 10))
    engine = engine_of(day, [ping for k, ping in enumerate(pings) if k not in silent])
    assert engine.view(0).along_m == pytest.approx(18_000.0, abs=30.0)
    turn = next(p for p in engine.passages(0) if p.checkpoint == 2)  # at 10 km, within the silence
    assert turn.earliest_ms <= START_MS + 1000 * 10_000 / SPEED_MPS <= turn.latest_ms


def test_a_crew_that_turns_back_is_shown_going_back_and_its_furthest_stays() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    there = drive(line, to_m=9_000.0)
    back = drive(line, 9_000.0, 6_000.0, begin_ms=(there[-1].fix_time_ms or 0) + 10_000)
    view = engine_of(day, there + back).view(0)
    assert view.along_m == pytest.approx(6_000.0, abs=30.0)
    assert view.furthest_m == pytest.approx(9_000.0, abs=30.0)


def test_an_outlier_of_kilometres_is_not_believed() -> None:
    day = tour(leg(STRAIGHT))
    pings = drive(day.legs[0].course, to_m=6_000.0)
    lat, lon = place(6_150.0, 3_000.0)
    wild = replace(pings[-1], lat=lat, lon=lon, fix_time_ms=(pings[-1].fix_time_ms or 0) + 10_000)
    view = engine_of(day, [*pings, wild]).view(0)
    assert view.time_ms == pings[-1].fix_time_ms
    assert view.along_m == pytest.approx(6_000.0, abs=30.0)


def test_a_device_whose_speed_is_wrong_is_followed_all_the_same() -> None:
    day = tour(leg(STRAIGHT))
    pings = [replace(ping, speed_mps=SPEED_MPS / 3.6) for ping in drive(day.legs[0].course, to_m=9_000.0)]
    views = watched(Engine(day), pings)
    assert all(view.time_ms == ping.fix_time_ms for view, ping in zip(views, pings, strict=True))
    assert views[-1].along_m == pytest.approx(9_000.0, abs=60.0)


def test_a_wrong_turn_is_off_course_within_a_minute_and_over_when_back() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    there = drive(line, to_m=6_000.0)
    away_ms = (there[-1].fix_time_ms or 0) + 10_000
    away = travel([(6_000.0, 0.0), (6_000.0, 1_200.0), (6_000.0, 0.0)], begin_ms=away_ms)
    again = drive(line, 6_000.0, 9_000.0, begin_ms=(away[-1].fix_time_ms or 0) + 10_000)
    views = watched(Engine(day), there + away + again)
    flagged = [view.time_ms or 0 for view in views if view.status is Status.OFF_COURSE]
    left_ms = away_ms + 10_000  # 150 m away
    assert left_ms + 20_000 <= flagged[0] <= left_ms + 90_000
    assert all(view.along_m is None for view in views if view.status is Status.OFF_COURSE)
    assert views[-1].status is Status.RUNNING
    assert views[-1].along_m == pytest.approx(9_000.0, abs=30.0)


def test_a_parked_car_is_stopped_within_90_s_and_adds_no_distance() -> None:
    day = tour(leg(STRAIGHT))
    there = drive(day.legs[0].course, to_m=6_000.0)
    begin_ms = (there[-1].fix_time_ms or 0) + 10_000
    views = watched(Engine(day), there + stand(place(6_000.0, 15.0), begin_ms, 3600))
    stopped_ms = next(view.time_ms or 0 for view in views if view.status is Status.STOPPED)
    assert stopped_ms - begin_ms <= 90_000
    assert views[-1].totals.odometer_m - views[len(there)].totals.odometer_m < 20.0


def test_shuffling_in_the_car_park_is_waiting_and_the_start_is_leaving_for_good() -> None:
    day = tour(leg(STRAIGHT))
    shuffle = travel([(0.0, 20.0), (45.0, 25.0), (0.0, 20.0)], START_MS - 600_000, speed_mps=2.0)
    waiting = stand(place(0.0, 0.0), START_MS - 400_000, 390)
    views = watched(Engine(day), shuffle + waiting + drive(day.legs[0].course, to_m=5_500.0))
    assert {view.status for view in views[: len(shuffle) + len(waiting)]} == {Status.WAITING}
    assert {view.along_m for view in views[: len(shuffle) + len(waiting)]} == {0.0}
    engine = engine_of(day, shuffle + waiting + drive(day.legs[0].course, to_m=5_500.0))
    start = engine.passages(0)[0]
    assert start.checkpoint == 0
    assert start.time_ms == pytest.approx(START_MS, abs=10_000)


def test_passages_are_interpolated_between_fixes() -> None:
    day = tour(leg(STRAIGHT))
    passages = engine_of(day, drive(day.legs[0].course)).passages(0)
    assert [p.checkpoint for p in passages] == [0, 1, 2, 3, 4]
    for passage in passages[1:-1]:
        assert passage.time_ms == pytest.approx(START_MS + 1000 * passage.checkpoint * 5_000 / SPEED_MPS, abs=400)


def test_a_bypassed_checkpoint_is_not_passed() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    there = drive(line, to_m=8_000.0)
    around_ms = (there[-1].fix_time_ms or 0) + 10_000
    around = travel([(8_000.0, 0.0), (8_500.0, 1_500.0), (11_500.0, 1_500.0), (12_000.0, 0.0)], around_ms)
    again = drive(line, 12_000.0, begin_ms=(around[-1].fix_time_ms or 0) + 10_000)
    assert [p.checkpoint for p in engine_of(day, there + around + again).passages(0)] == [0, 1, 3, 4]


def test_a_halt_has_an_arrival_and_a_departure() -> None:
    day = tour(leg(STRAIGHT, halts={2: 20}))
    line = day.legs[0].course
    there = drive(line, to_m=9_990.0)  # a few metres short of the table
    arrived_ms = there[-1].fix_time_ms or 0
    lunch = stand(place(9_990.0, 30.0), arrived_ms + 10_000, 1_500)
    left_ms = lunch[-1].fix_time_ms or 0
    again = drive(line, 9_990.0, begin_ms=left_ms + 10_000)
    halt = next(p for p in engine_of(day, there + lunch + again).passages(0) if p.checkpoint == 2)
    assert halt.time_ms == pytest.approx(arrived_ms, abs=10_000)
    assert halt.depart_ms == pytest.approx(left_ms, abs=15_000)
    silent = next(p for p in engine_of(day, there + lunch[:-40] + again).passages(0) if p.checkpoint == 2)
    assert silent.depart_ms == pytest.approx(left_ms, abs=20_000)  # it had come a few metres when it was heard again


def test_the_next_leg_begins_with_its_window_and_on_a_shared_road_the_day_decides() -> None:
    second = leg([(18_000.0, 0.0), (5_000.0, 0.0), (5_000.0, 9_000.0)], START_MS + 24 * HOUR_MS)
    day = tour(leg(STRAIGHT), second)
    first = drive(day.legs[0].course)
    night = stand(place(18_000.0, 40.0), (first[-1].fix_time_ms or 0) + 10_000, 23 * 3600, every_s=600)
    views = watched(Engine(day), first + night)
    evening = [view for view in views[len(first) :] if (view.time_ms or 0) < START_MS + 21 * HOUR_MS]
    morning = [view for view in views if (view.time_ms or 0) >= START_MS + 21 * HOUR_MS]
    assert {(view.leg, view.status) for view in evening} == {(0, Status.FINISHED)}
    assert {(view.leg, view.status) for view in morning} == {(1, Status.WAITING)}
    away = drive(second.course, to_m=9_000.0, begin_ms=START_MS + 24 * HOUR_MS)
    view = engine_of(day, first + night + away).view(0)
    assert view.leg == 1
    assert view.along_m == pytest.approx(9_000.0, abs=30.0)


def test_two_legs_a_day_a_car_goes_on_to_the_second_after_finishing_the_first() -> None:
    second = leg([(18_000.0, 0.0), (18_000.0, 15_000.0)], START_MS + HOUR_MS)
    day = tour(leg(STRAIGHT), second)
    first = drive(day.legs[0].course)
    assert engine_of(day, first[:60]).view(0).leg == 0  # though the second one's window is open
    lunch = stand(place(18_000.0, 20.0), (first[-1].fix_time_ms or 0) + 10_000, 1800)
    view = engine_of(day, first + lunch + drive(second.course, to_m=4_000.0, begin_ms=START_MS + HOUR_MS)).view(0)
    assert view.leg == 1
    assert view.along_m == pytest.approx(4_000.0, abs=30.0)


def test_a_support_car_may_join_anywhere_and_drive_back() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    there = drive(line, 8_000.0, 12_000.0, device="S1")
    back = drive(line, 12_000.0, 9_000.0, begin_ms=(there[-1].fix_time_ms or 0) + 10_000, device="S1")
    engine = engine_of(day, there + back)
    view = engine.view(3)
    assert view.status is Status.RUNNING
    assert view.along_m == pytest.approx(9_000.0, abs=30.0)
    assert {p.checkpoint for p in engine.passages(3)} <= {2}


def test_two_phones_in_one_car_are_one_car() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    first = drive(line, to_m=9_000.0)
    late = drive(line, to_m=9_000.0, begin_ms=START_MS + 5_000, device="1b")  # its clock is 5 s slow: 75 m behind
    engine = Engine(day)
    places = [v.along_m for v in watched(engine, sorted(first + late, key=lambda p: p.fix_time_ms or 0)) if v.along_m]
    assert all(after - before > -1.0 for before, after in pairwise(places))
    assert engine.totals(0).odometer_m == pytest.approx(9_000.0, abs=60.0)


def test_twenty_minutes_of_places_from_cell_towers_are_waited_through() -> None:
    """A hundred and more fixes on end that are not believed: the last good place stays, and nothing breaks."""
    day = tour(leg(STRAIGHT))
    pings = drive(day.legs[0].course, to_m=6_000.0)
    last_ms = pings[-1].fix_time_ms or 0
    towers = [replace(p, accuracy_m=800.0) for p in stand(place(6_300.0, 200.0), last_ms + 10_000, 1_200)]
    view = engine_of(day, pings + towers).view(0)
    assert view.time_ms == last_ms
    assert view.along_m == pytest.approx(6_000.0, abs=20.0)


def test_one_ping_dated_hours_ahead_holds_nobody_up() -> None:
    day = tour(leg(STRAIGHT))
    pings = drive(day.legs[0].course, to_m=9_000.0)
    stray = replace(pings[20], fix_time_ms=(pings[20].fix_time_ms or 0) + 2 * HOUR_MS, battery_pct=80.0)
    engine = Engine(day)
    for seq, ping in enumerate([*pings[:20], stray, *pings[20:]], 1):
        at_ms = (ping.fix_time_ms or 0) + 300 - (2 * HOUR_MS if ping is stray else 0)
        engine.apply(Record(seq, at_ms, RecordKind.PING, ping))
        engine.fold(100)
    view = engine.view(0)
    assert view.time_ms == pings[-1].fix_time_ms
    assert view.along_m == pytest.approx(9_000.0, abs=20.0)
    engine.tick((pings[-1].fix_time_ms or 0) + 10_000)
    assert engine.view(0).freshness is Freshness.LIVE
    assert [p.checkpoint for p in engine.passages(0)] == [0, 1]


def test_a_clock_that_is_hours_fast_is_followed_once_it_is_known() -> None:
    """Its pings are held back until then; afterwards the whole way is there, as if the clock had been right."""
    day = tour(leg(STRAIGHT))
    pings = drive(day.legs[0].course, to_m=9_000.0)
    fast = [replace(p, fix_time_ms=(p.fix_time_ms or 0) + 2 * HOUR_MS) for p in pings]
    engine = Engine(day)
    for seq, (ping, right) in enumerate(zip(fast, pings, strict=True), 1):
        engine.apply(Record(seq, (right.fix_time_ms or 0) + 300, RecordKind.PING, ping))
    assert engine.fold(1000)
    assert engine.view(0).time_ms is None
    engine.apply(Record(len(fast), 0, RecordKind.CALIBRATION, Calibration("1", 2 * HOUR_MS)))
    assert engine.digest() == engine_of(day, pings).digest()


def test_a_car_that_is_first_heard_at_a_halt_in_mid_leg_is_stopped_there() -> None:
    """After five minutes; before its start is due the same car waits, beside the course or not."""
    day = tour(leg(STRAIGHT, halts={2: 30}))
    halted = engine_of(day, stand(place(9_990.0, 25.0), START_MS + 1_200_000, 420))
    assert halted.view(0).status is Status.STOPPED
    assert halted.view(0).along_m == pytest.approx(9_990.0, abs=25.0)
    assert [p.checkpoint for p in halted.passages(0)] == [2]
    early = engine_of(day, stand(place(9_990.0, 25.0), START_MS - 600_000, 420))
    assert early.view(0).status is Status.WAITING
    late_at_the_hotel = engine_of(day, stand(place(900.0, 25.0), START_MS + 1_200_000, 1200))
    assert late_at_the_hotel.view(0).status is Status.WAITING


@pytest.mark.parametrize(
    ("beside", "passed"),
    [
        ([(6_500.0, 1_200.0), (7_500.0, 0.0)], [0, 2, 3]),
        ([(6_500.0, 1_200.0), (9_500.0, 2_600.0), (12_000.0, 0.0)], [0, 3]),
    ],
)
def test_what_was_driven_in_a_silence_beside_the_course_is_told_by_the_time_it_took(
    beside: list[tuple[float, float]], passed: list[int]
) -> None:
    """Off the course, silent, and heard again on it: back before the control at 10 km, or only after it."""
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    pings = drive(line, to_m=3_000.0)
    pings += travel([(3_000.0, 0.0), (3_500.0, 1_200.0), (6_500.0, 1_200.0)], (pings[-1].fix_time_ms or 0) + 10_000)
    back_m = beside[-1][0]
    silent_ms = (travel(beside, 0)[-1].fix_time_ms or 0) + round(1000.0 * (12_010.0 - back_m) / SPEED_MPS)
    pings += drive(line, 12_010.0, begin_ms=(pings[-1].fix_time_ms or 0) + silent_ms)
    engine = engine_of(day, pings)
    assert [p.checkpoint for p in engine.passages(0) if p.checkpoint != 4] == passed
    for passage in engine.passages(0):
        assert passage.earliest_ms <= passage.time_ms <= passage.latest_ms
