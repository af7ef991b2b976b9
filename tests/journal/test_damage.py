"""One flipped byte, really flipped: in pages of the SQLite file and in its write-ahead log."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.journal.test_contract import TOUR, entry
from tracker.core.model import Ping
from tracker.errors import StoreError, StoreUnavailable
from tracker.journal import schema, wal
from tracker.journal.scrub import Scrubber, scrub
from tracker.journal.sqlite import SqliteJournal

RECORDS = 400
NOW_MS = 1_781_400_000_000


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x40]))


async def filled(path: Path) -> SqliteJournal:
    """A journal of many small transactions, as phones make them."""
    journal = await SqliteJournal.open(path)
    await journal.import_tour(TOUR, b"document", 1)
    for start in range(0, RECORDS, 4):
        await journal.append(TOUR, [entry(start + number) for number in range(4)], 100)
    return journal


async def scrubbed(journal: SqliteJournal) -> list[str]:
    """What a start of the server finds; it mends."""
    scrubber = Scrubber(journal, lambda: NOW_MS)
    await scrubber.start()
    assert scrubber._task is not None
    await scrubber._task
    return scrubber.told()


async def pings(journal: SqliteJournal) -> dict[int, int]:
    """Numbers by fix time."""
    return {
        record.body.fix_time_ms or 0: record.seq
        for record in await journal.read(TOUR, 0, limit=10 * RECORDS)
        if isinstance(record.body, Ping)
    }


async def right_again(journal: SqliteJournal) -> None:
    """Every number that was ever given out is a sound ping or told as damaged; what devices resend is there once."""
    told = {seq for each in await journal.care.damage() for seq in range(each.first_seq, each.last_seq + 1)}
    there = await pings(journal)
    assert set(there.values()) | told >= set(range(1, RECORDS + 1))
    for start in range(0, RECORDS, 100):
        await journal.append(TOUR, [entry(start + number) for number in range(100)], 200)
    now_there = await pings(journal)
    assert len(now_there) == RECORDS
    assert there.items() <= now_there.items()
    assert (await scrub(journal)).sound


def root_pages(path: Path) -> dict[str, set[int]]:
    """Which pages a table or an index is on, by walking its tree. [sqlite.org: fileformat2.html]"""
    with sqlite3.connect(path) as connection:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage"))
    connection.close()
    content = path.read_bytes()
    size = int.from_bytes(content[16:18], "big")

    def walk(page: int) -> set[int]:
        at = (page - 1) * size + (100 if page == 1 else 0)
        found = {page}
        if content[at] in (2, 5):  # an interior page
            count = int.from_bytes(content[at + 3 : at + 5], "big")
            cells = [int.from_bytes(content[at + 12 + 2 * i : at + 14 + 2 * i], "big") for i in range(count)]
            children = [int.from_bytes(content[(page - 1) * size + cell :][:4], "big") for cell in cells]
            for child in [*children, int.from_bytes(content[at + 8 : at + 12], "big")]:
                found |= walk(child)
        return found

    return {name: walk(root) for name, root in roots.items()}


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "journal.sqlite"

    async def fill() -> None:
        await (await filled(path)).close()

    asyncio.run(fill())
    return path


@pytest.mark.parametrize("table", ["record", "same_ping"])
@pytest.mark.parametrize("seed", range(6))
async def test_a_flip_in_a_page_is_told_and_mended(sound_file: Path, tmp_path: Path, table: str, seed: int) -> None:
    """Wherever it hits: a record, the page's own order, the way to it, or the index of known pings."""
    shutil.copytree(sound_file.parent, tmp_path, dirs_exist_ok=True)
    path = tmp_path / sound_file.name
    dice = random.Random(seed)
    page = dice.choice(sorted(root_pages(path)[table]))
    flip(path, (page - 1) * 4096 + dice.randrange(4096))
    journal = await SqliteJournal.open(path)
    await scrubbed(journal)
    await right_again(journal)
    await journal.close()


async def test_a_flip_in_a_record_is_told_as_its_number(sound_file: Path, tmp_path: Path) -> None:
    shutil.copytree(sound_file.parent, tmp_path, dirs_exist_ok=True)
    path = tmp_path / sound_file.name
    with sqlite3.connect(path) as connection:
        (payload,) = connection.execute("SELECT payload FROM record WHERE seq = 123").fetchone()
    connection.close()
    flip(path, path.read_bytes().index(payload) + 20)
    journal = await SqliteJournal.open(path)
    assert await scrubbed(journal) == [f"{TOUR}: records 123 to 123 were missing or altered"]
    (left,) = await journal.quarantined(TOUR)
    assert (left.reason, left.detail, len(left.raw)) == ("damaged record", "record 123", len(payload))
    await right_again(journal)
    await journal.close()
    assert path.with_name("journal.sqlite-damaged").exists()


