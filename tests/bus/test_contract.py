"""One contract, two homes: in process and a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.bus.conftest import RedisServer
from tracker.bus.contract import Bus
from tracker.bus.memory import MemoryBus
from tracker.bus.redis import RedisBus


async def eventually(true: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    bus: Bus
    if request.param == "memory":
        bus = MemoryBus()
    else:
        bus = RedisBus(request.getfixturevalue("redis_server").url)
    yield bus
    await bus.close()


async def listening(bus: Bus, topic: str) -> list[bytes]:
    """Subscribe, and wait until messages really arrive."""
    heard: list[bytes] = []
    await bus.subscribe(topic, heard.append, lambda: None)
    async with asyncio.timeout(5):
        while not heard:
            bus.publish(topic, b"probe")
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    heard.clear()
    return heard


async def test_what_one_publisher_says_arrives_in_order_and_as_the_bytes_it_was(bus: Bus) -> None:
    heard = await listening(bus, "frames.a.public")
    said = [number.to_bytes(2) + bytes([0, 255]) for number in range(1000)]
    for message in said:
        assert bus.publish("frames.a.public", message)
    await eventually(lambda: len(heard) >= len(said))
    assert heard == said


async def test_topics_are_apart(bus: Bus) -> None:
    one, other = await listening(bus, "frames.a.public"), await listening(bus, "frames.a.crew")
    bus.publish("frames.a.crew", b"for crews only")
    await eventually(lambda: other)
    assert (one, other) == ([], [b"for crews only"])


async def test_everybody_who_subscribed_hears_it_once(bus: Bus) -> None:
    first, second = await listening(bus, "t"), await listening(bus, "t")
    await asyncio.sleep(0.1)
    first.clear()
    bus.publish("t", b"x")
    await eventually(lambda: first and second)
    assert (first, second) == ([b"x"], [b"x"])


async def test_whoever_left_hears_nothing(bus: Bus) -> None:
    heard: list[bytes] = []
    leave = await bus.subscribe("t", heard.append, lambda: None)
    stays = await listening(bus, "t")
    await leave()
    heard.clear()
    bus.publish("t", b"x")
    await eventually(lambda: stays)
    assert heard == []


async def test_a_message_without_subscriber_is_gone(bus: Bus) -> None:
    bus.publish("t", b"nobody hears this")
    heard = await listening(bus, "t")
    await asyncio.sleep(0.05)
    assert b"nobody hears this" not in heard


async def test_a_redis_that_came_back_empty_is_noticed_and_heard_again(redis_server: RedisServer) -> None:
    bus = RedisBus(redis_server.url)
    lost: list[bool] = []
    heard = await listening(bus, "t")
    await bus.subscribe("t", lambda _message: None, lambda: lost.append(True))
    lost.clear()
    redis_server.kill()
    await eventually(lambda: not bus.connected)
    assert bus.publish("t", b"into the void")
    redis_server.start()
    await eventually(lambda: lost)
    async with asyncio.timeout(5):
        while b"again" not in heard:
            bus.publish("t", b"again")
            await asyncio.sleep(0.05)
    await bus.close()


async def test_a_redis_that_hangs_blocks_nobody_and_is_noticed(redis_server: RedisServer) -> None:
    bus = RedisBus(redis_server.url)
    lost: list[bool] = []
    heard = await listening(bus, "t")
    await bus.subscribe("t", lambda _message: None, lambda: lost.append(True))
    lost.clear()
    assert redis_server.process is not None
    redis_server.process.send_signal(19)  # SIGSTOP: it neither answers nor hangs up
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(100):
        bus.publish("t", b"x")
    assert loop.time() - started < 0.5
    await eventually(lambda: not bus.connected)
    redis_server.process.send_signal(18)
    await eventually(lambda: lost)
    async with asyncio.timeout(5):
        while b"again" not in heard:
            bus.publish("t", b"again")
            await asyncio.sleep(0.05)
    await bus.close()
