"""When vehicles are due to start, with what was decided on the morning: a leg delayed, or cancelled. Pure.

Where a car was measured does not hang on it, but on which leg it is, and since when it is under way, may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.core.model import Tour

EARLY_MS = 900_000  # who leaves sooner than that is no less unlikely the sooner it is
NEVER_MS = 1 << 62


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
        return None if self.plans[leg].cancelled else self._delayed_ms(leg, vehicle)

    def starts_ms(self, vehicle: int) -> tuple[int | None, ...]:
        """The same of every leg, cancelled or not: one may be driven all the same."""
        return tuple(self._delayed_ms(leg, vehicle) for leg in range(len(self.plans)))

    def _delayed_ms(self, leg: int, vehicle: int) -> int | None:
        planned_ms = self._starts_ms[leg][vehicle]
        return None if planned_ms is None else planned_ms + self.plans[leg].delay_s * 1000

    def differs_from_ms(self, before: Sequence[LegPlan]) -> int | None:
        """The earliest time that another delay makes a difference to: some minutes before the first start."""
        moved = [
            min((ms for ms in starts_ms if ms is not None), default=NEVER_MS) + 1000 * min(old.delay_s, new.delay_s)
            for starts_ms, old, new in zip(self._starts_ms, before, self.plans, strict=True)
            if old.delay_s != new.delay_s
        ]
        return min(moved) - EARLY_MS if moved else None
