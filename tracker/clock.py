"""The Clock seam: now in UTC milliseconds, and waiting. Tours can be rehearsed at another time and rate."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Protocol

from tracker.errors import SettingsError


class Clock(Protocol):
    """What time it is at the tour. `rate` is tour seconds per real second."""

    rate: float

    def now_ms(self) -> int:
        """UTC epoch milliseconds at the tour."""
        ...

    async def sleep_until(self, at_ms: int) -> None:
        """Return once `now_ms()` has reached `at_ms`."""
        ...


class SystemClock:
    """The machine's own clock."""

    rate = 1.0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at_ms: int) -> None:
        while (wait_ms := at_ms - self.now_ms()) > 0:
            await asyncio.sleep(wait_ms / 1000)


class TourClock:
    """A clock that starts at `start_ms` now and runs at `rate` from then on, for demos and rehearsals."""

    def __init__(self, start_ms: int, rate: float) -> None:
        if not 0 < rate <= 10_000:
            raise ValueError(f"a clock's rate lies between 0 and 10,000, not {rate}")
        self.rate = rate
        self._start_ms = start_ms
        self._origin_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        return self._start_ms + int((time.monotonic_ns() - self._origin_ns) * self.rate) // 1_000_000

    async def sleep_until(self, at_ms: int) -> None:
        while (wait_ms := at_ms - self.now_ms()) > 0:
            await asyncio.sleep(wait_ms / 1000 / self.rate)


def instant_ms(name: str, text: str) -> int:
    """An ISO 8601 time with its offset as UTC epoch milliseconds. Raises SettingsError about the option `name`."""
    try:
        time_of = datetime.fromisoformat(text)
    except ValueError:
        time_of = None
    if time_of is None or time_of.tzinfo is None:
        raise SettingsError(f"{name}: {text!r} is no ISO time with offset; write 2027-04-26T07:50:00-07:00")
    return round(time_of.timestamp() * 1000)
