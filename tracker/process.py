"""A process around its parts: started, tuned for serving, and stopped by a signal; alone in its data folder."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from tracker.errors import SettingsError
from tracker.tidying import keep_collections_short
from tracker.turns import let_threads_have_turns


async def until_stopped(part: AbstractAsyncContextManager[int], on_ready: Callable[[int], None]) -> None:
    """Run until SIGINT or SIGTERM; `on_ready` is told the port."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    keep_collections_short()
    let_threads_have_turns()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with part as port:
        on_ready(port)
        await stop.wait()


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """One `tracker serve` per data folder; the lock goes with the process, however it ends."""
    with (data / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(
                f"another `tracker serve` uses {data}; stop it, or name another --data folder"
            ) from None
        yield
