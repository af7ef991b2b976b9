"""Alerts on a real journal: told once, whatever restarts, fails over or fails in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.golden.make_frames import BASE_MS
from tests.test_runner import START_MS, House, eventually, tour
from tracker.clock import TourClock
from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertKind, to_body
from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind
from tracker.errors import StoreUnavailable
from tracker.frozen import frozen, thawed
from tracker.journal.contract import Appended, Entry
from tracker.journal.sqlite import SqliteJournal

SLUG = "test-mille"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(await SqliteJournal.open(tmp_path / "journal.sqlite"))
    yield house
    await leave(house)
    await house.journal.close()


async def leave(house: House) -> None:
    """All engines stop, and give their lease back."""
    for part in reversed(house.parts):
        await part.stop()
    house.parts.clear()
    house.leads.clear()


async def alerts(house: House) -> list[Record]:
    return [record for record in await house.journal.read(SLUG, 0) if record.kind is RecordKind.ALERT]


async def told(house: House) -> list[tuple[object, object]]:
    """What the journal says of alerts: id and step of each event."""
    bodies = [record.body for record in await alerts(house)]
    return [(body["id"], body["event"]) for body in bodies if isinstance(body, dict)]


async def until_told(house: House, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await alerts(house)) < count:
            await asyncio.sleep(0.01)


async def a_few_looks() -> None:
    """Time enough for an engine to say it again, were it wrong."""
    await asyncio.sleep(1.6)


async def test_an_sos_is_journalled_at_once(house: House) -> None:
    """Though the engine's beat is long, and its next look a second away."""
    runner = await house.engine(beat_ms=5_000)
    await eventually(lambda: runner.ready)
    asked = time.monotonic()
    await house.ping(-1, sos=True)
    await until_told(house, 1)
    assert time.monotonic() - asked < 1.0
    await eventually(lambda: runner.alerting.desk.open)
    (alert,) = runner.alerting.desk.open
    assert (alert.id, alert.vehicle, alert.finding.evidence["device"]) == ("sos-1-1", 0, "1")


async def test_a_restart_tells_nothing_twice(house: House) -> None:
    await house.engine()
    await house.ping(-2, sos=True)
    await until_told(house, 1)
    await leave(house)
    restarted = await house.engine("b")
    await house.ping(-1, sos=True)
    await a_few_looks()
    assert await told(house) == [("sos-1-1", "raised")]
    assert [alert.id for alert in restarted.alerting.desk.open] == ["sos-1-1"]


async def test_what_nobody_was_there_to_tell_is_told_after_the_restart(house: House) -> None:
    await house.ping(-1, sos=True)
    await house.engine()
    await until_told(house, 1)
    assert await told(house) == [("sos-1-1", "raised")]


async def test_a_standby_tells_nothing_and_goes_on_where_the_leader_ended(house: House) -> None:
    leader, standby = await house.engine("a"), await house.engine("b")
    await house.ping(-3, sos=True)
    await until_told(house, 1)
    await eventually(lambda: leader.alerting.desk.open and standby.alerting.desk.open)
    for part in house.parts[1::-1]:  # the leader's runner and its lease
        await part.stop()
    del house.parts[:2]
    await house.ping(-2, "44", sos=True)
    await until_told(house, 2)
    await a_few_looks()
    assert await told(house) == [("sos-1-1", "raised"), ("sos-44-1", "raised")]


async def test_a_lost_answer_is_looked_up_in_the_journal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event was stored, and the leader was told that it may not have been."""
    append = house.journal.append
    lost: list[Appended] = []

    async def losing(tour: str, entries: list[Entry], now_ms: int, **more: object) -> Appended:
        done = await append(tour, entries, now_ms, **more)  # type: ignore[arg-type]
        if entries[0].kind is RecordKind.ALERT and not lost:
            lost.append(done)
            raise StoreUnavailable("the answer was lost")
        return done

    monkeypatch.setattr(house.journal, "append", losing)
    runner = await house.engine()
    await house.ping(-1, sos=True)
    await eventually(lambda: lost and runner.alerting.desk.open)
    await a_few_looks()
    assert await told(house) == [("sos-1-1", "raised")]


async def test_a_doubled_event_in_the_journal_is_one_alert(house: House) -> None:
    runner = await house.engine()
    await house.ping(-1, sos=True)
    await until_told(house, 1)
    (first,) = await alerts(house)
    assert isinstance(first.body, dict)
    await house.journal.append(SLUG, [Entry(RecordKind.ALERT, first.body)], START_MS)
    resolved = first.body | {"event": "resolved", "at_ms": START_MS}
    await house.journal.append(SLUG, [Entry(RecordKind.ALERT, resolved)], START_MS)
    await house.journal.append(SLUG, [Entry(RecordKind.ALERT, first.body)], START_MS)
    await eventually(lambda: runner.alerting.desk.position == 5)
    assert runner.alerting.desk.open == []


async def test_what_has_come_up_is_found_by_itself_and_not_again_after_a_restart(house: House) -> None:
    """Car 1 was due at the tour's first moment, and is still heard to stand there."""
    now_ms = BASE_MS + 1_000_000
    house.clock = TourClock(now_ms, 1.0)
    waiting = Ping("1", now_ms - 5_000, 37.79165, -122.41075, 5.0)
    await house.journal.append(SLUG, [Entry(RecordKind.PING, waiting)], now_ms - 5_000)
    await house.engine()
    await until_told(house, 1)
    await leave(house)
    again = await house.engine("b")
    await a_few_looks()
    assert await told(house) == [("not_started-1-1", "raised")]
    (alert,) = again.alerting.desk.open
    assert alert.finding.since_ms == BASE_MS


def test_the_desk_is_part_of_the_saved_state() -> None:
    engine, desk = Engine(tour()), Alerts(tour())
    ping = Ping("1", BASE_MS, 37.79165, -122.41075, 5.0, sos=True, battery_pct=9.0)
    desk.observe(Record(1, BASE_MS, RecordKind.PING, ping))
    (called,) = desk.emergencies(BASE_MS, engine)
    desk.observe(Record(2, BASE_MS, RecordKind.ALERT, to_body(called, tour())))
    *_, (_, _, state) = thawed(Engine(tour()), list(frozen(engine, (Calibrator(), {}, desk.state()))))
    restored = Alerts(tour())
    restored.restore(state)
    assert (restored.position, restored.open) == (2, desk.open)
    assert [event.kind for event in restored.tick(BASE_MS + 1000, engine)] == [AlertKind.LOW_BATTERY]
