"""One port for everything: the first bytes of a connection decide who speaks on it.

`GET /live/…` goes to the hub's own protocol, anything else to aiohttp's. A proxy may send the upgrade as a later
request of a connection that it keeps alive: aiohttp's route for /live/ then hands over the same way (`hand_over`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from tracker.spectator import LIVE_PATH

FIRST_BYTES_DEADLINE_S = 10.0
LIVE_PREFIX = f"GET {LIVE_PATH}".encode()


class Front(asyncio.Protocol):
    """Holds a connection until its first bytes say where it belongs."""

    def __init__(self, live: Callable[[], asyncio.Protocol], http: Callable[[], asyncio.Protocol]) -> None:
        self._live = live
        self._http = http
        self._buffered = b""
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._deadline = asyncio.get_running_loop().call_later(FIRST_BYTES_DEADLINE_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._buffered += data
        undecided = len(self._buffered) < len(LIVE_PREFIX) and LIVE_PREFIX.startswith(self._buffered)
        if undecided or self._transport is None:
            return
        self._cancel_deadline()
        live = self._buffered.startswith(LIVE_PREFIX)
        switch(self._transport, self._live() if live else self._http(), self._buffered)
        self._transport = None

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._cancel_deadline()

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


def switch(transport: asyncio.Transport, protocol: asyncio.Protocol, buffered: bytes) -> None:
    """Give a connection to another protocol, with what has already been read of it."""
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    protocol.data_received(buffered)


def hand_over(request: web.Request, live: Callable[[], asyncio.Protocol]) -> web.Response:
    """Give the connection of an aiohttp request to the hub; aiohttp is told that it is gone."""
    transport = request.transport
    http = request.protocol
    if transport is None:
        raise ConnectionResetError
    assert isinstance(transport, asyncio.Transport)
    lines = [f"{request.method} {request.raw_path} HTTP/1.1".encode("latin-1", "replace")]
    lines += [name + b": " + value for name, value in request.raw_headers]
    switch(transport, live(), b"\r\n".join([*lines, b"", b""]))
    http.transport = None  # or aiohttp would close what it no longer owns
    http.connection_lost(None)
    return web.Response()
