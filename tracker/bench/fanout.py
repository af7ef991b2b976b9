"""What a spectator costs: the real front and hub beside `wslimit`, the least that any server can do, in turns.

Machines drift and neighbours are noisy, so CPU per delivery and latency are ratios to a run of the C program in the
same minute, and the median of several pairs; memory and the price of joining are as the process table has them.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import sys
from collections.abc import Iterator
from typing import Any

from tracker.bench import load
from tracker.bench.fanout_server import STAMP_OFFSET, TOUR
from tracker.bench.fanout_steps import STEPS
from tracker.bench.wire import print_bytes_on_the_wire
from tracker.errors import TrackerError

MEASURES = ("deliveries", "joins", "memory", "stalled", "wire")

VEHICLES = 205  # that all move on every beat make frames of 1,513 bytes
LIMIT_FRAME_BYTES = 1513
LIMIT_STAMP_OFFSET = 2
SMALLEST_DELTA_BYTES = 200  # heartbeats and control frames are no deliveries
INFLATED = 50  # one connection in so many reads what it gets, if it is compressed
JOINING = 1000
IDLE = 10_000
FOLLOWING, STALLED = 950, 50
STALLED_RATE = 20.0  # 30 kB/s: a reader that reads nothing is full within seconds
STALLED_RECEIVE_BYTES = 4096
STALLED_FILL_S = 8.0


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("fanout", help="deliveries to spectators beside the C limit, joins, memory, bytes")
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"of {', '.join(MEASURES)} (default all)")
    parser.add_argument("--spectators", type=int, nargs="+", default=[1000, 5000], help="default 1000 5000")
    parser.add_argument("--rate", type=float, default=5.0, help="frames a second (default %(default)g)")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each run (default %(default)g)")
    parser.add_argument("--pairs", type=int, default=5, help="of runs; their median counts (default %(default)s)")
    parser.add_argument(
        "--step", choices=STEPS, default="hub", help="a step on the way to the hub instead: see docs/fan-out.md"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if odd := set(args.measures) - set(MEASURES):
        raise TrackerError(f"no measure {', '.join(sorted(odd))}; there are {', '.join(MEASURES)}")
    wanted = args.measures or MEASURES
    if set(wanted) - {"wire"}:
        load.build()
    if "deliveries" in wanted:
        for spectators in args.spectators:
            print_deliveries(args.step, spectators, args.rate, args.seconds, args.pairs)
    if "joins" in wanted:
        print_joins(args.step, args.pairs)
    if "memory" in wanted:
        print_memory(args.step)
    if "stalled" in wanted:
        print_stalled(args.seconds, args.pairs)
    if "wire" in wanted:
        print_bytes_on_the_wire()
    return 0


def print_deliveries(step: str, spectators: int, rate: float, seconds: float, pairs: int) -> None:
    print(f"{spectators:,} spectators, {rate:g} frames/s of {LIMIT_FRAME_BYTES:,} B, {pairs} pairs of {seconds:g} s")
    print(f"{'':14}{'CPU s/1M':>10}{'p50 ms':>9}{'p99 ms':>9}{'foreign CPUs':>14}")
    cpu_ratios, p99s = [], []
    for _ in range(pairs):
        with product(step, rate) as (url, pid):
            ours = follow(url, pid, spectators, seconds)
        with limit(rate) as (url, pid):
            theirs = follow(url, pid, spectators, seconds, LIMIT_STAMP_OFFSET)
        for name, report in ((step, ours), ("limit", theirs)):
            latency, cpu_s = report["latency_ms"], report["server"]["cpu_s_per_million"]
            foreign = report["foreign_cpu_s"] / report["window_s"]
            print(f"  {name:12}{cpu_s:10.2f}{latency['p50']:9.1f}{latency['p99']:9.1f}{foreign:14.2f}", flush=True)
        cpu_ratios.append(ours["server"]["cpu_s_per_million"] / theirs["server"]["cpu_s_per_million"])
        p99s.append((ours["latency_ms"]["p99"], theirs["latency_ms"]["p99"]))
    print(f"  CPU per delivery {statistics.median(cpu_ratios):.2f} x the limit (median)")
    print(f"  p99 {compared(p99s)}\n")


def print_joins(step: str, runs: int) -> None:
    costs = []
    for _ in range(runs):
        with product(step, rate=1.0) as (url, pid):
            report = follow(url, pid, JOINING, seconds=1.0)
        costs.append(report["server"]["open_cpu_ms_per_connection"])
    print(f"joining, {JOINING:,} at once, snapshot included: {statistics.median(costs):.3f} ms CPU each\n")


def print_memory(step: str) -> None:
    with product(step, rate=0.0) as (url, pid):
        report = follow(url, pid, IDLE, seconds=1.0)
    print(f"{report['opened']:,} idle spectators: {report['server']['rss_kb_per_connection']:.2f} kB RSS each\n")


def print_stalled(seconds: float, pairs: int) -> None:
    print(f"{FOLLOWING} spectators beside {STALLED} that never read, {STALLED_RATE:g} frames/s")
    both_p99s, growths = [], []
    for _ in range(pairs):
        with product("hub", STALLED_RATE) as (url, pid):
            alone = follow(url, pid, FOLLOWING, seconds, settle_s=STALLED_FILL_S)
        with product("hub", STALLED_RATE) as (url, pid), never_reading(url, STALLED):
            beside = follow(url, pid, FOLLOWING, seconds, settle_s=STALLED_FILL_S)
        both_p99s.append((beside["latency_ms"]["p99"], alone["latency_ms"]["p99"]))
        growths.append(beside["server"]["rss_end_kb"] - alone["server"]["rss_end_kb"])
        p99s = f"{alone['latency_ms']['p99']:.1f} ms alone, {beside['latency_ms']['p99']:.1f} ms beside them"
        print(f"  p99 {p99s}, {beside['lost']} lost", flush=True)
    print(f"  p99 {compared(both_p99s)}; the hub is {statistics.median(growths):+,.0f} kB larger (median)\n")


def compared(pairs: list[tuple[float, float]]) -> str:
    """The median ratio, and that of the quietest runs: neighbours can make a latency longer, never shorter."""
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (min(side) for side in zip(*pairs, strict=True))
    return f"{ratio:.2f} x (median); in the quietest runs {ours:.1f} and {theirs:.1f} ms, {ours / theirs:.2f} x"


@contextlib.contextmanager
def product(step: str, rate: float) -> Iterator[tuple[str, int]]:
    """The bench server, as (url, pid)."""
    options = ("--step", step, "--rate", str(rate), "--vehicles", str(VEHICLES))
    server = load.on_cpu(load.SERVER_CPU, sys.executable, "-m", "tracker.bench.fanout_server", *options)
    try:
        assert server.stdout is not None
        yield f"ws://127.0.0.1:{int(server.stdout.readline())}/live/{TOUR}", server.pid
    finally:
        server.terminate()
        server.communicate()


@contextlib.contextmanager
def limit(rate: float) -> Iterator[tuple[str, int]]:
    """`wslimit` on a port that was free a moment ago, as (url, pid)."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    options = ("--port", str(port), "--rate", str(rate), "--bytes", str(LIMIT_FRAME_BYTES))
    server = load.on_cpu(load.SERVER_CPU, str(load.SOURCES / "bin" / "wslimit"), *options)
    try:
        for _ in range(100):
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
                break
        yield f"ws://127.0.0.1:{port}/", server.pid
    finally:
        server.terminate()
        server.communicate()


def follow(
    url: str, pid: int, spectators: int, seconds: float, stamp_offset: int = STAMP_OFFSET, settle_s: float = 1.0
) -> dict[str, Any]:
    """Let so many spectators watch for so long."""
    stamps = ("--ts-offset", str(stamp_offset), "--min-bytes", str(SMALLEST_DELTA_BYTES))
    process = ("--pid", str(pid), "--settle", str(settle_s))
    browser = ("--subprotocol", "milepost.v1", "--deflate", "--sample", str(INFLATED))  # which every browser offers
    return load.spectators(url, spectators, seconds, *browser, *stamps, *process)


@contextlib.contextmanager
def never_reading(url: str, count: int) -> Iterator[None]:
    """Connections that ask for the feed and then never read a byte of it."""
    host, _, path = url.removeprefix("ws://").partition("/")
    name, _, port = host.partition(":")
    request = (
        f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_RECEIVE_BYTES)
            reader.connect((name, int(port)))
            reader.sendall(request.encode())
        yield
