"""One port for everything: the first request of a connection decides who speaks on it.

`GET /live/…` goes to the hub, anything else to aiohttp. A connection is held here until the head of its first request
is complete, for ten seconds and so many bytes at most: that is all that a slow or silent client ever gets. A proxy may
send the upgrade as a later request of a connection that it keeps alive: aiohttp's route for /live/ then hands over
the same way (`hand_over`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from tracker.admission import Admission

LIVE_PREFIX = b"GET /live/"
HEAD_END = b"\r\n\r\n"
HEAD_DEADLINE_S = 10.0
MAX_HEAD_BYTES = 16 * 1024
BACKLOG = 512  # of the listening socket: a thousand pages coming back at once, and no long turn of the loop

# Takes over a connection: its transport, the head of its request, and what has been read beyond that.
Live = Callable[[asyncio.Transport, bytes, bytes], None]


class Front(asyncio.Protocol):
    """Holds a connection until its first request says where it belongs."""

    __slots__ = ("_admission", "_buffered", "_deadline", "_deadline_s", "_http", "_live", "_transport")

    def __init__(
        self,
        live: Live | None,
        http: Callable[[], asyncio.Protocol],
        admission: Admission,
        deadline_s: float = HEAD_DEADLINE_S,
    ) -> None:
        self._live = live  # None where there is no hub
        self._http = http
        self._admission = admission
        self._deadline_s = deadline_s
        self._buffered = b""
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._admission.waiting += 1
        self._deadline = asyncio.get_running_loop().call_later(self._deadline_s, self._too_slow)

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        if transport is None:
            return
        self._buffered += data
        end = self._buffered.find(HEAD_END)
        if end < 0 and len(self._buffered) <= MAX_HEAD_BYTES:
            return
        admitted = self._admission.admits(path_of(self._buffered))
        self._let_go()
        if not admitted:
            refuse(transport, "503 Service Unavailable", "Retry-After: 5\r\n")
        elif self._live is None or not self._buffered.startswith(LIVE_PREFIX):
            http = self._http()  # which refuses by itself what has no end
            transport.set_protocol(http)
            http.connection_made(transport)
            http.data_received(self._buffered)
        elif 0 <= end <= MAX_HEAD_BYTES:
            head = end + len(HEAD_END)
            self._live(transport, self._buffered[:head], self._buffered[head:])
        else:
            refuse(transport, "431 Request Header Fields Too Large")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._let_go()

    def _too_slow(self) -> None:
        if self._transport is not None:
            refuse(self._transport, "408 Request Timeout")
            self._let_go()

    def _let_go(self) -> None:
        if self._transport is not None:
            self._admission.waiting -= 1
        self._transport = None
        if self._deadline is not None:
            self._deadline.cancel()


def path_of(head: bytes) -> str:
    """What a request asks for, as far as its first line says so."""
    words = head[:MAX_HEAD_BYTES].split(b" ", 2)
    return words[1].decode("latin-1") if len(words) > 1 else ""


def refuse(transport: asyncio.Transport, status: str, header: str = "") -> None:
    """An answer without a body, and the end of the connection."""
    transport.write(f"HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    transport.close()


def hand_over(request: web.Request, live: Live) -> web.Response:
    """Give the connection of an aiohttp request to the hub; aiohttp is told that it is gone."""
    transport = request.transport
    http = request.protocol
    if transport is None:
        raise ConnectionResetError
    assert isinstance(transport, asyncio.Transport)
    lines = [f"{request.method} {request.raw_path} HTTP/1.1".encode("latin-1", "replace")]
    lines += [name + b": " + value for name, value in request.raw_headers]
    http.transport = None  # or aiohttp would close what it no longer owns
    http.connection_lost(None)
    live(transport, b"\r\n".join([*lines, b"", b""]), b"")
    return web.Response()
