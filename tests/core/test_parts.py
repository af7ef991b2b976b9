"""The parts of the core, one by one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.roads import HOUR_MS, OUT_AND_BACK, START_MS, STRAIGHT, course, drive, engine_of, leg, place, tour
from tracker.core.course_index import CourseIndex, metres_per_degree
from tracker.core.eta import FieldPace, due_ms
from tracker.core.fixes import FixColumns
from tracker.core.freshness import Rhythm
from tracker.core.geo import distance_m
from tracker.core.legs import LegRules
from tracker.core.model import Freshness
from tracker.core.odometer import Odometer
from tracker.core.pace import PaceMarks


def test_a_road_driven_both_ways_has_two_candidates_even_beside_the_turn_round() -> None:
    index = CourseIndex(course(OUT_AND_BACK))
    for before_m in (4_000.0, 110.0, 15.0):
        at = place(12_000.0 - before_m, 8.0)
        there, back = index.candidates(*at, metres_per_degree(at[0]))
        assert there.along_m == pytest.approx(index.length_m / 2 - before_m, abs=1.0)
        assert back.along_m == pytest.approx(index.length_m / 2 + before_m, abs=1.0)
        assert there.east == pytest.approx(-back.east) == pytest.approx(1.0, abs=1e-3)


def test_far_from_the_course_there_are_no_candidates() -> None:
    at = place(4_000.0, 900.0)
    assert CourseIndex(course(STRAIGHT)).candidates(*at, metres_per_degree(at[0])) == []


@given(st.floats(0.0, 1.0), st.floats(-150.0, 150.0))
def test_the_candidate_on_a_straight_road_is_the_foot_of_the_perpendicular(share: float, side_m: float) -> None:
    index = CourseIndex(course(STRAIGHT))
    lat, lon = index.point_at(share * index.length_m)
    scale = metres_per_degree(lat)
    (found,) = index.candidates(lat + side_m / scale[1], lon, scale)
    assert found.along_m == pytest.approx(share * index.length_m, abs=0.1)
    assert found.offset_m == pytest.approx(abs(side_m), abs=0.1)


def test_repeated_vertices_do_no_harm() -> None:
    index = CourseIndex(course([(0.0, 0.0), (0.0, 0.0), (500.0, 0.0), (500.0, 0.0), (500.0, 0.0), (500.0, 700.0)]))
    at = place(501.0, 3.0)
    found = index.candidates(*at, metres_per_degree(at[0]))
    assert [round(c.along_m) for c in found] == [503]


@given(st.floats(-70.0, 70.0), st.floats(-180.0, 180.0))
def test_metres_per_degree_agree_with_geodesics(lat: float, lon: float) -> None:
    east_m, north_m = metres_per_degree(lat)
    assert distance_m(lat, lon, lat + 1e-3, lon) == pytest.approx(north_m * 1e-3, rel=1e-5)
    assert distance_m(lat, lon, lat, lon + 1e-3) == pytest.approx(east_m * 1e-3, rel=1e-5)


FIX = (38.6, -121.5, 5.0, 12.0, 90.0, 0)


def test_the_order_of_fixes_is_time_then_accuracy_then_device() -> None:
    fixes = FixColumns()
    for time_ms, accuracy_m, device in [
        (2_000, 5.0, 0),
        (1_000, None, 0),
        (1_000, 9.0, 1),
        (1_000, 9.0, 0),
        (1_000, 4.0, 1),
    ]:
        fixes.insert(time_ms, 38.6, -121.5, accuracy_m, None, None, device)
    order = [(fix.time_ms, fix.accuracy_m, fix.device) for fix in (fixes[k] for k in range(5))]
    assert order[:3] == [(1_000, 4.0, 1), (1_000, 9.0, 0), (1_000, 9.0, 1)]
    assert math.isnan(order[3][1])
    assert order[4][0] == 2_000


def test_the_very_same_fix_is_there_once_and_another_place_in_the_same_second_is_another_fix() -> None:
    fixes = FixColumns()
    assert fixes.insert(1_000, *FIX) == 0
    assert fixes.insert(1_000, *FIX) is None
    assert fixes.insert(1_000, 38.6001, *FIX[1:]) == 1
    assert len(fixes) == 2


def test_noise_does_not_turn_the_odometer_and_turning_back_does() -> None:
    odometer = Odometer()
    odometer.join(0.0)
    for along_m in (1_000.0, 985.0, 1_010.0, 990.0, 1_020.0):
        odometer.along(along_m, 10_000)
    assert odometer.total_m == 1_020.0
    odometer.along(520.0, 10_000)
    assert odometer.total_m == 1_520.0


def test_a_silence_is_filled_along_the_course_and_marked() -> None:
    day = tour(leg(STRAIGHT))
    pings = [p for k, p in enumerate(drive(day.legs[0].course, to_m=12_000.0)) if not 20 < k < 40]
    totals = engine_of(day, pings).totals(0)
    assert totals.odometer_m == pytest.approx(12_000.0, abs=20.0)
    assert totals.filled_m == pytest.approx(3_000.0, abs=40.0)


def test_windows_open_three_hours_before_a_first_start() -> None:
    rules = LegRules(tour(leg(STRAIGHT), leg(STRAIGHT, START_MS + 24 * HOUR_MS)))
    assert list(rules.legs_at(START_MS - 9 * HOUR_MS)) == [0]
    assert list(rules.legs_at(START_MS + 21 * HOUR_MS - 1)) == [0]
    assert list(rules.legs_at(START_MS + 21 * HOUR_MS)) == [1]


def test_legs_of_one_day_are_open_together_until_the_first_one_is_over() -> None:
    rules = LegRules(tour(leg(STRAIGHT), leg(STRAIGHT, START_MS + HOUR_MS)))
    assert list(rules.legs_at(START_MS)) == [0, 1]
    assert list(rules.legs_at(START_MS + 4 * HOUR_MS)) == [1]


def test_freshness_goes_by_the_devices_own_rhythm() -> None:
    quick, slow = Rhythm(), Rhythm()
    assert quick.freshness(START_MS) is Freshness.NEVER
    for k in range(60):
        quick.heard_fix(START_MS + k * 10_000, START_MS + k * 10_000 + 300)
        slow.heard_fix(START_MS + k * 300_000, START_MS + k * 300_000 + 300)
    at_ms = START_MS + 59 * 10_000
    assert [quick.freshness(at_ms + s * 1000) for s in (20, 80, 600)] == [
        Freshness.LIVE,
        Freshness.LATE,
        Freshness.SILENT,
    ]
    assert slow.freshness(START_MS + 59 * 300_000 + 400_000) is Freshness.LIVE


def test_the_field_shows_how_long_a_stretch_takes() -> None:
    a_leg = leg(STRAIGHT)
    field = []
    for car in range(3):
        marks = PaceMarks(0)
        marks.driven(0.0, START_MS + car * 60_000, 18_000.0, START_MS + car * 60_000 + 1_800_000, 0.0)  # 10 m/s
        field.append(marks)
    pace = FieldPace(a_leg, 0, field)
    assert pace.driving_s(2_000.0, 12_000.0)[0] == pytest.approx(1_000.0)
    slow = PaceMarks(0)
    slow.driven(0.0, START_MS, 12_000.0, START_MS + 2_400_000, 0.0)  # 5 m/s
    assert 1.2 < pace.factor(slow) < 2.0


def test_eta_and_the_next_cars_at_a_place() -> None:
    day = tour(leg(STRAIGHT))
    line = day.legs[0].course
    engine = engine_of(
        day,
        drive(line, to_m=15_000.0)
        + drive(line, to_m=9_000.0, device="2", begin_ms=START_MS + 60_000)
        + drive(line, to_m=6_000.0, device="3", begin_ms=START_MS + 120_000),
    )
    coming = engine.passing(0, 12_000.0)
    assert [vehicle for vehicle, _, _ in coming] == [1, 2]  # car 1 has been
    truth_ms = START_MS + 60_000 + round(12_000 / 15.0 * 1000)
    assert coming[0][1] <= truth_ms <= coming[0][2]
    order = engine.standings(0)
    assert [place.vehicle for place in order.order] == [0, 1, 2]
    assert order.order[1].gap_m == pytest.approx(6_000.0, abs=40.0)
    assert order.order[1].gap_s == pytest.approx(60.0, abs=5.0)
    assert (order.head_m or 0.0) > (order.median_m or 0.0) > (order.tail_m or 0.0)


def test_schedule_deviation_is_positive_when_late() -> None:
    day = tour(leg(STRAIGHT, halts={1: 10}))
    assert due_ms(day.legs[0], START_MS, 3_000.0) == START_MS + 200_000
    assert due_ms(day.legs[0], START_MS, 9_000.0) == START_MS + 600_000 + 600_000
    late = drive(day.legs[0].course, to_m=3_000.0, begin_ms=START_MS + 300_000)
    assert engine_of(day, late).view(0).deviation_s == pytest.approx(300.0, abs=5.0)
