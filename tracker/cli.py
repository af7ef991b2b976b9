"""The `tracker` command: one subcommand per module of `tracker.commands`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from tracker import __version__
from tracker.errors import TrackerError

COMMANDS = ("serve", "check", "devices", "redate", "simulate", "replay", "decode", "export", "bench", "demo")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; problems that a person can mend go to stderr as sentences, with exit code 2."""
    parser = argparse.ArgumentParser(prog="tracker", description="Live tour tracking that you can host yourself.")
    parser.add_argument("--version", action="version", version=f"tracker {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"tracker.commands.{name}")
        module.add_parser(subparsers)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
        return code
    except TrackerError as error:
        print(f"tracker {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
