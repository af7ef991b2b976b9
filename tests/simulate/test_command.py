"""`tracker simulate` as a person meets it: sentences, and an end on request."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.serving import serve
from tracker.cli import main
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


def test_a_mixture_of_apps_is_heard_and_nothing_of_it_refused(demo_folder: Path, tmp_path: Path) -> None:
    apps = len(SPEECHES)
    with serve(demo_folder, tmp_path, *CLOCK) as server:
        options = ["--url", server.url, "--data", str(tmp_path), "--speed", "60", "--mix", "--vehicles", str(apps)]
        command = [sys.executable, "-m", "tracker", "simulate", str(demo_folder), *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as simulator:
            try:
                while sum(vehicle["freshness"] != "never" for vehicle in server.vehicles()) < apps:
                    assert simulator.poll() is None
                    time.sleep(0.2)
            finally:
                simulator.send_signal(signal.SIGINT)
        _, metrics = server.get("/metrics")
    assert b"quarantined" in metrics
    assert [line for line in metrics.splitlines() if b"quarantined" in line and line.endswith(b" 0.0")]
