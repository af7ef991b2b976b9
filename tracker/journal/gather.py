"""Group commit: whatever waits goes into the next transaction, so that one flush to disk serves many devices.

A single append is written at once. While one transaction runs, others gather behind it; when several wait, a window
of a few milliseconds opens so that the next transaction carries more, which costs less than the flushes it saves.
Transactions are short and take the small appends first, so that a ping waits for two of them at most, whatever backlogs
other phones send; of the large ones each takes the oldest at least.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.core.model import Refusal
from tracker.errors import Deposed, StoreUnavailable
from tracker.journal.contract import Appended
from tracker.journal.records import Key

COMMIT_RECORDS = 200  # a transaction takes no further append beyond this: a few ms
SMALL_RECORDS = 20  # what a phone sends that is not far behind


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """What a home of the journal takes, and how long it may take; the settings of the same names say why."""

    gather_ms: float = 3.0
    deadline_s: float = 2.0
    queue_records: int = 20_000
    quarantine_per_day: int = 200


class Row(NamedTuple):
    """An entry in its stored form, not numbered yet."""

    kind: int
    payload: bytes
    key: Key | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one append brings."""

    tour: str
    now_ms: int
    rows: Sequence[Row]
    device: str
    protocol: str
    refusals: Sequence[Refusal]
    epoch: int | None = None

    def __len__(self) -> int:
        return len(self.rows) + len(self.refusals)


class _Waiting(NamedTuple):
    since: float  # loop time
    batch: Batch
    future: asyncio.Future[Appended]


class Gatherer:
    """Hands batches to `write`, one transaction at a time; in the order of their arrival, the small ones first.

    Nobody waits longer than `deadline_s`: StoreUnavailable then, and at once for who comes while the write hangs or
    while `queue_records` wait already.
    """

    def __init__(
        self, write: Callable[[Sequence[Batch]], Awaitable[Sequence[Appended | Deposed]]], limits: JournalLimits
    ) -> None:
        self._write = write
        self._gather_s = limits.gather_ms / 1000
        self._deadline_s = limits.deadline_s
        self._queue_records = limits.queue_records
        self._waiting: list[_Waiting] = []
        self._waiting_records = 0
        self._stalled = False
        self._pump: asyncio.Task[None] | None = None

    def submit(self, batch: Batch) -> asyncio.Future[Appended]:
        """Queue a batch; the future tells when it is durable."""
        if self._stalled:
            raise StoreUnavailable(f"the disk has not answered for {self._deadline_s} s")
        if self._waiting and self._waiting_records + len(batch) > self._queue_records:
            raise StoreUnavailable(f"{self._waiting_records} records wait to be stored already")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Appended] = loop.create_future()
        self._waiting.append(_Waiting(loop.time(), batch, future))
        self._waiting_records += len(batch)
        if self._pump is None:
            self._pump = loop.create_task(self._run(), name="journal commits")
        return future

    @property
    def waiting_records(self) -> int:
        return self._waiting_records

    async def drain(self) -> None:
        """Return once nothing waits."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    async def _run(self) -> None:
        try:
            while self._waiting:
                if len(self._waiting) > 1 and self._gather_s:
                    await asyncio.sleep(self._gather_s)
                await self._commit()
        finally:
            self._pump = None

    async def _commit(self) -> None:
        taken = self._take()
        futures = [waiting.future for waiting in taken]
        due_at = min(waiting.since for waiting in taken) + self._deadline_s
        watchdog = asyncio.get_running_loop().call_at(due_at, self._give_up, futures)
        try:
            results = await self._write([waiting.batch for waiting in taken])
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            _fail(futures, error)
        else:
            for future, result in zip(futures, results, strict=True):
                if future.done():
                    continue
                if isinstance(result, Deposed):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        finally:
            watchdog.cancel()
            self._stalled = False

    def _take(self) -> Sequence[_Waiting]:
        small: list[_Waiting] = []
        large: list[_Waiting] = []
        for waiting in self._waiting:
            (small if len(waiting.batch) <= SMALL_RECORDS else large).append(waiting)
        taken = small[:COMMIT_RECORDS]
        records = sum(len(waiting.batch) for waiting in taken)
        count = 0
        while count < len(large) and (count == 0 or records < COMMIT_RECORDS):
            records += len(large[count].batch)
            count += 1
        taken += large[:count]
        self._waiting = small[COMMIT_RECORDS:] + large[count:]
        self._waiting_records -= records
        return taken

    def _give_up(self, writing: Sequence[asyncio.Future[Appended]]) -> None:
        self._stalled = True
        futures = [*writing, *(waiting.future for waiting in self._waiting)]
        self._waiting, self._waiting_records = [], 0
        _fail(futures, StoreUnavailable(f"the disk has not answered for {self._deadline_s} s"))


def _fail(futures: Sequence[asyncio.Future[Appended]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
