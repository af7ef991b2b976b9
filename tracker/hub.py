"""The hub: who may watch which tour, and the one timer that looks after everybody who does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from tracker.bus.contract import Bus
from tracker.desk import Desk
from tracker.feed import HubLimits, TourFeed
from tracker.handshake import shake_hands
from tracker.journal.access import Guest
from tracker.origins import is_own
from tracker.spectator import CLOSE_RESTART, CLOSE_SIGNED_OUT, CLOSE_TOO_SLOW, Spectator, hang_up
from tracker.wire.audience import CREW, PUBLIC
from tracker.wire.frames import Position

LIVE_PATH = "/live/"


class GuestList(Protocol):
    """Who is signed in."""

    def guest(self, tour: str, cookies: Sequence[str]) -> Guest | None:
        """Who asks for something of a tour, by their Cookie headers."""
        ...

    def is_welcome(self, guest: Guest) -> bool:
        """Whether somebody who came in may still be here."""
        ...

    def watches(self, guest: Guest, looks_at: str) -> None:
        """Somebody opened something; it goes into the log."""
        ...


class Hub:
    """All feeds of this process and everything that is done for all spectators by one timer."""

    def __init__(
        self,
        bus: Bus,
        limits: HubLimits | None = None,
        origins: frozenset[str] = frozenset(),
        guest_list: GuestList | None = None,
    ) -> None:
        self.limits = limits or HubLimits()
        self.feeds: dict[str, TourFeed] = {}  # by tour; all that anything but a live feed may be made of
        self.crew_feeds: dict[str, TourFeed] = {}  # apart, so that no address can reach one by accident
        self.desks: dict[str, Desk] = {}
        self.refused: dict[str, int] = {}
        self.closed_slow = 0
        self._bus = bus
        self._origins = origins
        self._guest_list = guest_list
        self._guests: dict[Spectator, Guest] = {}  # whose crew feeds are open
        self._handshakes = 0
        self._sweeps = 0
        self._timer: asyncio.TimerHandle | None = None

    async def add_tour(self, tour: str) -> TourFeed:
        self.feeds[tour] = feed = TourFeed(tour, PUBLIC.name, self._bus, self.limits)
        self.crew_feeds[tour] = crew_feed = TourFeed(tour, CREW.name, self._bus, self.limits)
        await feed.start()
        await crew_feed.start()
        self.desks[tour] = Desk(tour, crew_feed, self._bus)
        await self.desks[tour].start()
        return feed

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.limits.sweep_s, self._sweep)

    async def stop(self) -> None:
        """Close every socket with "restart": pages come back by themselves, spread over some seconds."""
        if self._timer is not None:
            self._timer.cancel()
        for desk in self.desks.values():
            await desk.stop()
        for feed in self.all_feeds():
            await feed.stop()
            for spectator in feed.spectators():
                spectator.close(CLOSE_RESTART, "restart")

    # Who may come in

    def welcome(self, transport: asyncio.Transport, head: bytes, rest: bytes = b"") -> None:
        """Take over a connection whose first request is complete; `rest` is what it has said since."""
        answer, request = shake_hands(head, self._admit)
        transport.write(answer)
        if request is None:
            transport.set_protocol(asyncio.Protocol())  # whatever it still says is read and forgotten
            hang_up(transport, self.limits.close_s)
            return
        feed = self._feed_of(request)
        assert feed is not None, "or it was not admitted"
        spectator = Spectator(feed)
        guest = self._guest_of(request, feed)
        if guest is not None and self._guest_list is not None:
            self._guests[spectator] = guest
            self._guest_list.watches(guest, "the crew feed")
        transport.set_protocol(spectator)
        spectator.connection_made(transport)
        feed.join(spectator, resume_position(request.path))
        if rest:
            spectator.data_received(rest)

    def _admit(self, request: Request) -> HTTPStatus:
        """101, or the status to refuse a handshake with."""
        self._handshakes += 1
        if self._handshakes > self.limits.handshakes_per_sweep:
            return self._refuse("too many handshakes", HTTPStatus.SERVICE_UNAVAILABLE)
        if self.connections >= self.limits.spectators:
            return self._refuse("too many spectators", HTTPStatus.SERVICE_UNAVAILABLE)
        if not self._origin_allowed(request):
            return self._refuse("foreign origin", HTTPStatus.FORBIDDEN)
        feed = self._feed_of(request)
        if feed is None:
            return self._refuse("unknown tour", HTTPStatus.NOT_FOUND)
        if feed.audience == CREW.name and self._guest_of(request, feed) is None:
            return self._refuse("not signed in", HTTPStatus.FORBIDDEN)
        return HTTPStatus.SWITCHING_PROTOCOLS

    def _refuse(self, reason: str, status: HTTPStatus) -> HTTPStatus:
        self.refused[reason] = self.refused.get(reason, 0) + 1
        return status

    def _origin_allowed(self, request: Request) -> bool:
        """A browser's page must be ours: the same host, or one that the organiser named. No Origin: no browser."""
        return not request.headers.get_all("Origin") or self._comes_from_own_page(request)

    def _comes_from_own_page(self, request: Request) -> bool:
        return is_own(request.headers.get_all("Origin"), request.headers.get_all("Host"), self._origins)

    def _feed_of(self, request: Request) -> TourFeed | None:
        tour, _, audience = urlsplit(request.path).path.removeprefix(LIVE_PATH).partition("/")
        return {"": self.feeds, CREW.name: self.crew_feeds}.get(audience, {}).get(tour)

    def _guest_of(self, request: Request, feed: TourFeed) -> Guest | None:
        """Who is signed in to a crew feed's tour; from a page that is not ours, nobody: cookies come along anyway."""
        if self._guest_list is None or feed.audience != CREW.name or not self._comes_from_own_page(request):
            return None
        return self._guest_list.guest(feed.tour, request.headers.get_all("Cookie"))

    @property
    def connections(self) -> int:
        """Spectators and crews."""
        return sum(map(len, self.all_feeds()))

    def all_feeds(self) -> list[TourFeed]:
        return [*self.feeds.values(), *self.crew_feeds.values()]

    # Once a second for all

    def _sweep(self) -> None:
        """Half-open connections, readers that make no progress, who is no guest any more, and fresh allowances."""
        self._handshakes = 0
        self._sweeps += 1
        self._guests = {spectator: guest for spectator, guest in self._guests.items() if not spectator.closing}
        for spectator, guest in self._guests.items():
            if self._guest_list is None or not self._guest_list.is_welcome(guest):
                spectator.close(CLOSE_SIGNED_OUT, "signed out")
        for feed in self.all_feeds():
            for spectator in feed.spectators():
                self._check(spectator)
        self.start()

    def _check(self, spectator: Spectator) -> None:
        spectator.frames_heard = 0
        if spectator.stalled:
            self._check_progress(spectator)
        elif (self._sweeps + spectator.fd) % self.limits.ping_every_sweeps == 0:
            if spectator.unanswered_pings >= self.limits.pings_unanswered:
                spectator.abort()
            else:
                spectator.ping()

    def _check_progress(self, spectator: Spectator) -> None:
        waiting = spectator.transport.get_write_buffer_size() if spectator.transport else 0
        spectator.slow_sweeps = spectator.slow_sweeps + 1 if waiting >= spectator.stalled_bytes else 0
        spectator.stalled_bytes = waiting
        if spectator.slow_sweeps >= self.limits.slow_sweeps:
            self.closed_slow += 1
            spectator.close(CLOSE_TOO_SLOW, "too slow")


def resume_position(path: str) -> Position | None:
    """The (epoch, seq) that the client holds, from the query; anything odd means: none."""
    query = parse_qs(urlsplit(path).query)
    numbers = [query.get(name, [""])[0] for name in ("epoch", "seq")]
    if all(text.isascii() and text.isdecimal() and len(text) <= 16 for text in numbers):
        return Position(int(numbers[0]), int(numbers[1]))
    return None
