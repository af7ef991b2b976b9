"""Invitations, sessions and the log in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from tracker.journal.access import Guest, GuestRole, Invitation, Noted
from tracker.journal.sqlite_records import tour_id

T = TypeVar("T")

_USABLE = (
    "SELECT invitation.id, tour, slug, role, name, ends_at_ms FROM invitation JOIN tour ON tour.id = tour "
    "WHERE token_sha256 = ?1 AND revoked_at_ms IS NULL AND ends_at_ms > ?2 "
    "AND (SELECT count(*) FROM session WHERE invitation = invitation.id) < ?3"
)
_GUESTS = (
    "SELECT session.token_sha256, slug, role, name, invitation.id, ends_at_ms FROM session "
    "JOIN invitation ON invitation.id = session.invitation JOIN tour ON tour.id = invitation.tour "
    "WHERE revoked_at_ms IS NULL AND ends_at_ms > ?"
)
_INVITATIONS = (
    "SELECT id, role, name, made_at_ms, ends_at_ms, revoked_at_ms, "
    "(SELECT count(*) FROM session WHERE invitation = invitation.id) "
    "FROM invitation WHERE tour = (SELECT id FROM tour WHERE slug = ?) ORDER BY id"
)


class Threads(Protocol):
    """How to reach the file from the event loop; SqliteJournal is one."""

    def read_with(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...

    def write_with(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


class SqliteAccess:
    """`Access` for a SQLite journal."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads

    async def invite(
        self, slug: str, role: GuestRole, name: str, token_sha256: bytes, made_at_ms: int, ends_at_ms: int
    ) -> int:
        sql = (
            "INSERT INTO invitation (tour, role, name, token_sha256, made_at_ms, ends_at_ms) "
            "VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        )

        def work(connection: sqlite3.Connection) -> int:
            values = (tour_id(connection, slug), role.value, name, token_sha256, made_at_ms, ends_at_ms)
            return int(connection.execute(sql, values).fetchone()[0])

        return await self._threads.write_with(work)

    async def invitations(self, slug: str) -> list[Invitation]:
        rows = await self._threads.read_with(lambda connection: connection.execute(_INVITATIONS, (slug,)).fetchall())
        return [Invitation(number, GuestRole(role), *rest) for number, role, *rest in rows]

    async def revoke(self, slug: str, invitation: int, at_ms: int) -> bool:
        sql = (
            "UPDATE invitation SET revoked_at_ms = ? "
            "WHERE id = ? AND tour = (SELECT id FROM tour WHERE slug = ?) AND revoked_at_ms IS NULL"
        )
        values = (at_ms, invitation, slug)
        return await self._threads.write_with(lambda connection: connection.execute(sql, values).rowcount > 0)

    async def open_session(
        self, invitation_sha256: bytes, session_sha256: bytes, now_ms: int, most_sessions: int
    ) -> Guest | None:
        values = (invitation_sha256, now_ms, most_sessions)

        def work(connection: sqlite3.Connection) -> Guest | None:
            usable = connection.execute(_USABLE, values).fetchone()
            if usable is None:
                return None
            number, tour, slug, role, name, ends_at_ms = usable
            connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (session_sha256, tour, number, now_ms))
            return Guest(session_sha256, slug, GuestRole(role), name, number, ends_at_ms)

        # Guesses end here: they do not keep the one writer from its pings.
        if await self._threads.read_with(lambda connection: connection.execute(_USABLE, values).fetchone()) is None:
            return None
        return await self._threads.write_with(work)

    async def guests(self, now_ms: int) -> list[Guest]:
        rows = await self._threads.read_with(lambda connection: connection.execute(_GUESTS, (now_ms,)).fetchall())
        return [Guest(session, slug, GuestRole(role), *rest) for session, slug, role, *rest in rows]

    async def note(self, slug: str, at_ms: int, who: str, what: str) -> None:
        sql = "INSERT INTO audit (tour, at_ms, who, what) VALUES (?, ?, ?, ?)"
        await self._threads.write_with(
            lambda connection: connection.execute(sql, (tour_id(connection, slug), at_ms, who, what))
        )

    async def noted(self, slug: str, limit: int = 100) -> list[Noted]:
        sql = (
            "SELECT at_ms, who, what FROM audit WHERE tour = (SELECT id FROM tour WHERE slug = ?) "
            "ORDER BY id DESC LIMIT ?"
        )
        return await self._threads.read_with(
            lambda connection: [Noted(*row) for row in connection.execute(sql, (slug, limit))]
        )
