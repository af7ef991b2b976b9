"""Alerts on a real journal: told once, whatever restarts, fails over or fails in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.golden.make_frames import BASE_MS
from tests.test_runner import START_MS, House, eventually, tour
from tracker.bus.contract import desk_topic, pings_topic
from tracker.clock import TourClock
from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertKind, to_body
from tracker.core.calibration import Calibrator
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind
from tracker.errors import StoreUnavailable
from tracker.frozen import frozen, thawed
from tracker.journal.contract import Appended, Entry
from tracker.journal.records import encode_hint
from tracker.journal.sqlite import SqliteJournal
from tracker.wire.desk import decode_desk, decode_from_bus

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
    cleared = first.body | {"event": "cleared", "at_ms": START_MS}
    await house.journal.append(SLUG, [Entry(RecordKind.ALERT, cleared)], START_MS)
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
    taken: dict[str, object] = {"id": "a", "decision": "alert", "alert": called.id, "step": "assigned", "helper": "S1"}
    undone: dict[str, object] = {"id": "b", "decision": "undo", "of": "a"}
    for seq, body in enumerate((taken, undone, taken | {"id": "c"}), 3):
        desk.observe(Record(seq, BASE_MS, RecordKind.DECISION, body))
    *_, (_, _, state) = thawed(Engine(tour()), list(frozen(engine, (Calibrator(), {}, desk.state()))))
    restored = Alerts(tour())
    restored.restore(state)
    assert (restored.position, restored.open) == (5, desk.open)
    assert restored.handled() == desk.handled()
    assert [step.decision for step in restored.handled()[called.id].steps] == ["", "c"]
    assert [event.kind for event in restored.tick(BASE_MS + 1000, engine)] == [AlertKind.LOW_BATTERY]


# What people decide about alerts


@dataclass
class Crew:
    """A crew's hand on the journal, and its page."""

    house: House
    desks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # epoch and document, as published

    @classmethod
    async def of(cls, house: House) -> Crew:
        crew = cls(house)

        def on_desk(packed: bytes) -> None:
            epoch, message = decode_from_bus(packed)
            crew.desks.append((epoch, decode_desk(message)[1]))

        await house.bus.subscribe(desk_topic(SLUG), on_desk, lambda: None)
        return crew

    async def decide(self, name: str, decision: str, **fields: object) -> None:
        body = {"id": name, "decision": decision, "at_ms": START_MS, "who": "Ann", "role": "crew"} | fields
        done = await self.house.journal.append(SLUG, [Entry(RecordKind.DECISION, body)], START_MS)
        self.house.bus.publish(pings_topic(SLUG), encode_hint(done.stored))

    async def step(self, name: str, step: str, **fields: object) -> None:
        await self.decide(name, "alert", alert="sos-1-1", step=step, **fields)

    def steps(self) -> list[str]:
        """Of the newest desk's first alert."""
        alerts = self.desks[-1][1]["alerts"] if self.desks else []
        return [step[0] for step in alerts[0]["steps"]] if alerts else []

    async def until_steps(self, *expected: str) -> None:
        await eventually(lambda: self.steps() == list(expected))


async def test_no_step_is_lost_or_doubled_by_a_restart_in_any_state(house: House) -> None:
    crew = await Crew.of(house)
    await house.engine("a")
    await house.ping(-1, sos=True)
    await crew.until_steps("raised")
    steps = ["raised"]
    for name, step, helper in (
        ("one-1234", "acknowledged", ""),
        ("two-1234", "assigned", "S1"),
        ("three-12", "on_scene", ""),
        ("four-123", "resolved", ""),
    ):
        await leave(house)  # nobody is there when it is decided, and it was sent twice
        for _ in range(2):
            await crew.step(name, step, **({"helper": helper} if helper else {}))
        await house.engine("b" if len(steps) % 2 else "a")
        steps.append(step)
        await crew.until_steps(*steps)
    await until_told(house, 2)
    await leave(house)
    await house.engine("c")
    await a_few_looks()
    assert await told(house) == [("sos-1-1", "raised"), ("sos-1-1", "resolved")]
    await crew.until_steps(*steps)


async def test_the_next_leader_knows_every_step_and_its_desk_counts(house: House) -> None:
    crew = await Crew.of(house)
    await house.engine("a")
    await house.engine("b")
    await house.ping(-1, sos=True)
    await crew.until_steps("raised")
    await crew.step("one-1234", "assigned", helper="S1")
    await crew.until_steps("raised", "assigned")
    first_epoch = crew.desks[-1][0]
    for part in house.parts[1::-1]:  # the leader's runner and its lease
        await part.stop()
    del house.parts[:2]
    await crew.step("two-1234", "on_scene")
    await crew.until_steps("raised", "assigned", "on_scene")
    assert crew.desks[-1][0] > first_epoch
    assert crew.desks[-1][1]["answers"]["one-1234"] == ["counts", "Ann", 2]
    await crew.decide("undo-123", "undo", of="two-1234")
    await crew.until_steps("raised", "assigned")
    assert await told(house) == [("sos-1-1", "raised")]


async def test_an_undone_resolution_is_told_once_by_whoever_leads(house: House) -> None:
    crew = await Crew.of(house)
    await house.engine("a")
    await house.ping(-1, sos=True)
    await crew.until_steps("raised")
    await crew.step("one-1234", "resolved")
    await until_told(house, 2)
    await leave(house)
    await crew.decide("undo-123", "undo", of="one-1234")
    runner = await house.engine("b")
    await until_told(house, 3)
    await a_few_looks()
    assert await told(house) == [("sos-1-1", "raised"), ("sos-1-1", "resolved"), ("sos-1-1", "reopened")]
    assert [alert.id for alert in runner.alerting.desk.open] == ["sos-1-1"]
    await leave(house)
    again = await house.engine("c")
    await a_few_looks()
    assert len(await told(house)) == 3
    assert [alert.id for alert in again.alerting.desk.open] == ["sos-1-1"]
