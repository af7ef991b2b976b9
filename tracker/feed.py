"""One audience's feed of one tour: the folded state, the last frames, and who is listening.

It forwards the engine's frames, those very bytes, one write per spectator and beat. It folds them too, to make
snapshots for who joins or fell behind: encoded once for all who ask at one position.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tracker.bus.contract import Bus, frames_topic, wants_topic
from tracker.spectator import Spectator, server_frame
from tracker.wire.frames import FeedState, Folded, Position, encode_snapshot


@dataclass(frozen=True, slots=True)
class HubLimits:
    """Every limit of the hub, with its reason."""

    spectators: int = 20_000  # of one process; more than that is another process
    ring_frames: int = 256  # resume without a snapshot within the last minutes
    sends_per_slice: int = 1000  # about 10 ms of writing; then other work gets a turn
    sweep_s: float = 1.0
    ping_every_sweeps: int = 14
    pings_unanswered: int = 2  # a half-open connection is gone after three times that: 42 s
    slow_sweeps: int = 10  # no progress for so long: 4008
    client_frames_per_sweep: int = 10
    handshakes_per_sweep: int = 10_000  # a core cannot do more; a mobile network is one address: no limit per address
    close_s: float = 5.0


class TourFeed:
    def __init__(self, tour: str, audience: str, bus: Bus, limits: HubLimits) -> None:
        self.tour = tour
        self.audience = audience
        self.limits = limits
        self.state = FeedState()
        self.snapshots = 0
        self.unreadable = 0
        self._bus = bus
        self._ready: dict[Spectator, None] = {}
        self._away: set[Spectator] = set()  # stalled: they get a snapshot when their socket has drained
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=limits.ring_frames)
        self._pending: list[bytes] = []
        self._sending = False
        self._body: tuple[Position, bytes] | None = None
        self._aside = b""  # what is said beside the frames, whole each time: the newest for who joins
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

    @property
    def version(self) -> int | None:
        """The tour's version that spectators see; None while they see nothing."""
        version: int | None = self.state.about.get("tour", {}).get("version")
        return version

    def now_ms(self) -> int:
        """The feed's time: that of the newest frame, and what has passed since at the tour's rate."""
        return self.state.now_ms + int((time.monotonic() - self._heard_at) * 1000 * self.state.rate)

    # From the engine

    def ask(self) -> None:
        """Ask the engine for a key frame: we are new here, or missed something."""
        self._bus.publish(wants_topic(self.tour), self.audience.encode())

    def on_frame(self, frame: bytes) -> None:
        try:
            folded = self.state.fold(frame)
        except (ValueError, TypeError, LookupError):
            self.unreadable += 1  # half of it may be folded already: only a snapshot can mend that
            self.state = FeedState()
            folded = Folded.GAP
        if folded is Folded.GAP:
            self.ask()
        if folded in (Folded.GAP, Folded.OLD, Folded.OTHER):
            return
        self._heard_at = time.monotonic()
        wrapped = server_frame(frame)
        if folded is Folded.ANEW:
            self._ring.clear()  # what was missed is not in it
        elif folded is Folded.NEXT and self.state.position is not None:
            self._ring.append((self.state.position.seq, wrapped))
        self._say(wrapped)

    def say_aside(self, message: bytes) -> None:
        """Tell everybody something that has no number and replaces what was said aside before."""
        self._aside = server_frame(message)
        self._say(self._aside)

    def _say(self, wrapped: bytes) -> None:
        self._pending.append(wrapped)
        if not self._sending:
            self._broadcast()

    def _broadcast(self) -> None:
        """Everything that is due in one write per spectator: when sending takes longer than a beat, beats merge."""
        self._sending = bool(self._pending)
        if self._sending:
            frames = b"".join(self._pending)
            self._pending.clear()
            self._send_slice(frames, list(self._ready), 0)

    def _send_slice(self, frames: bytes, spectators: list[Spectator], start: int) -> None:
        """The hot loop: nothing per spectator but the write. Who left or stalls since the list was made has no fd."""
        end = start + self.limits.sends_per_slice
        write, size = os.write, len(frames)
        for spectator in spectators[start:end]:
            try:
                sent = write(spectator.fd, frames)
            except BlockingIOError:
                sent = 0
            except OSError:
                spectator.write_failed()
                continue
            if sent != size:
                spectator.send(frames[sent:])  # the transport keeps the rest and says at once: sit out
        if end < len(spectators):
            asyncio.get_running_loop().call_soon(self._send_slice, frames, spectators, end)
        else:
            self._broadcast()

    # Spectators come and go

    def join(self, spectator: Spectator, resume: Position | None) -> None:
        missed = self._missed_since(resume)
        if missed is None:
            self.catch_up(spectator)
        else:
            self._ready[spectator] = None
            spectator.send(b"".join([*missed, self._aside]))

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
        if self._aside:
            spectator.send(self._aside)

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


def version_shown_by(feeds: Mapping[str, TourFeed]) -> Callable[[str], int | None]:
    """Which version of a tour its feed shows."""

    def shown(slug: str) -> int | None:
        feed = feeds.get(slug)
        return None if feed is None else feed.version

    return shown
