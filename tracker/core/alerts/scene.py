"""What the rules look at: every vehicle at one moment, with what they share worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType

from tracker.core.alerts.event import AlertEvent, Judgement, Place
from tracker.core.alerts.hearing import Ears, Hearing
from tracker.core.alerts.resting import RestingPlaces
from tracker.core.engine import Engine
from tracker.core.eta import due_ms
from tracker.core.geo import distance_m
from tracker.core.model import Standing, Status, Tour, Vehicle, VehicleView

UNDER_WAY = (Status.RUNNING, Status.STOPPED, Status.OFF_COURSE)
RECENT_MS = 120_000
RECENT_RHYTHMS = 4.0
FIELD_LEAST = 5  # cars that make a field to compare with
DISTRESS_M = 2000.0  # around the place of an SOS


class Scene:
    """One moment. `outage_over_ms` is when the last outage of the feed was over, None while there is one; `calls` are
    the places of the open SOS, by vehicle.
    """

    def __init__(
        self,
        now_ms: int,
        tour: Tour,
        engine: Engine,
        ears: Ears,
        resting: RestingPlaces,
        outage_over_ms: int | None,
        calls: Mapping[int, Place] = MappingProxyType({}),
    ) -> None:
        self.now_ms = now_ms
        self.tour = tour
        self.engine = engine
        self.ears = ears
        self.resting = resting
        self.outage_over_ms = outage_over_ms
        self._calls = calls
        self.views = engine.views

    def hearing(self, vehicle: int) -> Hearing:
        return self.ears.vehicles[vehicle]

    def place(self, vehicle: int) -> Place:
        """Where the vehicle is, as far as is known."""
        view = self.views[vehicle]
        return Place(view.lat, view.lon, view.leg, view.along_m)

    def is_in_distress(self, vehicle: int) -> bool:
        """Whether it has called SOS and is still about there: who drove on stands at lunch like everybody else."""
        there, here = self._calls.get(vehicle), self.views[vehicle]
        if there is None or there.lat is None or there.lon is None or here.lat is None or here.lon is None:
            return there is not None
        if there.leg == here.leg and there.along_m is not None and here.along_m is not None:
            return abs(there.along_m - here.along_m) <= DISTRESS_M  # the course may come by again
        return distance_m(there.lat, there.lon, here.lat, here.lon) <= DISTRESS_M

    def is_recent(self, vehicle: int) -> bool:
        """Whether what is known of a vehicle says something about now."""
        time_ms = self.views[vehicle].time_ms
        limit_ms = max(RECENT_MS, RECENT_RHYTHMS * self.hearing(vehicle).every_ms)
        return time_ms is not None and self.now_ms - time_ms <= limit_ms

    def is_cancelled(self, vehicle: int) -> bool:
        """Whether the leg that a vehicle is on is not to be driven."""
        leg = self.views[vehicle].leg
        return leg is not None and self.engine.decided.schedule.plans[leg].cancelled

    def field_deviation_s(self, leg: int) -> float | None:
        """How late the middle of the field runs against the plan, or came in; None without a field.

        Who stands at a halt has spent an unknown part of it, and is left out.
        """
        late_s = self._deviations_s.get(leg, [])
        return late_s[len(late_s) // 2] if len(late_s) >= FIELD_LEAST else None

    @cached_property
    def _deviations_s(self) -> dict[int, list[float]]:
        late_s: dict[int, list[float]] = {}
        for vehicle, view in enumerate(self.views):
            deviation_s = self._deviation_s(vehicle)
            if view.leg is None or deviation_s is None:
                continue
            if view.status is not Status.STOPPED or self.resting.at(self.place(vehicle)) is None:
                late_s.setdefault(view.leg, []).append(deviation_s)
        return {leg: sorted(values) for leg, values in late_s.items()}

    def _deviation_s(self, vehicle: int) -> float | None:
        """How late a vehicle is, or was at the finish."""
        view = self.views[vehicle]
        if view.status is not Status.FINISHED or view.leg is None:
            return view.deviation_s if view.status in UNDER_WAY else None
        leg, start_ms = self.tour.legs[view.leg], self.engine.decided.schedule.start_time_ms(view.leg, vehicle)
        finish = self.engine.tracks[vehicle].ledger().passages.done.get((view.leg, len(leg.checkpoints) - 1))
        if start_ms is None or finish is None:
            return None
        return (finish.time_ms - due_ms(leg, start_ms, leg.length_m)) / 1000.0

    @cached_property
    def sweeps(self) -> dict[int, VehicleView]:
        """By leg: the last sweep vehicle on the road, where it is known for sure and of late."""
        found: dict[int, VehicleView] = {}
        for vehicle, entry in enumerate(self.tour.vehicles):
            view = self.views[vehicle]
            if not is_sweep(entry) or view.along_m is None:
                continue
            if view.leg is None or view.uncertain or view.standing is not Standing.RUNNING or view.time_ms is None:
                continue
            last = found.get(view.leg)
            if last is None or view.along_m < (last.along_m or 0.0):
                found[view.leg] = view
        return found


def is_sweep(vehicle: Vehicle) -> bool:
    """Whether it drives behind the last car, as its role says."""
    return "sweep" in vehicle.role.lower() and vehicle.start_order is None


Rule = Callable[[Scene, int, AlertEvent | None], Judgement]
