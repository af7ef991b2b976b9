"""Promise 1, the half that kill -9 cannot show: the answer's bytes leave after the flush to disk, not before."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from tests.serving import fetch, serve

PINGS = 5


def test_every_answer_leaves_after_a_flush_that_began_after_its_ping_came(
    demo_folder: Path, tmp_path: Path, program: Callable[..., str]
) -> None:
    trace = tmp_path / "trace"
    # -D: the server stays our own child, with strace beside it, so that stopping it is as ever
    strace = [program("strace"), "-D", "-f", "-s", "40", "-e", "trace=fdatasync,recvfrom,sendto", "-o", str(trace)]
    untraced = (sys.executable, "-m", "tracker")
    with serve(demo_folder, tmp_path / "data", command=[*strace, *untraced]) as server:
        devices = replace(server, command=untraced).devices()
        for number in range(PINGS):
            ping = [{"lat": 37.79, "lon": -122.41, "fix_time_ms": 1_781_342_130_000 + number}]
            url = f"{server.url}/in/pings/{devices[0]['token']}"
            assert fetch(url, json.dumps(ping).encode())[0] == HTTPStatus.OK

    flushed: bool | None = None  # since the last ping came; None while none waits for its answer
    answered = 0
    for line in trace.read_text().splitlines():
        if '"POST /in/pings' in line:
            flushed = False
        elif "fdatasync" in line and line.endswith("= 0") and flushed is not None:
            flushed = True
        elif '"HTTP/1.1 200' in line and flushed is not None:
            assert flushed, line
            flushed = None
            answered += 1
    assert answered == PINGS
