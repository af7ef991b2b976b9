"""Slices of the past in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tracker.errors import Deposed
from tracker.journal.segments import KEPT_MS, Listed
from tracker.journal.sqlite_access import Threads
from tracker.journal.sqlite_records import tour_id
from tracker.wire.segments import Segment

_PUT = (
    "INSERT INTO segment (tour, leg, start_ms, hash, body) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET replaced_at_ms = NULL"
)


class SqliteSegments:
    """`Segments` in a SQLite journal."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads

    async def put(self, slug: str, epoch: int, segments: Sequence[Segment], now_ms: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            tour = tour_id(connection, slug)
            (current,) = connection.execute("SELECT epoch FROM tour WHERE id = ?", (tour,)).fetchone()
            if current != epoch:
                raise Deposed(slug, epoch)
            for leg, start_ms, content_hash, body in segments:
                replaced = "UPDATE segment SET replaced_at_ms = ? WHERE tour = ? AND leg = ? AND start_ms = ?"
                connection.execute(f"{replaced} AND replaced_at_ms IS NULL", (now_ms, tour, leg, start_ms))
                connection.execute(_PUT, (tour, leg, start_ms, content_hash, body))
            connection.execute("DELETE FROM segment WHERE tour = ? AND replaced_at_ms < ?", (tour, now_ms - KEPT_MS))

        await self._threads.write_with(work)

    async def listed(self, slug: str, leg: int) -> list[Listed]:
        sql = (
            "SELECT start_ms, hash, length(body) FROM segment WHERE tour = (SELECT id FROM tour WHERE slug = ?) "
            "AND leg = ? AND replaced_at_ms IS NULL ORDER BY start_ms"
        )
        return await self._threads.read_with(
            lambda connection: [Listed(*row) for row in connection.execute(sql, (slug, leg))]
        )

    async def body(self, slug: str, content_hash: str) -> bytes | None:
        sql = "SELECT body FROM segment WHERE tour = (SELECT id FROM tour WHERE slug = ?) AND hash = ?"
        row: tuple[bytes] | None = await self._threads.read_with(
            lambda connection: connection.execute(sql, (slug, content_hash)).fetchone()
        )
        return None if row is None else row[0]

    async def forget(self, slug: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM segment WHERE tour = ?", (tour_id(connection, slug),))

        await self._threads.write_with(work)
