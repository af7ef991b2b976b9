"""Every home of the journal: the contract tests run on each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from tracker.journal.gather import JournalLimits
from tracker.journal.postgres import PostgresJournal
from tracker.journal.sqlite import SqliteJournal

AnyJournal = SqliteJournal | PostgresJournal

databases = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyJournal]:
    opened: AnyJournal
    if request.param == "sqlite":
        opened = await SqliteJournal.open(tmp_path / "journal.sqlite", JournalLimits(quarantine_per_day=3))
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database(f"home{next(databases)}")
        opened = await PostgresJournal.open(url, JournalLimits(quarantine_per_day=3))
    yield opened
    await opened.close()
