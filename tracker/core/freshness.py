"""Is a vehicle still being heard? By the rhythm in which its pings have been coming in. Pure; outside the digest."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.core.model import Freshness

FIRST_RHYTHM_MS = 15_000
LATE_RHYTHMS, LATE_MS = 2.5, 20_000
SILENT_RHYTHMS, SILENT_MS = 6.0, 120_000
LONGEST_RHYTHM_MS = 900_000


@dataclass(slots=True)
class Rhythm:
    """How often arrivals bring something newer, and how old that is when it comes."""

    arrived_ms: int = 0
    newest_fix_ms: int = 0
    every_ms: float = FIRST_RHYTHM_MS
    heard: bool = False

    def heard_fix(self, fix_time_ms: int, received_ms: int) -> None:
        """A ping came in. Old ones say nothing about the present."""
        if self.heard and fix_time_ms <= self.newest_fix_ms:
            return
        if self.heard:
            gap_ms = min(max(received_ms - self.arrived_ms, 0), LONGEST_RHYTHM_MS)
            if gap_ms > 500:  # the rest of a batch is one arrival
                self.every_ms += (0.3 if gap_ms > self.every_ms else 0.1) * (gap_ms - self.every_ms)
        self.heard = True
        self.newest_fix_ms = fix_time_ms
        self.arrived_ms = received_ms

    def freshness(self, now_ms: int) -> Freshness:
        """What may be said now."""
        if not self.heard:
            return Freshness.NEVER
        age_ms = now_ms - max(min(self.newest_fix_ms, self.arrived_ms), self.arrived_ms - 600_000)
        if age_ms <= LATE_RHYTHMS * self.every_ms + LATE_MS:
            return Freshness.LIVE
        if age_ms <= SILENT_RHYTHMS * self.every_ms + SILENT_MS:
            return Freshness.LATE
        return Freshness.SILENT
