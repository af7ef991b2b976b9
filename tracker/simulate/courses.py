"""Synthetic courses of every awkward kind, as tours that need no files.

Each is drawn in metres east and north of one place; 20 cars, a start a minute, a few checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tracker.core.course import Course
from tracker.core.model import Checkpoint, CheckpointKind, Device, Leg, Tour, Vehicle, VehicleKind
from tracker.simulate.route import moved

Xy = tuple[float, float]  # metres east, metres north

ORIGIN = (38.6, -121.5)
FIRST_START_MS = 1_808_751_600_000  # 2027-04-26T15:00:00Z
DAY_MS = 86_400_000
CARS = 20


def arc(x: float, y: float, radius_m: float, from_deg: float, to_deg: float, steps: int = 24) -> list[Xy]:
    """A piece of a circle, angles counted from east, anticlockwise."""
    angles = [math.radians(from_deg + (to_deg - from_deg) * i / steps) for i in range(steps + 1)]
    return [(x + radius_m * math.cos(angle), y + radius_m * math.sin(angle)) for angle in angles]


def wavy(x0: float, y0: float, x1: float, y1: float, sway_m: float, waves: float) -> list[Xy]:
    """A country road from one place to another."""
    length_m = math.hypot(x1 - x0, y1 - y0)
    steps = max(int(length_m / 150.0), 8)
    out = []
    for i in range(steps + 1):
        f = i / steps
        side_m = sway_m * math.sin(2.0 * math.pi * waves * f)
        out.append(
            (
                x0 + f * (x1 - x0) - side_m * (y1 - y0) / length_m,
                y0 + f * (y1 - y0) + side_m * (x1 - x0) / length_m,
            )
        )
    return out


def figure_of_eight() -> Tour:
    """Two rounds of 29 km that cross in the middle, where the car also starts and finishes."""
    right = arc(4_600.0, 0.0, 4_600.0, 180.0, -180.0, 96)
    left = arc(-4_600.0, 0.0, 4_600.0, 0.0, 360.0, 96)
    return tour("figure-of-eight", [right + left[1:]])


def out_and_back() -> Tour:
    """29 km there and the same road back."""
    there = wavy(0.0, 0.0, 0.0, 28_000.0, 900.0, 5.0)
    return tour("out-and-back", [there + there[-2::-1]])


def laps() -> Tour:
    """Four laps of one circuit of 6 km."""
    lap = [(3.0 * x, y) for x, y in arc(0.0, 0.0, 480.0, -90.0, 270.0, 72)]
    points = lap
    for _ in range(3):
        points = points + lap[1:]
    return tour("laps", [points], count=7)


def parallel() -> Tour:
    """Out on one carriageway and back on the other, 20 m beside it."""
    out = wavy(0.0, 0.0, 26_000.0, 0.0, 350.0, 3.0)
    back = [(x, y + 20.0) for x, y in reversed(out)]
    turn = [(26_040.0, -4.0), (26_070.0, 10.0), (26_040.0, 24.0)]
    return tour("parallel", [out + turn + back])


def hairpins() -> Tour:
    """A pass road: straights of 400 m, 30 m apart, joined by hairpins, between two pieces of plain road."""
    points = wavy(-9_000.0, 0.0, 0.0, 0.0, 150.0, 2.0)
    for i in range(16):
        y = 30.0 * i
        if i % 2 == 0:
            points += [(40.0, y), (400.0, y), *arc(400.0, y + 15.0, 15.0, -90.0, 90.0, 8)[1:-1]]
        else:
            points += [(400.0, y), (40.0, y), *arc(40.0, y + 15.0, 15.0, 270.0, 90.0, 8)[1:-1]]
    points += wavy(0.0, 480.0, -11_000.0, 4_000.0, 200.0, 2.0)
    return tour("hairpins", [points])


def closed() -> Tour:
    """One round that ends where it begins."""
    ring = [(1.4 * x, y + 120.0 * math.sin(x / 900.0)) for x, y in arc(0.0, 0.0, 6_000.0, -90.0, 270.0, 160)]
    return tour("closed", [ring])


def crossing() -> Tour:
    """The road crosses itself at right angles three times, far apart along the course."""
    points = wavy(0.0, 0.0, 16_000.0, 0.0, 200.0, 2.0)
    points += arc(16_000.0, 2_500.0, 2_500.0, -90.0, 180.0, 40)[1:]
    points += wavy(13_500.0, 2_500.0, 13_500.0, -3_500.0, 60.0, 2.0)[1:]
    points += wavy(13_500.0, -3_500.0, 4_000.0, -4_000.0, 100.0, 2.0)[1:]
    points += wavy(4_000.0, -4_000.0, 4_000.0, 5_000.0, 80.0, 2.0)[1:]
    points += wavy(4_000.0, 5_000.0, 9_000.0, 5_000.0, 80.0, 1.0)[1:]
    points += wavy(9_000.0, 5_000.0, 9_000.0, -9_000.0, 80.0, 3.0)[1:]
    return tour("crossing", [points])


def shared_road() -> Tour:
    """Two legs on two days; the second takes the middle of the first one's road the other way."""
    middle = wavy(8_000.0, 0.0, 20_000.0, 0.0, 400.0, 3.0)
    first = (
        wavy(0.0, -6_000.0, 8_000.0, 0.0, 300.0, 2.0)
        + middle[1:]
        + wavy(20_000.0, 0.0, 27_000.0, 5_000.0, 300.0, 2.0)[1:]
    )
    second = (
        wavy(27_000.0, 5_000.0, 20_000.0, 0.0, -500.0, 1.0)
        + middle[-2::-1]
        + wavy(8_000.0, 0.0, 0.0, 7_000.0, 300.0, 2.0)[1:]
    )
    return tour("shared-road", [first, second])


