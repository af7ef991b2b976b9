"""Looking after a journal in PostgreSQL: verify, mend, erase. Its pages are PostgreSQL's own to check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg

from tracker.core.model import Record
from tracker.journal.contract import Damage, Range, extend
from tracker.journal.postgres_errors import explained
from tracker.journal.records import (
    Blank,
    Key,
    Stored,
    blank,
    checksum,
    decode,
    is_sound,
    key_of,
    sound_prefix,
    verified,
)
from tracker.journal.schema import MADE_AGAIN, OF_A_TOUR

if TYPE_CHECKING:
    from tracker.journal.postgres_schema import Connection

STEP_RECORDS = 1000
COMPACT_S = 3600.0

_ROWS = """
    SELECT tour, crc, device, fix_time_ms, content, seq, stored_at_ms, kind, payload FROM record
    WHERE tour = (SELECT id FROM tour WHERE slug = $1) AND seq > $2 ORDER BY seq LIMIT $3
"""
_BLANK = """
    INSERT INTO record (tour, seq, stored_at_ms, kind, payload, crc) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tour, seq) DO UPDATE SET stored_at_ms = excluded.stored_at_ms, kind = excluded.kind, device = NULL,
    fix_time_ms = NULL, content = NULL, payload = excluded.payload, crc = excluded.crc
"""
_KEY = "UPDATE record SET device = $3, fix_time_ms = $4, content = $5 WHERE tour = $1 AND seq = $2"
_QUARANTINE = """
    INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw)
    VALUES ($1, $2, '', '', 'damaged record', $3, $4)
"""

Row = tuple[int, int, Key | None, Stored]


class PostgresCare:
    """`Care` for a journal in PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def newest(self, tour: str) -> int:
        async with explained():
            return await self._pool.fetchval("SELECT seq FROM tour WHERE slug = $1", tour) or 0

    async def verify(self, tour: str, after_seq: int, limit: int = STEP_RECORDS) -> int:
        async with explained():
            return verified(tour, after_seq, _rows(await self._pool.fetch(_ROWS, tour, after_seq, limit)))

    async def verify_structure(self) -> list[str]:
        return []  # `pg_amcheck` is PostgreSQL's own tool for that

    async def mend(self, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            for slug, ranges in sorted(damage.items()):
                tour = await connection.fetchval("SELECT id FROM tour WHERE slug = $1 FOR UPDATE", slug)
                lost: list[Range] = []
                for first_seq, last_seq in ranges:
                    for seq in await self._mend(connection, tour, slug, range(first_seq, last_seq + 1), now_ms):
                        extend(lost, (seq, seq))
                sql = "INSERT INTO damage VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
                await connection.executemany(sql, [(tour, *each, now_ms) for each in lost])

    async def _mend(self, connection: Connection, tour: int, slug: str, numbers: range, now_ms: int) -> list[int]:
        """The numbers that are lost."""
        lost = []
        before = "SELECT stored_at_ms FROM record WHERE tour = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1"
        stored_at_ms = await connection.fetchval(before, tour, numbers[0]) or 0
        found = {row[3].seq: row for row in _rows(await connection.fetch(_ROWS, slug, numbers[0] - 1, len(numbers)))}
        for seq in numbers:
            if seq in found:
                _, crc, _, stored = found[seq]
                if is_sound(tour, crc, stored):
                    await connection.execute(_KEY, tour, seq, *(key_of(stored) or (None, None, None)))
                    continue
                await connection.execute(_QUARANTINE, tour, now_ms, f"record {seq}", stored.payload)
            lost.append(seq)
            empty = blank(seq, stored_at_ms, Blank.DAMAGED)
            await connection.execute(_BLANK, tour, *empty, checksum(tour, empty))
        return lost

    async def damage(self) -> list[Damage]:
        sql = (
            "SELECT slug, first_seq, last_seq, found_at_ms FROM damage JOIN tour ON tour.id = damage.tour "
            "ORDER BY slug, first_seq"
        )
        async with explained():
            return [Damage(*row) for row in await self._pool.fetch(sql)]

    async def accept_damage(self) -> None:
        async with explained():
            await self._pool.execute("DELETE FROM damage")

    async def blank_records(self, tour: str, selected: Callable[[Record], bool], why: Blank) -> int:
        count = seq = 0
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT 1 FROM tour WHERE slug = $1 FOR UPDATE", tour)
            while rows := _rows(await connection.fetch(_ROWS, tour, seq, STEP_RECORDS)):
                number = rows[0][0]
                found = sound_prefix(tour, seq, [(each, crc, stored) for each, crc, _, stored in rows])
                seq = found[-1].seq
                blanks = [blank(stored.seq, stored.stored_at_ms, why) for stored in found if selected(decode(stored))]
                await connection.executemany(_BLANK, [(number, *empty, checksum(number, empty)) for empty in blanks])
                count += len(blanks)
        return count

    async def forget_refusals(self, tour: str, device: str) -> None:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            number = await connection.fetchval("SELECT id FROM tour WHERE slug = $1", tour)
            for table in ("quarantine", "quarantine_count"):
                await connection.execute(f"DELETE FROM {table} WHERE tour = $1 AND device = $2", number, device)  # noqa: S608

    async def delete_tour(self, tour: str) -> int:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            number = await connection.fetchval("SELECT id FROM tour WHERE slug = $1 FOR UPDATE", tour)
            count: int = await connection.fetchval("SELECT count(*) FROM record WHERE tour = $1", number)
            for table in ("record", *OF_A_TOUR, *MADE_AGAIN):
                await connection.execute(f"DELETE FROM {table} WHERE tour = $1", number)  # noqa: S608 - our names
            await connection.execute("UPDATE tour SET seq = 0, stored_at_ms = 0 WHERE id = $1", number)
            return count

    async def compact(self) -> None:
        async with explained():
            for table in ("record", "quarantine", "segment"):
                await self._pool.execute(f"VACUUM (FULL) {table}", timeout=COMPACT_S)

    async def size_bytes(self) -> int:
        async with explained():
            size: int = await self._pool.fetchval("SELECT pg_total_relation_size('record')")
            return size


def _rows(found: Sequence[Any]) -> list[Row]:
    return [
        (tour, crc, None if content is None else Key(device, fix_time_ms, content), Stored(*stored))
        for tour, crc, device, fix_time_ms, content, *stored in found
    ]
