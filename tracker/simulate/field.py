"""The whole field over the whole tour: where every vehicle truly is at any time.

Each vehicle draws from random generators of its own, seeded by (seed, vehicle, leg), so that a vehicle does the
same whether it drives alone or among seventy. The sweep is the exception by nature: it waits for the last car.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tracker.core.model import Tour, Vehicle, VehicleKind
from tracker.simulate.drive import Drive, IncidentKind, Moment
from tracker.simulate.mishaps import Mishaps, Surroundings
from tracker.simulate.pace import Pace
from tracker.simulate.participant import Scene, drive_leg, spot
from tracker.simulate.route import Point
from tracker.simulate.script import BY_CHANCE, Script
from tracker.simulate.support import escort, sweep

NIGHT_GAP_S = 600.0  # at least this long between a finish and the next morning's first move
HOME_MS = 30 * 60_000
RETIRED_MS = 180 * 60_000  # the trailer has come
AWAKE_MS = 15 * 60_000  # after a drive the phone goes on reporting at its pace for so long


def generator(seed: int, *what: object) -> Random:
    """A random generator for one purpose; text seeds are the same on every machine and in every process."""
    return Random("/".join(str(part) for part in (seed, *what)))


def is_sweep(vehicle: Vehicle) -> bool:
    return vehicle.kind is VehicleKind.SUPPORT and "sweep" in vehicle.role.lower()


class Field:
    """Drives are made when they are asked for and kept."""

    def __init__(self, tour: Tour, seed: int, mishaps: Mishaps, script: Script = BY_CHANCE) -> None:
        self.tour = tour
        self.seed = seed
        self.mishaps = mishaps
        self.script = script
        self._scenes: dict[int, Scene] = {}
        self._drives: dict[tuple[int, int], Drive | None] = {}

    def scene(self, leg: int) -> Scene:
        """What all drives of a leg share."""
        if leg not in self._scenes:
            there = self.tour.legs[leg]
            self._scenes[leg] = Scene(leg, there, Pace(there), Surroundings(there.course))
        return self._scenes[leg]

    def drive(self, vehicle: int, leg: int) -> Drive | None:
        """A vehicle's drive of a leg, or None where it is out of the tour since an earlier one."""
        key = (vehicle, leg)
        if key not in self._drives:
            self._drives[key] = self._make(vehicle, leg)
        return self._drives[key]

    def _make(self, vehicle: int, leg: int) -> Drive | None:
        before = self.drive(vehicle, leg - 1) if leg else None
        if leg and (before is None or before.retired):
            return None
        rng = generator(self.seed, self.tour.vehicles[vehicle].number, leg)
        asleep = self.bed(vehicle) if before is None else before.end_point
        free_from_s = 0.0 if before is None else before.motion.end_s + NIGHT_GAP_S
        due_ms = self.tour.start_time_ms(leg, vehicle)
        if due_ms is not None:
            scripted = self.script.of(self.tour, vehicle, leg)
            return drive_leg(self.scene(leg), vehicle, due_ms, asleep, free_from_s, self.mishaps, scripted, rng)
        if is_sweep(self.tour.vehicles[vehicle]):
            return sweep(self.scene(leg), vehicle, self.participant_drives(leg), asleep, free_from_s, rng)
        return escort(self.scene(leg), vehicle, self._last_start_ms(leg), asleep, free_from_s, rng)

    def participant_drives(self, leg: int) -> list[Drive]:
        """All drives of a leg by cars that have a start of their own."""
        starters = (v for v, vehicle in enumerate(self.tour.vehicles) if vehicle.start_order is not None)
        drives = (self.drive(vehicle, leg) for vehicle in starters)
        return [drive for drive in drives if drive is not None]

    def _last_start_ms(self, leg: int) -> int:
        starts = (self.tour.start_time_ms(leg, vehicle) for vehicle in range(len(self.tour.vehicles)))
        return max((start for start in starts if start is not None), default=self.tour.legs[leg].first_start_ms)

    def bed(self, vehicle: int) -> Point:
        """Where a vehicle stands before the tour."""
        return spot(self.scene(0), 0.0, generator(self.seed, self.tour.vehicles[vehicle].number, "bed"))

    def at(self, vehicle: int, time_ms: float) -> Moment:
        """The truth about a vehicle at an instant, day or night."""
        return self.current(vehicle, time_ms).at(time_ms)

    def carried(self, vehicle: int, time_ms: float) -> Moment:
        """The truth about a vehicle's phone: with it, or where it was lost."""
        drive = self.current(vehicle, time_ms)
        lost_ms = min(self._incidents_ms(drive, IncidentKind.LOST_PHONE), default=time_ms)
        if lost_ms >= time_ms:
            return drive.at(time_ms)
        return replace(drive.at(lost_ms), speed_mps=0.0)

    def calls_ms(self, vehicle: int) -> list[int]:
        """When somebody in the vehicle calls SOS."""
        drives = (self.drive(vehicle, leg) for leg in range(len(self.tour.legs)))
        calls = (self._incidents_ms(drive, IncidentKind.SOS) for drive in drives if drive is not None)
        return [time_ms for drive_calls in calls for time_ms in drive_calls]

    @staticmethod
    def _incidents_ms(drive: Drive, kind: IncidentKind) -> list[int]:
        return [incident.from_ms for incident in drive.incidents if incident.kind is kind]

    def current(self, vehicle: int, time_ms: float) -> Drive:
        """The drive that is on, or the last one before; the first one before that."""
        last: Drive | None = None
        for leg in range(len(self.tour.legs)):
            if last is not None and time_ms < self._earliest_ms(leg):
                break
            drive = self.drive(vehicle, leg)
            if drive is None or (last is not None and time_ms < drive.begin_ms):
                break
            last = drive
        assert last is not None  # a tour has at least one leg, and nobody is out before it
        return last

    def _earliest_ms(self, leg: int) -> int:
        """Nobody begins a leg's day before this (spares making drives of days to come)."""
        return self.tour.legs[leg].first_start_ms - 3 * 3600 * 1000

    @property
    def begin_ms(self) -> int:
        """Phones are switched on before the first leg."""
        return self.tour.legs[0].first_start_ms - 45 * 60_000

    def over(self, vehicle: int, time_ms: int) -> bool:
        """Has the vehicle's phone been switched off? Half an hour after its last day, later where it broke down."""
        drive = self.current(vehicle, time_ms)
        if drive.retired:
            return time_ms > drive.end_ms + RETIRED_MS
        return drive.leg == len(self.tour.legs) - 1 and time_ms > drive.end_ms + HOME_MS

    def awake(self, vehicle: int, time_ms: int) -> bool:
        """Is it a drive, or nearly? At night phones report now and then only."""
        drive = self.current(vehicle, time_ms)
        return time_ms < drive.end_ms + AWAKE_MS and (time_ms >= drive.begin_ms or drive.leg == 0)
