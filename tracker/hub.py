"""The hub: forwards the engine's frames to every websocket, those very bytes, one write per spectator and beat.

It folds the frames too, to make snapshots for who joins or fell behind: encoded once for all who ask at one position.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.http11 import Request

from tracker.bus.contract import Bus, frames_topic, wants_topic
from tracker.spectator import CLOSE_RESTART, CLOSE_TOO_SLOW, LIVE_PATH, Spectator, server_frame
from tracker.wire.frames import FeedState, Folded, Position, encode_snapshot


@dataclass(frozen=True, slots=True)
class HubLimits:
    """Every limit of the hub, with its reason."""

    ring_frames: int = 256  # resume without a snapshot within the last minutes
    sends_per_slice: int = 1000  # about 10 ms of writing; then other work gets a turn
    sweep_s: float = 1.0
    ping_every_sweeps: int = 15
    pings_unanswered: int = 2  # a half-open connection is gone within 45 s
    slow_sweeps: int = 10  # no progress for so long: 4008
    commands_per_sweep: int = 5
    handshake_sweeps: int = 10
    handshakes_per_sweep: int = 2000  # a mobile network is one address: limit the rate, not the address
    close_s: float = 5.0


class TourFeed:
    """One audience of one tour: the folded state, the last frames, and who is listening."""

    def __init__(self, tour: str, audience: str, bus: Bus, limits: HubLimits) -> None:
        self.tour = tour
        self.audience = audience
        self.state = FeedState()
        self.delivered = 0
        self.snapshots = 0
        self._bus = bus
        self._limits = limits
        self._ready: dict[Spectator, None] = {}
        self._away: set[Spectator] = set()  # stalled: they get a snapshot when their socket has drained
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=limits.ring_frames)
        self._pending: deque[bytes] = deque()
        self._sending = False
        self._body: tuple[Position, bytes] | None = None
        self._heard_at = time.monotonic()
        self._stop: Callable[[], Awaitable[None]] | None = None

    async def start(self) -> None:
        topic = frames_topic(self.tour, self.audience)
        self._stop = await self._bus.subscribe(topic, self.on_frame, self.ask)
        self.ask()

    async def stop(self) -> None:
        if self._stop is not None:
            await self._stop()
            self._stop = None

    def __len__(self) -> int:
        return len(self._ready) + len(self._away)

    def spectators(self) -> list[Spectator]:
        return [*self._ready, *self._away]

    def now_ms(self) -> int:
        """The feed's time: that of the newest frame, and what has passed since at the tour's rate."""
        return self.state.now_ms + int((time.monotonic() - self._heard_at) * 1000 * self.state.rate)

    # From the engine

    def ask(self) -> None:
        """Ask the engine for a key frame: we are new here, or missed something."""
        self._bus.publish(wants_topic(self.tour), self.audience.encode())

    def on_frame(self, frame: bytes) -> None:
        folded = self.state.fold(frame)
        if folded is Folded.GAP:
            self.ask()
        if folded in (Folded.GAP, Folded.OLD):
            return
        self._heard_at = time.monotonic()
        if folded is Folded.ANEW:
            self._ring.clear()
            for spectator in list(self._ready):
                self.send_snapshot(spectator)
            return
        wrapped = server_frame(frame)
        if folded is Folded.NEXT and self.state.position is not None:
            self._ring.append((self.state.position.seq, wrapped))
        self._pending.append(wrapped)
        if not self._sending:
            self._broadcast_next()

    def _broadcast_next(self) -> None:
        if self._pending:
            self._sending = True
            self._send_slice(self._pending.popleft(), list(self._ready), 0)
        else:
            self._sending = False

    def _send_slice(self, frame: bytes, spectators: list[Spectator], start: int) -> None:
        end = start + self._limits.sends_per_slice
        ready = self._ready
        for spectator in spectators[start:end]:
            if spectator in ready and spectator.send_now(frame):
                self.delivered += 1
        if end < len(spectators):
            asyncio.get_running_loop().call_soon(self._send_slice, frame, spectators, end)
        else:
            self._broadcast_next()

    # Spectators come and go

    def join(self, spectator: Spectator, resume: Position | None) -> None:
        missed = self._missed_since(resume)
        if missed is None:
            self.catch_up(spectator)
        else:
            self._ready[spectator] = None
            if missed:
                spectator.send(b"".join(missed))

    def _missed_since(self, resume: Position | None) -> list[bytes] | None:
        """The frames after a position, or None if only a snapshot will do."""
        position = self.state.position
        if resume is None or position is None or resume.epoch != position.epoch or resume.seq > position.seq:
            return None
        if resume.seq == position.seq:
            return []
        if not self._ring or self._ring[0][0] > resume.seq + 1:
            return None
        return [frame for seq, frame in self._ring if seq > resume.seq]

    def catch_up(self, spectator: Spectator) -> None:
        """A fresh snapshot, and frames from now on."""
        self._away.discard(spectator)
        self._ready[spectator] = None
        self.send_snapshot(spectator)

    def send_snapshot(self, spectator: Spectator) -> None:
        position = self.state.position
        if position is None:
            return  # it comes with the engine's key frame
        if self._body is None or self._body[0] != position:
            self._body = (position, self.state.snapshot_body())
            self.snapshots += 1
        message = encode_snapshot(position.epoch, position.seq, self.now_ms(), self.state.rate, self._body[1])
        spectator.send(server_frame(message))

    def sit_out(self, spectator: Spectator) -> None:
        self._ready.pop(spectator, None)
        self._away.add(spectator)

    def leave(self, spectator: Spectator) -> None:
        self._ready.pop(spectator, None)
        self._away.discard(spectator)


class Hub:
    """All feeds of this process and everything that is done for all spectators by one timer."""

    def __init__(self, bus: Bus, limits: HubLimits | None = None, origins: frozenset[str] = frozenset()) -> None:
        self.limits = limits or HubLimits()
        self.feeds: dict[str, TourFeed] = {}
        self.refused: dict[str, int] = {}
        self.closed_slow = 0
        self._bus = bus
        self._origins = origins
        self._shaking: dict[Spectator, int] = {}  # in the handshake, and for how many sweeps
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

    def protocol(self) -> Spectator:
        return Spectator(self)

    def admit(self, request: Request) -> tuple[TourFeed | None, HTTPStatus]:
        """Which feed a handshake asks for, or the status to refuse it with."""
        self._handshakes += 1
        if self._handshakes > self.limits.handshakes_per_sweep:
            return self._refuse("too many handshakes", HTTPStatus.SERVICE_UNAVAILABLE)
        if not self._origin_allowed(request):
            return self._refuse("foreign origin", HTTPStatus.FORBIDDEN)
        feed = self.feeds.get(urlsplit(request.path).path.removeprefix(LIVE_PATH))
        if feed is None:
            return self._refuse("unknown tour", HTTPStatus.NOT_FOUND)
        return feed, HTTPStatus.SWITCHING_PROTOCOLS

    def _refuse(self, reason: str, status: HTTPStatus) -> tuple[None, HTTPStatus]:
        self.refused[reason] = self.refused.get(reason, 0) + 1
        return None, status

    def _origin_allowed(self, request: Request) -> bool:
        """A browser's page must be ours: the same host, or one that the organiser named. No Origin: no browser."""
        origins = request.headers.get_all("Origin")
        if not origins:
            return True
        origin = urlsplit(origins[0])
        own = origin.scheme in ("http", "https") and request.headers.get("Host") == origin.netloc
        return len(origins) == 1 and (own or origins[0] in self._origins)

    def opened(self, spectator: Spectator) -> None:
        self._shaking[spectator] = 0

    def closed(self, spectator: Spectator) -> None:
        self._shaking.pop(spectator, None)

    def _sweep(self) -> None:
        """Once a second for all: slow handshakes, half-open connections, readers that make no progress."""
        self._handshakes = 0
        self._sweeps += 1
        for spectator, sweeps in list(self._shaking.items()):
            if spectator.feed is not None:
                del self._shaking[spectator]
            elif sweeps >= self.limits.handshake_sweeps:
                spectator.abort()
            else:
                self._shaking[spectator] = sweeps + 1
        for feed in self.feeds.values():
            for spectator in feed.spectators():
                self._check(spectator)
        self.start()

    def _check(self, spectator: Spectator) -> None:
        spectator.commands = 0
        if spectator.stalled and spectator.transport is not None:
            waiting = spectator.transport.get_write_buffer_size()
            spectator.slow_sweeps = spectator.slow_sweeps + 1 if waiting >= spectator.stalled_bytes else 0
            spectator.stalled_bytes = waiting
            if spectator.slow_sweeps >= self.limits.slow_sweeps:
                self.closed_slow += 1
                spectator.close(CLOSE_TOO_SLOW, "too slow")
        elif (self._sweeps + spectator.fd) % self.limits.ping_every_sweeps == 0:
            if spectator.unanswered_pings >= self.limits.pings_unanswered:
                spectator.abort()
            else:
                spectator.ping()
