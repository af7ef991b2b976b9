"""When will a vehicle be at a place ahead? As a range. Pure.

Three sources, each taking over where the one before knows nothing: the plan, the field (cars ahead have just driven
that stretch), and the vehicle's own pace against the field's on what both have driven.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracker.core.model import CheckpointKind, Leg
from tracker.core.pace import MARK_M, PaceMarks

RECENT_MARKS = 25  # own pace is that of the last 50 km
SHRINK_S = 900.0  # so much driving like everybody else is assumed beside what was seen
FIELD_LEAST = 2  # cars that must have driven a stretch
TRIMMED_SHARE = 0.2  # of the slowest, who had a breakdown or a coffee
AHEAD_MARKS = 13  # half an hour or so
UNSURE_SHARE = 0.07  # of the driving time: half of the 80 % range, as long as the field has not shown better
HELD = 0.83  # a little more than the four of five it is for: the past is easier than the future
UNSURE_COUNT = 10  # so many of its showings that weighs
UNSURE_PLAN_SHARE = 0.15  # the same where only the plan is known
UNSURE_S = 35.0
UNSURE_HALT_S = 300.0
UNSURE_START_S = 120.0
LEAST_HALT_S = 60.0
HERE_M = 500.0  # who stands so near a halt stands at it
BEYOND_M = 1.0  # a place so much beyond a halt is reached after it

Range = tuple[int, int]  # earliest and latest, UTC epoch ms


def halts(leg: Leg) -> list[int]:
    """Indices of the checkpoints where the plan has the field stand."""
    return [k for k, c in enumerate(leg.checkpoints) if c.halt_s > 0 or c.kind is CheckpointKind.HALT]


def planned_s(leg: Leg, from_m: float, to_m: float) -> float:
    """Planned time from one place to another: driving at the planned average, and the halts in between."""
    halts_s = sum(c.halt_s for c in leg.checkpoints if from_m < c.along_m < to_m)
    return (to_m - from_m) / leg.planned_average_mps + halts_s


def due_ms(leg: Leg, start_ms: int, along_m: float) -> float:
    """When a vehicle that starts at `start_ms` is due to arrive at a place."""
    return start_ms + 1000.0 * planned_s(leg, 0.0, along_m)


class FieldPace:
    """Seconds that the field took for each stretch between marks of one leg, from the marks of all vehicles.

    `unsure_share` is how far half an hour's prediction from it has been off: the bound that four of five kept.
    """

    def __init__(self, leg: Leg, index: int, field: Sequence[PaceMarks]) -> None:
        count = int(leg.length_m / MARK_M) + 1
        planned = MARK_M / leg.planned_average_mps
        marks = [m for m in field if m.leg == index]
        took_s = [[m.took_s(k) for k in range(len(m.times_ms) - 1)] for m in marks]
        self.stretches_s = [planned] * count
        self.known = [False] * count
        for k in range(count):
            took = sorted(s for each in took_s if k < len(each) and 0.0 < (s := each[k]) < 20.0 * planned)
            if len(took) >= FIELD_LEAST:
                took = took[: max(math.ceil(len(took) * (1.0 - TRIMMED_SHARE)), 1)]
                self.stretches_s[k] = sum(took) / len(took)
                self.known[k] = True
        driven = [s for s, known in zip(self.stretches_s, self.known, strict=True) if known]
        if driven:  # where nobody has been yet the field is as quick against the plan as so far
            ratio = (sum(driven) + 10.0 * planned) / ((len(driven) + 10.0) * planned)
            self.stretches_s = [
                s if known else s * ratio for s, known in zip(self.stretches_s, self.known, strict=True)
            ]
        self.unsure_share = self._unsure_share(took_s)

    def _unsure_share(self, took_s: list[list[float]]) -> float:
        """Predict what has happened already, in the way of predicting what has not, and see how far off that is."""
        misses = [UNSURE_SHARE] * UNSURE_COUNT
        field_s = self.stretches_s
        for own_s in took_s:
            for now in range(AHEAD_MARKS, len(own_s) - AHEAD_MARKS + 1, AHEAD_MARKS // 2):
                past, future = slice(max(now - RECENT_MARKS, 0), now), slice(now, now + AHEAD_MARKS)
                factor = (sum(own_s[past]) + SHRINK_S) / (sum(field_s[past]) + SHRINK_S)
                happened_s = sum(own_s[future])
                predicted_s = factor * sum(field_s[future])
                if 0.5 * predicted_s < happened_s < 1.4 * predicted_s:  # beyond is a breakdown, or not known
                    misses.append(abs(happened_s / predicted_s - 1.0))
        misses.sort()
        return misses[int(HELD * len(misses))]

    def driving_s(self, from_m: float, to_m: float) -> tuple[float, float]:
        """Seconds from one place to another at the field's pace, and the part of them that is known, not planned."""
        return self.drives_s(from_m, (to_m,))[0]

    def drives_s(self, from_m: float, places_m: Sequence[float]) -> list[tuple[float, float]]:
        """The same to each of several places, which are in the order of the leg."""
        whole_s = whole_known_s = 0.0  # stretches that are driven to their end
        k = max(int(from_m / MARK_M), 0)
        drives = []
        for to_m in places_m:
            while (k + 1) * MARK_M <= to_m and k < len(self.stretches_s):
                share = ((k + 1) * MARK_M - max(from_m, k * MARK_M)) / MARK_M
                whole_s += share * self.stretches_s[k]
                if self.known[k]:
                    whole_known_s += share * self.stretches_s[k]
                k += 1
            total_s, known_s = whole_s, whole_known_s
            if k * MARK_M < to_m and k < len(self.stretches_s):
                share = (to_m - max(from_m, k * MARK_M)) / MARK_M
                total_s += share * self.stretches_s[k]
                if self.known[k]:
                    known_s += share * self.stretches_s[k]
            drives.append((total_s, known_s))
        return drives

    def factor(self, own: PaceMarks) -> float:
        """How much slower than the field a vehicle is, held near 1 as long as it has driven little."""
        own_s = field_s = 0.0
        last = len(own.times_ms) - 1
        for k in range(max(last - RECENT_MARKS, 0), last):
            took_s = own.took_s(k)
            if k < len(self.stretches_s) and 0.0 < took_s < 3.0 * self.stretches_s[k]:
                own_s += took_s
                field_s += self.stretches_s[k]
        return (own_s + SHRINK_S) / (field_s + SHRINK_S)


