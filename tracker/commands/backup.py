"""`tracker backup --to FILE` and `tracker restore FILE`: journal, store and server key in one file, while serving."""

from __future__ import annotations

import argparse
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from tracker import __version__
from tracker.commands.options import add_settings
from tracker.errors import SettingsError, StoreError, TrackerError
from tracker.journal import schema
from tracker.journal.highwater import HighWater
from tracker.journal.sqlite_records import newest_record
from tracker.process import alone_in
from tracker.settings import Settings

JOURNAL, KEY, ABOUT = "journal.sqlite", "server.key", "about.json"
FORMAT = 1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("backup", help="copy journal, store and server key into one file, while serving")
    add_settings(parser, "data", "database", "key_file")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="a new file, readable by you alone")
    parser.set_defaults(run=run_backup)
    parser = subparsers.add_parser("restore", help="make a data folder from a backup")
    parser.add_argument("file", type=Path, help="what `tracker backup` wrote")
    add_settings(parser, "data", "key_file")
    parser.set_defaults(run=run_restore)


def run_backup(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    if settings.database is not None:
        raise SettingsError(_postgres_advice(settings))
    if not settings.journal_path.exists():
        raise StoreError(f"there is no journal at {settings.journal_path}. Name the server's folder with --data")
    tours = backup(settings, args.to)
    print(f"{args.to}: {_told(tours)}")
    return 0


def run_restore(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    tours = restore(args.file, settings)
    print(f"{settings.data}: {_told(tours)}")
    return 0


def backup(settings: Settings, to: Path) -> dict[str, int]:
    """Write a backup; the newest number of each tour in it. What is stored meanwhile is in the next one."""
    if to.exists():
        raise TrackerError(f"{to} exists. Name a new file: a backup overwrites nothing.")
    with tempfile.TemporaryDirectory(dir=to.parent if to.parent.is_dir() else None, prefix=".backup-") as folder:
        copy = Path(folder) / JOURNAL
        with _in_words(settings.journal_path):
            with closing(schema.open_reader(settings.journal_path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)  # in one step, from one moment; the writer goes on
                target.execute("PRAGMA journal_mode = DELETE")
            tours = newest(copy)
        about = {"format": FORMAT, "milepost": __version__, "made_at": datetime.now(UTC).isoformat(), "tours": tours}
        whole = Path(folder) / "backup"
        with whole.open("xb") as file:
            os.chmod(whole, 0o600)  # the key is in it
            with tarfile.open(fileobj=file, mode="w") as archive:
                _add(archive, ABOUT, json.dumps(about, indent=1).encode())
                archive.add(copy, JOURNAL)
                if settings.key_path.exists():
                    archive.add(settings.key_path, KEY)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(whole, to)
        except OSError as error:
            raise TrackerError(
                f"{to} cannot be written: {error.strerror}. Name a file in a folder that exists."
            ) from error
    return tours


def restore(file: Path, settings: Settings) -> dict[str, int]:
    """Fill a data folder that has no journal yet; the newest number of each tour in it."""
    journal, key = settings.journal_path, settings.key_path
    for path in (journal, key):
        if path.exists():
            raise TrackerError(f"{path} exists. Name a new folder with --data: restoring overwrites nothing.")
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(settings.data), tarfile.open(file) as archive:
            _about(archive, file)
            if KEY in archive.getnames():
                _extract(archive, KEY, key)
            draft = journal.with_name(f"{JOURNAL}-restoring")
            _extract(archive, JOURNAL, draft)
            with _in_words(draft):
                schema.open_writer(draft).close()  # an older one is brought up to date, a newer one refused
                tours = newest(draft)
            high_water = HighWater(journal.with_name(f"{JOURNAL}-acknowledged"))
            high_water.clear()
            for tour, seq in tours.items():
                high_water.note(tour, seq)
            high_water.close()
            os.replace(draft, journal)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise TrackerError(f"{file} cannot be restored: {error}. Name a file that `tracker backup` wrote.") from error
    return tours


def newest(journal: Path) -> dict[str, int]:
    """The newest number of every tour in a file."""
    with closing(sqlite3.connect(journal)) as connection:
        tours = connection.execute("SELECT id, slug FROM tour ORDER BY slug").fetchall()
        return {slug: newest_record(connection, tour)[0] for tour, slug in tours}


def _about(archive: tarfile.TarFile, file: Path) -> None:
    member = archive.extractfile(ABOUT)
    if member is None or json.load(member).get("format") != FORMAT:
        raise TrackerError(f"{file} is no backup that this Milepost knows. Install the version that wrote it.")


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), int(time.time()), 0o600
    archive.addfile(member, io.BytesIO(content))


def _extract(archive: tarfile.TarFile, name: str, to: Path) -> None:
    """A member by its name alone: no path in the archive says where anything goes."""
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(f"{name} is not in it")
    to.unlink(missing_ok=True)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        _copy(member, file)
        os.fsync(file.fileno())


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while part := source.read(1 << 20):
        target.write(part)
    target.flush()


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be copied: {error}. Run `tracker scrub` first.") from error


def _told(tours: dict[str, int]) -> str:
    return ", ".join(f"{tour} up to record {seq:,}" for tour, seq in tours.items()) or "no tour yet"


def _postgres_advice(settings: Settings) -> str:
    parts = urlsplit(settings.database or "")
    name = parts.path.strip("/") or "milepost"
    at = f"--host={parts.hostname} --username={parts.username or 'milepost'}" if parts.hostname else ""
    return (
        "PostgreSQL has a backup of its own, and it is online too:\n"
        f"  pg_dump --format=custom {at} --file=milepost.dump {name}\n"
        f"Keep the server key with it: {settings.key_path}. `pg_restore --clean --if-exists` brings it back."
    )
