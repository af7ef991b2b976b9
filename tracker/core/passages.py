"""When a vehicle passed each checkpoint: read off the best path once a few later fixes have settled it. Pure.

Checkpoints that lie on a stretch the vehicle did not drive (a bypass) are not passed. A start is leaving for good, a
halt is arriving at it (a few metres short will do) with the departure beside it.
"""

from __future__ import annotations

import math

from tracker.core.fixes import Fix
from tracker.core.halt import Anchor
from tracker.core.halts import Halts
from tracker.core.hypothesis import FINISHED, OFF, ON, UNKNOWN_M, WAITING, Node
from tracker.core.legs import LegRules
from tracker.core.model import CheckpointKind, Passage
from tracker.core.smoothing import smoothed_m, speeds_mps, time_at_ms
from tracker.core.turnings import back_m, left_m, paces_mps

STOPPING = (CheckpointKind.HALT, CheckpointKind.TIME_CONTROL, CheckpointKind.FUEL)  # one stands there, near enough
SETTLE = 4  # fixes after a crossing that its time waits for
HALT_GATE_M = 20.0
HALT_NOISE_M = 25.0
LEFT_FOR_GOOD_M = 300.0
AT_START_M = 25.0
AT_START_NOISE_M = 40.0
LEAVES_SHARE = 0.4  # of the speed it has now: so slow it still was when it left
SLOW_MPS = 1.5
SMALL_SKIP_M = 400.0
GAP_MS = 20_000
FAST_MPS = 38.0
UNSURE_MS = 1_000
UNSURE_GAP_MS = 3_000
HEARD_FIRST_MS = 60_000


