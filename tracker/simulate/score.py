"""How right was it? Output lines of `tracker replay --live` against the truth of a simulated run.

Live lines are judged by the truth at their own `time_ms`; a device clock that is wrong
by less than ten seconds is left alone by the tracker and counts as error here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tracker.core.model import CheckpointKind
from tracker.core.units import METRES_PER_MILE
from tracker.simulate.drive import Drive, IncidentKind, Moment, Phase, TruePassage
from tracker.simulate.scenario import Truth

WRONG_BRANCH_M = 1000.0
OFF_COURSE_M = 150.0
OFF_COURSE_MS = 30_000
FLAG_MS = 60_000  # an episode is flagged so long after it began to count, at the latest
NEAR_MS = 15_000  # pings this close on both sides: no gap
MOVING_MPS = 3.0
CLOCK_MS = 10_000  # device clocks that are more wrong than this are corrected by the tracker
MILE_M = METRES_PER_MILE
EXAMPLES = 40
ENDS = (CheckpointKind.START, CheckpointKind.FINISH)


class PassageClass(StrEnum):
    MOVING = "moving"  # with pings close by on both sides and a sound clock
    WRONG_CLOCK = "wrong clock"  # the same with a device clock that is far off
    STANDING = "standing"  # start, halt, finish, and where the vehicle stood close by
    GAP = "gap"


@dataclass
class Score:
    """Everything measured, as lists, so that runs can be added up before percentiles are taken."""

    live_m: list[float] = field(default_factory=list)  # error along the course, running and on it
    live_clock_m: list[float] = field(default_factory=list)  # the same, of devices whose clock is far off
    live_lines: int = 0
    wrong_branch: int = 0
    uncertain: int = 0
    uncertain_held: int = 0  # the range held the truth
    passage_s: dict[PassageClass, list[float]] = field(default_factory=lambda: {kind: [] for kind in PassageClass})
    noise_s: list[float] = field(default_factory=list)  # what GPS noise alone does to moving passages
    depart_s: list[float] = field(default_factory=list)
    gap_held: int = 0
    missed: int = 0
    ghosts: int = 0
    odometer_pct: list[float] = field(default_factory=list)
    true_m: float = 0.0
    tracked_m: float = 0.0
    episodes: int = 0
    flagged: int = 0
    false_alarms: int = 0
    cost_us: list[float] = field(default_factory=list)  # filled by who times the replay
    examples: list[str] = field(default_factory=list)  # the first failures, in words

    def add(self, other: Score) -> None:
        """Take in another run."""
        for name in ("live_m", "live_clock_m", "depart_s", "noise_s", "odometer_pct", "cost_us", "examples"):
            getattr(self, name).extend(getattr(other, name))
        for kind, errors in other.passage_s.items():
            self.passage_s[kind].extend(errors)
        for name in (
            *("live_lines", "wrong_branch", "uncertain", "uncertain_held", "gap_held", "missed", "ghosts"),
            *("true_m", "tracked_m", "episodes", "flagged", "false_alarms"),
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def note(self, what: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(what)


def percentile(values: Iterable[float], percent: float) -> float | None:
    """The value that so many percent of the values do not exceed; None for no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * percent / 100.0), len(ordered) - 1)]


def score(truth: Truth, output: Iterable[Mapping[str, Any]]) -> Score:
    """Measure the output lines (as dicts) of one run."""
    result = Score()
    index = {truth.tour.vehicles[vehicle].number: vehicle for vehicle in truth.vehicles}
    live: dict[int, list[Mapping[str, Any]]] = {vehicle: [] for vehicle in truth.vehicles}
    passages: dict[tuple[int, int, int], Mapping[str, Any]] = {}
    totals: dict[int, float] = {}
    for line in output:
        vehicle = index.get(str(line.get("vehicle")))
        if vehicle is None:
            continue
        if line["type"] == "live":
            live[vehicle].append(line)
        elif line["type"] == "passage":
            passages[(vehicle, int(line["leg"]) - 1, int(line["checkpoint"]))] = line
        elif line["type"] == "total":
            totals[vehicle] = float(line["odometer_m"])
    for vehicle, lines in live.items():
        drives = truth.drives(vehicle)
        for line in lines:
            _score_live(result, truth, vehicle, line)
        taken_ms = [o.true_ms for o in truth.origins if o.vehicle == vehicle and not o.outlier]
        _score_off_course(result, truth, vehicle, drives, lines, taken_ms)
        taken = {o.true_ms: o.ahead_m for o in truth.origins if o.vehicle == vehicle and not o.outlier}
        _score_passages(result, truth, vehicle, drives, passages, taken)
        true_m = sum(drive.odometer_m for drive in drives)
        result.true_m += true_m
        result.tracked_m += totals.get(vehicle, 0.0)
        result.odometer_pct.append(100.0 * abs(totals.get(vehicle, 0.0) - true_m) / true_m)
    for vehicle, leg, checkpoint in passages:
        result.ghosts += 1
        result.note(f"ghost: {_who(truth, vehicle)} leg {leg + 1} checkpoint {checkpoint}")
    return result


