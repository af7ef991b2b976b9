"""The engine's shell on a real journal: gaps, delay, clocks, and who leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.golden.make_frames import BASE_MS, small_tour
from tracker.bus.contract import frames_topic, pings_topic, wants_topic
from tracker.bus.memory import MemoryBus
from tracker.catalogue import ServedTour
from tracker.clock import TourClock
from tracker.core.model import Calibration, Device, Ping, RecordKind, Tour
from tracker.journal.contract import Entry
from tracker.journal.records import encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.leadership import Leadership
from tracker.outlet import Outlet
from tracker.runner import Runner
from tracker.wire.audience import CREW, PUBLIC, Audience
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
    leads: dict[str, Leadership] = field(default_factory=dict)  # by holder

    async def engine(
        self,
        holder: str = "a",
        public_delay_s: int = 0,
        audiences: Sequence[Audience] = (PUBLIC,),
        beat_ms: int = BEAT_MS,
    ) -> Runner:
        lead = self.leads.get(holder)
        if lead is None:
            self.leads[holder] = lead = Leadership(self.journal, "test-mille", holder)
            await lead.start()
            self.parts.append(lead)
        served = ServedTour.of(tour(public_delay_s), 1, 10)
        outlets = [Outlet(served, audience, beat_ms, self.bus) for audience in audiences]
        runner = Runner(served, self.journal, self.bus, self.clock, lead, outlets, public_delay_s)
        await runner.start()
        self.parts.append(runner)
        return runner

    async def ping(
        self,
        after_s: float,
        device: str = "1",
        *,
        hint: bool = True,
        clock_error_s: float = 0.0,
        sos: bool = False,
    ) -> None:
        """A fix so long after the engine's first moment, journalled at the time that it was taken."""
        fix_time_ms = START_MS + int((after_s + clock_error_s) * 1000)
        ping = Ping(device, fix_time_ms, 37.79165 + after_s * 1e-5, -122.41075, 5.0, sos=sos)
        entries = [Entry(RecordKind.PING, ping)]
        done = await self.journal.append("test-mille", entries, START_MS + int(after_s * 1000), device=device)
        if hint:
            self.bus.publish(pings_topic("test-mille"), encode_hint(done.stored))

    async def crew_page(self) -> FeedState:
        """What a crew's page shows from now on."""
        state = FeedState()

        def on_frame(frame: bytes) -> None:
            state.fold(frame)

        await self.bus.subscribe(frames_topic("test-mille", "crew"), on_frame, lambda: None)
        return state

    def page(self) -> FeedState:
        """What a page shows that folded every frame so far."""
        state = FeedState()
        for frame in self.frames:
            state.fold(frame)
        return state

    def shown_s(self) -> float | None:
        return shown_s(self.page())


def shown_s(page: FeedState) -> float | None:
    """The fix time of vehicle 0 on a page, after the engine's first moment."""
    columns = page.columns
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
    house.leads.clear()
    await house.engine(public_delay_s=60)
    await eventually(lambda: house.shown_s() == -30)


async def test_a_crew_sees_at_once_what_spectators_see_after_the_delay(house: House) -> None:
    """Two engines on one journal, under one lease."""
    crew = await house.crew_page()
    await house.engine(audiences=[CREW])
    await house.engine(public_delay_s=60, audiences=[PUBLIC])
    await house.ping(-61)
    await house.ping(-1)
    await eventually(lambda: crew.columns and shown_s(crew) == -1)
    await eventually(lambda: house.shown_s() == -61)
    await asyncio.sleep(5 * BEAT_MS / 1000)
    assert house.shown_s() == -61
    assert house.page().now_ms <= house.clock.now_ms() - 60_000


async def test_an_engine_that_is_behind_on_purpose_journals_nothing(house: House) -> None:
    runner = await house.engine(public_delay_s=60)
    for number in range(12):
        await house.ping(number * 10 - 200, clock_error_s=90)
    await eventually(lambda: runner.read_seq == 12)
    await asyncio.sleep(5 * BEAT_MS / 1000)
    assert (await house.journal.head("test-mille"))[0] == 12


async def test_crews_learn_of_an_sos_before_the_next_beat(house: House) -> None:
    """With a beat of a minute only the SOS itself can have brought the frame; spectators get neither word nor beat."""
    crew = await house.crew_page()
    await house.engine(audiences=[PUBLIC, CREW], beat_ms=60_000)
    await eventually(lambda: crew.columns and house.frames)
    spectators_got = len(house.frames)
    await house.ping(-2)
    await house.ping(-1, sos=True)
    await eventually(lambda: crew.columns[crew.names.index("sos")][0] == 1)
    assert shown_s(crew) == -1
    assert len(house.frames) == spectators_got


async def test_an_sos_whose_hint_finds_a_gap_is_no_later(house: House) -> None:
    crew = await house.crew_page()
    await house.engine(audiences=[CREW], beat_ms=60_000)
    await eventually(lambda: crew.columns)
    await house.ping(-2, hint=False)
    await house.ping(-1, sos=True)
    await eventually(lambda: crew.columns[crew.names.index("sos")][0] == 1)


async def test_a_feed_that_wants_a_snapshot_gets_its_own_and_nobody_else_s(house: House) -> None:
    crews: list[bytes] = []
    await house.bus.subscribe(frames_topic("test-mille", "crew"), crews.append, lambda: None)
    await house.engine(audiences=[PUBLIC, CREW])
    await eventually(lambda: crews and house.frames)
    spectators_got = len(house.frames)
    house.bus.publish(wants_topic("test-mille"), b"crew")
    await eventually(lambda: len(crews) == 2)
    assert len(house.frames) == spectators_got


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
