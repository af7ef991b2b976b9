"""What becomes of appends within a transaction: repeats are left out, the others numbered on from the head. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.errors import Deposed
from tracker.journal.contract import Appended
from tracker.journal.gather import Batch
from tracker.journal.records import Key, Stored, checksum

COLUMNS = ("tour", "seq", "stored_at_ms", "kind", "device", "fix_time_ms", "content", "payload", "crc")

Columns = tuple[object, ...]


class Head(NamedTuple):
    """The end of a tour's journal, and whose lead is in force."""

    tour: int
    epoch: int
    seq: int
    stored_at_ms: int


def columns_of(tour: int, stored: Stored, key: Key | None) -> Columns:
    """A record with its checksum, in the order of COLUMNS."""
    seq, stored_at_ms, kind, payload = stored
    return (tour, seq, stored_at_ms, kind, *(key or (None, None, None)), payload, checksum(tour, stored))


def keys_of(batches: Sequence[Batch]) -> list[Key]:
    """What the pings of these batches are recognised by."""
    return [row.key for batch in batches for row in batch.rows if row.key is not None]


def numbered(head: Head, batches: Sequence[Batch], known: set[Key]) -> tuple[list[Appended | Deposed], list[Columns]]:
    """The result of each of a tour's batches, and the rows to insert; `known` are the keys that are stored already."""
    tour, epoch, seq, stored_at_ms = head
    seen = set(known)
    results: list[Appended | Deposed] = []
    rows: list[Columns] = []
    for batch in batches:
        if batch.epoch is not None and batch.epoch != epoch:
            results.append(Deposed(batch.tour, batch.epoch))
            continue
        survivors = []
        for kind, payload, key in batch.rows:
            if key is not None:
                if key in seen:
                    continue
                seen.add(key)
            seq, stored_at_ms = seq + 1, max(batch.now_ms, stored_at_ms)
            stored = Stored(seq, stored_at_ms, kind, payload)
            rows.append(columns_of(tour, stored, key))
            survivors.append(stored)
        results.append(Appended(tuple(survivors), len(batch.rows) - len(survivors)))
    return results, rows
