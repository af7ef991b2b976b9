"""The hub over real sockets: joining, following, resuming, repairing, and what a slow or odd client gets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from contextlib import AsyncExitStack
from random import Random

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.hub.conftest import TOUR, Stage, staged
from tracker.bus.contract import frames_topic
from tracker.feed import HubLimits
from tracker.handshake import SUBPROTOCOL
from tracker.spectator import CLOSE_POLICY, CLOSE_RESTART
from tracker.wire.frames import FeedState, Folded


async def closing_code(client: ClientConnection) -> int | None:
    """Read to the end and return the code that the server closed with."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await client.recv()
    return client.close_code


async def fold_until(client: ClientConnection, state: FeedState, hash_wanted: int) -> None:
    """Read frames until the state is the wanted one (or the test's patience ends)."""
    async with asyncio.timeout(5):
        while not state.columns or state.hash() != hash_wanted:
            message = await client.recv()
            assert isinstance(message, bytes)
            assert state.fold(message) is not Folded.GAP


async def test_a_spectator_gets_a_snapshot_and_then_every_delta(stage: Stage) -> None:
    async with connect(stage.url, subprotocols=[SUBPROTOCOL]) as client:
        assert client.subprotocol == SUBPROTOCOL
        state = FeedState()
        assert state.fold(await client.recv(decode=False)) is Folded.ANEW
        for _ in range(3):
            sent = await stage.move()
            assert await client.recv(decode=False) == sent
            assert state.fold(sent) is Folded.NEXT
        assert state.columns == stage.feed.state.columns


async def test_a_resumed_connection_gets_only_what_it_missed(stage: Stage) -> None:
    first = await stage.move()
    missed = [await stage.move(), await stage.move()]
    position = stage.feed.state.position
    assert position is not None
    assert first
    async with connect(f"{stage.url}?epoch={position.epoch}&seq={position.seq - 2}") as client:
        assert [await client.recv(decode=False) for _ in missed] == missed
    assert stage.feed.snapshots == 0


@pytest.mark.parametrize(
    "query", ["epoch=1&seq=999", "epoch=0&seq=1", "epoch=1&seq=-1", f"epoch=1&seq={2**63}", "epoch=x"]
)
async def test_a_position_that_cannot_be_gets_a_snapshot(stage: Stage, query: str) -> None:
    await stage.move()
    async with connect(f"{stage.url}?{query}") as client:
        assert FeedState().fold(await client.recv(decode=False)) is Folded.ANEW


async def test_a_frame_lost_on_the_bus_is_mended_by_a_snapshot(stage: Stage) -> None:
    async with connect(stage.url) as client:
        state = FeedState()
        state.fold(await client.recv(decode=False))
        await stage.move(lose=True)
        await stage.move()
        wanted = FeedState()
        wanted.fold(stage.projector.snapshot(0))
        await fold_until(client, state, wanted.hash())
    assert state.position == wanted.position


async def test_an_engine_restart_reaches_every_page(stage: Stage) -> None:
    async with connect(stage.url) as client:
        state = FeedState()
        state.fold(await client.recv(decode=False))
        await stage.move()
        stage.restart_engine()
        await stage.move()
        async with asyncio.timeout(5):
            while state.position is None or state.position.epoch < 2:
                state.fold(await client.recv(decode=False))
        assert state.columns == stage.feed.state.columns


async def test_a_page_may_ask_for_a_snapshot(stage: Stage) -> None:
    async with connect(stage.url) as client:
        await client.recv()
        await client.send(json.dumps({"want": "snapshot"}))
        assert FeedState().fold(await client.recv(decode=False)) is Folded.ANEW


@pytest.mark.parametrize(
    ("said", "code"), [("hello", CLOSE_POLICY), ("[" * 3000, CLOSE_POLICY), (b"\x00", 1003), ("x" * 5000, 1009)]
)
async def test_what_is_not_understood_closes_with_a_code(stage: Stage, said: str | bytes, code: int) -> None:
    async with connect(stage.url) as client:
        await client.send(said)
        assert await closing_code(client) == code


