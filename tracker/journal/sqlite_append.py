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
from tracker.journal.numbering import COLUMNS, Head, keys_of, numbered
from tracker.journal.records import Key
from tracker.journal.sqlite_records import tour_id

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
    head = Head(*(connection.execute(_HEAD, (slug,)).fetchone() or (tour_id(connection, slug), 0, 0, 0)))
    results, rows = numbered(head, batches, _known_keys(connection, head.tour, batches))
    for part in _parts(rows):
        connection.execute(_insert(len(part)), [value for row in part for value in row])
    for batch, result in zip(batches, results, strict=True):
        if isinstance(result, Appended):
            _quarantine(connection, head.tour, batch, quarantine_per_day)
    return results


def _known_keys(connection: sqlite3.Connection, tour: int, batches: Sequence[Batch]) -> set[Key]:
    """Which pings of these batches are stored already; within a transaction that writes nobody can add one."""
    known: set[Key] = set()
    for part in _parts(keys_of(batches)):
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
    return f"INSERT INTO record ({', '.join(COLUMNS)}) VALUES {_places(rows, len(COLUMNS))}"  # noqa: S608 - our names


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
