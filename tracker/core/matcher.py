"""The course matcher: an online multi-hypothesis filter on the one-dimensional course. Pure.

Each fix extends every hypothesis to every place it can have reached; the unlikely are dropped. Hypotheses are
(leg, place, way) on the course, plus waiting, off and finished; what each piece of evidence costs is in `evidence`.
"""

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

KEEP = 10  # hypotheses
KEEP_WITHIN = 13.0  # nats of the best
SAME_PLACE_M = 25.0
JOIN_WITHIN_M = 120.0
START_ZONE_M = 300.0
FINISH_GATE_M = 25.0
FINISH_ZONE_M = 200.0
FINISH_APPROACH_M = 1500.0  # nobody is found for the first time so near the finish
NEAR_START_M = 500.0
MOVING_MPS = 3.0
LATER_LEG = 3.0  # nats: a vehicle that is heard for the first time is on a later one of the open legs
LYING_UP_TO_S = 90.0
NEXT_LEG = 8.0  # on to the next leg without having finished


class Motion(NamedTuple):
    """How the vehicle moved up to a fix: reported, or else from the fix before."""

    speed_mps: float
    reported: bool
    east: float  # unit vector of the direction of motion; 0, 0 = not known
    north: float
    moved_m: float  # straight from the fix before
    trust: float  # of the direction, 0..1


