"""`tracker demo`: what `make run` starts, and what it leaves behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import URLError

import pytest

from tests.serving import fetch, free_port

WITHIN_S = 60.0


@contextmanager
def demo(port: int, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tracker", "demo", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(command) as process:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0


def vehicles(port: int) -> list[dict[str, Any]]:
    try:
        status, body = fetch(f"http://127.0.0.1:{port}/api/v1/tours/california-mille/vehicles")
    except OSError:  # nobody listens yet
        return []
    found: list[dict[str, Any]] = json.loads(body) if status == 200 else []
    return found


def newest_fix_ms(port: int) -> int:
    return max((vehicle["fix_time_ms"] or 0 for vehicle in vehicles(port)), default=0)


def wait_for_fixes_after(time_ms: int, process: subprocess.Popen[bytes], port: int) -> int:
    deadline = time.monotonic() + WITHIN_S
    while (newest_ms := newest_fix_ms(port)) <= time_ms:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return newest_ms


def test_the_demo_moves_stops_cleanly_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    port = free_port()
    with demo(port, tmp_path) as process:
        first_ms = wait_for_fixes_after(0, process, port)
        last_ms = wait_for_fixes_after(first_ms, process, port)
        assert len(vehicles(port)) == 74
    with pytest.raises(URLError):
        fetch(f"http://127.0.0.1:{port}/healthz")  # server and simulator are gone with it

    with demo(port, tmp_path) as process:
        assert wait_for_fixes_after(last_ms, process, port) > last_ms


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "tracker", "demo", "--port", str(other.server_port), "--data", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        other.shutdown()
    assert done.returncode == 2
    assert "choose another port with --port" in done.stderr
    assert done.stdout == ""
