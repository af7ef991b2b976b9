"""When will a vehicle be at a place ahead? As a range. Pure."""

from __future__ import annotations

from tracker.core.model import Leg

UNSURE_SHARE = 0.12  # of the driving time, each way
UNSURE_MS = 60_000


def planned_ms(leg: Leg, from_m: float, to_m: float) -> float:
    """Planned time from one place to another: driving at the planned average, and the halts in between."""
    halts_s = sum(c.halt_s for c in leg.checkpoints if from_m < c.along_m < to_m)
    return ((to_m - from_m) / leg.planned_average_mps + halts_s) * 1000.0


def due_ms(leg: Leg, start_ms: int, along_m: float) -> float:
    """When a vehicle that starts at `start_ms` is due to arrive at a place."""
    return start_ms + planned_ms(leg, -1.0, along_m) - 1000.0 / leg.planned_average_mps


def arrival_range_ms(leg: Leg, from_m: float, at_ms: int, to_m: float) -> tuple[int, int]:
    """The 80 % range of arriving at `to_m` for a vehicle that was at `from_m` at a time."""
    takes_ms = planned_ms(leg, from_m, to_m)
    unsure_ms = UNSURE_SHARE * takes_ms + UNSURE_MS
    return round(at_ms + takes_ms - unsure_ms), round(at_ms + takes_ms + unsure_ms)
