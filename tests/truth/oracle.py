"""What `tracker replay --live` would write if it knew the truth: the scorer must find nothing wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.simulate.drive import Phase
from tracker.simulate.scenario import Line, Run


def oracle(run: Run) -> Iterator[Line]:
    truth = run.truth
    for line, origin in zip(run.lines, truth.origins, strict=True):
        moment = truth.at(origin.vehicle, origin.true_ms)
        status = {Phase.BEFORE: "waiting", Phase.RUNNING: "running", Phase.AFTER: "finished"}[moment.phase]
        if moment.along_m is None:
            status = "off_course"
        yield {
            "type": "live",
            "vehicle": line["vehicle"],
            "time_ms": origin.true_ms,
            "leg": moment.leg + 1,
            "along_m": moment.along_m,
            "offset_m": 0.0,
            "status": status,
            "uncertain": False,
            "along_min_m": moment.along_m,
            "along_max_m": moment.along_m,
        }
    for vehicle in truth.vehicles:
        number = truth.tour.vehicles[vehicle].number
        for drive in truth.drives(vehicle):
            for passage in drive.passages:
                yield {
                    "type": "passage",
                    "vehicle": number,
                    "leg": drive.leg + 1,
                    "checkpoint": passage.checkpoint,
                    "time_ms": passage.time_ms,
                    "earliest_ms": passage.time_ms,
                    "latest_ms": passage.until_ms,
                    "depart_ms": passage.depart_ms,
                }
        metres = sum(drive.odometer_m for drive in truth.drives(vehicle))
        yield {"type": "total", "vehicle": number, "odometer_m": metres, "course_m": metres}
