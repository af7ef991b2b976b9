"""Records as bytes: what is stored, what travels on the bus, and what everyone reads back. Pure.

A ping is stored in whole quanta (1 ms, 1e-7 degrees, 1 cm, 1 mm/s, 0.01 degrees of bearing, 0.1 % of battery), so
live, replay and rebuild see the very same numbers. The layout of a stored ping, big-endian::

    version  altitude  battery | flags  fix time  lat  lon  accuracy  speed  bearing  length of device  device  event
                               └─ from here on it is the content: equal content is the same ping

Calibrations and the other kinds are msgpack. Every record carries a CRC-32 over its number, time, kind and payload.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

import msgpack

from tracker.core.model import Calibration, Ping, Record, RecordKind
from tracker.errors import StoreDamaged

PING_VERSION = 1
DEVICE_LIMIT_BYTES = 255  # its length is one byte
EVENT_LIMIT_BYTES = 255

_PING = struct.Struct(">BiHBqiiIIHB")
_CONTENT_AT = struct.calcsize(">BiH")
_RECORD = struct.Struct(">QQB")
_CONTENT_KEY = struct.Struct(">q")

_VALID, _SOS, _TIMED, _HAS_EVENT = 1, 2, 4, 8
_NO_I32 = -(2**31)
_NO_U32 = 2**32 - 1
_NO_U16 = 2**16 - 1


class Stored(NamedTuple):
    """A numbered record whose body is still bytes."""

    seq: int
    stored_at_ms: int
    kind: int
    payload: bytes


class Key(NamedTuple):
    """What makes a ping the same ping."""

    device: str
    fix_time_ms: int
    content: int  # 64 bits of a hash over the whole content


def encode_ping(ping: Ping, device: str) -> bytes:
    """The stored form of a ping of `device`. Raises ValueError for what no intake lets through (NaN, no device)."""
    name = device.encode()
    if not 0 < len(name) <= DEVICE_LIMIT_BYTES:
        raise ValueError(f"a device's name has 1 to {DEVICE_LIMIT_BYTES} bytes, not {len(name)}")
    event = ping.event
    timed = ping.time_given and ping.fix_time_ms is not None
    flags = (_VALID if ping.valid else 0) | (_SOS if ping.sos else 0) | (_TIMED if timed else 0)
    bearing = ping.bearing_deg
    head = _PING.pack(
        PING_VERSION,
        _quantum(ping.altitude_m, 100, _NO_I32, _NO_I32 + 1, -_NO_I32 - 1),
        _quantum(ping.battery_pct, 10, _NO_U16, 0, _NO_U16 - 1),
        flags if event is None else flags | _HAS_EVENT,
        ping.fix_time_ms if timed else 0,
        _quantum(ping.lat, 10_000_000, _NO_I32, -900_000_000, 900_000_000),
        _quantum(ping.lon, 10_000_000, _NO_I32, -1_800_000_000, 1_800_000_000),
        _quantum(ping.accuracy_m, 100, _NO_U32, 0, _NO_U32 - 1),
        _quantum(ping.speed_mps, 1000, _NO_U32, 0, _NO_U32 - 1),
        _NO_U16 if bearing is None else round(bearing * 100) % 36_000,
        len(name),
    )
    return head + name if event is None else head + name + _cut(event)


def decode_ping(payload: bytes, stored_at_ms: int) -> Ping:
    """The ping as everyone sees it; one without a time gets the received time, and says so."""
    version, altitude, battery, flags, time_ms, lat, lon, accuracy, speed, bearing, length = _PING.unpack_from(payload)
    if version != PING_VERSION:
        raise ValueError(f"a ping of version {version}, this program reads version {PING_VERSION}")
    end = _PING.size + length
    timed = bool(flags & _TIMED)
    return Ping(
        device=payload[_PING.size : end].decode(),
        fix_time_ms=time_ms if timed else stored_at_ms,
        lat=None if lat == _NO_I32 else lat / 10_000_000,
        lon=None if lon == _NO_I32 else lon / 10_000_000,
        accuracy_m=None if accuracy == _NO_U32 else accuracy / 100,
        speed_mps=None if speed == _NO_U32 else speed / 1000,
        bearing_deg=None if bearing == _NO_U16 else bearing / 100,
        altitude_m=None if altitude == _NO_I32 else altitude / 100,
        valid=bool(flags & _VALID),
        sos=bool(flags & _SOS),
        battery_pct=None if battery == _NO_U16 else battery / 10,
        event=payload[end:].decode() if flags & _HAS_EVENT else None,
        time_given=timed,
    )


def ping_key(payload: bytes) -> Key | None:
    """The key of a stored ping, or None for one without a time: its repeats cannot be recognised."""
    _, _, _, flags, time_ms, _, _, _, _, _, length = _PING.unpack_from(payload)
    if not flags & _TIMED:
        return None
    device = payload[_PING.size : _PING.size + length].decode()
    (content,) = _CONTENT_KEY.unpack(blake2b(payload[_CONTENT_AT:], digest_size=8).digest())
    return Key(device, time_ms, content)


def encode_body(kind: RecordKind, body: Ping | Calibration | dict[str, object], device: str = "") -> bytes:
    """The payload of a record. `device`, where it is known, is whose ping this is, whatever the ping claims."""
    if isinstance(body, Ping):
        return encode_ping(body, device or body.device or "")
    if isinstance(body, Calibration):
        return _packed([body.device, body.error_ms])
    if kind in (RecordKind.PING, RecordKind.CALIBRATION):
        raise ValueError(f"a {kind.name.lower()} is not a plain dict")
    return _packed(body)


def decode(stored: Stored) -> Record:
    """A record with its body. The checksum, or the bus, has vouched for the payload."""
    seq, stored_at_ms, kind, payload = stored
    if kind == RecordKind.PING:
        return Record(seq, stored_at_ms, RecordKind.PING, decode_ping(payload, stored_at_ms))
    body = msgpack.unpackb(payload)
    if kind == RecordKind.CALIBRATION:
        device, error_ms = body
        return Record(seq, stored_at_ms, RecordKind.CALIBRATION, Calibration(device, error_ms))
    return Record(seq, stored_at_ms, RecordKind(kind), body)


def checksum(tour: int, stored: Stored) -> int:
    """CRC-32 that ties a payload to its place: a record moved to another number or tour is damage too."""
    seq, stored_at_ms, kind, payload = stored
    return zlib.crc32(payload, zlib.crc32(_RECORD.pack(seq, stored_at_ms, kind), tour))


def is_sound(tour: int, crc: int, stored: Stored) -> bool:
    """Whether a record is what was stored; a damaged file may hold anything in any column."""
    try:
        return checksum(tour, stored) == crc
    except (TypeError, struct.error):
        return False


def sound_prefix(slug: str, after_seq: int, rows: Sequence[tuple[int, int, Stored]]) -> list[Stored]:
    """The consecutive sound records from `after_seq + 1`, of rows (tour, checksum, record) in order.

    Raises StoreDamaged if that very one is missing or altered.
    """
    sound: list[Stored] = []
    for tour, crc, stored in rows:
        if stored.seq != after_seq + len(sound) + 1 or not is_sound(tour, crc, stored):
            break
        sound.append(stored)
    if rows and not sound:
        whole = (stored.seq for tour, crc, stored in rows if is_sound(tour, crc, stored))
        raise StoreDamaged(slug, after_seq + 1, next(whole, after_seq + len(rows) + 1) - 1)
    return sound


def verified(slug: str, after_seq: int, rows: Sequence[tuple[int, int, Key | None, Stored]]) -> int:
    """The last sound number of rows (tour, checksum, key, record) from `after_seq + 1`; the keys are checked too.

    Raises StoreDamaged if that very one is missing or altered.
    """
    sound = sound_prefix(slug, after_seq, [(tour, crc, stored) for tour, crc, _, stored in rows])
    for (_, _, key, _), stored in zip(rows, sound, strict=False):
        if key != key_of(stored):
            if stored.seq == after_seq + 1:
                raise StoreDamaged(slug, stored.seq, stored.seq)
            return stored.seq - 1
    return after_seq + len(sound)


def key_of(stored: Stored) -> Key | None:
    """What a record is recognised by, if it is a ping."""
    return ping_key(stored.payload) if stored.kind == RecordKind.PING else None


class Blank(StrEnum):
    """Why a number in the journal holds nothing any more. The words are the journal's, for ever."""

    DAMAGED = "damaged"
    ERASED = "erased"
    THINNED = "thinned"