async def killed(tmp_path: Path) -> Path:
    """The files as a killed process leaves them: the log is full, the database file is old."""
    journal = await filled(tmp_path / "journal.sqlite")
    elsewhere = shutil.copytree(tmp_path, tmp_path / "killed", ignore=shutil.ignore_patterns("*-shm"))
    await journal.close()
    return elsewhere / "journal.sqlite"


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.1, 0.5, 0.9, 0.9999])
async def test_a_flip_in_the_log_is_told_as_the_exact_range(
    tmp_path: Path, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite alone opens such a file without a word, and shorter. [reliability: F21]"""
    path = await killed(tmp_path)
    log = path.with_name("journal.sqlite-wal")
    flip(log, int(log.stat().st_size * share))
    journal = await SqliteJournal.open(path)
    await journal.import_tour(TOUR, b"document", 1)  # as `tracker serve` does at each start
    there = await pings(journal)
    assert sorted(there.values()) == list(range(1, len(there) + 1)), "the end is gone, and only the end"
    assert len(there) < RECORDS
    assert await scrubbed(journal) == [f"{TOUR}: records {len(there) + 1} to {RECORDS} were missing or altered"]
    await right_again(journal)
    await journal.close()
    assert ("the write-ahead log is damaged" in caplog.text) == (share < 0.99)
    assert log.with_name("journal.sqlite-wal.damaged").exists() == (share < 0.99)


async def test_a_torn_end_that_nobody_was_answered_for_is_no_damage(tmp_path: Path) -> None:
    path = await killed(tmp_path)
    log = path.with_name("journal.sqlite-wal")
    whole = log.read_bytes()
    assert wal.first_damage(whole) is None
    log.write_bytes(whole + whole[-4120:-100])
    assert wal.first_damage(log.read_bytes()) is None
    journal = await SqliteJournal.open(path)
    assert await scrubbed(journal) == []
    assert len(await pings(journal)) == RECORDS
    await journal.close()


async def test_a_log_that_began_anew_hides_no_damage_and_invents_none(tmp_path: Path) -> None:
    """Behind the newest frames lie those of before the last checkpoint."""
    journal = await filled(tmp_path / "journal.sqlite")
    reader = sqlite3.connect(tmp_path / "journal.sqlite")
    reader.execute("PRAGMA wal_checkpoint(FULL)")
    reader.close()
    await journal.append(TOUR, [entry(RECORDS + 1)], 300)
    assert wal.first_damage((tmp_path / "journal.sqlite-wal").read_bytes()) is None
    await journal.close()


async def test_a_file_that_is_no_database_any_more_is_refused_with_a_sentence(sound_file: Path, tmp_path: Path) -> None:
    shutil.copytree(sound_file.parent, tmp_path, dirs_exist_ok=True)
    flip(tmp_path / sound_file.name, 3)
    with pytest.raises(StoreError, match="is damaged"):
        await SqliteJournal.open(tmp_path / sound_file.name)


async def test_a_damaged_note_of_the_end_says_nothing(sound_file: Path, tmp_path: Path) -> None:
    shutil.copytree(sound_file.parent, tmp_path, dirs_exist_ok=True)
    flip(tmp_path / "journal.sqlite-acknowledged", 7)
    journal = await SqliteJournal.open(tmp_path / sound_file.name)
    assert await scrubbed(journal) == []
    await journal.append(TOUR, [entry(RECORDS + 1)], 300)
    assert await journal.care.newest(TOUR) == RECORDS + 1
    await journal.close()


async def test_mending_waits_for_who_reads_the_file(sound_file: Path, tmp_path: Path) -> None:
    """Its log is removed with it, and must be empty by then."""
    shutil.copytree(sound_file.parent, tmp_path, dirs_exist_ok=True)
    journal = await SqliteJournal.open(tmp_path / sound_file.name)
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()
        await journal.append(TOUR, [entry(RECORDS + 1)], 300)
        with pytest.raises(StoreUnavailable, match="while another process reads it"):
            await journal.care.mend({TOUR: [(5, 5)]}, NOW_MS)
    assert len(await pings(journal)) == RECORDS + 1
    await journal.care.mend({TOUR: [(5, 5)]}, NOW_MS)
    assert len(await pings(journal)) == RECORDS + 1, "what is sound stays, whatever was said of it"
    assert await journal.care.damage() == []
    await journal.close()


def test_a_mended_file_has_every_table(tmp_path: Path) -> None:
    """Whoever adds a table says whether it is copied (OF_A_TOUR) or made again; both go with their tour."""
    with closing(schema.open_writer(tmp_path / "journal.sqlite")) as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        }
    assert tables == {"tour", "record", *schema.OF_A_TOUR, *schema.MADE_AGAIN}
