"""The scaled home of the journal and the store: PostgreSQL, any number of processes that write.

Numbers stay gap-free because every append locks its tour's head row first; group commit pays for that lock. Commits
are durable when they return: `synchronous_commit` is set on for every connection, whatever the server's default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from tracker.core.model import Record
from tracker.errors import Deposed, StoreError
from tracker.journal import postgres_schema
from tracker.journal.appending import Appender
from tracker.journal.contract import Appended, DeviceRow, Quarantined
from tracker.journal.gather import Batch, JournalLimits
from tracker.journal.postgres_access import PostgresAccess
from tracker.journal.postgres_append import append_all, tour_id
from tracker.journal.postgres_care import PostgresCare
from tracker.journal.postgres_errors import explained
from tracker.journal.postgres_segments import PostgresSegments
from tracker.journal.records import Stored, decode, sound_prefix

CONNECTIONS = 4  # one appends, the others read and keep the lease
CONNECT_S = 2.0
STATEMENT_S = 5.0
NOW_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"  # the database's clock: one for all processes


class PostgresJournal:
    """`Journal` and `Store` in a PostgreSQL database. Made by `open`."""

    def __init__(self, pool: asyncpg.Pool, limits: JournalLimits) -> None:
        self._pool = pool
        self._quarantine_per_day = limits.quarantine_per_day
        self._appender = appender = Appender(self._commit, limits)
        self.append = appender.append
        self.care = PostgresCare(pool)
        self.access = PostgresAccess(pool)
        self.segments = PostgresSegments(pool)
        self.watch = appender.watch

    @classmethod
    async def open(cls, url: str, limits: JournalLimits | None = None) -> PostgresJournal:
        """Connect and bring the tables up to date; raises StoreError with a sentence if that cannot be done."""
        async with explained():
            pool = await asyncpg.create_pool(
                url,
                min_size=0,  # asyncpg would tell of every connection it cannot keep ready, with a traceback
                max_size=CONNECTIONS,
                timeout=CONNECT_S,
                command_timeout=STATEMENT_S,
                server_settings={"synchronous_commit": "on"},
            )
        try:
            async with explained(), pool.acquire() as connection:
                await postgres_schema.migrate(connection)
        except StoreError:
            await pool.close()
            raise
        return cls(pool, limits or JournalLimits())

    async def close(self) -> None:
        await self._appender.drain()
        await self._pool.close()

    # Journal

    @property
    def waiting_records(self) -> int:
        return self._appender.waiting_records

    async def read(self, tour: str, after_seq: int, limit: int = 1000) -> list[Record]:
        sql = (
            "SELECT tour, crc, seq, stored_at_ms, kind, payload FROM record "
            "WHERE tour = (SELECT id FROM tour WHERE slug = $1) AND seq > $2 ORDER BY seq LIMIT $3"
        )
        found = [
            (number, crc, Stored(*stored)) for number, crc, *stored in await self._fetch(sql, tour, after_seq, limit)
        ]
        return [decode(stored) for stored in sound_prefix(tour, after_seq, found)]

    async def head(self, tour: str) -> tuple[int, int]:
        rows = await self._fetch("SELECT seq, stored_at_ms FROM tour WHERE slug = $1", tour)
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    # Store

    async def import_tour(self, slug: str, document: bytes, effective_from_ms: int) -> int:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            tour = await tour_id(connection, slug)
            await connection.execute("SELECT 1 FROM tour WHERE id = $1 FOR UPDATE", tour)
            newest = "SELECT version, document FROM tour_version WHERE tour = $1 ORDER BY version DESC LIMIT 1"
            version, known = await connection.fetchrow(newest, tour) or (0, None)
            if known != document:
                version += 1
                values = (tour, version, effective_from_ms, document)
                await connection.execute("INSERT INTO tour_version VALUES ($1, $2, $3, $4)", *values)
            sooner = (
                "UPDATE tour_version SET effective_from_ms = least(effective_from_ms, $1) "
                "WHERE tour = $2 AND version = $3"
            )
            await connection.execute(sooner, effective_from_ms, tour, version)
            return int(version)

    async def tours(self) -> list[str]:
        sql = "SELECT slug FROM tour WHERE id IN (SELECT tour FROM tour_version) ORDER BY slug"
        return [row[0] for row in await self._fetch(sql)]

    async def version_in_force(self, slug: str, at_ms: int) -> int:
        rows = await self._fetch(postgres_schema.IN_FORCE, slug, at_ms)
        if not rows:
            raise KeyError(slug)
        version: int = rows[0][0]
        return version

    async def tour_document(self, slug: str, version: int | None = None) -> tuple[int, bytes]:
        sql = (
            "SELECT version, document FROM tour_version JOIN tour ON tour.id = tour_version.tour "
            "WHERE slug = $1 AND version = coalesce($2, version) ORDER BY version DESC LIMIT 1"
        )
        rows = await self._fetch(sql, slug, version)
        if not rows:
            raise KeyError(slug)
        return rows[0][0], rows[0][1]

    async def devices(self, slug: str) -> list[DeviceRow]:
        sql = (
            "SELECT vehicle, name, generation, imei, box FROM device JOIN tour ON tour.id = device.tour "
            "WHERE slug = $1 ORDER BY name"
        )
        return [DeviceRow(*row) for row in await self._fetch(sql, slug)]

    async def set_devices(self, slug: str, devices: Sequence[DeviceRow]) -> None:
        sql = (
            "INSERT INTO device (tour, name, vehicle, generation, imei) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (tour, name) DO UPDATE SET vehicle = excluded.vehicle, imei = excluded.imei, "
            "generation = GREATEST(device.generation, excluded.generation)"
        )
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            tour = await tour_id(connection, slug)
            rows = [(tour, device.name, device.vehicle, device.generation, device.imei) for device in devices]
            await connection.executemany(sql, rows)
            await connection.execute(
                "UPDATE device SET box = NULL WHERE tour = $1 AND box IN (SELECT imei FROM device WHERE tour = $1)",
                tour,
            )

    async def give_box(self, slug: str, device: str, number: str) -> None:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            tour = await tour_id(connection, slug)
            await connection.execute("UPDATE device SET box = NULL WHERE tour = $1 AND box = $2", tour, number)
            await connection.execute("UPDATE device SET box = $3 WHERE tour = $1 AND name = $2", tour, device, number)

    async def take_lease(self, slug: str, holder: str, ttl_ms: int) -> int | None:
        sql = (
            f"UPDATE tour SET epoch = epoch + 1, lease_holder = $2, lease_until_ms = {NOW_MS} + $3 "  # noqa: S608 - no input
            f"WHERE id = $1 AND (lease_holder = $2 OR lease_until_ms <= {NOW_MS}) RETURNING epoch"
        )
        async with explained(), self._pool.acquire() as connection:
            epoch: int | None = await connection.fetchval(sql, await tour_id(connection, slug), holder, ttl_ms)
            return epoch

    async def renew_lease(self, slug: str, epoch: int, ttl_ms: int) -> bool:
        sql = f"UPDATE tour SET lease_until_ms = {NOW_MS} + $3 WHERE slug = $1 AND epoch = $2 RETURNING 1"  # noqa: S608
        return bool(await self._fetch(sql, slug, epoch, ttl_ms))

    async def release_lease(self, slug: str, epoch: int) -> None:
        sql = "UPDATE tour SET lease_until_ms = 0, lease_holder = '' WHERE slug = $1 AND epoch = $2"
        await self._fetch(sql, slug, epoch)

    async def quarantined(self, slug: str, limit: int = 100) -> list[Quarantined]:
        """The newest refusals, newest first."""
        sql = (
            "SELECT id, at_ms, device, protocol, reason, detail, raw FROM quarantine "
            "WHERE tour = (SELECT id FROM tour WHERE slug = $1) ORDER BY id DESC LIMIT $2"
        )
        return [Quarantined(*row) for row in await self._fetch(sql, slug, limit)]

    # Connections

    async def _commit(self, batches: Sequence[Batch]) -> Sequence[Appended | Deposed]:
        async with explained(), self._pool.acquire() as connection:
            return await append_all(connection, batches, self._quarantine_per_day)

    async def _fetch(self, sql: str, *values: object) -> list[Any]:
        async with explained(), self._pool.acquire() as connection:
            rows: list[Any] = await connection.fetch(sql, *values)
            return rows
