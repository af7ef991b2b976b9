"""The engine's shell on a real journal: gaps, delay, clocks, and who leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.golden.make_frames import BASE_MS, small_tour
from tracker.bus.contract import frames_topic, pings_topic
from tracker.bus.memory import MemoryBus
from tracker.catalogue import ServedTour
from tracker.clock import TourClock
from tracker.core.model import Calibration, Device, Ping, RecordKind, Tour
from tracker.journal.contract import Entry
from tracker.journal.records import encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.leadership import Leadership
from tracker.runner import Runner
from tracker.wire.frames import FeedState

START_MS = BASE_MS + 600_000
BEAT_MS = 10


def tour(public_delay_s: int = 0) -> Tour:
    plain = small_tour()
    vehicles = tuple(replace(vehicle, devices=(Device(vehicle.number),)) for vehicle in plain.vehicles)
    return replace(plain, vehicles=vehicles, public_delay_s=public_delay_s)


@dataclass
class House:
    """A journal, a bus and a clock; engines come and go."""

    journal: SqliteJournal
    bus: MemoryBus = field(default_factory=MemoryBus)
    clock: TourClock = field(default_factory=lambda: TourClock(START_MS, 1.0))
    frames: list[bytes] = field(default_factory=list)
    parts: list[Runner | Leadership] = field(default_factory=list)

    async def engine(self, holder: str = "a", public_delay_s: int = 0) -> Runner:
        lead = Leadership(self.journal, "test-mille", holder)
        await lead.start()
        served = ServedTour.of(tour(public_delay_s), 1, 10)
        runner = Runner(served, self.journal, self.bus, self.clock, lead, BEAT_MS)
        await runner.start()
        self.parts += [lead, runner]
        return runner

    async def ping(self, after_s: float, device: str = "1", *, hint: bool = True, clock_error_s: float = 0.0) -> None:
        """A fix so long after the engine's first moment, journalled at the time that it was taken."""
        fix_time_ms = START_MS + int((after_s + clock_error_s) * 1000)
        ping = Ping(device, fix_time_ms, 37.79165 + after_s * 1e-5, -122.41075, 5.0)
        entries = [Entry(RecordKind.PING, ping)]
        done = await self.journal.append("test-mille", entries, START_MS + int(after_s * 1000), device=device)
        if hint:
            self.bus.publish(pings_topic("test-mille"), encode_hint(done.stored))

    def page(self) -> FeedState:
        """What a page shows that folded every frame so far."""
        state = FeedState()
        for frame in self.frames:
            state.fold(frame)
        return state

    def shown_s(self) -> float | None:
        """The fix time of vehicle 0 on the page, after the engine's first moment."""
        columns = self.page().columns
        return None if not columns or columns[0][0] < 0 else columns[0][0] / 10 - (START_MS - BASE_MS) / 1000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(await SqliteJournal.open(tmp_path / "journal.sqlite"))
    await house.bus.subscribe(frames_topic("test-mille", "public"), house.frames.append, lambda: None)
    yield house
    for part in reversed(house.parts):
        await part.stop()
    await house.journal.close()


async def eventually(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_ping_reaches_the_page_by_its_hint(house: House) -> None:
    await house.engine()
    await house.ping(-1)
    await eventually(lambda: house.shown_s() == -1)


async def test_a_hint_that_was_lost_is_read_from_the_journal(house: House) -> None:
    runner = await house.engine()
    await house.ping(-3)
    await house.ping(-2, hint=False)
    await house.ping(-1)
    await eventually(lambda: house.shown_s() == -1)
    assert runner.read_seq == 3


async def test_the_last_hint_may_be_the_one_that_was_lost(house: House) -> None:
    await house.engine()
    await eventually(lambda: house.frames)
    await house.ping(-1, hint=False)
    await eventually(lambda: house.shown_s() == -1)


async def test_a_public_delay_holds_back_what_was_received_since(house: House) -> None:
    """Nothing that was received less than the delay ago is in any byte."""
    await house.ping(-61)
    await house.ping(-30)
    await house.engine(public_delay_s=60)
    await eventually(lambda: house.shown_s() == -61)
    await asyncio.sleep(0.2)
    assert house.shown_s() == -61
    assert house.page().now_ms <= house.clock.now_ms() - 60_000
    house.clock = TourClock(house.clock.now_ms() + 31_000, 1.0)
    for part in reversed(house.parts):
        await part.stop()
    house.parts.clear()
    await house.engine(public_delay_s=60)
    await eventually(lambda: house.shown_s() == -30)


async def test_a_server_s_clock_that_was_set_back_holds_up_nothing(house: House) -> None:
    await house.ping(-2)
    house.clock = TourClock(START_MS - 3_600_000, 1.0)
    await house.engine()
    await eventually(lambda: house.shown_s() == -2)


async def test_a_wrong_clock_is_journalled_once_and_read_back_after_a_restart(house: House) -> None:
    await house.engine()
    for number in range(12):
        await house.ping(number * 10 - 200, clock_error_s=90)

    async def calibrations() -> list[Calibration]:
        records = await house.journal.read("test-mille", 0)
        return [record.body for record in records if isinstance(record.body, Calibration)]

    async with asyncio.timeout(10):
        while not await calibrations():
            await asyncio.sleep(0.01)
    assert await calibrations() == [Calibration("1", 90_000)]
    await eventually(lambda: house.shown_s() == -90)
    restarted = await house.engine("b")
    await eventually(lambda: restarted.ready)
    await asyncio.sleep(0.1)
    assert await calibrations() == [Calibration("1", 90_000)]


async def test_a_standby_is_silent_and_takes_over_with_a_higher_epoch(house: House) -> None:
    leader = await house.engine("a")
    await house.ping(-2)
    await eventually(lambda: house.shown_s() == -2)
    standby = await house.engine("b")
    await eventually(lambda: standby.ready)
    assert (leader.leads, standby.leads) == (True, False)
    before = house.page()
    assert before.position is not None
    assert before.position.epoch == 1
    for part in house.parts[1::-1]:  # the leader's runner and its lease, given back
        await part.stop()
    del house.parts[:2]
    await house.ping(-1)
    await eventually(lambda: house.shown_s() == -1)
    after = house.page()
    assert after.position is not None
    assert after.position.epoch == 2


async def test_both_engines_come_to_the_same_digest(house: House) -> None:
    leader, standby = await house.engine("a"), await house.engine("b")
    for number in range(40):
        await house.ping(number - 60, device="1" if number % 2 else "44", hint=number % 3 != 0)
    await eventually(lambda: (leader.read_seq, standby.read_seq) == (40, 40))
    await asyncio.sleep(0.1)
    assert leader.engine.digest() == standby.engine.digest()
