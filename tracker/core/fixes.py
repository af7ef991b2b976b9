"""The fixes of one vehicle as a sorted set, in columns: 30 bytes a fix, and an insert that keeps the order.

Order: fix time, then better accuracy, then device, then content. The same set of pings gives the same columns whatever
the order of arrival; a repeat changes nothing.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from typing import NamedTuple

DEGREES_E7 = 1e-7
NAN = math.nan

Row = tuple[int, int, float, float, float, int]  # a fix without its time, as the columns hold it


class Fix(NamedTuple):
    """A believed ping of a vehicle. `time_ms` is corrected for the device's clock; NaN = the device did not say."""

    time_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float
    bearing_deg: float
    device: int


def _single(value: float | None) -> float:
    """The float32 that the column will hold, so that equal content is equal before and after storing."""
    return array("f", (NAN if value is None else value,))[0]


class FixColumns:
    """A sorted set of fixes. Indices shift when a late fix is inserted; the insert says where."""

    def __init__(self) -> None:
        self.times_ms = array("q")
        self._lats = array("i")
        self._lons = array("i")
        self._accuracies_m = array("f")
        self._speeds_mps = array("f")
        self._bearings_deg = array("f")
        self._devices = array("h")

    def __len__(self) -> int:
        return len(self.times_ms)

    def __getitem__(self, index: int) -> Fix:
        return Fix(
            self.times_ms[index],
            self._lats[index] * DEGREES_E7,
            self._lons[index] * DEGREES_E7,
            self._accuracies_m[index],
            self._speeds_mps[index],
            self._bearings_deg[index],
            self._devices[index],
        )

    def insert(
        self,
        time_ms: int,
        lat: float,
        lon: float,
        accuracy_m: float | None,
        speed_mps: float | None,
        bearing_deg: float | None,
        device: int,
    ) -> int | None:
        """Put a fix in its place and return the index, or None if the very same fix is already there."""
        row = _row(lat, lon, accuracy_m, speed_mps, bearing_deg, device)
        index, there = self._seek(time_ms, row)
        if there:
            return None
        self.times_ms.insert(index, time_ms)
        self._lats.insert(index, row[0])
        self._lons.insert(index, row[1])
        self._accuracies_m.insert(index, row[2])
        self._speeds_mps.insert(index, row[3])
        self._bearings_deg.insert(index, row[4])
        self._devices.insert(index, row[5])
        return index

    def find(
        self,
        time_ms: int,
        lat: float,
        lon: float,
        accuracy_m: float | None,
        speed_mps: float | None,
        bearing_deg: float | None,
        device: int,
    ) -> int | None:
        """The index of a fix, or None if it is not there."""
        index, there = self._seek(time_ms, _row(lat, lon, accuracy_m, speed_mps, bearing_deg, device))
        return index if there else None

    def _seek(self, time_ms: int, row: Row) -> tuple[int, bool]:
        """Where a fix belongs, and whether it is there."""
        times = self.times_ms
        if not times or time_ms > times[-1]:
            return len(times), False
        index = bisect_left(times, time_ms)
        rank = _rank(row)
        end = bisect_right(times, time_ms, index)
        while index < end:
            other = _rank(self._row(index))
            if other >= rank:
                return index, other == rank
            index += 1
        return index, False

    def of_device(self, device: int) -> list[int]:
        """The indices of one device's fixes, in order."""
        return [index for index, owner in enumerate(self._devices) if owner == device]

    def pop(self, index: int) -> Fix:
        """Take a fix out."""
        fix = self[index]
        del self.times_ms[index], self._lats[index], self._lons[index], self._accuracies_m[index]
        del self._speeds_mps[index], self._bearings_deg[index], self._devices[index]
        return fix

    def shift_device(self, device: int, by_ms: int) -> FixColumns:
        """The same fixes with those of one device `by_ms` later."""
        moved = FixColumns()
        for index, time_ms in enumerate(self.times_ms):
            lat, lon, accuracy_m, speed_mps, bearing_deg, owner = self._row(index)
            moved_ms = time_ms + by_ms if owner == device else time_ms
            moved.insert(moved_ms, lat * DEGREES_E7, lon * DEGREES_E7, accuracy_m, speed_mps, bearing_deg, owner)
        return moved

    def integers(self, index: int) -> tuple[int, int, int]:
        """Time (ms) and place (1e-7 degrees) of a fix, for digests and tracks."""
        return self.times_ms[index], self._lats[index], self._lons[index]

    def _row(self, index: int) -> Row:
        return (
            self._lats[index],
            self._lons[index],
            self._accuracies_m[index],
            self._speeds_mps[index],
            self._bearings_deg[index],
            self._devices[index],
        )


def _row(
    lat: float,
    lon: float,
    accuracy_m: float | None,
    speed_mps: float | None,
    bearing_deg: float | None,
    device: int,
) -> Row:
    """What the columns will hold of a fix beside its time."""
    return (
        round(lat / DEGREES_E7),
        round(lon / DEGREES_E7),
        _single(accuracy_m),
        _single(speed_mps),
        _single(bearing_deg),
        device,
    )


def _rank(row: Row) -> tuple[float, ...]:
    """Sort key within one millisecond: better accuracy (unknown is worst), device, then content."""
    lat, lon, accuracy_m, speed_mps, bearing_deg, device = row
    return (
        accuracy_m if accuracy_m == accuracy_m else math.inf,
        device,
        lat,
        lon,
        speed_mps if speed_mps == speed_mps else -1.0,
        bearing_deg if bearing_deg == bearing_deg else -1.0,
    )
