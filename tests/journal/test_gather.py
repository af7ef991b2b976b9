"""Group commit: short transactions, and the small appends first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tracker.errors import Deposed
from tracker.journal.contract import Appended
from tracker.journal.gather import COMMIT_RECORDS, Batch, Gatherer, JournalLimits, Row


def batch(name: str, records: int) -> Batch:
    return Batch(name, 0, [Row(1, b"", None)] * records, name, "pings", ())


async def test_a_ping_does_not_wait_behind_backlogs_and_backlogs_go_on() -> None:
    transactions: list[list[str]] = []

    async def write(batches: Sequence[Batch]) -> Sequence[Appended | Deposed]:
        transactions.append([one.tour for one in batches])
        await asyncio.sleep(0)
        return [Appended((), 0) for _ in batches]

    gatherer = Gatherer(write, JournalLimits(gather_ms=0, deadline_s=10))
    waiting = [gatherer.submit(batch(f"backlog {number}", COMMIT_RECORDS)) for number in range(3)]
    waiting += [gatherer.submit(batch("ping", 1)), gatherer.submit(batch("another ping", 1))]
    waiting += [
        gatherer.submit(batch("short", COMMIT_RECORDS // 2)),
        gatherer.submit(batch("short too", COMMIT_RECORDS // 2)),
    ]
    await asyncio.gather(*waiting)
    assert transactions == [
        ["ping", "another ping", "backlog 0"],
        ["backlog 1"],
        ["backlog 2"],
        ["short", "short too"],
    ]
