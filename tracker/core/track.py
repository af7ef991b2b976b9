"""The fold of one vehicle: its sorted fixes, the matcher's state after each, and saved steps to go back to. Pure.

Inserting a fix only marks from where to fold again; `step` does one fix's work. The state after all of them is a
function of the set of fixes, whatever the order they came in.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from tracker.core.belief import Belief, believe
from tracker.core.fixes import FixColumns
from tracker.core.halt import Anchor, hold
from tracker.core.hypothesis import FINISHED, ON, Node, common_ancestor, path_between
from tracker.core.ledger import Ledger
from tracker.core.legs import LegRules
from tracker.core.matcher import Matcher
from tracker.core.model import Status
from tracker.core.pace import PaceMarks
from tracker.core.shown import Shown, place_at_m, status_at

SAVE_EVERY = 32
KEPT_STEPS = 32  # the newest saved steps; of older ones every 16th is enough, and of what lies between them nothing
SPARSE_EVERY = 16 * SAVE_EVERY
LOOK_BACK = 64  # fixes before the settled one that the books or a view may still look at
RESTART_STEPS = 16  # saved steps that outlive a restart; a fix that is later than all of them folds the vehicle anew
LONGEST_TAIL = 96  # fixes that may stay unsettled; then the best path is taken
Rides = tuple[tuple[int, int], ...]  # on a trailer, from one time until before another
NOT_USED = 9  # mode of a fix that the path does not use


class _Saved:
    """Everything that a fold needs to go on after fix number `done`."""

    __slots__ = ("anchor", "belief", "done", "furthest", "ledger", "live", "settled")

    def __init__(
        self,
        done: int,
        live: list[Node],
        settled: Node | None,
        belief: Belief,
        ledger: Ledger,
        anchor: Anchor | None,
        furthest: tuple[int, float],
    ) -> None:
        self.done = done
        self.live = live
        self.settled = settled
        self.belief = belief
        self.ledger = ledger
        self.anchor = anchor
        self.furthest = furthest


class VehicleTrack:
    """One vehicle's fixes and everything derived from them."""

    def __init__(self, rules: LegRules, vehicle: int, starts_ms: tuple[int | None, ...]) -> None:
        self._matcher = Matcher(rules, starts_ms)
        self._rules = rules
        self.fixes = FixColumns()
        self.live: list[Node] = []
        self.anchor: Anchor | None = None
        self.furthest: tuple[int, float] = (-1, 0.0)  # leg and place
        self._belief = Belief()
        self._settled: Node | None = None
        self._ledger = Ledger(rules, vehicle, starts_ms[0] is not None)
        self._provisional: Ledger | None = None  # the books with the unsettled rest, until the next step
        self.rides: Rides = ()
        self.done = 0  # fixes folded
        self._saves = [self._save()]
        # the settled track, one entry per fix: mode, leg, place in mm
        self._modes = array("b")
        self._legs = array("b")
        self._along_mm = array("q")
        # and beside it what was shown of the vehicle at that fix: status, place in m (-1 = off the course)
        self._statuses = array("b")
        self._shown_m = array("i")
        self._unread = 0  # the first fix that may have changed since `take_changed`

    @property
    def owed(self) -> int:
        """Fixes that wait to be folded."""
        return len(self.fixes) - self.done

    def inserted(self, index: int) -> None:
        """A fix was put in or taken out at an index: fold again from the last saved step before it."""
        if index >= self.done:
            return
        self._provisional = None
        keep = bisect_right(self._saves, index, key=lambda s: s.done) - 1
        del self._saves[keep + 1 :]
        saved = self._saves[keep]
        self.done = saved.done
        self.live = list(saved.live)
        self._settled = saved.settled
        self._belief = saved.belief
        self._ledger = saved.ledger.copy()
        self.anchor = saved.anchor
        self.furthest = saved.furthest
        settled = saved.settled  # a node that uses no fix has not been noted, but one of the same fix after it may be
        settled_to = 0 if settled is None else settled.index + int(settled.used)
        for column in (self._modes, self._legs, self._along_mm, self._statuses, self._shown_m):
            del column[settled_to:]
        self._unread = min(self._unread, settled_to)

    def replace(self, fixes: FixColumns) -> None:
        """Other fixes altogether (a device's clock was found wrong): fold from the beginning."""
        self.fixes = fixes
        self.done = max(self.done, 1)
        self.inserted(0)

    def is_due(self, starts_ms: tuple[int | None, ...], from_ms: int | None = None) -> None:
        """It starts at these times, as was decided; fold again from where that makes a difference."""
        self._matcher.starts_ms = starts_ms
        if from_ms is not None:
            self.inserted(bisect_left(self.fixes.times_ms, from_ms))

    def rode(self, rides: Rides) -> None:
        """It was on a trailer at these times and at no other: fold again from where that is news."""
        changed = sorted(set(self.rides) ^ set(rides))
        self.rides = rides
        if changed:
            self.inserted(bisect_left(self.fixes.times_ms, changed[0][0]))

    def step(self) -> None:
        """Fold one fix."""
        index = self.done
        self._provisional = None
        self._unread = min(self._unread, 0 if self._settled is None else self._settled.index + 1)
        fix = self.fixes[index]
        self._belief, motion = believe(self._belief, fix)
        if motion is not None:
            if self.live:
                self.live = self._matcher.advance(self.live, fix, index, motion)
            else:
                self.live = self._matcher.advance(self._matcher.first(fix, index), fix, index, motion)
            best = self.live[0]
            if best.used:
                self.anchor = hold(self.anchor, fix, motion.speed_mps, motion.reported)
                self._reach(best)
        self.done = index + 1
        if self.live:
            self._settle(index)
        if self.done % SAVE_EVERY == 0:
            self._saves.append(self._save())
            self._thin()

    def _thin(self) -> None:
        """Let go of saved steps of long ago, and of the nodes that no remaining one needs."""
        if len(self._saves) <= KEPT_STEPS + 1:
            return
        if self._saves[-KEPT_STEPS - 1].done % SPARSE_EVERY:
            del self._saves[-KEPT_STEPS - 1]
        before, oldest = self._saves[-KEPT_STEPS - 1], self._saves[-KEPT_STEPS]
        node = oldest.settled
        for _ in range(LOOK_BACK):
            if node is None or node.index <= before.done:
                return  # the step before needs these nodes too
            node = node.parent
        if node is not None:
            node.parent = None

    def _reach(self, best: Node) -> None:
        leg, furthest_m = self.furthest
        along_m = best.along_m if best.mode == ON else self._rules.lengths_m[best.leg] if best.mode == FINISHED else 0.0
        if best.leg != leg:
            self.furthest = (best.leg, max(along_m, 0.0))
        elif along_m > furthest_m:
            self.furthest = (leg, along_m)

    def _settle(self, index: int) -> None:
        """Book the part of the path that all hypotheses share."""
        ancestor = common_ancestor(self.live, self._settled)
        if index - (self._settled.index if self._settled is not None else -1) > LONGEST_TAIL:
            path = path_between(self._settled, self.live[0])
            if path and index - path[0].index > LONGEST_TAIL:  # not where the fixes since were not believed
                ancestor = path[len(path) // 2]
                self.live = [n for n in self.live if _descends(n, ancestor)]
        if ancestor is None or ancestor is self._settled:
            return
        for node in path_between(self._settled, ancestor):
            self._book(self._ledger, node)
            self._note(node)
        self._settled = ancestor

    def _book(self, ledger: Ledger, node: Node) -> None:
        if node.used:
            carried = any(from_ms <= node.time_ms < to_ms for from_ms, to_ms in self.rides)
            ledger.book(node, self.fixes[node.index], carried=carried)

    def _note(self, node: Node) -> None:
        """Write the settled track up to a node's fix."""
        if not node.used:
            return
        modes = self._modes
        while len(modes) < node.index:
            modes.append(NOT_USED)
            self._legs.append(-1)
            self._along_mm.append(-1)
            self._statuses.append(NOT_USED)
            self._shown_m.append(-1)
        place = node.mode in (ON, FINISHED)
        modes.append(node.mode)
        self._legs.append(node.leg)
        self._along_mm.append(round(node.along_m * 1000.0) if place else -1)
        status = status_at(node, self._ledger.anchor)
        self._statuses.append(status)
        self._shown_m.append(place_at_m(node, status, self._rules.lengths_m))

    def _save(self) -> _Saved:
        return _Saved(
            self.done, list(self.live), self._settled, self._belief, self._ledger.copy(), self.anchor, self.furthest
        )

    def state(self) -> tuple[int, dict[str, object]]:
        """What a restart needs, and from which fix on it needs the parents of nodes."""
        first, *steps = self._saves
        state = {name: value for name, value in vars(self).items() if name not in ("_matcher", "_rules")}
        state["_saves"] = [first, *steps[-RESTART_STEPS:]]
        settled = [step.settled for step in steps[-RESTART_STEPS:]] or [self._settled]
        return min(0 if node is None else node.index for node in settled), state

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a `state` of the same vehicle."""
        vars(self).update(state)

    def ledger(self) -> Ledger:
        """The books as they stand, with the unsettled rest of the best path booked provisionally."""
        if not self.live or self.live[0] is self._settled:
            return self._ledger
        if self._provisional is None:
            ledger = self._provisional = self._ledger.copy()
            for node in path_between(self._settled, self.live[0]):
                self._book(ledger, node)
        return self._provisional

    @property
    def settled_marks(self) -> PaceMarks:
        """The vehicle's pace as far as it is settled."""
        return self._ledger.marks

    def take_changed(self) -> int:
        """The time (ms) from which on anything may have changed since the last call; past the newest fix if nothing."""
        unread, self._unread = self._unread, self.done
        times_ms = self.fixes.times_ms
        return times_ms[unread] if unread < len(times_ms) else (times_ms[-1] + 1 if times_ms else 0)

    def shown(self, first: int, end: int) -> Iterator[Shown]:
        """What is shown of the vehicle at the used ones of fixes `first` to `end`, the end left out; in their order."""
        settled = len(self._modes)
        for index in range(first, min(end, settled)):
            if self._statuses[index] != NOT_USED:
                time_ms, lat_e7, lon_e7 = self.fixes.integers(index)
                yield Shown(
                    time_ms, lat_e7, lon_e7, self._legs[index], self._shown_m[index], Status(self._statuses[index])
                )
        if end <= settled or not self.live:
            return
        anchor = self._ledger.anchor
        for node in path_between(self._settled, self.live[0]):
            if not node.used:
                continue
            anchor = hold(anchor, self.fixes[node.index], node.speed_mps, node.speed_told)
            if first <= node.index < end:
                status = status_at(node, anchor)
                place_m = place_at_m(node, status, self._rules.lengths_m)
                yield Shown(*self.fixes.integers(node.index), node.leg, place_m, status)

    def track(self) -> list[tuple[int, int, int, int, int, int]]:
        """Time (ms), lat and lon (1e-7 degrees), mode, leg and place (mm; -1 = none) of every fix folded."""
        tail = {} if not self.live else {n.index: n for n in path_between(self._settled, self.live[0]) if n.used}
        out = []
        for index in range(self.done):
            time_ms, lat_e7, lon_e7 = self.fixes.integers(index)
            if index < len(self._modes):
                out.append((time_ms, lat_e7, lon_e7, self._modes[index], self._legs[index], self._along_mm[index]))
                continue
            node = tail.get(index)
            if node is None:
                out.append((time_ms, lat_e7, lon_e7, NOT_USED, -1, -1))
            else:
                place = node.mode in (ON, FINISHED)
                out.append(
                    (time_ms, lat_e7, lon_e7, node.mode, node.leg, round(node.along_m * 1000.0) if place else -1)
                )
        return out


def _descends(node: Node, ancestor: Node) -> bool:
    walk: Node | None = node
    while walk is not None and walk.index >= ancestor.index:
        if walk is ancestor:
            return True
        walk = walk.parent
    return False
