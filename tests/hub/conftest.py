"""A real hub on a real port, with an engine's side that the test moves by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from tests.golden.make_frames import BASE_MS, small_tour
from tests.hub.raw import Dial, Raw
from tracker.admission import Admission
from tracker.bus.contract import frames_topic, wants_topic
from tracker.bus.memory import MemoryBus
from tracker.core.model import VehicleView
from tracker.feed import HubLimits, TourFeed
from tracker.front import HEAD_DEADLINE_S, Front, hand_over
from tracker.hub import Hub
from tracker.wire.audience import describe_tour
from tracker.wire.frames import Projector

TOUR = "test-mille"


@dataclass
class Stage:
    """The hub under test and the hand that moves its cars."""

    hub: Hub
    bus: MemoryBus
    projector: Projector
    port: int
    metres: float = 0.0

    @property
    def feed(self) -> TourFeed:
        return self.hub.feeds[TOUR]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live/{TOUR}"

    async def move(self, *, lose: bool = False) -> bytes:
        """Drive car 0 on by 50 m and publish the delta (or lose it on the way)."""
        self.metres += 50.0
        view = VehicleView(0, BASE_MS + int(self.metres * 100), 37.8, -122.4, leg=0, along_m=self.metres)
        frame = self.projector.delta([view], BASE_MS)
        assert frame is not None
        if not lose:
            self.bus.publish(frames_topic(TOUR, "public"), frame)
        return frame

    def restart_engine(self) -> None:
        about = describe_tour(small_tour(), 1, ["a", "b"], 10)
        self.projector = Projector(about, 3, self.projector.epoch + 1, rate=1.0)


@asynccontextmanager
async def staged(
    limits: HubLimits | None = None, head_deadline_s: float = HEAD_DEADLINE_S, connections: int = 1000
) -> AsyncIterator[Stage]:
    bus = MemoryBus()
    hub = Hub(bus, limits)
    about = describe_tour(small_tour(), 1, ["a", "b"], 10)
    stage = Stage(hub, bus, Projector(about, 3, epoch=1, rate=1.0), port=0)

    def on_want(_message: bytes) -> None:
        bus.publish(frames_topic(TOUR, "public"), stage.projector.snapshot(BASE_MS))

    await bus.subscribe(wants_topic(TOUR), on_want, lambda: None)
    await hub.add_tour(TOUR)
    hub.start()

    def count() -> int:
        return hub.connections + (len(runner.server.connections) if runner.server else 0)

    admission = Admission(connections, count)
    app = web.Application(middlewares=[admission.middleware])

    async def live(request: web.Request) -> web.Response:
        return hand_over(request, hub.welcome)

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app.add_routes([web.get("/live/{rest:.*}", live), web.get("/hello", hello), web.post("/in/{rest:.*}", hello)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    http = runner.server
    assert http is not None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Front(hub.welcome, http, admission, head_deadline_s), "127.0.0.1", 0)
    admission.start()
    stage.port = server.sockets[0].getsockname()[1]
    await asyncio.sleep(0)
    try:
        yield stage
    finally:
        server.close()
        admission.stop()
        await hub.stop()
        await runner.cleanup()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    clients: list[Raw] = []

    async def connect(port: int) -> Raw:
        clients.append(await Raw.connect(port))
        return clients[-1]

    yield connect
    for client in clients:
        await client.hang_up()