class Matcher:
    """The filter for one vehicle. Holds no state of its own: nodes in, nodes out."""

    def __init__(self, rules: LegRules, starts_ms: tuple[int | None, ...]) -> None:
        self._rules = rules
        self._starts_ms = starts_ms  # per leg when the vehicle is due to leave; None for support vehicles
        self._participant = starts_ms[0] is not None

    def first(self, fix: Fix, index: int) -> list[Node]:
        """The hypotheses at the vehicle's first fix, before any evidence."""
        legs = self._rules.legs_at(fix.time_ms)
        return [self._fresh(None, fix, index, leg, LATER_LEG * (leg - legs[0])) for leg in legs]

    def advance(self, nodes: list[Node], fix: Fix, index: int, motion: Motion) -> list[Node]:
        """The hypotheses after one more fix, cheapest first."""
        nodes = self._move_on(nodes, fix, index)
        scale = metres_per_degree(fix.lat)
        accuracy_m = fix.accuracy_m if fix.accuracy_m == fix.accuracy_m else DEFAULT_ACCURACY_M
        if accuracy_m < 3.0:
            accuracy_m = 3.0
        found: dict[int, list[tuple[Candidate, float, float]]] = {}
        out: list[Node] = []
        for node in nodes:
            places = found.get(node.leg)
            if places is None:
                places = found[node.leg] = [
                    (c, *_place_costs(c, accuracy_m, motion))
                    for c in self._rules.indexes[node.leg].candidates(fix.lat, fix.lon, scale)
                ]
            mode = node.mode
            if mode == ON:
                self._from_on(out, node, fix, index, motion, places, accuracy_m)
            elif mode == OFF:
                self._from_off(out, node, fix, index, motion, places, accuracy_m)
            elif mode == WAITING:
                self._from_waiting(out, node, fix, index, motion, places, accuracy_m)
            else:
                out.append(self._stay(node, fix, index, motion, 1.5 if motion.speed_mps >= MOVING_MPS else 0.0))
        return _best(out)

    # Legs

    def _fresh(self, parent: Node | None, fix: Fix, index: int, leg: int, cost: float) -> Node:
        """A vehicle of which nothing is known on this leg yet."""
        time_ms = fix.time_ms if parent is None else parent.time_ms
        mode = WAITING if self._participant else OFF
        along_m = 0.0 if self._participant else UNKNOWN_M
        return Node(parent, index, time_ms, cost, mode, leg, 1, along_m, 0.0, 0.0, 0.0, used=False, left_ms=fix.time_ms)

    def _move_on(self, nodes: list[Node], fix: Fix, index: int) -> list[Node]:
        """Let vehicles go on to the next leg: after finishing, when theirs has closed, or (dear) at its start."""
        rules = self._rules
        leg = nodes[0].leg
        while leg < rules.last and fix.time_ms >= rules.opens_ms[leg + 1]:
            closed = fix.time_ms >= rules.closes_ms[leg]
            out: list[Node] = []
            for node in nodes:
                if node.leg > leg:
                    out.append(node)
                elif closed or node.mode == FINISHED:
                    out.append(self._fresh(node, fix, index, leg + 1, node.cost))
                else:
                    out.append(node)
            if not closed and nodes[0].mode != FINISHED and nodes[0].leg == leg:
                lat, lon = rules.start_points[leg + 1]
                east_m, north_m = metres_per_degree(fix.lat)
                if math.hypot((fix.lon - lon) * east_m, (fix.lat - lat) * north_m) < NEAR_START_M and not any(
                    n.leg > leg for n in nodes
                ):
                    out.append(self._fresh(nodes[0], fix, index, leg + 1, nodes[0].cost + NEXT_LEG))
            nodes = out
            if not closed:
                break
            leg += 1
        best_leg = min(nodes, key=lambda n: n.cost).leg
        return [n for n in nodes if n.leg >= best_leg]

    # One hypothesis, one fix

    def _stay(self, node: Node, fix: Fix, index: int, motion: Motion, cost: float) -> Node:
        """The same as before, one fix later (waiting, finished, off)."""
        return Node(
            node,
            index,
            fix.time_ms,
            node.cost + cost,
            node.mode,
            node.leg,
            node.way,
            node.along_m,
            node.variance_m2,
            motion.speed_mps,
            node.offset_m,
            left_ms=node.left_ms,
            driven_m=node.driven_m + motion.moved_m,
        )

    def _at(
        self,
        node: Node,
        fix: Fix,
        index: int,
        motion: Motion,
        place: Candidate,
        way: int,
        cost: float,
        accuracy_m: float,
    ) -> Node:
        """On the course at a place, with nothing known from before but the cost."""
        mode = ON
        along_m = place.along_m
        if self._participant and along_m >= self._rules.lengths_m[node.leg] - FINISH_GATE_M:
            mode = FINISHED
        return Node(
            node,
            index,
            fix.time_ms,
            cost,
            mode,
            node.leg,
            way,
            along_m,
            _variance(accuracy_m, place.offset_m),
            motion.speed_mps,
            place.offset_m,
        )

    def _from_on(
        self,
        out: list[Node],
        node: Node,
        fix: Fix,
        index: int,
        motion: Motion,
        places: list[tuple[Candidate, float, float]],
        accuracy_m: float,
    ) -> None:
        dt_s = (fix.time_ms - node.time_ms) / 1000.0
        speed_mps = 0.5 * (node.speed_mps + motion.speed_mps)
        step_m = speed_mps * dt_s
        variance_m2 = step_variance(dt_s, speed_mps, motion.reported)
        reach_m = FASTEST_MPS * dt_s + 3.0 * accuracy_m + 100.0
        length_m = self._rules.lengths_m[node.leg]
        cheapest = math.inf
        nearest_m = min((place.offset_m for place, _, _ in places), default=None)
        for place, ahead, back in places:
            difference_m = place.along_m - node.along_m
            if not -reach_m <= difference_m <= reach_m:
                continue
            measured_m2 = _variance(accuracy_m, place.offset_m)
            for way in (1, -1):
                if way == node.way:
                    expected_m = step_m * way
                    step_m2 = variance_m2
                    turn = 0.0
                elif motion.speed_mps < 1.5 and speed_mps < MOVING_MPS:
                    continue
                else:
                    expected_m = 0.0
                    step_m2 = variance_m2 + 0.25 * step_m * step_m
                    turn = TURN_BACK if way < 0 else TURN_FORTH
                predicted_m2 = node.variance_m2 + step_m2
                surprise_m = difference_m - expected_m
                total_m2 = predicted_m2 + measured_m2
                cost = step_cost(surprise_m, total_m2)
                if cost > LYING_SPEED and turn == 0.0 and dt_s < LYING_UP_TO_S:
                    cost = min(cost, lying_speed_cost(difference_m * way, motion.moved_m, total_m2))
                if motion.speed_mps < 1.5 and cost < 4.5:
                    cost *= ALIKE_STANDING  # hours of standing say no more than minutes
                cost += turn + (ahead if way > 0 else back)
                if cost < cheapest:
                    cheapest = cost
                gain = predicted_m2 / total_m2
                if surprise_m * surprise_m > 9.0 * total_m2:
                    gain = 1.0
                along_m = min(max(node.along_m + expected_m + gain * surprise_m, 0.0), length_m)
                mode = ON
                if self._participant and along_m >= length_m - FINISH_GATE_M:
                    mode = FINISHED
                out.append(
                    Node(
                        node,
                        index,
                        fix.time_ms,
                        node.cost + cost,
                        mode,
                        node.leg,
                        way,
                        along_m,
                        max((1.0 - gain) * predicted_m2, 1.0) if gain < 1.0 else measured_m2,
                        motion.speed_mps,
                        place.offset_m,
                        expected_m,
                        step_m2,
                    )
                )
        if cheapest > 4.0:
            out.append(self._unbelieved(node, index, OUTLIER))
            off = Node(
                node,
                index,
                fix.time_ms,
                node.cost + LEAVE + off_cost(nearest_m),
                OFF,
                node.leg,
                1,
                node.along_m,
                node.variance_m2,
                motion.speed_mps,
                nearest_m if nearest_m is not None else math.nan,
                left_ms=fix.time_ms,
                driven_m=motion.moved_m,
            )
            out.append(off)
        if self._participant and motion.speed_mps < 1.5 and node.along_m > length_m - FINISH_ZONE_M:
            finished = self._stay(node, fix, index, motion, 1.0)
            finished.mode = FINISHED
            out.append(finished)

    def _unbelieved(self, node: Node, index: int, cost: float) -> Node:
        return Node(
            node,
            index,
            node.time_ms,
            node.cost + cost,
            node.mode,
            node.leg,
            node.way,
            node.along_m,
            node.variance_m2,
            node.speed_mps,
            node.offset_m,
            used=False,
            left_ms=node.left_ms,
            driven_m=node.driven_m,
        )

    def _from_off(
        self,
        out: list[Node],
        node: Node,
        fix: Fix,
        index: int,
        motion: Motion,
        places: list[tuple[Candidate, float, float]],
        accuracy_m: float,
    ) -> None:
        nearest_m = min((c.offset_m for c, _, _ in places), default=None)
        off = self._stay(node, fix, index, motion, off_cost(nearest_m))
        off.offset_m = nearest_m if nearest_m is not None else math.nan
        out.append(off)
        away_s = (fix.time_ms - node.left_ms) / 1000.0
        straight_m = 0.0
        if places and node.along_m != UNKNOWN_M:
            lat, lon = self._rules.indexes[node.leg].point_at(node.along_m)
            east_m, north_m = metres_per_degree(fix.lat)
            straight_m = math.hypot((fix.lon - lon) * east_m, (fix.lat - lat) * north_m)
        for place, ahead, back in places:
            if place.offset_m > JOIN_WITHIN_M:
                continue
            if node.along_m == UNKNOWN_M:
                join = 3.0 if self._rules.reachable(node.leg, place.along_m, fix.time_ms) else 10.0
            else:
                skipped_m = place.along_m - node.along_m
                if abs(skipped_m) > FASTEST_MPS * away_s + 500.0:
                    continue
                join = skip_cost(skipped_m, straight_m)
            out.append(self._at(node, fix, index, motion, place, 1, node.cost + join + ahead, accuracy_m))
            if motion.speed_mps >= MOVING_MPS:
                cost = node.cost + join + TURN_BACK + back
                out.append(self._at(node, fix, index, motion, place, -1, cost, accuracy_m))

    def _from_waiting(
        self,
        out: list[Node],
        node: Node,
        fix: Fix,
        index: int,
        motion: Motion,
        places: list[tuple[Candidate, float, float]],
        accuracy_m: float,
    ) -> None:
        moving = motion.speed_mps
        length_m = self._rules.lengths_m[node.leg]
        out.append(self._stay(node, fix, index, motion, 0.0 if moving < 1.0 else 0.7 if moving < 4.0 else 3.0))
        due_ms = self._starts_ms[node.leg] or 0
        early_s = (due_ms - fix.time_ms) / 1000.0
        early = 0.0 if early_s < 90.0 else 3.0 if early_s < 900.0 else 6.0
        since_s = (fix.time_ms - node.time_ms) / 1000.0
        for place, ahead, _ in places:
            if place.offset_m > JOIN_WITHIN_M or not self._rules.reachable(node.leg, place.along_m, fix.time_ms):
                continue
            from_start = place.along_m <= START_ZONE_M + FASTEST_MPS * since_s
            if not from_start and (moving < MOVING_MPS or place.along_m > length_m - FINISH_APPROACH_M):
                continue  # a finish has to be driven to
            join = 1.5 + early if from_start else 9.0
            out.append(self._at(node, fix, index, motion, place, 1, node.cost + join + ahead, accuracy_m))


