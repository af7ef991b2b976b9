"""A morning's pings as phones send them, and what a server made of them: for tests in which servers die."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp

from tests.serving import Server
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, Tour
from tracker.devices import device_token, devices_of, load_key
from tracker.journal.sqlite import SqliteJournal
from tracker.protocols.numbers import KNOT_MPS
from tracker.savedstate import SavedState, state_path

EVERY_S = 20
SPEED_MPS = 14.0
PHONES_AT_ONCE = 16

Said = tuple[str, int]  # device, fix time


@dataclass(frozen=True)
class Sent:
    """A ping and the protocol that its phone speaks."""

    device: str
    protocol: str
    fix_time_ms: int
    lat: float
    lon: float
    accuracy_m: float

    @property
    def said(self) -> Said:
        return self.device, self.fix_time_ms


def morning(tour: Tour, vehicles: int, count: int, seed: int = 1) -> list[Sent]:
    """The first leg's first pings in order, with GPS noise; every other vehicle speaks osmand, the rest pings."""
    leg, rng = tour.legs[0], Random(seed)
    sent = []
    for turn in range(-(-count // vehicles)):
        for vehicle in range(vehicles):
            lat, lon = leg.course.point_at(SPEED_MPS * EVERY_S * turn)
            fix_time_ms = leg.first_start_ms + vehicle * 60_000 + turn * EVERY_S * 1000 + rng.randrange(2000)
            lat, lon = round(lat + rng.gauss(0, 4e-5), 7), round(lon + rng.gauss(0, 4e-5), 7)
            device = tour.vehicles[vehicle].devices[0].name
            sent.append(Sent(device, ("osmand", "pings")[vehicle % 2], fix_time_ms, lat, lon, rng.choice((4.0, 8.5))))
    return sent[:count]


def batched(sent: Iterable[Sent], rng: Random, largest: int = 40) -> list[list[Sent]]:
    """Requests of one phone each, in the order of their first pings; osmand has one ping a request."""
    requests: list[list[Sent]] = []
    open_batches: dict[str, list[Sent]] = {}
    for ping in sent:
        batch = open_batches.get(ping.device)
        if ping.protocol == "osmand" or batch is None or len(batch) >= rng.randint(1, largest):
            batch = open_batches[ping.device] = []
            requests.append(batch)
        batch.append(ping)
    return requests


async def post(session: aiohttp.ClientSession, server: Server, token: str, batch: Sequence[Sent]) -> bool:
    """Whether a request was answered with success. A server that is gone raises ClientError."""
    (protocol,) = {ping.protocol for ping in batch}
    url = f"{server.url}/in/{protocol}/{token}"
    if protocol == "osmand":
        (ping,) = batch
        form = f"id=x&lat={ping.lat:.7f}&lon={ping.lon:.7f}&timestamp={ping.fix_time_ms}&accuracy={ping.accuracy_m}"
        body = (form + f"&speed={SPEED_MPS / KNOT_MPS:.6f}").encode()
    else:
        fields = ("fix_time_ms", "lat", "lon", "accuracy_m")
        pings = [{name: getattr(ping, name) for name in fields} | {"speed_mps": SPEED_MPS} for ping in batch]
        body = json.dumps(pings).encode()
    async with session.post(url, data=body) as answer:
        await answer.read()
        return answer.status == 200


async def post_all(
    server: Server, tokens: dict[str, str], requests: Iterable[Sequence[Sent]], phones: int = PHONES_AT_ONCE
) -> set[Said]:
    """Post what there is, several phones at once, until all is answered or the server is gone: what it acknowledged."""
    acknowledged: set[Said] = set()
    waiting = iter(requests)

    async def phone(session: aiohttp.ClientSession) -> None:
        for batch in waiting:
            try:
                done = await post(session, server, tokens[batch[0].device], batch)
            except (aiohttp.ClientError, OSError):
                return
            if done:
                acknowledged.update(ping.said for ping in batch)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(phone(session) for _ in range(phones)))
    return acknowledged


def tokens_of(tour: Tour, data: Path) -> dict[str, str]:
    """Every device's token under the key of a data folder, which is made if it is not there yet."""
    key = load_key(data / "server.key")
    return {row.name: device_token(key, tour.slug, row.name, row.generation) for row in devices_of(tour)}


async def journalled(data: Path, slug: str) -> list[Record]:
    """Everything that a server's journal holds, once it has stopped."""
    journal = await SqliteJournal.open(data / "journal.sqlite")
    try:
        return await journal.read(slug, 0, 1_000_000)
    finally:
        await journal.close()


def said_in(records: Iterable[Record]) -> Counter[Said]:
    """Every journalled ping and how often it is there."""
    pings = (record.body for record in records if isinstance(record.body, Ping))
    return Counter((ping.device or "", ping.fix_time_ms or 0) for ping in pings)


def rebuilt_digest(tour: Tour, records: Iterable[Record]) -> str:
    """The digest of a journal folded from nothing."""
    engine = Engine(tour)
    for record in records:
        engine.apply(record)
    return engine.digest()


async def live_digest(tour: Tour, data: Path) -> str:
    """The digest of an engine that goes on from where a server's was when it was stopped, as a restart would."""
    journal = await SqliteJournal.open(data / "journal.sqlite")
    engine = Engine(tour)
    resumed = await SavedState(state_path(data, tour.slug), tour).resume(engine, journal)
    assert resumed is not None
    for record in await journal.read(tour.slug, engine.position, 10_000):
        engine.apply(record)
    await journal.close()
    return engine.digest()
