"""The `tracker` command: one subcommand per module of `tracker.commands`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from tracker import __version__
from tracker.errors import TrackerError

# Which module of `tracker.commands` a subcommand lives in.
COMMANDS = {
    "serve": "serve",
    "ingest": "roles",
    "engine": "roles",
    "hub": "roles",
    "import": "import_tour",
    "check": "check",
    "devices": "devices",
    "invite": "invite",
    "notify": "notify",
    "redate": "redate",
    "simulate": "simulate",
    "demo": "demo",
    "replay": "replay",
    "decode": "decode",
    "export": "export",
    "rebuild": "rebuild",
    "backup": "backup",
    "restore": "backup",
    "scrub": "scrub",
    "erase": "erase",
    "bench": "bench",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; problems that a person can mend go to stderr as sentences, with exit code 2."""
    args = parse(sys.argv[1:] if argv is None else argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except TrackerError as error:
        print(f"tracker {args.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What a command line says, with the subcommand's `run` in it; argparse ends the program if it says nothing."""
    parser = argparse.ArgumentParser(prog="tracker", description="Live tour tracking that you can host yourself.")
    parser.add_argument("--version", action="version", version=f"tracker {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = [COMMANDS[name] for name in arguments[:1] if name in COMMANDS]
    for name in named or dict.fromkeys(COMMANDS.values()):  # a command that is named needs no other one's imports
        module = importlib.import_module(f"tracker.commands.{name}")
        module.add_parser(subparsers)
    return parser.parse_args(arguments)
