"""Who is let in when not everybody can be: phones are the last to be turned away.

A process is pressed while its loop runs late again and again. Then pages, feeds and lookups are told to come back, and
what phones say and what asks for its health is served on. So it is with connections: the last tenth of them is theirs.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

LOOK_S = 0.25
LATE_S = 0.5  # a loop that is so late twice in a row has more to do than it can
CALM_S = 2.0  # so long after that nobody new is let in
KEPT_FOR_PHONES = 0.1  # of the connections
DESCRIPTORS = 256  # that are no connections: files, the database, the bus
VITAL = ("/in/", "/healthz", "/readyz", "/metrics")
RETRY_AFTER = {"Retry-After": "5"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Admission:
    """`count` tells how many connections are open beyond those that `waiting` for their first request are."""

    def __init__(self, connections: int, count: Callable[[], int]) -> None:
        self.most = min(connections, descriptors() - DESCRIPTORS)
        self.waiting = 0
        self.turned_away: Counter[str] = Counter()
        self._count = count
        self._late = 0
        self._pressed_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK_S, self._look, loop.time() + LOOK_S)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @property
    def is_pressed(self) -> bool:
        return asyncio.get_running_loop().time() < self._pressed_until

    def admits(self, path: str) -> bool:
        """Whether a new connection may ask for this."""
        open_now = self.waiting + self._count()
        vital = is_vital(path)
        if open_now > (self.most if vital else self.most * (1.0 - KEPT_FOR_PHONES)):
            self.turned_away["too many connections"] += 1
            return False
        return vital or self._has_time()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The same for who is connected already."""
        if is_vital(request.path) or self._has_time():
            return await handler(request)
        return web.Response(status=503, headers=RETRY_AFTER)

    def _has_time(self) -> bool:
        self.turned_away["busy"] += self.is_pressed
        return not self.is_pressed

    def _look(self, due_at: float) -> None:
        now = asyncio.get_running_loop().time()
        self._late = self._late + 1 if now - due_at > LATE_S else 0
        if self._late > 1:
            self._pressed_until = now + CALM_S
        self.start()


def is_vital(path: str) -> bool:
    return path.startswith(VITAL)


def descriptors() -> int:
    """How many files and sockets this process may have open: as many as it can give itself."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most if most != resource.RLIM_INFINITY else 1_000_000
