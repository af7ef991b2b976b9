"""Streams: bytes in any split go in, messages come out. A Codec knows one protocol; the Decoder knows the rules.

The rules, the same for all: a message is the same however its bytes were split; the buffer is bounded, tightly until
the device has said who it is; a wrong checksum is counted and flagged, and refuses the message only where that is
switched on (a good part of real devices computes it wrongly); nothing that comes in raises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Message
from tracker.protocols.strict import Unreadable

LOGIN_LIMIT_BYTES = 8 * 1024  # before the device is known
FRAME_LIMIT_BYTES = 64 * 1024  # the longest frame a two-byte length can announce
FULL_PCT = 100.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message says beside its pings: the answer it wants, who sent it, and what it was if no position.

    `battery_pct` is the level that a heartbeat tells; the positions that follow on the connection carry it on.
    """

    answer: bytes = b""
    device: str | None = None
    note: str | None = None
    checksum_right: bool = True
    battery_pct: float | None = None


class Codec(Protocol):
    """One protocol on one connection; keeps only what later messages of the connection need."""

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        """Where the next frame starts and ends, or None for "more bytes first"; start == end drops noise.

        With `last` nothing will follow (a datagram, a captured line): what is there is the frame. Raises Unreadable
        where the stream can only be closed.
        """
        ...

    def read(self, frame: bytes, collector: Collector) -> Reply:
        """Read a frame, adding pings and refusals to `collector`; raises Unreadable."""
        ...


class Decoder:
    """The bytes of one connection, or of one datagram."""

    def __init__(self, codec: Codec, *, reject_wrong_checksum: bool = False) -> None:
        self._codec = codec
        self._reject_wrong_checksum = reject_wrong_checksum
        self._buffer = bytearray()
        self._dead = False
        self._battery_pct: float | None = None
        self.device: str | None = None

    def feed(self, data: bytes, received_at_ms: int) -> list[Message]:
        """The messages that these bytes complete."""
        return self._messages(data, received_at_ms, last=False)

    def finish(self, data: bytes, received_at_ms: int) -> list[Message]:
        """Like `feed`, where nothing will follow: the rest is read as a message, terminator or not."""
        return self._messages(data, received_at_ms, last=True)

    def _messages(self, data: bytes, received_at_ms: int, *, last: bool) -> list[Message]:
        if self._dead:
            return []
        self._buffer += data
        out: list[Message] = []
        try:
            while self._buffer and (span := self._codec.next_frame(self._buffer, last)) is not None:
                if span[1] - span[0] > self._limit_bytes:
                    break
                frame = bytes(self._buffer[span[0] : span[1]])
                del self._buffer[: span[1]]
                if frame:
                    out.append(self._message(frame, received_at_ms))
        except Unreadable as error:
            return [*out, self._end(Reason.SYNTAX, str(error), received_at_ms)]
        if len(self._buffer) > self._limit_bytes:
            out.append(self._end(Reason.TOO_LONG, f"{len(self._buffer)} bytes without a message", received_at_ms))
        return out

    @property
    def _limit_bytes(self) -> int:
        return LOGIN_LIMIT_BYTES if self.device is None else FRAME_LIMIT_BYTES

    def _message(self, frame: bytes, received_at_ms: int) -> Message:
        collector = Collector(received_at_ms)
        try:
            reply = self._codec.read(frame, collector)
        except Unreadable as error:
            collector.pings.clear()
            collector.refuse(Reason.SYNTAX, frame, str(error))
            reply = Reply()
        self.device = reply.device or self.device
        if not reply.checksum_right and self._reject_wrong_checksum:
            rejected = Collector(received_at_ms)
            rejected.refuse(Reason.CHECKSUM, frame)
            collector, reply = rejected, Reply(device=reply.device, checksum_right=False)
        if reply.battery_pct is not None and 0 <= reply.battery_pct <= FULL_PCT:
            self._battery_pct = reply.battery_pct
        flag = None if reply.checksum_right else Reason.CHECKSUM.value
        notes = dict.fromkeys(note for note in (reply.note, collector.note, flag) if note)
        return Message(
            raw=frame,
            pings=[self._with_battery(ping) for ping in collector.pings],
            refusals=collector.refusals,
            answer=reply.answer,
            device=self.device,
            note="; ".join(notes) or None,
            checksum_right=reply.checksum_right,
        )

    def _with_battery(self, ping: Ping) -> Ping:
        if ping.battery_pct is not None or self._battery_pct is None:
            return ping
        return replace(ping, battery_pct=self._battery_pct)

    def _end(self, reason: Reason, detail: str, received_at_ms: int) -> Message:
        collector = Collector(received_at_ms)
        raw = bytes(self._buffer)
        collector.refuse(reason, raw, detail)
        self._buffer.clear()
        self._dead = True
        return Message(raw, refusals=collector.refusals, device=self.device, note=collector.note, fatal=True)


def delimited(buffer: bytearray, delimiters: bytes, last: bool) -> tuple[int, int] | None:
    """The next piece up to any of the delimiters, without it; pieces that hold only delimiters are noise."""
    start = 0
    while start < len(buffer) and buffer[start] in delimiters:
        start += 1
    if start:
        return start, start
    ends = [end for delimiter in delimiters if (end := buffer.find(delimiter)) >= 0]
    if ends:
        return 0, min(ends)
    return (0, len(buffer)) if last else None
