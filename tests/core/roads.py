"""Small roads and drives for the tests of the core: the truth is simple enough to be checked by eye."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from tracker.core.course import Course
from tracker.core.engine import Engine
from tracker.core.model import (
    Calibration,
    Checkpoint,
    CheckpointKind,
    Device,
    Leg,
    Ping,
    Record,
    RecordKind,
    Tour,
    Vehicle,
    VehicleKind,
)

START_MS = 1_808_751_600_000  # 2027-04-26T15:00:00Z
HOUR_MS = 3_600_000
ORIGIN = (38.6, -121.5)
METRES_PER_LAT = 111_011.0  # at 38.6 north, WGS 84
METRES_PER_LON = 87_111.0
SPEED_MPS = 15.0

Xy = tuple[float, float]


def place(east_m: float, north_m: float) -> tuple[float, float]:
    return ORIGIN[0] + north_m / METRES_PER_LAT, ORIGIN[1] + east_m / METRES_PER_LON


def course(points: Sequence[Xy]) -> Course:
    return Course.from_points([place(*point) for point in points])


def leg(points: Sequence[Xy], first_start_ms: int = START_MS, halts: dict[int, int] | None = None) -> Leg:
    """A leg with a checkpoint every 5 km; `halts` gives some of them minutes of halt."""
    line = course(points)
    kinds = halts or {}
    checkpoints = [Checkpoint("start", "Start", CheckpointKind.START, 0.0)]
    for k in range(1, math.ceil(line.length_m / 5000.0)):
        minutes = kinds.get(k, 0)
        kind = CheckpointKind.HALT if minutes else CheckpointKind.PASSAGE_CONTROL
        checkpoints.append(Checkpoint(f"c{k}", f"Control {k}", kind, 5000.0 * k, minutes * 60))
    checkpoints.append(Checkpoint("finish", "Finish", CheckpointKind.FINISH, line.length_m))
    return Leg("A leg", line, first_start_ms, SPEED_MPS, tuple(checkpoints))


def tour(*legs: Leg, cars: int = 3) -> Tour:
    """Cars 1, 2, …, started a minute apart, car 1 with two phones, and one support car S1."""
    vehicles = [
        Vehicle(str(k + 1), VehicleKind.PARTICIPANT, start_order=k, devices=(Device(str(k + 1)),)) for k in range(cars)
    ]
    vehicles[0] = Vehicle("1", VehicleKind.PARTICIPANT, start_order=0, devices=(Device("1"), Device("1b")))
    vehicles.append(Vehicle("S1", VehicleKind.SUPPORT, devices=(Device("S1"),)))
    return Tour("Test", "test", "UTC", "km", 60, tuple(legs), tuple(vehicles))


def drive(
    line: Course,
    from_m: float = 0.0,
    to_m: float | None = None,
    begin_ms: int = START_MS,
    device: str = "1",
    every_s: int = 10,
    speed_mps: float = SPEED_MPS,
) -> list[Ping]:
    """Exact pings along a course at a steady speed, backwards where `to_m` lies before `from_m`."""
    end_m = line.length_m if to_m is None else to_m
    way = 1.0 if end_m >= from_m else -1.0
    pings = []
    whole_s = abs(end_m - from_m) / speed_mps
    for k in range(math.ceil(whole_s / every_s) + 1):
        after_s = min(float(k * every_s), whole_s)
        along_m = from_m + way * after_s * speed_mps
        lat, lon = line.point_at(along_m)
        ahead, behind = line.point_at(along_m + way * 5.0), line.point_at(along_m - way * 5.0)
        east_m = (ahead[1] - behind[1]) * METRES_PER_LON
        north_m = (ahead[0] - behind[0]) * METRES_PER_LAT
        bearing_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
        pings.append(Ping(device, begin_ms + round(after_s * 1000), lat, lon, 5.0, speed_mps, bearing_deg))
    return pings


def stand(at: tuple[float, float], begin_ms: int, for_s: int, device: str = "1", every_s: int = 10) -> list[Ping]:
    return [
        Ping(device, begin_ms + k * every_s * 1000, at[0], at[1], 5.0, 0.0, None) for k in range(for_s // every_s + 1)
    ]


def travel(points: Sequence[Xy], begin_ms: int, device: str = "1", speed_mps: float = SPEED_MPS) -> list[Ping]:
    """Exact pings along any line."""
    return drive(course(points), begin_ms=begin_ms, device=device, speed_mps=speed_mps)


def records(inputs: Iterable[Ping | Calibration], delay_ms: int = 300) -> Iterator[Record]:
    for seq, body in enumerate(inputs, 1):
        at_ms = body.fix_time_ms if isinstance(body, Ping) and body.fix_time_ms is not None else 0
        kind = RecordKind.PING if isinstance(body, Ping) else RecordKind.CALIBRATION
        yield Record(seq, at_ms + delay_ms, kind, body)


def engine_of(a_tour: Tour, inputs: Iterable[Ping | Calibration]) -> Engine:
    """An engine that has taken all inputs and owes nothing."""
    engine = Engine(a_tour)
    for record in records(inputs):
        engine.apply(record)
    while not engine.fold(1000):
        pass
    return engine


STRAIGHT: list[Xy] = [(0.0, 0.0), (18_000.0, 0.0)]
OUT_AND_BACK: list[Xy] = [(0.0, 0.0), (12_000.0, 0.0), (0.0, 0.0)]
LAPS: list[Xy] = [(0.0, 0.0)] + 3 * [(2000.0, 0.0), (2000.0, 1500.0), (0.0, 1500.0), (0.0, 0.0)]
