"""The one writer of a SQLite journal: transactions, what their failures mean, and mending after them.

Everything here runs in one thread of its own, because a commit waits for the disk.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tracker.errors import Deposed, StoreError, StoreUnavailable
from tracker.journal import schema, wal
from tracker.journal.contract import DAY_MS, Appended
from tracker.journal.gather import Batch
from tracker.journal.highwater import HighWater
from tracker.journal.records import Stored
from tracker.journal.sqlite_records import (
    insert,
    is_damage,
    mend_end,
    newest_record,
    primary_code,
    tour_id,
    verify_tail,
)

T = TypeVar("T")

log = logging.getLogger(__name__)

_COUNT_REFUSAL = """
    INSERT INTO quarantine_count (tour, device, day, refusals) VALUES (?, ?, ?, 1)
    ON CONFLICT (tour, device, day) DO UPDATE SET refusals = refusals + 1
    RETURNING refusals
"""
_QUARANTINE = """
    INSERT INTO quarantine (tour, at_ms, device, protocol, reason, detail, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

# After these the connection's view of the file cannot be trusted: a page may be in memory that is not on the disk.
_BROKEN = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)


class Writer:
    """Owns the writing connection. Raises StoreError, StoreUnavailable where trying again may help."""

    def __init__(self, path: Path, quarantine_per_day: int) -> None:
        self._path = path
        self._quarantine_per_day = quarantine_per_day
        self.high_water = HighWater(path.with_name(f"{path.name}-acknowledged"))
        self._connection: sqlite3.Connection | None = None
        self._acknowledged: dict[str, int] = {}  # the newest number by tour that was reported durable

    def open(self) -> None:
        """Open the file, or make it; what its end has lost since it was last acknowledged is noted as damage."""
        if not self._path.exists():
            self.high_water.clear()
        if (damage := wal.check(self._path)) is not None:
            log.error("%s: %s", self._path, damage)
        marks = self.high_water.read()  # before the records: another process may write meanwhile
        self.transact(lambda connection: mend_end(connection, marks))

    def close(self) -> None:
        self.high_water.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a transaction; what it returns is durable when this returns."""
        try:
            connection = self._connection or self._reopen()
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            self._abandon(error)
            if isinstance(error, sqlite3.Error):
                raise explained(error, self._path) from error
            raise
        return result

    def outside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what SQLite does not do in a transaction."""
        return work(self._connection or self._reopen())

    def append(self, batches: Sequence[Batch]) -> list[Appended | Deposed]:
        """Store the batches in one transaction, numbered in their order."""
        results = self.transact(lambda connection: self._append_all(connection, batches))
        stored = {
            batch.tour: result.stored[-1].seq
            for batch, result in zip(batches, results, strict=True)
            if isinstance(result, Appended) and result.stored
        }
        self._acknowledged |= stored
        try:
            for slug, seq in stored.items():
                self.high_water.note(slug, seq)
        except OSError as error:
            raise StoreUnavailable(f"{self._path} cannot be used for now: {error.strerror}") from error
        return results

    def _append_all(self, connection: sqlite3.Connection, batches: Sequence[Batch]) -> list[Appended | Deposed]:
        heads: dict[str, _Head] = {}
        results: list[Appended | Deposed] = []
        for batch in batches:
            head = heads.get(batch.tour)
            if head is None:
                head = heads[batch.tour] = _Head(connection, batch.tour)
            if batch.epoch is not None and batch.epoch != head.epoch:
                results.append(Deposed(batch.tour, batch.epoch))
                continue
            results.append(head.append(connection, batch))
            self._quarantine(connection, head.tour, batch)
        return results

    def _quarantine(self, connection: sqlite3.Connection, tour: int, batch: Batch) -> None:
        for refusal in batch.refusals:
            counted = connection.execute(_COUNT_REFUSAL, (tour, batch.device, batch.now_ms // DAY_MS))
            if counted.fetchone()[0] <= self._quarantine_per_day:
                shown = (batch.device, batch.protocol, refusal.reason, refusal.detail, refusal.raw)
                connection.execute(_QUARANTINE, (tour, batch.now_ms, *shown))

    def _abandon(self, error: BaseException) -> None:
        """Leave nothing of a failed transaction behind; after trouble with the file, not even the connection."""
        if self._connection is None:
            return
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()
        else:
            if isinstance(error, sqlite3.Error) and primary_code(error) in _BROKEN:
                self.close()

    def _reopen(self) -> sqlite3.Connection:
        """A fresh connection, with everything that was acknowledged found again on the way."""
        connection = schema.open_writer(self._path)
        try:
            for slug, seq in self._acknowledged.items():
                verify_tail(connection, slug, seq)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


class _Head:
    """The end of a tour's journal within a transaction."""

    def __init__(self, connection: sqlite3.Connection, slug: str) -> None:
        self.tour = tour_id(connection, slug)
        (self.epoch,) = connection.execute("SELECT epoch FROM tour WHERE id = ?", (self.tour,)).fetchone()
        self.seq, self.stored_at_ms = newest_record(connection, self.tour)

    def append(self, connection: sqlite3.Connection, batch: Batch) -> Appended:
        stored_at_ms = max(batch.now_ms, self.stored_at_ms)
        survivors = []
        for kind, payload, key in batch.rows:
            stored = Stored(self.seq + 1, stored_at_ms, kind, payload)
            if insert(connection, self.tour, stored, key):
                self.seq, self.stored_at_ms = stored.seq, stored_at_ms
                survivors.append(stored)
        return Appended(tuple(survivors), len(batch.rows) - len(survivors))


def explained(error: sqlite3.Error, path: Path) -> StoreError:
    """What a database error means for who wanted to read or store."""
    code = primary_code(error)
    if is_damage(error):
        return StoreError(f"{path} is damaged ({error}). Restore a backup, or run `sqlite3 {path} .recover`.")
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailable(f"no space is left for {path}")
    return StoreUnavailable(f"{path} cannot be used for now: {error}")
