"""`tracker export FOLDER pings`: every journalled ping as a JSON line, in the form that `tracker replay` reads."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from tracker.commands.options import add_settings
from tracker.core.model import Ping, Record
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
        vehicle_of = {device.name: device.vehicle for device in await journal.devices(tour.slug)}
        async for record in records(journal, tour.slug):
            ping = record.body
            if isinstance(ping, Ping):
                print(json.dumps(ping_line(ping, record.stored_at_ms, vehicle_of)))
    finally:
        await journal.close()


async def records(journal: Journal, slug: str) -> AsyncIterator[Record]:
    """Every record of a tour in order."""
    seq = 0
    while page := await journal.read(slug, seq, READ_RECORDS):
        for record in page:
            yield record
        seq = page[-1].seq


def ping_line(ping: Ping, received_at_ms: int, vehicle_of: dict[str, str]) -> dict[str, object]:
    """A ping as `replay` reads it. A device that left the roster keeps its own name as its vehicle."""
    device = ping.device or ""
    return {
        "vehicle": vehicle_of.get(device, device),
        "device": device,
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