def arrival_ranges_ms(
    leg: Leg,
    pace: FieldPace,
    own: PaceMarks,
    from_m: float,
    at_ms: int,
    places_m: Sequence[float],
    halted_ms: int | None = None,
) -> list[Range]:
    """The 80 % ranges of arriving at places, in the order of the leg, for a vehicle that was at `from_m` at a time.

    `halted_ms`: since when it stands at the halt that it has reached, if it does.
    """
    factor = pace.factor(own)
    stops = [leg.checkpoints[k] for k in halts(leg)]
    ranges = []
    for to_m, (driving_s, known_s) in zip(places_m, pace.drives_s(from_m, places_m), strict=True):
        halt_s = 0.0
        ahead = 0
        for stop in stops:
            here = halted_ms is not None and abs(stop.along_m - from_m) < HERE_M
            if here and halted_ms is not None and stop.along_m < to_m - HERE_M:
                halt_s += max(stop.halt_s - (at_ms - halted_ms) / 1000.0, LEAST_HALT_S)
                ahead += 1
            elif not here and from_m < stop.along_m < to_m - BEYOND_M:
                halt_s += stop.halt_s
                ahead += 1
        takes_s = driving_s * factor + halt_s
        unsure_s = math.sqrt(
            (pace.unsure_share * factor * known_s + UNSURE_PLAN_SHARE * factor * (driving_s - known_s)) ** 2
            + UNSURE_S**2
            + ahead * UNSURE_HALT_S**2
        )
        ranges.append((round(at_ms + 1000.0 * (takes_s - unsure_s)), round(at_ms + 1000.0 * (takes_s + unsure_s))))
    return ranges


def ranges_from_start_ms(
    leg: Leg, pace: FieldPace, early_ms: int, late_ms: int, places_m: Sequence[float]
) -> list[Range]:
    """The 80 % ranges of arriving at places for a vehicle that will leave the start between two times."""
    ranges = arrival_ranges_ms(leg, pace, PaceMarks(), 0.0, early_ms, places_m)
    return [
        (low_ms, high_ms + late_ms - early_ms) if to_m > 0.0 else (early_ms, late_ms)
        for to_m, (low_ms, high_ms) in zip(places_m, ranges, strict=True)
    ]


def start_range_ms(start_ms: int, now_ms: int) -> tuple[int, int]:
    """When a waiting vehicle leaves the start."""
    soon_ms = max(start_ms, now_ms)
    return soon_ms, soon_ms + round(UNSURE_START_S * 1000.0)
