"""Who leads a tour's engines: a lease in the store, renewed by a task of its own.

A leader that was paused steps down by itself: it publishes only while its last renewal is younger than the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Protocol

from tracker.errors import StoreError
from tracker.journal.contract import Store
from tracker.quietlog import QuietLog

log = logging.getLogger(__name__)

LEASE_MS = 3000  # a standby takes over within this and one step
STEP_S = 0.5


class Lead(Protocol):
    """Whether an engine may speak, and under which number."""

    @property
    def epoch(self) -> int | None: ...


class Understudy:
    """Follows a lead in silence until it steps up."""

    def __init__(self, lead: Lead) -> None:
        self.steps_up = False
        self._lead = lead

    @property
    def epoch(self) -> int | None:
        return self._lead.epoch if self.steps_up else None


class Leadership:
    """`epoch` while this process leads, otherwise None."""

    def __init__(self, store: Store, tour: str, holder: str) -> None:
        self._store = store
        self._tour = tour
        self._holder = holder
        self._epoch: int | None = None
        self._renewed_at = 0.0
        self._rests_until = 0.0
        self._stepping = asyncio.Lock()
        self._quiet = QuietLog(log)
        self._task: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> int | None:
        held = time.monotonic() - self._renewed_at < LEASE_MS / 1000
        return self._epoch if held else None

    async def start(self) -> None:
        """Try for the lead at once, and from now on whenever it is free."""
        await self._step()
        self._task = asyncio.create_task(self._run(), name=f"lease {self._tour}")

    async def begin_anew(self) -> None:
        """Whoever leads goes on under the next epoch: what is published then follows from nothing before."""
        if self._epoch is not None:
            self._epoch = None
            await self._step()

    async def step_down(self) -> None:
        """Give the lead back, and leave it to a standby for as long as that needs to take it."""
        async with self._stepping:
            self._rests_until = time.monotonic() + LEASE_MS / 1000
            await self._release()

    async def stop(self) -> None:
        """Give the lead back, so that a standby need not wait for the lease to run out."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._release()

    async def _release(self) -> None:
        if self._epoch is not None:
            with contextlib.suppress(StoreError):
                await self._store.release_lease(self._tour, self._epoch)
            self._epoch = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            await self._step()

    async def _step(self) -> None:
        async with self._stepping:
            await self._take_or_renew()

    async def _take_or_renew(self) -> None:
        asked_at = time.monotonic()  # before the store was asked: its answer may be late
        if asked_at < self._rests_until:
            return
        try:
            before = self._epoch
            if before is not None and await self._store.renew_lease(self._tour, before, LEASE_MS):
                self._renewed_at = asked_at
                return
            self._epoch = await self._store.take_lease(self._tour, self._holder, LEASE_MS)
            self._renewed_at = asked_at
        except StoreError as error:
            self._quiet.warn("the lease cannot be renewed for now", f"engine {self._tour}", str(error))
            return
        if before != self._epoch:
            log.info("engine %s: %s", self._tour, f"leads, epoch {self._epoch}" if self._epoch else "stands by")
