"""How right arrival times are, about half an hour ahead: the engine is asked every few minutes during a replay."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tracker.commands.replay import Session, read_line
from tracker.core.model import Status
from tracker.simulate.drive import Drive, IncidentKind, TruePassage
from tracker.simulate.scenario import Run
from tracker.simulate.score import percentile

AHEAD_MS = 30 * 60_000
ABOUT_MS = 5 * 60_000  # half an hour, give or take
ASKED_EVERY_MS = 4 * 60_000
LATE_MS = 60_000  # pings older than this at their receipt are no moment at which somebody would look


@dataclass
class Arrivals:
    """Error of the middle of the range in minutes, its half width, and how often it held the truth."""

    error_min: list[float] = field(default_factory=list)
    half_min: list[float] = field(default_factory=list)
    held: int = 0

    def add(self, other: Arrivals) -> None:
        self.error_min += other.error_min
        self.half_min += other.half_min
        self.held += other.held

    @property
    def held_pct(self) -> float:
        return 100.0 * self.held / max(len(self.error_min), 1)


def arrivals(run: Run) -> Arrivals:
    """Ask for the checkpoint nearest to 30 min ahead, of cars that do not break down before they are there."""
    tour, truth = run.truth.tour, run.truth
    numbers = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}
    pings = [read_line(json.dumps(line), number, numbers) for number, line in enumerate(run.lines, 1)]
    session = Session(tour)
    session.enter({(vehicle, ping.device or "") for vehicle, ping, _ in pings})
    drives = {vehicle: truth.drives(vehicle) for vehicle in truth.vehicles}
    asked_ms = dict.fromkeys(truth.vehicles, 0)
    found = Arrivals()
    for (vehicle, ping, received_at_ms), origin in zip(pings, truth.origins, strict=True):
        session.take(ping, received_at_ms)
        now_ms = origin.true_ms
        if now_ms - asked_ms[vehicle] < ASKED_EVERY_MS or received_at_ms - now_ms > LATE_MS or origin.outlier:
            continue
        asked_ms[vehicle] = now_ms
        view = session.view(vehicle)
        if view.status not in (Status.RUNNING, Status.STOPPED):
            continue
        ahead = [_ahead(drive, now_ms) for drive in drives[vehicle] if drive.leg == view.leg]
        for passage in ahead:
            if passage is None:
                continue
            along_m = tour.legs[view.leg or 0].checkpoints[passage.checkpoint].along_m
            said = session.engine.eta(vehicle, along_m)
            if said is not None:
                early_ms, late_ms = said
                found.error_min.append(abs((early_ms + late_ms) / 2 - passage.time_ms) / 60_000)
                found.half_min.append((late_ms - early_ms) / 120_000)
                found.held += early_ms <= passage.time_ms <= late_ms
    return found


def arrival_row(name: str, found: Arrivals) -> str:
    """One line of the table."""
    if not found.error_min:
        return f"| {name} | - | - | - | 0 |"
    p50, p90 = percentile(found.error_min, 50), percentile(found.error_min, 90)
    half = percentile(found.half_min, 50)
    return f"| {name} | {p50:.2f} / {p90:.2f} | {half:.1f} | {found.held_pct:.0f} % | {len(found.error_min)} |"


def _ahead(drive: Drive, now_ms: int) -> TruePassage | None:
    """The passage nearest to half an hour ahead, unless there is none or the car breaks down before."""
    there_ms = now_ms + AHEAD_MS
    passage = min(drive.passages, key=lambda p: abs(p.time_ms - there_ms), default=None)
    if passage is None or abs(passage.time_ms - there_ms) > ABOUT_MS:
        return None
    broken = (IncidentKind.BREAKDOWN, IncidentKind.RETIREMENT)
    if any(i.kind in broken and i.to_ms > now_ms and i.from_ms < passage.time_ms for i in drive.incidents):
        return None
    return passage
