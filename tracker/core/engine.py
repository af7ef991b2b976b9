"""The engine of one tour: journalled inputs in, views, passages, totals and a digest out. Pure.

    apply(record)   insert an input; cheap, does no folding
    fold(steps)     do at most so many steps of the owed work; True when nothing is owed
    tick(now_ms)    let time pass: freshness (and whatever else no ping announces); outside the digest
    changed()       which vehicles look different since the last call

The result is a function of the set of inputs, never of their order of arrival.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence

from tracker.core.ahead import HeldBack, Said
from tracker.core.alerts.nearest import Helper, nearest_support
from tracker.core.decided import Decided
from tracker.core.digest import digest
from tracker.core.eta import FieldPace, Range, ranges_from_start_ms, start_range_ms
from tracker.core.forecast import Forecast
from tracker.core.freshness import Rhythm
from tracker.core.legs import LegRules
from tracker.core.model import (
    Calibration,
    Freshness,
    Passage,
    Ping,
    Record,
    RecordKind,
    Standing,
    Totals,
    Tour,
    VehicleView,
)
from tracker.core.standings import Standings, standings
from tracker.core.track import VehicleTrack
from tracker.core.views import etas_ms, make_view, reckoned_from

PACE_EVERY_RECORDS = 500
TURN = 64  # steps for one vehicle before the next has its turn


class Engine:
    """One tour. `position` is the sequence number of the last applied record."""

    def __init__(self, tour: Tour) -> None:
        self.tour = tour
        self.position = 0
        rules = LegRules(tour)
        legs = range(len(tour.legs))
        self.rules = rules
        self.tracks = [
            VehicleTrack(rules, v, tuple(tour.start_time_ms(leg, v) for leg in legs)) for v in range(len(tour.vehicles))
        ]
        self._device_numbers = {name: number for number, name in enumerate(sorted(tour.vehicle_of_device))}
        self.decided = Decided(tour)
        self._clock_errors_ms: dict[int, int] = {}
        self._held_back = HeldBack()
        self._rhythms = [Rhythm() for _ in tour.vehicles]
        self._freshness = [Freshness.NEVER for _ in tour.vehicles]
        self._battery: list[tuple[int, float] | None] = [None for _ in tour.vehicles]
        self._sos_ms: list[int | None] = [None for _ in tour.vehicles]
        self._views = [VehicleView(vehicle=v) for v in range(len(tour.vehicles))]
        self._stale: set[int] = set()  # vehicles whose view has to be made anew
        self._owing: deque[int] = deque()
        self._changed: set[int] = set()
        self._paces: dict[int, tuple[int, FieldPace]] = {}  # by leg, with the position at which it was taken

    def apply(self, record: Record) -> None:
        """Insert one input. Pings of devices that are not in the roster are left alone."""
        self.position = max(self.position, record.seq)
        body = record.body
        if isinstance(body, Ping):
            self._apply_ping(body, record.stored_at_ms)
        elif isinstance(body, Calibration):
            self._apply_calibration(body)
        elif record.kind is RecordKind.DECISION:
            self._apply_decision(record)

    def fold(self, steps: int = 100) -> bool:
        """Do at most `steps` fixes' worth of owed work, in turns between vehicles. True when nothing is owed."""
        owing = self._owing
        while owing and steps > 0:
            vehicle = owing[0]
            track = self.tracks[vehicle]
            turn = min(TURN, steps, track.owed)
            for _ in range(turn):
                track.step()
            steps -= turn
            owing.popleft()
            if track.owed:
                owing.append(vehicle)
            else:
                self._touch(vehicle)
        return not owing

    def tick(self, now_ms: int) -> None:
        """Let time pass up to `now_ms`."""
        for vehicle, rhythm in enumerate(self._rhythms):
            freshness = rhythm.freshness(now_ms)
            if freshness is not self._freshness[vehicle]:
                self._freshness[vehicle] = freshness
                self._touch(vehicle)

    def changed(self) -> list[int]:
        """The vehicles that look different since the last call, in roster order."""
        changed = sorted(self._changed)
        self._changed.clear()
        return changed

    def view(self, vehicle: int) -> VehicleView:
        """What may be said of a vehicle now; what was said last while folding is owed."""
        if vehicle in self._stale and not self.tracks[vehicle].owed:
            self._stale.discard(vehicle)
            self._views[vehicle] = make_view(
                self.tour,
                self.decided.schedule,
                vehicle,
                self.tracks[vehicle],
                self._pace,
                self._freshness[vehicle],
                self.decided.standing(vehicle),
                self._battery[vehicle],
                self._sos_ms[vehicle] is not None,
            )
        return self._views[vehicle]

    @property
    def views(self) -> list[VehicleView]:
        return [self.view(vehicle) for vehicle in range(len(self.tracks))]

    def passages(self, vehicle: int) -> list[Passage]:
        """The passages of a vehicle, by leg and checkpoint; the newest may still move by a second or so."""
        return self.tracks[vehicle].ledger().passages.flushed()

    def totals(self, vehicle: int) -> Totals:
        return self.tracks[vehicle].ledger().odometer.totals()

    def eta(self, vehicle: int, along_m: float) -> Range | None:
        """The 80 % range (ms) of a vehicle's arrival at a place of its leg; None if it is past it or will not come."""
        return self.etas(vehicle, (along_m,))[0]

    def etas(self, vehicle: int, places_m: Sequence[float]) -> list[Range | None]:
        """The same for several places, which are in the order of the leg."""
        return etas_ms(self.tour, self.decided.schedule, vehicle, self.tracks[vehicle], self._pace, places_m)

    def forecast(self, vehicle: int, marks_m: Sequence[Sequence[float]]) -> Forecast:
        """When a vehicle will be at the marks ahead of it; `marks_m` has those of every leg, in its order."""
        expected = self.decided.standing(vehicle) is Standing.RUNNING
        found = reckoned_from(self.tracks[vehicle])
        if found is None:
            return Forecast(vehicle, expected, self.view(vehicle).leg)
        leg, place_m, _ = found
        if math.isinf(place_m):
            return Forecast(vehicle, expected, leg, place_m)
        first = bisect_right(marks_m[leg], place_m)
        places_m = (place_m, *marks_m[leg][first:])
        ranges = self.etas(vehicle, places_m)
        return Forecast(vehicle, expected, leg, place_m, first, tuple(r for r in ranges if r is not None))

    def from_start_ms(self, leg: int, places_m: Sequence[float]) -> list[Range]:
        """When a vehicle that leaves the start of a leg at 0 will be at places of it, as far as the field knows."""
        return ranges_from_start_ms(self.tour.legs[leg], self._pace(leg), *start_range_ms(0, 0), places_m)

    def passing(self, leg: int, along_m: float, limit: int = 10) -> list[tuple[int, int, int]]:
        """The next vehicles at a place, soonest first: vehicle, earliest, latest (ms)."""
        coming = []
        for vehicle in range(len(self.tracks)):
            eta = self.eta(vehicle, along_m) if self.view(vehicle).leg == leg else None
            if eta is not None and self.decided.standing(vehicle) is Standing.RUNNING:
                coming.append((vehicle, *eta))
        coming.sort(key=lambda c: (c[1] + c[2], c[0]))
        return coming[:limit]

    def standings(self, leg: int) -> Standings:
        """The order on the road of a leg."""
        return standings(leg, self.views, lambda vehicle: self.tracks[vehicle].ledger().marks)

    def nearest_support(self, vehicle: int) -> list[Helper]:
        """The support vehicles on a vehicle's leg, soonest there along the course first."""
        leg = self.view(vehicle).leg
        if leg is None:
            return []
        return nearest_support(self.tour, self.views, vehicle, lambda a_m, b_m: self.driving_s(leg, a_m, b_m))

    def driving_s(self, leg: int, from_m: float, to_m: float) -> float:
        """Seconds from one place of a leg to a later one at the field's pace, halts left out."""
        return self._pace(leg).driving_s(from_m, to_m)[0]

    def _pace(self, leg: int) -> FieldPace:
        """The field's pace on a leg, taken anew now and then: it changes slowly, and stands outside the digest."""
        known = self._paces.get(leg)
        if known is not None and self.position - known[0] < PACE_EVERY_RECORDS:
            return known[1]
        pace = FieldPace(self.tour.legs[leg], leg, [track.settled_marks for track in self.tracks])
        self._paces[leg] = (self.position, pace)
        return pace

    def digest(self) -> str:
        """SHA-256 over tracks, passages and totals. Folds what is owed."""
        while not self.fold(10_000):
            pass
        return digest(self.tracks)

    def state(self) -> dict[str, object]:
        """What a restart needs beside the tracks, once nothing is owed."""
        elsewhere = ("tour", "rules", "tracks", "_paces")  # the field's pace is taken anew
        return {name: value for name, value in vars(self).items() if name not in elsewhere}

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a `state` of the same tour; the tracks have theirs."""
        vars(self).update(state)
        self._reschedule()

    def _touch(self, vehicle: int) -> None:
        self._changed.add(vehicle)
        self._stale.add(vehicle)

    def _owe(self, vehicle: int) -> None:
        if vehicle not in self._owing:
            self._owing.append(vehicle)

    def _apply_ping(self, ping: Ping, stored_at_ms: int) -> None:
        number = None if ping.device is None else self._device_numbers.get(ping.device)
        if number is None or ping.device is None:
            return
        error_ms = self._clock_errors_ms.get(number, 0)
        time_ms = stored_at_ms if ping.fix_time_ms is None else ping.fix_time_ms - error_ms
        vehicle = self.decided.assignments.vehicle_of(ping.device, time_ms)
        heard_ms = min(time_ms, stored_at_ms)  # nobody reports from the future
        self._rhythms[vehicle].heard_fix(heard_ms, stored_at_ms)
        battery = self._battery[vehicle]
        if ping.battery_pct is not None and (battery is None or heard_ms >= battery[0]):
            self._battery[vehicle] = (heard_ms, ping.battery_pct)
            self._touch(vehicle)
        if ping.sos:
            self._sos_ms[vehicle] = max(heard_ms, self._sos_ms[vehicle] or heard_ms)
            self._touch(vehicle)
        if not ping.valid or ping.lat is None or ping.lon is None:
            return
        said = Said(time_ms + error_ms, ping.lat, ping.lon, ping.accuracy_m, ping.speed_mps, ping.bearing_deg)
        if self._held_back.concerns(number, said, stored_at_ms):
            known = self.tracks[vehicle].fixes.find(time_ms, *said[1:], number) is not None
            if not self._held_back.admits(number, said, stored_at_ms, error_ms, known):
                return
        self._put(vehicle, time_ms, said, number)

    def _put(self, vehicle: int, time_ms: int, said: Said, number: int) -> None:
        """A fix among those of a vehicle, at its time by the right clock."""
        track = self.tracks[vehicle]
        index = track.fixes.insert(time_ms, *said[1:], number)
        if index is not None:
            track.inserted(index)
            self._owe(vehicle)

    def _apply_calibration(self, calibration: Calibration) -> None:
        number = self._device_numbers.get(calibration.device)
        if number is None:
            return
        before_ms, error_ms = self._clock_errors_ms.get(number, 0), calibration.error_ms
        if error_ms == before_ms:
            return
        self._clock_errors_ms[number] = error_ms
        no_more, now = self._held_back.turned(number, before_ms, error_ms)
        for vehicle in self.decided.assignments.vehicles_of(calibration.device):
            track = self.tracks[vehicle]
            for said in no_more:
                index = track.fixes.find(said.time_ms - before_ms, *said[1:], number)
                if index is not None:
                    track.fixes.pop(index)
            if len(track.fixes) or track.done:
                track.replace(track.fixes.shift_device(number, before_ms - error_ms))
                self._owe(vehicle)
        for said in now:
            time_ms = said.time_ms - error_ms
            vehicle = self.decided.assignments.vehicle_of(calibration.device, time_ms)
            self._put(vehicle, time_ms, said, number)
        self._rehome(calibration.device, number)

    def _rehome(self, device: str, number: int, before: Iterable[int] = ()) -> None:
        """Fixes of a device go to the vehicle that it was in when it took them: a swap or its clock says otherwise."""
        vehicles = dict.fromkeys([*before, *self.decided.assignments.vehicles_of(device)])
        if len(vehicles) < 2:
            return
        for vehicle in vehicles:
            track = self.tracks[vehicle]
            for index in reversed(track.fixes.of_device(number)):
                owner = self.decided.assignments.vehicle_of(device, track.fixes.times_ms[index])
                if owner == vehicle:
                    continue
                fix = track.fixes.pop(index)
                track.inserted(index)
                self._owe(vehicle)
                place = self.tracks[owner].fixes.insert(*fix)
                if place is not None:
                    self.tracks[owner].inserted(place)
                    self._owe(owner)

    def _apply_decision(self, record: Record) -> None:
        changed = self.decided.note(record)
        for device, before in changed.devices.items():
            self._rehome(device, self._device_numbers[device], before)
        if changed.schedule:
            self._reschedule(changed.from_ms)
        for vehicle in changed.vehicles:
            self.tracks[vehicle].rode(self.decided.rides(vehicle))
            if self.tracks[vehicle].owed:
                self._owe(vehicle)
        for vehicle in range(len(self.tracks)) if changed.schedule else changed.vehicles:
            self._touch(vehicle)

    def _reschedule(self, from_ms: int | None = None) -> None:
        """Let legs and starts be as decided; what was folded for times from `from_ms` on is folded again."""
        closing_ms = self.rules.delay([plan.delay_s for plan in self.decided.schedule.plans])
        if from_ms is not None and closing_ms is not None:
            from_ms = min(from_ms, closing_ms)
        for vehicle, track in enumerate(self.tracks):
            track.is_due(self.decided.schedule.starts_ms(vehicle), from_ms)
            if track.owed:
                self._owe(vehicle)
