"""When a simulated vehicle is where on its route: knots of time, road metres and speed.

Between two knots the acceleration is constant, so that places, speeds and crossing times are exact and agree.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ACCELERATION_MPS2 = 1.0  # an old car, gently driven
BRAKING_MPS2 = 1.3
CREEP_MPS = 1.0
RAMP_M = (3.0, 10.0, 30.0, 80.0, 180.0)  # extra knots before and after a stop


@dataclass(frozen=True, slots=True)
class Stop:
    """The vehicle stands at a place of its route for `dwell_s`, and at least until `until_s`."""

    road_m: float
    dwell_s: float
    until_s: float = 0.0


class Motion:
    """Road metres and speed as a function of time (seconds since 1970)."""

    def __init__(self, begin_s: float, road_m: float = 0.0) -> None:
        self.times_s = array("d", [begin_s])
        self.roads_m = array("d", [road_m])
        self.speeds_mps = array("d", [0.0])

    @property
    def begin_s(self) -> float:
        return self.times_s[0]

    @property
    def end_s(self) -> float:
        return self.times_s[-1]

    def add(self, time_s: float, road_m: float, speed_mps: float) -> None:
        self.times_s.append(time_s)
        self.roads_m.append(road_m)
        self.speeds_mps.append(speed_mps)

    def at(self, time_s: float) -> tuple[float, float]:
        """(road metres, speed) at a time, at rest before the beginning and after the end."""
        i = bisect_right(self.times_s, time_s) - 1
        if i < 0:
            return self.roads_m[0], 0.0
        if i >= len(self.times_s) - 1:
            return self.roads_m[-1], 0.0
        span_s = self.times_s[i + 1] - self.times_s[i]
        after_s = time_s - self.times_s[i]
        v0, v1 = self.speeds_mps[i], self.speeds_mps[i + 1]
        gain = (v1 - v0) / span_s
        road_m = self.roads_m[i] + v0 * after_s + 0.5 * gain * after_s * after_s
        return min(road_m, self.roads_m[i + 1]), v0 + gain * after_s

    def reaches_s(self, road_m: float) -> float:
        """The first time at a place of the route."""
        i = bisect_left(self.roads_m, road_m)
        if i == 0:
            return self.times_s[0]
        if i == len(self.roads_m):
            raise ValueError(f"the vehicle never gets to {road_m:.1f} m of its route")
        return self._crossing_s(i - 1, road_m)

    def leaves_s(self, road_m: float) -> float:
        """The last time at a place of the route."""
        i = bisect_right(self.roads_m, road_m) - 1
        return self.times_s[i] if self.roads_m[i] == road_m else self._crossing_s(i, road_m)

    def _crossing_s(self, i: int, road_m: float) -> float:
        if self.roads_m[i + 1] == road_m:
            return self.times_s[i + 1]
        step_m = road_m - self.roads_m[i]
        v0, v1 = self.speeds_mps[i], self.speeds_mps[i + 1]
        gain = (v1 - v0) / (self.times_s[i + 1] - self.times_s[i])
        return self.times_s[i] + 2.0 * step_m / (v0 + math.sqrt(max(v0 * v0 + 2.0 * gain * step_m, 0.0)))


def drive(
    begin_s: float,
    end_m: float,
    knots_m: Iterable[float],
    wished_mps: Callable[[float], float],
    stops: Iterable[Stop],
) -> Motion:
    """Drive from 0 to `end_m` of a route and stop there, at the wished speed as far as stops and brakes allow.

    `wished_mps` is asked once at each knot, in order. Stops at one place follow each other.
    """
    standing: dict[float, list[Stop]] = {end_m: [], 0.0: []}
    for stop in stops:
        if stop.road_m <= end_m:
            standing.setdefault(stop.road_m, []).append(stop)
    places = {road_m for road_m in knots_m if 0.0 < road_m < end_m} | set(standing)
    for road_m in standing:
        places.update(road_m + sign * ramp_m for ramp_m in RAMP_M for sign in (-1.0, 1.0))
    roads_m = _between_stops(sorted(road_m for road_m in places if 0.0 <= road_m <= end_m), standing)
    speeds = [0.0 if road_m in standing else max(wished_mps(road_m), CREEP_MPS) for road_m in roads_m]
    for i in range(1, len(roads_m)):
        reach = speeds[i - 1] ** 2 + 2.0 * ACCELERATION_MPS2 * (roads_m[i] - roads_m[i - 1])
        speeds[i] = min(speeds[i], math.sqrt(reach))
    for i in range(len(roads_m) - 2, -1, -1):
        reach = speeds[i + 1] ** 2 + 2.0 * BRAKING_MPS2 * (roads_m[i + 1] - roads_m[i])
        speeds[i] = min(speeds[i], math.sqrt(reach))

    motion = Motion(begin_s)
    time_s = begin_s
    for i, road_m in enumerate(roads_m):
        if i:
            time_s += 2.0 * (road_m - roads_m[i - 1]) / (speeds[i] + speeds[i - 1])
            motion.add(time_s, road_m, speeds[i])
        for stop in standing.get(road_m, ()):
            leave_s = max(time_s + stop.dwell_s, stop.until_s)
            if leave_s > time_s:
                time_s = leave_s
                motion.add(time_s, road_m, 0.0)
    return motion


def _between_stops(roads_m: list[float], standing: dict[float, list[Stop]]) -> list[float]:
    """Every two neighbouring stops have a place between them, where the vehicle may have a speed."""
    out = roads_m[:1]
    for road_m in roads_m[1:]:
        if road_m in standing and out[-1] in standing:
            out.append((road_m + out[-1]) / 2.0)
        out.append(road_m)
    return out
