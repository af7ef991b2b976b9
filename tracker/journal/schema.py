"""The tables of the SQLite home, how they grow from version to version, and how a connection is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tracker.errors import StoreError

APPLICATION_ID = 0x4D494C45  # "MILE": tells our file from any other SQLite file
BUSY_TIMEOUT_S = 1.0  # another process (a backup, an import) may hold the file for so long
WAL_KEPT_BYTES = 16 * 1024 * 1024  # the write-ahead log is cut back to this after a checkpoint

# The small tables whose rows belong to a tour; those that refer to others stand before them.
OF_A_TOUR = ("tour_version", "device", "quarantine", "quarantine_count", "damage", "session", "invitation", "audit")
MADE_AGAIN = ("segment",)  # the same of what is lost without regret

IN_FORCE = """
    SELECT version FROM tour_version JOIN tour ON tour.id = tour_version.tour WHERE slug = ?1
    ORDER BY effective_from_ms > ?2, CASE WHEN effective_from_ms > ?2 THEN effective_from_ms END, version DESC LIMIT 1
"""

# Pending steps run in one transaction together with the new version number, so a killed migration leaves either the
# old file or the new one. Steps that have been released never change.
MIGRATIONS = (
    """
    CREATE TABLE tour (
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        epoch INTEGER NOT NULL DEFAULT 0,
        lease_holder TEXT NOT NULL DEFAULT '',
        lease_until_ms INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE tour_version (
        tour INTEGER NOT NULL REFERENCES tour,
        version INTEGER NOT NULL,
        effective_from_ms INTEGER NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (tour, version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE device (
        tour INTEGER NOT NULL REFERENCES tour,
        name TEXT NOT NULL,
        vehicle TEXT NOT NULL,
        generation INTEGER NOT NULL DEFAULT 1,
        imei TEXT,
        PRIMARY KEY (tour, name)
    ) STRICT, WITHOUT ROWID;

    -- device, fix_time_ms and content repeat what the payload holds: they recognise a ping that is already there.
    CREATE TABLE record (
        tour INTEGER NOT NULL REFERENCES tour,
        seq INTEGER NOT NULL,
        stored_at_ms INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        device TEXT,
        fix_time_ms INTEGER,
        content INTEGER,
        payload BLOB NOT NULL,
        crc INTEGER NOT NULL,
        PRIMARY KEY (tour, seq)
    ) STRICT, WITHOUT ROWID;

    -- By time first: what all devices say now shares a page or two, so that a commit writes few of them.
    CREATE UNIQUE INDEX same_ping ON record (tour, fix_time_ms, device, content) WHERE content IS NOT NULL;

    CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY,
        tour INTEGER NOT NULL REFERENCES tour,
        at_ms INTEGER NOT NULL,
        device TEXT NOT NULL,
        protocol TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        raw BLOB NOT NULL
    ) STRICT;
    CREATE INDEX quarantine_newest ON quarantine (tour, id);

    -- How many refusals of a device on a UTC day: past the bound they are counted here and nowhere else.
    CREATE TABLE quarantine_count (
        tour INTEGER NOT NULL REFERENCES tour,
        device TEXT NOT NULL,
        day INTEGER NOT NULL,
        refusals INTEGER NOT NULL,
        PRIMARY KEY (tour, device, day)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- Numbers whose records were found missing or altered, until somebody has taken note.
    CREATE TABLE damage (
        tour INTEGER NOT NULL REFERENCES tour,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        found_at_ms INTEGER NOT NULL,
        PRIMARY KEY (tour, first_seq)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- Who may see more than spectators. Tokens are random; only what they hash to is kept.
    CREATE TABLE invitation (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        tour INTEGER NOT NULL REFERENCES tour,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        token_sha256 BLOB NOT NULL UNIQUE,
        made_at_ms INTEGER NOT NULL,
        ends_at_ms INTEGER NOT NULL,
        revoked_at_ms INTEGER
    ) STRICT;

    CREATE TABLE session (
        token_sha256 BLOB PRIMARY KEY,
        tour INTEGER NOT NULL REFERENCES tour,
        invitation INTEGER NOT NULL REFERENCES invitation,
        made_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_of_invitation ON session (invitation);

    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        tour INTEGER NOT NULL REFERENCES tour,
        at_ms INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_newest ON audit (tour, id);
    """,
    """
    -- Slices of the past for replay and trails; all of them can be made again. replaced_at_ms: by a newer one.
    CREATE TABLE segment (
        tour INTEGER NOT NULL REFERENCES tour,
        leg INTEGER NOT NULL,
        start_ms INTEGER NOT NULL,
        hash TEXT NOT NULL,
        replaced_at_ms INTEGER,
        body BLOB NOT NULL,
        UNIQUE (tour, hash)
    ) STRICT;
    CREATE INDEX segment_of_leg ON segment (tour, leg, start_ms);
    """,
    """
    -- The number of an unattended box that an organiser has made this device's; the roster's stands in imei.
    ALTER TABLE device ADD COLUMN box TEXT;
    """,
)


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write, on a file brought to this program's version.

    Raises StoreError for a file that is not ours or is newer than this program, sqlite3.Error for trouble below.
    """
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads; in WAL mode it sees the last commit and never waits for the writer."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    # Made, used and closed by the executor's one thread, except for the close at shutdown.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.text_factory = _lenient_text
    connection.execute("PRAGMA foreign_keys = OFF")  # parents are never deleted; a check per ping would buy nothing
    return connection


def _lenient_text(text: bytes) -> str:
    """A damaged column is for the checksum to find, not for the decoder to stumble over."""
    return text.decode("utf-8", "replace")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two processes that start at once migrate one after the other
    try:
        version = _version(connection, path)
        for step in MIGRATIONS[version:]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        if version < len(MIGRATIONS):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = _pragma(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if _pragma(connection, "application_id") != APPLICATION_ID and (tables or version):
        raise StoreError(f"{path} is a database, but not a Milepost journal. Name another data folder.")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} has schema {version}, written by a newer Milepost; this one knows schema {len(MIGRATIONS)}. "
            "Install the newer version again, or restore the backup made before the upgrade."
        )
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value
