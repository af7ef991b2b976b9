"""The way into a journal that every home shares: entries become rows, rows gather, and who watches hears of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from tracker.core.model import RecordKind, Refusal
from tracker.errors import Deposed
from tracker.journal.contract import Appended, Entry, OnStored
from tracker.journal.gather import Batch, Gatherer, JournalLimits, Row
from tracker.journal.records import Stored, encode_body, ping_key

ENCODE_INLINE = 200  # more entries than this are encoded in a thread: some 5 us each, and the loop has others to serve


class Appender:
    """`Journal.append` and `Journal.watch` over a home's `write`, which stores batches in one durable transaction."""

    def __init__(
        self, write: Callable[[Sequence[Batch]], Awaitable[Sequence[Appended | Deposed]]], limits: JournalLimits
    ) -> None:
        self._write = write
        self._watchers: list[OnStored] = []
        self._gatherer = Gatherer(self._commit, limits)

    async def append(
        self,
        tour: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        device: str = "",
        protocol: str = "",
        refusals: Sequence[Refusal] = (),
        epoch: int | None = None,
    ) -> Appended:
        if len(entries) > ENCODE_INLINE:
            rows = await asyncio.to_thread(_rows, entries, device)
        else:
            rows = _rows(entries, device)
        return await self._gatherer.submit(Batch(tour, now_ms, rows, device, protocol, refusals, epoch))

    def watch(self, on_stored: OnStored) -> None:
        self._watchers.append(on_stored)

    @property
    def waiting_records(self) -> int:
        return self._gatherer.waiting_records

    async def drain(self) -> None:
        """Return once nothing waits to be stored."""
        await self._gatherer.drain()

    async def _commit(self, batches: Sequence[Batch]) -> Sequence[Appended | Deposed]:
        results = await self._write(batches)
        if self._watchers:
            stored: dict[str, list[Stored]] = {}
            for batch, result in zip(batches, results, strict=True):
                if isinstance(result, Appended) and result.stored:
                    stored.setdefault(batch.tour, []).extend(result.stored)
            for tour, records in stored.items():
                for watcher in self._watchers:
                    watcher(tour, records)
        return results


def _rows(entries: Sequence[Entry], device: str) -> list[Row]:
    rows = []
    for entry in entries:
        payload = encode_body(entry.kind, entry.body, device)
        rows.append(Row(entry.kind, payload, ping_key(payload) if entry.kind is RecordKind.PING else None))
    return rows
