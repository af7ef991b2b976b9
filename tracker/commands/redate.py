"""`tracker redate FOLDER --start ISO`: moves a tour to other dates, keeping comments and layout of tour.toml."""

from __future__ import annotations

import argparse
import codecs
import os
import tempfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.errors import TrackerError
from tracker.tourfiles import load_tour_folder
from tracker.wire.redate import redate
from tracker.wire.tourtoml import TOUR_FILE


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("redate", help="move a tour to other dates")
    parser.add_argument("folder", type=Path, help="the folder that holds tour.toml")
    parser.add_argument(
        "--start",
        required=True,
        metavar="ISO",
        help="when leg 1 starts: 2027-05-03 (same time of day) or 2027-05-03T09:00 (local, or with an offset)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Rewrite the first starts in tour.toml and say what was moved."""
    start = _read_start(args.start)
    tour = load_tour_folder(args.folder)
    path = args.folder / TOUR_FILE
    content = path.read_bytes()
    text = content.decode("utf-8-sig")
    starts_ms = [leg.first_start_ms for leg in tour.legs]
    text, moves = redate(text, starts_ms, ZoneInfo(tour.timezone), start)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    _replace(path, mark + text.encode("utf-8"))
    for move in moves:
        print(f"leg {move.leg}: {move.before} -> {move.after}")
    print(f"{path} is rewritten; dates in comments and GPX descriptions are as they were.")
    return 0


def _read_start(written: str) -> datetime | date:
    with suppress(ValueError):
        return date.fromisoformat(written)
    with suppress(ValueError):
        return datetime.fromisoformat(written)
    raise TrackerError(f"--start {written} is not a date: write such as 2027-05-03 or 2027-05-03T08:00:00-07:00")


def _replace(path: Path, content: bytes) -> None:
    """The whole new file or the whole old one, whatever happens meanwhile."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tour-", suffix=".toml")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise TrackerError(f"{path} cannot be written: {error.strerror}") from error
