"""The wiring, and nothing else: which parts run in a process and what they hold of each other.

`tracker serve` runs every part in one process; `tracker ingest`, `engine` and `hub` run one each.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum
from pathlib import Path

from aiohttp import web

from tracker.access import AccessBook
from tracker.admission import Admission
from tracker.api import Api
from tracker.bus.contract import pings_topic
from tracker.catalogue import ServedTour
from tracker.channels import load_targets, new_session, open_channels
from tracker.clock import Clock, SystemClock, TourClock, instant_ms
from tracker.core.model import Tour
from tracker.decisions import DecisionApi
from tracker.devices import Sender, devices_of, load_key
from tracker.drive import DrivePage
from tracker.engines import Engines, Part
from tracker.errors import SettingsError
from tracker.feed import version_shown_by
from tracker.forecaster import Forecaster
from tracker.front import BACKLOG, Front
from tracker.guestpages import GuestPages
from tracker.handout import HandoutApi
from tracker.health import Health
from tracker.homes import open_bus, open_journal
from tracker.hub import Hub
from tracker.ingest import Ingest
from tracker.join import JoinPage
from tracker.journal.records import Stored, encode_hint
from tracker.journal.scrub import Scrubber
from tracker.leadership import Lead, Leadership
from tracker.metrics import PartsCollector
from tracker.notify import Notifier
from tracker.notifyapi import NotifyApi
from tracker.organiser import KnockingApi, QuarantineApi
from tracker.outlet import Outlet
from tracker.pages import Pages
from tracker.passing import ForecastBook, PassingApi
from tracker.past import PastApi
from tracker.process import alone_in
from tracker.proxies import behind, parse_networks
from tracker.quietlog import QuietLog, server_logger
from tracker.radio import RadioRoom
from tracker.rollcall import RollCallApi
from tracker.runner import Runner
from tracker.savedstate import SavedState, state_path
from tracker.segmenter import Segmenter
from tracker.senders import SenderBook
from tracker.settings import Settings
from tracker.sideline import Sideline
from tracker.static_files import StaticFiles
from tracker.streams import Streams, ports_of
from tracker.tourbook import TourBook
from tracker.tourfiles import load_tour_folder
from tracker.wire.audience import CREW, PUBLIC
from tracker.wire.tourdocument import tour_document

SHUTDOWN_S = 5.0
SERVE_HOLDER = "serve"  # alone in its data folder, so a restart need not wait for the lease of the killed one


class Parts:
    """What runs in this process. Parts are started in the order of the methods, and stopped in the reverse one."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.clock = clock_of(settings)
        self._routes: list[web.RouteDef] = []
        self.folders: dict[str, Path] = {}  # where photos and maps of tours are, if that is known here
        self.scrubber: Scrubber | None = None
        self._stack = stack

    async def connect(self) -> None:
        """The seams: journal and bus."""
        self.journal = await open_journal(self.settings)
        self._stack.push_async_callback(self.journal.close)
        self.bus = open_bus(self.settings)
        self._stack.push_async_callback(self.bus.close)

        def announce(slug: str, stored: Sequence[Stored]) -> None:
            self.bus.publish(pings_topic(slug), encode_hint(stored))

        self.journal.watch(announce)
        self.measured = PartsCollector(self.journal, self.bus)

    async def import_tour(self, tour: Tour) -> None:
        """Make the folder's tour the newest version in the store, with a row for every device of its roster."""
        await self.journal.import_tour(tour.slug, tour_document(tour), self.clock.now_ms())
        await self.journal.set_devices(tour.slug, devices_of(tour))

    async def open_book(self, only: str | None = None) -> None:
        """Which tours there are, in which version: from the store, for the parts below know no folder."""
        self.book = TourBook(self.journal, self.clock, only)
        await self.book.start()
        self._stack.push_async_callback(self.book.stop)

    async def add_access(self) -> None:
        """Who is signed in; in real time, also where a tour is rehearsed at another."""
        self.access = AccessBook(self.journal.access, SystemClock())
        await self.access.start()
        self._stack.push_async_callback(self.access.stop)

    async def add_channels(self) -> None:
        """Ways to tell people of alerts."""
        settings = self.settings
        targets = load_targets(settings.notify_path, needed=settings.notify_file is not None)
        session = await self._stack.enter_async_context(new_session())
        self.channels = open_channels(targets, session)
        for channel in self.channels:
            channel.start()
            self._stack.push_async_callback(channel.stop)
        self.measured.channels = self.channels

    async def add_hub(self) -> None:
        self.measured.hub = hub = Hub(self.bus, guest_list=self.access)
        await self.book.for_every_tour(hub.add_tour)
        hub.start()
        self._stack.push_async_callback(hub.stop)
        forecasts = ForecastBook(self.bus)
        await self.book.for_every_tour(forecasts.add_tour)
        self._stack.push_async_callback(forecasts.stop)
        public, crew = (self.book.as_shown(version_shown_by(feeds)) for feeds in (hub.feeds, hub.crew_feeds))
        files = StaticFiles()
        self._routes += [
            *DrivePage(files).routes(),
            *JoinPage(self.access, self.settings.public_url).routes(),
            *QuarantineApi(crew, self.journal, self.access).routes(),
            *Pages(public, self.folders, files).routes(),
            *PassingApi(public, forecasts).routes(),
            *PastApi(public, self.journal.segments).routes(),
            *NotifyApi(crew, self.channels, self.access).routes(),
            *DecisionApi(crew, hub, self.journal, self.access, self.clock).routes(),
            *RadioRoom(crew, hub, self.access).routes(),
            *RollCallApi(crew, hub, self.journal, self.clock, self.access).routes(),
            *GuestPages(crew, self.access, files).routes(),
            *Api(public, self.book.course, hub, self.clock, files).routes(),
        ]

    async def add_engines(self, holder: str) -> None:
        self.scrubber = scrubber = Scrubber(self.journal, self.clock.now_ms)
        await scrubber.start()
        self._stack.push_async_callback(scrubber.stop)

        async def follow(slug: str) -> None:
            lead = Leadership(self.journal, slug, holder)
            await lead.start()
            self._stack.push_async_callback(lead.stop)
            engines = Engines(slug, self.book, self.clock, lead, self._make_runner)
            await engines.start()
            self._stack.push_async_callback(engines.stop)
            self.measured.engines.append(engines)

        await self.book.for_every_tour(follow)

    def _make_runner(self, part: Part, served: ServedTour, lead: Lead) -> Runner:
        """An engine with all that hangs on it. Takes a while, so it is done in a thread of its own."""
        settings = self.settings
        beats_ms = {PUBLIC: settings.public_beat_ms, CREW: settings.crew_beat_ms}
        return Runner(
            served,
            self.journal,
            self.bus,
            self.clock,
            lead,
            [Outlet(served, audience, beats_ms[audience], self.bus) for audience in part.audiences],
            part.delay_s,
            saved=SavedState(state_path(settings.data, part.slug, late=part.late), served.tour),
            sidelines=self._sidelines(served.tour) if PUBLIC in part.audiences else [],
            notifier=None if part.late else self._notifier(served.tour),
        )

    def _sidelines(self, tour: Tour) -> list[Sideline]:
        """What the engine of spectators makes for them beside its frames."""
        rate = self.clock.rate
        return [Forecaster(tour, self.bus, rate), Segmenter(tour, self.journal.segments, rate)]

    def _notifier(self, tour: Tour) -> Notifier | None:
        return Notifier(tour, self.channels, self.settings.public_url) if self.channels else None

    async def add_ingest(self) -> None:
        self.measured.ingest = ingest = Ingest({}, self.journal, self.clock, self.settings)
        self._routes[:0] = ingest.routes()  # a page's route takes any path, so it comes last
        self.measured.streams = streams = Streams({}, self.journal, self.clock, self.settings)

        def on_senders(by_token: Mapping[str, Sender], by_number: Mapping[str, Sender]) -> None:
            ingest.senders = by_token
            streams.boxes = by_number

        key = load_key(self.settings.key_path)
        book = SenderBook(self.journal, key, on_senders)
        await book.start()
        self._stack.push_async_callback(book.stop)
        self._stack.push_async_callback(streams.stop)
        await streams.start(self.settings.host, ports_of(self.settings.streams))
        self._routes[:0] = [
            *KnockingApi(self.book.in_force, ingest, streams, self.access).routes(),
            *HandoutApi(self.book.in_force, self.journal, key, self.settings.public_url, self.access).routes(),
        ]

    async def listen(self) -> int:
        """Open the port, last of all: whoever connects finds everything there. Returns the port."""
        settings, hub = self.settings, self.measured.hub
        quiet = QuietLog(logging.getLogger("tracker.http"), settings.log_interval_s)
        trusted = parse_networks(settings.trusted_proxy or "")

        def connections() -> int:
            served = len(runner.server.connections) if runner.server else 0
            return served + (0 if hub is None else hub.connections)

        admission = Admission(settings.connections, connections)
        app = web.Application(middlewares=[admission.middleware, *([behind(trusted)] if trusted else [])])
        app.add_routes([*Health(self.measured, self.scrubber).routes(), *self._routes])
        runner = web.AppRunner(
            app, access_log=None, logger=server_logger(quiet), auto_decompress=False, shutdown_timeout=SHUTDOWN_S
        )
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        http = runner.server
        assert http is not None, "set up above"
        admission.start()
        self._stack.callback(admission.stop)
        self.measured.admission = admission
        live = None if hub is None else hub.welcome
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: Front(live, http, admission), settings.host, settings.port, backlog=BACKLOG
            )
        except OSError as error:
            where, reason = f"{settings.host}:{settings.port}", error.strerror or error
            raise SettingsError(f"cannot listen on {where}: {reason}; choose another --port or --host") from None
        self._stack.callback(server.close)
        port: int = server.sockets[0].getsockname()[1]
        return port


