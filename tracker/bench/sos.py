"""`tracker bench sos`: from the moment a device calls for help to the news on a crew's page.

A real server with the demo tour, whose cars are under way and post. One after the other they call for help, each from
another kind of device: the driver's page, phone apps, a satellite messenger, boxes on a TCP connection that is open.
A crew that has signed in by an invitation follows its socket: the car's mark is in a frame, the alert in the desk's
message, and what is told is when the later of the two was there.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import aiohttp
import msgpack
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tracker.bench.latency import CLOCK_START, FOLDER, Samples, drive, free_port, quantile, running_server
from tracker.core.model import Tour
from tracker.devices import device_token, load_key
from tracker.errors import TrackerError
from tracker.protocols.gt06 import LOGIN, acknowledge
from tracker.tourfiles import load_tour_folder
from tracker.wire.desk import DESK, decode_desk
from tracker.wire.frames import FeedState

PLACE = (37.79165, -122.41075)
AT_MOST_MS = 1000.0
WITHIN_S = 10.0
PAUSE_S = (0.2, 0.7)  # between two calls, so that they come at any moment of a beat
EVERY_S = 10.0  # between a car's pings
FIRST_IMEI = 490154203237000
GT06_STATE = 0x13  # a heartbeat, with the alarm in it

Call = Callable[[int], tuple[str, bytes]]  # at a time (ms): what stands behind "?" in the path, and the body


def _inreach(now_ms: int) -> bytes:
    point = {"latitude": PLACE[0], "longitude": PLACE[1]}
    return json.dumps({"Events": [{"messageCode": 4, "timeStamp": now_ms, "point": point}]}).encode()


def _page(now_ms: int) -> bytes:
    return json.dumps([{"fix_time_ms": now_ms, "lat": PLACE[0], "lon": PLACE[1], "sos": True}]).encode()


OVER_HTTP: Mapping[str, Call] = {
    "pings": lambda now_ms: ("", _page(now_ms)),
    "osmand": lambda now_ms: (f"lat={PLACE[0]}&lon={PLACE[1]}&timestamp={now_ms // 1000}&alarm=sos", b""),
    "inreach": lambda now_ms: ("", _inreach(now_ms)),
}


def _gps103(imei: str, now_ms: int) -> bytes:
    then = datetime.fromtimestamp(now_ms / 1000, UTC)
    place = "3747.4990,N,12224.6450,W"
    return f"imei:{imei},help me,{then:%y%m%d%H%M},,F,{then:%H%M%S}.000,A,{place},0.0,0;".encode()


def _gt06(_imei: str, _now_ms: int) -> bytes:
    return acknowledge(GT06_STATE, b"\0\2", bytes([0x66, 6, 4, 1, 2]))  # an alarm in the box's state, without a place


# By protocol: what a box says when it connects, and when its button is pressed.
OVER_A_STREAM: Mapping[str, tuple[Callable[[str], bytes], Callable[[str, int], bytes]]] = {
    "gps103": (lambda imei: f"##,imei:{imei},A;".encode(), _gps103),
    "gt06": (lambda imei: acknowledge(LOGIN, b"\0\1", bytes.fromhex(f"0{imei}")), _gt06),
}


@dataclass
class Board:
    """What a crew's page knows, and when it came to know of each call (row of the car, `time.perf_counter`)."""

    tour: Tour
    marked_at: dict[int, float] = field(default_factory=dict)
    alerted_at: dict[int, float] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, url: str, cookie: str) -> None:
        state = FeedState()
        headers = {"Cookie": cookie}
        address = f"ws{url.removeprefix('http')}/live/{self.tour.slug}/crew"
        async with connect(address, additional_headers=headers, origin=Origin(url), max_size=None) as page:
            async for message in page:
                assert isinstance(message, bytes)
                if msgpack.unpackb(message, strict_map_key=False)[0] == DESK:
                    alerts = decode_desk(message)[1]["alerts"]
                    known, calling = self.alerted_at, [a["vehicle"] for a in alerts if a["kind"] == "sos"]
                else:
                    state.fold(message)
                    sos = state.columns[state.names.index("sos")]
                    known, calling = self.marked_at, [row for row, calls in enumerate(sos) if calls]
                now = time.perf_counter()
                for row in calling:
                    known.setdefault(row, now)
                self.news.set()

    async def shows(self, row: int) -> float:
        """When both was there. Raises TimeoutError."""
        async with asyncio.timeout(WITHIN_S):
            while row not in self.marked_at or row not in self.alerted_at:
                self.news.clear()
                await self.news.wait()
        return max(self.marked_at[row], self.alerted_at[row])


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("sos", help="from a call for help on a device to the crew's page")
    parser.add_argument("--calls", type=int, default=60, help="how many cars call (default %(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where a call took longer than a second."""
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as temporary:
        folder, data = Path(temporary) / "tour", Path(temporary) / "data"
        copytree(FOLDER, folder)
        imeis = list_boxes(folder)
        tour = load_tour_folder(folder)
        ports = {protocol: free_port() for protocol in OVER_A_STREAM}
        streams = ",".join(f"{protocol}={port}" for protocol, port in ports.items())
        with running_server(data, "--clock-start", CLOCK_START, "--streams", streams, folder=folder) as url:
            link = invitation(folder, data, url)
            key = load_key(data / "server.key")
            took_ms = asyncio.run(measure(tour, url, link, key, ports, imeis, args.calls))
    worst_ms = 0.0
    for protocol, times in took_ms.items():
        way = "a TCP connection" if protocol in OVER_A_STREAM else "HTTP"
        ordered = sorted(times)
        worst_ms = max(worst_ms, ordered[-1])
        print(
            f"{protocol:8} over {way:16}: {len(ordered):3} calls, on the crew's page after "
            f"{quantile(ordered, 0.5):4.0f} ms (p50), {ordered[-1]:4.0f} ms (max)"
        )
    everything = sorted(ms for times in took_ms.values() for ms in times)
    print(
        f"SOS, device to crew screen: {len(everything)} calls, p50 {quantile(everything, 0.5):.0f} ms, "
        f"max {everything[-1]:.0f} ms (goal: {AT_MOST_MS:.0f} ms)"
    )
    return 0 if worst_ms <= AT_MOST_MS else 1


def list_boxes(folder: Path) -> list[str]:
    """Give every car a box's number; returns them by row."""
    roster = folder / "roster.csv"
    titles, *rows = csv.reader(roster.read_text(encoding="utf-8").splitlines())
    imeis = [str(FIRST_IMEI + 1000 * row) for row in range(len(rows))]
    with roster.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*titles, "imei"], *([*row, imei] for row, imei in zip(rows, imeis, strict=True))])
    return imeis


