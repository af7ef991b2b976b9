"""One hypothesis and one fix: every place the vehicle can have got to, and what that costs. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

from tracker.core.course_index import Candidate, metres_per_degree
from tracker.core.evidence import (
    ALIKE_MOVING,
    ALIKE_STANDING,
    DEFAULT_ACCURACY_M,
    FASTEST_MPS,
    LEAVE,
    LYING_SPEED,
    ON_COURSE,
    OUTLIER,
    TURN_BACK,
    TURN_FORTH,
    lying_speed_cost,
    off_cost,
    position_cost,
    skip_cost,
    step_cost,
    step_variance,
)
from tracker.core.fixes import Fix
from tracker.core.hypothesis import FINISHED, OFF, ON, UNKNOWN_M, WAITING, Node
from tracker.core.legs import LegRules
from tracker.core.motion import Motion

JOIN_WITHIN_M = 120.0
START_ZONE_M = 300.0
FINISH_GATE_M = 25.0
FINISH_ZONE_M = 200.0
FINISH_APPROACH_M = 1500.0  # nobody is found for the first time so near the finish
BEST_ACCURACY_M = 3.0
MOVING_MPS = 3.0
SLOW_MPS = 1.5
LYING_UP_TO_S = 90.0
GAP_S = 60.0
FASTER_IN_GAP = 0.45
BACKWARDS_M = 200.0
FOUND = 9.0  # nats: for the first time in the middle of the leg
HALTED_FOR_S = 300.0  # a car that stands out there for so long is halting, not waiting for its start
DOUBTFUL = 4.0  # nats: where every place costs more, the fix may be an outlier or the course left


class Place(NamedTuple):
    """A candidate with what position and bearing cost there, driving the course forwards and backwards."""

    along_m: float
    offset_m: float
    ahead: float
    back: float


class Extension:
    """All that follows from one fix. `extend` each hypothesis; what it may have become collects in `out`."""

    def __init__(
        self, rules: LegRules, starts_ms: tuple[int | None, ...], fix: Fix, index: int, motion: Motion
    ) -> None:
        self.out: list[Node] = []
        self._rules = rules
        self._starts_ms = starts_ms
        self._participant = starts_ms[0] is not None
        self._fix = fix
        self._index = index
        self._motion = motion
        accuracy_m = fix.accuracy_m if fix.accuracy_m == fix.accuracy_m else DEFAULT_ACCURACY_M
        self._accuracy_m = max(accuracy_m, BEST_ACCURACY_M)
        self._scale = metres_per_degree(fix.lat)
        self._found: dict[int, list[Place]] = {}

    def extend(self, node: Node) -> None:
        """Everything that a hypothesis may have become by this fix."""
        if node.mode == ON:
            self._drive(node)
        elif node.mode == OFF:
            self._rejoin(node)
        elif node.mode == WAITING:
            self._start(node)
        else:  # a car that has finished may go where it likes; driving on is a little less likely
            speed_mps = self._motion.speed_mps
            cost = 1.5 if speed_mps >= MOVING_MPS else 0.5 if speed_mps >= SLOW_MPS else 0.0
            self.out.append(self._stay(node, FINISHED, cost * self._motion.news))

    def _places(self, leg: int) -> list[Place]:
        places = self._found.get(leg)
        if places is None:
            candidates = self._rules.indexes[leg].candidates(self._fix.lat, self._fix.lon, self._scale)
            places = self._found[leg] = [self._place(candidate) for candidate in candidates]
        return places

    def _place(self, candidate: Candidate) -> Place:
        motion = self._motion
        weight = motion.news * (ALIKE_MOVING if motion.speed_mps >= SLOW_MPS else ALIKE_STANDING)
        position = weight * (ON_COURSE + position_cost(candidate.offset_m, self._accuracy_m))
        if motion.trust == 0.0:
            return Place(candidate.along_m, candidate.offset_m, position, position)
        trust = motion.trust * motion.news
        turn = trust * (motion.east * candidate.east + motion.north * candidate.north)
        position += trust
        return Place(candidate.along_m, candidate.offset_m, position - turn, position + turn)

    # On the course

    def _drive(self, node: Node) -> None:
        """Along the course to every place within reach, forwards and backwards, or away from it."""
        motion = self._motion
        dt_s = (self._fix.time_ms - node.time_ms) / 1000.0
        speed_mps = 0.5 * (node.speed_mps + motion.speed_mps)
        step_m = speed_mps * dt_s
        variance_m2 = step_variance(dt_s, speed_mps, motion.reported)
        reach_m = FASTEST_MPS * dt_s + 3.0 * self._accuracy_m + 100.0
        may_turn = motion.speed_mps >= SLOW_MPS or speed_mps >= MOVING_MPS
        cheapest = math.inf
        places = self._places(node.leg)
        for place in places:
            if not -reach_m <= place.along_m - node.along_m <= reach_m:
                continue
            cheapest = min(cheapest, self._step(node, place, node.way, dt_s, step_m * node.way, variance_m2))
            if may_turn:
                turning_m2 = variance_m2 + 0.25 * step_m * step_m
                cheapest = min(cheapest, self._step(node, place, -node.way, dt_s, 0.0, turning_m2))
        if cheapest > DOUBTFUL:
            self._doubt(node, places)
        if (
            self._participant
            and motion.speed_mps < SLOW_MPS
            and node.along_m > self._rules.lengths_m[node.leg] - FINISH_ZONE_M
        ):
            self.out.append(self._stay(node, FINISHED, 1.0))  # parked just short of the line

    def _step(self, node: Node, place: Place, way: int, dt_s: float, expected_m: float, step_m2: float) -> float:
        """One step along the course to a place. Returns its cost; the new place is the filter's (Kalman 1960)."""
        motion = self._motion
        difference_m = place.along_m - node.along_m
        surprise_m = difference_m - expected_m
        if dt_s > GAP_S and surprise_m * way > 0.0:
            step_m2 *= FASTER_IN_GAP  # in a silence one may have stopped, but hardly flown
        predicted_m2 = node.variance_m2 + step_m2
        measured_m2 = _variance(self._accuracy_m, place.offset_m)
        total_m2 = predicted_m2 + measured_m2
        cost = step_cost(surprise_m, total_m2)
        if cost > LYING_SPEED and way == node.way and dt_s < LYING_UP_TO_S:
            cost = min(cost, lying_speed_cost(difference_m * way, motion.moved_m, total_m2))
        if motion.speed_mps < SLOW_MPS and cost < 4.5:
            cost *= ALIKE_STANDING  # hours of standing say no more than minutes
        if difference_m * way < -BACKWARDS_M:
            cost += TURN_BACK  # nobody gets there without turning twice
        if way != node.way:
            cost += TURN_BACK if way < 0 else TURN_FORTH
        cost += place.ahead if way > 0 else place.back
        gain = predicted_m2 / total_m2
        left_m2 = (1.0 - gain) * predicted_m2
        if surprise_m * surprise_m > 9.0 * total_m2:
            gain, left_m2 = 1.0, measured_m2
        length_m = self._rules.lengths_m[node.leg]
        along_m = min(max(node.along_m + expected_m + gain * surprise_m, 0.0), length_m)
        finished = self._participant and along_m >= length_m - FINISH_GATE_M
        self.out.append(
            Node(
                node,
                self._index,
                self._fix.time_ms,
                node.cost + cost,
                FINISHED if finished else ON,
                node.leg,
                way,
                along_m,
                max(left_m2, 1.0),
                motion.speed_mps,
                place.offset_m,
                expected_m,
                step_m2,
                speed_told=motion.reported,
            )
        )
        return cost

    def _doubt(self, node: Node, places: list[Place]) -> None:
        """No place fits: the fix is an outlier, or the course has been left."""
        self.out.append(
            Node(
                node,
                self._index,
                node.time_ms,
                node.cost + OUTLIER,
                ON,
                node.leg,
                node.way,
                node.along_m,
                node.variance_m2,
                node.speed_mps,
                node.offset_m,
                used=False,
            )
        )
        nearest_m = _nearest_m(places)
        off = self._stay(node, OFF, LEAVE + off_cost(nearest_m) * self._motion.news)
        off.way = 1
        off.offset_m = nearest_m
        off.left_ms = self._fix.time_ms
        self.out.append(off)

    # Elsewhere

    def _stay(self, node: Node, mode: int, cost: float) -> Node:
        """The same place on the course, or none, one fix later."""
        return Node(
            node,
            self._index,
            self._fix.time_ms,
            node.cost + cost,
            mode,
            node.leg,
            node.way,
            node.along_m,
            node.variance_m2,
            self._motion.speed_mps,
            node.offset_m,
            left_ms=node.left_ms,
        )

    def _join(self, node: Node, place: Place, way: int, cost: float) -> None:
        """On the course at a place, with nothing known from before but the cost."""
        finished = self._participant and place.along_m >= self._rules.lengths_m[node.leg] - FINISH_GATE_M
        self.out.append(
            Node(
                node,
                self._index,
                self._fix.time_ms,
                node.cost + cost + (place.ahead if way > 0 else place.back),
                FINISHED if finished else ON,
                node.leg,
                way,
                place.along_m,
                _variance(self._accuracy_m, place.offset_m),
                self._motion.speed_mps,
                place.offset_m,
                speed_told=self._motion.reported,
            )
        )

    def _rejoin(self, node: Node) -> None:
        """Still off the course, or back on it at any place within reach."""
        places = self._places(node.leg)
        nearest_m = _nearest_m(places)
        off = self._stay(node, OFF, off_cost(nearest_m) * self._motion.news)
        off.offset_m = nearest_m
        self.out.append(off)
        away_m = FASTEST_MPS * (self._fix.time_ms - node.left_ms) / 1000.0 + 500.0
        straight_m = self._straight_m(node) if places and node.along_m != UNKNOWN_M else 0.0
        for place in places:
            if place.offset_m > JOIN_WITHIN_M:
                continue
            if node.along_m == UNKNOWN_M:
                join = 3.0 if self._rules.reachable(node.leg, place.along_m, self._fix.time_ms) else 10.0
            else:
                skipped_m = place.along_m - node.along_m
                if abs(skipped_m) > away_m:
                    continue
                join = skip_cost(skipped_m, straight_m)
            self._join(node, place, 1, join)
            if self._motion.speed_mps >= MOVING_MPS:
                self._join(node, place, -1, join + TURN_BACK)

    def _straight_m(self, node: Node) -> float:
        """As the crow flies from where the course was left."""
        lat, lon = self._rules.indexes[node.leg].point_at(node.along_m)
        east_m, north_m = self._scale
        return math.hypot((self._fix.lon - lon) * east_m, (self._fix.lat - lat) * north_m)

    def _start(self, node: Node) -> None:
        """Still waiting, or under way: from the start as a rule, else found somewhere for the first time."""
        time_ms, speed_mps = self._fix.time_ms, self._motion.speed_mps
        since_s = (time_ms - node.time_ms) / 1000.0
        waits = (0.0 if speed_mps < 1.0 else 0.7 if speed_mps < 4.0 else 3.0) * self._motion.news
        places = [
            place
            for place in self._places(node.leg)
            if place.offset_m <= JOIN_WITHIN_M and self._rules.reachable(node.leg, place.along_m, time_ms)
        ]
        early_s = ((self._starts_ms[node.leg] or 0) - time_ms) / 1000.0
        early = 0.0 if early_s < 90.0 else 3.0 if early_s < 900.0 else 6.0
        from_start_m = START_ZONE_M + FASTEST_MPS * since_s
        at_start = node.used and any(place.along_m <= from_start_m for place in places)  # and heard before
        for place in places:
            if place.along_m <= from_start_m:
                self._join(node, place, 1, 1.5 + early)
            elif at_start or place.along_m > self._rules.lengths_m[node.leg] - FINISH_APPROACH_M:
                continue  # one more lap, or a finish, has to be driven
            elif speed_mps >= MOVING_MPS:
                self._join(node, place, 1, FOUND)
            elif self._rules.halts_at(node.leg, place.along_m, self._fix, self._starts_ms[node.leg]):
                self._join(node, place, 1, FOUND)
                waits = max(waits, min(FOUND * since_s / HALTED_FOR_S, 3.0))
        self.out.append(self._stay(node, WAITING, waits))


def _nearest_m(places: list[Place]) -> float:
    """Distance to the course; NaN where it is out of sight."""
    return min((place.offset_m for place in places), default=math.nan)


def _variance(accuracy_m: float, offset_m: float) -> float:
    """Variance (m2) of a place along the course. A fix far beside the line is as likely to be far along it."""
    return 4.0 * accuracy_m * accuracy_m + 0.5 * offset_m * offset_m + 9.0
