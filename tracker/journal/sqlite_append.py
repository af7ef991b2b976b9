"""One transaction of appends in SQLite: find the repeats, number and insert the survivors.

A thread lets go of the interpreter at every step of a statement, and while the engine folds it waits for milliseconds
to get it back. So a transaction is few statements of many rows each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar

from tracker.errors import Deposed
from tracker.journal.contract import DAY_MS, Appended
from tracker.journal.gather import Batch
from tracker.journal.records import Key, Stored
from tracker.journal.sqlite_records import COLUMNS, columns_of, tour_id

T = TypeVar("T")

ROWS_AT_ONCE = 500  # of a statement

_HEAD = """
    SELECT id, epoch, ifnull(newest.seq, 0), ifnull(newest.stored_at_ms, 0) FROM tour LEFT JOIN record AS newest
    ON newest.tour = id AND newest.seq = (SELECT max(seq) FROM record WHERE tour = id) WHERE slug = ?
"""
_COUNT_REFUSAL = """
    INSERT INTO quarantine_count (tour, device, day, refusals) VALUES (?, ?, ?, 1)
    ON CONFLICT (tour, device, day) DO UPDATE SET refusals = refusals + 1
    RETURNING refusals
"""
_QUARANTINE = """
    INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def append_all(
    connection: sqlite3.Connection, batches: Sequence[Batch], quarantine_per_day: int
) -> list[Appended | Deposed]:
    """Store the batches, numbered in their order within each tour; in a transaction of the caller."""
    results: dict[int, Appended | Deposed] = {}
    for slug in dict.fromkeys(batch.tour for batch in batches):
        mine = [index for index, batch in enumerate(batches) if batch.tour == slug]
        done = _append_tour(connection, slug, [batches[index] for index in mine], quarantine_per_day)
        results.update(zip(mine, done, strict=True))
    return [results[index] for index in range(len(batches))]


def _append_tour(
    connection: sqlite3.Connection, slug: str, batches: Sequence[Batch], quarantine_per_day: int
) -> list[Appended | Deposed]:
    head = connection.execute(_HEAD, (slug,)).fetchone() or (tour_id(connection, slug), 0, 0, 0)
    tour, epoch, seq, stored_at_ms = head
    known = _known_keys(connection, tour, batches)
    results: list[Appended | Deposed] = []
    rows: list[tuple[object, ...]] = []
    for batch in batches:
        if batch.epoch is not None and batch.epoch != epoch:
            results.append(Deposed(slug, batch.epoch))
            continue
        survivors = []
        for kind, payload, key in batch.rows:
            if key is not None:
                if key in known:
                    continue
                known.add(key)
            seq, stored_at_ms = seq + 1, max(batch.now_ms, stored_at_ms)
            stored = Stored(seq, stored_at_ms, kind, payload)
            rows.append(columns_of(tour, stored, key))
            survivors.append(stored)
        results.append(Appended(tuple(survivors), len(batch.rows) - len(survivors)))
        _quarantine(connection, tour, batch, quarantine_per_day)
    for part in _parts(rows):
        connection.execute(_insert(len(part)), [value for row in part for value in row])
    return results


def _known_keys(connection: sqlite3.Connection, tour: int, batches: Sequence[Batch]) -> set[Key]:
    """Which pings of these batches are stored already; within a transaction that writes nobody can add one."""
    keys = [row.key for batch in batches for row in batch.rows if row.key is not None]
    known: set[Key] = set()
    for part in _parts(keys):
        values = [value for place, key in enumerate(part) for value in (place, *key)]
        (places,) = connection.execute(_find(len(part)), [*values, tour]).fetchone()
        if places is not None:
            known.update(part[int(place)] for place in places.split(","))
    return known


def _quarantine(connection: sqlite3.Connection, tour: int, batch: Batch, per_day: int) -> None:
    for refusal in batch.refusals:
        counted = connection.execute(_COUNT_REFUSAL, (tour, batch.device, batch.now_ms // DAY_MS))
        if counted.fetchone()[0] <= per_day:
            shown = (batch.device, batch.protocol, refusal.reason, refusal.detail, refusal.raw)
            connection.execute(_QUARANTINE, (tour, batch.now_ms, *shown))


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


@cache
def _insert(rows: int) -> str:
    names = COLUMNS.split(",")
    return f"INSERT INTO record ({COLUMNS}) VALUES {_places(rows, len(names))}"  # noqa: S608 - our names


@cache
def _find(keys: int) -> str:
    """The places of the keys that are stored, in one row."""
    return f"""
        SELECT group_concat(key.column1) FROM (VALUES {_places(keys, 4)}) AS key CROSS JOIN record
        ON record.device = key.column2 AND record.fix_time_ms = key.column3 AND record.content = key.column4
        WHERE record.tour = ?
    """  # noqa: S608 - our names


def _places(rows: int, columns: int) -> str:
    row = ", ".join("?" * columns)
    return ", ".join([f"({row})"] * rows)
