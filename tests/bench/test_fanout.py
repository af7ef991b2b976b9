"""The bench of spectators: it runs, it says what is missing, and what needs no stopwatch holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tracker.bench.wire import DEMO, count
from tracker.tourfiles import load_tour_folder

BENCH = (sys.executable, "-m", "tracker", "bench", "fanout")
SMALL = ("--spectators", "20", "--pairs", "1", "--seconds", "0.5", "--rate", "20")


def test_a_small_run_compares_the_hub_with_the_limit(program: Callable[..., str]) -> None:
    program("make")
    program("cc")
    done = subprocess.run([*BENCH, "deliveries", *SMALL], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "x the limit (median)" in done.stdout


def test_without_a_compiler_it_says_what_to_install() -> None:
    done = subprocess.run(
        [*BENCH, "deliveries"], capture_output=True, text=True, check=False, env={"PATH": "/nowhere"}, timeout=60
    )
    assert done.returncode == 2
    assert "make and cc not found: on Debian, apt-get install make gcc zlib1g-dev" in done.stderr


def test_a_measure_that_does_not_exist_is_named() -> None:
    done = subprocess.run([*BENCH, "speed"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "no measure speed" in done.stderr


@pytest.fixture(scope="module")
def demo_bytes() -> tuple[int, float]:
    """(bytes of a snapshot, bytes a second) of the demo's field with a ping every five seconds."""
    return count(load_tour_folder(DEMO), interval_s=5, measured_s=60)


def test_a_spectator_of_the_demo_receives_less_than_300_bytes_a_second(demo_bytes: tuple[int, float]) -> None:
    _, per_s = demo_bytes
    assert 100 < per_s <= 300


def test_the_demos_snapshot_fits_into_six_kilobytes(demo_bytes: tuple[int, float]) -> None:
    snapshot, _ = demo_bytes
    assert 3000 < snapshot <= 6000
