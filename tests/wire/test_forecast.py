"""What hubs answer from the engine's forecast is what the engine would have answered."""

from __future__ import annotations

import pytest

from tests.core.roads import OUT_AND_BACK, SPEED_MPS, START_MS, STRAIGHT, drive, engine_of, leg, stand, tour
from tracker.core.engine import Engine
from tracker.core.forecast import marks_m
from tracker.core.model import Record, RecordKind, Tour
from tracker.core.schedule import LegPlan
from tracker.wire.forecast import ForecastReader, Window, encode_forecast

MINUTE_MS = 60_000
NOW_MS = START_MS + 10 * MINUTE_MS
DAY = tour(leg(OUT_AND_BACK, halts={2: 15}), leg(STRAIGHT, START_MS + 24 * 60 * MINUTE_MS), cars=5)
LINE = DAY.legs[0].course
HALT_M = 10_000.0


def on_the_road() -> Engine:
    """Car 1 stands at the halt, 2 drives towards it, 3 is beyond it, 4 waits, 5 was never heard; S1 drives along."""
    at_halt = drive(LINE, to_m=HALT_M) + stand(LINE.point_at(HALT_M), START_MS + 668_000, 120)
    driving = drive(LINE, to_m=7_100.0, device="2", begin_ms=START_MS + 60_000)
    ahead = drive(LINE, to_m=13_300.0, device="3", begin_ms=START_MS + 120_000)
    waiting = stand(LINE.point_at(0.0), START_MS, 300, device="4")
    return engine_of(DAY, [*at_halt, *driving, *ahead, *waiting, *drive(LINE, to_m=3_000.0, device="S1")])


def told(engine: Engine, now_ms: int = NOW_MS) -> ForecastReader:
    tour = engine.tour
    marks = [marks_m(leg) for leg in tour.legs]
    forecasts = [engine.forecast(vehicle, marks) for vehicle in range(len(tour.vehicles))]
    plans = [engine.from_start_ms(leg, marks[leg]) for leg in range(len(tour.legs))]
    return ForecastReader(encode_forecast(3, now_ms, START_MS, forecasts, marks, plans, [LegPlan()] * len(marks)))


def starts_ms(tour: Tour, leg: int = 0) -> list[int | None]:
    return [tour.start_time_ms(leg, vehicle) for vehicle in range(len(tour.vehicles))]


def rounded(vehicle: int, early_ms: int, late_ms: int) -> Window:
    return Window(vehicle, early_ms // MINUTE_MS * MINUTE_MS, -(-late_ms // MINUTE_MS) * MINUTE_MS, planned=False)


def test_at_every_mark_a_hub_says_what_the_engine_says() -> None:
    engine = on_the_road()
    forecast = told(engine)
    for mark in marks_m(DAY.legs[0]):
        found = forecast.passing(0, mark, starts_ms(DAY))
        heard = [window for window in found.coming + found.overdue if not window.planned]
        assert sorted(heard) == sorted(rounded(*window) for window in engine.passing(0, mark, limit=100)), mark


def test_between_two_marks_the_window_lies_between_theirs_and_near_the_engine_s() -> None:
    engine = on_the_road()
    forecast = told(engine)
    for along_m in range(150, round(LINE.length_m), 370):
        for vehicle in range(4):
            exact = engine.eta(vehicle, along_m)
            window = forecast.window(vehicle, 0, along_m, DAY.start_time_ms(0, vehicle))
            assert (window is None) == (exact is None)
            if window is not None and exact is not None:
                assert -2 * MINUTE_MS < window.early_ms - exact[0] <= 5_000
                assert -5_000 <= window.late_ms - exact[1] < 2 * MINUTE_MS


def test_who_has_passed_who_comes_and_who_was_due() -> None:
    found = told(on_the_road()).passing(0, 12_000.0, starts_ms(DAY))
    assert found.passed == [2]
    assert {window.vehicle for window in found.coming} == {0, 1, 3, 4, 5}
    assert [window.vehicle for window in found.coming if window.planned] == [4]
    late = told(on_the_road(), NOW_MS + 5 * 60 * MINUTE_MS).passing(0, 12_000.0, starts_ms(DAY))
    assert late.coming == []
    assert len(late.overdue) == 5


def test_the_plan_holds_for_a_leg_that_nobody_is_on_yet() -> None:
    found = told(on_the_road()).passing(1, 9_000.0, starts_ms(DAY, 1))
    assert [window.vehicle for window in found.coming] == [0, 1, 2, 3, 4]  # support has no start of its own
    assert all(window.planned for window in found.coming)
    due_ms = DAY.legs[1].first_start_ms + 9_000.0 / SPEED_MPS * 1000
    assert found.coming[0].early_ms < due_ms < found.coming[0].late_ms


def test_a_delay_moves_the_plan_and_nobody_is_expected_on_a_cancelled_leg() -> None:
    marks = [marks_m(leg) for leg in DAY.legs]
    message = encode_forecast(3, NOW_MS, START_MS, [], marks, [[(0, 0)]] * 2, [LegPlan(1200), LegPlan(cancelled=True)])
    read = ForecastReader(message)
    assert [read.start_ms(0, planned_ms) for planned_ms in (START_MS, None)] == [START_MS + 1_200_000, None]
    assert read.start_ms(1, START_MS) is None


def test_who_drives_no_more_is_nowhere() -> None:
    engine = on_the_road()
    for seq, vehicle in enumerate(("2", "3"), 10_000):
        body: dict[str, object] = {"decision": "standing", "vehicle": vehicle, "standing": "retired"}
        engine.apply(Record(seq, NOW_MS, RecordKind.DECISION, body))
    for leg_index in (0, 1):
        found = told(engine).passing(leg_index, 12_000.0, starts_ms(DAY, leg_index))
        assert not {1, 2} & {*found.passed, *(window.vehicle for window in found.coming + found.overdue)}


def test_who_has_finished_has_passed_everything() -> None:
    engine = engine_of(DAY, [*drive(LINE), *stand(LINE.point_at(LINE.length_m), START_MS + 1_610_000, 300)])
    assert told(engine).passing(0, round(LINE.length_m), starts_ms(DAY)).passed == [0]


@pytest.mark.parametrize(
    "message", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01", encode_forecast(1, 2, 3, [], [], [], [])[:-5]]
)
def test_what_is_no_forecast_is_refused(message: bytes) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        ForecastReader(message)
