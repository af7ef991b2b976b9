"""The tables of the PostgreSQL home and how they grow; the same facts as in `schema`, plus each tour's head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.errors import StoreError

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy

IN_FORCE = """
    SELECT version FROM tour_version JOIN tour ON tour.id = tour_version.tour WHERE slug = $1
    ORDER BY effective_from_ms > $2, CASE WHEN effective_from_ms > $2 THEN effective_from_ms END, version DESC LIMIT 1
"""
MIGRATION_LOCK = 0x4D494C45  # "MILE": processes that start at once migrate one after the other

# Pending steps run in one transaction together with the new version. Released steps never change.
MIGRATIONS = (
    """
    -- seq and stored_at_ms are the journal's head: locking this row is what makes numbers gap-free.
    CREATE TABLE tour (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        epoch BIGINT NOT NULL DEFAULT 0,
        lease_holder TEXT NOT NULL DEFAULT '',
        lease_until_ms BIGINT NOT NULL DEFAULT 0,
        seq BIGINT NOT NULL DEFAULT 0,
        stored_at_ms BIGINT NOT NULL DEFAULT 0
    );

    CREATE TABLE tour_version (
        tour BIGINT NOT NULL REFERENCES tour,
        version BIGINT NOT NULL,
        effective_from_ms BIGINT NOT NULL,
        document BYTEA NOT NULL,
        PRIMARY KEY (tour, version)
    );

    CREATE TABLE device (
        tour BIGINT NOT NULL REFERENCES tour,
        name TEXT NOT NULL,
        vehicle TEXT NOT NULL,
        generation BIGINT NOT NULL DEFAULT 1,
        imei TEXT,
        PRIMARY KEY (tour, name)
    );

    CREATE TABLE record (
        tour BIGINT NOT NULL,
        seq BIGINT NOT NULL,
        stored_at_ms BIGINT NOT NULL,
        kind SMALLINT NOT NULL,
        device TEXT,
        fix_time_ms BIGINT,
        content BIGINT,
        payload BYTEA NOT NULL,
        crc BIGINT NOT NULL,
        PRIMARY KEY (tour, seq)
    );
    CREATE UNIQUE INDEX same_ping ON record (tour, fix_time_ms, device, content) WHERE content IS NOT NULL;

    CREATE TABLE quarantine (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tour BIGINT NOT NULL REFERENCES tour,
        at_ms BIGINT NOT NULL,
        device TEXT NOT NULL,
        protocol TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        raw BYTEA NOT NULL
    );
    CREATE INDEX quarantine_newest ON quarantine (tour, id);

    CREATE TABLE quarantine_count (
        tour BIGINT NOT NULL REFERENCES tour,
        device TEXT NOT NULL,
        day BIGINT NOT NULL,
        refusals BIGINT NOT NULL,
        PRIMARY KEY (tour, device, day)
    );
    """,
    """
    CREATE TABLE damage (
        tour BIGINT NOT NULL REFERENCES tour,
        first_seq BIGINT NOT NULL,
        last_seq BIGINT NOT NULL,
        found_at_ms BIGINT NOT NULL,
        PRIMARY KEY (tour, first_seq)
    );
    """,
    """
    CREATE TABLE invitation (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tour BIGINT NOT NULL REFERENCES tour,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        token_sha256 BYTEA NOT NULL UNIQUE,
        made_at_ms BIGINT NOT NULL,
        ends_at_ms BIGINT NOT NULL,
        revoked_at_ms BIGINT
    );

    CREATE TABLE session (
        token_sha256 BYTEA PRIMARY KEY,
        tour BIGINT NOT NULL REFERENCES tour,
        invitation BIGINT NOT NULL REFERENCES invitation,
        made_at_ms BIGINT NOT NULL
    );
    CREATE INDEX session_of_invitation ON session (invitation);

    CREATE TABLE audit (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tour BIGINT NOT NULL REFERENCES tour,
        at_ms BIGINT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL
    );
    CREATE INDEX audit_newest ON audit (tour, id);
    """,
    """
    CREATE TABLE segment (
        tour BIGINT NOT NULL REFERENCES tour,
        leg BIGINT NOT NULL,
        start_ms BIGINT NOT NULL,
        hash TEXT NOT NULL,
        replaced_at_ms BIGINT,
        body BYTEA NOT NULL,
        PRIMARY KEY (tour, hash)
    );
    CREATE INDEX segment_of_leg ON segment (tour, leg, start_ms);
    """,
    """
    -- The number of an unattended box that an organiser has made this device's; the roster's stands in imei.
    ALTER TABLE device ADD COLUMN box TEXT;
    """,
)


async def migrate(connection: Connection) -> None:
    """Bring the database to this program's version. Raises StoreError if it is newer than this program."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
        await connection.execute("CREATE TABLE IF NOT EXISTS milepost_schema (version BIGINT NOT NULL)")
        version = await connection.fetchval("SELECT version FROM milepost_schema") or 0
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the database has schema {version}, written by a newer Milepost; this one knows schema "
                f"{len(MIGRATIONS)}. Install the newer version again, or restore the backup made before the upgrade."
            )
        if version == len(MIGRATIONS):
            return
        for step in MIGRATIONS[version:]:
            await connection.execute(step)
        await connection.execute("DELETE FROM milepost_schema")
        await connection.execute("INSERT INTO milepost_schema VALUES ($1)", len(MIGRATIONS))