def _who(truth: Truth, vehicle: int) -> str:
    return f"seed {truth.field.seed} {truth.tour.slug} vehicle {truth.tour.vehicles[vehicle].number}"


def _score_live(result: Score, truth: Truth, vehicle: int, line: Mapping[str, Any]) -> None:
    if line["time_ms"] is None or line["along_m"] is None or line["status"] == "off_course":
        return
    moment = truth.at(vehicle, line["time_ms"])
    if moment.along_m is None:
        return
    result.live_lines += 1
    if line["uncertain"]:
        result.uncertain += 1
        result.uncertain_held += line["along_min_m"] - 20.0 <= moment.along_m <= line["along_max_m"] + 20.0
        return
    said = int(line["leg"] or 0) - 1
    errors = [abs(line["along_m"] - along_m) for leg, along_m in _expected(truth, moment) if leg == said]
    error_m = min(errors, default=2.0 * WRONG_BRANCH_M)  # another leg altogether
    if error_m > WRONG_BRANCH_M:
        result.wrong_branch += 1
        result.note(
            f"wrong branch: {_who(truth, vehicle)} at {line['time_ms']}: leg {line['leg']} {line['along_m']:.0f} m, "
            f"truly leg {moment.leg + 1} {moment.along_m:.0f} m ({moment.phase})"
        )
    elif moment.phase is Phase.RUNNING and moment.on_course:  # 35 m beside a bend the nearest place may be 40 m on
        (result.live_clock_m if _wrong_clock(truth, vehicle) else result.live_m).append(error_m)
        if error_m > 300.0:
            result.note(f"live {error_m:.0f} m off: {_who(truth, vehicle)} at {line['time_ms']}")


def _expected(truth: Truth, moment: Moment) -> list[tuple[int, float]]:
    """(leg, along_m) that may be said; at night the finished leg's end and the next one's beginning are both right."""
    assert moment.along_m is not None
    legs = truth.tour.legs
    expected = [(moment.leg, moment.along_m)]
    if moment.phase is Phase.BEFORE and moment.leg > 0:
        expected.append((moment.leg - 1, legs[moment.leg - 1].length_m))
    if moment.phase is Phase.AFTER and moment.leg + 1 < len(legs):
        expected.append((moment.leg + 1, 0.0))
    return expected


def _score_off_course(
    result: Score,
    truth: Truth,
    vehicle: int,
    drives: Iterable[Drive],
    lines: list[Mapping[str, Any]],
    taken_ms: list[int],
) -> None:
    """Recall over the true episodes, and alarms that no episode explains."""
    in_order = _in_order(taken_ms)
    times = [line["time_ms"] for line in lines if line["status"] == "off_course"]
    episodes = [episode for drive in drives for episode in _episodes(truth, drive)]
    for from_ms, to_ms in episodes:
        until_ms = min(to_ms, from_ms + OFF_COURSE_MS + FLAG_MS)
        if bisect_right(in_order, until_ms) - bisect_left(in_order, from_ms) < 4:
            continue  # the tracker was told too little
        result.episodes += 1
        if any(from_ms <= time_ms <= until_ms + NEAR_MS for time_ms in times):
            result.flagged += 1
        else:
            result.note(f"off course not flagged: {_who(truth, vehicle)} from {from_ms} to {to_ms}")
    before = ""
    for line in lines:
        if line["status"] == "off_course" != before:
            time_ms = line["time_ms"]
            moment = truth.at(vehicle, time_ms)
            wrong = moment.phase is Phase.RUNNING and moment.along_m is not None
            if wrong and not any(from_ms <= time_ms <= to_ms + 2 * FLAG_MS for from_ms, to_ms in episodes):
                result.false_alarms += 1
                result.note(f"false off course: {_who(truth, vehicle)} at {time_ms}")
        before = line["status"]


def _in_order(times_ms: Iterable[int]) -> list[int]:
    """Times of the fixes that were the newest when they arrived: what a live view can know."""
    out: list[int] = []
    for time_ms in times_ms:
        if not out or time_ms > out[-1]:
            out.append(time_ms)
    return out


