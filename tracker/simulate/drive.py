"""One vehicle drives one leg: the truth, exact at every instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tracker.core.model import Leg
from tracker.simulate.motion import Motion, Stop, drive
from tracker.simulate.pace import GRID_M, Pace
from tracker.simulate.route import Point, Route

TURN_OFF_MPS = 6.0  # where a vehicle leaves the course or comes back to it


class IncidentKind(StrEnum):
    LATE_START = "late start"
    WRONG_TURN = "wrong turn"
    DETOUR = "detour"
    BREAKDOWN = "breakdown"
    RETIREMENT = "retirement"
    FUEL = "fuel"
    SOS = "sos"
    LOST_PHONE = "lost phone"


@dataclass(frozen=True, slots=True)
class Incident:
    kind: IncidentKind
    from_ms: int
    to_ms: int
    along_m: float


@dataclass(frozen=True, slots=True)
class TruePassage:
    """A checkpoint was passed. `until_ms` is later than `time_ms` only at a halt: from turning off to standing still.

    `depart_ms` there is when the vehicle moved off, and `depart_until_ms` when it was back on the road.
    """

    checkpoint: int
    time_ms: int
    until_ms: int
    depart_ms: int | None = None
    depart_until_ms: int | None = None


class Phase(StrEnum):
    BEFORE = "before"  # parked, shuffling in the car park, on the way to the start
    RUNNING = "running"
    AFTER = "after"  # over the finish line, or out


@dataclass(frozen=True, slots=True)
class Moment:
    """The truth about a vehicle at an instant. `along_m` is None off the course."""

    leg: int
    phase: Phase
    lat: float
    lon: float
    along_m: float | None
    speed_mps: float
    bearing_deg: float
    on_course: bool


@dataclass(frozen=True)
class Drive:
    """A vehicle's day. Road metres `start_m`..`finish_m` are the leg itself, detours and wrong turns included.

    A vehicle that is out for the rest of the tour has `retired`; its `finish_m` is where it stopped for good.
    """

    leg: int
    vehicle: int
    route: Route
    motion: Motion
    start_m: float
    finish_m: float
    passages: tuple[TruePassage, ...]
    incidents: tuple[Incident, ...] = ()
    retired: bool = False

    @property
    def begin_ms(self) -> int:
        return ms(self.motion.begin_s)

    @property
    def end_ms(self) -> int:
        return ms(self.motion.end_s)

    @property
    def start_ms(self) -> int:
        return ms(self.motion.leaves_s(self.start_m))

    @property
    def finish_ms(self) -> int:
        return ms(self.motion.reaches_s(self.finish_m))

    @property
    def odometer_m(self) -> float:
        return self.finish_m - self.start_m

    @property
    def end_point(self) -> Point:
        return self.route.point_at(self.motion.roads_m[-1])

    def at(self, time_ms: float) -> Moment:
        road_m, speed_mps = self.motion.at(time_ms / 1000.0)
        stretch = self.route.stretch_at(road_m)
        lat, lon = self.route.point_at(road_m)
        if road_m <= self.start_m:
            phase = Phase.BEFORE
        elif road_m < self.finish_m:
            phase = Phase.RUNNING
        else:
            phase = Phase.AFTER
        return Moment(
            self.leg,
            phase,
            lat,
            lon,
            stretch.along_m(road_m),
            speed_mps,
            self.route.bearing_at(road_m),
            stretch.on_course,
        )


def ms(time_s: float) -> int:
    return round(time_s * 1000.0)


def drive_route(
    begin_s: float,
    end_m: float,
    route: Route,
    stops: Iterable[Stop],
    pace: Pace,
    factor: float,
    rng: Random,
) -> Motion:
    """Drive a route at the leg's pace times the vehicle's own factor, which wanders a little."""
    caps: dict[float, float] = {}
    knots: set[float] = set()
    for stretch in route.stretches:
        step_m = GRID_M if stretch.length_m > GRID_M else 40.0
        knots.update(stretch.start_m + i * step_m for i in range(int(stretch.length_m / step_m) + 1))
        if not stretch.on_course:
            caps[stretch.start_m] = caps[stretch.start_m + stretch.length_m] = TURN_OFF_MPS
            continue
        low_m, high_m = sorted((stretch.from_m, stretch.to_m))
        for corner_m, corner_mps in pace.corners:
            if low_m <= corner_m <= high_m:
                caps[stretch.start_m + abs(corner_m - stretch.from_m)] = corner_mps
    mood = Wander(rng)

    def wished_mps(road_m: float) -> float:
        stretch = route.stretch_at(road_m)
        if stretch.on_course:
            speed_mps = pace.wished_mps(stretch.at(road_m)) * factor * mood.at(road_m)
        else:
            speed_mps = stretch.speed_mps or TURN_OFF_MPS
        return min(speed_mps, caps.get(road_m, speed_mps))

    return drive(begin_s, end_m, knots | set(caps), wished_mps, stops)


class Wander:
    """A factor around 1 that changes over kilometres: traffic, nerve, the view."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._value = 0.0
        self._road_m = 0.0

    def at(self, road_m: float) -> float:
        keep = max(1.0 - (road_m - self._road_m) / 4000.0, 0.0)
        self._value = keep * self._value + (1.0 - keep * keep) ** 0.5 * self._rng.gauss(0.0, 0.09)
        self._road_m = road_m
        return max(1.0 + self._value, 0.6)


def passages_of(
    leg: Leg, route: Route, motion: Motion, start_m: float, halts: Mapping[int, tuple[float, float, float]]
) -> tuple[TruePassage, ...]:
    """The checkpoints that were driven over, in the order of the leg.

    `halts` says for a checkpoint where the road was left, where the vehicle stood, and where it was back (road m).
    """
    end_m = motion.roads_m[-1]
    out = []
    for index, checkpoint in enumerate(leg.checkpoints):
        if index in halts:
            off_m, rest_m, back_m = halts[index]
            if rest_m <= end_m:
                gone = back_m <= end_m
                out.append(
                    TruePassage(
                        index,
                        ms(motion.reaches_s(off_m)),
                        ms(motion.reaches_s(rest_m)),
                        ms(motion.leaves_s(rest_m)) if gone else None,
                        ms(motion.reaches_s(back_m)) if gone else None,
                    )
                )
            continue
        if index == 0:
            time_ms = ms(motion.leaves_s(start_m))
            out.append(TruePassage(index, time_ms, time_ms))
            continue
        along_m = min(checkpoint.along_m, leg.length_m)
        for stretch in route.stretches:
            if stretch.on_course and stretch.from_m <= along_m <= stretch.to_m:
                road_m = stretch.start_m + along_m - stretch.from_m
                if road_m <= end_m:
                    time_ms = ms(motion.reaches_s(road_m))
                    out.append(TruePassage(index, time_ms, time_ms))
                break
    return tuple(out)
