"""The hub: who may watch which tour, and the one timer that looks after everybody who does."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from tracker.bus.contract import Bus
from tracker.feed import HubLimits, TourFeed
from tracker.handshake import shake_hands
from tracker.spectator import CLOSE_RESTART, CLOSE_TOO_SLOW, Spectator, hang_up
from tracker.wire.frames import Position

LIVE_PATH = "/live/"


class Hub:
    """All feeds of this process and everything that is done for all spectators by one timer."""

    def __init__(self, bus: Bus, limits: HubLimits | None = None, origins: frozenset[str] = frozenset()) -> None:
        self.limits = limits or HubLimits()
        self.feeds: dict[str, TourFeed] = {}
        self.refused: dict[str, int] = {}
        self.closed_slow = 0
        self._bus = bus
        self._origins = origins
        self._handshakes = 0
        self._sweeps = 0
        self._timer: asyncio.TimerHandle | None = None

    async def add_tour(self, tour: str) -> TourFeed:
        feed = TourFeed(tour, "public", self._bus, self.limits)
        self.feeds[tour] = feed
        await feed.start()
        return feed

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.limits.sweep_s, self._sweep)

    async def stop(self) -> None:
        """Close every socket with "restart": pages come back by themselves, spread over some seconds."""
        if self._timer is not None:
            self._timer.cancel()
        for feed in self.feeds.values():
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
        feed = self.feeds[_tour_of(request)]
        spectator = Spectator(feed)
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
        if sum(map(len, self.feeds.values())) >= self.limits.spectators:
            return self._refuse("too many spectators", HTTPStatus.SERVICE_UNAVAILABLE)
        if not self._origin_allowed(request):
            return self._refuse("foreign origin", HTTPStatus.FORBIDDEN)
        if _tour_of(request) not in self.feeds:
            return self._refuse("unknown tour", HTTPStatus.NOT_FOUND)
        return HTTPStatus.SWITCHING_PROTOCOLS

    def _refuse(self, reason: str, status: HTTPStatus) -> HTTPStatus:
        self.refused[reason] = self.refused.get(reason, 0) + 1
        return status

    def _origin_allowed(self, request: Request) -> bool:
        """A browser's page must be ours: the same host, or one that the organiser named. No Origin: no browser."""
        origins = request.headers.get_all("Origin")
        if not origins:
            return True
        own = {f"{scheme}://{host}" for host in request.headers.get_all("Host") for scheme in ("http", "https")}
        return len(origins) == 1 and (origins[0] in own or origins[0] in self._origins)

    # Once a second for all

    def _sweep(self) -> None:
        """Half-open connections, readers that make no progress, and fresh allowances for everybody."""
        self._handshakes = 0
        self._sweeps += 1
        for feed in self.feeds.values():
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


def _tour_of(request: Request) -> str:
    return urlsplit(request.path).path.removeprefix(LIVE_PATH)


def resume_position(path: str) -> Position | None:
    """The (epoch, seq) that the client holds, from the query; anything odd means: none."""
    query = parse_qs(urlsplit(path).query)
    numbers = [query.get(name, [""])[0] for name in ("epoch", "seq")]
    if all(text.isascii() and text.isdecimal() and len(text) <= 16 for text in numbers):
        return Position(int(numbers[0]), int(numbers[1]))
    return None
