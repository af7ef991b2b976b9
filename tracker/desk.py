"""The hub's side of the desk: passes it on to crews, keeps the newest, and knows what came of a decision."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from tracker.bus.contract import DESK_WANT, Bus, desk_topic, wants_topic
from tracker.feed import TourFeed
from tracker.wire.desk import decode_desk, decode_from_bus

NOTED = ["noted", "", -1]


class Desk:
    """One tour's. `document` is the newest one, empty until there is one; `now_ms` is when it was made."""

    def __init__(self, tour: str, feed: TourFeed, bus: Bus) -> None:
        self.document: dict[str, Any] = {}
        self.now_ms = 0
        self.unreadable = 0
        self._tour = tour
        self._feed = feed
        self._bus = bus
        self._epoch = 0
        self._changed = asyncio.Event()
        self._stop: Callable[[], Awaitable[None]] | None = None

    async def start(self) -> None:
        self._stop = await self._bus.subscribe(desk_topic(self._tour), self._on_message, self._ask)
        self._ask()

    async def stop(self) -> None:
        if self._stop is not None:
            await self._stop()
            self._stop = None

    async def answer(self, decision: str, seq: int, within_s: float) -> list[Any]:
        """What came of a decision that the journal has under a number: outcome, who, helper.

        Only "noted" if the engine does not say so in time, or it is too long ago.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.document.get("position", 0) < seq:
                    await self._changed.wait()
        answer: list[Any] = self.document.get("answers", {}).get(decision, NOTED)
        return answer

    def _ask(self) -> None:
        """We are new here, or missed something."""
        self._bus.publish(wants_topic(self._tour), DESK_WANT)

    def _on_message(self, packed: bytes) -> None:
        try:
            epoch, message = decode_from_bus(packed)
            now_ms, document = decode_desk(message)
        except (ValueError, TypeError):
            self.unreadable += 1
            return
        if epoch < self._epoch:
            return  # from an engine that was replaced
        self._epoch, self.now_ms, self.document = epoch, now_ms, document
        self._feed.say_aside(message)
        self._changed.set()
        self._changed = asyncio.Event()
