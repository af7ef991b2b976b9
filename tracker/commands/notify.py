"""`tracker notify FOLDER`: who is told of alerts, and a test that really goes out."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from tracker.channels import load_targets, new_session, open_channels, test_message
from tracker.commands.options import add_settings
from tracker.core.model import Tour
from tracker.errors import TrackerError
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder
from tracker.wire.notifyfile import Target
from tracker.wire.problems import did_you_mean, quoted


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("notify", help="who is told of alerts; --test tries it")
    parser.add_argument("folder", type=Path, help="the tour's folder")
    add_settings(parser, "data", "notify_file")
    parser.add_argument("--test", nargs="?", const="", metavar="NAME", help="tell this target, or all, that it works")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 0 when everybody who was tried has it, 1 when somebody has not."""
    settings = Settings.read(os.environ, vars(args))
    tour = load_tour_folder(args.folder)
    targets = load_targets(settings.notify_path, needed=True)
    if args.test is None:
        for target in targets:
            kinds = ", ".join(sorted(target.kinds))
            print(f"{target.name}: {kinds}{'; and when it is over' if target.endings else ''}")
        return 0
    chosen = [target for target in targets if args.test in ("", target.name)]
    if not chosen:
        names = [target.name for target in targets]
        raise TrackerError(f"no target {quoted(args.test)} in {settings.notify_path}. {did_you_mean(args.test, names)}")
    return asyncio.run(_try(tour, chosen))


async def _try(tour: Tour, targets: list[Target]) -> int:
    failed = 0
    async with new_session() as session:
        for channel in open_channels(targets, session):
            taken = await channel.attempt([test_message(tour)])
            failed += not taken
            print(f"{channel.target.name}: {'has it' if taken else 'did not take it'}", flush=True)
    return 1 if failed else 0
