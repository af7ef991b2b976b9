"""What the public engine tells hubs of the time to come, and what a hub answers from it. Pure.

    encode_forecast   every vehicle's arrivals at marks along its leg, as columns of integers
    ForecastReader    the same read back: when does who pass a place?

A vehicle that has not been heard on a leg yet is expected there by the plan: its start, and what the leg takes from it.
Whole seconds, rounded outwards, after the first leg's first start; what people get is rounded outwards to minutes.
"""

from __future__ import annotations

import math
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import msgpack

from tracker.core.eta import Range
from tracker.core.forecast import Forecast
from tracker.core.schedule import LegPlan
from tracker.wire.courses import differences

NOWHERE, NO_LEG, NO_START = -1, 0, -1
BEYOND_LEG = 2**31 - 1  # the place of one that has finished
MINUTE_MS = 60_000


def encode_forecast(
    epoch: int,
    now_ms: int,
    base_ms: int,
    forecasts: Iterable[Forecast],
    marks_m: Sequence[Sequence[int]],
    from_start_ms: Sequence[Sequence[Range]],
    schedule: Sequence[LegPlan],
) -> bytes:
    """zlib of a msgpack map. `marks_m` and `from_start_ms` have an entry per leg, and in it one per mark."""
    legs: list[dict[str, Any]] = [
        {"marks": differences(marks), "plan": _windows(plan, 0), "vehicles": [], "first": [], "windows": []}
        for marks, plan in zip(marks_m, from_start_ms, strict=True)
    ]
    expected, leg_numbers, places = [], [], []
    for forecast in forecasts:
        expected.append(int(forecast.expected))
        leg_numbers.append(NO_LEG if forecast.leg is None else forecast.leg + 1)
        places.append(_place(forecast.place_m))
        if forecast.leg is not None and forecast.expected and forecast.ranges:
            leg = legs[forecast.leg]
            leg["vehicles"].append(forecast.vehicle)
            leg["first"].append(forecast.first)
            leg["windows"].append(_windows(forecast.ranges, base_ms))
    whole = {
        "epoch": epoch,
        "now_ms": now_ms,
        "base_ms": base_ms,
        "expected": expected,
        "leg": leg_numbers,
        "place": places,
        "legs": legs,
        "delays": [NO_START if plan.cancelled else plan.delay_s for plan in schedule],
    }
    return zlib.compress(msgpack.packb(whole), 1)


def _place(place_m: float | None) -> int:
    if place_m is None:
        return NOWHERE
    return BEYOND_LEG if math.isinf(place_m) else math.ceil(place_m)


