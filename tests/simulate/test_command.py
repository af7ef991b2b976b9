"""`tracker simulate` as a person meets it: sentences, and an end on request."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.serving import free_port, serve
from tracker.cli import main
from tracker.simulate.boxes import BOXES
from tracker.simulate.encoders import SPEECHES

CLOCK = ("--clock-start", "2027-04-26T09:00:00-07:00", "--clock-rate", "60")


@pytest.mark.parametrize("option", ["--speed=0", "--speed=nan", "--vehicles=0", "--interval=-5"])
def test_a_number_that_makes_no_sense_is_refused(
    option: str, demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(demo_folder), "--data", str(tmp_path), option]) == 2
    assert f"{option.partition('=')[0]} must be at least" in capsys.readouterr().err


def test_it_drives_the_demo_against_a_real_server_until_it_is_interrupted(demo_folder: Path, tmp_path: Path) -> None:
    with serve(demo_folder, tmp_path, *CLOCK) as server:
        options = ["--url", server.url, "--data", str(tmp_path), "--speed", "60"]
        command = [sys.executable, "-m", "tracker", "simulate", str(demo_folder), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
            try:
                while not any(vehicle["status"] == "running" for vehicle in server.vehicles()):
                    assert simulator.poll() is None
                    time.sleep(0.2)
            finally:
                simulator.send_signal(signal.SIGINT)
            output, _ = simulator.communicate(timeout=20)
        assert simulator.returncode == 0
        assert "leg 1" in output
        assert output.endswith("Stopped.\n")


def with_boxes(folder: Path, copy: Path) -> Path:
    """The demo tour, in which the second half of the field has boxes."""
    shutil.copytree(folder, copy)
    titles, *rows = (copy / "roster.csv").read_text().splitlines()
    numbers = [f",{49015420 + 7 * row}3237518" if row >= len(rows) // 2 else "," for row in range(len(rows))]
    lines = [f"{titles},imei", *(row + number for row, number in zip(rows, numbers, strict=True))]
    (copy / "roster.csv").write_text("\n".join(lines))
    return copy


def test_a_mixture_of_apps_and_boxes_is_heard_and_nothing_of_it_refused(demo_folder: Path, tmp_path: Path) -> None:
    folder, data = with_boxes(demo_folder, tmp_path / "tour"), tmp_path / "data"
    count = 2 * max(len(SPEECHES), len(BOXES))
    streams = ("--streams", ",".join(f"{name}={free_port()}" for name in BOXES))
    with serve(folder, data, *CLOCK, *streams) as server:
        options = [
            "--url",
            server.url,
            "--data",
            str(data),
            "--speed",
            "60",
            "--mix",
            "--vehicles",
            str(count),
            *streams,
        ]
        command = [sys.executable, "-m", "tracker", "simulate", str(folder), *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as simulator:
            try:
                while sum(vehicle["freshness"] != "never" for vehicle in server.vehicles()) < count:
                    assert simulator.poll() is None
                    time.sleep(0.2)
                _, metrics = server.get("/metrics")
            finally:
                simulator.send_signal(signal.SIGINT)
    assert [line for line in metrics.splitlines() if b"quarantined" in line and line.endswith(b" 0.0")]
    assert b"milepost_boxes_closed_total{" not in metrics
    (connected,) = re.findall(rb"^milepost_boxes_connected (\d+)", metrics, re.MULTILINE)
    assert int(connected) >= len(BOXES)
