"""The live feed's frames: docs/frames.md in code. Pure.

One table of 32-bit integers per audience, a row per vehicle, a column per fact. The engine's side projects views to
rows and encodes what changed (`Projector`); hubs, tests and pages fold frames back into the same table (`FeedState`).
Only what `public_row` names can ever reach a spectator.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple

import msgpack

from tracker.core.model import Tour, VehicleView

SNAPSHOT, DELTA, HEARTBEAT = 0, 1, 2
UNKNOWN = -(2**31)  # in time columns: never, not known
NONE = -1  # in place columns: not on the course, no next checkpoint, certain

COLUMNS = (
    "t",
    "lat",
    "lon",
    "along",
    "leg",
    "status",
    "freshness",
    "standing",
    "since",
    "next",
    "early",
    "late",
    "uncertain_from",
    "uncertain_to",
)
T, LAT, LON, ALONG, LEG = 0, 1, 2, 3, 4
EARLY, LATE = 10, 11

Row = tuple[int, ...]
NEVER_HEARD: Row = (UNKNOWN, 0, 0, NONE, 0, 0, 3, 0, UNKNOWN, NONE, UNKNOWN, UNKNOWN, NONE, NONE)

# Columns that are set together, by the number of their group; groups 0 and 1 both carry the place.
MOVED_BY, MOVED_TO = 0, 1
SET_GROUPS: dict[int, tuple[int, int]] = {MOVED_TO: (0, 4), 2: (4, 9), 3: (9, 12), 4: (12, 14)}

ETA_STEP_S = 60  # arrivals are rounded outwards to minutes and only sent again when they moved by more
UNCERTAIN_STEP_M = 10
HASH_SEED, HASH_PRIME = 2166136261, 16777619  # FNV-1a, 32 bit


def public_row(view: VehicleView, base_ms: int) -> Row:
    """The allow-list: all that a spectator may know of a vehicle, as integers in the order of `COLUMNS`."""
    if view.time_ms is None or view.lat is None or view.lon is None:
        place: Row = (UNKNOWN, 0, 0, NONE)
    else:
        along = NONE if view.along_m is None else max(0, round(view.along_m))
        place = ((view.time_ms - base_ms) // 100, round(view.lat * 1e6), round(view.lon * 1e6), along)
    early = late = UNKNOWN
    if view.eta_early_ms is not None and view.eta_late_ms is not None:
        early = (view.eta_early_ms - base_ms) // 1000 // ETA_STEP_S * ETA_STEP_S
        late = -(-(view.eta_late_ms - base_ms) // 1000 // ETA_STEP_S) * ETA_STEP_S
    uncertain: Row = (NONE, NONE)
    if view.uncertain and view.along_min_m is not None and view.along_max_m is not None:
        uncertain = (
            int(view.along_min_m) // UNCERTAIN_STEP_M * UNCERTAIN_STEP_M,
            -(-int(view.along_max_m) // UNCERTAIN_STEP_M) * UNCERTAIN_STEP_M,
        )
    return (
        *place,
        0 if view.leg is None else view.leg + 1,
        int(view.status),
        int(view.freshness),
        int(view.standing),
        UNKNOWN if view.status_since_ms is None else (view.status_since_ms - base_ms) // 1000,
        NONE if view.next_checkpoint is None else view.next_checkpoint,
        early,
        late,
        *uncertain,
    )


def steady_eta(old: Row, new: Row) -> Row:
    """Keep the old arrival window while the new one says the same within a step: jitter is not news."""
    same_checkpoint = old[LEG] == new[LEG] and old[EARLY - 1] == new[EARLY - 1]
    if same_checkpoint and abs(old[EARLY] - new[EARLY]) <= ETA_STEP_S and abs(old[LATE] - new[LATE]) <= ETA_STEP_S:
        return (*new[:EARLY], old[EARLY], old[LATE], *new[LATE + 1 :])
    return new


class _Columns:
    """Columns of one group while a delta is being made."""

    def __init__(self, width: int) -> None:
        self.columns: list[list[int]] = [[] for _ in range(width)]

    def add(self, values: Iterable[int]) -> None:
        for column, value in zip(self.columns, values, strict=True):
            column.append(value)


def delta_groups(changes: Iterable[tuple[int, Row, Row]]) -> dict[int, list[list[int]]]:
    """Groups for (row number, old row, new row) triples; rows that are equal leave no trace."""
    groups: dict[int, _Columns] = {}

    def add(group: int, values: Row) -> None:
        if group not in groups:
            groups[group] = _Columns(len(values))
        groups[group].add(values)

    for number, old, new in changes:
        if old[:4] != new[:4]:
            continues = old[T] != UNKNOWN and new[T] != UNKNOWN and (old[ALONG] == NONE) == (new[ALONG] == NONE)
            if continues and old[LEG] == new[LEG]:
                add(MOVED_BY, (number, *(b - a for a, b in zip(old[:4], new[:4], strict=True))))
            else:
                add(MOVED_TO, (number, *new[:4]))
        for group, (first, end) in SET_GROUPS.items():
            if group != MOVED_TO and old[first:end] != new[first:end]:
                add(group, (number, *new[first:end]))
    return {group: groups[group].columns for group in sorted(groups)}


def encode_delta(epoch: int, seq: int, now_ms: int, groups: dict[int, list[list[int]]]) -> bytes:
    packed: bytes = msgpack.packb([DELTA, epoch, seq, now_ms, groups])
    return packed


def encode_heartbeat(epoch: int, seq: int, now_ms: int) -> bytes:
    packed: bytes = msgpack.packb([HEARTBEAT, epoch, seq, now_ms])
    return packed


def encode_snapshot(epoch: int, seq: int, now_ms: int, rate: float, body: bytes) -> bytes:
    packed: bytes = msgpack.packb([SNAPSHOT, epoch, seq, now_ms, rate, body])
    return packed


def state_hash(columns: Sequence[Sequence[int]]) -> int:
    """FNV-1a over the columns, each value as four little-endian bytes."""
    value = HASH_SEED
    for column in columns:
        for byte in array("i", column).tobytes():
            value = ((value ^ byte) * HASH_PRIME) & 0xFFFFFFFF
    return value


def snapshot_body(about: dict[str, Any], columns: list[list[int]]) -> bytes:
    """The compressed body: what never changes within a tour version, the state and its hash."""
    body = about | {"columns": COLUMNS, "state": columns, "hash": state_hash(columns)}
    return zlib.compress(msgpack.packb(body), 9)


def describe_tour(tour: Tour, version: int, courses: Sequence[str], interval_s: int) -> dict[str, Any]:
    """The unchanging part of a snapshot, from an allow-list: no crews, no devices. `courses` are content hashes."""
    return {
        "tour": {
            "slug": tour.slug,
            "name": tour.name,
            "zone": tour.timezone,
            "units": tour.units,
            "version": version,
            "delay_s": tour.public_delay_s,
            "interval_s": interval_s,
            "start_interval_s": tour.start_interval_s,
        },
        "base_ms": tour.legs[0].first_start_ms,
        "legs": [
            {
                "title": leg.title,
                "start_ms": leg.first_start_ms,
                "length_m": round(leg.length_m),
                "course": course,
                "checkpoints": {
                    "id": [point.id for point in leg.checkpoints],
                    "name": [point.name for point in leg.checkpoints],
                    "kind": [point.kind.value for point in leg.checkpoints],
                    "along_m": [round(point.along_m) for point in leg.checkpoints],
                    "halt_s": [point.halt_s for point in leg.checkpoints],
                },
            }
            for leg, course in zip(tour.legs, courses, strict=True)
        ],
        "roster": {
            "number": [vehicle.number for vehicle in tour.vehicles],
            "kind": [int(vehicle.kind == "support") for vehicle in tour.vehicles],
            "role": [vehicle.role for vehicle in tour.vehicles],
            "class": [vehicle.class_name for vehicle in tour.vehicles],
            "year": [vehicle.year or 0 for vehicle in tour.vehicles],
            "make": [vehicle.make for vehicle in tour.vehicles],
            "model": [vehicle.model for vehicle in tour.vehicles],
            "colour": [vehicle.colour for vehicle in tour.vehicles],
            "start_order": [NONE if v.start_order is None else v.start_order for v in tour.vehicles],
        },
    }


class Projector:
    """The engine's side of a feed: remembers the rows it has sent and encodes what changed since."""

    def __init__(self, about: dict[str, Any], vehicles: int, epoch: int, rate: float) -> None:
        self.epoch = epoch
        self.seq = 0
        self._about = about
        self._rate = rate
        self._rows: list[Row] = [NEVER_HEARD] * vehicles
        self._base_ms: int = about["base_ms"]

    def delta(self, views: Iterable[VehicleView], now_ms: int) -> bytes | None:
        """The next numbered frame for these (changed) views, or None if spectators would see no difference."""
        changes = []
        for view in views:
            old = self._rows[view.vehicle]
            new = steady_eta(old, public_row(view, self._base_ms))
            if new != old:
                changes.append((view.vehicle, old, new))
                self._rows[view.vehicle] = new
        if not changes:
            return None
        self.seq += 1
        return encode_delta(self.epoch, self.seq, now_ms, delta_groups(changes))

    def heartbeat(self, now_ms: int) -> bytes:
        return encode_heartbeat(self.epoch, self.seq, now_ms)

    def snapshot(self, now_ms: int) -> bytes:
        columns = [list(column) for column in zip(*self._rows, strict=True)]
        body = snapshot_body(self._about, columns)
        return encode_snapshot(self.epoch, self.seq, now_ms, self._rate, body)


