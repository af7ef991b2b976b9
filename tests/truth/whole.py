"""The whole tour with every vehicle that takes part, support and all: driven miles against the miles that were told."""

from __future__ import annotations

import json

from tracker.commands.replay import BadLine, replay
from tracker.core.model import Tour
from tracker.simulate.mishaps import CALM
from tracker.simulate.scenario import make_run
from tracker.simulate.score import MILE_M, percentile


def whole_tour(tour: Tour, seed: int, interval_s: int) -> str:
    """Miles of all vehicles together and one by one, as Markdown."""
    run = make_run(tour, seed, range(len(tour.vehicles)), interval_s, CALM)
    told_m: dict[str, float] = {}
    for line in replay(tour, (json.dumps(line) for line in run.lines)):
        if not isinstance(line, BadLine) and line["type"] == "total":
            told_m[str(line["vehicle"])] = float(str(line["odometer_m"]))
    errors_pct = []
    true_m = 0.0
    for vehicle in run.truth.vehicles:
        driven_m = sum(drive.odometer_m for drive in run.truth.drives(vehicle))
        true_m += driven_m
        errors_pct.append(100.0 * abs(told_m[tour.vehicles[vehicle].number] - driven_m) / driven_m)
    total_m = sum(told_m.values())
    return "\n".join(
        [
            "## The whole demo tour",
            "",
            f"{len(run.truth.vehicles)} vehicles, {len(tour.legs)} legs, {len(run.lines):,} pings, seed {seed}, "
            "mishaps as on a calm tour:",
            f"{total_m / MILE_M:,.0f} vehicle-miles told, {true_m / MILE_M:,.0f} driven, "
            f"{100.0 * (total_m - true_m) / true_m:+.3f} % (goal 0.3 %).",
            f"One by one: median {percentile(errors_pct, 50):.2f} %, worst {max(errors_pct):.2f} %.",
            "",
        ]
    )
