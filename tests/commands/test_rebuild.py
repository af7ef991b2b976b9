"""`tracker rebuild`: the same state as the live engine's, from the journal alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.commands.stored import CARS, PER_CAR, digest
from tracker.bus.memory import MemoryBus
from tracker.catalogue import ServedTour
from tracker.cli import main
from tracker.clock import TourClock
from tracker.journal.sqlite import SqliteJournal
from tracker.leadership import Leadership
from tracker.outlet import Outlet
from tracker.runner import Runner
from tracker.wire.audience import PUBLIC
from tracker.wire.tourdocument import tour_from_document

SLUG = "california-mille"


async def live_digest(data: Path) -> str:
    """What an engine that has just read the journal, as a leader, has come to."""
    journal = await SqliteJournal.open(data / "journal.sqlite")
    version, document = await journal.tour_document(SLUG)
    head, stored_at_ms = await journal.head(SLUG)
    lead = Leadership(journal, SLUG, "test")
    await lead.start()
    served = ServedTour.of(tour_from_document(document), version, 10)
    bus = MemoryBus()
    runner = Runner(served, journal, bus, TourClock(stored_at_ms, 1.0), lead, [Outlet(served, PUBLIC, 10, bus)])
    await runner.start()
    async with asyncio.timeout(30):
        while not (runner.ready and runner.read_seq == head):
            await asyncio.sleep(0.01)
    sha256 = runner.engine.digest()
    await runner.stop()
    await lead.stop()
    await journal.close()
    return sha256


def test_the_digest_is_the_live_one_s(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live = asyncio.run(live_digest(data))
    assert digest(data, capsys) == live


def test_it_says_what_it_read(demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", str(demo_folder), "--data", str(data)]) == 0
    written = capsys.readouterr()
    line = json.loads(written.out)
    assert (line["tour"], line["version"], line["records"]) == (SLUG, 1, len(CARS) * PER_CAR)
    assert written.err == "", "a bar is for terminals"


def test_damaged_records_are_told_and_left_out(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def damage() -> None:
        journal = await SqliteJournal.open(data / "journal.sqlite")
        sql = "UPDATE record SET crc = crc + 1 WHERE seq BETWEEN 5 AND 7"
        await journal.write_with(lambda connection: connection.execute(sql))
        await journal.close()

    asyncio.run(damage())
    assert main(["rebuild", "--data", str(data)]) == 1
    assert "records 5 to 7 are missing or altered" in capsys.readouterr().err


def test_a_folder_without_a_journal_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", "--data", str(tmp_path)]) == 2
    assert "there is no journal at" in capsys.readouterr().err
