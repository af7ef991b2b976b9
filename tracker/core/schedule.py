"""When vehicles are due to start, with what was decided on the morning: a leg delayed, or cancelled. Pure.

What was measured does not hang on it: passages, tracks and the digest are the same whatever is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.core.model import Tour


@dataclass(frozen=True, slots=True)
class LegPlan:
    """What was decided about a leg."""

    delay_s: int = 0
    cancelled: bool = False


class Schedule:
    """A tour's starts as they stand. It keeps no tour: it is part of saved states."""

    def __init__(self, tour: Tour) -> None:
        self.plans = tuple(LegPlan() for _ in tour.legs)
        self._starts_ms = [
            [tour.start_time_ms(leg, v) for v in range(len(tour.vehicles))] for leg in range(len(tour.legs))
        ]

    def start_time_ms(self, leg: int, vehicle: int) -> int | None:
        """When the vehicle is due to leave; None for support, and where the leg is cancelled."""
        planned_ms, plan = self._starts_ms[leg][vehicle], self.plans[leg]
        return None if planned_ms is None or plan.cancelled else planned_ms + plan.delay_s * 1000
