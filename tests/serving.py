"""A real `tracker serve` in a process of its own, for tests that need the whole."""

from __future__ import annotations

import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tracker.cli import main

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 20.0
OWN = (sys.executable, "-m", "tracker")


@dataclass(frozen=True)
class Server:
    """A running server: where it is, and what it reads and writes."""

    process: subprocess.Popen[bytes]
    command: Sequence[str]  # how this `tracker` is called: another environment has another one
    folder: Path
    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page."""
        return fetch(f"{self.url}{path}")

    def tracker(self, *arguments: str) -> str:
        """What a `tracker` command prints; it must succeed."""
        if self.command == OWN:
            return printed_by(*arguments)
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def devices(self) -> list[dict[str, Any]]:
        """One row per device: `vehicle`, `device`, `token`, `url`."""
        rows = self.tracker("devices", str(self.folder), "--data", str(self.data), "--json")
        devices: list[dict[str, Any]] = json.loads(rows)
        return devices

    def vehicles(self, slug: str = "california-mille") -> list[dict[str, Any]]:
        """What the public interface says of every vehicle."""
        status, body = self.get(f"/api/v1/tours/{slug}/vehicles")
        assert status == HTTPStatus.OK
        vehicles: list[dict[str, Any]] = json.loads(body)
        return vehicles


def printed_by(*arguments: str) -> str:
    """What a `tracker` command prints that must succeed: in a thread of ours, which is there already."""
    printed = io.StringIO()
    with redirect_stdout(printed), ThreadPoolExecutor(1) as thread:
        assert thread.submit(main, arguments).result() == 0
    return printed.getvalue()


def fetch(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET, or of a POST where there is a body to send."""
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def free_port() -> int:
    """A port of this machine that nobody listens on, and that no connection is given before it is used."""
    for _ in range(100):
        port = random.randrange(20_000, 32_000)  # below those that the system gives to connections
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports were taken")


@contextmanager
def serve(
    folder: Path,
    data: Path,
    *options: str,
    port: int | None = None,
    command: Sequence[str] = OWN,
    ready: str = "/readyz",
) -> Iterator[Server]:
    """Run `tracker serve`, on a free port if none is given, until the block ends; when the block begins it is ready."""
    port = port or free_port()
    arguments = [*command, "serve", str(folder), "--data", str(data), "--port", str(port), *options]
    own_environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    with subprocess.Popen(arguments, env=own_environment) as process:
        try:
            server = Server(process, command, folder, data, port)
            wait_until_ready(server, ready)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def wait_until_ready(server: Server, path: str = "/readyz") -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        assert server.process.poll() is None, "the server ended before it was ready; its reason is in the output"
        try:
            if server.get(path)[0] == HTTPStatus.OK:
                return
        except OSError:  # nobody listens yet
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready within {READY_WITHIN_S:g} s")
