"""`tracker serve FOLDER`: a whole tour in one process on one port."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from tracker.app import serving, until_stopped
from tracker.settings import Settings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="serve a tour: ingest, engine, hub and dashboard in one process")
    parser.add_argument("folder", type=Path, help="the tour's folder: tour.toml, GPX files, roster.csv")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1: this machine only)")
    parser.add_argument("--port", help="port for everything (default 8080)")
    parser.add_argument("--data", help="where journal and key live (default ./data)")
    parser.add_argument("--redis", metavar="URL", help="a bus between processes; without it, within this one")
    parser.add_argument("--public-url", metavar="URL", help="what phones and spectators type")
    parser.add_argument("--clock-start", metavar="ISO", help="rehearse: the tour's clock starts then")
    parser.add_argument("--clock-rate", metavar="X", help="rehearse: tour seconds per second")
    parser.add_argument("--public-beat-ms", metavar="MS", help="time between frames to spectators; 0 = at once")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))

    def on_ready(port: int) -> None:
        print(f"Milepost serves {args.folder} on http://{settings.host}:{port}/", flush=True)

    asyncio.run(until_stopped(serving(args.folder, settings), on_ready))
    return 0
