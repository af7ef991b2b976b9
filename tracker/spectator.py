"""One websocket of a spectator: a bare `asyncio.Protocol`, no task, no queue.

websockets' Sans-I/O `ServerProtocol` does the handshake and understands what the client says; what the server says
are ready-made frames, the same bytes object for every spectator, written straight to the socket. A spectator whose
socket is full sits out: it gets no frame until its buffer has drained, and then one fresh snapshot.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import NegotiationError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from tracker.wire.frames import Position

if TYPE_CHECKING:
    from tracker.hub import Hub, TourFeed

SUBPROTOCOL = Subprotocol("milepost.v1")
LIVE_PATH = "/live/"

MAX_CLIENT_MESSAGE_BYTES = 4096
SEND_BUFFER_BYTES = 64 * 1024  # the kernel would otherwise hide a stalled phone behind megabytes
NOT_SENT_LOW_WATER_BYTES = 16 * 1024

CLOSE_GOING_AWAY = 1001
CLOSE_BINARY = 1003
CLOSE_POLICY = 1008
CLOSE_RESTART = 1012
CLOSE_OVERLOADED = 1013
CLOSE_TOO_SLOW = 4008

_silent = logging.getLogger("tracker.websocket")  # the library explains every broken client at length; we count them
_silent.addHandler(logging.NullHandler())
_silent.setLevel(logging.CRITICAL)


def select_subprotocol(_protocol: ServerProtocol, offered: object) -> Subprotocol | None:
    """Ours if offered; nothing if the client did not ask; a client that wants only others is refused."""
    subprotocols = list(offered) if isinstance(offered, (list, tuple)) else []
    if SUBPROTOCOL in subprotocols:
        return SUBPROTOCOL
    if subprotocols:
        raise NegotiationError(f"only {SUBPROTOCOL} is spoken here")
    return None


def server_frame(payload: bytes, opcode: Opcode = Opcode.BINARY) -> bytes:
    """The websocket frame around a payload as a server sends it: unmasked, whole, uncompressed."""
    return Frame(opcode, payload).serialize(mask=False)


class Spectator(asyncio.Protocol):
    """A connection from handshake to close. `feed` is set once the handshake is done."""

    __slots__ = (
        "closing",
        "commands",
        "fd",
        "feed",
        "heard",
        "hub",
        "protocol",
        "slow_sweeps",
        "stalled",
        "stalled_bytes",
        "transport",
        "unanswered_pings",
    )

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.feed: TourFeed | None = None
        self.protocol = ServerProtocol(
            subprotocols=[SUBPROTOCOL],
            select_subprotocol=select_subprotocol,
            max_size=MAX_CLIENT_MESSAGE_BYTES,
            logger=_silent,
        )
        self.transport: asyncio.Transport | None = None
        self.fd = -1
        self.stalled = False  # its buffer is not empty; frames pass it by
        self.stalled_bytes = 0
        self.slow_sweeps = 0
        self.unanswered_pings = 0
        self.commands = 0
        self.closing = False

    # What asyncio says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        raw = transport.get_extra_info("socket")
        self.fd = raw.fileno()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER_BYTES)
        transport.set_write_buffer_limits(high=0)  # any rest in user space means: sit out
        self.hub.opened(self)

    def data_received(self, data: bytes) -> None:
        protocol = self.protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame) and not self.closing:
                self._client_says(event)
        self._flush()

    def eof_received(self) -> bool:
        self.protocol.receive_eof()
        self._flush()
        return False

    def pause_writing(self) -> None:
        self.stalled = True
        if self.feed is not None and not self.closing:
            self.feed.sit_out(self)

    def resume_writing(self) -> None:
        self.stalled = False
        self.slow_sweeps = 0
        if self.feed is not None and not self.closing:
            self.feed.catch_up(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closing = True
        self.hub.closed(self)
        if self.feed is not None:
            self.feed.leave(self)
        self.transport = None
        self.fd = -1

    # What the hub says

    def send(self, frame: bytes) -> None:
        """Write a ready-made websocket frame the ordinary way (joins and catching up; not the broadcast)."""
        if self.transport is not None and not self.closing:
            self.transport.write(frame)

    def send_now(self, frame: bytes) -> bool:
        """Write straight to the socket; only while the transport's own buffer is empty. False: it did not all fit."""
        try:
            sent = os.write(self.fd, frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return True
        if sent == len(frame):
            return True
        if self.transport is not None:
            self.transport.write(frame[sent:])  # pause_writing follows at once: the high-water mark is 0
        return False

    def close(self, code: int, reason: str) -> None:
        if self.closing or self.transport is None:
            return
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, reason)
        self._flush()
        self._shut()

    def abort(self) -> None:
        self.closing = True
        if self.feed is not None:
            self.feed.leave(self)
        if self.transport is not None:
            self.transport.abort()

    def ping(self) -> None:
        self.unanswered_pings += 1
        self.send(PING)

    # Within

    def _handshake(self, request: Request) -> None:
        feed, refusal = self.hub.admit(request)
        if feed is None:
            response = self.protocol.reject(refusal, f"{refusal.phrase}\n")
        else:
            response = self.protocol.accept(request)
        self.protocol.send_response(response)
        self._flush()
        if feed is None or self.protocol.state is not State.OPEN:
            self._shut()
            return
        # The library keeps both for its own logs; 10,000 spectators would keep 20 MB of headers.
        self.protocol.handshake_exc = None
        self.feed = feed
        feed.join(self, resume_position(request.path))

    def _client_says(self, frame: Frame) -> None:
        self.unanswered_pings = 0
        if frame.opcode is Opcode.PONG or frame.opcode is Opcode.PING or frame.opcode is Opcode.CLOSE:
            return  # the library has answered
        if frame.opcode is Opcode.BINARY:
            self.close(CLOSE_BINARY, "text, please")
            return
        self.commands += 1
        if self.commands > self.hub.limits.commands_per_sweep:
            self.close(CLOSE_POLICY, "too many messages")
        elif frame.opcode is Opcode.TEXT and frame.fin and wants_snapshot(bytes(frame.data)):
            if self.feed is not None and not self.stalled:
                self.feed.send_snapshot(self)
        else:
            self.close(CLOSE_POLICY, "not understood")

    def _flush(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        for data in self.protocol.data_to_send():
            if data:
                self.transport.write(data)
        if self.protocol.close_expected():
            self._shut()

    def _shut(self) -> None:
        """Say nothing more; what is buffered may still leave, for a while."""
        if self.closing or self.transport is None:
            return
        self.closing = True
        if self.feed is not None:
            self.feed.leave(self)
        self.transport.close()
        asyncio.get_running_loop().call_later(self.hub.limits.close_s, self._give_up)

    def _give_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()


PING = server_frame(b"", Opcode.PING)


def wants_snapshot(text: bytes) -> bool:
    try:
        return bool(json.loads(text) == {"want": "snapshot"})
    except (ValueError, RecursionError):
        return False


def resume_position(path: str) -> Position | None:
    """The (epoch, seq) that the client holds, from the query; anything odd means: none."""
    query = parse_qs(urlsplit(path).query)
    numbers = [query.get(name, [""])[0] for name in ("epoch", "seq")]
    if all(text.isascii() and text.isdecimal() and len(text) <= 16 for text in numbers):
        return Position(int(numbers[0]), int(numbers[1]))
    return None