def _episodes(truth: Truth, drive: Drive) -> list[tuple[int, int]]:
    """Times from which to which the vehicle was truly more than 150 m off for at least 30 s."""
    around = truth.field.scene(drive.leg).around
    out: list[tuple[int, int]] = []
    for incident in drive.incidents:
        if incident.kind not in (IncidentKind.WRONG_TURN, IncidentKind.DETOUR):
            continue
        open_ms: int | None = None
        for time_ms in range(incident.from_ms, incident.to_ms + 2_000, 2_000):
            moment = drive.at(time_ms)
            off = moment.along_m is None and around.distance_m((moment.lat, moment.lon)) > OFF_COURSE_M
            if off and open_ms is None:
                open_ms = time_ms
            elif not off and open_ms is not None:
                if time_ms - open_ms >= OFF_COURSE_MS:
                    out.append((open_ms, time_ms))
                open_ms = None
    return out


def _score_passages(
    result: Score,
    truth: Truth,
    vehicle: int,
    drives: Iterable[Drive],
    passages: dict[tuple[int, int, int], Mapping[str, Any]],
    ahead_m: dict[int, float],
) -> None:
    """Judge the true passages; takes the judged ones out of `passages`, what is left there never happened."""
    taken = sorted(ahead_m)
    support = truth.tour.vehicles[vehicle].start_order is None
    for drive in drives:
        for true in drive.passages:
            if support and truth.tour.legs[drive.leg].checkpoints[true.checkpoint].kind in ENDS:
                continue  # a support car has no start or finish of its own
            line = passages.pop((vehicle, drive.leg, true.checkpoint), None)
            if line is None:
                if taken and taken[-1] > true.until_ms:
                    result.missed += 1
                    result.note(f"missed: {_who(truth, vehicle)} leg {drive.leg + 1} checkpoint {true.checkpoint}")
                continue
            kind = _class_of(truth, vehicle, drive, true, taken)
            error_s = _outside_s(line["time_ms"], true.time_ms, true.until_ms)
            result.passage_s[kind].append(error_s)
            if kind is PassageClass.MOVING:
                result.noise_s.append(_noise_s(drive, true, taken, ahead_m))
            if kind is PassageClass.GAP:
                held = line["earliest_ms"] <= true.until_ms and line["latest_ms"] >= true.time_ms
                result.gap_held += held
            limit_s = {PassageClass.MOVING: 3.0, PassageClass.WRONG_CLOCK: 3.0, PassageClass.STANDING: 30.0}.get(kind)
            if limit_s is not None and error_s > limit_s:
                result.note(
                    f"passage {error_s:.1f} s off ({kind}): {_who(truth, vehicle)} leg {drive.leg + 1} "
                    f"checkpoint {true.checkpoint}, truly {true.time_ms}, said {line['time_ms']}"
                )
            if true.depart_ms is not None and true.depart_until_ms is not None:
                said_ms = line.get("depart_ms")
                if said_ms is not None and _heard_around(taken, true.depart_ms, true.depart_until_ms):
                    result.depart_s.append(_outside_s(said_ms, true.depart_ms, true.depart_until_ms))


def _outside_s(said_ms: float, from_ms: float, to_ms: float) -> float:
    return max(from_ms - said_ms, said_ms - to_ms, 0.0) / 1000.0


def _noise_s(drive: Drive, true: TruePassage, taken: list[int], ahead_m: dict[int, float]) -> float:
    """The error of a passage by somebody who knows all but the noise of the two fixes around it."""
    before_ms = taken[bisect_right(taken, true.time_ms) - 1]
    after_ms = taken[bisect_left(taken, true.time_ms)]
    share = (true.time_ms - before_ms) / (after_ms - before_ms) if after_ms > before_ms else 0.0
    error_m = ahead_m[before_ms] + share * (ahead_m[after_ms] - ahead_m[before_ms])
    return abs(error_m) / drive.motion.at(true.time_ms / 1000.0)[1]


def _class_of(truth: Truth, vehicle: int, drive: Drive, true: TruePassage, taken: list[int]) -> PassageClass:
    if not _heard_around(taken, true.time_ms, true.until_ms):
        return PassageClass.GAP
    kind = truth.tour.legs[drive.leg].checkpoints[true.checkpoint].kind
    slowest_mps = min(drive.motion.at(true.time_ms / 1000.0 + after_s)[1] for after_s in (-10, -5, 0, 5, 10))
    if kind in (CheckpointKind.START, CheckpointKind.HALT, CheckpointKind.FINISH) or slowest_mps < MOVING_MPS:
        return PassageClass.STANDING
    return PassageClass.WRONG_CLOCK if _wrong_clock(truth, vehicle) else PassageClass.MOVING


def _heard_around(taken: list[int], from_ms: int, to_ms: int) -> bool:
    """Whether there are fixes close before and close after."""
    before = bisect_right(taken, from_ms) - bisect_left(taken, from_ms - NEAR_MS)
    after = bisect_right(taken, to_ms + NEAR_MS) - bisect_left(taken, to_ms)
    return before > 0 and after > 0


def _wrong_clock(truth: Truth, vehicle: int) -> bool:
    return any(abs(phone.clock_error_ms) >= CLOCK_MS for phone in truth.phones[vehicle])