def two_a_day() -> Tour:
    """A leg in the morning and one after it: the second starts where the first finishes, and goes back half the way."""
    first = wavy(0.0, 0.0, 0.0, 22_000.0, 400.0, 3.0)
    second = first[: len(first) // 2 : -1] + wavy(0.0, 11_000.0, 12_000.0, 4_000.0, 300.0, 2.0)
    return tour("two-a-day", [first, second], apart_ms=3 * 3_600_000)


SYNTHETIC: dict[str, Callable[[], Tour]] = {
    "figure-of-eight": figure_of_eight,
    "out-and-back": out_and_back,
    "laps": laps,
    "parallel": parallel,
    "hairpins": hairpins,
    "closed": closed,
    "crossing": crossing,
    "shared-road": shared_road,
    "two-a-day": two_a_day,
}


def tour(name: str, lines: Sequence[Sequence[Xy]], count: int = 6, apart_ms: int = DAY_MS) -> Tour:
    """A tour over lines in metres: as a rule one leg a day, `count` checkpoints between start and finish of each."""
    legs = []
    for day, line in enumerate(lines):
        course = Course.from_points([moved(ORIGIN, north_m, east_m) for east_m, north_m in line])
        legs.append(
            Leg(f"{name} {day + 1}", course, FIRST_START_MS + day * apart_ms, 14.5, _checkpoints(day, course, count))
        )
    vehicles = tuple(
        Vehicle(str(i + 1), VehicleKind.PARTICIPANT, start_order=i, devices=(Device(str(i + 1)),)) for i in range(CARS)
    )
    return Tour(name, name, "America/Los_Angeles", "km", 60, tuple(legs), vehicles)


def _checkpoints(day: int, course: Course, count: int) -> tuple[Checkpoint, ...]:
    """Evenly over the leg, the middle one a halt, the one before a time control."""
    out = []
    for i in range(count + 2):
        kind = CheckpointKind.PASSAGE_CONTROL
        if i == 0:
            kind = CheckpointKind.START
        elif i == count + 1:
            kind = CheckpointKind.FINISH
        elif i == (count + 1) // 2:
            kind = CheckpointKind.HALT
        elif i == (count + 1) // 2 - 1:
            kind = CheckpointKind.TIME_CONTROL
        along_m = course.length_m * i / (count + 1)
        halt_s = 1200 if kind is CheckpointKind.HALT else 0
        out.append(Checkpoint(f"{day + 1}-{i:02}", f"Checkpoint {i}", kind, along_m, halt_s))
    return tuple(out)
