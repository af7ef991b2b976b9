"""The bus over Redis pub/sub: one connection that speaks, one that listens, and nothing that waits for either.

`publish` only puts a message in line: a task of its own sends what waits, many at a time, in order. While Redis is
down or hangs, the line is emptied unsent: what the bus loses is found again in the journal or a snapshot.
The listener notices a silent Redis by pings of its own, because redis-py resubscribes without a word and Redis drops
a slow subscriber without one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tracker.errors import SettingsError

log = logging.getLogger(__name__)

QUEUED_MESSAGES = 10_000  # a second of a very large tour; older hints than that are worth nothing
SENT_AT_ONCE = 500
DEADLINE_S = 1.0  # one deadline for every call; the library's own retries would block for 14 s
RECONNECT_S = 0.5
PING_S = 1.0
SILENT_S = 3.0  # no answer to pings for so long: this connection is dead, whatever TCP believes
LISTEN_S = 0.2

Handler = tuple[Callable[[bytes], None], Callable[[], None]]


class RedisBus:
    """`Bus` over a `redis://` (or `rediss://`, `unix://`) URL."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise SettingsError("redis: a URL like redis://127.0.0.1:6379/0 is needed")
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=DEADLINE_S,
            socket_connect_timeout=DEADLINE_S,
            health_check_interval=0,
        )
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._queue: deque[tuple[str, bytes]] = deque()
        self._queued = asyncio.Event()
        self._pubsub: PubSub | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = False
        self.dropped = 0

    def publish(self, topic: str, data: bytes) -> bool:
        self._start()
        if len(self._queue) >= QUEUED_MESSAGES:
            self.dropped += 1
            return False
        self._queue.append((topic, data))
        self._queued.set()
        return True

    async def subscribe(
        self, topic: str, on_message: Callable[[bytes], None], on_lost: Callable[[], None]
    ) -> Callable[[], Awaitable[None]]:
        handler = (on_message, on_lost)
        new_topic = not self._handlers[topic]
        self._handlers[topic].append(handler)
        self._start()
        if new_topic and self._pubsub is not None:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._within_deadline(self._pubsub.subscribe(topic))

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
        await self._redis.aclose()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._listen())]

    @staticmethod
    async def _within_deadline(call: Awaitable[object]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await call

    # Speaking

    async def _speak(self) -> None:
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                pipeline = self._redis.pipeline(transaction=False)
                sent = min(len(self._queue), SENT_AT_ONCE)
                for _ in range(sent):
                    _ = pipeline.publish(*self._queue.popleft())
                try:
                    await self._within_deadline(pipeline.execute())
                except (RedisError, OSError, TimeoutError) as error:
                    self.dropped += sent + len(self._queue)
                    self._queue.clear()
                    log.warning("redis: messages dropped, the journal has what they said: %s", type(error).__name__)
                    await asyncio.sleep(RECONNECT_S)

    # Listening

    async def _listen(self) -> None:
        while True:
            pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
            try:
                await self._hear(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected:
                    log.warning("redis: the subscription broke and is made anew: %s", type(error).__name__)
            finally:
                self._pubsub, self.connected = None, False
                with contextlib.suppress(RedisError, OSError, TimeoutError):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self, pubsub: PubSub) -> None:
        """Subscribe to everything and deliver, until the connection breaks or falls silent."""
        async with asyncio.timeout(DEADLINE_S):
            await pubsub.connect()  # type: ignore[no-untyped-call]
            for topic in tuple(self._handlers):
                await pubsub.subscribe(topic)
        self._pubsub, self.connected = pubsub, True
        for handlers in tuple(self._handlers.values()):
            for _, on_lost in tuple(handlers):
                on_lost()  # whatever was said while nobody listened
        heard = pinged = time.monotonic()
        while True:
            if not pubsub.subscribed:  # nobody wants anything yet
                await asyncio.sleep(LISTEN_S)
                heard = time.monotonic()
                continue
            message = await pubsub.get_message(timeout=LISTEN_S)
            now = time.monotonic()
            if message is not None:
                heard = now
                self._deliver(message)
            elif now - heard > SILENT_S:
                raise TimeoutError
            if now - pinged >= PING_S:
                pinged = now
                await self._within_deadline(pubsub.ping())

    def _deliver(self, message: dict[str, object]) -> None:
        channel, data = message.get("channel"), message.get("data")
        if message.get("type") == "message" and isinstance(channel, bytes) and isinstance(data, bytes):
            for on_message, _ in tuple(self._handlers.get(channel.decode(), ())):
                on_message(data)
