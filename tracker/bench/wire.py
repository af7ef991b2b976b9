"""Bytes on the wire: the real engine and frames over simulated drives of the demo tour, counted without a socket."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import tracker
from tracker.catalogue import ServedTour
from tracker.core.engine import Engine
from tracker.core.model import Device, Ping, Record, RecordKind, Tour
from tracker.simulate.field import Field, generator
from tracker.simulate.mishaps import EVENTFUL
from tracker.spectator import server_frame
from tracker.tourfiles import load_tour_folder
from tracker.wire.audience import PUBLIC
from tracker.wire.frames import Projector

DEMO = Path(tracker.__file__).parent / "demo" / "california-mille"
INTO_THE_MORNING_MS = 100 * 60_000  # everybody has left, nobody has arrived
WARM_UP_S = 60
NOISE_M = 4.0  # of a phone's fix, one sigma
METRES_PER_DEGREE = 111_320.0
MANY = 500


def print_bytes_on_the_wire() -> None:
    demo = load_tour_folder(DEMO)
    for tour, interval_s, measured_s in ((demo, 5, 600), (crowd(demo, MANY), 1, 60)):
        snapshot, per_s = count(tour, interval_s, measured_s)
        print(
            f"wire: {len(tour.vehicles)} vehicles, a ping every {interval_s} s, 1 s beat: "
            f"{per_s:,.0f} B/s per spectator, snapshot {snapshot:,} B"
        )


def crowd(tour: Tour, vehicles: int) -> Tour:
    """The same tour with so many cars, leaving so close that all are on the road together."""
    cars = [vehicle for vehicle in tour.vehicles if vehicle.start_order is not None]
    field = tuple(
        replace(cars[n % len(cars)], number=str(n + 1), start_order=n, devices=(Device(str(n + 1)),))
        for n in range(vehicles)
    )
    return replace(tour, vehicles=field, start_interval_s=INTO_THE_MORNING_MS // 2000 // vehicles)


def count(tour: Tour, interval_s: int, measured_s: int) -> tuple[int, float]:
    """(bytes of a snapshot, bytes a second of what follows), websocket frames included."""
    served = ServedTour.of(tour, 1, interval_s)
    engine = Engine(served.tour)
    begin_ms = tour.legs[0].first_start_ms + INTO_THE_MORNING_MS
    projector = Projector(served.about(PUBLIC), len(tour.vehicles), epoch=1_000, rate=1.0)
    sent = 0
    for second, pings in enumerate(pings_by_second(served.tour, interval_s, begin_ms, WARM_UP_S + measured_s)):
        now_ms = begin_ms + second * 1000
        for ping in pings:
            engine.apply(Record(engine.position + 1, now_ms, RecordKind.PING, ping))
        while not engine.fold():
            pass
        engine.tick(now_ms)
        frame = projector.delta([engine.view(vehicle) for vehicle in engine.changed()], now_ms)
        if second >= WARM_UP_S and frame is not None:
            sent += len(server_frame(frame))
    return len(server_frame(projector.snapshot(begin_ms))), sent / measured_s


def pings_by_second(tour: Tour, interval_s: int, begin_ms: int, seconds: int) -> Iterator[list[Ping]]:
    """What the phones of all vehicles send in each second, every phone at its own moment."""
    field = Field(tour, seed=1, mishaps=EVENTFUL)
    rng = generator(1, "noise")
    moments_ms = [rng.randrange(interval_s * 1000) for _ in tour.vehicles]
    for second in range(seconds):
        pings = []
        for vehicle, moment_ms in enumerate(moments_ms):
            time_ms = begin_ms + (second - interval_s) * 1000 + moment_ms
            if (second - moment_ms // 1000) % interval_s:
                continue
            there = field.at(vehicle, time_ms)
            north_m, east_m = rng.gauss(0.0, NOISE_M), rng.gauss(0.0, NOISE_M)
            lat = there.lat + north_m / METRES_PER_DEGREE
            lon = there.lon + east_m / METRES_PER_DEGREE / math.cos(math.radians(lat))
            pings.append(Ping(tour.vehicles[vehicle].devices[0].name, time_ms, lat, lon, accuracy_m=2 * NOISE_M))
        yield pings