async def test_a_flood_of_commands_is_closed(stage: Stage) -> None:
    async with connect(stage.url) as client:
        for _ in range(20):
            await client.send('{"want":"snapshot"}')
        assert await closing_code(client) == CLOSE_POLICY


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [
        ("/live/unknown", None, 404),
        (f"/live/{TOUR}/../x", None, 404),
        (f"/live/{TOUR}", "https://evil.example", 403),
        (f"/live/{TOUR}", "null", 403),
        (f"/live/{TOUR}", "http://127.0.0.1.evil.example", 403),
    ],
)
async def test_handshakes_that_are_refused(stage: Stage, path: str, origin: str | None, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{stage.port}{path}", origin=origin):  # type: ignore[arg-type]  # a str is what it wants
            pass  # pragma: no cover
    assert refused.value.response.status_code == status


async def test_our_own_pages_origin_is_welcome(stage: Stage) -> None:
    async with connect(stage.url, origin=f"http://127.0.0.1:{stage.port}") as client:  # type: ignore[arg-type]  # a str is what it wants
        assert await client.recv()


async def test_an_upgrade_on_a_connection_that_aiohttp_already_serves(stage: Stage) -> None:
    """A proxy keeps its connections alive and may send the upgrade as a later request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.write(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"200 OK" in head
    assert await reader.readexactly(5) == b"hello"
    writer.write(
        f"GET /live/{TOUR} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"101 Switching" in head
    first, length = await reader.readexactly(2)
    assert first == 0x82
    size = int.from_bytes(await reader.readexactly(2)) if length == 126 else length
    assert FeedState().fold(await reader.readexactly(size)) is Folded.ANEW
    sent = await stage.move()
    assert (await reader.readexactly(2 + len(sent)))[2:] == sent
    writer.close()


async def test_a_stopping_hub_says_restart(stage: Stage) -> None:
    async with connect(stage.url) as client:
        await client.recv()
        await stage.hub.stop()
        assert await closing_code(client) == CLOSE_RESTART


async def test_a_reader_that_never_reads_sits_out_and_is_closed_while_others_follow() -> None:
    async with staged(HubLimits(sweep_s=0.05, slow_sweeps=8)) as stage:
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.setblocking(False)  # noqa: FBT003 - the standard library takes it so
        loop = asyncio.get_running_loop()
        await loop.sock_connect(stuck, ("127.0.0.1", stage.port))
        request = (
            f"GET /live/{TOUR} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await loop.sock_sendall(stuck, request.encode())
        async with connect(stage.url) as client:
            state = FeedState()
            state.fold(await client.recv(decode=False))
            frames = 0
            while stage.hub.closed_slow == 0 and frames < 50_000:
                sent = await stage.move()
                frames += 1
                assert await client.recv(decode=False) == sent
            assert stage.hub.closed_slow == 1
            assert len(stage.feed) == 1
        stuck.close()


async def test_a_slow_reader_that_wakes_up_gets_one_snapshot_of_now() -> None:
    async with staged() as stage, connect(stage.url, max_queue=1) as client:
        state = FeedState()
        state.fold(await client.recv(decode=False))
        client.transport.pause_reading()
        for _ in range(40_000):
            await stage.move()
            if stage.feed.snapshots > 1 or any(s.stalled for s in stage.feed.spectators()):
                break
        for _ in range(50):
            await stage.move()
        client.transport.resume_reading()
        wanted = FeedState()
        wanted.fold(stage.projector.snapshot(0))
        async with asyncio.timeout(10):
            while state.position != wanted.position:
                state.fold(await client.recv(decode=False))
        assert state.columns == wanted.columns


async def test_bytes_that_are_no_frame_are_counted_and_mended(stage: Stage) -> None:
    async with connect(stage.url) as client:
        state = FeedState()
        state.fold(await client.recv(decode=False))
        for broken in (b"", b"\xc1", b"\x91\x07", b"\x95\x01\x01\x01\x01\x81\x00\x91\x91\xce\xff\xff\xff\xff", b"\x01"):
            stage.bus.publish(frames_topic(TOUR, "public"), broken)
        await stage.move()
        wanted = FeedState()
        wanted.fold(stage.projector.snapshot(0))
        await fold_until(client, state, wanted.hash())
    assert stage.feed.unreadable == 5
    assert stage.feed.state.columns == wanted.columns


async def test_what_waits_while_a_broadcast_is_under_way_leaves_in_one_write() -> None:
    """With more sends than a slice holds, the next beats come in the middle of one: nobody misses or repeats any."""
    async with staged(HubLimits(sends_per_slice=1)) as stage, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(stage.url)) for _ in range(5)]
        states = [FeedState() for _ in clients]
        for state, client in zip(states, clients, strict=True):
            state.fold(await client.recv(decode=False))
        sent = [await stage.move() for _ in range(4)]  # without a turn of the loop in between
        for state, client in zip(states, clients, strict=True):
            for frame in sent:
                assert await client.recv(decode=False) == frame
                assert state.fold(frame) is Folded.NEXT
        assert {state.hash() for state in states} == {stage.feed.state.hash()}


async def test_a_snapshot_is_made_once_for_all_who_join_within_a_beat(stage: Stage) -> None:
    await stage.move()
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(stage.url)) for _ in range(20)]
        for client in clients:
            assert FeedState().fold(await client.recv(decode=False)) is Folded.ANEW
        assert stage.feed.snapshots == 1
        assert len(stage.feed) == 20


async def test_who_leaves_in_the_middle_of_a_broadcast_gets_nothing_more() -> None:
    """Its file descriptor may be somebody else's by then: not a byte may reach it."""
    async with staged(HubLimits(sends_per_slice=1)) as stage, connect(stage.url) as first, connect(stage.url) as second:
        await first.recv()
        await second.recv()
        leaving = stage.feed.spectators()[1]
        await stage.move()
        leaving.abort()
        assert leaving.fd == -1
        assert await first.recv(decode=False)
        with pytest.raises(ConnectionClosed):
            await second.recv()
        assert len(stage.feed) == 1


@pytest.mark.parametrize("dropped", [0.0, 0.3])
async def test_the_hash_proves_what_a_page_holds_whatever_the_bus_lost(stage: Stage, dropped: float) -> None:
    chance = Random(7)
    async with connect(stage.url) as client:
        state = FeedState()
        state.fold(await client.recv(decode=False))
        for _ in range(50):
            await stage.move(lose=chance.random() < dropped)
        await stage.move()
        await fold_until(client, state, stage.feed.state.hash())
        assert state.position == stage.feed.state.position
