"""Who may see more than spectators: invitations, the sessions opened with them, and the log of who looked and acted.

Tokens are random and never stored: the store knows the SHA-256 of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class GuestRole(StrEnum):
    """What an invitation is for."""

    CREW = "crew"
    MARSHAL = "marshal"
    ORGANISER = "organiser"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as stored; `sessions` is how many were opened with it."""

    id: int
    role: GuestRole
    name: str
    made_at_ms: int
    ends_at_ms: int
    revoked_at_ms: int | None
    sessions: int


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom an open session stands for. `session` is the SHA-256 of its token."""

    session: bytes
    tour: str
    role: GuestRole
    name: str
    invitation: int
    ends_at_ms: int

    @property
    def who(self) -> str:
        """How the log names them."""
        return f"{self.name} ({self.role}, invitation {self.invitation})"


@dataclass(frozen=True, slots=True)
class Noted:
    """A line of the log."""

    at_ms: int
    who: str
    what: str


class Access(Protocol):
    """The tables of invitations, sessions and the log. Times are the caller's, UTC epoch ms."""

    async def invite(
        self, slug: str, role: GuestRole, name: str, token_sha256: bytes, made_at_ms: int, ends_at_ms: int
    ) -> int:
        """Store an invitation; returns its number."""
        ...

    async def invitations(self, slug: str) -> list[Invitation]:
        """All of a tour, in the order in which they were made."""
        ...

    async def revoke(self, slug: str, invitation: int, at_ms: int) -> bool:
        """End an invitation and every session opened with it; False if there is none in force."""
        ...

    async def open_session(
        self, invitation_sha256: bytes, session_sha256: bytes, now_ms: int, most_sessions: int
    ) -> Guest | None:
        """Open a session with an invitation; None if it is unknown, revoked, over, or has opened `most_sessions`."""
        ...

    async def guests(self, now_ms: int) -> list[Guest]:
        """Everybody with a session that is in force, of all tours."""
        ...

    async def note(self, slug: str, at_ms: int, who: str, what: str) -> None:
        """Add a line to the log."""
        ...

    async def noted(self, slug: str, limit: int = 100) -> list[Noted]:
        """The newest lines of a tour's log, newest first."""
        ...
