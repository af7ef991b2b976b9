"""`tracker devices FOLDER --check`: the check list of the morning, from what the journal holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.commands.export import records
from tracker.core.assignments import Assignments
from tracker.core.decided import Decided
from tracker.core.devicecheck import DeviceCheck, DeviceReport
from tracker.core.model import RecordKind, Tour
from tracker.journal.contract import Journal


async def check_devices(journal: Journal, tour: Tour, now_ms: int) -> tuple[list[DeviceReport], Assignments]:
    """How every device of the roster is doing, and in which vehicle it is."""
    check = DeviceCheck(tour.vehicle_of_device, tour.boxes)
    decided = Decided(tour)
    async for record in records(journal, tour.slug):
        check.observe(record)
        if record.kind is RecordKind.DECISION:
            decided.note(record)
    return check.reports(now_ms), decided.assignments


def as_json(tour: Tour, reports: Sequence[DeviceReport], assignments: Assignments) -> str:
    """One object per device, with the fields of `DeviceReport`."""
    return json.dumps(
        [{"vehicle": number_of(tour, report, assignments)} | asdict(report) for report in reports], indent=1
    )


def as_text(tour: Tour, reports: Sequence[DeviceReport], assignments: Assignments, now_ms: int) -> str:
    """Who wants something done and what, above the table of all."""
    zone = ZoneInfo(tour.timezone)

    def moment(ms: int) -> str:
        then, now = (datetime.fromtimestamp(each / 1000, zone) for each in (ms, now_ms))
        return f"{then:%H:%M:%S}" if then.date() == now.date() else f"{then:%d %b %H:%M}"

    wanting = [report for report in reports if report.problems]
    lines = [f"{len(reports) - len(wanting)} of {len(reports)} devices are well at {moment(now_ms)}."]
    if wanting:
        lines += ["", "What to do:"]
    for report in wanting:
        name = f"Car {number_of(tour, report, assignments)}"
        if report.device != number_of(tour, report, assignments):
            name += f", device {report.device},"
        lines += [f"  {name} {problem.what}. {problem.mend}." for problem in report.problems]
    rows = [_row(number_of(tour, report, assignments), report, moment) for report in reports]
    titles = ("CAR", "DEVICE", "HEARD", "POSITION", "WITHIN", "EVERY", "BATTERY", "CLOCK", "")
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    table = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in [titles, *rows]]
    return "\n".join(line.rstrip() for line in [*lines, "", *table])


def number_of(tour: Tour, report: DeviceReport, assignments: Assignments) -> str:
    return tour.vehicles[assignments.vehicles_of(report.device)[-1]].number


def _row(number: str, report: DeviceReport, moment: Callable[[int], str]) -> tuple[str, ...]:
    def said(value: float | None, unit: str) -> str:
        return "-" if value is None else f"{value:.0f} {unit}"

    return (
        number,
        report.device,
        "never" if report.heard_at_ms is None else moment(report.heard_at_ms),
        "-" if report.fix_time_ms is None else moment(report.fix_time_ms),
        said(report.accuracy_m, "m"),
        said(report.every_s, "s"),
        said(report.battery_pct, "%"),
        "good" if report.clock_error_s == 0 else said(report.clock_error_s, "s"),
        ", ".join(problem.kind for problem in report.problems),
    )
