"""A slice of the past as pages fetch it: docs/replay.md in code. Pure.

Its columns are an allow-list: time, place and status, all of which spectators have seen. Nothing else can be in it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgpack

from tracker.core.segments import SLOT_MS, Traces
from tracker.core.shown import Shown
from tracker.wire.courses import differences

TIME_MS = 100  # the unit of `t`
PLACE_E7 = 100  # the unit of `lat` and `lon`: 1e-5 degrees
HASH_CHARACTERS = 24


class Point(NamedTuple):
    """A vehicle at a time, read back: degrees, metres along the leg (-1 off it), the number of a `Status`."""

    time_ms: int
    lat: float
    lon: float
    along_m: int
    status: int


class Segment(NamedTuple):
    """A slice with its address: the hash is that of what is in it. `leg` counts from 0."""

    leg: int
    start_ms: int
    hash: str
    body: bytes


def encode_segment(leg: int, slot_ms: int, numbers: Sequence[str], traces: Iterable[Traces]) -> Segment:
    """The slice of a leg that begins at `slot_ms`; `numbers` are those of the roster."""
    present = sorted(traces, key=lambda each: each.vehicle)
    points = [each.points for each in present]
    whole: dict[str, Any] = {
        "leg": leg + 1,
        "start_ms": slot_ms,
        "end_ms": slot_ms + SLOT_MS,
        "vehicles": [numbers[each.vehicle] for each in present],
        "points": [len(each.points) for each in present],
        "since": [(each.since_ms - slot_ms) // TIME_MS for each in present],
        "t": _column(points, lambda point: (point.time_ms - slot_ms) // TIME_MS),
        "lat": _column(points, lambda point: round(point.lat_e7 / PLACE_E7)),
        "lon": _column(points, lambda point: round(point.lon_e7 / PLACE_E7)),
        "along": _column(points, lambda point: point.along_m),
        "status": [int(point.status) for each in points for point in each],
    }
    packed = msgpack.packb(whole)
    return Segment(leg, slot_ms, hashlib.sha256(packed).hexdigest()[:HASH_CHARACTERS], zlib.compress(packed, 9))


def _column(points: Iterable[Sequence[Shown]], value: Callable[[Shown], int]) -> list[int]:
    """Vehicle behind vehicle, each with its first value and then the differences."""
    return [number for each in points for number in differences([value(point) for point in each])]


def decode_segment(body: bytes) -> dict[str, list[Point]]:
    """The points of every vehicle by its number, as docs/replay.md has a client read them."""
    whole = msgpack.unpackb(zlib.decompress(body))
    found: dict[str, list[Point]] = {}
    begin = 0
    for number, count in zip(whole["vehicles"], whole["points"], strict=True):
        part = slice(begin, begin + count)
        columns = [list(accumulate(whole[name][part])) for name in ("t", "lat", "lon", "along")]
        found[number] = [
            Point(whole["start_ms"] + t * TIME_MS, lat / 1e5, lon / 1e5, along_m, status)
            for t, lat, lon, along_m, status in zip(*columns, whole["status"][part], strict=True)
        ]
        begin += count
    return found
