"""`tracker import FOLDER`: make a folder the newest version of its tour in the store."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from tracker.clock import SystemClock, instant_ms
from tracker.commands.options import add_settings
from tracker.devices import devices_of
from tracker.homes import open_journal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder
from tracker.wire.tourdocument import tour_document


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("import", help="put a tour's folder into the store, as its newest version")
    parser.add_argument("folder", type=Path, help="the tour's folder: tour.toml, GPX files, roster.csv")
    parser.add_argument(
        "--from",
        dest="effective_from",
        metavar="ISO",
        help="when it comes into force, as 2027-04-27T05:00:00-07:00; default: now",
    )
    add_settings(parser, "data", "database")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from_ms = SystemClock().now_ms() if args.effective_from is None else instant_ms("--from", args.effective_from)
    slug, version = asyncio.run(import_tour(args.folder, Settings.read(os.environ, vars(args)), from_ms))
    print(f"{slug}: version {version}")
    return 0


async def import_tour(folder: Path, settings: Settings, effective_from_ms: int) -> tuple[str, int]:
    """The tour's slug and its newest version: a new one only if something changed."""
    tour = load_tour_folder(folder)
    journal = await open_journal(settings)
    try:
        version = await journal.import_tour(tour.slug, tour_document(tour), effective_from_ms)
        await journal.set_devices(tour.slug, devices_of(tour))
    finally:
        await journal.close()
    return tour.slug, version