def _windows(ranges: Iterable[Range], base_ms: int) -> list[list[int]]:
    """Earliest times as differences, and the widths; whole seconds, rounded outwards."""
    early_s = [(early_ms - base_ms) // 1000 for early_ms, _ in ranges]
    late_s = [-(-(late_ms - base_ms) // 1000) for _, late_ms in ranges]
    return [differences(early_s), [late - early for early, late in zip(early_s, late_s, strict=True)]]


class Window(NamedTuple):
    """When a vehicle passes a place: the 80 % range, UTC epoch ms, rounded outwards to minutes."""

    vehicle: int
    early_ms: int
    late_ms: int
    planned: bool  # not heard on this leg yet


@dataclass(frozen=True, slots=True)
class Passing:
    """Who passes a place of a leg: to come (the soonest first), due and not seen there, and how many cars have."""

    coming: list[Window]
    overdue: list[Window]
    passed: list[int]


class _Leg(NamedTuple):
    marks_m: list[int]
    plan: tuple[list[int], list[int]]
    windows: dict[int, tuple[int, list[int], list[int]]]  # by vehicle: the first mark ahead, early, late


class ForecastReader:
    """A forecast read back. Raises ValueError, TypeError or LookupError for bytes that are none."""

    def __init__(self, message: bytes) -> None:
        try:
            whole = msgpack.unpackb(zlib.decompress(message))
        except zlib.error as error:
            raise ValueError(str(error)) from error
        self.epoch: int = whole["epoch"]
        self.now_ms: int = whole["now_ms"]
        self._base_ms: int = whole["base_ms"]
        self._expected: list[int] = whole["expected"]
        self._leg_numbers: list[int] = whole["leg"]
        self._places_m: list[int] = whole["place"]
        self._legs = [_read_leg(leg) for leg in whole["legs"]]
        self._delays_s: list[int] = whole["delays"]

    @property
    def vehicles(self) -> int:
        """How many it speaks of: those of the roster that its engine has."""
        return len(self._expected)

    @property
    def position(self) -> tuple[int, int]:
        """Grows with every forecast, also from one engine to the next."""
        return self.epoch, self.now_ms

    def start_ms(self, leg: int, planned_ms: int | None) -> int | None:
        """When a start of a leg is due, delays considered; None where there is none."""
        delay_s = self._delays_s[leg]
        return None if planned_ms is None or delay_s == NO_START else planned_ms + delay_s * 1000

    def is_expected(self, vehicle: int) -> bool:
        """Whether people have decided nothing else."""
        return bool(self._expected[vehicle])

    def leg_of(self, vehicle: int) -> int | None:
        """Index of the leg that a vehicle is on, if it was heard on one."""
        number = self._leg_numbers[vehicle]
        return None if number == NO_LEG else number - 1

    def passing(self, leg: int, along_m: float, starts_ms: Sequence[int | None]) -> Passing:
        """Everybody's passing of a place. `starts_ms`: when each vehicle is due to start that leg, or None."""
        found = Passing([], [], [])
        for vehicle, start_ms in enumerate(starts_ms):
            if not self.is_expected(vehicle):
                continue
            window = self.window(vehicle, leg, along_m, start_ms)
            if window is not None:
                (found.coming if window.late_ms > self.now_ms else found.overdue).append(window)
            elif self.has_passed(vehicle, leg, along_m):
                found.passed.append(vehicle)
        for windows in (found.coming, found.overdue):
            windows.sort(key=lambda window: (window.early_ms + window.late_ms, window.vehicle))
        return found

    def has_passed(self, vehicle: int, leg: int, along_m: float) -> bool:
        there = self._leg_numbers[vehicle] - 1
        return there > leg or (there == leg and self._places_m[vehicle] > along_m)

    def window(self, vehicle: int, leg: int, along_m: float, start_ms: int | None) -> Window | None:
        """When a vehicle passes a place of a leg; None if it will not, has, or nobody can say."""
        there = self._leg_numbers[vehicle] - 1
        marks_m, plan, windows = self._legs[leg]
        if there < leg:
            if start_ms is None:
                return None
            early_s, late_s = _between(marks_m, plan[0], plan[1], along_m)
            return self._rounded(vehicle, start_ms + early_s * 1000, start_ms + late_s * 1000, planned=True)
        if there > leg or vehicle not in windows:
            return None
        first, early, late = windows[vehicle]
        places_m = [self._places_m[vehicle], *marks_m[first:]]
        if along_m < places_m[0]:
            return None
        early_s, late_s = _between(places_m, early, late, along_m)
        return self._rounded(vehicle, self._base_ms + early_s * 1000, self._base_ms + late_s * 1000)

    def _rounded(self, vehicle: int, early_ms: int, late_ms: int, *, planned: bool = False) -> Window:
        return Window(vehicle, early_ms // MINUTE_MS * MINUTE_MS, -(-late_ms // MINUTE_MS) * MINUTE_MS, planned)


def _read_leg(leg: dict[str, Any]) -> _Leg:
    windows = {
        vehicle: (first, *_read_windows(columns))
        for vehicle, first, columns in zip(leg["vehicles"], leg["first"], leg["windows"], strict=True)
    }
    return _Leg(list(accumulate(leg["marks"])), _read_windows(leg["plan"]), windows)


def _read_windows(columns: list[list[int]]) -> tuple[list[int], list[int]]:
    early = list(accumulate(columns[0]))
    return early, [start + width for start, width in zip(early, columns[1], strict=True)]


def _between(places_m: Sequence[int], early: Sequence[int], late: Sequence[int], along_m: float) -> tuple[int, int]:
    """The window at a place between two others, rounded outwards; that of the last one beyond it."""
    k = min(bisect_left(places_m, along_m), len(places_m) - 1)
    if k == 0 or places_m[k] <= along_m or places_m[k] == places_m[k - 1]:
        return early[k], late[k]
    share = (along_m - places_m[k - 1]) / (places_m[k] - places_m[k - 1])
    return (
        math.floor(early[k - 1] + share * (early[k] - early[k - 1])),
        math.ceil(late[k - 1] + share * (late[k] - late[k - 1])),
    )
