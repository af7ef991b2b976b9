"""A spectator without a screen: the live feed as docs/frames.md describes it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgpack
from websockets.asyncio.client import connect

from tests.serving import Server

SNAPSHOT = 0


@dataclass(frozen=True)
class ServerState:
    epoch: int
    seq: int
    hash: int


async def server_state(server: Server, slug: str = "california-mille") -> ServerState:
    """Where the server is, by the snapshot that it gives to somebody who joins now."""
    url = f"ws://127.0.0.1:{server.port}/live/{slug}"
    async with connect(url, subprotocols=["milepost.v1"], max_size=None) as socket:  # type: ignore[list-item]  # a str is what it wants
        message = await socket.recv()
    assert isinstance(message, bytes)
    kind, epoch, seq, _now_ms, _rate, packed = msgpack.unpackb(message)
    assert kind == SNAPSHOT
    body = msgpack.unpackb(zlib.decompress(packed))
    return ServerState(epoch, seq, body["hash"])
