"""The course matcher: an online multi-hypothesis filter on the one-dimensional course. Pure.

Each fix extends every hypothesis to every place it can have reached (`extension`); the unlikely are dropped. What each
piece of evidence costs is in `evidence`. Which leg a vehicle is on is part of the same question.
"""

from __future__ import annotations

import math

from tracker.core.course_index import metres_per_degree
from tracker.core.extension import Extension
from tracker.core.fixes import Fix
from tracker.core.hypothesis import FINISHED, OFF, UNKNOWN_M, WAITING, Node
from tracker.core.legs import LegRules
from tracker.core.motion import Motion

KEEP = 10  # hypotheses
KEEP_WITHIN = 13.0  # nats of the best
SAME_PLACE_M = 25.0
NEAR_START_M = 500.0
LATER_LEG = 3.0  # nats: a vehicle that is heard for the first time is on a later one of the open legs
NEXT_LEG = 8.0  # on to the next leg without having finished


class Matcher:
    """The filter for one vehicle. Holds no state of its own: nodes in, nodes out; only its starts may be moved."""

    def __init__(self, rules: LegRules, starts_ms: tuple[int | None, ...]) -> None:
        self._rules = rules
        self.starts_ms = starts_ms  # per leg when the vehicle is due to leave; None for support vehicles
        self._participant = starts_ms[0] is not None

    def first(self, fix: Fix, index: int) -> list[Node]:
        """The hypotheses at the vehicle's first fix, before any evidence."""
        legs = self._rules.legs_at(fix.time_ms)
        return [self._fresh(None, fix, index, leg, LATER_LEG * (leg - legs[0])) for leg in legs]

    def advance(self, nodes: list[Node], fix: Fix, index: int, motion: Motion) -> list[Node]:
        """The hypotheses after one more fix, cheapest first."""
        extension = Extension(self._rules, self.starts_ms, fix, index, motion)
        for node in self._move_on(nodes, fix, index):
            extension.extend(node)
        return _best(extension.out)

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
        if leg >= rules.last or fix.time_ms < rules.opens_ms[leg + 1]:
            return nodes
        while leg < rules.last and fix.time_ms >= rules.opens_ms[leg + 1]:
            closed = fix.time_ms >= rules.closes_ms[leg]
            best = nodes[0]
            nodes = [
                self._fresh(node, fix, index, leg + 1, node.cost)
                if node.leg <= leg and (closed or node.mode == FINISHED)
                else node
                for node in nodes
            ]
            if not closed:
                if all(node.leg <= leg for node in nodes) and self._near_start(leg + 1, fix):
                    nodes.append(self._fresh(best, fix, index, leg + 1, best.cost + NEXT_LEG))
                break
            leg += 1
        best_leg = min(nodes, key=_cost).leg
        return [node for node in nodes if node.leg >= best_leg]

    def _near_start(self, leg: int, fix: Fix) -> bool:
        lat, lon = self._rules.start_points[leg]
        east_m, north_m = metres_per_degree(fix.lat)
        return math.hypot((fix.lon - lon) * east_m, (fix.lat - lat) * north_m) < NEAR_START_M


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
