"""A full disk: devices are told to come back, nothing is promised falsely, and space is all that it takes to go on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sendings import journalled, morning, said_in, tokens_of
from tests.serving import fetch, serve
from tracker.tourfiles import load_tour_folder

KB = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; mounting it takes root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("mounting a tmpfs takes root; tests/journal fills a disk by a limit instead")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk_costs_no_acknowledged_ping_and_heals_by_itself(demo_folder: Path, small_disk: Path) -> None:
    tour = load_tour_folder(demo_folder)
    tokens = tokens_of(tour, small_disk)
    acknowledged: set[tuple[str, int]] = set()
    statuses: list[int] = []
    with serve(demo_folder, small_disk, "--clock-start", "2027-04-26T12:00:00-07:00") as server:

        def post(number: int) -> int:
            """A batch of 200 pings of one phone."""
            batch = [ping for ping in sent[number * 400 : number * 400 + 400] if ping.device == sent[0].device]
            rows = ", ".join(
                f'{{"fix_time_ms": {ping.fix_time_ms}, "lat": {ping.lat}, "lon": {ping.lon}}}' for ping in batch
            )
            status, _ = fetch(f"{server.url}/in/pings/{tokens[batch[0].device]}", f"[{rows}]".encode())
            if status == 200:
                acknowledged.update(ping.said for ping in batch)
            return status

        sent = morning(tour, 2, 40_000)
        assert post(0) == 200
        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk)
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - 64 * KB)))
        number = 1
        while 503 not in statuses:
            statuses.append(post(number))
            number += 1
        assert set(statuses) <= {200, 503}
        assert post(number) == 503
        assert server.get("/healthz")[0] == 200
        ballast.unlink()
        assert [post(again) for again in range(number + 1)] == [200] * (number + 1)
    kept = said_in(await journalled(small_disk, tour.slug))
    assert kept == dict.fromkeys(acknowledged, 1)
