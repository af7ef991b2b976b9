"""Who is signed in: crews, marshals and organisers, by a cookie that an invitation was exchanged for.

Sessions are read again every two seconds, so what is revoked anywhere counts soon, in every process.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import secrets
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from tracker.clock import Clock
from tracker.errors import StoreError
from tracker.journal.access import Access, Guest, GuestRole
from tracker.refresher import Refresher

SAME_LOOK_MS = 600_000  # a page that asks every few seconds is one line in the log for so long
RETRY_AFTER_S = 5
TOKEN_BYTES = 24  # 192 random bits: nobody guesses one, so nothing has to slow down who tries
SESSIONS_PER_INVITATION = (
    5  # a person's phone, tablet and laptop, and a second try; more means that the link went round
)
CREWS = frozenset(GuestRole)  # everybody who was invited sees what crews see
ORGANISERS = frozenset({GuestRole.ORGANISER})


class AccessBook:
    """Knows every session in force. Time here is real time, also where a tour is rehearsed at another."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._guests: dict[bytes, Guest] = {}
        self._looks: dict[tuple[bytes, str], int] = {}  # by session and what was looked at: when that was noted
        self._refresher = Refresher("access", self._look_again)
        self._unnoted: dict[tuple[bytes, str], Guest] = {}  # looks that the log does not have yet
        self._refreshing = asyncio.Lock()  # what is read first is in force first

    async def start(self) -> None:
        await self._refresher.start()

    async def stop(self) -> None:
        await self._refresher.stop()

    async def refresh(self) -> None:
        async with self._refreshing:
            self._guests = {guest.session: guest for guest in await self._access.guests(self._clock.now_ms())}
            self._looks = {look: at_ms for look, at_ms in self._looks.items() if look[0] in self._guests}

    async def _look_again(self) -> None:
        await self.refresh()
        await self._note_looks()

    # Who is it

    def guest(self, tour: str, cookies: Sequence[str]) -> Guest | None:
        """Who asks for something of a tour, by the Cookie headers of the request."""
        for token in _cookie_values(cookies, cookie_name(tour)):
            guest = self._guests.get(digest(token))
            if guest is not None and guest.tour == tour and self.is_welcome(guest):
                return guest
        return None

    def is_welcome(self, guest: Guest) -> bool:
        """Whether somebody who came in may still be here."""
        return guest.session in self._guests and self._clock.now_ms() < guest.ends_at_ms

    async def admit(self, request: web.Request, tour: str, roles: frozenset[GuestRole], looks_at: str) -> Guest:
        """Who asks, if they have one of the roles; that they looked is in the log before they see anything.

        Looking again soon is the same look. Raises HTTPForbidden for everybody else, signed in or not.
        """
        guest = self.require(request, tour, roles)
        await self._note_look(guest, looks_at)
        return guest

    def watches(self, guest: Guest, looks_at: str) -> None:
        """Somebody opened what goes on for hours; that is in the log some seconds later."""
        self._unnoted[guest.session, looks_at] = guest

    async def _note_look(self, guest: Guest, looks_at: str) -> None:
        look, now_ms = (guest.session, looks_at), self._clock.now_ms()
        if now_ms - self._looks.get(look, 0) >= SAME_LOOK_MS:
            await self.note(guest, f"looked at {looks_at}")
            self._looks[look] = now_ms

    async def _note_looks(self) -> None:
        while self._unnoted:
            (look, guest) = next(iter(self._unnoted.items()))
            await self._note_look(guest, look[1])
            self._unnoted.pop(look, None)

    def require(self, request: web.Request, tour: str, roles: frozenset[GuestRole]) -> Guest:
        """Who asks, if they have one of the roles; raises HTTPForbidden for everybody else."""
        guest = self.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in roles:
            raise web.HTTPForbidden
        return guest

    async def note(self, guest: Guest, what: str) -> None:
        """Write into the log what somebody did."""
        await self._access.note(guest.tour, self._clock.now_ms(), guest.who, what)

    # Coming in

    async def join(self, invitation_token: str) -> tuple[Guest, str] | None:
        """Open a session: who it is, and the token for their cookie. None if the invitation opens nothing (more)."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = self._clock.now_ms()
        guest = await self._access.open_session(
            digest(invitation_token), digest(token), now_ms, SESSIONS_PER_INVITATION
        )
        if guest is None:
            return None
        await self._access.note(guest.tour, now_ms, guest.who, "signed in")
        await self.refresh()
        return guest, token

    def seconds_left(self, guest: Guest) -> int:
        return max(0, (guest.ends_at_ms - self._clock.now_ms()) // 1000)


def or_later(handler: Handler) -> Handler:
    """While the store cannot be reached nobody can be let in or noted: 503, as for devices."""

    @functools.wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except StoreError:
            headers = {"Cache-Control": "no-store", "Retry-After": str(RETRY_AFTER_S)}
            return web.Response(status=503, headers=headers)

    return answered


def digest(token: str) -> bytes:
    """What is kept of a token. It is random and long, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def cookie_name(tour: str) -> str:
    """One per tour: who is a guest of two is signed in to both."""
    return f"milepost-{tour}"


def _cookie_values(headers: Sequence[str], name: str) -> list[str]:
    pairs = (pair.partition("=") for header in headers for pair in header.split(";"))
    return [value.strip() for key, _, value in pairs if key.strip() == name]
