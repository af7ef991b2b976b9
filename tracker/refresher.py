"""What is read from the store again and again: who may send, who is signed in, which tours there are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from tracker.errors import StoreError
from tracker.quietlog import QuietLog

REFRESH_S = 2.0  # a change made anywhere counts soon, in every process


class Refresher:
    """Calls `refresh` every two seconds. While the store is away what is known so far goes on."""

    def __init__(self, name: str, refresh: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._refresh = refresh
        self._quiet = QuietLog(logging.getLogger(__name__))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The first time, whose errors are the caller's; then from time to time."""
        await self._refresh()
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self._refresh()
            except StoreError as error:
                self._quiet.warn("those known so far go on", self._name, str(error))
