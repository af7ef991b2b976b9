"""`python -m tests.truth`: how right the tracker is, on every awkward course and on the demo's legs, as a table.

Seeds that end in an odd digit are for testing; `--tuning` uses even ones. Nothing is tuned on the former.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.truth.alerttable import alert_report, scenario_report
from tests.truth.arrivals import Arrivals, arrival_row, arrivals
from tests.truth.conditions import conditions
from tests.truth.costs import cost_lines, costs
from tests.truth.table import report
from tests.truth.whole import whole_tour
from tracker.commands.replay import BadLine, replay
from tracker.core.model import Tour
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.scenario import Line, Run, make_run
from tracker.simulate.score import Score, score
from tracker.tourfiles import load_tour_folder

DEMO = Path(__file__).resolve().parents[2] / "tracker" / "demo" / "california-mille"


def tours() -> dict[str, Callable[[], Tour]]:
    """Every course by name: the synthetic ones, and the legs of the demo one by one."""
    demo = load_tour_folder(DEMO)

    def leg(index: int) -> Callable[[], Tour]:
        return lambda: replace(demo, slug=f"leg-{index + 1}", legs=(demo.legs[index],))

    return {**SYNTHETIC, **{f"leg-{i + 1}": leg(i) for i in range(len(demo.legs))}, "demo": lambda: demo}


def timed(run: Run, costs_us: list[float]) -> Iterator[Line]:
    """What the tracker says of a run; the time that each ping took is added to `costs_us`."""
    results = replay(run.truth.tour, (json.dumps(line) for line in run.lines), live=True)
    while True:
        began = time.perf_counter()
        result = next(results, None)
        if result is None:
            return
        assert not isinstance(result, BadLine)  # the simulator writes none
        if result["type"] == "live":
            costs_us.append((time.perf_counter() - began) * 1e6)
        yield result


def measure(tour: Tour, seeds: list[int], vehicles: int, interval_s: int) -> Score:
    """All seeds of one course together."""
    total = Score()
    for seed in seeds:
        total.add(scored(make_run(tour, seed, vehicles, interval_s)))
    return total


def scored(run: Run) -> Score:
    """What the tracker says of a run, judged."""
    costs_us: list[float] = []
    result = score(run.truth, timed(run, costs_us))
    result.cost_us = costs_us
    return result


def arrivals_and_costs(legs: Sequence[Tour], seeds: Sequence[int], vehicles: int, interval_s: int) -> str:
    """The arrival times on whole fields, and what matching costs, as Markdown."""
    rows = ["| field | error min | half range min | held | asked |", "| --- | --- | --- | --- | --- |"]
    rows.append("| goal | 2.5 |  | 75-90 % |  |")
    total = Arrivals()
    for leg in legs:
        found = Arrivals()
        for seed in seeds:
            found.add(arrivals(make_run(leg, seed, vehicles, interval_s)))
        total.add(found)
        rows.append(arrival_row(leg.slug, found))
        print(rows[-1], file=sys.stderr)
    rows.append(arrival_row("all", total))
    return "\n".join(
        [
            "## Arrival times and costs",
            "",
            f"Fields of {vehicles} cars, a ping every {interval_s} s, seeds {', '.join(map(str, seeds))}. Every four",
            "minutes each car on the road is asked for the checkpoint nearest to 30 min ahead (25 to 35); cars that",
            "break down before they are there are left out. Error: median / 90 of 100; held: how often the 80 % range",
            "holds the truth.",
            "",
            *rows,
            "",
            "Processor time, one car over the demo tour:",
            "",
            *cost_lines(costs(make_run(tours()["demo"](), seeds[0], 1, interval_s))),
            "",
        ]
    )


def scores_of(
    known: Mapping[str, Callable[[], Tour]], courses: Sequence[str], seeds: list[int], args: argparse.Namespace
) -> dict[str, Score]:
    """The scores of the courses by name, all but the whole demo where none are named."""
    scores: dict[str, Score] = {}
    for name in courses or [name for name in known if name != "demo"]:
        began = time.monotonic()
        scores[name] = found = measure(known[name](), seeds, args.vehicles, args.interval)
        print(f"{name}: {found.live_lines:,} live lines, {time.monotonic() - began:.0f} s", file=sys.stderr)
        for example in found.examples[: args.examples]:
            print(f"  {example}", file=sys.stderr)
    return scores


def main() -> int:
    known = tours()
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("course", nargs="*", metavar="COURSE", help=f"of {', '.join(known)} (default: all but demo)")
    parser.add_argument("--seeds", type=int, default=4, help="runs of each course (default %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="begin with this seed (made odd or even)")
    parser.add_argument("--tuning", action="store_true", help="even seeds, to tune on")
    parser.add_argument("--vehicles", type=int, default=8, help="cars of each run (default %(default)s)")
    parser.add_argument("--interval", type=int, default=10, help="seconds between pings (default %(default)s)")
    parser.add_argument("--examples", type=int, default=0, help="show so many failures of each course")
    parser.add_argument("--alerts", action="store_true", help="score the alerts, on whole fields of 74")
    parser.add_argument("--scenario", metavar="FILE|NAME", help="with --alerts: a scripted morning instead")
    parser.add_argument("--field", type=int, default=24, help="cars of a run for --arrivals (default %(default)s)")
    parser.add_argument("--arrivals", action="store_true", help="arrival times on the demo's legs, and costs")
    parser.add_argument("--conditions", action="store_true", help="other phones and other drivers than usual")
    parser.add_argument("--write", type=Path, help="put the whole report into this file")
    args = parser.parse_args()
    if unknown := [name for name in args.course if name not in known]:
        parser.error(f"no course {', '.join(unknown)}; there are {', '.join(known)}")
    first = args.first - args.first % 2 + (0 if args.tuning else 1)
    seeds = [first + 2 * i for i in range(args.seeds)]
    if args.alerts and args.scenario:
        for name in args.course or ["leg-1"]:
            print(scenario_report(known[name](), args.scenario, seeds))
        return 0
    if args.alerts:
        print(alert_report({name: known[name]() for name in args.course or ["leg-1"]}, seeds, args.examples))
        return 0
    legs = [known[name]() for name in args.course or known if name.startswith("leg-")]
    if args.write:
        parts: tuple[Callable[[], str], ...] = (
            lambda: report(scores_of(known, args.course, seeds, args), seeds, args.vehicles, args.interval),
            lambda: conditions(known, seeds[0], args.vehicles, scored),
            lambda: arrivals_and_costs(legs, seeds[:1], args.field, args.interval),
            lambda: whole_tour(known["demo"](), seeds[0], args.interval),
        )
        began_s = time.process_time()
        with args.write.open("w", encoding="utf-8") as page:
            for number, part in enumerate(parts):  # each takes minutes: what is done is there to be looked at
                page.write(("\n" if number else "") + part())
                page.flush()
            minutes = (time.process_time() - began_s) / 60.0
            page.write(f"\nAll of this page took {minutes:.0f} min of one core.\n")
    elif args.arrivals:
        print(arrivals_and_costs(legs, seeds, args.field, args.interval))
    elif args.conditions:
        print(conditions(known, seeds[0], args.vehicles, scored))
    elif args.course == ["demo"]:
        print(whole_tour(known["demo"](), seeds[0], args.interval))
    else:
        print(report(scores_of(known, args.course, seeds, args), seeds, args.vehicles, args.interval))
    return 0


if __name__ == "__main__":
    sys.exit(main())
