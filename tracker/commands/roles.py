"""`tracker ingest`, `tracker engine`, `tracker hub`: the parts of `tracker serve`, each in processes of its own."""

from __future__ import annotations

import argparse
import asyncio
import os
from functools import partial

from tracker.app import Role, playing
from tracker.commands.options import add_settings
from tracker.process import until_stopped
from tracker.settings import Settings

SAYS = {
    Role.INGEST: "take pings from devices (any number of processes)",
    Role.ENGINE: "follow the tours (one leads, others stand by)",
    Role.HUB: "serve pages and live feeds (any number of processes)",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for role, says in SAYS.items():
        parser = subparsers.add_parser(role.value, help=says)
        add_settings(parser, "host", "port", "data", "database", "redis", "key_file", "public_url", "trusted_proxy")
        add_settings(parser, "notify_file")
        add_settings(parser, "public_beat_ms", "crew_beat_ms")
        parser.set_defaults(run=partial(run, role))


def run(role: Role, args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))

    def on_ready(port: int) -> None:
        print(f"Milepost {role.value} on http://{settings.host}:{port}/", flush=True)

    asyncio.run(until_stopped(playing(role, settings), on_ready))
    return 0
