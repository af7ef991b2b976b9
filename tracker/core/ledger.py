"""What is booked once the path is settled: passages, odometer, and the place at every fix. Pure.

The matcher's tree settles a few fixes behind the newest one. The ledger books the settled path node by node; a copy of
it books the rest provisionally for what is shown live.
"""

from __future__ import annotations

from tracker.core.evidence import DEFAULT_ACCURACY_M
from tracker.core.fixes import Fix
from tracker.core.halt import Anchor, hold
from tracker.core.hypothesis import FINISHED, OFF, ON, UNKNOWN_M, WAITING, Node
from tracker.core.legs import LegRules, could_drive
from tracker.core.motion import distance_between_m
from tracker.core.odometer import GAP_MS, Odometer
from tracker.core.pace import PaceMarks
from tracker.core.passages import Passages
from tracker.core.turnings import back_m, left_m


class Ledger:
    """Booked so far for one vehicle. `book` the nodes of the path in order."""

    def __init__(self, rules: LegRules, vehicle: int, participant: bool) -> None:
        self._rules = rules
        self.passages = Passages(rules, vehicle, participant)
        self.odometer = Odometer()
        self.marks = PaceMarks()
        self.anchor: Anchor | None = None
        self.last: Node | None = None
        self._last_fix: Fix | None = None
        self.furthest_m = 0.0
        self._leg = -1

    def copy(self) -> Ledger:
        other = Ledger.__new__(Ledger)
        other._rules = self._rules
        other.passages = self.passages.copy()
        other.odometer = self.odometer.copy()
        other.marks = self.marks.copy()
        other.anchor = self.anchor
        other.last = self.last
        other._last_fix = self._last_fix
        other.furthest_m = self.furthest_m
        other._leg = self._leg
        return other

    def book(self, node: Node, fix: Fix, *, carried: bool = False) -> None:
        """One more node of the path and the fix it uses; `carried`: it came there on a trailer."""
        anchor = self.anchor = hold(self.anchor, fix, node.speed_mps, node.speed_told)
        last = self.last
        if node.leg != self._leg:
            self._leg = node.leg
            self.furthest_m = 0.0
            self.marks = PaceMarks(node.leg)
        before = self.odometer.copy() if carried else self.odometer
        self._measure(node, fix, anchor.standing)
        if carried:
            self.odometer.was_carried(before)
        if node.mode == ON and node.along_m > self.furthest_m:
            self.furthest_m = node.along_m
        elif node.mode == FINISHED:
            self.furthest_m = self._rules.lengths_m[node.leg]
        self.passages.push(node, fix, anchor)
        if node.mode in (ON, FINISHED):
            self._mark(node, last)
        self.last = node
        self._last_fix = fix

    def _measure(self, node: Node, fix: Fix, standing: bool) -> None:
        """Turn the odometer on by the way since the last node."""
        last, last_fix, odometer = self.last, self._last_fix, self.odometer
        if last is None or last_fix is None:
            odometer.join(node.along_m)
            return
        dt_ms = node.time_ms - last.time_ms
        if last.mode == ON and last.leg == node.leg and node.mode in (ON, FINISHED):
            if not standing:
                to_m = node.along_m if node.mode == ON else self._rules.lengths_m[node.leg]
                odometer.along(to_m, dt_ms)
            return
        if node.mode == ON and last.mode == WAITING and last.leg == node.leg and dt_ms > GAP_MS:
            odometer.join(0.0)
            odometer.along(node.along_m, dt_ms)
        elif (
            dt_ms > GAP_MS
            and last.leg == node.leg
            and {last.mode, node.mode} == {ON, OFF}
            and last.along_m != UNKNOWN_M
        ):
            self._turn(node, fix, last, last_fix)
        elif not standing:
            noise_m = fix.accuracy_m if fix.accuracy_m == fix.accuracy_m else DEFAULT_ACCURACY_M
            moved_m = distance_between_m(last_fix, fix)
            odometer.beside(moved_m, _driving(node), _driving(last), dt_ms, 2.0 * noise_m)
        if node.mode == ON:
            odometer.join(node.along_m)

    def _turn(self, node: Node, fix: Fix, last: Node, last_fix: Fix) -> None:
        """A silence between the course and a place beside it: along the course as far as can be, then straight."""
        dt_ms = node.time_ms - last.time_ms
        rules, odometer = self._rules, self.odometer
        if node.mode == ON:
            turning_m, other = back_m(rules, last, last_fix, node), last_fix
            odometer.join(turning_m)
            odometer.along(node.along_m, dt_ms)
        else:
            turning_m, other = left_m(rules, last, node, fix), fix
            odometer.along(turning_m, dt_ms)
        lat, lon = rules.indexes[node.leg].point_at(turning_m)
        odometer.fill(distance_between_m(other._replace(lat=lat, lon=lon), other))

    def _mark(self, node: Node, last: Node | None) -> None:
        """Keep the time at the marks that were driven over since the last node.

        A phone that was switched on somewhere on the leg was not at the start a moment ago, whatever the first guess
        was: what nobody can have driven says nothing about the field's pace.
        """
        from_m, from_ms = node.along_m, node.time_ms
        if (
            last is not None
            and last.leg == node.leg
            and last.mode in (ON, WAITING)
            and last.along_m < node.along_m
            and could_drive(node.along_m - last.along_m, node.time_ms - last.time_ms)
        ):
            from_m, from_ms = last.along_m, last.time_ms
        self.marks.driven(from_m, from_ms, node.along_m, node.time_ms, self.passages.halts.halted_ms)


def _driving(node: Node) -> float:
    return node.speed_mps if node.speed_mps >= 0.8 else 0.0


def _turned(last: Node, node: Node) -> bool:
    """Whether the course was left or taken up again between two nodes."""
    return last.leg == node.leg and {last.mode, node.mode} == {ON, OFF} and last.along_m != UNKNOWN_M
