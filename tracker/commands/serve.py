"""`tracker serve FOLDER`: a whole tour in one process on one port."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from tracker.app import serving
from tracker.commands.options import add_settings
from tracker.process import until_stopped
from tracker.settings import Settings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="serve a tour: ingest, engine, hub and dashboard in one process")
    parser.add_argument("folder", type=Path, help="the tour's folder: tour.toml, GPX files, roster.csv")
    add_settings(parser, "host", "port", "data", "database", "redis", "clock_start", "clock_rate")
    add_settings(parser, "key_file", "public_url", "trusted_proxy", "notify_file", "streams", "reject_checksums")
    add_settings(parser, "public_beat_ms", "crew_beat_ms")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))

    def on_ready(port: int) -> None:
        print(f"Milepost serves {args.folder} on http://{settings.host}:{port}/", flush=True)

    asyncio.run(until_stopped(serving(args.folder, settings), on_ready))
    return 0
