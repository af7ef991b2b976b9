"""Invitations, sessions and the log in PostgreSQL."""

from __future__ import annotations

import asyncpg

from tracker.journal.access import Guest, GuestRole, Invitation, Noted
from tracker.journal.postgres_append import tour_id
from tracker.journal.postgres_errors import explained

_USABLE = (
    "SELECT invitation.id, tour, slug, role, name, ends_at_ms FROM invitation JOIN tour ON tour.id = tour "
    "WHERE token_sha256 = $1 AND revoked_at_ms IS NULL AND ends_at_ms > $2 "
    "AND (SELECT count(*) FROM session WHERE invitation = invitation.id) < $3"
)
_GUESTS = (
    "SELECT session.token_sha256, slug, role, name, invitation.id, ends_at_ms FROM session "
    "JOIN invitation ON invitation.id = session.invitation JOIN tour ON tour.id = invitation.tour "
    "WHERE revoked_at_ms IS NULL AND ends_at_ms > $1"
)
_INVITATIONS = (
    "SELECT id, role, name, made_at_ms, ends_at_ms, revoked_at_ms, "
    "(SELECT count(*) FROM session WHERE invitation = invitation.id) "
    "FROM invitation WHERE tour = (SELECT id FROM tour WHERE slug = $1) ORDER BY id"
)


class PostgresAccess:
    """`Access` for a journal in PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def invite(
        self, slug: str, role: GuestRole, name: str, token_sha256: bytes, made_at_ms: int, ends_at_ms: int
    ) -> int:
        sql = (
            "INSERT INTO invitation (tour, role, name, token_sha256, made_at_ms, ends_at_ms) "
            "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
        )
        async with explained(), self._pool.acquire() as connection:
            tour = await tour_id(connection, slug)
            return int(await connection.fetchval(sql, tour, role.value, name, token_sha256, made_at_ms, ends_at_ms))

    async def invitations(self, slug: str) -> list[Invitation]:
        async with explained(), self._pool.acquire() as connection:
            rows = await connection.fetch(_INVITATIONS, slug)
        return [Invitation(number, GuestRole(role), *rest) for number, role, *rest in rows]

    async def revoke(self, slug: str, invitation: int, at_ms: int) -> bool:
        sql = (
            "UPDATE invitation SET revoked_at_ms = $1 "
            "WHERE id = $2 AND tour = (SELECT id FROM tour WHERE slug = $3) AND revoked_at_ms IS NULL RETURNING id"
        )
        async with explained(), self._pool.acquire() as connection:
            return await connection.fetchval(sql, at_ms, invitation, slug) is not None

    async def open_session(
        self, invitation_sha256: bytes, session_sha256: bytes, now_ms: int, most_sessions: int
    ) -> Guest | None:
        async with explained(), self._pool.acquire() as connection, connection.transaction():
            # Two that come at once: the row is locked first, and the sessions are counted by a later statement.
            await connection.execute("SELECT 1 FROM invitation WHERE token_sha256 = $1 FOR UPDATE", invitation_sha256)
            usable = await connection.fetchrow(_USABLE, invitation_sha256, now_ms, most_sessions)
            if usable is None:
                return None
            number, tour, slug, role, name, ends_at_ms = usable
            insert = "INSERT INTO session VALUES ($1, $2, $3, $4)"
            await connection.execute(insert, session_sha256, tour, number, now_ms)
            return Guest(session_sha256, slug, GuestRole(role), name, number, ends_at_ms)

    async def guests(self, now_ms: int) -> list[Guest]:
        async with explained(), self._pool.acquire() as connection:
            rows = await connection.fetch(_GUESTS, now_ms)
        return [Guest(session, slug, GuestRole(role), *rest) for session, slug, role, *rest in rows]

    async def note(self, slug: str, at_ms: int, who: str, what: str) -> None:
        sql = "INSERT INTO audit (tour, at_ms, who, what) VALUES ($1, $2, $3, $4)"
        async with explained(), self._pool.acquire() as connection:
            await connection.execute(sql, await tour_id(connection, slug), at_ms, who, what)

    async def noted(self, slug: str, limit: int = 100) -> list[Noted]:
        sql = (
            "SELECT at_ms, who, what FROM audit WHERE tour = (SELECT id FROM tour WHERE slug = $1) "
            "ORDER BY id DESC LIMIT $2"
        )
        async with explained(), self._pool.acquire() as connection:
            return [Noted(*row) for row in await connection.fetch(sql, slug, limit)]
