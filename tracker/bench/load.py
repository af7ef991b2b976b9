"""The load clients in tests/bench/load/ (C): build them, run them, read what they measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError

SOURCES = Path(__file__).resolve().parents[2] / "tests" / "bench" / "load"
BUILD_WITHIN_S = 120
BEYOND_WINDOW_S = 180  # opening thousands of connections takes its time, and then the window starts

CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CPU, CLIENT_CPU = CPUS[0], CPUS[-1]  # apart where the machine has two: neither slows the other down


def build() -> Path:
    """The folder with `wsload`, `wslimit` and `pingload`, compiled if need be; TrackerError says what is missing."""
    if not (SOURCES / "Makefile").is_file():
        raise TrackerError(
            "the load clients are C programs in tests/bench/load/: run this in a clone of the repository"
        )
    missing = [program for program in ("make", "cc") if shutil.which(program) is None]
    if missing:
        raise TrackerError(f"{' and '.join(missing)} not found: on Debian, apt-get install make gcc zlib1g-dev")
    made = subprocess.run(  # noqa: S603 our own Makefile
        ["make", "--silent", "-C", str(SOURCES)],  # noqa: S607 whichever make is on PATH
        capture_output=True,
        text=True,
        timeout=BUILD_WITHIN_S,
        check=False,
    )
    if made.returncode:
        hint = "; on Debian, apt-get install zlib1g-dev" if "zlib.h" in made.stderr else ""
        raise TrackerError(f"the load clients did not compile{hint}:\n{made.stderr.strip()}")
    return SOURCES / "bin"


def on_cpu(cpu: int, *command: str) -> subprocess.Popen[str]:
    """Start a program on one CPU (which its own children inherit), to be talked to through its input and output."""
    process = subprocess.Popen(  # noqa: S603 our own programs
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {cpu})
    return process


def start_spectators(url: str, connections: int, seconds: float, *flags: str) -> subprocess.Popen[str]:
    """Start `wsload`; `spectators_report` waits for what it measured."""
    window = ("--connections", str(connections), "--seconds", str(seconds))
    return on_cpu(CLIENT_CPU, str(SOURCES / "bin" / "wsload"), "--url", url, *window, "--json", "-", *flags)


def spectators_report(process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    """The JSON object that `wsload` writes at its end. Raises TrackerError if it did not get so far."""
    try:
        written, _ = process.communicate(timeout=seconds + BEYOND_WINDOW_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise TrackerError("the load client did not end in time") from None
    try:
        report: dict[str, Any] = json.loads(written)
    except ValueError:
        raise TrackerError(f"the load client failed (exit code {process.returncode}); its reason is above") from None
    return report


def spectators(url: str, connections: int, seconds: float, *flags: str) -> dict[str, Any]:
    return spectators_report(start_spectators(url, connections, seconds, *flags), seconds)
