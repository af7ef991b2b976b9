"""GT06, Concox, Jimi and their many clones: binary, the login names the device, every message wants its ack.

`78 78 len(1) type body serial(2) crc(2) 0D 0A`, long form `79 79 len(2)`. Places are in 1/30000 minute, speed in km/h,
times are UTC by the book (a unit set to local time shows as a clock error). Clones differ behind the position, so
what follows it is read only as far as it is understood.
[traccar/traccar: Gt06ProtocolDecoder.java; vendor text "GT06 GPS Tracker Communication Protocol"]
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.binary import Reader, crc_x25
from tracker.protocols.collect import Collector
from tracker.protocols.numbers import KMH_MPS, parse_decimal, parse_iso_ms, utc_ms
from tracker.protocols.stream import Reply
from tracker.protocols.strict import Unreadable

LOGIN, STRING, X1_POSITION, CAMERA_ALARM = 0x01, 0x21, 0x34, 0x95
HEARTBEATS = frozenset({0x13, 0x36})
CELL_BYTES = {0x19: 8, 0xA5: 15}  # status reports with a cell for a place
TIME_REQUEST, ADDRESS_REQUEST, ADDRESS_ANSWER, MODULES = 0x8A, 0x2A, 0x97, 0x70
POSITIONS = frozenset(
    {0x10, 0x11, 0x12, 0x16, 0x1A, 0x1E, 0x22, 0x26, 0x27, 0x2D, 0x31, 0x32, 0x37, 0x38, 0xA0, 0xA3, 0xA4}
)
RFID_POSITION, RFID_BODY_BYTES = 0x17, 35  # of any other length, type 17 is a list of Wi-Fi stations
VXT01, VXT01_BODY_BYTES = 0x16, 31  # its cell has no length
LW4G, LW4G_BODY_BYTES = 0xA2, 59  # of any other length, type A2 is cells and Wi-Fi
WITH_STATUS = frozenset({0x16, 0x26, 0x27, 0x32, 0xA4})
WITH_IGNITION = frozenset({0x22, 0x2D, 0x37})
PET_POSITIONS = frozenset({0x32, 0x33})  # AZ735, long form only: the satellites byte is a length
COMMAND_REPLIES = frozenset({0x80, 0x81, 0x82})
UNANSWERED = COMMAND_REPLIES | {STRING, X1_POSITION}

ALARMS = {
    0x02: "power cut", 0x03: "vibration", 0x04: "geofence enter", 0x05: "geofence exit", 0x06: "overspeed",
    0x09: "moved", 0x0C: "tampering", 0x0E: "low battery", 0x0F: "low battery", 0x11: "power off", 0x13: "tampering",
    0x14: "door", 0x18: "removed", 0x19: "low battery", 0x1A: "braking", 0x1B: "cornering", 0x23: "fall",
    0x25: "tampering", 0x28: "braking", 0x29: "acceleration", 0x2A: "cornering", 0x2B: "cornering", 0x2C: "crash",
    0x2E: "cornering", 0x30: "jamming",
}  # fmt: skip
POSITION_BYTES = 18
SOS = 0x01
STATUS_SOS = 4
CAMERA_ALARMS = {
    0x80: "vibration",
    0x87: "overspeed",
    0x90: "acceleration",
    0x91: "braking",
    0x92: "cornering",
    0x93: "crash",
}
_TOLD_POSITION = re.compile(
    r"Current position! ?Lat:([NS])([0-9.]+),Lon:([EW])([0-9.]+),Course:([0-9.]+),Speed:[0-9.]+,"
    r"DateTime:([0-9-]{10}) +([0-9:]{8})"
)


class Gt06:
    """One connection."""

    def __init__(self) -> None:
        self._device: str | None = None

    def next_frame(self, buffer: bytearray, last: bool) -> tuple[int, int] | None:
        start = min((at for mark in (b"\x78\x78", b"\x79\x79") if (at := buffer.find(mark)) >= 0), default=-1)
        if start < 0:  # a lone last byte may be half a mark
            keep = 1 if buffer[-1] in b"\x78\x79" and not last else 0
            return (len(buffer) - keep, len(buffer) - keep) if len(buffer) > keep else None
        if start:
            return start, start
        header = 3 if buffer[0] == 0x78 else 4
        if len(buffer) >= header:
            end = header + int.from_bytes(buffer[2:header], "big") + 2
            for whole in (end, end + 2):  # some clones do not count the checksum
                if buffer[whole - 2 : whole] == b"\r\n":
                    return 0, whole
            if len(buffer) >= end + 2 and (tail := buffer.find(b"\r\n", header)) >= 0:
                return 0, tail + 2
        return (0, len(buffer)) if last else None

    def read(self, frame: bytes, collector: Collector) -> Reply:
        long = frame[0] == 0x79
        header = 4 if long else 3
        if len(frame) < header + 7 or not frame.endswith(b"\r\n"):
            raise Unreadable("no complete frame")
        kind, body, serial = frame[header], frame[header + 1 : -6], frame[-6:-4]
        checksum_right = crc_x25(frame[2:-4]) == int.from_bytes(frame[-4:-2], "big")
        if not checksum_right and int.from_bytes(frame[2:header], "big") != len(frame) - header - 2:
            raise Unreadable("wrong length")
        if kind == LOGIN:
            self._device = imei_of(Reader(body).take(8))
            return Reply(acknowledge(kind, serial), self._device, "login", checksum_right)
        if kind == TIME_REQUEST:
            return Reply(acknowledge(kind, serial, _now(collector)), self._device, "time request", checksum_right)
        if kind == ADDRESS_REQUEST:
            answer = acknowledge(ADDRESS_ANSWER, serial, b"\x0b\0\0\0\0NA&&NA&&0##", long=True)
            return Reply(answer, self._device, "address request", checksum_right)
        ping = self._ping(kind, body, long)
        known = ping is not None
        if ping is not None:
            trouble = Reason.TIME if ping.fix_time_ms is None and ping.lat is not None else None
            collector.add(replace(ping, device=self._device), frame, trouble)
        answer = b"" if kind in UNANSWERED else acknowledge(kind, serial, long=long and kind in PET_POSITIONS)
        note = None if known and ping is not None and ping.lat is not None else f"type {kind:02x}"
        battery = _battery_pct(body[1]) if kind in HEARTBEATS and len(body) > 1 and body[1] else None
        return Reply(answer, self._device, note, checksum_right, battery)

    def _ping(self, kind: int, body: bytes, long: bool) -> Ping | None:
        reader = Reader(body)
        if long and kind in PET_POSITIONS:
            return _position(reader, satellites_are_length=True)
        if long and kind == MODULES:
            return _modules(reader)
        if kind == STRING:
            return _told(body)
        if kind == CAMERA_ALARM:
            return _camera_alarm(reader)
        if kind == X1_POSITION:
            four_behind = len(body) >= 22 and _moment(body[:6]) is None and _moment(body[4:10]) is not None
            reader.take(4 if four_behind else 0)
            return _position(reader) if four_behind else None
        if kind in HEARTBEATS:
            return _call_for_help(body)
        if kind in CELL_BYTES:
            return _call_for_help(body[CELL_BYTES[kind] :]) if len(body) <= CELL_BYTES[kind] + 6 else None
        if kind in POSITIONS or (kind, len(body)) in ((RFID_POSITION, RFID_BODY_BYTES), (LW4G, LW4G_BODY_BYTES)):
            return _behind(_position(reader), reader, kind)
        return None


def imei_of(bcd: bytes) -> str:
    """An IMEI in eight bytes of two digits each, with a leading zero."""
    digits = bcd.hex()
    return digits.removeprefix("0")


def acknowledge(kind: int, serial: bytes, content: bytes = b"", *, long: bool = False) -> bytes:
    """The frame that answers a message: its type and serial number, and for requests the content."""
    length = len(content) + 5
    inner = length.to_bytes(2 if long else 1, "big") + bytes([kind]) + content + serial
    return (b"\x79\x79" if long else b"\x78\x78") + inner + crc_x25(inner).to_bytes(2, "big") + b"\r\n"


def _now(collector: Collector) -> bytes:
    now = datetime.fromtimestamp(collector.received_at_ms // 1000, UTC)
    return bytes([now.year % 100, now.month, now.day, now.hour, now.minute, now.second])


def _moment(six: bytes) -> int | None:
    year, month, day, hour, minute, second = six
    return utc_ms(2000 + year, month, day, hour, minute, second)


def _position(reader: Reader, *, satellites_are_length: bool = False) -> Ping:
    """The eighteen bytes that all position messages begin with."""
    time_ms = _moment(reader.take(6))
    if reader.unsigned(1) == 0 and satellites_are_length:
        return Ping(None, time_ms, None, None)
    lat, lon, speed_kmh, flags = (reader.unsigned(count) for count in (4, 4, 1, 2))
    return _flagged(time_ms, lat, lon, flags, speed_kmh * KMH_MPS)


def _flagged(time_ms: int | None, lat: int, lon: int, flags: int, speed_mps: float | None) -> Ping:
    ignition = ("ignition on" if flags & 0x8000 else "ignition off") if flags & 0x4000 else None
    return Ping(
        device=None,
        fix_time_ms=time_ms,
        lat=lat / 1_800_000 * (1 if flags & 0x0400 else -1),
        lon=lon / 1_800_000 * (-1 if flags & 0x0800 else 1),
        speed_mps=speed_mps,
        bearing_deg=float(flags & 0x03FF),
        valid=bool(flags & 0x1000),
        event=ignition,
    )


def _behind(ping: Ping, reader: Reader, kind: int) -> Ping:
    """Add what stands behind the position: alarm and battery, or ignition. A clone may have less there, or other."""
    try:
        if kind in WITH_STATUS or kind == LW4G:
            if kind == LW4G:
                _skip_cells(reader, 16)
                reader.take(1)  # network
            elif (kind, reader.left) == (VXT01, VXT01_BODY_BYTES - POSITION_BYTES):
                _skip_cells(reader, 9)
            else:
                _skip_cells(reader, reader.unsigned(1))
            status = reader.unsigned(1)
            reader.take(2 if kind == LW4G else 0)  # volts
            level = reader.unsigned(1)
            reader.take(1)  # signal
            alarm = reader.unsigned(1)
            sos = _status_alarm(status) == STATUS_SOS or alarm == SOS
            event = ALARMS.get(alarm) or ("ignition on" if status & 0x02 else "ignition off")
            return replace(ping, sos=sos, battery_pct=_battery_pct(level), event=None if sos else event)
        if kind in WITH_IGNITION:
            _skip_cells(reader, 9)
            if reader.left >= 3:
                return replace(ping, event="ignition on" if reader.unsigned(1) else "ignition off")
    except Unreadable:
        return ping
    return ping


def _battery_pct(level: int) -> float:
    """Levels count from 0 to 6; some clones tell per cent instead."""
    return level * 100 / 6 if level <= 6 else float(level)


def _skip_cells(reader: Reader, length: int) -> None:
    """Step over the cell; `length` counts its own byte, 0 is no cell, and a flagged country has a longer network."""
    if length:
        long_network = reader.unsigned(2) & 0x8000
        reader.take(max(length - 3, 7 if long_network else 6))


def _call_for_help(status: bytes) -> Ping | None:
    """An SOS where status, battery, signal and alarm say so, without any place."""
    sos = len(status) >= 4 and (_status_alarm(status[0]) == STATUS_SOS or status[3] == SOS)
    return Ping(None, None, None, None, sos=True) if sos else None


def _status_alarm(status: int) -> int:
    return status >> 3 & 7


def _camera_alarm(reader: Reader) -> Ping:
    """JC100: no satellites and no speed, perhaps no place. JC400 marks itself, and has both and volts."""
    first = reader.take(6)
    if first[:2] == b"\xff\xff":
        time_ms = _moment(first[3:] + reader.take(3))
        reader.take(1)  # satellites
        lat, lon, speed_kmh, flags = (reader.unsigned(count) for count in (4, 4, 2, 2))
        ping = _flagged(time_ms, lat, lon, flags, speed_kmh * KMH_MPS)
        reader.take(min(2, reader.left))
    elif reader.left <= 1:
        return Ping(None, _moment(first), None, None)
    else:
        lat, lon, flags = reader.unsigned(4), reader.unsigned(4), reader.unsigned(2)
        ping = _flagged(_moment(first), lat, lon, flags, None)
    alarm = reader.unsigned(1) if reader.left else 0
    return replace(ping, sos=alarm == SOS, event=CAMERA_ALARMS.get(alarm))


def _modules(reader: Reader) -> Ping | None:
    """A message of modules (type, length, content); one of them may be a position."""
    ping = None
    while reader.left >= 4:
        module, content = reader.unsigned(2), Reader(reader.take(reader.unsigned(2)))
        if module == 0x33:
            time_ms = content.unsigned(4) * 1000
            content.take(1)  # satellites
            altitude_m = content.signed(2)
            lat, lon, speed_kmh, flags = (content.unsigned(count) for count in (4, 4, 1, 2))
            ping = replace(_flagged(time_ms, lat, lon, flags, speed_kmh * KMH_MPS), altitude_m=float(altitude_m))
    return ping


def _told(body: bytes) -> Ping | None:
    """The answer to a text command, where it says the position in words (the unit of its speed is not known)."""
    found = _TOLD_POSITION.search(body[5:].decode("latin-1"))
    if found is None:
        return None
    lat, lon = parse_decimal(found[2]), parse_decimal(found[4])
    if lat is None or lon is None:
        return None
    return Ping(
        device=None,
        fix_time_ms=parse_iso_ms(f"{found[6]}T{found[7]}"),
        lat=-lat if found[1] == "S" else lat,
        lon=-lon if found[3] == "W" else lon,
        bearing_deg=parse_decimal(found[5]),
    )
