"""`tracker bench latency`: from a phone's request to the frame folded by a page, through the whole product."""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from websockets.asyncio.client import connect

import tracker
from tracker.bench.floor import flush_ms, hop_ms
from tracker.core.model import Tour
from tracker.devices import device_token, devices_of, load_key
from tracker.errors import TrackerError
from tracker.tourfiles import load_tour_folder
from tracker.wire.audience import UNKNOWN
from tracker.wire.frames import FeedState

FOLDER = Path(tracker.__file__).parent / "demo" / "california-mille"
CLOCK_START = "2027-04-26T09:30:00-07:00"
SPEED_MPS = 15.0
WARM_UP_S = 3.0  # joins and first snapshots are another matter
STEP_MS = 100  # frames tell fix times so finely


@dataclass
class Samples:
    """When each (vehicle, fix time) was posted, and how long it took to be folded by each page."""

    posted_at: dict[tuple[int, int], float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("latency", help="from a phone's request to the frame folded by a page")
    parser.add_argument("--every", type=float, default=5.0, metavar="S", help="seconds between a vehicle's pings")
    parser.add_argument("--spectators", type=int, default=50, help="pages that follow (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure (default %(default)s)")
    parser.add_argument("--beat-ms", type=int, default=1000, help="time between frames; 0 = at once")
    parser.add_argument("--through-redis", action="store_true", help="with a redis-server of its own as the bus")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    tour = load_tour_folder(FOLDER)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="milepost-bench-")))
        redis = stack.enter_context(own_redis(folder)) if args.through_redis else None
        options = ["--public-beat-ms", str(args.beat_ms), "--clock-start", CLOCK_START]
        if redis is not None:
            options += ["--redis", redis]
        url = stack.enter_context(running_server(folder, *options))
        key = load_key(folder / "server.key")
        tokens = [device_token(key, tour.slug, device.name, 1) for device in devices_of(tour)]
        samples = asyncio.run(measure(tour, tokens, url, args))
        flushed_ms, hop_took_ms = flush_ms(folder), None if redis is None else hop_ms(redis)
    took_ms = sorted(1000 * took for took in samples.took_s)
    if not took_ms:
        raise TrackerError("no ping reached a page")
    print(
        f"{len(tokens)} vehicles, a ping every {args.every:g} s, {args.spectators} spectators, beat {args.beat_ms} ms"
        f"{', through Redis' if args.through_redis else ''}: {len(samples.posted_at)} pings, {len(took_ms)} arrivals; "
        f"ping to folded frame p50 {quantile(took_ms, 0.5):.1f} ms, p99 {quantile(took_ms, 0.99):.1f} ms"
    )
    hops = "" if hop_took_ms is None else f", and each of two hops through Redis {hop_took_ms:.2f} ms"
    print(f"of that no program can do without: a flush to disk takes {flushed_ms:.2f} ms{hops}")
    return 0


async def measure(tour: Tour, tokens: list[str], url: str, args: argparse.Namespace) -> Samples:
    """Let phones post and pages follow, for as long as asked."""
    samples = Samples()
    async with aiohttp.ClientSession(url) as session, session.get("/api/v1/clock") as answer:
        offset_ms = (await answer.json())["now_ms"] - time.time_ns() // 1_000_000
    pages = [asyncio.create_task(follow(tour, url, samples)) for _ in range(args.spectators)]
    phones = [
        asyncio.create_task(drive(url, tour, vehicle, token, offset_ms, args, samples))
        for vehicle, token in enumerate(tokens)
    ]
    await asyncio.gather(*phones)
    await asyncio.sleep(2 * args.beat_ms / 1000 + 0.5)  # the last frames are still under way
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return samples


async def drive(
    url: str,
    tour: Tour,
    vehicle: int,
    token: str,
    offset_ms: int,
    args: argparse.Namespace,
    samples: Samples,
) -> None:
    """One vehicle under way on the first leg; vehicles take turns within the interval.

    Its phone writes plain bytes: a library's own milliseconds are not what is measured here.
    """
    course = tour.legs[0].course
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST /in/osmand/{token} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: "
    begun = time.monotonic()
    await asyncio.sleep(args.every * vehicle / len(tour.vehicles))
    while (driven_s := time.monotonic() - begun) < WARM_UP_S + args.seconds:
        lat, lon = course.point_at(20_000 - 200 * vehicle + SPEED_MPS * driven_s)
        fix_time_ms = (time.time_ns() // 1_000_000 + offset_ms) // STEP_MS * STEP_MS
        form = f"id=x&lat={lat:.6f}&lon={lon:.6f}&timestamp={fix_time_ms}&accuracy=5&speed={SPEED_MPS / 0.514444:.2f}"
        if driven_s > WARM_UP_S:
            samples.posted_at[vehicle, fix_time_ms] = time.perf_counter()
        writer.write(f"{head}{len(form)}\r\n\r\n{form}".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise TrackerError(f"a ping was answered with {answer[:40]!r}")
        await asyncio.sleep(args.every)
    writer.close()


async def follow(tour: Tour, url: str, samples: Samples) -> None:
    """One page: fold every frame, and see which fixes are new to it."""
    state = FeedState()
    shown: list[int] = []
    async with connect(f"ws{url.removeprefix('http')}/live/{tour.slug}", compression=None) as socket:
        async for message in socket:
            if isinstance(message, bytes):
                state.fold(message)
            now = time.perf_counter()
            times = state.columns[0]
            base_ms = state.about["base_ms"]
            for vehicle, time_ds in enumerate(times):
                if time_ds != UNKNOWN and (not shown or shown[vehicle] != time_ds):
                    posted_at = samples.posted_at.get((vehicle, base_ms + time_ds * STEP_MS))
                    if posted_at is not None:
                        samples.took_s.append(now - posted_at)
            shown = list(times)


@contextmanager
def running_server(data: Path, *options: str, folder: Path = FOLDER) -> Iterator[str]:
    """`tracker serve` on a port that it chooses itself; its address."""
    command = [sys.executable, "-m", "tracker", "serve", str(folder), "--data", str(data), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 our own program
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise TrackerError("the server did not start; its reason is above")
            port = urlsplit(line.split()[-1]).port
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """A redis-server for as long as the block lasts; its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--save", "", "--daemonize", "no"]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 a server of our own
    except FileNotFoundError:
        raise TrackerError("redis-server not found: on Debian, apt-get install redis-server") from None
    with process:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port: int = chosen.getsockname()[1]
        return port


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
