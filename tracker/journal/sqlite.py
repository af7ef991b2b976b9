"""The embedded home of the journal and the store: one SQLite file, WAL, every commit flushed to disk.

One thread writes, another reads, so that the event loop waits for neither and readers never wait for the writer.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from tracker.core.model import Record
from tracker.errors import Deposed
from tracker.journal import schema
from tracker.journal.appending import Appender
from tracker.journal.contract import Appended, DeviceRow, Quarantined, Range
from tracker.journal.gather import Batch, JournalLimits
from tracker.journal.records import decode
from tracker.journal.sqlite_access import SqliteAccess
from tracker.journal.sqlite_care import SqliteCare
from tracker.journal.sqlite_mend import rebuild
from tracker.journal.sqlite_records import read_records, tour_id
from tracker.journal.sqlite_segments import SqliteSegments
from tracker.journal.sqlite_writer import Writer, explained

T = TypeVar("T")


class SqliteJournal:
    """`Journal` and `Store` in one file. Made by `open`."""

    def __init__(self, path: Path, limits: JournalLimits) -> None:
        self.path = path
        self._writer = writer = Writer(path, limits.quarantine_per_day)
        self._writing = ThreadPoolExecutor(1, "journal-writer")
        self._reading = ThreadPoolExecutor(1, "journal-reader")
        self._reader: sqlite3.Connection | None = None
        self._file = threading.Lock()  # who holds it may open a reading connection, or replace the file
        self.care = SqliteCare(self, writer.high_water)
        self.access = SqliteAccess(self)
        self.segments = SqliteSegments(self)
        self._appender = appender = Appender(self._commit, limits)
        self.append = appender.append
        self.watch = appender.watch

    @classmethod
    async def open(cls, path: Path, limits: JournalLimits | None = None) -> SqliteJournal:
        """Open the file, or make it; raises StoreError with a sentence if it cannot be used."""
        journal = cls(path, limits or JournalLimits())
        try:
            await journal._in(journal._writing, journal._writer.open)
        except BaseException:
            await journal.close()
            raise
        return journal

    async def close(self) -> None:
        await self._appender.drain()
        await self._in(self._reading, self._close_reader)
        await self._in(self._writing, self._writer.close)
        self._reading.shutdown()
        self._writing.shutdown()

    # Journal

    @property
    def waiting_records(self) -> int:
        return self._appender.waiting_records

    async def read(self, tour: str, after_seq: int, limit: int = 1000) -> list[Record]:
        def work(connection: sqlite3.Connection) -> list[Record]:
            return [decode(stored) for stored in read_records(connection, tour, after_seq, limit)]

        return await self.read_with(work)

    async def head(self, tour: str) -> tuple[int, int]:
        sql = "SELECT seq, stored_at_ms FROM record WHERE tour = (SELECT id FROM tour WHERE slug = ?) ORDER BY seq DESC"
        return await self.read_with(lambda connection: connection.execute(sql, (tour,)).fetchone() or (0, 0))

    # Store

    async def import_tour(self, slug: str, document: bytes, effective_from_ms: int) -> int:
        def work(connection: sqlite3.Connection) -> int:
            tour = tour_id(connection, slug)
            newest = "SELECT version, document FROM tour_version WHERE tour = ? ORDER BY version DESC LIMIT 1"
            version, known = connection.execute(newest, (tour,)).fetchone() or (0, None)
            if known != document:
                version += 1
                values = (tour, version, effective_from_ms, document)
                connection.execute("INSERT INTO tour_version VALUES (?, ?, ?, ?)", values)
            sooner = (
                "UPDATE tour_version SET effective_from_ms = min(effective_from_ms, ?) WHERE tour = ? AND version = ?"
            )
            connection.execute(sooner, (effective_from_ms, tour, version))
            return int(version)

        return await self.write_with(work)

    async def tours(self) -> list[str]:
        sql = "SELECT slug FROM tour WHERE id IN (SELECT tour FROM tour_version) ORDER BY slug"
        return await self.read_with(lambda connection: [slug for (slug,) in connection.execute(sql)])

    async def version_in_force(self, slug: str, at_ms: int) -> int:
        row: tuple[int] | None = await self.read_with(
            lambda connection: connection.execute(schema.IN_FORCE, (slug, at_ms)).fetchone()
        )
        if row is None:
            raise KeyError(slug)
        return row[0]

    async def tour_document(self, slug: str, version: int | None = None) -> tuple[int, bytes]:
        sql = (
            "SELECT version, document FROM tour_version JOIN tour ON tour.id = tour_version.tour "
            "WHERE slug = ?1 AND version = coalesce(?2, version) ORDER BY version DESC LIMIT 1"
        )
        row: tuple[int, bytes] | None = await self.read_with(
            lambda connection: connection.execute(sql, (slug, version)).fetchone()
        )
        if row is None:
            raise KeyError(slug)
        return row

    async def devices(self, slug: str) -> list[DeviceRow]:
        sql = (
            "SELECT vehicle, name, generation, imei, box FROM device JOIN tour ON tour.id = device.tour "
            "WHERE slug = ? ORDER BY name"
        )
        return await self.read_with(lambda connection: [DeviceRow(*row) for row in connection.execute(sql, (slug,))])

    async def set_devices(self, slug: str, devices: Sequence[DeviceRow]) -> None:
        sql = (
            "INSERT INTO device (tour, name, vehicle, generation, imei) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET vehicle = excluded.vehicle, imei = excluded.imei, "
            "generation = max(generation, excluded.generation)"
        )

        def work(connection: sqlite3.Connection) -> None:
            tour = tour_id(connection, slug)
            rows = [(tour, device.name, device.vehicle, device.generation, device.imei) for device in devices]
            connection.executemany(sql, rows)
            connection.execute(
                "UPDATE device SET box = NULL WHERE tour = ?1 AND box IN (SELECT imei FROM device WHERE tour = ?1)",
                (tour,),
            )

        await self.write_with(work)

    async def give_box(self, slug: str, device: str, number: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            tour = tour_id(connection, slug)
            connection.execute("UPDATE device SET box = NULL WHERE tour = ? AND box = ?", (tour, number))
            connection.execute("UPDATE device SET box = ? WHERE tour = ? AND name = ?", (number, tour, device))

        await self.write_with(work)

    async def take_lease(self, slug: str, holder: str, ttl_ms: int) -> int | None:
        sql = (
            "UPDATE tour SET epoch = epoch + 1, lease_holder = ?1, lease_until_ms = ?4 + ?2 "
            "WHERE id = ?3 AND (lease_holder = ?1 OR lease_until_ms <= ?4) RETURNING epoch"
        )

        def work(connection: sqlite3.Connection) -> int | None:
            row = connection.execute(sql, (holder, ttl_ms, tour_id(connection, slug), _now_ms())).fetchone()
            return None if row is None else int(row[0])

        return await self.write_with(work)

    async def renew_lease(self, slug: str, epoch: int, ttl_ms: int) -> bool:
        sql = "UPDATE tour SET lease_until_ms = ? WHERE slug = ? AND epoch = ?"
        return await self.write_with(
            lambda connection: connection.execute(sql, (_now_ms() + ttl_ms, slug, epoch)).rowcount > 0
        )

    async def release_lease(self, slug: str, epoch: int) -> None:
        sql = "UPDATE tour SET lease_until_ms = 0, lease_holder = '' WHERE slug = ? AND epoch = ?"
        await self.write_with(lambda connection: connection.execute(sql, (slug, epoch)))

    async def quarantined(self, slug: str, limit: int = 100) -> list[Quarantined]:
        """The newest refusals, newest first."""
        sql = (
            "SELECT id, at_ms, device, protocol, reason, detail, raw FROM quarantine "
            "WHERE tour = (SELECT id FROM tour WHERE slug = ?) ORDER BY id DESC LIMIT ?"
        )
        return await self.read_with(
            lambda connection: [Quarantined(*row) for row in connection.execute(sql, (slug, limit))]
        )

    async def _commit(self, batches: Sequence[Batch]) -> Sequence[Appended | Deposed]:
        return await self._in(self._writing, lambda: self._writer.append(batches))

    # Threads

    async def write_with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._in(self._writing, lambda: self._writer.transact(work))

    async def read_with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._in(self._reading, lambda: self._with_reader(work))

    async def alone_with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """With the only connection there is, and outside of a transaction."""
        return await self._in(self._writing, lambda: self._alone(lambda: self._writer.outside(work)))

    async def rebuild(self, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
        """Write the file anew, with blanks in place of what is damaged. Appends wait meanwhile, or are refused."""
        await self._in(self._writing, lambda: self._alone(lambda: rebuild(self.path, damage, now_ms)))

    async def _in(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    def _with_reader(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._file:
            try:
                if self._reader is None:
                    self._reader = schema.open_reader(self.path)
                return work(self._reader)
            except sqlite3.Error as error:
                self._close_reader()
                raise explained(error, self.path) from error

    def _alone(self, work: Callable[[], T]) -> T:
        with self._file:
            self._close_reader()
            self._writer.close()
            try:
                return work()
            except sqlite3.Error as error:
                raise explained(error, self.path) from error

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _now_ms() -> int:
    """The machine's clock: whoever shares the file shares it too."""
    return time.time_ns() // 1_000_000
