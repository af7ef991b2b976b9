"""Teltonika: codecs 8, 8 extended and 16 (and the old 7) over TCP and UDP; the answer counts records.

Any other count than the number of records sent makes the unit send them again, so those that are refused count too.
Longitude comes first, 1e-7 degrees, speed in km/h, time in UTC ms; no satellites means that the place is old. Codecs
12 to 14 carry texts and get no count. [traccar/traccar: TeltonikaFrameDecoder.java, TeltonikaProtocolDecoder.java;
vendor wiki "Teltonika Data Sending Protocols"]
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from tracker.core.model import Ping
from tracker.protocols.binary import Reader, crc_ibm
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS
from tracker.protocols.stream import FRAME_LIMIT_BYTES, Reply
from tracker.protocols.strict import Unreadable

KEEP_ALIVE = 0xFF
CODEC_OLD, CODEC_8, CODEC_16, CODEC_8_EXTENDED = 0x07, 0x08, 0x10, 0x8E
TEXT_CODECS = frozenset({0x0C, 0x0D, 0x0E, 0x0F})
LONGEST_LOGIN_BYTES = 32
PRIORITY_PANIC = 2
IGNITION, BATTERY_PCT, ALARM_BUTTON = 239, 113, 236
OLD_BATTERY_PCT, OLD_SOS = 1, 222
OLD_EPOCH_S = 1_167_609_600  # codec 7 counts from 2007
COUNTED_ANSWER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Widths:
    """How many bytes ids and counts take in a codec."""

    ids: int
    counts: int


WIDTHS = {CODEC_8: Widths(1, 1), CODEC_8_EXTENDED: Widths(2, 2), CODEC_16: Widths(2, 1)}


class Teltonika:
    """One connection, or one datagram: the two are told apart by their first bytes."""

    def __init__(self) -> None:
        self._device: str | None = None

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        if buffer[0] == KEEP_ALIVE:
            end = next((i for i, byte in enumerate(buffer) if byte != KEEP_ALIVE), len(buffer))
            return end, end
        frame_end = _frame_end(buffer)
        if frame_end is not None and len(buffer) >= frame_end:
            return 0, frame_end
        return (0, len(buffer)) if last else None

    def read(self, frame: bytes, collector: Collector) -> Reply:
        reader = Reader(frame)
        if frame[:4] == b"\0\0\0\0":
            reader.take(4)
            body = Reader(reader.take(reader.unsigned(4)))
            checksum_right = crc_ibm(frame[8:-4]) == reader.unsigned(4)
            count, note = self._read_records(body, frame, collector)
            answer = b"" if count is None else count.to_bytes(COUNTED_ANSWER_BYTES, "big")
            return Reply(answer, self._device, note, checksum_right)
        length = reader.unsigned(2)
        if _is_datagram(frame):
            packet = reader.take(2)
            reader.take(1)
            avl_packet = reader.take(1)
            self._device = _imei(reader.take(reader.unsigned(2)))
            if len(frame) != length + 2:
                raise Unreadable("wrong length")
            count, note = self._read_records(reader, frame, collector)
            counted = b"" if count is None else bytes([count])
            return Reply(b"\x00\x05" + packet + b"\x01" + avl_packet + counted if counted else b"", self._device, note)
        self._device = _imei(reader.take(length))
        return Reply(b"\x01", self._device, "login")

    def _read_records(self, reader: Reader, frame: bytes, collector: Collector) -> tuple[int | None, str | None]:
        """Read codec, count, records, count; returns how many, or None and what it was instead."""
        codec, count = reader.unsigned(1), reader.unsigned(1)
        if codec in TEXT_CODECS:
            return None, f"codec {codec}"
        if codec not in WIDTHS and codec != CODEC_OLD:
            raise Unreadable(f"unknown codec {codec}")
        read = _read_old if codec == CODEC_OLD else _read_record
        pings = [read(reader, codec) for _ in range(count)]
        if reader.unsigned(1) != count or reader.left:
            raise Unreadable("the number of records is wrong")
        for ping in pings:
            collector.add(replace(ping, device=self._device), frame)
        return count, None


def _frame_end(buffer: bytearray) -> int | None:
    """How long the frame at the front is, as soon as that can be said; Unreadable for what no unit sends."""
    if len(buffer) < 2:
        return None
    length = int.from_bytes(buffer[:2], "big")
    if length == 0:
        if buffer[2:4].strip(b"\0"):
            raise Unreadable("neither login nor data")
        if len(buffer) < 8:
            return None
        body_bytes = int.from_bytes(buffer[4:8], "big")
        if not 0 < body_bytes <= FRAME_LIMIT_BYTES - 12:
            raise Unreadable(f"a length of {body_bytes}")
        return body_bytes + 12
    if len(buffer) < 5:
        return None
    if not _is_datagram(buffer) and not (length <= LONGEST_LOGIN_BYTES and buffer[2:5].isdigit()):
        raise Unreadable("neither login nor data")
    return length + 2


def _is_datagram(frame: bytes | bytearray) -> bool:
    """UDP: length, packet id, 01, ...; at the same place a login has a digit of the IMEI."""
    return len(frame) > 4 and frame[4] == 1


def _imei(digits: bytes) -> str:
    if not digits.isdigit() or len(digits) > LONGEST_LOGIN_BYTES:
        raise Unreadable("no IMEI")
    return digits.decode("ascii")


def _read_record(reader: Reader, codec: int) -> Ping:
    widths = WIDTHS[codec]
    time_ms, priority = reader.unsigned(8), reader.unsigned(1)
    lon, lat, altitude_m, bearing_deg = reader.signed(4), reader.signed(4), reader.signed(2), reader.unsigned(2)
    satellites, speed_kmh = reader.unsigned(1), reader.unsigned(2)
    reader.take(widths.ids)  # the id of the event that caused the record
    reader.take(1 if codec == CODEC_16 else 0)  # how it was caused
    reader.take(widths.counts)  # of all values
    values: dict[int, int] = {}
    for size in (1, 2, 4, 8):
        for _ in range(reader.unsigned(widths.counts)):
            identity = reader.unsigned(widths.ids)
            values[identity] = reader.unsigned(size)
    if codec == CODEC_8_EXTENDED:
        for _ in range(reader.unsigned(2)):
            reader.take(2)
            reader.take(reader.unsigned(2))
    ignition = values.get(IGNITION)
    battery_pct = values.get(BATTERY_PCT)
    return Ping(
        device=None,
        fix_time_ms=time_ms,
        lat=lat / 1e7,
        lon=lon / 1e7,
        speed_mps=speed_kmh * KMH_MPS,
        bearing_deg=float(bearing_deg),
        altitude_m=float(altitude_m),
        valid=satellites > 0,
        sos=priority == PRIORITY_PANIC or values.get(ALARM_BUTTON) == 1,
        battery_pct=None if battery_pct is None else float(battery_pct),
        event=None if ignition is None else "ignition on" if ignition else "ignition off",
    )


def _read_old(reader: Reader, _codec: int) -> Ping:
    """Codec 7 (GH3000): a mask says what is there."""
    time_ms = ((reader.unsigned(4) & 0x3FFF_FFFF) + OLD_EPOCH_S) * 1000
    mask = reader.unsigned(1)
    ping = _read_old_place(reader, time_ms) if mask & 1 else Ping(None, time_ms, None, None)
    values: dict[int, int] = {}
    for bit, size in ((1, 1), (2, 2), (3, 4)):
        for _ in range(reader.unsigned(1) if mask & 1 << bit else 0):
            identity = reader.unsigned(1)
            values[identity] = reader.unsigned(size)
    battery_pct = values.get(OLD_BATTERY_PCT)
    battery = None if battery_pct is None else float(battery_pct)
    return replace(ping, sos=values.get(OLD_SOS) == 1, battery_pct=battery)


def _read_old_place(reader: Reader, time_ms: int) -> Ping:
    mask = reader.unsigned(1)
    lat, lon = struct.unpack(">ff", reader.take(8)) if mask & 1 else (None, None)
    altitude_m = float(reader.unsigned(2)) if mask & 2 else None
    bearing_deg = reader.unsigned(1) * 360 / 256 if mask & 4 else None
    speed_mps = reader.unsigned(1) * KMH_MPS if mask & 8 else None
    valid = reader.unsigned(1) > 0 if mask & 16 else True
    reader.take(sum(size for bit, size in ((5, 4), (6, 1), (7, 4)) if mask & 1 << bit))  # cell, signal, operator
    return Ping(
        device=None,
        fix_time_ms=time_ms,
        lat=lat,
        lon=lon,
        speed_mps=speed_mps,
        bearing_deg=bearing_deg,
        altitude_m=altitude_m,
        valid=valid,
    )
