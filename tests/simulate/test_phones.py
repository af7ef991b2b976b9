"""Phones against a real server on a free port: what arrives there, in which order, and after which troubles."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from tracker.core.model import Tour
from tracker.errors import TrackerError
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.phones import TourTime, new_session, read_clock
from tracker.simulate.rehearsal import Rehearsal, drive_tour, sensible_interval_s

RATE = 2_000.0


@dataclass
class Collector:
    """A server that keeps what it gets. `answer` decides the status by the number of the request, from 0."""

    now_ms: int
    answer: Callable[[int], int] = lambda _: 200
    bodies: list[tuple[str, bytes]] = field(default_factory=list)  # token and body of what was answered with 200
    requests: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self._began_s = time.monotonic()

    async def clock(self, _request: web.Request) -> web.Response:
        now_ms = self.now_ms + int((time.monotonic() - self._began_s) * 1000 * RATE)
        return web.json_response({"now_ms": now_ms, "rate": RATE})

    async def post(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.answer(self.requests)
        self.requests += 1
        if status == 200:
            self.bodies.append((request.match_info["token"], body))
        return web.Response(status=status)


@asynccontextmanager
async def serving(collector: Collector) -> AsyncIterator[Collector]:
    app = web.Application()
    app.router.add_get("/api/v1/clock", collector.clock)
    app.router.add_post("/in/osmand/{token}", collector.post)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()


def rehearsal(tour: Tour, collector: Collector, **changes: object) -> Rehearsal:
    tokens = {device.name: f"token-{device.name}" for vehicle in tour.vehicles for device in vehicle.devices}
    plain = Rehearsal(tour, collector.url, tokens, RATE, seed=3, vehicles=4, interval_s=60)
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def times_of(collector: Collector, token: str) -> list[int]:
    return [int(parse_qs(body.decode())["timestamp"][0]) for owner, body in collector.bodies if owner == token]


async def test_a_whole_tour_arrives_in_the_order_in_which_each_phone_recorded_it() -> None:
    tour = SYNTHETIC["laps"]()
    said: list[str] = []
    async with serving(Collector(tour.legs[0].first_start_ms)) as collector:
        await drive_tour(rehearsal(tour, collector), said.append)
    tokens = {token for token, _ in collector.bodies}
    assert len(tokens) == 4
    for token in tokens:
        times = times_of(collector, token)
        assert times == sorted(times)
        assert len(times) > 40
        assert times[0] * 1000 >= tour.legs[0].first_start_ms - 120_000  # a phone's clock may be wrong
    assert "leg 1" in said[0]
    assert said[-1] == f"The tour is over; {collector.requests:,} sent."


async def test_a_refused_fix_is_sent_again_and_nothing_overtakes_it() -> None:
    tour = SYNTHETIC["laps"]()
    start_ms = tour.legs[0].first_start_ms
    async with serving(Collector(start_ms, answer=lambda number: 503 if number % 5 == 1 else 200)) as collector:
        await drive_tour(rehearsal(tour, collector, vehicles=1), lambda _: None)
    times = times_of(collector, "token-1")
    assert times == sorted(times)
    assert collector.requests - len(collector.bodies) > 5


async def test_the_past_is_not_driven_again() -> None:
    tour = SYNTHETIC["laps"]()
    now_ms = tour.legs[0].first_start_ms + 40 * 60_000
    async with serving(Collector(now_ms)) as collector:
        await drive_tour(rehearsal(tour, collector, vehicles=2), lambda _: None)
    for token in {token for token, _ in collector.bodies}:
        assert times_of(collector, token)[0] * 1000 >= now_ms - 121_000


async def test_a_tour_that_is_over_is_said_to_be_so() -> None:
    tour = SYNTHETIC["laps"]()
    async with serving(Collector(tour.legs[0].first_start_ms + 3 * 86_400_000)) as collector:
        with pytest.raises(TrackerError, match="the tour is over"):
            await drive_tour(rehearsal(tour, collector), lambda _: None)


async def test_a_speed_that_does_not_fit_the_servers_clock_is_refused() -> None:
    tour = SYNTHETIC["laps"]()
    async with serving(Collector(0)) as collector:
        with pytest.raises(TrackerError, match="--speed 60 does not fit the server: its clock runs at 2000 times"):
            await drive_tour(rehearsal(tour, collector, speed=60.0), lambda _: None)


async def test_no_server_no_clock_and_unknown_tokens_are_sentences() -> None:
    tour = SYNTHETIC["laps"]()
    async with serving(Collector(tour.legs[0].first_start_ms, answer=lambda _: 401)) as collector:
        with pytest.raises(TrackerError, match="does not know these devices"):
            await drive_tour(rehearsal(tour, collector), lambda _: None)
        with pytest.raises(TrackerError, match="no device '1' of vehicle 1"):
            await drive_tour(rehearsal(tour, collector, tokens={}), lambda _: None)
        async with new_session() as session:
            with pytest.raises(TrackerError, match="is no Milepost server"):
                await read_clock(session, f"{collector.url}/elsewhere", RATE)
    async with new_session() as session:
        with pytest.raises(TrackerError, match="no server answers"):
            await read_clock(session, collector.url, RATE)


async def test_it_stops_when_it_is_told_to() -> None:
    tour = SYNTHETIC["laps"]()
    async with serving(Collector(tour.legs[0].first_start_ms)) as collector:
        task = asyncio.create_task(drive_tour(rehearsal(tour, collector), lambda _: None))
        while not collector.bodies:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_phones_report_more_rarely_when_the_tour_runs_fast() -> None:
    assert [sensible_interval_s(speed) for speed in (1, 10, 20, 60, 600)] == [10, 10, 10, 30, 300]


def test_tour_time_runs_at_its_rate() -> None:
    ahead = TourTime(1_000_000, time.monotonic() - 2.0, 60.0)
    assert ahead.now_ms() >= 1_120_000
