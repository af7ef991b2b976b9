"""The wiring, and nothing else: which parts run in this process and what they hold of each other."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp import web

from tracker.api import Api, Readiness
from tracker.bus.contract import Bus, pings_topic
from tracker.bus.memory import MemoryBus
from tracker.bus.redis import RedisBus
from tracker.catalogue import ServedTour
from tracker.clock import Clock, SystemClock, TourClock
from tracker.core.model import Tour
from tracker.devices import load_key, senders_by_token
from tracker.errors import SettingsError
from tracker.front import BACKLOG, Front
from tracker.hub import Hub
from tracker.ingest import Ingest
from tracker.journal.contract import DeviceRow
from tracker.journal.records import Stored, encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.quietlog import QuietLog, server_logger
from tracker.runner import Runner
from tracker.settings import Settings
from tracker.static_files import StaticFiles
from tracker.tourfiles import load_tour_folder
from tracker.wire.tourdocument import tour_document

FIX_INTERVAL_S = 10  # what our onboarding asks of phones; pages draw a little later than that
SHUTDOWN_S = 5.0


async def serve(folder: Path, settings: Settings, on_ready: Callable[[int], None]) -> None:
    """Run everything in this process on one port until SIGINT or SIGTERM; `on_ready` is told the port."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(folder, settings) as port:
        on_ready(port)
        await stop.wait()


@asynccontextmanager
async def running(folder: Path, settings: Settings) -> AsyncIterator[int]:
    """Everything started; yields the port. Parts stop in the reverse order of their start."""
    tour = load_tour_folder(folder)
    clock = clock_of(settings)
    quiet = QuietLog(logging.getLogger("tracker.http"), settings.log_interval_s)
    async with AsyncExitStack() as stack:
        settings.data.mkdir(parents=True, exist_ok=True)
        journal = await SqliteJournal.open(
            settings.journal_path,
            gather_ms=settings.journal_gather_ms,
            deadline_s=settings.journal_deadline_s,
            queue_records=settings.journal_queue_records,
            quarantine_per_day=settings.quarantine_per_day,
        )
        stack.push_async_callback(journal.close)
        bus: Bus = MemoryBus() if settings.redis is None else RedisBus(settings.redis)
        stack.push_async_callback(bus.close)

        def announce(slug: str, stored: Sequence[Stored]) -> None:
            bus.publish(pings_topic(slug), encode_hint(stored))

        journal.watch(announce)
        version = await journal.import_tour(tour.slug, tour_document(tour), clock.now_ms())
        await journal.set_devices(tour.slug, implied_devices(tour))
        served = ServedTour.of(tour, version, FIX_INTERVAL_S)

        hub = Hub(bus)
        await hub.add_tour(tour.slug)
        hub.start()
        stack.push_async_callback(hub.stop)

        epoch = await journal.take_epoch(tour.slug, clock.now_ms())
        runner = Runner(served, journal, bus, clock, epoch, settings.public_beat_ms)
        await runner.start()
        stack.push_async_callback(runner.stop)

        senders = senders_by_token(load_key(settings.key_path), tour.slug, await journal.devices(tour.slug))
        ingest = Ingest(senders, journal, clock, settings)
        api = Api({tour.slug: served}, hub, clock, lambda: readiness(runner), StaticFiles())
        app = web.Application()
        app.add_routes([*ingest.routes(), *api.routes()])
        http = web.AppRunner(app, access_log=None, logger=server_logger(quiet), shutdown_timeout=SHUTDOWN_S)
        await http.setup()
        stack.push_async_callback(http.cleanup)
        yield await listen(settings, stack, hub, http)


async def listen(settings: Settings, stack: AsyncExitStack, hub: Hub, http: web.AppRunner) -> int:
    """Open the port, last of all: whoever connects finds everything there."""
    http_protocol = http.server
    assert http_protocol is not None, "set up before"
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            lambda: Front(hub.welcome, http_protocol), settings.host, settings.port, backlog=BACKLOG
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port}: {reason}; choose another --port"
        ) from None
    stack.callback(server.close)
    port: int = server.sockets[0].getsockname()[1]
    return port


def readiness(runner: Runner) -> Readiness:
    percent = 100 if runner.ready else 100 * runner.read_seq // max(runner.head_seq, 1)
    return Readiness(ingest=True, engine=runner.ready, engine_percent=percent)


def implied_devices(tour: Tour) -> list[DeviceRow]:
    return [
        DeviceRow(vehicle.number, device.name, 1, device.imei)
        for vehicle in tour.vehicles
        for device in vehicle.devices
    ]


def clock_of(settings: Settings) -> Clock:
    """The system's clock, or for rehearsals one that starts at a date and runs at a rate."""
    if settings.clock_start is None:
        if settings.clock_rate != 1.0:
            raise SettingsError(
                "--clock-rate needs --clock-start: a clock that runs at another rate is not ours to start"
            )
        return SystemClock()
    try:
        start = datetime.fromisoformat(settings.clock_start)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        raise SettingsError(
            f"--clock-start: {settings.clock_start!r} is no ISO time with offset; write 2027-04-26T07:50:00-07:00"
        )
    return TourClock(round(start.timestamp() * 1000), settings.clock_rate)
