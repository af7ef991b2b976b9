"""The steps from the naive loop to the hub, each a server that docs/fan-out.md measures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from tracker.admission import Admission
from tracker.bus.contract import Bus, frames_topic
from tracker.feed import HubLimits, TourFeed
from tracker.front import BACKLOG, Front
from tracker.hub import Hub
from tracker.settings import Settings
from tracker.spectator import Spectator

_kept: list[object] = []  # what must live as long as the process


async def naive(bus: Bus, tour: str) -> int:
    """What one writes first: the library's server as it comes, and a loop that sends to one after the other."""
    clients: set[ServerConnection] = set()
    frames: asyncio.Queue[bytes] = asyncio.Queue()

    async def send_to_all() -> None:
        while True:
            frame = await frames.get()
            for client in list(clients):
                try:
                    await client.send(frame)
                except ConnectionClosed:
                    clients.discard(client)

    await bus.subscribe(frames_topic(tour, "public"), frames.put_nowait, lambda: None)
    _kept.append(asyncio.create_task(send_to_all()))
    return await _websockets_server(clients, compression="deflate")


async def library_broadcast(bus: Bus, tour: str) -> int:
    """The library's own answer: no compression, and `broadcast`, which frames once and waits for nobody."""
    clients: set[ServerConnection] = set()
    await bus.subscribe(frames_topic(tour, "public"), lambda frame: broadcast(clients, frame), lambda: None)
    return await _websockets_server(clients, compression=None)


async def _websockets_server(clients: set[ServerConnection], compression: str | None) -> int:
    async def spectator(client: ServerConnection) -> None:
        clients.add(client)
        try:
            await client.wait_closed()
        finally:
            clients.discard(client)

    server = await serve(spectator, "127.0.0.1", 0, compression=compression, backlog=BACKLOG)
    return _port(server.server)


class TransportFeed(TourFeed):
    """One shared frame and no task per spectator, but written the ordinary way."""

    def _send_slice(self, frames: bytes, spectators: list[Spectator], start: int) -> None:
        for spectator in spectators[start:]:
            spectator.send(frames)
        self._broadcast()


async def hub(bus: Bus, tour: str, make_feed: Callable[..., TourFeed] = TourFeed) -> int:
    """The product: the real front, the real hub."""
    limits = HubLimits()
    watched = Hub(bus, limits)
    watched.feeds[tour] = make_feed(tour, "public", bus, limits)
    await watched.feeds[tour].start()
    watched.start()
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    http = runner.server
    assert http is not None
    admission = Admission(Settings().connections, lambda: len(http.connections) + watched.connections)
    admission.start()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Front(watched.welcome, http, admission), "127.0.0.1", 0, backlog=BACKLOG)
    return _port(server)


async def transport(bus: Bus, tour: str) -> int:
    return await hub(bus, tour, TransportFeed)


def _port(server: asyncio.Server) -> int:
    _kept.append(server)
    port: int = server.sockets[0].getsockname()[1]
    return port


STEPS: dict[str, Callable[[Bus, str], Awaitable[int]]] = {
    "naive": naive,
    "broadcast": library_broadcast,
    "transport": transport,
    "hub": hub,
}
