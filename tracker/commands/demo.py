"""`tracker demo`: the demo tour, moving. A server with a fast clock and the simulator beside it, stopped together."""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import tracker
from tracker.errors import TrackerError
from tracker.journal.sqlite import SqliteJournal
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder

FOLDER = Path(tracker.__file__).parent / "demo" / "california-mille"
CLOCK_START = "2027-04-26T07:50:00-07:00"  # ten minutes before the first car leaves San Francisco
CLOCK_RATE = 60.0  # a tour minute each second: the five days pass in a sitting
SEED = 1
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 10.0
LOOK_AGAIN_S = 0.1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("demo", help="serve the demo tour with 74 simulated vehicles")
    parser.add_argument("--port", type=int, default=8080, help="port of the dashboard (default %(default)s)")
    parser.add_argument(
        "--data", type=Path, help="keep the data there and go on where it ends (default: start afresh, keep nothing)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve and simulate until Ctrl-C or SIGTERM, which are the normal end, or until one of the two ends by itself."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _serve_and_simulate(args)
    except KeyboardInterrupt:
        return 0


def _serve_and_simulate(args: argparse.Namespace) -> NoReturn:
    url = f"http://127.0.0.1:{args.port}"
    if _answers(url):  # its answers would be taken for ours
        raise TrackerError(f"something else already answers on {url}/; choose another port with --port")
    with ExitStack() as stack:
        data = args.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="milepost-demo-")))
        options = ["--port", str(args.port), "--data", str(data)]
        clock_start = datetime.fromtimestamp(asyncio.run(_clock_start_ms(data)) / 1000, UTC).isoformat()
        clock = ["--clock-start", clock_start, "--clock-rate", f"{CLOCK_RATE:g}"]
        server = stack.enter_context(_running("serve", str(FOLDER), *options, *clock))
        _wait_until_ready(server, url)
        print(f"The demo tour is on {url}/ at {CLOCK_RATE:g} times its speed. Ctrl-C ends it.", flush=True)
        simulation = ["--url", url, "--data", str(data), "--speed", f"{CLOCK_RATE:g}", "--seed", str(SEED)]
        simulator = stack.enter_context(_running("simulate", str(FOLDER), *simulation))
        while server.poll() is None and simulator.poll() in (None, 0):  # after the fifth day the page stays up
            time.sleep(LOOK_AGAIN_S)
        ended, part = (server, "server") if server.poll() is not None else (simulator, "simulator")
        raise TrackerError(f"the {part} ended by itself (exit code {ended.returncode}); its reason is above")


async def _clock_start_ms(data: Path) -> int:
    """The first morning, or where a demo in the same folder was stopped: stored time never goes back."""
    start_ms = round(datetime.fromisoformat(CLOCK_START).timestamp() * 1000)
    path = Settings(data=data).journal_path
    if not path.exists():
        return start_ms
    journal = await SqliteJournal.open(path)
    try:
        _seq, stored_at_ms = await journal.head(load_tour_folder(FOLDER).slug)
    finally:
        await journal.close()
    return max(start_ms, stored_at_ms)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `tracker` command beside this one, for as long as the block lasts."""
    process = subprocess.Popen([sys.executable, "-m", "tracker", *arguments])  # noqa: S603 our own program
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise TrackerError("the server did not start; its reason is above")
        if _answers(url):
            return
        time.sleep(LOOK_AGAIN_S)
    raise TrackerError(f"the server did not answer on {url}/healthz within {READY_WITHIN_S:g} s")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1):  # noqa: S310 our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
