"""Slices of the past in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from tracker.errors import Deposed
from tracker.journal.postgres_errors import explained
from tracker.journal.segments import KEPT_MS, Listed
from tracker.wire.segments import Segment

_PUT = (
    "INSERT INTO segment (tour, leg, start_ms, hash, body) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (tour, hash) DO UPDATE SET replaced_at_ms = NULL"
)
_REPLACED = (
    "UPDATE segment SET replaced_at_ms = $4 WHERE tour = $1 AND leg = $2 AND start_ms = $3 AND replaced_at_ms IS NULL"
)


class PostgresSegments:
    """`Segments` in a PostgreSQL database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def put(self, slug: str, epoch: int, segments: Sequence[Segment], now_ms: int) -> None:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            head = await connection.fetchrow("SELECT id, epoch FROM tour WHERE slug = $1 FOR SHARE", slug)
            if head is None or head["epoch"] != epoch:
                raise Deposed(slug, epoch)
            tour = head["id"]
            for leg, start_ms, content_hash, body in segments:
                await connection.execute(_REPLACED, tour, leg, start_ms, now_ms)
                await connection.execute(_PUT, tour, leg, start_ms, content_hash, body)
            old = "DELETE FROM segment WHERE tour = $1 AND replaced_at_ms < $2"
            await connection.execute(old, tour, now_ms - KEPT_MS)

    async def listed(self, slug: str, leg: int) -> list[Listed]:
        sql = (
            "SELECT start_ms, hash, length(body) FROM segment WHERE tour = (SELECT id FROM tour WHERE slug = $1) "
            "AND leg = $2 AND replaced_at_ms IS NULL ORDER BY start_ms"
        )
        async with explained():
            return [Listed(*row) for row in await self._pool.fetch(sql, slug, leg)]

    async def body(self, slug: str, content_hash: str) -> bytes | None:
        sql = "SELECT body FROM segment WHERE tour = (SELECT id FROM tour WHERE slug = $1) AND hash = $2"
        async with explained():
            body: bytes | None = await self._pool.fetchval(sql, slug, content_hash)
            return body

    async def forget(self, slug: str) -> None:
        async with explained():
            await self._pool.execute("DELETE FROM segment WHERE tour = (SELECT id FROM tour WHERE slug = $1)", slug)
