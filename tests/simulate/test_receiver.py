"""What phones report: noise of the size that they claim, gaps, and clocks that are wrong."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from tracker.core.geo import distance_m
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.drive import Moment, Phase
from tracker.simulate.receiver import Phone, Receiver, Sample
from tracker.simulate.scenario import sky_of
from tracker.simulate.sky import LegSky, Sky

OPEN_SKY = Sky([LegSky((), ())])
PARKED = Moment(0, Phase.BEFORE, 38.5, -121.5, 0.0, 0.0, 0.0, on_course=True)
DRIVING = Moment(0, Phase.RUNNING, 38.5, -121.5, 5_000.0, 20.0, 90.0, on_course=True)
PHONE = Phone(accuracy_m=10.0, clock_error_ms=-45_000, ordered=True, charging=False)


def reports(truth: Moment, sky: Sky, count: int, interval_ms: int = 10_000) -> list[Sample]:
    receiver = Receiver(PHONE, sky, Random(1))
    found = (receiver.sample(i * interval_ms, truth, awake=True) for i in range(count))
    return [sample for sample in found if sample is not None]


def error_m(sample: Sample) -> float:
    return distance_m(sample.lat, sample.lon, DRIVING.lat, DRIVING.lon)


def test_two_thirds_of_the_fixes_lie_within_the_accuracy_that_the_phone_claims() -> None:
    honest = [sample for sample in reports(DRIVING, OPEN_SKY, 20_000) if not sample.outlier]
    assert fmean(error_m(sample) <= sample.accuracy_m for sample in honest) == pytest.approx(0.68, abs=0.05)


def test_errors_of_neighbouring_fixes_are_alike_and_those_of_far_ones_are_not() -> None:
    north = [sample.lat - DRIVING.lat for sample in reports(DRIVING, OPEN_SKY, 20_000) if not sample.outlier]
    variance = fmean(value * value for value in north)

    def alike(step: int) -> float:
        return fmean(a * b for a, b in zip(north, north[step:], strict=False)) / variance

    assert alike(1) > 0.75
    assert abs(alike(60)) < 0.15


def test_outliers_are_rare_and_kilometres_off() -> None:
    samples = reports(DRIVING, OPEN_SKY, 20_000)
    wild = [sample for sample in samples if sample.outlier]
    assert 0.0005 < len(wild) / len(samples) < 0.005
    assert all(500.0 < error_m(sample) < 8_200.0 for sample in wild)


def test_the_clock_of_the_phone_is_wrong_by_a_constant() -> None:
    assert {sample.fix_time_ms - sample.true_ms for sample in reports(DRIVING, OPEN_SKY, 100)} == {-45_000}


def test_a_dead_zone_takes_the_network_and_a_canyon_the_accuracy() -> None:
    dead = reports(DRIVING, Sky([LegSky(((4_000.0, 6_000.0),), ())]), 200)
    assert not any(sample.online for sample in dead)
    poor = reports(DRIVING, Sky([LegSky((), ((4_000.0, 6_000.0),))]), 200)
    clear = reports(DRIVING, OPEN_SKY, 200)
    assert fmean(s.accuracy_m for s in poor) > 1.5 * fmean(s.accuracy_m for s in clear)


def test_at_rest_speed_is_small_and_bearing_missing_or_worthless() -> None:
    samples = reports(PARKED, OPEN_SKY, 300)
    assert all(sample.speed_mps is None or sample.speed_mps < 2.0 for sample in samples)
    assert any(sample.bearing_deg is None for sample in samples)
    assert len({sample.bearing_deg for sample in samples}) > 50


def test_a_phone_that_is_not_charged_runs_down_by_day() -> None:
    samples = reports(DRIVING, OPEN_SKY, 2_000)
    levels = [sample.battery_pct for sample in samples]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] - levels[-1] > 20


def test_dropouts_are_gaps_of_minutes() -> None:
    times = [sample.true_ms for sample in reports(DRIVING, OPEN_SKY, 20_000)]
    gaps_s = [(b - a) / 1000 for a, b in pairwise(times) if b - a > 10_000]
    assert gaps_s
    assert all(60.0 <= gap_s <= 430.0 for gap_s in gaps_s)


def test_every_course_has_dead_zones_within_its_legs() -> None:
    for make in SYNTHETIC.values():
        tour = make()
        for leg, sky in zip(tour.legs, sky_of(tour, 5).legs, strict=True):
            assert sky.dead
            assert all(0.0 < low_m < high_m < leg.length_m for low_m, high_m in sky.dead)
