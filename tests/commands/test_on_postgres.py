"""The same commands on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.commands.stored import CARS, PER_CAR, drive
from tests.postgres import PostgresServer
from tracker.cli import main
from tracker.journal.postgres import PostgresJournal
from tracker.tourfiles import load_tour_folder

SLUG = "california-mille"


async def append_all(url: str, folder: Path) -> None:
    journal = await PostgresJournal.open(url)
    for car in CARS:
        await journal.append(SLUG, drive(load_tour_folder(folder), car), 1_809_000_000_000, device=car)
    await journal.close()


async def damage(url: str) -> None:
    journal = await PostgresJournal.open(url)
    await journal._pool.execute("UPDATE record SET payload = payload || '\\x00' WHERE seq BETWEEN 7 AND 9")
    await journal.close()


def test_rebuild_scrub_and_erase(
    demo_folder: Path, tmp_path: Path, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.create_database("commands")
    where = ["--database", url, "--data", str(tmp_path)]

    def tracker(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, *where])
        return code, capsys.readouterr().out

    def digest() -> str:
        code = main(["rebuild", "--database", url])
        assert code == 0
        return str(json.loads(capsys.readouterr().out)["sha256"])

    assert tracker("import", str(demo_folder)) == (0, f"{SLUG}: version 1\n")
    asyncio.run(append_all(url, demo_folder))
    undisturbed = digest()

    asyncio.run(damage(url))
    code, said = tracker("scrub")
    assert code == 1
    assert f"mended\n{SLUG}: records 7 to 9 were missing or altered" in said
    assert digest() != undisturbed
    asyncio.run(append_all(url, demo_folder))  # the devices send once more
    assert digest() == undisturbed
    assert tracker("scrub", "--accept")[0] == 0

    assert tracker("erase", str(demo_folder), "--vehicle", "12") == (0, f"{SLUG}: {PER_CAR} records of 12 erased\n")
    assert digest() != undisturbed
    assert tracker("scrub")[0] == 0
    assert tracker("erase", str(demo_folder), "--tour")[0] == 0
    assert main(["rebuild", "--database", url]) == 0
    assert capsys.readouterr().out == ""
