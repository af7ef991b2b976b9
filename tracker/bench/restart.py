"""`tracker bench restart`: how long a server is away after `kill -9`, with a full journal behind it."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import tracker
from tracker.core.model import Ping, RecordKind, Tour
from tracker.errors import TrackerError
from tracker.journal.contract import Entry
from tracker.journal.sqlite import SqliteJournal
from tracker.savedstate import state_path
from tracker.tourfiles import load_tour_folder

FOLDER = Path(tracker.__file__).parent / "demo" / "california-mille"
SPEED_MPS = 15.0
BATCH = 2_000
GIVEN_UP_S = 900.0


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("restart", help="how long a server is away after kill -9, with a full journal")
    parser.add_argument("--records", type=int, default=1_000_000, help="in the journal (default %(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    tour = load_tour_folder(FOLDER)
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as folder:
        data = Path(folder)
        asyncio.run(fill(tour, data / "journal.sqlite", args.records))
        for line in report(tour, data):
            print(line, flush=True)
    return 0


def report(tour: Tour, data: Path) -> Iterator[str]:
    pings_s, engine_s = restart(data, graceful=True)
    yield f"from nothing: ready for pings after {pings_s:.2f} s, the engine after {engine_s:.1f} s"
    if not state_path(data, tour.slug).exists():
        raise TrackerError("the server left no saved state behind")
    pings_s, engine_s = restart(data, graceful=False)
    yield f"saved state: ready for pings after {pings_s:.2f} s, the engine after {engine_s:.2f} s"


async def fill(tour: Tour, path: Path, count: int) -> None:
    """Every vehicle on every leg at a steady pace, at the rhythm that makes so many pings of five days."""
    pings = drive(tour, count)
    journal = await SqliteJournal.open(path)
    while batch := [ping for ping, _ in zip(pings, range(BATCH), strict=False)]:
        entries = [Entry(RecordKind.PING, ping) for ping in batch]
        await journal.append(tour.slug, entries, batch[-1].fix_time_ms or 0)
    await journal.close()


def drive(tour: Tour, count: int) -> Iterator[Ping]:
    rng = Random(1)
    driven_m = sum(leg.length_m for leg in tour.legs) * len(tour.vehicles)
    step_m = driven_m / count
    made = 0
    for number, leg in enumerate(tour.legs):
        along_m = 0.0
        while along_m < leg.length_m:
            for vehicle, entry in enumerate(tour.vehicles):
                start_ms = tour.start_time_ms(number, vehicle) or leg.first_start_ms
                lat, lon = leg.course.point_at(along_m)
                lat, lon = lat + rng.gauss(0, 3e-5), lon + rng.gauss(0, 3e-5)
                time_ms = start_ms + int(along_m / SPEED_MPS * 1000)
                if made < count:
                    made += 1
                    yield Ping(entry.devices[0].name, time_ms, lat, lon, 5.0, SPEED_MPS)
            along_m += step_m


def restart(data: Path, *, graceful: bool) -> tuple[float, float]:
    """Start a server and stop it once it is ready: seconds until it takes pings, and until its engine has caught up."""
    command = [sys.executable, "-m", "tracker", "serve", str(FOLDER), "--data", str(data), "--port", "0"]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise TrackerError("the server did not start")
            url = line.split()[-1].rstrip("/")
            pings_s = None
            while time.monotonic() - began < GIVEN_UP_S:
                ready = readiness(url)
                pings_s = pings_s or (time.monotonic() - began if ready["ingest"] else None)
                if ready["engine"] and pings_s is not None:
                    return pings_s, time.monotonic() - began
                time.sleep(0.05)
            raise TrackerError(f"the engine was not ready after {GIVEN_UP_S:g} s")
        finally:
            process.terminate() if graceful else process.kill()


def readiness(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=10) as answer:  # noqa: S310 our own server
            body = answer.read()
    except urllib.error.HTTPError as not_yet:
        with not_yet:
            body = not_yet.read()
    ready: dict[str, Any] = json.loads(body)
    return ready
