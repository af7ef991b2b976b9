"""Whole runs: the same seed gives the same pings, in any company."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from tests.truth.oracle import oracle
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.scenario import Line, make_run
from tracker.simulate.score import PassageClass, score


def lines_of(lines: list[Line], number: str) -> list[Line]:
    return [line for line in lines if line["vehicle"] == number]


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    tour = SYNTHETIC["laps"]()
    assert make_run(tour, 7, vehicles=3).lines == make_run(tour, 7, vehicles=3).lines
    assert make_run(tour, 7, vehicles=3).lines != make_run(tour, 8, vehicles=3).lines


def test_a_vehicle_does_the_same_alone_and_in_company() -> None:
    tour = SYNTHETIC["laps"]()
    alone, together = make_run(tour, 7, vehicles=[4]), make_run(tour, 7, vehicles=[9, 4, 2])
    assert lines_of(together.lines, "5") == alone.lines


def test_lines_come_in_order_of_arrival_with_late_ones_and_repeats() -> None:
    run = make_run(SYNTHETIC["out-and-back"](), 3, vehicles=6)
    arrivals = [int(str(line["received_at_ms"])) for line in run.lines]
    assert arrivals == sorted(arrivals)
    delays_s = [(at - origin.true_ms) / 1000 for at, origin in zip(arrivals, run.truth.origins, strict=True)]
    assert min(delays_s) > 0.0
    assert max(delays_s) > 60.0  # a backlog from a dead zone
    times = Counter((line["device"], line["fix_time_ms"]) for line in run.lines)
    assert 0.005 < sum(count > 1 for count in times.values()) / len(times) < 0.1


def test_the_interval_is_what_was_asked_for() -> None:
    run = make_run(SYNTHETIC["laps"](), 3, vehicles=1, interval_s=30)
    times = sorted({origin.true_ms for origin in run.truth.origins})
    steps = Counter(b - a for a, b in pairwise(times))
    assert steps.most_common(1)[0][0] == 30_000


def test_the_scorer_finds_nothing_wrong_with_the_truth() -> None:
    run = make_run(SYNTHETIC["shared-road"](), 3, vehicles=8)
    found = score(run.truth, oracle(run))
    assert found.examples == []
    assert (found.wrong_branch, found.missed, found.ghosts, found.false_alarms) == (0, 0, 0, 0)
    assert found.episodes == found.flagged > 0
    assert max(found.live_m) == 0.0
    assert len(found.passage_s[PassageClass.MOVING]) > 20
    assert found.tracked_m == found.true_m > 300_000.0


def test_the_scorer_sees_what_is_wrong() -> None:
    """A tracker that is 2 km ahead, swaps two checkpoints' times, never says off course and halves the odometer."""
    run = make_run(SYNTHETIC["shared-road"](), 3, vehicles=8)

    def bad() -> list[Line]:
        out: list[Line] = []
        for line in oracle(run):
            wrong = dict(line)
            if line["type"] == "live":
                wrong["status"] = "running"
                if isinstance(line["along_m"], float):
                    wrong["along_m"] = line["along_m"] + 2_000.0
            elif line["type"] == "passage" and line["checkpoint"] == 3:
                continue
            elif line["type"] == "passage":
                wrong["time_ms"] = int(str(line["time_ms"])) + 5_000
            elif line["type"] == "total":
                wrong["odometer_m"] = float(str(line["odometer_m"])) / 2.0
            out.append(wrong)
        out.append(replace_passage(out, checkpoint=99))
        return out

    def replace_passage(lines: list[Line], checkpoint: int) -> Line:
        passage = next(line for line in lines if line["type"] == "passage")
        return {**passage, "checkpoint": checkpoint}

    found = score(run.truth, bad())
    assert found.wrong_branch == found.live_lines
    assert found.missed >= 8
    assert found.ghosts == 1
    assert found.flagged == 0
    assert set(found.passage_s[PassageClass.MOVING]) == {5.0}
    assert found.odometer_pct == [50.0] * 8


def test_a_leg_of_its_own_is_a_tour() -> None:
    tour = SYNTHETIC["shared-road"]()
    second = replace(tour, legs=tour.legs[1:])
    run = make_run(second, 3, vehicles=2)
    assert {drive.leg for vehicle in run.truth.vehicles for drive in run.truth.drives(vehicle)} == {0}
