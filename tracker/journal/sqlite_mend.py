"""A damaged SQLite journal written anew: everything that is sound, and blanks in place of the rest.

Copying is the one cure for all damage: to a record, to the pages that lead to it, or to an index.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tracker.journal import schema
from tracker.journal.contract import Range
from tracker.journal.records import Blank, Key, Stored, blank, is_sound, key_of
from tracker.journal.sqlite_records import insert, newest_record, note_damage

TABLES = ("tour", "tour_version", "device", "quarantine", "quarantine_count", "damage")

_QUARANTINE = (
    "INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw) VALUES (?, ?, '', '', ?, ?, ?)"
)


def rebuild(path: Path, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
    """Replace the file, to which nobody may hold a connection. The damaged one is kept beside it."""
    fresh = path.with_name(f"{path.name}-mended")
    for leftover in (fresh, *_side_files(fresh)):
        leftover.unlink(missing_ok=True)
    connection = schema.open_writer(fresh)
    try:
        connection.execute("ATTACH ? AS old", (str(path),))
        connection.execute("PRAGMA old.wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")  # noqa: S608 - our names
        for tour, slug in connection.execute("SELECT id, slug FROM main.tour").fetchall():
            _copy_records(connection, tour, sorted(damage.get(slug, ())), now_ms)
        connection.execute("COMMIT")
        connection.execute("DETACH old")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    kept = path.with_name(f"{path.name}-damaged")
    kept.unlink(missing_ok=True)
    os.link(path, kept)
    for side in _side_files(path):  # a log beside another file than its own would be applied to it
        side.unlink(missing_ok=True)
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _side_files(path: Path) -> Iterator[Path]:
    for suffix in ("-wal", "-shm"):
        yield path.with_name(path.name + suffix)


def _copy_records(connection: sqlite3.Connection, tour: int, damage: Sequence[Range], now_ms: int) -> None:
    after_seq = 0
    for first_seq, last_seq in damage:
        # LIMIT, not a condition: SQLite must not look at what comes next.
        sql = "INSERT INTO main.record SELECT * FROM old.record WHERE tour = ? AND seq > ? ORDER BY seq LIMIT ?"
        connection.execute(sql, (tour, after_seq, first_seq - after_seq - 1))
        for seq in range(first_seq, last_seq + 1):
            _copy_or_blank(connection, tour, seq, now_ms)
        note_damage(connection, tour, (first_seq, last_seq), now_ms)
        after_seq = last_seq
    sql = "INSERT INTO main.record SELECT * FROM old.record WHERE tour = ? AND seq > ? ORDER BY seq"
    try:
        connection.execute(sql, (tour, after_seq))
    except sqlite3.DatabaseError:
        if not damage:
            raise  # nobody said that anything is wrong here


def _copy_or_blank(connection: sqlite3.Connection, tour: int, seq: int, now_ms: int) -> None:
    sql = "SELECT crc, stored_at_ms, kind, CAST(payload AS BLOB) FROM old.record WHERE tour = ? AND seq = ?"
    try:
        found = connection.execute(sql, (tour, seq)).fetchone()
    except sqlite3.DatabaseError:
        found = None
    if found is not None:
        crc, *rest = found
        stored = Stored(seq, *rest)
        if is_sound(tour, crc, stored):
            key: Key | None = key_of(stored)
            insert(connection, tour, stored, key)
            return
        left = bytes(stored.payload or b"")
        connection.execute(_QUARANTINE, (tour, now_ms, "damaged record", f"record {seq}", left))
    _, stored_at_ms = newest_record(connection, tour)
    insert(connection, tour, blank(seq, stored_at_ms, Blank.DAMAGED), None)
