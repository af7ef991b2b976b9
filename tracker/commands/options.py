"""Command-line options that are settings: their names, units and reasons come from `Settings` itself."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, fields

from tracker.settings import Settings


def add_settings(parser: argparse.ArgumentParser, *names: str) -> None:
    """An option for each of these settings; what is not given is left to the environment and the defaults."""
    known = {field.name: field for field in fields(Settings)}
    for name in names:
        field = known[name]
        default = "" if field.default in (None, MISSING) else f" [{field.default}]"
        text = f"{field.metadata['why']}{default}".replace("%", "%%")
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=str(field.metadata["unit"]).upper(), help=text)
