"""A data folder as a server leaves it: some cars of the demo tour have driven for an hour."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracker.cli import main
from tracker.core.model import Ping, RecordKind, Refusal, Tour
from tracker.devices import devices_of, load_key
from tracker.journal.contract import Entry
from tracker.journal.sqlite import SqliteJournal
from tracker.tourfiles import load_tour_folder
from tracker.wire.tourdocument import tour_document

CARS = ("1", "2", "12")
MINUTES = 60
INTERVAL_S = 10
PER_CAR = MINUTES * 60 // INTERVAL_S


def drive(tour: Tour, number: str) -> list[Entry]:
    """A car's first hour on the course, a fix every ten seconds."""
    leg = tour.legs[0]
    index = next(i for i, vehicle in enumerate(tour.vehicles) if vehicle.number == number)
    start_ms = tour.start_time_ms(0, index)
    assert start_ms is not None
    entries = []
    for second in range(0, MINUTES * 60, INTERVAL_S):
        lat, lon = leg.course.point_at(second * leg.planned_average_mps)
        entries.append(Entry(RecordKind.PING, Ping(number, start_ms + second * 1000, lat, lon, 6.0)))
    return entries


async def fill(folder: Path, data: Path, cars: Sequence[str] = CARS) -> None:
    tour = load_tour_folder(folder)
    load_key(data / "server.key")
    journal = await SqliteJournal.open(data / "journal.sqlite")
    await journal.import_tour(tour.slug, tour_document(tour), 1)
    await journal.set_devices(tour.slug, devices_of(tour))
    for car in cars:
        entries = drive(tour, car)
        received_ms = getattr(entries[-1].body, "fix_time_ms", 0)
        refusals = [Refusal("syntax", b"a secret of " + car.encode())]
        await journal.append(tour.slug, entries, received_ms, device=car, refusals=refusals)
    await journal.close()


@pytest.fixture
def data(demo_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    asyncio.run(fill(demo_folder, folder))
    return folder


def digest(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `tracker rebuild` prints."""
    capsys.readouterr()
    assert main(["rebuild", "--data", str(data)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["type"] == "digest"
    return str(line["sha256"])
