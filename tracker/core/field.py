"""The field on a leg: head, tail and sweep, and behind which checkpoints the course is clear. Pure.

Cars that are on the road count: neither retired, nor on a trailer, nor withdrawn. Who was seen by a marshal is through,
whatever its tracker says or does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.core.alerts.scene import UNDER_WAY, is_sweep
from tracker.core.engine import Engine
from tracker.core.eta import Range
from tracker.core.model import Freshness, Standing, Status, VehicleView
from tracker.core.standings import OUT

NOT_HEARD = (Freshness.SILENT, Freshness.NEVER)
Seen = Mapping[tuple[int, int, int], int]  # by vehicle, leg and checkpoint: when a marshal saw it there first


class Spot(NamedTuple):
    """A vehicle and where it is, or was heard last."""

    vehicle: int
    along_m: float


class Through(NamedTuple):
    """A vehicle came through, at a time."""

    vehicle: int
    at_ms: int


class Coming(NamedTuple):
    """A vehicle is to come, in the 80 % range."""

    vehicle: int
    early_ms: int
    late_ms: int


@dataclass(frozen=True, slots=True)
class FieldOnLeg:
    """Who is first and last under way on a leg, and how many cars are in which state."""

    leg: int
    head: Spot | None
    tail: Spot | None
    sweep: Spot | None
    spread_m: float | None
    spread_s: float | None
    cars: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClearBehind:
    """Whether more cars are to come to a checkpoint. `unsure`: cars to come of which nothing was heard for long.

    Nobody is expected in the past: who was to be there by now, and is not, has no expected time any more.
    """

    leg: int
    checkpoint: int
    through: int
    to_come: int
    last: Through | None
    expected: Coming | None
    unsure: tuple[int, ...]
    sweep_ms: int | None
    sweep_expected: Range | None
    stand_down: bool


class Field:
    """One moment of a tour."""

    def __init__(self, engine: Engine, now_ms: int, seen: Seen) -> None:
        self._engine = engine
        self._now_ms = now_ms
        self._seen = seen
        self._views = engine.views
        vehicles = engine.tour.vehicles
        self._cars = [v for v, entry in enumerate(vehicles) if entry.start_order is not None]
        self._sweeps = [
            v for v, entry in enumerate(vehicles) if is_sweep(entry) and self._views[v].standing is Standing.RUNNING
        ]

    @cached_property
    def on_the_road(self) -> list[VehicleView]:
        return [view for v in self._cars if (view := self._views[v]).standing not in OUT]

    @cached_property
    def legs(self) -> list[int]:
        """The legs that somebody is on, of those that may be driven at this time."""
        driven = {view.leg for view in self.on_the_road}
        return [leg for leg in self._engine.rules.legs_at(self._now_ms) if leg in driven]

    def summary(self, leg: int) -> FieldOnLeg:
        """Head, tail, sweep and how many are in which state."""
        here = [view for view in self.on_the_road if view.leg == leg]
        way = sorted((Spot(v.vehicle, _along_m(v)) for v in here if v.status in UNDER_WAY), key=lambda s: -s.along_m)
        sweeps = [Spot(v, _along_m(view)) for v in self._sweeps if (view := self._views[v]).leg == leg]
        head, tail = (way[0], way[-1]) if way else (None, None)
        spread_m = spread_s = None
        if head is not None and tail is not None:
            spread_m, spread_s = head.along_m - tail.along_m, self._spread_s(leg, head, tail)
        cars = Counter(view.status.word for view in here)
        cars.update(view.freshness.word for view in here if view.freshness in NOT_HEARD)
        cars.update(self._views[v].standing.word for v in self._cars if self._views[v].standing is not Standing.RUNNING)
        sweep = min(sweeps, key=lambda spot: spot.along_m, default=None)
        return FieldOnLeg(leg, head, tail, sweep, spread_m, spread_s, dict(cars))

    def _spread_s(self, leg: int, head: Spot, tail: Spot) -> float | None:
        """How long ago the head was where the tail is."""
        marks = self._engine.tracks[head.vehicle].ledger().marks
        passed_ms = marks.passed_ms(tail.along_m) if marks.leg == leg else None
        time_ms = self._views[tail.vehicle].time_ms
        return None if passed_ms is None or time_ms is None else max((time_ms - passed_ms) / 1000.0, 0.0)

    def clear(self, leg: int) -> list[ClearBehind]:
        """For every checkpoint of a leg: who is through, who is to come, and whether one may stand down."""
        places_m = [checkpoint.along_m for checkpoint in self._engine.tour.legs[leg].checkpoints]
        cars = self.on_the_road
        if self._engine.decided.schedule.plans[leg].cancelled:  # who has not started does not
            cars = [view for view in cars if view.leg == leg and view.status in UNDER_WAY]
        coming = {view.vehicle: self._etas(view.vehicle, leg, places_m) for view in cars}
        sweeping = {vehicle: self._etas(vehicle, leg, places_m) for vehicle in self._sweeps}
        return [self._clear_behind(leg, k, coming, sweeping) for k in range(len(places_m))]

    def _etas(self, vehicle: int, leg: int, places_m: Sequence[float]) -> Sequence[Range | None]:
        if self._views[vehicle].leg != leg:
            return [None] * len(places_m)
        return [self._to_come(found) for found in self._engine.etas(vehicle, places_m)]

    def _to_come(self, found: Range | None) -> Range | None:
        """What is left of a range by now: it was reckoned from the last fix, which may be old."""
        return None if found is None or found[1] < self._now_ms else (max(found[0], self._now_ms), found[1])

    def _clear_behind(
        self,
        leg: int,
        k: int,
        coming: Mapping[int, Sequence[Range | None]],
        sweeping: Mapping[int, Sequence[Range | None]],
    ) -> ClearBehind:
        through, to_come = self._parted(coming, leg, k)
        times = [Through(v, at_ms) for v in through if (at_ms := self.passed_ms(v, leg, k)) is not None]
        expected = [Coming(v, *found) for v in to_come if (found := coming[v][k]) is not None]
        unsure = [v for v in to_come if self._views[v].leg != leg or self._views[v].freshness in NOT_HEARD]
        swept, to_sweep = self._parted(sweeping, leg, k)
        swept_ms = [at_ms for v in swept if (at_ms := self.passed_ms(v, leg, k)) is not None]
        sweeps = [found for v in to_sweep if (found := sweeping[v][k]) is not None]
        return ClearBehind(
            leg,
            k,
            len(through),
            len(to_come),
            max(times, key=lambda each: each.at_ms, default=None),
            max(expected, key=lambda each: each.early_ms + each.late_ms, default=None),
            tuple(unsure),
            max(swept_ms) if swept_ms and not to_sweep else None,
            max(sweeps, key=sum, default=None),
            not to_come and not to_sweep,
        )

    def _parted(self, vehicles: Mapping[int, object], leg: int, k: int) -> tuple[list[int], list[int]]:
        """Who of these is through, and who is to come."""
        parts: tuple[list[int], list[int]] = [], []
        for vehicle in vehicles:
            parts[not self.is_through(vehicle, leg, k)].append(vehicle)
        return parts

    def is_through(self, vehicle: int, leg: int, checkpoint: int) -> bool:
        """Whether a vehicle passed a checkpoint, or is known to be behind it."""
        view = self._views[vehicle]
        checkpoints = self._engine.tour.legs[leg].checkpoints
        if view.leg is not None and view.leg > leg:
            return True
        if self.passed_ms(vehicle, leg, checkpoint) is not None:
            return True
        if any((vehicle, leg, further) in self._seen for further in range(checkpoint + 1, len(checkpoints))):
            return True
        here = view.leg == leg and view.status is not Status.WAITING
        return here and view.furthest_m > checkpoints[checkpoint].along_m and not view.uncertain

    def passed_ms(self, vehicle: int, leg: int, checkpoint: int) -> int | None:
        """When it passed, as tracked; where that is not known, as seen."""
        tracked_ms = self.tracked_ms(vehicle, leg, checkpoint)
        return self._seen.get((vehicle, leg, checkpoint)) if tracked_ms is None else tracked_ms

    def tracked_ms(self, vehicle: int, leg: int, checkpoint: int) -> int | None:
        passage = self._engine.tracks[vehicle].ledger().passages.done.get((leg, checkpoint))
        return None if passage is None else passage.time_ms


def _along_m(view: VehicleView) -> float:
    return view.furthest_m if view.along_m is None else view.along_m