@asynccontextmanager
async def serving(folder: Path, settings: Settings) -> AsyncIterator[int]:
    """Everything in one process on one port, which is what is yielded."""
    tour = load_tour_folder(folder)
    async with AsyncExitStack() as stack:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(alone_in(settings.data))
        parts = Parts(settings, stack)
        await parts.connect()
        await parts.import_tour(tour)
        parts.folders[tour.slug] = folder
        await parts.open_book(tour.slug)
        await parts.add_access()
        await parts.add_channels()
        await parts.add_hub()
        await parts.add_engines(SERVE_HOLDER)
        await parts.add_ingest()
        yield await parts.listen()


class Role(Enum):
    """What a process of the scaled shape does."""

    INGEST = "ingest"
    ENGINE = "engine"
    HUB = "hub"


@asynccontextmanager
async def playing(role: Role, settings: Settings) -> AsyncIterator[int]:
    """One role for every tour in the store; yields the port."""
    if settings.redis is None:
        raise SettingsError(f"`tracker {role.value}` needs --redis: processes of their own meet on a bus")
    if settings.clock_start is not None:
        raise SettingsError("a clock of its own is for one process: rehearse with `tracker serve`, or `tracker redate`")
    async with AsyncExitStack() as stack:
        parts = Parts(settings, stack)
        await parts.connect()
        await parts.open_book()
        await parts.add_access()
        if role is Role.INGEST:
            await parts.add_ingest()
        elif role is Role.ENGINE:
            await parts.add_channels()
            await parts.add_engines(secrets.token_hex(8))
        else:
            await parts.add_channels()
            await parts.add_hub()
        yield await parts.listen()


def clock_of(settings: Settings) -> Clock:
    """The system's clock, or for rehearsals one that starts at a date and runs at a rate."""
    if settings.clock_start is None:
        if settings.clock_rate != 1.0:
            raise SettingsError("--clock-rate needs --clock-start: from which date on shall it run so fast?")
        return SystemClock()
    return TourClock(instant_ms("--clock-start", settings.clock_start), settings.clock_rate)
