"""Arrivals at halts and departures from them, where a vehicle stands at one or beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracker.core.fixes import Fix
from tracker.core.halt import Anchor
from tracker.core.hypothesis import FINISHED, ON, WAITING, Node
from tracker.core.legs import LegRules
from tracker.core.model import CheckpointKind, Passage

NEAR_M = 80.0  # standing so near a halt is having arrived
ZONE_M = 400.0
ALONG_M = 1000.0
SLOW_MPS = 1.5
LONG_MS = 40_000  # a departure within a longer silence is reckoned back
UNSURE_MS = 1_000


class Halts:
    """Where one vehicle stands, and for how long it has stood at halts on this leg."""

    def __init__(self, rules: LegRules, vehicle: int) -> None:
        self._rules = rules
        self._vehicle = vehicle
        self._stood: Anchor | None = None
        self._stood_m = 0.0  # the place along the course where it stood
        self._before_ms = 0  # the last fix before it came to where it stands
        self.halted_ms = 0  # time spent at halts on this leg
        self.since_ms: int | None = None  # arrival at the halt where it stands now

    def copy(self) -> Halts:
        other = Halts(self._rules, self._vehicle)
        other._stood = self._stood
        other._stood_m = self._stood_m
        other._before_ms = self._before_ms
        other.halted_ms = self.halted_ms
        other.since_ms = self.since_ms
        return other

    def watch(
        self, done: Mapping[tuple[int, int], Passage], node: Node, last: Node | None, fix: Fix, anchor: Anchor
    ) -> Passage | None:
        """One more node of the path: the passage of a halt that it has arrived at or left, None for no news."""
        if last is None or last.leg != node.leg:
            self.halted_ms = 0
        if anchor.since_ms == node.time_ms:
            self._before_ms = node.time_ms if last is None else last.time_ms
        self.since_ms = None
        if anchor.standing:
            self._stood, self._stood_m = anchor, node.along_m
        stood = self._stood
        if stood is None or node.mode == FINISHED or (node.mode == WAITING and (node.leg, 0) not in done):
            return None
        k = self._halt_at(node.leg, stood)
        passage = None if k is None else done.get((node.leg, k))
        if not anchor.standing:
            self._stood = None
            return None if passage is None else self._departed(passage, node, stood, fix)
        if passage is not None:
            self.since_ms = passage.time_ms
        elif k is not None:
            away_m = abs(node.along_m - self._rules.legs[node.leg].checkpoints[k].along_m)
            if node.mode != ON or away_m < NEAR_M:
                came_ms = round(0.4 * self._before_ms + 0.6 * anchor.since_ms)
                earliest_ms, latest_ms = self._before_ms - UNSURE_MS, anchor.since_ms + UNSURE_MS
                return Passage(self._vehicle, node.leg, k, came_ms, earliest_ms, latest_ms)
        return None

    def _halt_at(self, leg: int, stood: Anchor) -> int | None:
        """The halt where it stood: near it on the ground and along the course, for the road may come by twice."""
        for k, checkpoint in enumerate(self._rules.legs[leg].checkpoints):
            if checkpoint.halt_s == 0 and checkpoint.kind is not CheckpointKind.HALT:
                continue
            if abs(self._stood_m - checkpoint.along_m) <= ALONG_M:
                lat, lon = self._rules.indexes[leg].point_at(checkpoint.along_m)
                if stood.distance_m(lat, lon) <= ZONE_M:
                    return k
        return None

    def _departed(self, passage: Passage, node: Node, stood: Anchor, fix: Fix) -> Passage:
        depart_ms = max(self._left_ms(node, stood, fix), passage.time_ms)
        self.halted_ms += depart_ms - (passage.depart_ms or passage.time_ms)
        return replace(passage, depart_ms=depart_ms)

    def _left_ms(self, node: Node, stood: Anchor, fix: Fix) -> int:
        """When it left where it stood; within a silence by how far it has come since, for standing may be silent."""
        if node.time_ms - stood.newest_ms <= LONG_MS or node.speed_mps <= SLOW_MPS:
            return stood.newest_ms
        pace_mps = max(node.speed_mps, self._rules.legs[node.leg].planned_average_mps)
        driven_m = stood.distance_m(fix.lat, fix.lon)
        if node.mode == ON:
            driven_m = max(driven_m, node.along_m - self._stood_m)
        return max(node.time_ms - round(1000.0 * driven_m / pace_mps), stood.newest_ms)
