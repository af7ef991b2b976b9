"""The newest acknowledged number of each tour, kept outside the file that may be damaged.

SQLite forgets the end of a damaged write-ahead log without a word. What was acknowledged is noted here before the
answer leaves, so a journal that comes back shorter is found out, with the exact range that is missing. The note is
written after the commit and is never ahead of it; it is flushed once a second, and need not be for a killed process.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from pathlib import Path

FLUSH_S = 1.0

_SLOT = struct.Struct(">Q244pI")  # newest acknowledged number, the tour's slug, CRC-32 of the two
_SUMMED = _SLOT.size - 4


class HighWater:
    """A file of one slot per tour, overwritten in place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._slots: dict[str, int] = {}
        self._flushed_at = 0.0

    def read(self) -> dict[str, int]:
        """Newest acknowledged number by tour; a slot that is damaged says nothing."""
        return {slug: seq for slug, seq in self._read_slots() if seq >= 0}

    def note(self, tour: str, seq: int) -> None:
        """Remember that a tour's records up to `seq` were stored. Raises OSError."""
        if self._file is None:
            self._slots = {slug: number for number, (slug, _) in enumerate(self._read_slots())}
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        slot = _SLOT.pack(seq, tour.encode(), 0)[:_SUMMED]
        number = self._slots.setdefault(tour, len(self._slots))
        os.pwrite(self._file, slot + zlib.crc32(slot).to_bytes(4, "big"), number * _SLOT.size)
        now = time.monotonic()
        if now - self._flushed_at >= FLUSH_S:
            os.fsync(self._file)
            self._flushed_at = now

    def clear(self) -> None:
        """Forget everything: the journal begins anew."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _read_slots(self) -> list[tuple[str, int]]:
        """(tour, number) in the order of the slots; -1 for one that is damaged."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        slots = []
        for number in range(len(content) // _SLOT.size):
            slot = content[number * _SLOT.size : (number + 1) * _SLOT.size]
            seq, slug, crc = _SLOT.unpack(slot)
            sound = crc == zlib.crc32(slot[:_SUMMED])
            slots.append((slug.decode(), seq) if sound else (f"damaged slot {number}", -1))
        return slots
