"""What the public engine makes beside its frames: forecasts, and slices of the past. Bytes, and processor time."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from tracker.bench.wire import DEMO, pings_by_second
from tracker.core.engine import Engine
from tracker.core.forecast import marks_m
from tracker.core.model import Record, RecordKind
from tracker.core.segments import SLOT_MS, slot_of, slots, traces
from tracker.forecaster import EVERY_S as FORECAST_EVERY_S
from tracker.segmenter import EVERY_S
from tracker.tourfiles import load_tour_folder
from tracker.wire.forecast import encode_forecast
from tracker.wire.segments import Segment, encode_segment

INTERVAL_S = 10
BEFORE_MS = 600_000
T = TypeVar("T")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("past", help="forecasts and slices of the past: bytes and processor time")
    parser.add_argument("--hours", type=float, default=1.0, help="of the demo's first leg (default %(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    tour = load_tour_folder(DEMO)
    engine = Engine(tour)
    begin_ms = tour.legs[0].first_start_ms - BEFORE_MS
    seconds = int(args.hours * 3600)
    for second, pings in enumerate(pings_by_second(tour, INTERVAL_S, begin_ms, seconds)):
        for ping in pings:
            engine.apply(Record(engine.position + 1, begin_ms + second * 1000, RecordKind.PING, ping))
    while not engine.fold(10_000):
        pass
    print(f"past: {len(tour.vehicles)} vehicles, a ping every {INTERVAL_S} s, {args.hours:g} h of the demo's first leg")
    tell_forecast(engine, begin_ms + seconds * 1000)
    tell_slices(engine, begin_ms + seconds * 1000)
    return 0


def tell_forecast(engine: Engine, now_ms: int) -> None:
    tour = engine.tour
    marks = [marks_m(leg) for leg in tour.legs]

    def make() -> bytes:
        forecasts = [engine.forecast(vehicle, marks) for vehicle in range(len(tour.vehicles))]
        plans = [engine.from_start_ms(leg, marks[leg]) for leg in range(len(tour.legs))]
        base_ms, decided = tour.legs[0].first_start_ms, engine.decided.schedule.plans
        return encode_forecast(1, now_ms, base_ms, forecasts, marks, plans, decided)

    make()
    message, whole_s = timed(make)
    slowest_s = max(timed(partial(engine.forecast, vehicle, marks))[1] for vehicle in range(len(engine.tracks)))
    print(
        f"past: a forecast is {len(message):,} B and takes {whole_s * 1e3:.0f} ms every {FORECAST_EVERY_S:g} s, "
        f"the slowest vehicle {slowest_s * 1e3:.1f} ms"
    )


def tell_slices(engine: Engine, now_ms: int) -> None:
    numbers = [vehicle.number for vehicle in engine.tour.vehicles]

    def make(slot_ms: int) -> Segment:
        found = (traces(track, vehicle, 0, slot_ms, now_ms) for vehicle, track in enumerate(engine.tracks))
        return encode_segment(0, slot_ms, numbers, [each for each in found if each is not None])

    there = sorted({slot for track in engine.tracks for leg, slot in slots(track, 0) if leg == 0})
    made, anew_s = timed(lambda: [make(slot_ms) for slot_ms in there])
    whole = [len(segment.body) for segment in made[1:-1]] or [len(made[-1].body)]
    _, newest_s = timed(lambda: make(slot_of(now_ms - SLOT_MS)))
    print(
        f"past: a slice of {SLOT_MS // 60_000} min is {sum(whole) / len(whole):,.0f} B (largest {max(whole):,}), made "
        f"in {newest_s * 1e3:.0f} ms every {EVERY_S:g} s; all {len(made)}: {sum(len(s.body) for s in made):,} B in "
        f"{anew_s:.1f} s"
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began
