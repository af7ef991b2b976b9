"""Bytes read in order, and the two checksums of the binary protocols."""

from __future__ import annotations

from tracker.protocols.strict import Unreadable


class Reader:
    """Big-endian values from the front of some bytes; Unreadable where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise Unreadable(f"{count - self.left} bytes missing")
        self._at += count
        return self._data[self._at - count : self._at]

    def unsigned(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def signed(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big", signed=True)


def _table(polynomial: int) -> tuple[int, ...]:
    out = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        out.append(value)
    return tuple(out)


_X25 = _table(0x8408)  # 0x1021 reflected
_IBM = _table(0xA001)  # 0x8005 reflected


def crc_x25(data: bytes) -> int:
    """CRC-16/X-25: the GT06 family's."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _X25[(value ^ byte) & 0xFF]
    return value ^ 0xFFFF


def crc_ibm(data: bytes) -> int:
    """CRC-16/IBM (ARC): Teltonika's."""
    value = 0
    for byte in data:
        value = (value >> 8) ^ _IBM[(value ^ byte) & 0xFF]
    return value
