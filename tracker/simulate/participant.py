"""A car of the field drives a leg: car park, start, controls, lunch, what goes wrong, finish, car park."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tracker.core.geo import distance_m
from tracker.core.model import CheckpointKind, Leg
from tracker.simulate.drive import Drive, Incident, IncidentKind, drive_route, ms, passages_of
from tracker.simulate.mishaps import DETOUR_SPAN_M, Mishaps, Surroundings, detour, wrong_turn
from tracker.simulate.motion import Stop
from tracker.simulate.pace import Pace
from tracker.simulate.route import Point, Route, bearing_at, beside
from tracker.simulate.script import Happening

WALK_MPS = 3.0
TRANSFER_MPS = 11.0
FREE_M = 800.0  # nothing goes wrong so close to a checkpoint
APART_M = 2500.0  # between two things that go wrong
CALL_AFTER_S = 60.0  # who stands reaches for the phone


@dataclass(frozen=True, slots=True)
class Scene:
    """What all drives of one leg share."""

    index: int
    leg: Leg
    pace: Pace
    around: Surroundings


@dataclass(frozen=True, slots=True)
class _Event:
    along_m: float
    until_m: float  # where the course is taken up again
    kind: IncidentKind | CheckpointKind
    checkpoint: int = 0
    scripted: Happening | None = None

    @property
    def points(self) -> Sequence[Point] | None:
        """The other road, where the script has laid it."""
        return None if self.scripted is None else self.scripted.points or None


def spot(scene: Scene, along_m: float, rng: Random) -> Point:
    """A parking place beside the course."""
    bearing = bearing_at(scene.leg.course, along_m)
    return beside(scene.leg.course.point_at(along_m), bearing, rng.uniform(-40.0, 40.0), _aside_m(rng))


def _aside_m(rng: Random) -> float:
    return rng.choice((-1.0, 1.0)) * rng.uniform(15.0, 55.0)


def drive_leg(
    scene: Scene,
    vehicle: int,
    due_ms: int,
    asleep: Point,
    free_from_s: float,
    mishaps: Mishaps,
    scripted: Sequence[Happening],
    rng: Random,
) -> Drive:
    """The whole day of a participant who slept at `asleep` and is not there to be moved before `free_from_s`."""
    return _Day(scene, vehicle, scripted, rng).drive(due_ms, asleep, free_from_s, mishaps)


class _Day:
    def __init__(self, scene: Scene, vehicle: int, scripted: Sequence[Happening], rng: Random) -> None:
        self.scene = scene
        self.vehicle = vehicle
        self.scripted = scripted
        self.rng = rng
        self.route = Route()
        self.stops: list[Stop] = []
        self.halts: dict[int, tuple[float, float, float]] = {}
        self.marks: list[tuple[IncidentKind, float, float, float]] = []  # kind, from and to (road m), along_m
        self.calls: list[float] = []  # where somebody stands and calls SOS (road m)
        self.end_m: float | None = None

    def drive(self, due_ms: int, asleep: Point, free_from_s: float, mishaps: Mishaps) -> Drive:
        rng, scene = self.rng, self.scene
        factor = rng.uniform(0.93, 1.13)
        late_s = rng.uniform(600.0, 2700.0) if rng.random() < mishaps.late_start else 0.0
        late_s += sum(each.dwell_s for each in self.scripted if each.kind is IncidentKind.LATE_START)
        punctual_s = rng.uniform(-20.0, 60.0) if rng.random() < 0.7 else rng.uniform(-150.0, 300.0)
        leave_s = due_ms / 1000.0 + late_s + punctual_s
        begin_s = self._to_the_line(leave_s, asleep, free_from_s)
        start_m = self.route.length_m
        along_m = 0.0
        for event in self._events(mishaps):
            self.route.follow(scene.leg.course, along_m, event.along_m)
            along_m = event.until_m
            self._live_through(event)
        self.route.follow(scene.leg.course, along_m, scene.leg.length_m)
        finish_m = self.route.length_m
        if rng.random() < 0.5:  # under the banner, for a photograph
            self.stops.append(Stop(finish_m + 6.0, rng.uniform(20.0, 90.0)))
        self._to_the_car_park()
        end_m = self.route.length_m if self.end_m is None else self.end_m
        motion = drive_route(begin_s, end_m, self.route, self.stops, scene.pace, factor, rng)
        incidents = [
            Incident(kind, ms(motion.reaches_s(from_m)), ms(motion.leaves_s(to_m)), at_m)
            for kind, from_m, to_m, at_m in self.marks
            if to_m <= end_m
        ]
        for road_m in self.calls:
            call_ms = ms(motion.reaches_s(road_m) + CALL_AFTER_S)
            incidents.append(Incident(IncidentKind.SOS, call_ms, call_ms, self.route.along_m(road_m) or 0.0))
        if late_s:
            incidents.insert(0, Incident(IncidentKind.LATE_START, due_ms, ms(leave_s), 0.0))
        return Drive(
            scene.index,
            self.vehicle,
            self.route,
            motion,
            start_m,
            min(finish_m, end_m),
            passages_of(scene.leg, self.route, motion, start_m, self.halts),
            tuple(incidents),
            retired=self.end_m is not None,
        )

    def _to_the_line(self, leave_s: float, asleep: Point, free_from_s: float) -> float:
        """From the bed to the car park, about in it for 6 to 14 minutes, to the line. Returns when that begins."""
        rng, scene = self.rng, self.scene
        line = scene.leg.course.point_at(0.0)
        shuffle_s = rng.uniform(360.0, 840.0)
        park = spot(scene, 0.0, rng)
        transfer_m = distance_m(*asleep, *park)
        if transfer_m > 1.0:
            self.route.leave((asleep, park), TRANSFER_MPS if transfer_m > 300.0 else WALK_MPS, 0.0)
        moves = rng.randint(1, 3)
        for i in range(moves):
            self.stops.append(Stop(self.route.length_m, rng.uniform(0.5, 1.0) * shuffle_s / (moves + 1)))
            there = line if i == moves - 1 else spot(scene, 0.0, rng)
            self.route.leave((park, there), WALK_MPS, 0.0)
            park = there
        self.stops.append(Stop(self.route.length_m, rng.uniform(8.0, 20.0), leave_s))
        speed_mps = TRANSFER_MPS if transfer_m > 300.0 else WALK_MPS
        return max(leave_s - shuffle_s - transfer_m / speed_mps * 1.1, free_from_s)

    def _to_the_car_park(self) -> None:
        rng, scene = self.rng, self.scene
        length_m = scene.leg.length_m
        line = scene.leg.course.point_at(length_m)
        bearing = bearing_at(scene.leg.course, length_m)
        corner = beside(line, bearing, rng.uniform(12.0, 30.0), 0.0)
        place = beside(line, bearing, rng.uniform(-30.0, 60.0), _aside_m(rng))
        self.route.leave((line, corner, place), WALK_MPS, length_m)

    def _events(self, mishaps: Mishaps) -> list[_Event]:
        """What interrupts the drive, in the order of the leg and never two at one place."""
        rng, leg = self.rng, self.scene.leg
        events = [
            _Event(each.along_m, each.until_m, each.kind, scripted=each)
            for each in self.scripted
            if each.kind is not IncidentKind.LATE_START
        ]
        for index, checkpoint in enumerate(leg.checkpoints[1:-1], start=1):
            at_m = checkpoint.along_m
            if checkpoint.kind is CheckpointKind.HALT or checkpoint.halt_s:
                short_m = at_m - rng.uniform(2.0, 10.0)
                events.append(_Event(short_m, short_m, CheckpointKind.HALT, index))
            elif checkpoint.kind is CheckpointKind.TIME_CONTROL and rng.random() < 0.6:
                past_m = at_m + rng.uniform(4.0, 20.0)
                events.append(_Event(past_m, past_m, CheckpointKind.TIME_CONTROL, index))
            elif checkpoint.kind is CheckpointKind.FUEL:
                events.append(_Event(at_m + 12.0, at_m + 12.0, IncidentKind.FUEL, index))
        for kind, probability in (
            (IncidentKind.DETOUR, mishaps.detour),
            (IncidentKind.WRONG_TURN, mishaps.wrong_turn),
            (IncidentKind.BREAKDOWN, mishaps.breakdown),
            (IncidentKind.RETIREMENT, mishaps.retirement),
            (IncidentKind.FUEL, mishaps.fuel),
        ):
            if rng.random() < probability:
                event = self._place_for(kind, events)
                if event is not None:
                    events.append(event)
        return sorted(events, key=lambda event: event.along_m)

    def _place_for(self, kind: IncidentKind, events: list[_Event]) -> _Event | None:
        rng, leg = self.rng, self.scene.leg
        for _ in range(12):
            span_m = DETOUR_SPAN_M if kind is IncidentKind.DETOUR else 0.0
            from_m = rng.uniform(0.04, 0.96) * leg.length_m
            passed = [c for c in leg.checkpoints if c.kind is CheckpointKind.PASSAGE_CONTROL]
            if kind is IncidentKind.DETOUR and passed and rng.random() < 0.7:
                from_m = rng.choice(passed).along_m - rng.uniform(0.35, 0.65) * span_m
            to_m = from_m + span_m
            if from_m < FREE_M or to_m > leg.length_m - FREE_M:
                continue
            near = [c for c in leg.checkpoints if from_m - FREE_M < c.along_m < to_m + FREE_M]
            inside = [c for c in near if c.kind is CheckpointKind.PASSAGE_CONTROL and from_m < c.along_m < to_m]
            edge = [c for c in near if min(abs(c.along_m - from_m), abs(c.along_m - to_m)) < FREE_M]
            if edge or len(near) != len(inside):
                continue
            if any(e.along_m < to_m + APART_M and e.until_m > from_m - APART_M for e in events):
                continue
            return _Event(from_m, to_m, kind)
        return None

    def _live_through(self, event: _Event) -> None:
        rng, route, course = self.rng, self.route, self.scene.leg.course
        here_m, at_m = route.length_m, event.along_m
        if event.kind is CheckpointKind.HALT:
            checkpoint = self.scene.leg.checkpoints[event.checkpoint]
            rest_m = self._aside(at_m, 35.0, max(checkpoint.halt_s + rng.gauss(0.0, 240.0), 300.0))
            self.halts[event.checkpoint] = (here_m, rest_m, route.length_m)
        elif event.kind is CheckpointKind.TIME_CONTROL:
            self.stops.append(Stop(here_m, rng.uniform(15.0, 60.0)))
        elif event.kind is IncidentKind.FUEL:
            self._aside(at_m, 25.0, rng.uniform(240.0, 540.0))
            self.marks.append((event.kind, here_m, route.length_m, at_m))
        elif event.kind is IncidentKind.BREAKDOWN:
            dwell_s = rng.uniform(480.0, 3000.0) if event.scripted is None else event.scripted.dwell_s
            self.stops.append(Stop(here_m, dwell_s))
            self.marks.append((event.kind, here_m, here_m, at_m))
        elif event.kind is IncidentKind.RETIREMENT:
            self.end_m = here_m
            self.marks.append((event.kind, here_m, here_m, at_m))
        elif event.kind is IncidentKind.LOST_PHONE:
            self.marks.append((event.kind, here_m, here_m, at_m))
        elif event.kind is IncidentKind.WRONG_TURN:
            points = event.points or wrong_turn(self.scene.around, at_m, rng)
            if points is not None:
                turn_m = route.leave(points, rng.uniform(8.0, 14.0), back=True)
                dwell_s = rng.uniform(10.0, 60.0) if event.scripted is None else event.scripted.dwell_s
                self.stops.append(Stop(turn_m, dwell_s))
                self.marks.append((event.kind, here_m, route.length_m, at_m))
        elif event.kind is IncidentKind.DETOUR:
            points = event.points or detour(self.scene.around, at_m, event.until_m, rng)
            if points is None:
                route.follow(course, at_m, event.until_m)
            else:
                route.leave(points, rng.uniform(9.0, 15.0))
                self.marks.append((event.kind, here_m, route.length_m, at_m))
        if event.scripted is not None and event.scripted.sos:
            self.calls.append(here_m)

    def _aside(self, along_m: float, right_m: float, dwell_s: float) -> float:
        """Off the road to the side, stand, and back; returns where it stood (road m)."""
        course = self.scene.leg.course
        here = course.point_at(along_m)
        there = beside(here, bearing_at(course, along_m), 0.0, self.rng.choice((-1.0, 1.0)) * right_m)
        rest_m = self.route.leave((here, there), 5.0, along_m, back=True)
        self.stops.append(Stop(rest_m, dwell_s))
        return rest_m
