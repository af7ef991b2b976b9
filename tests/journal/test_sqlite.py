"""The SQLite home in trouble: full disks, damaged files, newer schemas, a disk that hangs or fails."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journal.test_contract import TOUR, entry
from tracker.errors import StoreDamaged, StoreError, StoreUnavailable
from tracker.journal import schema
from tracker.journal.gather import JournalLimits
from tracker.journal.sqlite import SqliteJournal


@contextmanager
def files_up_to(size_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond a size: a disk that is full, without needing one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_stores_nothing_and_recovers_by_itself(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    await journal.append(TOUR, [entry(0)], 100)
    full_at = (tmp_path / "journal.sqlite-wal").stat().st_size + 100_000
    acknowledged = 1
    with files_up_to(full_at):
        try:
            for start in range(1, 100_000, 100):
                await journal.append(TOUR, [entry(start + number) for number in range(100)], 100)
                acknowledged += 100
        except StoreUnavailable:
            pass
    assert 100 < acknowledged < 100_000
    assert [record.seq for record in await journal.read(TOUR, 0, limit=100_000)] == list(range(1, acknowledged + 1))
    with files_up_to(full_at), pytest.raises(StoreUnavailable):
        await journal.append(TOUR, [entry(-number) for number in range(1, 2000)], 100)
    done = await journal.append(TOUR, [entry(-1)], 100)
    assert done.records[0].seq == acknowledged + 1
    await journal.close()


async def test_a_full_database_is_told_in_words(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    connection = journal._writer._connection
    assert connection is not None
    connection.execute("PRAGMA max_page_count = 30")  # gives a true SQLITE_FULL
    with pytest.raises(StoreUnavailable, match="no space is left"):
        await journal.append(TOUR, [entry(number) for number in range(5000)], 100)
    assert await journal.head(TOUR) == (0, 0)
    connection.execute("PRAGMA max_page_count = 1000000")
    await journal.append(TOUR, [entry(0)], 100)
    await journal.close()


async def test_a_file_that_another_process_holds_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await journal.append(TOUR, [entry(0)], 100)
    assert await journal.head(TOUR) == (0, 0)  # readers do not wait for writers
    other.execute("ROLLBACK")
    other.close()
    assert (await journal.append(TOUR, [entry(0)], 100)).records[0].seq == 1
    await journal.close()


async def test_nobody_waits_longer_than_the_deadline_for_a_disk_that_hangs(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite", JournalLimits(deadline_s=0.2))
    disk = threading.Event()
    hung = asyncio.get_running_loop().run_in_executor(journal._writing, disk.wait, 30)
    started = time.monotonic()
    first = asyncio.create_task(journal.append(TOUR, [entry(0)], 100))
    await asyncio.sleep(0.1)
    outcomes = await asyncio.gather(first, journal.append(TOUR, [entry(1)], 100), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable, StoreUnavailable]
    with pytest.raises(StoreUnavailable):  # at once, while it hangs
        await journal.append(TOUR, [entry(2)], 100)
    assert time.monotonic() - started < 10
    disk.set()
    await hung
    await journal._appender.drain()
    done = await journal.append(TOUR, [entry(0)], 100)  # what was given up has landed: the device's repeat is one
    assert (len(done.stored), done.repeats) == (0, 1)
    await journal.close()


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite", JournalLimits(queue_records=10))
    outcomes = await asyncio.gather(
        *(journal.append(TOUR, [entry(number)], 100) for number in range(20)), return_exceptions=True
    )
    assert [isinstance(outcome, StoreUnavailable) for outcome in outcomes] == [False] * 10 + [True] * 10
    await journal.close()


async def test_a_newer_schema_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await (await SqliteJournal.open(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match="written by a newer Milepost"):
        await SqliteJournal.open(path)


async def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="not a Milepost journal"):
        await SqliteJournal.open(path)


async def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"number,kind,role\n" * 1000)
    with pytest.raises(StoreError, match=r"journal\.sqlite is damaged"):
        await SqliteJournal.open(path)
    with pytest.raises(StoreUnavailable, match="cannot be used for now"):
        await SqliteJournal.open(tmp_path / "missing" / "journal.sqlite")


async def test_damage_is_reported_as_an_exact_range_and_reading_goes_on_behind_it(tmp_path: Path) -> None:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    await journal.append(TOUR, [entry(number) for number in range(20)], 100)

    def damage(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE record SET payload = zeroblob(length(payload)) WHERE seq IN (5, 6)")
        connection.execute("UPDATE record SET stored_at_ms = 99 WHERE seq = 7")
        connection.execute("DELETE FROM record WHERE seq IN (8, 15)")

    await journal.write_with(damage)
    assert [record.seq for record in await journal.read(TOUR, 0)] == [1, 2, 3, 4]
    with pytest.raises(StoreDamaged, match="records 5 to 8 are missing or altered") as altered:
        await journal.read(TOUR, 4)
    assert [record.seq for record in await journal.read(TOUR, altered.value.last_seq)] == [9, 10, 11, 12, 13, 14]
    with pytest.raises(StoreDamaged) as missing:
        await journal.read(TOUR, 14)
    assert (missing.value.first_seq, missing.value.last_seq) == (15, 15)
    await journal.close()


APPEND_TEN = """
import asyncio, sys
from pathlib import Path
from tests.journal.test_contract import TOUR, entry
from tracker.errors import StoreUnavailable
from tracker.journal.sqlite import SqliteJournal

async def main():
    journal = await SqliteJournal.open(Path(sys.argv[1]))
    acknowledged = []
    for number in range(10):
        try:
            await journal.append(TOUR, [entry(number)], 100)
            acknowledged.append(number)
        except StoreUnavailable:
            print("unavailable")
    times = [record.body.fix_time_ms for record in await journal.read(TOUR, 0)]
    assert {entry(number).body.fix_time_ms for number in acknowledged} <= set(times)
    assert len(times) == len(set(times))
    print("acknowledged", len(acknowledged))
    await journal.close()

asyncio.run(main())
"""


# The first flushes make the file, its folder entry and its log; the twelfth is that of an append.
def test_after_a_failed_flush_nothing_is_acknowledged_that_is_not_there(
    tmp_path: Path, program: Callable[..., str]
) -> None:
    inject = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=12"]
    command = [program("strace"), "-f", "-o", str(tmp_path / "trace"), *inject, sys.executable, "-c", APPEND_TEN]
    done = subprocess.run(
        [*command, str(tmp_path / "journal.sqlite")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["unavailable", "acknowledged", "9"]
