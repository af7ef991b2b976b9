"""`tracker export FOLDER pings`: every journalled ping as a JSON line, in the form that `tracker replay` reads."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from tracker.commands.options import add_settings
from tracker.core.decided import Decided
from tracker.core.model import Calibration, Ping, Record, RecordKind, Tour
from tracker.homes import open_existing
from tracker.journal.contract import Journal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder

READ_RECORDS = 1000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("export", help="write what the journal holds as JSON lines")
    parser.add_argument("folder", type=Path, help="the tour's folder")
    add_settings(parser, "data", "database")
    parser.add_argument("what", choices=["pings"], help="what to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    asyncio.run(print_pings(args.folder, settings))
    return 0


async def print_pings(folder: Path, settings: Settings) -> None:
    tour = load_tour_folder(folder)
    journal = await open_existing(settings)
    try:
        owners = Owners(tour, {device.name: device.vehicle for device in await journal.devices(tour.slug)})
        async for record in records(journal, tour.slug):
            if isinstance(record.body, Ping):
                print(json.dumps(ping_line(record.body, record.stored_at_ms, owners.vehicle_of(record.body))))
            else:
                owners.note(record)
    finally:
        await journal.close()


async def records(journal: Journal, slug: str) -> AsyncIterator[Record]:
    """Every record of a tour in order."""
    seq = 0
    while page := await journal.read(slug, seq, READ_RECORDS):
        for record in page:
            yield record
        seq = page[-1].seq


class Owners:
    """Whose pings are whose: by the roster and the swaps so far. Feed it what is no ping."""

    def __init__(self, tour: Tour, vehicle_by_device: dict[str, str]) -> None:
        self._tour = tour
        self._vehicle_by_device = vehicle_by_device  # also of devices that left the roster
        self._decided = Decided(tour)
        self._clock_errors_ms: dict[str, int] = {}

    def note(self, record: Record) -> None:
        if isinstance(record.body, Calibration):
            self._clock_errors_ms[record.body.device] = record.body.error_ms
        elif record.kind is RecordKind.DECISION:
            self._decided.note(record)

    def vehicle_of(self, ping: Ping) -> str:
        """The number of the vehicle. One that is nowhere known is named like the device."""
        device = ping.device or ""
        if device not in self._tour.vehicle_of_device:
            return self._vehicle_by_device.get(device, device)
        time_ms = (ping.fix_time_ms or 0) - self._clock_errors_ms.get(device, 0)
        return self._tour.vehicles[self._decided.assignments.vehicle_of(device, time_ms)].number


def ping_line(ping: Ping, received_at_ms: int, vehicle: str) -> dict[str, object]:
    """A ping as `replay` reads it."""
    return {
        "vehicle": vehicle,
        "device": ping.device or "",
        "fix_time_ms": ping.fix_time_ms,
        "received_at_ms": received_at_ms,
        "lat": ping.lat,
        "lon": ping.lon,
        "accuracy_m": ping.accuracy_m,
        "speed_mps": ping.speed_mps,
        "bearing_deg": ping.bearing_deg,
        "sos": ping.sos,
        "battery_pct": ping.battery_pct,
    }
