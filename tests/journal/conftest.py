"""Every home of the journal: the contract tests run on each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tracker.journal.sqlite import SqliteJournal


@pytest.fixture(params=["sqlite"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    opened = await SqliteJournal.open(tmp_path / "journal.sqlite", quarantine_per_day=3)
    yield opened
    await opened.close()
