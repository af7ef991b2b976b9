"""The past for replay and trails: slices that the engine of spectators makes and any hub serves.

Every 20 s of the tour's time the slices in which something may have changed are made again, the newest first, and
those that came out different are stored. A late backlog changes the slices it belongs to, and no others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from tracker.core.engine import Engine
from tracker.core.model import Tour
from tracker.core.segments import Traces, slot_of, slots, traces
from tracker.errors import StoreError
from tracker.journal.segments import Segments
from tracker.turns import REST_S, Turn
from tracker.wire.segments import Segment, encode_segment

log = logging.getLogger(__name__)

EVERY_S = 20.0  # of the tour's time
LEAST_S = 5.0  # of ours: a rehearsal's clock runs fast
WORK_S = 0.1  # of a beat
MOST_READY = 32  # that wait for the store
STOP_S = 5.0

Slot = tuple[int, int]  # leg, beginning


class Segmenter:
    """Give it to the engine that spectators see: what that engine does not know yet is in no slice."""

    wanted_as = b"segments"

    def __init__(self, tour: Tour, store: Segments, rate: float) -> None:
        self._tour = tour
        self._store = store
        self._numbers = [vehicle.number for vehicle in tour.vehicles]
        self._every_s = max(EVERY_S / rate, LEAST_S)
        self._epoch: int | None = None
        self._stored: dict[Slot, str] = {}  # hashes of the current slices
        self._due: set[Slot] = set()
        self._again: set[Slot] = set()  # that could not be stored
        self._ready: list[Segment] = []
        self._slot: Slot | None = None  # that is being made
        self._made: list[Traces] = []  # of it
        self._seen = 0  # vehicles that were looked at for it
        self._looked_at = -self._every_s
        self._putting: asyncio.Task[None] | None = None

    def want(self) -> None:
        """Nobody needs to ask: the store has them."""

    async def stop(self) -> None:
        """Let what is on its way to the store arrive."""
        if self._putting is not None:
            await asyncio.wait([self._putting], timeout=STOP_S)

    async def work(self, engine: Engine, epoch: int, now_ms: int, is_pressed: Callable[[], bool]) -> None:
        """Make what is due, for so long as a beat can wait; hand over what is ready."""
        if epoch != self._epoch:
            await self._begin(engine, epoch)
        every_s = self._every_s if self._stored else LEAST_S  # the first of a tour is awaited
        if not self._due and time.monotonic() - self._looked_at >= every_s:
            await self._look(engine)
        turn = Turn(REST_S)
        deadline = time.monotonic() + WORK_S
        while self._due and len(self._ready) < MOST_READY and time.monotonic() < deadline:
            self._go_on(engine, now_ms)
            await turn.give_way()
            if is_pressed():
                break
        if self._ready and (self._putting is None or self._putting.done()):
            ready, self._ready = self._ready, []
            self._putting = asyncio.create_task(self._put(ready, epoch, now_ms), name=f"segments {self._tour.slug}")

    async def _begin(self, engine: Engine, epoch: int) -> None:
        """A leader of a new epoch looks at everything once: it does not know what the one before has done."""
        stored = {}
        for leg in range(len(self._tour.legs)):
            for listed in await self._store.listed(self._tour.slug, leg):
                stored[leg, listed.start_ms] = listed.hash
        self._epoch, self._stored, self._slot, self._ready = epoch, stored, None, []
        self._due = set(stored)
        turn = Turn()
        for track in engine.tracks:
            track.take_changed()
            self._due |= slots(track, 0)
            await turn.give_way()
        self._looked_at = time.monotonic()

    async def _look(self, engine: Engine) -> None:
        self._looked_at = time.monotonic()
        self._due, self._again = self._again, set()
        turn = Turn()
        for track in engine.tracks:
            await turn.give_way()
            changed_ms = track.take_changed()
            if not track.done or changed_ms > track.fixes.times_ms[track.done - 1]:
                continue
            first = slot_of(changed_ms)
            mine = slots(track, first)
            legs = {leg for leg, _ in mine} | ({track.live[0].leg} if track.live else set())
            # Slices behind the change name this vehicle's last place before them, also where it was not heard.
            self._due |= mine | {(leg, slot) for leg, slot in self._stored if slot >= first and leg in legs}

    def _go_on(self, engine: Engine, now_ms: int) -> None:
        """One more vehicle of the slice that is being made. Whatever comes in between makes it due again."""
        if self._slot is None:
            self._slot, self._made, self._seen = max(self._due, key=lambda due: due[1]), [], 0
        leg, slot_ms = self._slot
        found = traces(engine.tracks[self._seen], self._seen, leg, slot_ms, now_ms)
        if found is not None:
            self._made.append(found)
        self._seen += 1
        if self._seen == len(engine.tracks):
            segment = encode_segment(leg, slot_ms, self._numbers, self._made)
            if segment.hash != self._stored.get(self._slot):
                self._stored[self._slot] = segment.hash
                self._ready.append(segment)
            self._due.discard(self._slot)
            self._slot = None

    async def _put(self, segments: list[Segment], epoch: int, now_ms: int) -> None:
        try:
            await self._store.put(self._tour.slug, epoch, segments, now_ms)
        except StoreError as error:
            log.warning("segments %s: cannot be stored for now: %s", self._tour.slug, error)
            for segment in segments:
                self._stored.pop((segment.leg, segment.start_ms), None)
                self._again.add((segment.leg, segment.start_ms))
