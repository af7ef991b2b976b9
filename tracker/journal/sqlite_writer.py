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
from tracker.journal.contract import Appended
from tracker.journal.gather import Batch
from tracker.journal.highwater import HighWater
from tracker.journal.sqlite_append import append_all
from tracker.journal.sqlite_records import is_damage, mend_end, primary_code, verify_tail

T = TypeVar("T")

log = logging.getLogger(__name__)

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
        results = self.transact(lambda connection: append_all(connection, batches, self._quarantine_per_day))
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


def explained(error: sqlite3.Error, path: Path) -> StoreError:
    """What a database error means for who wanted to read or store."""
    code = primary_code(error)
    if is_damage(error):
        return StoreError(f"{path} is damaged ({error}). Restore a backup, or run `sqlite3 {path} .recover`.")
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailable(f"no space is left for {path}")
    return StoreUnavailable(f"{path} cannot be used for now: {error}")
