"""A damaged SQLite journal written anew: everything that is sound, and blanks in place of the rest.

Copying is the one cure for all damage: to a record, to the pages that lead to it, or to an index.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tracker.errors import StoreUnavailable
from tracker.journal import schema
from tracker.journal.contract import Range, extend
from tracker.journal.records import Blank, Stored, blank, is_sound, key_of
from tracker.journal.sqlite_records import insert, newest_record, note_damage

_ROWS = "SELECT tour, crc, seq, stored_at_ms, kind, CAST(payload AS BLOB) FROM record"
_QUARANTINE = (
    "INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw) VALUES (?, ?, '', '', ?, ?, ?)"
)

Salvaged = dict[tuple[int, int], tuple[int, Stored]]  # (checksum, record) by tour and number


def rebuild(path: Path, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
    """Replace the file, to which nobody may hold a connection. The damaged one is kept beside it.

    `damage` is where reading met trouble; what is lost in there is found out here, and noted.
    """
    fresh = path.with_name(f"{path.name}-mended")
    for leftover in (fresh, *_side_files(fresh)):
        leftover.unlink(missing_ok=True)
    with closing(schema.open_reader(path)) as old, closing(schema.open_writer(fresh)) as new:
        (busy, *_) = old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:  # its log will be removed: by then everything in it must be in the file that is kept
            raise StoreUnavailable(f"{path} cannot be mended while another process reads it; it will be tried again")
        new.execute("BEGIN IMMEDIATE")
        for table in ("tour", *schema.OF_A_TOUR):
            _copy(old.execute(f"SELECT * FROM {table}"), new, table)  # noqa: S608 - our names
        tours = new.execute("SELECT id, slug FROM tour").fetchall()
        troubled = {tour: sorted(damage[slug]) for tour, slug in tours if slug in damage}
        salvaged = _salvage(old, troubled)
        for tour, _ in tours:
            _copy_records(old, new, tour, troubled.get(tour, ()), salvaged, now_ms)
        new.execute("COMMIT")
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
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


def _copy(rows: sqlite3.Cursor, new: sqlite3.Connection, table: str) -> None:
    places = ", ".join("?" * len(rows.description))
    new.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our names


def _salvage(old: sqlite3.Connection, troubled: Mapping[int, Sequence[Range]]) -> Salvaged:
    """What can be read in the ranges where trouble is, sound or not.

    A page on the way to a record may be what is damaged, so nothing is searched: the whole table is walked through,
    from both ends, as far as SQLite gets.
    """
    salvaged: Salvaged = {}
    if not troubled:
        return salvaged
    for direction in ("ASC", "DESC"):
        try:
            for tour, crc, *rest in old.execute(f"{_ROWS} ORDER BY tour {direction}, seq {direction}"):
                stored = Stored(*rest)
                place = (tour, stored.seq)
                if place in salvaged and is_sound(tour, *salvaged[place]):
                    continue
                if any(first <= stored.seq <= last for first, last in troubled.get(tour, ())):
                    salvaged[place] = (crc, stored)
        except (sqlite3.DatabaseError, TypeError):
            continue
    return salvaged


def _copy_records(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    tour: int,
    troubled: Sequence[Range],
    salvaged: Salvaged,
    now_ms: int,
) -> None:
    after_seq = 0
    for first_seq, last_seq in troubled:
        # LIMIT, not a condition: SQLite must not look at what comes next.
        sound = "SELECT * FROM record WHERE tour = ? AND seq > ? ORDER BY seq LIMIT ?"
        _copy(old.execute(sound, (tour, after_seq, first_seq - after_seq - 1)), new, "record")
        lost: list[Range] = []
        for seq in range(first_seq, last_seq + 1):
            if not _put_back(new, tour, seq, salvaged.get((tour, seq)), now_ms):
                extend(lost, (seq, seq))
        for each in lost:
            note_damage(new, tour, each, now_ms)
        after_seq = last_seq
    if (tour, after_seq) != (tour, _newest(old, tour, after_seq)):
        _copy(
            old.execute("SELECT * FROM record WHERE tour = ? AND seq > ? ORDER BY seq", (tour, after_seq)),
            new,
            "record",
        )


def _newest(old: sqlite3.Connection, tour: int, after_seq: int) -> int:
    """The newest number behind the last trouble; if that lasts to the end, SQLite may not find out."""
    try:
        return max(after_seq, newest_record(old, tour)[0])
    except sqlite3.DatabaseError:
        return after_seq


def _put_back(new: sqlite3.Connection, tour: int, seq: int, found: tuple[int, Stored] | None, now_ms: int) -> bool:
    """A record with the key that it should have; False if it is lost and a blank stands for it."""
    if found is not None:
        crc, stored = found
        if is_sound(tour, crc, stored):
            with contextlib.suppress(sqlite3.IntegrityError):  # unless a damaged index let a repeat in
                insert(new, tour, stored, key_of(stored))
                return True
        left = (tour, now_ms, "damaged record", f"record {seq}", bytes(stored.payload or b""))
        new.execute(_QUARANTINE, left)
    _, stored_at_ms = newest_record(new, tour)
    insert(new, tour, blank(seq, stored_at_ms, Blank.DAMAGED), None)
    return False
