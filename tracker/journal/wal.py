"""Is SQLite's write-ahead log whole? Looked at before SQLite opens it, which ends at the first bad frame in silence.

A log may end in a torn frame: that transaction was never acknowledged. A bad frame with good ones behind it is damage,
and everything from it on will be gone. [https://www.sqlite.org/fileformat2.html#the_write_ahead_log]
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

HEADER = 32
FRAME_HEADER = 24
MAGICS = {0x377F0682: "<", 0x377F0683: ">"}  # which byte order the checksums take

_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Where a log is damaged, and how many transactions behind that are lost with it."""

    number: int  # from 1; 0 is the log's header
    transactions: int
    copy: Path  # the damaged log, kept for whoever can make more of it

    def __str__(self) -> str:
        place = f"frame {self.number}" if self.number else "the header"
        return f"the write-ahead log is damaged at {place}, {self.transactions} transactions end there; see {self.copy}"


def check(database: Path) -> BadFrame | None:
    """The first damage in the log beside a database, which is then copied; None if there is none."""
    path = database.with_name(f"{database.name}-wal")
    try:
        log = path.read_bytes()
    except FileNotFoundError:
        return None
    found = first_damage(log)
    if found is None or first_damage(path.read_bytes()) != found:  # or another process is writing just now
        return None
    copy = path.with_name(f"{path.name}.damaged")
    shutil.copyfile(path, copy)
    return BadFrame(*found, copy)


def first_damage(log: bytes) -> tuple[int, int] | None:
    """(frame, transactions lost) of the first bad frame that has a good one behind it."""
    if len(log) < HEADER + FRAME_HEADER:
        return None
    magic, _version, page_size = struct.unpack_from(">III", log)
    order = MAGICS.get(magic, "<")
    if page_size < 512 or page_size & page_size - 1 or page_size > 65_536:
        return (0, _commits(log, FRAME_HEADER + 4096, 0, log[HEADER + 8 : HEADER + 16]))
    size = FRAME_HEADER + page_size
    salts = log[HEADER + 8 : HEADER + 16]
    sums = _checksum(log[:24], (0, 0), order)
    if salts != log[16:24] or sums != struct.unpack_from(">II", log, 24) or magic not in MAGICS:
        # A header without frames of its own is the one thing that a killed process may leave behind.
        intact = magic in MAGICS and sums == struct.unpack_from(">II", log, 24)
        lost = _commits(log, size, 0, salts)
        return None if intact or not lost else (0, lost)
    for number in range((len(log) - HEADER) // size):
        at = HEADER + number * size
        if log[at + 8 : at + 16] != salts and not _is_good(log, at + size, at, size, salts, order):
            return None  # what was written before the log began anew
        sums = _checksum(log[at + FRAME_HEADER : at + size], _checksum(log[at : at + 8], sums, order), order)
        if sums != struct.unpack_from(">II", log, at + 16) or log[at + 8 : at + 16] != salts:
            lost = _commits(log, size, number + 1, salts)
            return (number + 1, lost) if lost else None
    return None


def _is_good(log: bytes, at: int, before: int, size: int, salts: bytes, order: str) -> bool:
    """Whether the frame at a place follows from the checksums that the one before it says."""
    if at + size > len(log) or log[at + 8 : at + 16] != salts:
        return False
    stored: tuple[int, int] = struct.unpack_from(">II", log, before + 16)
    sums = _checksum(log[at + FRAME_HEADER : at + size], _checksum(log[at : at + 8], stored, order), order)
    return sums == struct.unpack_from(">II", log, at + 16)


def _commits(log: bytes, size: int, first: int, salts: bytes) -> int:
    """How many frames of this log from one on end a transaction."""
    count = 0
    for at in range(HEADER + first * size, len(log) - size + 1, size):
        if log[at + 8 : at + 16] != salts:
            break
        count += log[at + 4 : at + 8] != bytes(4)
    return count


def _checksum(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _MASK
        second = (second + two + first) & _MASK
    return first, second
