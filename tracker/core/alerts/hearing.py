"""What is heard of every vehicle, and where the field loses its network. A function of the journal alone.

Coverage is learned in cells of a hundredth of a degree (about a kilometre): which cars were heard there live, and
which fell silent there. A place where many of those who pass fall silent is a dead zone.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from tracker.core.geo import distance_m
from tracker.core.model import Ping

CELLS_PER_DEGREE = 100
FINE_EVENT = "fine"  # as the driver's page calls it: "we are fine, just stopped"
LIVE_MS = 30_000  # a fix that arrives within this was sent at once
FIRST_EVERY_MS = 15_000
RHYTHM_OF = 5
GAP_MS = 60_000
GAP_RHYTHMS = 4.0
MOVED_M = 200.0
LEAST_OTHERS = 2
SHARE_OF_THE_FIELD = 0.3

Cell = tuple[int, int]


class Sighting(NamedTuple):
    """A fix of a device: when it was taken and received, and where."""

    fix_time_ms: int
    received_ms: int
    lat: float
    lon: float


class Gap(NamedTuple):
    """A vehicle was not heard live between two sightings."""

    vehicle: int
    before: Sighting
    after: Sighting

    @property
    def lasted_ms(self) -> int:
        return self.after.received_ms - self.before.received_ms


@dataclass(slots=True)
class DeviceHearing:
    """One device: its last fix, since when it has been around one place, and its battery."""

    last: Sighting | None = None
    stands: Sighting | None = None  # the first sighting at the place it has not left
    battery: tuple[int, float] | None = None  # fix time and per cent


@dataclass(slots=True)
class Hearing:
    """One vehicle, all its devices together."""

    arrived_ms: int | None = None
    newest_fix_ms: int = 0
    fine_ms: int = 0  # when somebody in it last said that they are fine
    live: Sighting | None = None  # the last fix that came at once
    intervals_ms: deque[int] = field(default_factory=lambda: deque(maxlen=RHYTHM_OF))
    devices: dict[str, DeviceHearing] = field(default_factory=dict)

    @property
    def every_ms(self) -> float:
        """Its own rhythm: the median of the last intervals, which a single gap does not move."""
        return median(self.intervals_ms) if self.intervals_ms else FIRST_EVERY_MS

    @property
    def gap_ms(self) -> float:
        """Not heard for longer than this is a gap in its own rhythm."""
        return max(GAP_MS, GAP_RHYTHMS * self.every_ms)


class DeadZone(NamedTuple):
    """Where other vehicles fell silent too: how many, of how many, and how they came out of it."""

    others: int
    passed: int
    gaps: tuple[Gap, ...]


class Ears:
    """All vehicles' hearing, and the coverage learned from it."""

    def __init__(self, vehicles: int) -> None:
        self.vehicles = [Hearing() for _ in range(vehicles)]
        self._heard: dict[Cell, set[int]] = {}
        self._gaps: dict[Cell, list[Gap]] = {}

    def hear(self, vehicle: int, ping: Ping, fix_time_ms: int, received_ms: int) -> None:
        """One ping of a device of the vehicle; its fix time is corrected for the device's clock."""
        hearing = self.vehicles[vehicle]
        hearing.arrived_ms = received_ms
        hearing.newest_fix_ms = max(hearing.newest_fix_ms, min(fix_time_ms, received_ms))
        if ping.event == FINE_EVENT:
            hearing.fine_ms = max(hearing.fine_ms, min(fix_time_ms, received_ms))
        device = hearing.devices.setdefault(ping.device or "", DeviceHearing())
        if ping.battery_pct is not None and (device.battery is None or fix_time_ms >= device.battery[0]):
            device.battery = (fix_time_ms, ping.battery_pct)
        if not ping.valid or ping.lat is None or ping.lon is None:
            return
        here = Sighting(fix_time_ms, received_ms, ping.lat, ping.lon)
        if device.last is None or fix_time_ms >= device.last.fix_time_ms:
            device.last = here
            stands = device.stands
            if stands is None or _apart_m(stands, here) > MOVED_M:
                device.stands = here
        if abs(received_ms - fix_time_ms) <= LIVE_MS:
            self._hear_live(vehicle, hearing, here)

    def _hear_live(self, vehicle: int, hearing: Hearing, here: Sighting) -> None:
        before, hearing.live = hearing.live, here
        self._heard.setdefault(_cell(here), set()).add(vehicle)
        if before is None or here.fix_time_ms <= before.fix_time_ms:
            return
        if here.received_ms - before.received_ms >= hearing.gap_ms and _apart_m(before, here) > MOVED_M:
            self._gaps.setdefault(_cell(before), []).append(Gap(vehicle, before, here))
        hearing.intervals_ms.append(here.fix_time_ms - before.fix_time_ms)

    def forget(self, device: str) -> None:
        """The device is in another vehicle now; what it said of battery and place is no news of the old one."""
        for hearing in self.vehicles:
            hearing.devices.pop(device, None)

    def dead_zone(self, vehicle: int, now_ms: int) -> DeadZone | None:
        """The dead zone in which a silent vehicle seems to be, or None where others are heard as usual."""
        last = self.vehicles[vehicle].live
        return None if last is None else self._dead_zone(set(_around(_cell(last))), vehicle, now_ms)

    def dead_zone_at(self, lat: float, lon: float, vehicle: int, now_ms: int) -> DeadZone | None:
        """The dead zone around a place where others than the vehicle are not heard, and came out of."""
        around = set(_around(_cell_at(lat, lon)))
        known = any(gap.vehicle != vehicle for cell in around for gap in self._gaps.get(cell, ()))
        return self._dead_zone(around, vehicle, now_ms) if known else None

    def _dead_zone(self, around: set[Cell], vehicle: int, now_ms: int) -> DeadZone | None:
        passed = {other for cell in around for other in self._heard.get(cell, ())} - {vehicle}
        gaps = tuple(gap for cell in sorted(around) for gap in self._gaps.get(cell, ()) if gap.vehicle != vehicle)
        lost = {gap.vehicle for gap in gaps} | set(self._silent_in(around, now_ms)) - {vehicle}
        if len(lost) < LEAST_OTHERS or len(lost) < SHARE_OF_THE_FIELD * len(passed):
            return None
        return DeadZone(len(lost), len(passed | lost), gaps)

    def is_heard(self, lat: float, lon: float, but: int) -> bool:
        """Whether another vehicle than `but` was ever heard live about there."""
        return bool(self._heard.get(_cell_at(lat, lon), frozenset()) - {but})

    def _silent_in(self, cells: Iterable[Cell], now_ms: int) -> Iterator[int]:
        wanted = set(cells)
        for vehicle, hearing in enumerate(self.vehicles):
            live = hearing.live
            if live is not None and now_ms - live.received_ms >= hearing.gap_ms and _cell(live) in wanted:
                yield vehicle


def _cell(sighting: Sighting) -> Cell:
    return _cell_at(sighting.lat, sighting.lon)


def _cell_at(lat: float, lon: float) -> Cell:
    return math.floor(lat * CELLS_PER_DEGREE), math.floor(lon * CELLS_PER_DEGREE)


def _around(cell: Cell) -> Iterator[Cell]:
    row, column = cell
    return ((row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1))


def _apart_m(a: Sighting, b: Sighting) -> float:
    return distance_m(a.lat, a.lon, b.lat, b.lon)
