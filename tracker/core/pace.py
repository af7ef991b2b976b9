"""How fast a vehicle drove each stretch of a leg: its clock at marks every two kilometres, halts not counted. Pure."""

from __future__ import annotations

import math
from array import array

MARK_M = 2000.0


class PaceMarks:
    """One vehicle's times at the marks of the leg it is on. Mark k lies at k x MARK_M; NaN = not driven over."""

    def __init__(self, leg: int = -1) -> None:
        self.leg = leg
        self.times_ms = array("d")
        self.halted_ms = array("d")  # time spent at halts before the mark

    def copy(self) -> PaceMarks:
        other = PaceMarks(self.leg)
        other.times_ms = self.times_ms[:]
        other.halted_ms = self.halted_ms[:]
        return other

    def driven(self, from_m: float, from_ms: int, to_m: float, to_ms: int, halted_ms: float) -> None:
        """Drove along the course from one place to another, having spent so much time at halts before."""
        k = len(self.times_ms)
        while k * MARK_M <= to_m:
            time_ms = math.nan
            if k * MARK_M >= from_m:
                share = (k * MARK_M - from_m) / (to_m - from_m) if to_m > from_m else 1.0
                time_ms = from_ms + share * (to_ms - from_ms)
            self.times_ms.append(time_ms)
            self.halted_ms.append(halted_ms)
            k += 1

    def took_s(self, k: int) -> float:
        """Seconds from mark k to the next, halts left out; NaN where it was not driven or not yet."""
        if k + 1 >= len(self.times_ms):
            return math.nan
        halted_ms = self.halted_ms[k + 1] - self.halted_ms[k]
        return (self.times_ms[k + 1] - self.times_ms[k] - halted_ms) / 1000.0

    def passed_ms(self, along_m: float) -> float | None:
        """When it was at a place, or None where that is not known."""
        k = int(along_m / MARK_M)
        if along_m < 0.0 or k + 1 >= len(self.times_ms):
            return None
        time_ms = self.times_ms[k] + (along_m / MARK_M - k) * (self.times_ms[k + 1] - self.times_ms[k])
        return None if math.isnan(time_ms) else time_ms
