"""Intake: what can be true stays, what cannot is refused by name, SOS always comes through."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.core.intake import AHEAD_LIMIT_MS, EARLIEST_MS, ROLLOVER_MS, admit
from tracker.core.model import Ping, Refusal

NOW_MS = 1_781_342_131_000
FIX = Ping(device=None, fix_time_ms=1_781_342_130_000, lat=47.05048, lon=8.31064)


def test_a_good_ping_passes_unchanged() -> None:
    ping = replace(FIX, accuracy_m=5.0, speed_mps=15.0, bearing_deg=128.0, altitude_m=436.0, battery_pct=83.0)
    assert admit(ping, NOW_MS) == ping


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lat": 91.0}, "latitude out of range"),
        ({"lon": -181.0}, "longitude out of range"),
        ({"lat": inf}, "latitude out of range"),
        ({"lat": nan}, "not a number"),
        ({"lon": None}, "half a place"),
        ({"lat": 0.0, "lon": 0.0}, "null island"),
        ({"fix_time_ms": 0}, "time before 2000"),
        ({"fix_time_ms": EARLIEST_MS - 1}, "time before 2000"),
        ({"fix_time_ms": NOW_MS + AHEAD_LIMIT_MS + 1}, "time in the future"),
    ],
)
def test_what_cannot_be_true_is_refused_by_name(change: dict[str, float], reason: str) -> None:
    judged = admit(replace(FIX, **change), NOW_MS)  # type: ignore[arg-type]  # the fields differ
    assert isinstance(judged, Refusal)
    assert judged.reason == reason


@pytest.mark.parametrize("change", [{"lat": 91.0}, {"lat": nan}, {"lon": None}, {"lat": 0.0, "lon": 0.0}])
def test_sos_with_a_bad_place_comes_through_without_one(change: dict[str, float]) -> None:
    judged = admit(replace(FIX, sos=True, **change), NOW_MS)  # type: ignore[arg-type]  # the fields differ
    assert judged == replace(FIX, sos=True, lat=None, lon=None, valid=False)


def test_sos_with_a_bad_time_comes_through_without_one() -> None:
    judged = admit(replace(FIX, sos=True, fix_time_ms=5), NOW_MS)
    assert judged == replace(FIX, sos=True, fix_time_ms=None)


def test_a_tracker_without_reception_that_says_zero_is_no_fault() -> None:
    judged = admit(replace(FIX, valid=False, lat=0.0, lon=0.0), NOW_MS)
    assert judged == replace(FIX, valid=False, lat=None, lon=None)


def test_a_time_that_fell_back_by_1024_weeks_is_put_right() -> None:
    judged = admit(replace(FIX, fix_time_ms=FIX.fix_time_ms - ROLLOVER_MS if FIX.fix_time_ms else None), NOW_MS)
    assert judged == FIX


def test_no_time_stays_no_time() -> None:
    assert admit(replace(FIX, fix_time_ms=None), NOW_MS) == replace(FIX, fix_time_ms=None)


@pytest.mark.parametrize(
    "field",
    ["accuracy_m", "speed_mps", "bearing_deg", "altitude_m", "battery_pct"],
)
@pytest.mark.parametrize("value", [-2000.0, 1e9, nan, inf])
def test_a_field_that_cannot_be_true_is_emptied_and_the_fix_stays(field: str, value: float) -> None:
    assert admit(replace(FIX, **{field: value}), NOW_MS) == FIX  # type: ignore[arg-type]  # the fields differ


def test_bearing_360_is_0_and_accuracy_0_is_not_given() -> None:
    judged = admit(replace(FIX, bearing_deg=360.0, accuracy_m=0.0), NOW_MS)
    assert judged == replace(FIX, bearing_deg=0.0)


_anything = st.none() | st.floats()


@given(_anything, _anything, st.none() | st.integers(), _anything, st.booleans(), st.booleans())
def test_whatever_is_admitted_is_within_range(
    lat: float | None, lon: float | None, time_ms: int | None, speed: float | None, valid: bool, sos: bool
) -> None:
    judged = admit(Ping(None, time_ms, lat, lon, speed_mps=speed, valid=valid, sos=sos), NOW_MS)
    if isinstance(judged, Refusal):
        assert not sos
        return
    assert (judged.lat is None) == (judged.lon is None)
    assert judged.lat is None or judged.lon is None or (abs(judged.lat) <= 90 and abs(judged.lon) <= 180)
    assert judged.fix_time_ms is None or EARLIEST_MS <= judged.fix_time_ms <= NOW_MS + AHEAD_LIMIT_MS
    assert judged.speed_mps is None or judged.speed_mps >= 0
