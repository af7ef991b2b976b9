"""Records in a SQLite file: stored, read and verified one by one, also where the file is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from tracker.errors import StoreDamaged
from tracker.journal.contract import Range
from tracker.journal.numbering import COLUMNS, columns_of
from tracker.journal.records import Blank, Key, Stored, blank, sound_prefix

UNREADABLE_AT_MOST = 100_000  # a page of the index above the records covers fewer
VERIFIED_RECORDS = 1000  # how far back the records are checked after the disk failed

_INSERT = f"INSERT INTO record ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our names


def tour_id(connection: sqlite3.Connection, slug: str) -> int:
    """The number of a tour; a new one is entered."""
    connection.execute("INSERT INTO tour (slug) VALUES (?) ON CONFLICT DO NOTHING", (slug,))
    number: int = connection.execute("SELECT id FROM tour WHERE slug = ?", (slug,)).fetchone()[0]
    return number


def newest_record(connection: sqlite3.Connection, tour: int) -> tuple[int, int]:
    """(seq, stored_at_ms); zeros if there is none."""
    sql = "SELECT seq, stored_at_ms FROM record WHERE tour = ? ORDER BY seq DESC LIMIT 1"
    return connection.execute(sql, (tour,)).fetchone() or (0, 0)


def insert(connection: sqlite3.Connection, tour: int, stored: Stored, key: Key | None) -> None:
    """Put one record back in its place."""
    connection.execute(_INSERT, columns_of(tour, stored, key))


def mend_end(connection: sqlite3.Connection, marks: Mapping[str, int]) -> None:
    """Put blanks behind each tour's end up to what was acknowledged, and note them as damage.

    Their numbers are never given out again: who has seen them would take other records for the same.
    """
    for slug, acknowledged in marks.items():
        tour = tour_id(connection, slug)
        try:
            seq, stored_at_ms = newest_record(connection, tour)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                continue  # a scrub finds out how far this goes
            raise
        if seq < acknowledged:
            for lost in range(seq + 1, acknowledged + 1):
                insert(connection, tour, blank(lost, stored_at_ms, Blank.DAMAGED), None)
            note_damage(connection, tour, (seq + 1, acknowledged), stored_at_ms)


def note_damage(connection: sqlite3.Connection, tour: int, lost: Range, now_ms: int) -> None:
    connection.execute("INSERT OR REPLACE INTO damage VALUES (?, ?, ?, ?)", (tour, *lost, now_ms))


def read_records(connection: sqlite3.Connection, slug: str, after_seq: int, limit: int) -> list[Stored]:
    """Consecutive sound records from `after_seq + 1`; StoreDamaged if that very one is missing or altered."""
    sql = (
        "SELECT tour, crc, seq, stored_at_ms, kind, payload FROM record "
        "WHERE tour = (SELECT id FROM tour WHERE slug = ?) AND seq > ? ORDER BY seq LIMIT ?"
    )
    try:
        found = connection.execute(sql, (slug, after_seq, limit)).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        rows = [(tour, crc, stored) for tour, crc, _, stored in read_rows(connection, slug, after_seq, limit)]
    else:
        rows = [(tour, crc, Stored(*stored)) for tour, crc, *stored in found]
    return sound_prefix(slug, after_seq, rows)


def read_rows(
    connection: sqlite3.Connection, slug: str, after_seq: int, limit: int
) -> list[tuple[int, int, Key | None, Stored]]:
    """Records as they lie there, with their checksums and keys; as many as the file lets read.

    Raises StoreDamaged if the very first lies in a part that SQLite cannot read.
    """
    sql = (
        "SELECT tour, crc, device, fix_time_ms, content, seq, stored_at_ms, kind, CAST(payload AS BLOB) FROM record "
        "WHERE tour = (SELECT id FROM tour WHERE slug = ?) AND seq > ? ORDER BY seq LIMIT ?"
    )
    rows = []
    try:
        for tour, crc, device, fix_time_ms, content, *stored in connection.execute(sql, (slug, after_seq, limit)):
            key = None if content is None else Key(device, fix_time_ms, content)
            rows.append((tour, crc, key, Stored(*stored)))
    except sqlite3.DatabaseError as error:
        if is_damage(error) and not rows:
            raise StoreDamaged(slug, after_seq + 1, _next_readable(connection, slug, after_seq + 1) - 1) from error
        if not is_damage(error):
            raise
    return rows


def _next_readable(connection: sqlite3.Connection, slug: str, damaged_seq: int) -> int:
    """The first number behind an unreadable one that SQLite can read again, in steps of a page or so."""
    (tour,) = connection.execute("SELECT id FROM tour WHERE slug = ?", (slug,)).fetchone()
    sql = "SELECT seq FROM record WHERE tour = ? AND seq = ?"
    seq = damaged_seq + 1
    while seq < damaged_seq + UNREADABLE_AT_MOST:
        try:
            if connection.execute(sql, (tour, seq)).fetchone() is not None:
                return seq
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        seq += 1
    return seq


def verify_tail(connection: sqlite3.Connection, slug: str, seq: int) -> None:
    """Raise StoreDamaged unless the newest records up to `seq` are there and sound."""
    after_seq = max(0, seq - VERIFIED_RECORDS)
    found = read_records(connection, slug, after_seq, seq - after_seq)
    if len(found) < seq - after_seq:
        raise StoreDamaged(slug, after_seq + len(found) + 1, seq)


def is_damage(error: sqlite3.Error) -> bool:
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def primary_code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF
