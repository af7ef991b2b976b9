"""`tracker export`: what the journal holds, in the form that `tracker replay` reads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.cli import main
from tracker.core.model import Calibration, Ping, RecordKind
from tracker.devices import devices_of
from tracker.journal.contract import Entry
from tracker.journal.sqlite import SqliteJournal
from tracker.tourfiles import load_tour_folder

TIMED = Ping("12", 1_809_000_000_000, 37.79, -122.41, 5.0, 15.001, 128.0, battery_pct=83.0)
UNTIMED = Ping("S1", None, 37.8, -122.4, sos=True)


async def fill(folder: Path, data: Path) -> None:
    tour = load_tour_folder(folder)
    journal = await SqliteJournal.open(data / "journal.sqlite")
    await journal.set_devices(tour.slug, devices_of(tour))
    await journal.append(tour.slug, [Entry(RecordKind.PING, TIMED)], 1_809_000_000_500)
    await journal.append(tour.slug, [Entry(RecordKind.CALIBRATION, Calibration("12", 60_000))], 1_809_000_000_600)
    await journal.append(tour.slug, [Entry(RecordKind.PING, UNTIMED)], 1_809_000_001_000)
    await journal.close()


def test_every_ping_is_a_line_in_the_order_of_arrival(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(fill(demo_folder, tmp_path))
    assert main(["export", str(demo_folder), "--data", str(tmp_path), "pings"]) == 0
    timed, untimed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert timed == {
        "vehicle": "12",
        "device": "12",
        "fix_time_ms": 1_809_000_000_000,
        "received_at_ms": 1_809_000_000_500,
        "lat": 37.79,
        "lon": -122.41,
        "accuracy_m": 5.0,
        "speed_mps": 15.001,
        "bearing_deg": 128.0,
        "sos": False,
        "battery_pct": 83.0,
    }
    assert (untimed["vehicle"], untimed["sos"], untimed["battery_pct"]) == ("S1", True, None)
    assert untimed["fix_time_ms"] == untimed["received_at_ms"] == 1_809_000_001_000


def test_a_reader_that_has_seen_enough_is_no_trouble(demo_folder: Path, tmp_path: Path) -> None:
    """As in `tracker export … pings | head`."""
    asyncio.run(fill(demo_folder, tmp_path))
    command = [sys.executable, "-m", "tracker", "export", str(demo_folder), "--data", str(tmp_path), "pings"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        export.stdout.close()
        assert export.stderr.read() == b""
    assert export.returncode == 0


def test_a_journal_that_is_not_there_is_named(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(demo_folder), "--data", str(tmp_path), "pings"]) == 2
    assert "there is no journal at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
