"""`tracker bench flush`: phones come out of a dead zone with all they recorded, while everybody else goes on posting.

A real server in the middle of the demo tour's first leg, with the morning in its journal. Some phones were without a
network for 5,000 fixes, one a second, and send them all at once, some one by one and some in batches, as their apps do.
All requests are written beforehand, and the flush comes from a process of its own, so that what is measured is the
server: how long the others wait for their answers, before and meanwhile, and whether the flush raises an alert, though
nothing has happened to anybody.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import aiohttp

from tracker.bench.latency import FOLDER, quantile, running_server
from tracker.core.model import Ping, RecordKind, Tour
from tracker.devices import device_token, load_key
from tracker.errors import TrackerError
from tracker.journal.contract import Entry
from tracker.journal.sqlite import SqliteJournal
from tracker.simulate.encoders import SPEECHES, USUAL, Post, Speech
from tracker.simulate.field import Field, generator
from tracker.simulate.mishaps import NONE
from tracker.simulate.receiver import Phone, Receiver, Sample
from tracker.simulate.scenario import sky_of, spread, vehicle_samples
from tracker.tourfiles import load_tour_folder

SEED = 1
MIDWAY_MS = 3 * 3_600_000  # after the first start: the whole field is on the road
INTERVAL_S = 10
BATCH = 2_000
OTHERS_PINGS = 300  # of each of the others: more than the measuring takes
SETTLED_S = 5.0  # after the flush: the engine looks for alerts every second
FLUSHING = (USUAL, SPEECHES["driver's page"], SPEECHES["Overland"])  # one by one, and in batches
PHONE = Phone(accuracy_m=6.0, clock_error_ms=0, ordered=True, charging=True)


@dataclass
class Morning:
    """A tour up to the moment at which the measuring begins, and what its phones will say from then on."""

    tour: Tour
    now_ms: int
    received: list[Ping]  # by everybody, in order
    held: dict[int, list[Sample]]  # by vehicle: recorded in the dead zone
    coming: dict[int, list[Sample]]  # by vehicle: of all others, enough for the time that it takes


@dataclass(frozen=True)
class Sending:
    """The requests of one phone, in order, with its token."""

    token: str
    speech: str
    posts: list[Post]

    @classmethod
    def of(cls, token: str, speech: Speech, fixes: Sequence[Sample]) -> Sending:
        name = next(name for name, each in SPEECHES.items() if each is speech)
        lots = [fixes[start : start + speech.batch] for start in range(0, len(fixes), speech.batch)]
        return cls(token, name, [speech.encode("phone", lot) for lot in lots])


@dataclass
class Answers:
    """How long the others waited, in seconds, before the flush and during it."""

    before_s: list[float] = field(default_factory=list)
    during_s: list[float] = field(default_factory=list)


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = kinds.add_parser("flush", help="what others notice of phones that send hours of fixes at once")
    parser.add_argument("--phones", type=int, default=10, help="that come out of a dead zone (default %(default)s)")
    parser.add_argument("--pings", type=int, default=5_000, help="that each of them held (default %(default)s)")
    parser.add_argument("--every", type=float, default=1.0, metavar="S", help="seconds between the others' pings")
    parser.add_argument("--seconds", type=float, default=15.0, help="to measure before the flush (default %(default)g)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the flush raised an alert."""
    morning = drive_morning(load_tour_folder(FOLDER), args.phones, args.pings)
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as folder:
        data = Path(folder)
        asyncio.run(fill(morning, data / "journal.sqlite"))
        start = datetime.fromtimestamp(morning.now_ms / 1000, UTC).isoformat()
        with running_server(data, "--clock-start", start) as url:
            tokens = tokens_of(morning.tour, data)
            answers, began_ms, took_s = asyncio.run(measure(morning, tokens, url, args))
        raised = asyncio.run(alerts(morning, data / "journal.sqlite", began_ms))
    for name, waits in (("before", answers.before_s), ("during", answers.during_s)):
        ordered = sorted(1000 * wait for wait in waits)
        print(
            f"{name} the flush: {len(ordered):5} pings of {len(morning.coming)} phones, answered within "
            f"{quantile(ordered, 0.5):.1f} ms (p50), {quantile(ordered, 0.99):.1f} ms (p99), {ordered[-1]:.0f} ms (all)"
        )
    count = sum(len(held) for held in morning.held.values())
    print(
        f"flushed: {count:,} pings of {len(morning.held)} phones in {took_s:.1f} s; alerts raised by it: {len(raised)}"
    )
    for alert in raised:
        print(f"  {alert}")
    return 1 if raised else 0


def drive_morning(tour: Tour, phones: int, held: int) -> Morning:
    """Everybody drives, nothing happens; some phones lose the network for as long as it takes to hold so many fixes."""
    field = Field(tour, SEED, NONE)
    now_ms = tour.legs[0].first_start_ms + MIDWAY_MS
    lost_ms = now_ms - held * 1000 * 5 // 4  # now and then it has no fix either
    silent = spread(tour, phones)
    morning = Morning(tour, now_ms, [], {}, {})
    sky = sky_of(tour, SEED)
    lanes = []
    for vehicle, entry in enumerate(tour.vehicles):
        device = entry.devices[0].name
        rng = generator(SEED, device, "phone")
        until_ms = lost_ms if vehicle in silent else now_ms
        taken = vehicle_samples(field, vehicle, Receiver(PHONE, sky, rng), field.begin_ms, INTERVAL_S, rng)
        lanes.append([ping_of(device, sample) for sample in until(taken, until_ms)])
        rest = vehicle_samples(field, vehicle, Receiver(PHONE, sky, rng), until_ms, 1, rng)
        if vehicle in silent:
            morning.held[vehicle] = list(until(rest, now_ms))[-held:]
        else:
            morning.coming[vehicle] = list(islice(rest, OTHERS_PINGS))
    morning.received = list(heapq.merge(*lanes, key=lambda ping: ping.fix_time_ms or 0))
    return morning


