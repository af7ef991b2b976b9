"""A migration that is killed half-way leaves the old schema whole, and the next start completes it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journal.test_contract import TOUR, entry
from tests.postgres import PostgresServer
from tracker.errors import StoreError
from tracker.journal import postgres_schema, schema
from tracker.journal.postgres import PostgresJournal
from tracker.journal.sqlite import SqliteJournal

# Runs the next schema's step on a real file, and dies in the middle of it.
DYING = """
import os, signal, sqlite3, sys
from pathlib import Path
from tracker.journal import schema
connect = schema._connect
def deadly(path):
    connection = connect(path)
    connection.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
    return connection
schema._connect = deadly
schema.MIGRATIONS += ("CREATE TABLE next (x INTEGER) STRICT;\\n INSERT INTO next VALUES (die());\\n",)
schema.open_writer(Path(sys.argv[1]))
"""


async def test_sqlite_killed_in_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.sqlite"
    journal = await SqliteJournal.open(path)
    await journal.append(TOUR, [entry()], 100)
    await journal.close()
    died = subprocess.run([sys.executable, "-c", DYING, str(path)], check=False)  # noqa: ASYNC221 - short, and alone
    assert died.returncode == -signal.SIGKILL
    with sqlite3.connect(path) as raw:
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        assert raw.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    raw.close()
    assert "next" not in tables
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE next (x INTEGER) STRICT;\n"))
    journal = await SqliteJournal.open(path)
    assert len(await journal.read(TOUR, 0)) == 1
    await journal.close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer Milepost"):
        await SqliteJournal.open(path)


async def test_postgresql_killed_in_a_migration(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.create_database("migration")
    journal = await PostgresJournal.open(url)
    await journal.append(TOUR, [entry()], 100)
    await journal.close()
    released = postgres_schema.MIGRATIONS
    dying = "CREATE TABLE next (x INT); SELECT pg_terminate_backend(pg_backend_pid());"
    monkeypatch.setattr(postgres_schema, "MIGRATIONS", (*released, dying))
    with pytest.raises(StoreError):
        await PostgresJournal.open(url)
    monkeypatch.setattr(postgres_schema, "MIGRATIONS", (*released, "CREATE TABLE next (x INT);"))
    journal = await PostgresJournal.open(url)
    assert len(await journal.read(TOUR, 0)) == 1
    await journal.close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer Milepost"):
        await PostgresJournal.open(url)
