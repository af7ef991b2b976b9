"""Motion: times, places and speeds that agree with each other, whatever the stops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.simulate.motion import ACCELERATION_MPS2, BRAKING_MPS2, Stop, drive

LENGTH_M = 5_000.0
places = st.integers(0, 50_000).map(lambda decimetres: decimetres / 10.0)
stops = st.lists(st.builds(Stop, places, st.floats(0.0, 900.0), st.floats(0.0, 3_000.0)), max_size=6)
speeds = st.floats(2.0, 35.0)


def test_a_stop_lasts_as_long_as_it_says_and_until_when_it_says() -> None:
    motion = drive(1_000.0, 2_000.0, [], lambda _: 15.0, [Stop(500.0, 60.0), Stop(1_500.0, 5.0, until_s=2_000.0)])
    assert motion.leaves_s(500.0) - motion.reaches_s(500.0) == pytest.approx(60.0)
    assert motion.leaves_s(1_500.0) == pytest.approx(2_000.0)
    assert motion.at(motion.reaches_s(500.0) + 30.0) == (500.0, 0.0)


def test_it_is_at_rest_before_and_after() -> None:
    motion = drive(1_000.0, 2_000.0, [], lambda _: 15.0, [])
    assert motion.at(0.0) == (0.0, 0.0)
    assert motion.at(motion.end_s + 1.0) == (2_000.0, 0.0)


def test_a_place_that_is_never_reached_has_no_time() -> None:
    motion = drive(0.0, 100.0, [], lambda _: 5.0, [])
    with pytest.raises(ValueError, match="never gets to"):
        motion.reaches_s(101.0)


@settings(deadline=None, max_examples=60)
@given(stops, speeds, places)
def test_reaching_a_place_and_being_there_agree(standing: list[Stop], speed_mps: float, road_m: float) -> None:
    motion = drive(0.0, LENGTH_M, [], lambda _: speed_mps, standing)
    assert motion.at(motion.reaches_s(road_m))[0] == pytest.approx(road_m, abs=1e-3)
    assert motion.at(motion.leaves_s(road_m))[0] == pytest.approx(road_m, abs=1e-3)
    assert motion.reaches_s(road_m) <= motion.leaves_s(road_m)


@settings(deadline=None, max_examples=60)
@given(stops, speeds)
def test_nobody_goes_back_jumps_speeds_or_brakes_harder_than_a_car_can(standing: list[Stop], speed_mps: float) -> None:
    motion = drive(0.0, LENGTH_M, [], lambda _: speed_mps, standing)
    before_m, before_mps = motion.at(0.0)
    for second in range(1, int(min(motion.end_s, 4_000.0))):
        road_m, now_mps = motion.at(float(second))
        assert 0.0 <= road_m - before_m <= speed_mps + 1e-6
        assert -BRAKING_MPS2 - 1e-6 <= now_mps - before_mps <= ACCELERATION_MPS2 + 1e-6
        before_m, before_mps = road_m, now_mps
