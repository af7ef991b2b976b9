"""The live feed's frames: docs/frames.md in code. Pure.

One table of 32-bit integers per audience, a row per vehicle, a column per fact. The engine's side projects views to
rows and encodes what changed (`Projector`); hubs, tests and pages fold frames back into the same table (`FeedState`).
Who may see which facts is `audience`'s.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple

import msgpack

from tracker.core.model import VehicleView
from tracker.wire.audience import ALONG, CREW, LEG, NONE, PUBLIC, UNKNOWN, Audience, Row, T, steady_eta
from tracker.wire.desk import DESK

SNAPSHOT, DELTA, HEARTBEAT = 0, 1, 2
# Columns that are set together, by the number of their group; groups 0 and 1 both carry the place.
MOVED_BY, MOVED_TO = 0, 1
SET_GROUPS: dict[int, tuple[int, int]] = {
    MOVED_TO: (0, 4),
    2: (4, 9),
    3: (9, 12),
    4: (12, 14),
    5: (14, len(CREW.columns)),
}

HASH_SEED, HASH_PRIME = 2166136261, 16777619  # FNV-1a, 32 bit


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


def snapshot_body(about: dict[str, Any], names: Sequence[str], columns: list[list[int]]) -> bytes:
    """The compressed body: what does not move, the state and its hash."""
    body = about | {"columns": names, "state": columns, "hash": state_hash(columns)}
    return zlib.compress(msgpack.packb(body), 9)


class Projector:
    """The engine's side of a feed: remembers the rows it has sent and encodes what changed since."""

    def __init__(
        self, about: dict[str, Any], vehicles: int, epoch: int, rate: float, audience: Audience = PUBLIC
    ) -> None:
        self.epoch = epoch
        self.seq = 0
        self._audience = audience
        self._about = about
        self._rate = rate
        self._rows: list[Row] = [audience.never_heard] * vehicles
        self._base_ms: int = about["base_ms"]

    def delta(self, views: Iterable[VehicleView], now_ms: int) -> bytes | None:
        """The next numbered frame for these (changed) views, or None if its audience would see no difference."""
        changes = []
        for view in views:
            old = self._rows[view.vehicle]
            new = steady_eta(old, self._audience.row(view, self._base_ms))
            if new != old:
                changes.append((view.vehicle, old, new))
                self._rows[view.vehicle] = new
        if not changes:
            return None
        self.seq += 1
        return encode_delta(self.epoch, self.seq, now_ms, delta_groups(changes))

    def heartbeat(self, now_ms: int) -> bytes:
        return encode_heartbeat(self.epoch, self.seq, now_ms)

    def renewed(self, about: dict[str, Any], now_ms: int) -> bytes:
        """What does not move is another now: a snapshot with a number of its own, so that every reader takes it."""
        self._about = about
        self.seq += 1
        return self.snapshot(now_ms)

    def snapshot(self, now_ms: int) -> bytes:
        columns = [list(column) for column in zip(*self._rows, strict=True)]
        body = snapshot_body(self._about, self._audience.columns, columns)
        return encode_snapshot(self.epoch, self.seq, now_ms, self._rate, body)


class Folded(Enum):
    """What a frame was to its reader."""

    ANEW = auto()  # a snapshot: everything may be different
    NEXT = auto()  # the next delta
    ALIVE = auto()  # a heartbeat: all is as it was
    OLD = auto()  # known already, or from an engine that was replaced
    GAP = auto()  # something was missed; only a snapshot can mend it
    OTHER = auto()  # a message that is none of the table's


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
    names: list[str] = field(default_factory=list)  # of the columns
    columns: list[list[int]] = field(default_factory=list)

    def fold(self, frame: bytes) -> Folded:
        message = msgpack.unpackb(frame, strict_map_key=False)
        if message[0] == DESK:
            return Folded.OTHER
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
        self.names, self.columns, self.about = body.pop("columns"), columns, body

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
        return snapshot_body(self.about, self.names, self.columns)

    def hash(self) -> int:
        return state_hash(self.columns)
