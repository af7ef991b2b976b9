"""Which home each seam has, by URL: the embedded one without, the scaled one with."""

from __future__ import annotations

from urllib.parse import urlsplit

from tracker.bus.contract import Bus
from tracker.bus.memory import MemoryBus
from tracker.bus.redis import RedisBus
from tracker.errors import SettingsError, StoreError
from tracker.journal.contract import Home
from tracker.journal.gather import JournalLimits
from tracker.journal.postgres import PostgresJournal
from tracker.journal.sqlite import SqliteJournal
from tracker.settings import Settings


async def open_journal(settings: Settings) -> Home:
    """The journal and store that the settings name. Raises SettingsError or StoreError with a sentence."""
    limits = JournalLimits(
        settings.journal_gather_ms,
        settings.journal_deadline_s,
        settings.journal_queue_records,
        settings.quarantine_per_day,
    )
    if settings.database is None:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # where people were is nobody else's business
        return await SqliteJournal.open(settings.journal_path, limits)
    if urlsplit(settings.database).scheme not in ("postgresql", "postgres"):
        raise SettingsError("--database is a URL like postgresql://user:password@host/name")
    return await PostgresJournal.open(settings.database, limits)


async def open_existing(settings: Settings) -> Home:
    """As `open_journal`, but a journal that is not there is not made."""
    if settings.database is None and not settings.journal_path.exists():
        raise StoreError(f"there is no journal at {settings.journal_path}. Name the server's folder with --data")
    return await open_journal(settings)


def open_bus(settings: Settings) -> Bus:
    return MemoryBus() if settings.redis is None else RedisBus(settings.redis)