def invitation(folder: Path, data: Path, url: str) -> str:
    """The link that an organiser sends to a crew."""
    options = ("--role", "crew", "--name", "Bench", "--data", str(data), "--public-url", url)
    command = [sys.executable, "-m", "tracker", "invite", str(folder), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 our own


async def sign_in(session: aiohttp.ClientSession, url: str, link: str) -> str:
    """The cookie of a crew, as its browser sends it."""
    headers = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    async with session.post(link, headers=headers, allow_redirects=False) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


async def measure(
    tour: Tour, url: str, link: str, key: bytes, ports: Mapping[str, int], imeis: Sequence[str], calls: int
) -> dict[str, list[float]]:
    """By protocol, how many milliseconds each call took."""
    took_ms: dict[str, list[float]] = {protocol: [] for protocol in (*OVER_HTTP, *OVER_A_STREAM)}
    cars = [row for row, vehicle in enumerate(tour.vehicles) if vehicle.start_order is not None][:calls]
    tokens = [device_token(key, tour.slug, vehicle.devices[0].name, 1) for vehicle in tour.vehicles]
    driving = argparse.Namespace(every=EVERY_S, seconds=3600.0)
    chance = random.Random(1)
    async with aiohttp.ClientSession(url) as session:
        async with session.get("/api/v1/clock") as answer:
            offset_ms = (await answer.json())["now_ms"] - time.time_ns() // 1_000_000
        board = Board(tour)
        tasks = [asyncio.create_task(board.follow(url, await sign_in(session, url, link)))]
        tasks += [
            asyncio.create_task(drive(url, tour, row, tokens[row], offset_ms, driving, Samples())) for row in cars
        ]
        await asyncio.sleep(2 * EVERY_S)  # the field is on the map
        for turn, row in enumerate(cars):
            protocol = list(took_ms)[turn % len(took_ms)]
            now_ms = time.time_ns() // 1_000_000 + offset_ms
            if protocol in OVER_HTTP:
                began = await call_over_http(session, protocol, tokens[row], now_ms)
            else:
                began = await call_over_a_stream(ports[protocol], protocol, imeis[row], now_ms)
            took_ms[protocol].append(1000.0 * (await board.shows(row) - began))
            await asyncio.sleep(chance.uniform(*PAUSE_S))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return took_ms


async def call_over_http(session: aiohttp.ClientSession, protocol: str, token: str, now_ms: int) -> float:
    """Returns when it began."""
    query, body = OVER_HTTP[protocol](now_ms)
    began = time.perf_counter()
    async with session.post(f"/in/{protocol}/{token}?{query}", data=body) as answer:
        if answer.status != 200:
            raise TrackerError(f"a call over {protocol} was answered with {answer.status}")
    return began


async def call_over_a_stream(port: int, protocol: str, imei: str, now_ms: int) -> float:
    """A box that has been connected for a while; returns when its button was pressed."""
    login, call = OVER_A_STREAM[protocol]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(login(imei))
    await writer.drain()
    await asyncio.sleep(PAUSE_S[0])
    began = time.perf_counter()
    writer.write(call(imei, now_ms))
    await writer.drain()
    writer.close()
    return began
