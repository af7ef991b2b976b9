"""One audience's outlet of an engine: what it has not been told yet, and the numbered frames that tell it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from tracker.bus.contract import Bus, frames_topic
from tracker.catalogue import ServedTour
from tracker.core.engine import Engine
from tracker.core.schedule import LegPlan
from tracker.wire.audience import Audience
from tracker.wire.frames import Projector

HEARTBEAT_S = 5.0


class Outlet:
    """Publishes one frame per beat to its audience. A beat of 0 ms is: at once."""

    def __init__(self, served: ServedTour, audience: Audience, beat_ms: int, bus: Bus) -> None:
        self.audience = audience
        self.beat_s = beat_ms / 1000
        self._served = served
        self._bus = bus
        self._projector: Projector | None = None  # only a leader has one, of its epoch
        self._plans: Sequence[LegPlan] = ()  # as last published
        self._dirty: set[int] = set()  # vehicles that look different from what was last published
        self._wanted = False
        self._beat_at = 0.0
        self._published_at = 0.0

    def want(self) -> None:
        """A snapshot goes out with the next beat."""
        self._wanted = True

    def mark(self, vehicles: Iterable[int]) -> None:
        """These vehicles look different now."""
        self._dirty.update(vehicles)

    def due_in_s(self) -> float:
        """Seconds until the next beat; not above 0 when it is due."""
        return self._beat_at + self.beat_s - time.monotonic()

    def silence(self) -> None:
        """Somebody else leads: whatever is published next begins anew."""
        self._projector = None
        self._dirty.clear()

    def publish(self, engine: Engine, epoch: int, now_ms: int, rate: float) -> None:
        """Publish what is new, and what was asked for."""
        self._beat_at = time.monotonic()
        everybody = range(len(engine.tour.vehicles))
        frames: list[bytes | None] = []
        plans = engine.decided.schedule.plans
        if self._projector is None or self._projector.epoch != epoch:
            about = self._served.about(self.audience, plans)
            self._projector = Projector(about, len(everybody), epoch, rate, self.audience)
            self._projector.delta(map(engine.view, everybody), now_ms)
            self._wanted = True  # a new epoch begins with a key frame
        else:
            frames.append(self._projector.delta(map(engine.view, sorted(self._dirty)), now_ms))
            if plans != self._plans:  # a leg was delayed or cancelled
                frames.append(self._projector.renewed(self._served.about(self.audience, plans), now_ms))
        self._plans = plans
        self._dirty.clear()
        if self._wanted:
            self._wanted = False
            frames.append(self._projector.snapshot(now_ms))  # news only to who asked for it
        elif frames == [None] and self._beat_at - self._published_at >= HEARTBEAT_S:
            frames = [self._projector.heartbeat(now_ms)]
        for frame in frames:
            if frame is not None:
                self._bus.publish(frames_topic(engine.tour.slug, self.audience.name), frame)
                self._published_at = self._beat_at
