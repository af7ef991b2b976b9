"""`tracker check FOLDER`: every problem of a tour folder with file, line and how to mend it, or what the tour is."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.core.model import Tour, VehicleKind
from tracker.core.units import METRES_PER_MILE
from tracker.errors import Problem
from tracker.tourfiles import check_tour_folder


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("check", help="report every problem of a tour folder and how to mend it")
    parser.add_argument("folder", type=Path, help="the folder that holds tour.toml")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the tour can be used (warnings or not), 1 when something must be mended first."""
    tour, problems = check_tour_folder(args.folder)
    for problem in problems:
        print(problem)
    if tour is None:
        print(f"\nThe tour cannot be used yet: {_count(problems)}.")
        return 1
    print("\n".join(summary(tour)))
    if problems:
        print(f"The tour can be used; {_count(problems)}.")
    return 0


def summary(tour: Tour) -> list[str]:
    """The tour in a few lines: what an organiser looks at to see that the right folder was read."""
    zone = ZoneInfo(tour.timezone)
    kinds = Counter(vehicle.kind for vehicle in tour.vehicles)
    devices = sum(len(vehicle.devices) for vehicle in tour.vehicles)
    total_m = sum(leg.length_m for leg in tour.legs)
    lines = [
        f"{tour.name} ({tour.slug}): {_distance(total_m)} in {len(tour.legs)} legs",
        f"{kinds[VehicleKind.PARTICIPANT]} participants, {kinds[VehicleKind.SUPPORT]} support vehicles, "
        f"{devices} devices; starts every {tour.start_interval_s} s",
    ]
    for number, leg in enumerate(tour.legs, 1):
        start = datetime.fromtimestamp(leg.first_start_ms / 1000, zone)
        lines.append(
            f"  leg {number}: {leg.title}, {_distance(leg.length_m)}, {len(leg.checkpoints)} checkpoints, "
            f"first start {start:%a %Y-%m-%d %H:%M %Z}"
        )
    return lines


def _distance(length_m: float) -> str:
    return f"{length_m / METRES_PER_MILE:,.1f} mi ({length_m / 1000:,.1f} km)"


def _count(problems: list[Problem]) -> str:
    fatal = sum(problem.fatal for problem in problems)
    words = [f"{fatal} to mend"] if fatal else []
    if warnings := len(problems) - fatal:
        words.append(f"{warnings} warning" + ("s" if warnings > 1 else ""))
    return ", ".join(words)
