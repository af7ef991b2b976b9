"""What matching costs, in processor time: a late batch, a backlog, and a slice as the server folds it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind
from tracker.runner import FOLD_STEPS
from tracker.simulate.scenario import Run

BATCH = 60
BATCH_EVERY = 150
BACKLOGS = (1250, 2500, 5000)
ENOUGH = 1_000_000


@dataclass
class Costs:
    """Milliseconds of processor time."""

    batch_ms: list[float] = field(default_factory=list)
    backlog_ms: dict[int, float] = field(default_factory=dict)  # by its length
    slice_ms: list[float] = field(default_factory=list)


def costs(run: Run) -> Costs:
    """Of the first vehicle of a run, whose pings are fed to the engine as a journal has them."""
    records = _records(run)
    found = Costs()
    for begin in range(400, len(records) - BATCH - 2, BATCH_EVERY):
        engine = Engine(run.truth.tour)
        late = records[begin : begin + BATCH]
        for record in records[max(begin - 800, 0) : begin] + records[begin + BATCH : begin + BATCH + 2]:
            engine.apply(record)
        engine.fold(ENOUGH)
        began = time.process_time()
        for record in late:
            engine.apply(record)
        engine.fold(ENOUGH)
        found.batch_ms.append((time.process_time() - began) * 1e3)
    for length in BACKLOGS:
        engine = Engine(run.truth.tour)
        backlog = records[:length]
        began = time.process_time()
        for record in backlog:
            engine.apply(record)
        done = False
        while not done:
            slice_began = time.process_time()
            done = engine.fold(FOLD_STEPS)
            found.slice_ms.append((time.process_time() - slice_began) * 1e3)
        found.backlog_ms[len(backlog)] = (time.process_time() - began) * 1e3
    return found


def cost_lines(found: Costs) -> list[str]:
    """The figures as Markdown."""
    batch, slices = sorted(found.batch_ms), sorted(found.slice_ms)
    backlogs = ", ".join(f"{n:,} in {ms:.0f} ms ({1e3 * ms / n:.0f} us each)" for n, ms in found.backlog_ms.items())
    return [
        f"* a late batch of {BATCH} pings: median {batch[len(batch) // 2]:.1f} ms, worst {batch[-1]:.1f} ms of "
        f"{len(batch)} that came after two newer pings (goal 10)",
        f"* a backlog of one car: {backlogs} (goal: linear)",
        f"* a slice of {FOLD_STEPS} steps, as the server folds: median {slices[len(slices) // 2]:.1f} ms, worst "
        f"{slices[-1]:.1f} ms of {len(slices)} (goal 20)",
    ]


def _records(run: Run) -> list[Record]:
    vehicle = run.truth.vehicles[0]
    device = run.truth.tour.vehicles[vehicle].devices[0].name
    mine = [(o.true_ms, line) for o, line in zip(run.truth.origins, run.lines, strict=True) if o.vehicle == vehicle]
    mine.sort(key=lambda each: each[0])
    return [
        Record(n, true_ms + 300, RecordKind.PING, _ping(device, true_ms, line))
        for n, (true_ms, line) in enumerate(mine, 1)
    ]


def _ping(device: str, time_ms: int, line: dict[str, object]) -> Ping:
    number = {name: None if line[name] is None else float(str(line[name])) for name in _NUMBERS}
    return Ping(
        device=device,
        fix_time_ms=time_ms,
        lat=number["lat"],
        lon=number["lon"],
        accuracy_m=number["accuracy_m"],
        speed_mps=number["speed_mps"],
        bearing_deg=number["bearing_deg"],
    )


_NUMBERS = ("lat", "lon", "accuracy_m", "speed_mps", "bearing_deg")
