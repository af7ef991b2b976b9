"""Looking after a SQLite journal: verify, mend, erase."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from tracker.core.model import Record
from tracker.journal.contract import Damage, Range
from tracker.journal.highwater import HighWater
from tracker.journal.records import Blank, Stored, blank, checksum, decode, verified
from tracker.journal.schema import MADE_AGAIN, OF_A_TOUR
from tracker.journal.sqlite_records import newest_record, read_records, read_rows, tour_id

T = TypeVar("T")

STEP_RECORDS = 1000

_OVERWRITE = (
    "UPDATE record SET kind = ?, device = NULL, fix_time_ms = NULL, content = NULL, payload = ?, crc = ? "
    "WHERE tour = ? AND seq = ?"
)


class Threads(Protocol):
    """How to reach the file from the event loop; SqliteJournal is one."""

    def read_with(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...

    def write_with(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...

    def alone_with(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...

    def rebuild(self, damage: Mapping[str, Sequence[Range]], now_ms: int) -> Awaitable[None]: ...


class SqliteCare:
    """`Care` for a SQLite journal."""

    def __init__(self, threads: Threads, high_water: HighWater) -> None:
        self._threads = threads
        self._high_water = high_water

    async def newest(self, tour: str) -> int:
        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT id FROM tour WHERE slug = ?", (tour,)).fetchone()
            acknowledged = self._high_water.read().get(tour, 0)
            return acknowledged if row is None else max(acknowledged, newest_record(connection, *row)[0])

        return await self._threads.read_with(work)

    async def verify(self, tour: str, after_seq: int, limit: int = STEP_RECORDS) -> int:
        def work(connection: sqlite3.Connection) -> int:
            return verified(tour, after_seq, read_rows(connection, tour, after_seq, limit))

        return await self._threads.read_with(work)

    async def verify_structure(self) -> list[str]:
        def work(connection: sqlite3.Connection) -> list[str]:
            try:
                found = [line for (line,) in connection.execute("PRAGMA integrity_check(10)")]
            except sqlite3.DatabaseError as error:
                return [str(error)]
            return [] if found == ["ok"] else found

        return await self._threads.read_with(work)

    async def mend(self, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
        await self._threads.rebuild(damage, now_ms)

    async def damage(self) -> list[Damage]:
        sql = (
            "SELECT slug, first_seq, last_seq, found_at_ms FROM damage JOIN tour ON tour.id = damage.tour "
            "ORDER BY slug, first_seq"
        )
        return await self._threads.read_with(lambda connection: [Damage(*row) for row in connection.execute(sql)])

    async def accept_damage(self) -> None:
        await self._threads.write_with(lambda connection: connection.execute("DELETE FROM damage"))

    async def blank_records(self, tour: str, selected: Callable[[Record], bool], why: Blank) -> int:
        def work(connection: sqlite3.Connection) -> int:
            connection.execute("PRAGMA secure_delete = ON")  # what is overwritten is not left behind in free space
            number = tour_id(connection, tour)
            count = seq = 0
            while found := read_records(connection, tour, seq, STEP_RECORDS):
                seq = found[-1].seq
                rows = [_blank_row(number, stored, why) for stored in found if selected(decode(stored))]
                connection.executemany(_OVERWRITE, rows)
                count += len(rows)
            return count

        return await self._threads.write_with(work)

    async def forget_refusals(self, tour: str, device: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA secure_delete = ON")
            values = (tour_id(connection, tour), device)
            for table in ("quarantine", "quarantine_count"):
                connection.execute(f"DELETE FROM {table} WHERE tour = ? AND device = ?", values)  # noqa: S608 - our names

        await self._threads.write_with(work)

    async def delete_tour(self, tour: str) -> int:
        def work(connection: sqlite3.Connection) -> int:
            connection.execute("PRAGMA secure_delete = ON")
            number = tour_id(connection, tour)
            count = connection.execute("DELETE FROM record WHERE tour = ?", (number,)).rowcount
            for table in (*OF_A_TOUR, *MADE_AGAIN):
                connection.execute(f"DELETE FROM {table} WHERE tour = ?", (number,))  # noqa: S608 - our names
            if self._high_water.read().get(tour):
                self._high_water.note(tour, 0)
            return count

        return await self._threads.write_with(work)

    async def compact(self) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        await self._threads.alone_with(work)

    async def size_bytes(self) -> int:
        def work(connection: sqlite3.Connection) -> int:
            (pages,), (free,), (size,) = (
                connection.execute(f"PRAGMA {name}").fetchone()
                for name in ("page_count", "freelist_count", "page_size")
            )
            return int((pages - free) * size)

        return await self._threads.read_with(work)


def _blank_row(tour: int, stored: Stored, why: Blank) -> tuple[int, bytes, int, int, int]:
    empty = blank(stored.seq, stored.stored_at_ms, why)
    return (empty.kind, empty.payload, checksum(tour, empty), tour, empty.seq)
