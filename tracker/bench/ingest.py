"""What a durable ping costs: the way in beside a bare aiohttp handler, in pairs of runs, so that noise hits both."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.bench.load import CLIENT_CPU, SERVER_CPU, on_cpu
from tracker.errors import TrackerError

WARMUP_S = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One run against one kind of server."""

    accepted: int
    accepted_per_s: float
    cpu_s_per_100k: float
    ack_p50_ms: float
    ack_p99_ms: float
    failures: dict[str, int]


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("ingest", help="durable pings over HTTP beside an aiohttp handler that only answers")
    parser.add_argument("--rate", type=float, nargs="+", default=[0, 4000, 1000], help="pings a second; 0: full speed")
    parser.add_argument("--connections", type=int, default=100, help="phones (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each run (default %(default)g)")
    parser.add_argument("--pairs", type=int, default=5, help="of runs; their median counts (default %(default)s)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (default: the temporary folder)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    for rate in args.rate:
        for line in report(rate, args.connections, args.seconds, args.pairs, args.folder):
            print(line, flush=True)
    return 0


def report(rate: float, connections: int, seconds: float, pairs: int, folder: Path | None) -> Iterator[str]:
    """Measure both kinds in turns and tell of each run, then of the ratio."""
    yield f"{connections} phones, " + (f"{rate:,.0f} pings/s" if rate else "as fast as they are answered")
    yield f"{'server':8}{'accepted':>10}{'per s':>9}{'CPU s/100k':>12}{'ack p50 ms':>12}{'ack p99 ms':>12}"
    ratios = []
    for _ in range(pairs):
        runs = {kind: measure(kind, rate, connections, seconds, folder) for kind in ("bare", "ingest")}
        ratios.append(runs["ingest"].cpu_s_per_100k / runs["bare"].cpu_s_per_100k)
        for kind, run in runs.items():
            yield (
                f"{kind:8}{run.accepted:10,}{run.accepted_per_s:9,.0f}{run.cpu_s_per_100k:12.2f}"
                f"{run.ack_p50_ms:12.2f}{run.ack_p99_ms:12.2f}"
                + (f"  not accepted: {run.failures}" if run.failures else "")
            )
    yield f"CPU of a durable ping: {statistics.median(ratios):.2f} x the bare handler's, median of {pairs}\n"


def measure(kind: str, rate: float, connections: int, seconds: float, folder: Path | None) -> Measured:
    """One run. Raises TrackerError if pings were acknowledged that are not in the journal."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-ingest-") as data:
        server = on_cpu(SERVER_CPU, sys.executable, "-m", "tracker.bench.ingest_server", kind, data)
        client = on_cpu(CLIENT_CPU, sys.executable, "-m", "tracker.bench.ping_client")
        try:
            address = read(server)
            order = {**address, "connections": connections, "rate": rate, "seconds": seconds, "warmup_s": WARMUP_S}
            write(client, json.dumps(order))
            before, after = [sample(client, server) for _ in range(2)]
            report = read(client)
            write(server, "")
            stored = read(server)["stored"]
        finally:
            for process in (client, server):
                if process.stdin:
                    process.stdin.close()
                process.wait(30)
    if kind == "ingest" and stored < report["accepted"]:
        raise TrackerError(f"{report['accepted']} pings were acknowledged and {stored} are in the journal")
    cpu_s = after["cpu_s"] - before["cpu_s"]
    return Measured(cpu_s_per_100k=cpu_s / max(report["accepted"], 1) * 100_000, **report)


def sample(client: subprocess.Popen[str], server: subprocess.Popen[str]) -> dict[str, Any]:
    """The server's CPU seconds at the moment when the client says that its window begins or ends."""
    line_of(client)
    write(server, "")
    return read(server)


def write(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def read(process: subprocess.Popen[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(line_of(process))
    return document


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise TrackerError("a part of the bench ended early; its reason is above")
    return line
