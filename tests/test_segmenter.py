"""The past as the engine's shell makes it: of a backlog only what it changes, and nothing when deposed."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.roads import OUT_AND_BACK, START_MS, drive, leg, records, tour
from tracker.core.engine import Engine
from tracker.core.model import Ping
from tracker.core.segments import slot_of
from tracker.journal.segments import Listed
from tracker.journal.sqlite import SqliteJournal
from tracker.segmenter import Segmenter
from tracker.wire.segments import decode_segment

DAY = tour(leg(OUT_AND_BACK))
LINE = DAY.legs[0].course
NOW_MS = START_MS + 3_600_000


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(tmp_path / "journal.sqlite")
    yield journal
    await journal.close()


def tell(engine: Engine, pings: list[Ping]) -> None:
    for record in records(pings):
        engine.apply(record)
    engine.fold(1_000_000)


async def make(segmenter: Segmenter, engine: Engine, epoch: int) -> None:
    """Everything that is due, however many beats that takes."""
    segmenter._looked_at = 0.0
    for _ in range(50):
        await segmenter.work(engine, epoch, NOW_MS, lambda: True)
        await segmenter.stop()


async def listed(journal: SqliteJournal) -> dict[int, Listed]:
    return {each.start_ms: each for each in await journal.segments.listed(DAY.slug, 0)}


async def test_of_a_backlog_only_the_slices_that_it_changes_are_stored_anew(journal: SqliteJournal) -> None:
    epoch = await journal.take_lease(DAY.slug, "an engine", 60_000) or 0
    engine, segmenter = Engine(DAY), Segmenter(DAY, journal.segments, 1.0)
    other = drive(LINE, device="2", begin_ms=START_MS + 60_000, speed_mps=9.0)
    late = (START_MS + 900_000, START_MS + 1_500_000)
    tell(engine, drive(LINE))
    tell(engine, [ping for ping in other if not late[0] < (ping.fix_time_ms or 0) < late[1]])
    await make(segmenter, engine, epoch)
    before = await listed(journal)
    assert len(before) >= 4
    tell(engine, [ping for ping in other if late[0] < (ping.fix_time_ms or 0) < late[1]])
    await make(segmenter, engine, epoch)
    after = await listed(journal)
    changed = {start_ms for start_ms in after if after[start_ms] != before.get(start_ms)}
    assert slot_of(late[0]) in changed
    assert min(changed) == slot_of(late[0]), "what was before it stands as it was"
    old = before[slot_of(late[0])].hash
    assert await journal.segments.body(DAY.slug, old) is not None, "somebody may still ask for it"
    body = await journal.segments.body(DAY.slug, after[slot_of(late[0])].hash)
    assert body is not None
    assert len(decode_segment(body)["2"]) > 5


async def test_another_leader_arrives_at_the_same_slices(journal: SqliteJournal) -> None:
    hashes = []
    for holder in ("a", "b"):
        epoch = await journal.take_lease(DAY.slug, holder, 0) or 0
        engine = Engine(DAY)
        tell(engine, drive(LINE))
        await make(Segmenter(DAY, journal.segments, 1.0), engine, epoch)
        hashes.append(await listed(journal))
    assert hashes[0] == hashes[1] != {}


async def test_who_was_deposed_stores_nothing(journal: SqliteJournal, caplog: pytest.LogCaptureFixture) -> None:
    epoch = await journal.take_lease(DAY.slug, "a", 0) or 0
    assert await journal.take_lease(DAY.slug, "b", 60_000)
    engine = Engine(DAY)
    tell(engine, drive(LINE))
    with caplog.at_level(logging.WARNING):
        await make(Segmenter(DAY, journal.segments, 1.0), engine, epoch)
    assert await listed(journal) == {}
    assert "another engine took the lead" in caplog.text
