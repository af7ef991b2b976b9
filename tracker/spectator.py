"""One open websocket of a spectator: a bare `asyncio.Protocol`, no task, no queue.

What the server says are ready-made frames, the same bytes object for every spectator, written straight to the socket
(`fd`). A spectator whose socket is full sits out: it gets no frame until its buffer has drained, and then one fresh
snapshot. What the client says is read by websockets' Sans-I/O `Protocol`, made when it first says anything but the
pong that we asked for: an idle spectator holds no parser.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side

from tracker.handshake import silent

if TYPE_CHECKING:
    from tracker.feed import TourFeed

MAX_CLIENT_MESSAGE_BYTES = 4096
PARSED_AT_ONCE_BYTES = 4096  # a flood of tiny frames is noticed after so much, not after all that was received
SEND_BUFFER_BYTES = 64 * 1024  # the kernel would otherwise hide a stalled phone behind megabytes
NOT_SENT_LOW_WATER_BYTES = 16 * 1024

CLOSE_BINARY = 1003
CLOSE_BAD_TEXT = 1007
CLOSE_POLICY = 1008
CLOSE_RESTART = 1012
CLOSE_SIGNED_OUT = 4401
CLOSE_TOO_SLOW = 4008


def server_frame(payload: bytes, opcode: Opcode = Opcode.BINARY) -> bytes:
    """The websocket frame around a payload as a server sends it: unmasked, whole, uncompressed."""
    return Frame(opcode, payload).serialize(mask=False)


PING = server_frame(b"", Opcode.PING)
BARE_PONG = b"\x8a\x80"  # what every client answers to it, before four bytes of mask
BARE_PONG_BYTES = 6


class Spectator(asyncio.Protocol):
    """A connection after its handshake. `fd` is -1 while nothing may be written past the transport's buffer."""

    __slots__ = (
        "closing",
        "fd",
        "feed",
        "frames_heard",
        "parser",
        "slow_sweeps",
        "stalled_bytes",
        "text",
        "transport",
        "unanswered_pings",
    )

    def __init__(self, feed: TourFeed) -> None:
        self.feed = feed
        self.transport: asyncio.Transport | None = None
        self.fd = -1
        self.closing = False
        self.parser: Protocol | None = None
        self.text = b""  # fragments of a message, as far as it has come
        self.frames_heard = 0  # since the last sweep
        self.unanswered_pings = 0
        self.slow_sweeps = 0  # without progress
        self.stalled_bytes = 0

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

    def data_received(self, data: bytes) -> None:
        if self.parser is None and len(data) == BARE_PONG_BYTES and data.startswith(BARE_PONG):
            self._heard()
        else:
            self._parse(data)

    def eof_received(self) -> bool:
        self._say_no_more()
        return False  # asyncio closes the transport as soon as its buffer has left

    def pause_writing(self) -> None:
        self.fd = -1
        if not self.closing:
            self.feed.sit_out(self)

    def resume_writing(self) -> None:
        self.slow_sweeps = 0
        if self.transport is not None and not self.closing:
            self.fd = self.transport.get_extra_info("socket").fileno()
            self.feed.catch_up(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._leave()
        self.transport = None

    # What the hub says

    @property
    def stalled(self) -> bool:
        return self.fd < 0

    def send(self, frame: bytes) -> None:
        """Write a ready-made websocket frame the ordinary way (joins and catching up; not the broadcast)."""
        if self.transport is not None and not self.closing:
            self.transport.write(frame)

    def write_failed(self) -> None:
        """The socket is broken, if this spectator still had one to be written to."""
        if self.fd >= 0:
            self.abort()

    def ping(self) -> None:
        self.unanswered_pings += 1
        self.send(PING)

    def close(self, code: int, reason: str) -> None:
        self.send(server_frame(Close(code, reason).serialize(), Opcode.CLOSE))
        self._say_no_more()

    def abort(self) -> None:
        self._leave()
        if self.transport is not None:
            self.transport.abort()

    # Within

    def _heard(self) -> bool:
        """Count a frame from the client; too many of them end it. Pings, pongs and fragments count too."""
        self.unanswered_pings = 0
        self.frames_heard += 1
        if self.frames_heard > self.feed.limits.client_frames_per_sweep:
            self.close(CLOSE_POLICY, "too many messages")
        return not self.closing

    def _parse(self, data: bytes) -> None:
        parser = self.parser or Protocol(Side.SERVER, max_size=MAX_CLIENT_MESSAGE_BYTES, logger=silent)
        self.parser = parser
        for start in range(0, len(data), PARSED_AT_ONCE_BYTES):
            if self.closing:
                return  # whatever it still says is read and forgotten until it hangs up or its time is over
            parser.receive_data(data[start : start + PARSED_AT_ONCE_BYTES])
            for frame in parser.events_received():
                if isinstance(frame, Frame) and self._heard():
                    self._client_says(frame)
            self.send(b"".join(parser.data_to_send()))  # its answers to pings, closes and broken frames
            if parser.close_expected():
                self._say_no_more()

    def _client_says(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            self.close(CLOSE_BINARY, "text, please")
        elif frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            self.text += frame.data
            if frame.fin:
                message, self.text = self.text, b""
                self._obey(message)

    def _obey(self, message: bytes) -> None:
        try:
            text = message.decode()
        except UnicodeDecodeError:
            self.close(CLOSE_BAD_TEXT, "not UTF-8")
            return
        if not wants_snapshot(text):
            self.close(CLOSE_POLICY, "not understood")
        elif not self.stalled:
            self.feed.send_snapshot(self)

    def _say_no_more(self) -> None:
        if self.transport is not None and not self.closing:
            self._leave()
            hang_up(self.transport, self.feed.limits.close_s)

    def _leave(self) -> None:
        self.closing = True
        self.fd = -1
        self.parser = None
        self.feed.leave(self)


def hang_up(transport: asyncio.Transport, within_s: float) -> None:
    """Say no more, and be gone in time. Closing outright would reset what is still on its way to the peer."""
    asyncio.get_running_loop().call_later(within_s, transport.abort)
    try:
        if transport.get_write_buffer_size():
            transport.close()  # once all is written
        else:
            transport.write_eof()
    except OSError:
        transport.abort()  # the peer was faster


def wants_snapshot(text: str) -> bool:
    try:
        return bool(json.loads(text) == {"want": "snapshot"})
    except (ValueError, RecursionError):
        return False