class Passages:
    """The passages of one vehicle so far. `push` the nodes of the best path; `flushed` settles the rest."""

    def __init__(self, rules: LegRules, vehicle: int, participant: bool) -> None:
        self._rules = rules
        self._vehicle = vehicle
        self._participant = participant
        self.done: dict[tuple[int, int], Passage] = {}
        self._run: list[Node] = []  # the newest nodes on the course without a break
        self._settled = 0  # how many nodes of the run have been looked at
        self._from_m = 0.0  # checkpoints of this run lie beyond this place
        self._last: Node | None = None
        self._last_fix: Fix | None = None
        self._departure: tuple[float, float, float] | None = None  # leaving the start: time, earliest, latest
        self.halts = Halts(rules, vehicle)

    def copy(self) -> Passages:
        """An independent copy, to go on from or to come back to."""
        other = Passages(self._rules, self._vehicle, self._participant)
        other.done = dict(self.done)
        other._run = list(self._run)
        other._settled = self._settled
        other._from_m = self._from_m
        other._last = self._last
        other._last_fix = self._last_fix
        other._departure = self._departure
        other.halts = self.halts.copy()
        return other

    def push(self, node: Node, fix: Fix, anchor: Anchor) -> None:
        """The next node of the best path."""
        last = self._last
        if node.mode == ON:
            if last is not None and last.mode == ON and last.leg == node.leg and self._run:
                self._run.append(node)
            else:
                self._begin_run(node, last)
            self._watch_start(node, last)
            while len(self._run) - self._settled > SETTLE:
                self._settle(self._settled)
                self._settled += 1
            if self._settled > 2 * SETTLE:
                drop = self._settled - SETTLE
                del self._run[:drop]
                self._settled -= drop
        else:
            if node.mode == FINISHED and last is not None and last.mode == ON:
                self._end_run()
                self._finish(node, last)
            else:
                self._end_run()
            if node.mode == WAITING:
                self._departure = None
            elif node.mode == OFF and last is not None and last.mode == ON and last.leg == node.leg and last.way > 0:
                self._went_off(last, node, fix)
        news = self.halts.watch(self.done, node, last, fix, anchor)
        if news is not None:
            self.done[news.leg, news.checkpoint] = news
        self._last = node
        self._last_fix = fix

    def flushed(self) -> list[Passage]:
        """All passages as they stand, the newest settled with what is there; in order of leg and checkpoint."""
        if self._run and self._settled < len(self._run):
            other = self.copy()
            other._end_run()
            return other.flushed()
        return [self.done[key] for key in sorted(self.done)]

    def passed(self, leg: int, checkpoint: int) -> bool:
        return (leg, checkpoint) in self.done

    # Runs

    def _begin_run(self, node: Node, last: Node | None) -> None:
        self._end_run()
        self._run = [node]
        self._settled = 0
        self._from_m = node.along_m
        if last is None:
            if node.along_m <= LEFT_FOR_GOOD_M:  # heard for the first time as it left
                self._from_m = -1.0
                left_ms = node.time_ms - 1000.0 * node.along_m / max(node.speed_mps, 1.0)
                self._departure = (left_ms, left_ms - HEARD_FIRST_MS, float(node.time_ms))
            return
        if last.mode == WAITING and last.leg == node.leg:
            since_s = (node.time_ms - last.time_ms) / 1000.0
            if node.along_m <= LEFT_FOR_GOOD_M + 55.0 * since_s:
                self._from_m = -1.0
                self._spread(node.leg, 0.0, node, last.time_ms)
        elif last.leg == node.leg and last.mode == OFF and last.along_m != UNKNOWN_M:
            if 0.0 <= last.along_m <= node.along_m <= last.along_m + SMALL_SKIP_M:
                self._from_m = last.along_m
            elif self._last_fix is not None and node.way > 0:
                self._came_back(last, self._last_fix, node)

    def _spread(self, leg: int, from_m: float, node: Node, from_ms: int) -> None:
        """Passages between the start and the first place on the course, when it was left in a gap."""
        dt_ms = node.time_ms - from_ms
        if dt_ms <= 2 * GAP_MS:
            return
        pace_mps = self._rules.legs[leg].planned_average_mps
        start_ms = max(node.time_ms - (node.along_m - from_m) / pace_mps * 1000.0, from_ms)
        share_ms = node.time_ms - start_ms
        for k, checkpoint in enumerate(self._rules.legs[leg].checkpoints):
            if k == 0 or checkpoint.along_m > node.along_m:
                continue
            f = checkpoint.along_m / max(node.along_m, 1.0)
            early_ms = from_ms + checkpoint.along_m / FAST_MPS * 1000.0
            late_ms = node.time_ms - (node.along_m - checkpoint.along_m) / FAST_MPS * 1000.0
            self._record(leg, k, start_ms + f * share_ms, early_ms, late_ms)

    def _came_back(self, last: Node, last_fix: Fix, node: Node) -> None:
        """Passages between the place where the course was taken up again and the first fix on it."""
        pace_mps = paces_mps(self._rules, node, last)[0]
        for k, along_m in self._between(node.leg, back_m(self._rules, last, last_fix, node), node.along_m):
            time_ms = node.time_ms - (node.along_m - along_m) / pace_mps * 1000.0
            latest_ms = node.time_ms - (node.along_m - along_m) / FAST_MPS * 1000.0
            self._record(node.leg, k, max(time_ms, last.time_ms), last.time_ms, latest_ms)

    def _went_off(self, last: Node, node: Node, fix: Fix) -> None:
        """Passages between the last fix on the course and the place where it was left."""
        pace_mps = paces_mps(self._rules, last, node)[0]
        for k, along_m in self._between(node.leg, last.along_m, left_m(self._rules, last, node, fix)):
            time_ms = last.time_ms + (along_m - last.along_m) / pace_mps * 1000.0
            earliest_ms = last.time_ms + (along_m - last.along_m) / FAST_MPS * 1000.0
            self._record(node.leg, k, min(time_ms, node.time_ms), earliest_ms, node.time_ms)

    def _between(self, leg: int, from_m: float, to_m: float) -> list[tuple[int, float]]:
        """The checkpoints on a stretch of the course, the finish apart: that has to be driven to."""
        checkpoints = self._rules.legs[leg].checkpoints
        return [
            (k, checkpoint.along_m)
            for k, checkpoint in enumerate(checkpoints[:-1])
            if k and from_m < checkpoint.along_m <= to_m
        ]

    def _end_run(self) -> None:
        while self._settled < len(self._run):
            self._settle(self._settled)
            self._settled += 1
        self._run = []
        self._settled = 0

    def _settle(self, i: int) -> None:
        """Look for checkpoints that node i of the run has reached."""
        run = self._run
        node = run[i]
        checkpoints = self._rules.legs[node.leg].checkpoints
        open_ = [
            k
            for k in range(1, len(checkpoints))
            if (node.leg, k) not in self.done
            and self._from_m < checkpoints[k].along_m <= node.along_m + 60.0
            and checkpoints[k].kind is not CheckpointKind.FINISH
        ]
        if not open_:
            self._from_m = min(self._from_m, node.along_m)
            return
        first = max(0, i - SETTLE)
        window = run[first : i + SETTLE + 1]
        places_m = smoothed_m(window)
        here = i - first
        for k in open_:
            checkpoint = checkpoints[k]
            if checkpoint.halt_s > 0 or checkpoint.kind in STOPPING:
                self._arrive(node.leg, k, window, places_m, here)
            elif places_m[here] >= checkpoint.along_m:
                self._cross(node.leg, k, checkpoint.along_m, window, places_m, here)
        self._from_m = min(self._from_m, places_m[here])

    def _crossing(
        self, place_m: float, window: list[Node], places_m: list[float], here: int
    ) -> tuple[float, float, float] | None:
        """Time, earliest and latest at a place that was reached by node `here` of the window."""
        for j in range(here, 0, -1):
            if places_m[j - 1] < place_m <= places_m[j]:
                break
        else:
            node = window[here]
            return float(node.time_ms), node.time_ms - UNSURE_MS, node.time_ms
        a, b = window[j - 1], window[j]
        a_mps, b_mps = speeds_mps(window, places_m)[j - 1 : j + 1]
        time_ms = time_at_ms(place_m, a, b, places_m[j - 1], places_m[j], a_mps, b_mps)
        if b.time_ms - a.time_ms <= GAP_MS:
            return time_ms, max(time_ms - UNSURE_MS, a.time_ms), min(time_ms + UNSURE_MS, b.time_ms)
        fast = max(FAST_MPS, 1.2 * max(a.speed_mps, b.speed_mps))
        early_ms = a.time_ms + (place_m - places_m[j - 1]) / fast * 1000.0 - UNSURE_GAP_MS
        late_ms = b.time_ms - (places_m[j] - place_m) / fast * 1000.0 + UNSURE_GAP_MS
        return time_ms, early_ms, late_ms

    def _cross(self, leg: int, k: int, place_m: float, window: list[Node], places_m: list[float], here: int) -> None:
        crossing = self._crossing(place_m, window, places_m, here)
        if crossing is not None:
            self._record(leg, k, *crossing)

    def _arrive(self, leg: int, k: int, window: list[Node], places_m: list[float], here: int) -> None:
        """Reached a halt: at the point, or where it stopped a little short of it."""
        place_m = self._rules.legs[leg].checkpoints[k].along_m
        if places_m[here] >= place_m:
            self._cross(leg, k, place_m, window, places_m, here)
        elif (
            places_m[here] >= place_m - HALT_GATE_M - min(math.sqrt(window[here].variance_m2), HALT_NOISE_M)
            and window[here].speed_mps < SLOW_MPS
            and (here + 1 == len(window) or window[here + 1].speed_mps < SLOW_MPS)
        ):
            node = window[here]
            before = window[here - 1] if here else node
            left_m = max(places_m[here] - places_m[here - 1], 0.0) if here else 0.0
            time_ms = float(node.time_ms)
            if before.speed_mps > SLOW_MPS:
                time_ms = min(before.time_ms + 2000.0 * left_m / before.speed_mps, time_ms)
            self._record(leg, k, time_ms, before.time_ms, node.time_ms)

    def _record(self, leg: int, k: int, time_ms: float, earliest_ms: float, latest_ms: float) -> None:
        if (leg, k) in self.done:
            return
        checkpoint = self._rules.legs[leg].checkpoints[k]
        if not self._participant and checkpoint.kind in (CheckpointKind.START, CheckpointKind.FINISH):
            return
        time = round(time_ms)
        self.done[leg, k] = Passage(
            self._vehicle, leg, k, time, min(round(earliest_ms), time), max(round(latest_ms), time)
        )

    # Start, halts, finish

    def _watch_start(self, node: Node, last: Node | None) -> None:
        """Keep the newest departure from the start, and book it once the vehicle has left for good."""
        if (node.leg, 0) in self.done or not self._participant:
            return
        if last is not None and self._leaves_start(node, last):
            if node.time_ms - last.time_ms <= 2 * GAP_MS:
                driven_ms = 2000.0 * node.along_m / max(node.speed_mps, 2.0)  # from standing still
            else:
                planned_mps = self._rules.legs[node.leg].planned_average_mps
                driven_ms = 1000.0 * node.along_m / max(node.speed_mps, planned_mps)
            latest_ms = node.time_ms - 1000.0 * node.along_m / FAST_MPS
            time_ms = min(max(node.time_ms - driven_ms, last.time_ms), latest_ms)
            self._departure = (time_ms, last.time_ms, max(latest_ms, last.time_ms))
        if self._departure is not None and node.along_m > LEFT_FOR_GOOD_M:
            self._record(node.leg, 0, *self._departure)

    def _leaves_start(self, node: Node, last: Node) -> bool:
        if last.mode == WAITING and last.leg == node.leg and self._from_m < 0.0:
            return True
        zone_m = AT_START_M + min(math.sqrt(last.variance_m2), AT_START_NOISE_M)
        return (
            last.along_m < zone_m
            and node.speed_mps > SLOW_MPS
            and last.speed_mps < max(SLOW_MPS, LEAVES_SHARE * node.speed_mps)
        )

    def _finish(self, node: Node, last: Node) -> None:
        k = len(self._rules.legs[node.leg].checkpoints) - 1
        left_m = max(self._rules.lengths_m[node.leg] - last.along_m, 0.0)
        dt_ms = node.time_ms - last.time_ms
        if node.speed_mps < 3.0:
            time_ms = last.time_ms + 2000.0 * left_m / max(last.speed_mps, 1.0)
        else:
            time_ms = last.time_ms + 2000.0 * left_m / max(last.speed_mps + node.speed_mps, 1.0)
        if dt_ms > 2 * GAP_MS:
            time_ms = last.time_ms + 1000.0 * left_m / self._rules.legs[node.leg].planned_average_mps
        time_ms = min(max(time_ms, last.time_ms), node.time_ms)
        for j in range(1, k):  # a checkpoint so near the finish that the last fix before it had not reached it
            before_m = self._rules.legs[node.leg].checkpoints[j].along_m - last.along_m
            if 0.0 < before_m <= left_m:
                passed_ms = last.time_ms + before_m / left_m * (time_ms - last.time_ms)
                self._record(node.leg, j, passed_ms, last.time_ms, node.time_ms)
        self._record(node.leg, k, time_ms, last.time_ms, node.time_ms)
