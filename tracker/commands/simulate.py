"""`tracker simulate FOLDER --url URL --speed X --seed N`: the field drives the tour and posts like real phones."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path

from tracker.commands.devices import device_rows
from tracker.errors import SettingsError
from tracker.settings import Settings
from tracker.simulate.rehearsal import Rehearsal, drive_tour
from tracker.simulate.script import BY_CHANCE
from tracker.simulate.scriptfile import load_script, shipped_names
from tracker.streams import ports_of
from tracker.tourfiles import load_tour_folder


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("simulate", help="drive a tour with simulated vehicles that post to a server")
    parser.add_argument("folder", type=Path, help="the folder of the tour that the server serves")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server (default %(default)s)")
    parser.add_argument("--data", type=Path, help="the server's data folder, where its key lives (default: data)")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="tour seconds per second, as the server")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed drives the same tour")
    parser.add_argument("--vehicles", type=int, metavar="N", help="only so many participants (default: everybody)")
    parser.add_argument(
        "--interval", type=int, metavar="S", help="tour seconds between two fixes (default: 10, more at high speeds)"
    )
    parser.add_argument("--mix", action="store_true", help="speak as many apps do, not as Traccar Client alone")
    parser.add_argument(
        "--streams",
        default="",
        metavar="PROTOCOLS",
        help="devices with an IMEI speak as boxes do, to the ports that the server's --streams says",
    )
    parser.add_argument(
        "--scenario",
        metavar="FILE|NAME",
        help=f"what shall go wrong: a file, or one of {', '.join(shipped_names())} (docs/rehearsal.md)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the tour is over or somebody has had enough."""
    for name, least in (("speed", 0.001), ("vehicles", 1), ("interval", 1)):
        value = getattr(args, name)
        if value is not None and not value >= least:
            raise SettingsError(f"--{name} must be at least {least:g}, not {value:g}")
    try:
        asyncio.run(_simulate(args))
    except asyncio.CancelledError:
        print("Stopped.", flush=True)
    return 0


async def _simulate(args: argparse.Namespace) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    settings = Settings.read(os.environ, {"data": args.data})
    rows = await device_rows(args.folder, settings)
    tour = load_tour_folder(args.folder)
    script = load_script(args.scenario, tour, args.seed) if args.scenario else BY_CHANCE
    rehearsal = Rehearsal(
        tour,
        args.url,
        {row["device"]: row["token"] for row in rows},
        args.speed,
        args.seed,
        args.vehicles,
        args.interval,
        args.mix,
        script,
        ports_of(args.streams),
    )
    for line in script.lines(tour):
        print(line)
    await drive_tour(rehearsal, lambda line: print(line, flush=True))