def blank(seq: int, stored_at_ms: int, why: Blank) -> Stored:
    """What stands in a number whose record is gone: a decision that no engine heeds, so that no gap arises."""
    return Stored(seq, stored_at_ms, RecordKind.DECISION, _packed({"blank": why.value}))


def encode_hint(records: Sequence[Stored]) -> bytes:
    """The bus message about consecutive new records: [first_seq, [[stored_at_ms, kind, payload], ...]]."""
    return _packed([records[0].seq, [record[1:] for record in records]])


def decode_hint(message: bytes) -> list[Record]:
    """The records of a bus message; ValueError if it is none."""
    try:
        first_seq, rows = msgpack.unpackb(message)
        return [decode(Stored(seq, *row)) for seq, row in enumerate(rows, first_seq)]
    except (TypeError, ValueError, struct.error) as error:
        raise ValueError(f"not a message about journal records: {error}") from error


def _quantum(value: float | None, per_unit: int, none: int, low: int, high: int) -> int:
    if value is None:
        return none
    quantum = round(value * per_unit)
    return low if quantum < low else min(quantum, high)


def _cut(event: str) -> bytes:
    """At most EVENT_LIMIT_BYTES of UTF-8, whole characters; what UTF-8 cannot hold becomes a question mark."""
    return event.encode("utf-8", "replace")[:EVENT_LIMIT_BYTES].decode("utf-8", "ignore").encode()


def _packed(body: object) -> bytes:
    packed: bytes = msgpack.packb(body)
    return packed
