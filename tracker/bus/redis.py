"""The bus over Redis pub/sub: one connection that speaks, one that listens, and nothing that waits for either.

`publish` only puts a message in line: a task of its own sends what waits, many at a time, in order, and another one
reads what Redis answers. While Redis is down or hangs, the line is emptied unsent: what the bus loses is found again in
the journal or a snapshot. Each connection has a watch of its own, because a silent Redis breaks none, because Redis
drops a slow subscriber without a word, and because the library's own deadlines cost a task for every message.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tracker.errors import SettingsError
from tracker.quietlog import QuietLog

QUEUED_MESSAGES = 10_000  # a second of a very large tour; older hints than that are worth nothing
SENT_AT_ONCE = 500
DEADLINE_S = 1.0  # one deadline for every call; the library's own retries would block for 14 s
RECONNECT_S = 0.5
LOOK_S = 0.25  # how often connections are looked at
PING_S = 1.0
SILENT_S = 3.0  # no answer to pings for so long: this connection is dead, whatever TCP believes

TROUBLE = (RedisError, OSError, TimeoutError)

Handler = tuple[Callable[[bytes], None], Callable[[], None]]


class RedisBus:
    """`Bus` over a `redis://` (or `rediss://`, `unix://`) URL."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise SettingsError("redis: a URL like redis://127.0.0.1:6379/0 is needed")
        self._options: dict[str, Any] = {**parse_url(url)}
        self._class: type[AbstractConnection] = self._options.pop("connection_class", Connection)
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._queue: deque[tuple[str, str, bytes]] = deque()
        self._queued = asyncio.Event()
        self._unanswered: deque[float] = deque()  # when each message was sent that Redis has not answered
        self._listener: AbstractConnection | None = None
        self._heard_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._quiet = QuietLog(logging.getLogger(__name__))
        self.connected = False
        self.dropped = 0

    def publish(self, topic: str, data: bytes) -> bool:
        self._start()
        if len(self._queue) >= QUEUED_MESSAGES:
            self.dropped += 1
            return False
        self._queue.append(("PUBLISH", topic, data))
        self._queued.set()
        return True

    async def subscribe(
        self, topic: str, on_message: Callable[[bytes], None], on_lost: Callable[[], None]
    ) -> Callable[[], Awaitable[None]]:
        handler = (on_message, on_lost)
        new_topic = not self._handlers[topic]
        self._handlers[topic].append(handler)
        self._start()
        if new_topic and self._listener is not None:
            await self._tell(self._listener, "SUBSCRIBE", topic)

        async def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._handlers[topic].remove(handler)

        return unsubscribe

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._listen())]

    # Connections

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AbstractConnection]:
        """A connection that is signed in. Nothing on it has a deadline: whoever has it also watches it."""
        connection = self._class(**self._options, retry=Retry(NoBackoff(), 0), socket_timeout=None)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await connection.connect()  # type: ignore[no-untyped-call]
            yield connection
        finally:
            with contextlib.suppress(*TROUBLE):
                await connection.disconnect(nowait=True)

    @staticmethod
    async def _tell(connection: AbstractConnection, *words: str) -> None:
        """Send a command without waiting for its answer. What goes wrong is found by whoever reads there."""
        with contextlib.suppress(*TROUBLE):
            async with asyncio.timeout(DEADLINE_S):
                await connection.send_packed_command(connection.pack_command(*words), check_health=False)

    # Speaking

    async def _speak(self) -> None:
        while True:
            await self._queued.wait()
            self._unanswered.clear()
            try:
                async with self._connection() as connection, asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._send(connection))
                    tasks.create_task(self._read_answers(connection))
                    tasks.create_task(self._watch_answers())
            except* TROUBLE as errors:
                self.dropped += len(self._unanswered) + len(self._queue)
                self._queue.clear()
                self._queued.clear()
                self._quiet.warn("messages dropped, the journal has what they said", "speaking", named(errors))
            await asyncio.sleep(RECONNECT_S)

    async def _send(self, connection: AbstractConnection) -> None:
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                messages = [self._queue.popleft() for _ in range(min(len(self._queue), SENT_AT_ONCE))]
                self._unanswered.extend([time.monotonic()] * len(messages))
                await connection.send_packed_command(connection.pack_commands(messages), check_health=False)

    async def _read_answers(self, connection: AbstractConnection) -> None:
        while True:
            await connection.read_response(timeout=math.inf)
            self._unanswered.popleft()

    async def _watch_answers(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._unanswered and time.monotonic() - self._unanswered[0] > DEADLINE_S:
                raise TimeoutError

    # Listening

    async def _listen(self) -> None:
        while True:
            try:
                async with self._connection() as connection:
                    await self._subscribe_to_all(connection)
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(self._deliver(connection))
                        tasks.create_task(self._watch_listener(connection))
            except* TROUBLE as errors:
                if self.connected:
                    self._quiet.warn("the subscription broke and is made anew", "listening", named(errors))
            self._listener, self.connected = None, False
            await asyncio.sleep(RECONNECT_S)

    async def _subscribe_to_all(self, connection: AbstractConnection) -> None:
        """Return once Redis has answered; what was said before is lost."""
        self._listener = connection  # topics that are new meanwhile are subscribed to as well
        for topic in tuple(self._handlers):
            await self._tell(connection, "SUBSCRIBE", topic)
        await self._tell(connection, "PING")  # answered after the subscriptions
        async with asyncio.timeout(DEADLINE_S):
            while is_pushed(await read(connection)):
                pass
        self.connected = True
        for handlers in tuple(self._handlers.values()):
            for _, on_lost in tuple(handlers):
                on_lost()

    async def _deliver(self, connection: AbstractConnection) -> None:
        while True:
            said = await read(connection)
            self._heard_at = time.monotonic()
            if is_pushed(said) and said[0] == b"message":
                _, topic, data = said
                for on_message, _ in tuple(self._handlers.get(topic.decode(), ())):
                    on_message(data)

    async def _watch_listener(self, connection: AbstractConnection) -> None:
        self._heard_at = time.monotonic()
        while time.monotonic() - self._heard_at < SILENT_S:
            await self._tell(connection, "PING")
            await asyncio.sleep(PING_S)
        raise TimeoutError


async def read(connection: AbstractConnection) -> Sequence[bytes]:
    """What Redis says next to a listener: [b"message", topic, data] and its like, or an answer to a ping."""
    said: Sequence[bytes] = await connection.read_response(timeout=math.inf, push_request=True)
    return said


def is_pushed(said: Sequence[bytes]) -> bool:
    """Whether it is about a topic."""
    return isinstance(said, list) and said[0] != b"pong"


def named(errors: BaseExceptionGroup[BaseException]) -> str:
    return type(errors.exceptions[0]).__name__