def until(taken: Iterator[Sample], end_ms: int) -> Iterator[Sample]:
    for sample in taken:
        if sample.true_ms >= end_ms:
            return
        if not sample.outlier:
            yield sample


def ping_of(device: str, sample: Sample) -> Ping:
    return Ping(
        device,
        sample.fix_time_ms,
        sample.lat,
        sample.lon,
        accuracy_m=sample.accuracy_m,
        speed_mps=sample.speed_mps,
        bearing_deg=sample.bearing_deg,
        battery_pct=float(sample.battery_pct),
    )


async def fill(morning: Morning, path: Path) -> None:
    """Store the morning as it was received."""
    journal = await SqliteJournal.open(path)
    for start in range(0, len(morning.received), BATCH):
        batch = morning.received[start : start + BATCH]
        entries = [Entry(RecordKind.PING, ping) for ping in batch]
        await journal.append(morning.tour.slug, entries, batch[-1].fix_time_ms or 0)
    await journal.close()


def tokens_of(tour: Tour, data: Path) -> list[str]:
    key = load_key(data / "server.key")
    return [device_token(key, tour.slug, vehicle.devices[0].name, 1) for vehicle in tour.vehicles]


async def measure(
    morning: Morning, tokens: Sequence[str], url: str, args: argparse.Namespace
) -> tuple[Answers, int, float]:
    """Let the others post, then let the flush in; the answers, when it began (tour time), and how long it took."""
    answers = Answers()
    others_say = [Sending.of(tokens[vehicle], USUAL, coming) for vehicle, coming in morning.coming.items()]
    flood = [
        Sending.of(tokens[vehicle], FLUSHING[number % len(FLUSHING)], held)
        for number, (vehicle, held) in enumerate(morning.held.items())
    ]
    connector = aiohttp.TCPConnector(limit=len(tokens))
    timeout = aiohttp.ClientTimeout(total=60)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(url, connector=connector, timeout=timeout))
        apart = stack.enter_context(ProcessPoolExecutor(1, multiprocessing.get_context("spawn")))
        await asyncio.get_running_loop().run_in_executor(apart, prepare, flood)
        await until_ready(session)
        flushed = asyncio.Event()
        flushing = asyncio.Event()
        others = [
            asyncio.create_task(
                go_on(session, sending, args.every * turn / len(others_say), args.every, answers, flushing, flushed)
            )
            for turn, sending in enumerate(others_say)
        ]
        await asyncio.sleep(args.seconds)
        async with session.get("/api/v1/clock") as answer:
            began_ms = int((await answer.json())["now_ms"])
        began = time.perf_counter()
        flushing.set()
        await asyncio.get_running_loop().run_in_executor(apart, flush_all, url)
        took_s = time.perf_counter() - began
        flushed.set()
        await asyncio.gather(*others)
        await asyncio.sleep(SETTLED_S)
    return answers, began_ms, took_s


async def until_ready(session: aiohttp.ClientSession) -> None:
    while True:
        async with session.get("/readyz") as answer:
            if answer.status == 200:
                return
        await asyncio.sleep(0.1)


async def go_on(
    session: aiohttp.ClientSession,
    sending: Sending,
    turn_s: float,
    every_s: float,
    answers: Answers,
    flushing: asyncio.Event,
    flushed: asyncio.Event,
) -> None:
    """One of the others: its next fix when it is due. A wait counts from then on, so that nothing hides a queue."""
    due_at = time.perf_counter() + turn_s
    for said in sending.posts:
        await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
        if flushed.is_set():
            return
        waits = answers.during_s if flushing.is_set() else answers.before_s
        await post(session, sending, said)
        waits.append(time.perf_counter() - due_at)
        due_at += every_s


_prepared: list[Sending] = []  # in the process of its own that the flush comes from


def prepare(flood: list[Sending]) -> None:
    """Hand the other process what it will send, before anything is measured."""
    _prepared[:] = flood


def flush_all(url: str) -> None:
    """Send all that was prepared, every phone one request after the other."""

    async def flush() -> None:
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(url, timeout=timeout) as session, asyncio.TaskGroup() as group:
            for sending in _prepared:
                group.create_task(one_by_one(session, sending))

    async def one_by_one(session: aiohttp.ClientSession, sending: Sending) -> None:
        for said in sending.posts:
            await post(session, sending, said)

    asyncio.run(flush())


async def post(session: aiohttp.ClientSession, sending: Sending, said: Post) -> None:
    speech = SPEECHES[sending.speech]
    headers = {"Content-Type": said.content_type} if said.content_type else {}
    path = f"/in/{speech.protocol}/{sending.token}?{said.query}"
    async with session.post(path, data=said.body, headers=headers) as answer:
        if answer.status != 200 or speech.answer not in await answer.read():
            raise TrackerError(f"a ping was answered with {answer.status}")


async def alerts(morning: Morning, path: Path, began_ms: int) -> list[dict[str, object]]:
    """What was raised since the flush began. That ten phones are silent was raised before, and is cleared by it."""
    journal = await SqliteJournal.open(path)
    out: list[dict[str, object]] = []
    after = len(morning.received)
    while records := await journal.read(morning.tour.slug, after):
        after = records[-1].seq
        out += [
            record.body
            for record in records
            if record.kind is RecordKind.ALERT
            and record.stored_at_ms >= began_ms
            and isinstance(record.body, dict)
            and record.body["event"] == "raised"
        ]
    await journal.close()
    return out
