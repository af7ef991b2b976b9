"""The truth table of who is nearest by road: the answer by air would be wrong in every case but the first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.core.roads import leg, tour
from tracker.core.alerts.nearest import Helper, nearest_support
from tracker.core.geo import distance_m
from tracker.core.model import Leg, Standing, Status, Tour, Vehicle, VehicleKind, VehicleView

STRAIGHT = leg([(0, 0), (0, 30_000)])
OUT_AND_BACK = leg([(0, 0), (0, 15_000), (30, 15_000), (30, 0)])
LOOP = leg([(0, 0), (8_000, 0), (8_000, 8_000), (0, 8_000), (0, 100)])
PASS_ROAD = leg([point for k in range(10) for point in ((0, 60 * k), (3_000, 60 * k))[:: 1 if k % 2 == 0 else -1]])
SPEED_MPS = 10.0


@dataclass(frozen=True)
class Case:
    road: Leg
    car_m: float
    support_m: dict[str, float]
    expected: list[tuple[str, float, bool]]  # who, minutes, must turn back; soonest first
    by_air: str


CASES = {
    "ahead must turn back": Case(
        STRAIGHT, 10_000, {"A": 7_000, "B": 16_000}, [("A", 5.0, False), ("B", 10.0, True)], "A"
    ),
    "out and back: across the road, but homeward bound": Case(
        OUT_AND_BACK, 4_000, {"A": 26_000, "B": 9_400}, [("B", 9.0, True), ("A", 36.7, True)], "A"
    ),
    "out and back: the car is on its way home": Case(
        OUT_AND_BACK, 26_000, {"A": 4_000, "B": 20_000}, [("B", 10.0, False), ("A", 36.7, False)], "A"
    ),
    "loop: the start lies beside the finish": Case(
        LOOP, 31_500, {"A": 300, "B": 28_500}, [("B", 5.0, False), ("A", 52.0, False)], "A"
    ),
    "loop: the finish lies beside the start": Case(
        LOOP, 600, {"A": 31_800, "B": 6_600}, [("B", 10.0, True), ("A", 52.0, True)], "A"
    ),
    "pass road: the next ramp up": Case(
        PASS_ROAD, 1_500, {"A": 7_620, "B": 4_000}, [("B", 4.2, True), ("A", 10.2, True)], "A"
    ),
}


def field(case: Case) -> tuple[Tour, list[VehicleView]]:
    there = tour(case.road, cars=1)
    support = tuple(Vehicle(name, VehicleKind.SUPPORT) for name in case.support_m)
    places = [case.car_m, *case.support_m.values()]
    views = [
        VehicleView(index, 0, *case.road.course.point_at(at_m), leg=0, along_m=at_m, status=Status.RUNNING)
        for index, at_m in enumerate(places)
    ]
    return replace(there, vehicles=(there.vehicles[0], *support)), views


def seconds(from_m: float, to_m: float) -> float:
    return (to_m - from_m) / SPEED_MPS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_nearest_by_road(case: Case) -> None:
    there, views = field(case)
    found = nearest_support(there, views, 0, seconds)
    assert [(there.vehicles[h.vehicle].number, round(h.minutes, 1), h.must_turn_back) for h in found] == case.expected
    car = views[0]

    def by_air_m(view: VehicleView) -> float:
        return distance_m(car.lat or 0.0, car.lon or 0.0, view.lat or 0.0, view.lon or 0.0)

    assert there.vehicles[min(views[1:], key=by_air_m).vehicle].number == case.by_air


def test_only_support_that_is_on_the_leg_and_in_service_counts() -> None:
    there, views = field(Case(STRAIGHT, 5_000, {"A": 4_000, "B": 3_000, "C": 2_000, "D": 1_000}, [], ""))
    views[1] = replace(views[1], leg=1)
    views[2] = replace(views[2], standing=Standing.RETIRED)
    views[3] = VehicleView(3)
    assert nearest_support(there, views, 0, seconds) == [Helper(4, 4_000.0, 400 / 60, must_turn_back=False)]


def test_off_the_course_counts_where_it_was_left() -> None:
    there, views = field(Case(STRAIGHT, 5_000, {"A": 4_000}, [], ""))
    views[0] = replace(views[0], along_m=None, furthest_m=6_000.0, status=Status.OFF_COURSE)
    assert [helper.road_m for helper in nearest_support(there, views, 0, seconds)] == [2_000.0]


def test_nobody_is_near_a_vehicle_that_was_never_heard() -> None:
    there, views = field(Case(STRAIGHT, 5_000, {"A": 4_000}, [], ""))
    views[0] = VehicleView(0)
    assert nearest_support(there, views, 0, seconds) == []
