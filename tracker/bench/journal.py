"""What a journal of a whole tour weighs, and what looking after it takes: room on disk, opening, verifying, copying."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tracker.core.model import Ping, RecordKind
from tracker.journal.contract import Entry
from tracker.journal.scrub import scrub
from tracker.journal.sqlite import SqliteJournal

TOUR = "bench"
CARS = 74  # the demo tour's
INTERVAL_S = 10
START_MS = 1_809_000_000_000
BATCH_STEPS = 27  # some 2000 records a transaction: this is not about appending


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("journal", help="what a whole tour's journal weighs, and how long it takes to open it")
    parser.add_argument("--records", type=int, default=1_000_000, help="pings (default %(default)s)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (default: the temporary folder)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        asyncio.run(measure(Path(folder) / "journal.sqlite", args.records))
    return 0


async def measure(path: Path, records: int) -> None:
    """Print a line for each thing measured."""
    with told(f"{CARS} cars, a ping each every {INTERVAL_S} s: stored"):
        journal = await SqliteJournal.open(path)
        await journal.import_tour(TOUR, b"", START_MS)
        for entries in drives(records):
            await journal.append(TOUR, entries, START_MS)
        await journal.close()
    with told("opened and one more ping stored"):
        journal = await SqliteJournal.open(path)
        await journal.append(TOUR, [Entry(RecordKind.PING, Ping("another", START_MS, 37.0, -122.0))], START_MS)
    with told("verified, record by record, and the file's structure"):
        assert (await scrub(journal)).sound
    stored, size_bytes = await journal.care.newest(TOUR), await journal.care.size_bytes()
    await journal.close()
    hours = records / CARS * INTERVAL_S / 3600
    print(f"{stored:,} records: {size_bytes / 1e6:,.1f} MB, {size_bytes / stored:.0f} bytes each with its indices")
    print(f"that is {hours:.0f} hours of driving, {size_bytes / 1e6 / hours:.1f} MB an hour for the whole field")


def drives(records: int) -> Iterator[list[Entry]]:
    """So many pings of all cars, in the order of their times."""
    made = 0
    for first in count(0, BATCH_STEPS):
        entries: list[Entry] = []
        for step in range(first, first + BATCH_STEPS):
            fix_time_ms = START_MS + step * INTERVAL_S * 1000
            for car in range(CARS):
                lat, lon = 37.0 + step % 10_000 * 1e-4, -122.0 + car * 1e-3
                entries.append(Entry(RecordKind.PING, Ping(str(car), fix_time_ms, lat, lon, 6.0, 15.0, 120.0)))
        yield entries[: records - made]
        made += len(entries)
        if made >= records:
            return


@contextmanager
def told(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started:.2f} s", flush=True)
