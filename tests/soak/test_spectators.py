"""Spectators that come and go for half an hour: the hub's memory stays where it is.

`MILEPOST_SOAK_S` says for how long (default 1800); crowds of four load clients overlap, each with a life of its own.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from tracker.bench import load
from tracker.bench.fanout import product
from tracker.errors import TrackerError

SOAK_S = float(os.environ.get("MILEPOST_SOAK_S", "1800"))
CROWDS, CROWD = 4, 500  # 2,000 spectators
SHORTEST_S, LONGEST_S = 4.0, 12.0  # of a crowd's life
SETTLED_AFTER = 0.2  # of the time: every pool and cache has been filled once
GROWTH = 1.05


def rss_kb(pid: int) -> int:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1])


@pytest.mark.soak
def test_the_hub_keeps_its_size_while_spectators_come_and_go() -> None:
    try:
        load.build()
    except TrackerError as missing:
        pytest.skip(str(missing))
    rng = Random(1)
    sizes_kb: list[tuple[float, int]] = []
    crowds: list[subprocess.Popen[str]] = []
    opened = delivered = lost = 0
    with product("hub", rate=1.0) as (url, pid):
        began = time.monotonic()
        while (passed_s := time.monotonic() - began) < SOAK_S:
            ended = [crowd for crowd in crowds if crowd.poll() is not None]
            for crowd in ended:
                report = load.spectators_report(crowd, 0.0)
                assert report["first_error"] == ""
                opened += report["opened"]  # on a busy machine a short life may end before all are in
                delivered += report["messages"]
                lost += report["lost"]
            crowds = [crowd for crowd in crowds if crowd not in ended]
            while len(crowds) < CROWDS:
                crowds.append(load.start_spectators(url, CROWD, rng.uniform(SHORTEST_S, LONGEST_S), "--settle", "0"))
            time.sleep(0.5)
            sizes_kb.append((passed_s, rss_kb(pid)))
        for crowd in crowds:
            crowd.communicate()
    settled = [kb for passed_s, kb in sizes_kb if passed_s >= SETTLED_AFTER * SOAK_S]
    half = len(settled) // 2
    sizes = f"RSS at most {max(settled[:half]):,} kB, later {max(settled[half:]):,} kB"
    print(f"{opened:,} spectators, {delivered:,} frames; {sizes}")
    assert delivered > opened > CROWDS * CROWD
    assert lost == 0
    assert max(settled[half:]) <= GROWTH * max(settled[:half])
