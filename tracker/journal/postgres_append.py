"""One transaction of appends in PostgreSQL: lock the head, find the repeats, number and copy the survivors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.errors import Deposed
from tracker.journal.contract import DAY_MS, Appended
from tracker.journal.gather import Batch
from tracker.journal.numbering import COLUMNS, Head, keys_of, numbered
from tracker.journal.records import Key

if TYPE_CHECKING:
    from tracker.journal.postgres_schema import Connection

_HEAD = "SELECT id, epoch, seq, stored_at_ms FROM tour WHERE slug = $1 FOR UPDATE"
_KNOWN = """
    SELECT device, fix_time_ms, content FROM record
    JOIN unnest($2::text[], $3::bigint[], $4::bigint[]) AS key (device, fix_time_ms, content)
    USING (device, fix_time_ms, content) WHERE tour = $1
"""
_COUNT_REFUSAL = """
    INSERT INTO quarantine_count AS known (tour, device, day, refusals) VALUES ($1, $2, $3, 1)
    ON CONFLICT (tour, device, day) DO UPDATE SET refusals = known.refusals + 1 RETURNING refusals
"""
_QUARANTINE = """
    INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def append_all(
    connection: Connection, batches: Sequence[Batch], quarantine_per_day: int
) -> list[Appended | Deposed]:
    """Store the batches in one transaction, numbered in their order within each tour."""
    results: dict[int, Appended | Deposed] = {}
    async with connection.transaction():
        for slug in sorted({batch.tour for batch in batches}):  # always in one order: no two processes wait in a ring
            mine = [index for index, batch in enumerate(batches) if batch.tour == slug]
            done = await _append_tour(connection, slug, [batches[index] for index in mine], quarantine_per_day)
            results.update(zip(mine, done, strict=True))
    return [results[index] for index in range(len(batches))]


async def _append_tour(
    connection: Connection, slug: str, batches: Sequence[Batch], quarantine_per_day: int
) -> list[Appended | Deposed]:
    await tour_id(connection, slug)
    (found,) = await connection.fetch(_HEAD, slug)
    head = Head(*found)
    results, rows = numbered(head, batches, await _known_keys(connection, head.tour, batches))
    if rows:
        await connection.copy_records_to_table("record", records=rows, columns=COLUMNS)
        newest = [result.stored[-1] for result in results if isinstance(result, Appended) and result.stored][-1]
        sql = "UPDATE tour SET seq = $2, stored_at_ms = $3 WHERE id = $1"
        await connection.execute(sql, head.tour, newest.seq, newest.stored_at_ms)
    for batch, result in zip(batches, results, strict=True):
        if isinstance(result, Appended):
            await _quarantine(connection, head.tour, batch, quarantine_per_day)
    return results


async def _known_keys(connection: Connection, tour: int, batches: Sequence[Batch]) -> set[Key]:
    """Which pings of these batches are stored already; under the head's lock nobody can add one meanwhile."""
    keys = keys_of(batches)
    if not keys:
        return set()
    devices, fix_times_ms, contents = zip(*keys, strict=True)
    return {Key(*row) for row in await connection.fetch(_KNOWN, tour, devices, fix_times_ms, contents)}


async def _quarantine(connection: Connection, tour: int, batch: Batch, per_day: int) -> None:
    for refusal in batch.refusals:
        if await connection.fetchval(_COUNT_REFUSAL, tour, batch.device, batch.now_ms // DAY_MS) <= per_day:
            # PostgreSQL's text has no NUL; the raw bytes keep what the detail loses.
            detail = refusal.detail.replace("\0", "")
            shown = (batch.device, batch.protocol, refusal.reason, detail, refusal.raw)
            await connection.execute(_QUARANTINE, tour, batch.now_ms, *shown)


async def tour_id(connection: Connection, slug: str) -> int:
    """The number of a tour; a new one is entered."""
    await connection.execute("INSERT INTO tour (slug) VALUES ($1) ON CONFLICT DO NOTHING", slug)
    number: int = await connection.fetchval("SELECT id FROM tour WHERE slug = $1", slug)
    return number
