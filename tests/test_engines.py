"""A newer version of the tour takes over while its engines run: on a real journal, with a clock that can be set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from tests.golden.make_frames import BASE_MS, small_tour
from tracker import engines
from tracker.bus.contract import frames_topic, pings_topic
from tracker.bus.memory import MemoryBus
from tracker.catalogue import ServedTour
from tracker.clock import TourClock
from tracker.core.engine import Engine
from tracker.core.model import Device, Ping, Record, RecordKind, Tour
from tracker.engines import Engines, Part
from tracker.health import Health
from tracker.journal.contract import Entry
from tracker.journal.records import encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.leadership import Lead, Leadership
from tracker.metrics import PartsCollector
from tracker.outlet import Outlet
from tracker.runner import Runner
from tracker.savedstate import SavedState, state_path
from tracker.tourbook import TourBook
from tracker.wire.frames import FeedState
from tracker.wire.tourdocument import tour_document

SLUG = "test-mille"
START_MS = BASE_MS + 600_000


def tour(delay_s: int = 0) -> Tour:
    plain = small_tour()
    vehicles = tuple(replace(vehicle, devices=(Device(vehicle.number),)) for vehicle in plain.vehicles)
    return replace(plain, vehicles=vehicles, public_delay_s=delay_s)


def changed(before: Tour) -> Tour:
    """As on a morning: a car more in front of all others, and a checkpoint of the first leg has a new name."""
    late_comer = replace(before.vehicles[0], number="7", devices=(Device("7"),), start_order=None)
    first = before.legs[0]
    renamed = replace(first.checkpoints[0], name="Piazza Nuova")
    legs = (replace(first, checkpoints=(renamed, *first.checkpoints[1:])), *before.legs[1:])
    return replace(before, vehicles=(late_comer, *before.vehicles), legs=legs)


@dataclass
class House:
    """A journal, a bus and a clock that can be set; what pages show of both feeds."""

    folder: Path
    journal: SqliteJournal
    bus: MemoryBus = field(default_factory=MemoryBus)
    clock: TourClock = field(default_factory=lambda: TourClock(START_MS, 1.0))
    rate: float = 1.0
    pages: dict[str, FeedState] = field(default_factory=lambda: {"public": FeedState(), "crew": FeedState()})

    def now_ms(self) -> int:
        return self.clock.now_ms()

    async def sleep_until(self, at_ms: int) -> None:
        await self.clock.sleep_until(at_ms)

    def set_on(self, by_s: int) -> None:
        self.clock = TourClock(self.clock.now_ms() + by_s * 1000, 1.0)

    @asynccontextmanager
    async def running(self, holder: str = "a") -> AsyncIterator[Engines]:
        book = TourBook(self.journal, self)
        lead = Leadership(self.journal, SLUG, holder)
        await lead.start()
        running = Engines(SLUG, book, self, lead, self.make)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()
            await lead.stop()

    def make(self, part: Part, served: ServedTour, lead: Lead) -> Runner:
        outlets = [Outlet(served, audience, 10, self.bus) for audience in part.audiences]
        saved = SavedState(state_path(self.folder, SLUG, late=part.late), served.tour)
        return Runner(served, self.journal, self.bus, self, lead, outlets, part.delay_s, saved=saved)

    async def import_tour(self, version: Tour, in_s: int = 0) -> None:
        await self.journal.import_tour(SLUG, tour_document(version), self.now_ms() + in_s * 1000)

    async def drive(self, device: str, until_s: int, since_s: int = 0) -> None:
        """A fix every ten seconds on the first leg, journalled when it was taken."""
        course = small_tour().legs[0].course
        for second in range(since_s, until_s, 10):
            lat, lon = course.point_at(8.0 * second)
            at_ms = BASE_MS + second * 1000
            done = await self.journal.append(SLUG, [Entry(RecordKind.PING, Ping(device, at_ms, lat, lon, 5.0))], at_ms)
            self.bus.publish(pings_topic(SLUG), encode_hint(done.stored))

    def version(self, audience: str) -> int | None:
        version: int | None = self.pages[audience].about.get("tour", {}).get("version")
        return version

    def roster(self, audience: str) -> list[str]:
        roster: list[str] = self.pages[audience].about["roster"]["number"]
        return roster

    def shown_s(self, audience: str, number: str) -> float:
        """The fix time of a vehicle on a page, in seconds of the drive."""
        page = self.pages[audience]
        return page.columns[0][self.roster(audience).index(number)] / 10


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(engines, "LOOK_S", 0.05)
    house = House(tmp_path, await SqliteJournal.open(tmp_path / "journal.sqlite"))
    for audience, page in house.pages.items():
        await house.bus.subscribe(frames_topic(SLUG, audience), page.fold, lambda: None)  # type: ignore[arg-type]
    yield house
    await house.journal.close()


async def eventually(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def test_pages_get_the_new_version_and_keep_what_was_driven(house: House) -> None:
    await house.import_tour(tour())
    await house.drive("1", until_s=300)
    async with house.running() as running:
        await eventually(
            lambda: house.version("crew") == house.version("public") == 1 and house.shown_s("crew", "1") == 290
        )
        (before,) = running.runners
        passages = [(p.leg, p.checkpoint, p.time_ms) for p in before.engine.passages(0)]
        assert passages
        epochs = [page.position.epoch for page in house.pages.values() if page.position]
        await house.import_tour(changed(tour()))
        await eventually(lambda: house.version("crew") == house.version("public") == 2)
        for audience, page in house.pages.items():
            assert page.position is not None
            assert page.position.epoch == epochs[0] + 1
            assert house.roster(audience)[:2] == ["7", "1"]
            assert page.about["legs"][0]["checkpoints"]["name"][0] == "Piazza Nuova"
            assert house.shown_s(audience, "1") == 290
        (after,) = running.runners
        assert [(p.leg, p.checkpoint, p.time_ms) for p in after.engine.passages(1)] == passages
        await house.drive("7", until_s=310, since_s=300)
        await eventually(lambda: house.shown_s("public", "7") == 300)
        fresh = Engine(changed(tour()))
        for record in await house.journal.read(SLUG, 0):
            fresh.apply(record)
        assert after.engine.digest() == fresh.digest()


async def test_a_version_waits_for_its_time(house: House) -> None:
    await house.import_tour(tour())
    async with house.running():
        await eventually(lambda: house.version("public") == 1)
        await house.import_tour(changed(tour()), in_s=3600)
        await asyncio.sleep(10 * engines.LOOK_S)
        assert house.version("public") == 1
        house.set_on(3600)
        await eventually(lambda: house.version("public") == 2)


async def test_spectators_of_a_late_feed_see_the_new_version_as_late_as_the_rest(house: House) -> None:
    await house.import_tour(tour(delay_s=60))
    await house.drive("1", until_s=600)
    async with house.running() as running:
        await eventually(lambda: house.version("crew") == house.version("public") == 1)
        house.set_on(120)
        await house.import_tour(changed(tour(delay_s=60)))
        await eventually(lambda: house.version("crew") == 2)
        assert house.version("public") == 1
        assert "7" not in house.roster("public")
        house.set_on(60)
        await eventually(lambda: house.version("public") == 2)
        assert sorted(runner.delay_s for runner in running.runners) == [0, 60]
        assert house.pages["crew"].position is not None
    for late in (False, True):
        assert state_path(house.folder, SLUG, late=late).exists()


async def test_a_feed_that_becomes_late_leaves_nobody_without(house: House) -> None:
    await house.import_tour(tour())
    await house.drive("1", until_s=300)
    async with house.running() as running:
        await eventually(lambda: house.version("public") == 1)
        await house.import_tour(changed(tour(delay_s=60)))
        await eventually(lambda: len(running.runners) == 2 and house.version("crew") == 2)
        await eventually(lambda: house.pages["public"].about["tour"]["delay_s"] == 60)
        assert house.version("public") == 1  # that of a minute ago


async def test_a_restart_goes_on_from_the_state_of_a_late_engine_too(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.import_tour(tour(delay_s=60))
    await house.drive("1", until_s=500)
    async with house.running() as running:
        await eventually(lambda: all(runner.ready for runner in running.runners))
        digests = [runner.engine.digest() for runner in running.runners]
    with caplog.at_level("INFO"):
        async with house.running() as running:
            await eventually(lambda: all(runner.ready for runner in running.runners))
            assert [runner.engine.digest() for runner in running.runners] == digests
    assert caplog.text.count("goes on from its saved state") == 2


async def test_an_engine_that_dies_is_told_and_made_anew(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A record that nobody foresaw; it kills the engine that is made anew, too, and then not any more."""
    deadly, apply = [1, 2], Engine.apply

    def poisoned(engine: Engine, record: Record) -> None:
        if isinstance(record.body, Ping) and record.body.device == "44" and deadly:
            deadly.pop()
            raise ZeroDivisionError(f"the phone of {record.seq}")
        apply(engine, record)

    monkeypatch.setattr(Engine, "apply", poisoned)
    monkeypatch.setattr(engines, "LONGEST_REST_S", 0.1)
    await house.import_tour(tour())
    await house.drive("1", until_s=100)
    async with house.running() as running:
        parts = PartsCollector(house.journal, house.bus)
        parts.engines.append(running)
        await eventually(lambda: house.version("public") == 1 and house.shown_s("public", "1") == 90)
        epoch = house.pages["public"].position.epoch if house.pages["public"].position else 0
        await house.drive("44", until_s=10)
        await eventually(lambda: running.failure)
        answer = await Health(parts, None).readyz(make_mocked_request("GET", "/readyz"))
        assert (answer.status, json.loads(answer.text or "")["failed"]) == (503, {SLUG: "ZeroDivisionError"})
        await eventually(lambda: not deadly and running.failure is None)
        answer = await Health(parts, None).readyz(make_mocked_request("GET", "/readyz"))
        assert (answer.status, json.loads(answer.text or "")["failed"]) == (200, {})
        await house.drive("1", until_s=200, since_s=100)
        await eventually(lambda: house.shown_s("public", "1") == 190 and house.shown_s("public", "44") == 0)
        position = house.pages["public"].position
        assert position is not None
        assert position.epoch > epoch, "or pages would take its frames for those of before"
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert [line.partition(" at ")[0] for line in told] == [
        f"engine {SLUG} died, and will be made anew: ZeroDivisionError"
    ] * 2
    assert "self.engine.apply(record)" in told[0]
    assert "the phone of 1" not in caplog.text, "the error's own words may quote what came in"


async def test_a_standby_leads_while_an_engine_is_dead(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.import_tour(tour())
    async with house.running("a") as leader, house.running("b") as standby:
        await eventually(lambda: leader.percent == standby.percent == 100)
        (victim,) = leader.runners
        monkeypatch.setattr(victim.engine, "tick", None)
        await eventually(lambda: leader.failure and standby.runners[0].leads)
        await house.drive("1", until_s=100)
        await eventually(lambda: house.shown_s("public", "1") == 90)


async def test_a_standby_takes_the_new_version_in_silence_and_can_lead_with_it(house: House) -> None:
    await house.import_tour(tour())
    async with AsyncExitStack() as later:
        async with house.running("a") as leader:
            standby = await later.enter_async_context(house.running("b"))
            await eventually(lambda: house.version("public") == 1)
            await house.import_tour(changed(tour()))
            both = (leader, standby)
            await eventually(lambda: all(len(each.runners[0].tour.vehicles) == 3 for each in both))
            assert [each.runners[0].leads for each in both] == [True, False]
            await eventually(lambda: house.version("public") == 2)
        await house.drive("7", until_s=30)
        await eventually(lambda: house.shown_s("public", "7") == 20)