def _place_costs(place: Candidate, accuracy_m: float, motion: Motion) -> tuple[float, float]:
    """What position and bearing cost at a place, driving the course forwards and backwards."""
    weight = ALIKE_MOVING if motion.speed_mps >= 1.5 else ALIKE_STANDING
    position = weight * (ON_COURSE + position_cost(place.offset_m, accuracy_m))
    if motion.trust == 0.0:
        return position, position
    turn = motion.trust * (motion.east * place.east + motion.north * place.north)
    return position + motion.trust - turn, position + motion.trust + turn


def _variance(accuracy_m: float, offset_m: float) -> float:
    """Variance (m2) of a place along the course. A fix far beside the line is as likely to be far along it."""
    return 4.0 * accuracy_m * accuracy_m + 0.5 * offset_m * offset_m + 9.0


def _best(nodes: list[Node]) -> list[Node]:
    """The hypotheses worth keeping: the cheapest of those that say the same, near the best, and not too many."""
    if len(nodes) == 1:
        return nodes
    nodes.sort(key=_cost)
    limit = nodes[0].cost + KEEP_WITHIN
    kept: list[Node] = []
    for node in nodes:
        if node.cost > limit or len(kept) >= KEEP:
            break
        for other in kept:
            if (
                other.mode == node.mode
                and other.leg == node.leg
                and other.way == node.way
                and -SAME_PLACE_M < other.along_m - node.along_m < SAME_PLACE_M
                and other.used == node.used
            ):
                break
        else:
            kept.append(node)
    return kept


def _cost(node: Node) -> float:
    return node.cost
