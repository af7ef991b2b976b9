"""Road distance of a vehicle: along the course where it is on it, beside it by speed and place. Pure.

On the course the distance telescopes: a ratchet follows the filtered place one way and gives in to the other way only
beyond GPS noise, so noise adds nothing. A standing vehicle adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker.core.model import Totals

GIVE_M = 40.0  # backwards by less than this is noise
GAP_MS = 60_000  # a longer silence is filled along the course and marked as such
PACE_DT_S = 30.0
WINDING = 2.0  # no road between two fixes is so much longer than the straight line


@dataclass(slots=True)
class Odometer:
    """Metres so far. `ratchet_m` is the place along the course that has been counted, `way` the way of driving.

    `carried_m` were on a trailer, and are in none of the others.
    """

    total_m: float = 0.0
    course_m: float = 0.0
    filled_m: float = 0.0
    ratchet_m: float = 0.0
    way: int = 1
    carried_m: float = 0.0

    def copy(self) -> Odometer:
        return replace(self)

    def totals(self) -> Totals:
        return Totals(self.total_m, self.course_m, self.filled_m, self.carried_m)

    def was_carried(self, since: Odometer) -> None:
        """What was counted since then was on a trailer."""
        self.carried_m += self.total_m - since.total_m
        self.total_m, self.course_m, self.filled_m = since.total_m, since.course_m, since.filled_m

    def join(self, along_m: float) -> None:
        """Begin to count along the course from a place."""
        self.ratchet_m = along_m
        self.way = 1

    def along(self, along_m: float, dt_ms: int) -> None:
        """On the course, now at a place."""
        step_m = (along_m - self.ratchet_m) * self.way
        if step_m < -GIVE_M:
            self.way = -self.way
            step_m = -step_m
        if step_m <= 0.0:
            return
        self.ratchet_m = along_m
        self.total_m += step_m
        self.course_m += step_m
        if dt_ms > GAP_MS:
            self.filled_m += step_m

    def beside(self, moved_m: float, speed_mps: float, before_mps: float, dt_ms: int, noise_m: float) -> None:
        """Off the course: by the speeds where the fixes are close together, else as the crow flies."""
        dt_s = dt_ms / 1000.0
        by_speed_m = min(0.5 * (speed_mps + before_mps) * dt_s, WINDING * moved_m + 10.0)
        if dt_s <= PACE_DT_S and by_speed_m > 0.0:
            self.total_m += by_speed_m
        elif moved_m > noise_m:
            self.total_m += moved_m

    def fill(self, moved_m: float) -> None:
        """Off the course in a silence: as the crow flies, and not measured."""
        self.total_m += moved_m
        self.filled_m += moved_m
