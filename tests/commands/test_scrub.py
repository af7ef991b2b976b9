"""`tracker scrub`, and a real server on a damaged file: red, told as exact numbers, right again after the resend."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.commands.stored import CARS, PER_CAR, digest, drive
from tests.journal.test_damage import flip
from tests.serving import Server, fetch, serve
from tracker.cli import main
from tracker.core.model import Ping
from tracker.process import alone_in
from tracker.tourfiles import load_tour_folder

SLUG = "california-mille"
CLOCK = ("--clock-start", "2027-04-26T10:00:00-07:00")
TOTAL = len(CARS) * PER_CAR


def flip_record(data: Path, seq: int) -> None:
    path = data / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        (payload,) = connection.execute("SELECT payload FROM record WHERE seq = ?", (seq,)).fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    at = content.find(payload)
    while at >= 0:  # a page that was split keeps dead copies
        flip(path, at + 20)
        at = content.find(payload, at + 1)


def readiness(server: Server) -> tuple[int, dict[str, Any]]:
    status, body = server.get("/readyz")
    return status, json.loads(body)


def eventually_red(server: Server) -> list[str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status, body = readiness(server)
        if body["damage"]:
            assert status == HTTPStatus.SERVICE_UNAVAILABLE
            return list(body["damage"])
        time.sleep(0.05)
    raise AssertionError("no damage was told")


def test_a_sound_journal_says_how_large_it_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scrub", "--data", str(data)]) == 0
    verified, size = capsys.readouterr().out.splitlines()
    assert verified == f"{SLUG}: {TOTAL:,} records verified"
    assert "bytes a record with its indices" in size


def test_damage_is_told_and_mended_until_somebody_accepts_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip_record(data, 123)
    with alone_in(data):
        assert main(["scrub", "--data", str(data)]) == 1
    assert f"{SLUG}: trouble in records 123 to 123; the server mends it" in capsys.readouterr().out
    assert main(["scrub", "--data", str(data)]) == 1
    assert f"mended\n{SLUG}: records 123 to 123 were missing or altered" in capsys.readouterr().out
    assert main(["scrub", "--data", str(data)]) == 1
    assert main(["scrub", "--data", str(data), "--accept"]) == 0
    assert main(["scrub", "--data", str(data)]) == 0


def test_a_server_on_a_damaged_file_is_red_and_right_again_after_the_resend(
    demo_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed = digest(data, capsys)
    flip_record(data, PER_CAR + 5)
    with serve(demo_folder, data, *CLOCK, ready="/healthz") as server:
        assert eventually_red(server) == [f"{SLUG}: records {PER_CAR + 5} to {PER_CAR + 5} were missing or altered"]
        tokens = {row["vehicle"]: row["token"] for row in server.devices()}
        tour = load_tour_folder(demo_folder)
        for car in CARS:
            pings = [said(entry.body) for entry in drive(tour, car) if isinstance(entry.body, Ping)]
            body = json.dumps(pings).encode()
            status, _ = fetch(f"{server.url}/in/pings/{tokens[car]}", body, **{"Content-Type": "application/json"})
            assert status == HTTPStatus.OK
        assert readiness(server)[0] == HTTPStatus.SERVICE_UNAVAILABLE, "until somebody has taken note"
    assert digest(data, capsys) == undisturbed
    assert main(["scrub", "--data", str(data), "--accept"]) == 0
    with serve(demo_folder, data, *CLOCK):
        pass  # ready means green


def test_a_killed_server_whose_log_was_damaged_tells_exactly_what_it_had_acknowledged(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite opens such a file without a word, and shorter."""
    data, undisturbed = tmp_path / "data", tmp_path / "undisturbed"
    tour = load_tour_folder(demo_folder)
    pings = [said(entry.body) for entry in drive(tour, "1") if isinstance(entry.body, Ping)]

    def post(server: Server) -> None:
        token = next(row["token"] for row in server.devices() if row["vehicle"] == "1")
        for start in range(0, len(pings), 4):
            body = json.dumps(pings[start : start + 4]).encode()
            status, _ = fetch(f"{server.url}/in/pings/{token}", body, **{"Content-Type": "application/json"})
            assert status == HTTPStatus.OK

    with serve(demo_folder, undisturbed, *CLOCK) as server:
        post(server)
    with serve(demo_folder, data, *CLOCK) as server:
        post(server)
        server.process.kill()
        server.process.wait()
    log = data / "journal.sqlite-wal"
    flip(log, log.stat().st_size // 2)
    with serve(demo_folder, data, *CLOCK, ready="/healthz") as server:
        (told,) = eventually_red(server)
        first, last = [int(word) for word in told.split() if word.isdigit()]
        assert 1 < first <= last == len(pings)
        exported = server.tracker("export", str(demo_folder), "--data", str(data), "pings").splitlines()
        assert len(exported) == first - 1
        post(server)
    assert digest(data, capsys) == digest(undisturbed, capsys)


def said(ping: Ping) -> dict[str, object]:
    return {"fix_time_ms": ping.fix_time_ms, "lat": ping.lat, "lon": ping.lon, "accuracy_m": ping.accuracy_m}