class Folded(Enum):
    """What a frame was to its reader."""

    ANEW = auto()  # a snapshot: everything may be different
    NEXT = auto()  # the next delta
    ALIVE = auto()  # a heartbeat: all is as it was
    OLD = auto()  # known already, or from an engine that was replaced
    GAP = auto()  # something was missed; only a snapshot can mend it


class Position(NamedTuple):
    """Where a reader of the feed stands."""

    epoch: int
    seq: int


@dataclass
class FeedState:
    """The reader's side: folds frames, notices gaps. Raises ValueError for bytes that are no frame."""

    position: Position | None = None
    now_ms: int = 0
    rate: float = 1.0
    about: dict[str, Any] = field(default_factory=dict)
    columns: list[list[int]] = field(default_factory=list)

    def fold(self, frame: bytes) -> Folded:
        message = msgpack.unpackb(frame, strict_map_key=False)
        kind, epoch, seq, now_ms = message[:4]
        here, there = self.position, Position(epoch, seq)
        if kind == SNAPSHOT:
            if here is not None and there <= here:
                return Folded.OLD
            self._replace(msgpack.unpackb(zlib.decompress(message[5])))
            self.position, self.now_ms, self.rate = there, now_ms, message[4]
            return Folded.ANEW
        if here is None or epoch > here.epoch:
            return Folded.GAP
        if epoch < here.epoch or (kind == DELTA and seq <= here.seq):
            return Folded.OLD
        if seq > here.seq + (kind == DELTA):
            return Folded.GAP
        self.now_ms = max(self.now_ms, now_ms)
        if kind == HEARTBEAT:
            return Folded.ALIVE
        for group in sorted(message[4]):
            self._fold_group(group, message[4][group])
        self.position = there
        return Folded.NEXT

    def _replace(self, body: dict[str, Any]) -> None:
        columns = [list(column) for column in body.pop("state")]
        if body.pop("hash") != state_hash(columns):
            raise ValueError("the snapshot's state does not have the hash that it claims")
        del body["columns"]
        self.columns, self.about = columns, body

    def _fold_group(self, group: int, columns: list[list[int]]) -> None:
        rows = columns[0]
        if group == MOVED_BY:
            for target, differences in zip(self.columns[:4], columns[1:], strict=True):
                for row, difference in zip(rows, differences, strict=True):
                    target[row] += difference
        elif group in SET_GROUPS:
            first, end = SET_GROUPS[group]
            for target, values in zip(self.columns[first:end], columns[1:], strict=True):
                for row, value in zip(rows, values, strict=True):
                    target[row] = value

    def snapshot_body(self) -> bytes:
        return snapshot_body(self.about, self.columns)

    def hash(self) -> int:
        return state_hash(self.columns)
