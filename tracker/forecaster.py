"""The engine's forecast for hubs: when every vehicle will be where. Made anew every few seconds, in slices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tracker.bus.contract import Bus, forecast_topic
from tracker.core.engine import Engine
from tracker.core.forecast import Forecast, marks_m
from tracker.core.model import Tour
from tracker.turns import REST_S, Turn
from tracker.wire.forecast import encode_forecast

EVERY_S = 10.0  # of the tour's time
LEAST_S = 2.0  # of ours: a rehearsal's clock runs fast


class Forecaster:
    """Publishes the forecast of one audience's engine: give it the one that spectators see."""

    wanted_as = b"forecast"

    def __init__(self, tour: Tour, bus: Bus, rate: float) -> None:
        self._tour = tour
        self._bus = bus
        self._every_s = max(EVERY_S / rate, LEAST_S)
        self._marks_m = [marks_m(leg) for leg in tour.legs]
        self._made: list[Forecast] = []  # so far of the next one
        self._last: tuple[int, bytes] | None = None  # with its epoch
        self._published_at = -self._every_s

    def want(self) -> None:
        """Tell the last one again: somebody is new on the bus."""
        if self._last is not None:
            self._bus.publish(forecast_topic(self._tour.slug), self._last[1])

    async def work(self, engine: Engine, epoch: int, now_ms: int, is_pressed: Callable[[], bool]) -> None:
        """Make the next one if it is due."""
        anew = self._last is None or self._last[0] != epoch
        if not anew and time.monotonic() - self._published_at < self._every_s:
            return
        everybody = range(len(self._tour.vehicles))
        turn = Turn(REST_S)
        while len(self._made) < len(everybody):
            self._made.append(engine.forecast(len(self._made), self._marks_m))
            await turn.give_way()
            if is_pressed() and len(self._made) < len(everybody):
                return
        await asyncio.sleep(REST_S)
        from_start_ms = [engine.from_start_ms(leg, marks) for leg, marks in enumerate(self._marks_m)]
        base_ms = self._tour.legs[0].first_start_ms
        plans = engine.decided.schedule.plans
        message = encode_forecast(epoch, now_ms, base_ms, self._made, self._marks_m, from_start_ms, plans)
        self._made = []
        self._last = epoch, message
        self._published_at = time.monotonic()
        self._bus.publish(forecast_topic(self._tour.slug), message)

    async def stop(self) -> None:
        """Nothing is ever under way between two slices."""
