"""SIGKILL at random moments of every role of the scaled shape, again and again, while phones post.

`MILEPOST_KILLS` says how often (default 40).
"""

from __future__ import annotations

import asyncio
import os
import time
from random import Random

import pytest

from tests.scaled.conftest import shape
from tests.scaled.devices import Phones
from tests.scaled.shape import TOUR, Shape
from tests.scaled.test_shape import kept, now_ms, pages_come_right
from tests.sendings import rebuilt_digest
from tracker.core.engine import Engine
from tracker.core.model import Record, Tour
from tracker.journal.postgres import PostgresJournal
from tracker.savedstate import SavedState, state_path
from tracker.tourfiles import load_tour_folder

__all__ = ["shape"]

KILLS = int(os.environ.get("MILEPOST_KILLS", "40"))
PARTS = ("ingest1", "ingest2", "engine1", "engine2", "hub1", "hub2")


@pytest.mark.soak
def test_every_role_may_be_killed_at_any_moment(shape: Shape) -> None:
    rng = Random(1)
    with Phones(shape) as phones:
        for number in range(KILLS):
            part = PARTS[number % len(PARTS)]
            time.sleep(rng.uniform(0.0, 2.0))
            shape.parts[part].kill()
            time.sleep(rng.uniform(0.0, 1.0))
            shape.restart_part(part)
            if rng.random() < 0.5:  # otherwise the next one dies while this one starts
                shape.ready(part)
        for part in PARTS:
            shape.ready(part)
        pages_come_right(shape, now_ms())
    kept(shape, phones.acknowledged)
    for part in ("engine1", "engine2"):  # in order, so that they save their state
        shape.parts[part].process.terminate()
        shape.parts[part].process.wait()
    states = [asyncio.run(digests(shape, part)) for part in ("engine1", "engine2")]
    for part in ("engine1", "engine2"):
        shape.restart_part(part)
    assert len({digest for pair in states for digest in pair}) == 1
    print(f"{KILLS} kills, {len(phones.acknowledged):,} pings acknowledged, {phones.refused} sent again")


async def digests(shape: Shape, part: str) -> tuple[str, str]:
    """Of the journal folded from nothing in the order of the fixes, and of an engine that goes on from its state."""
    tour = load_tour_folder(shape.folder)
    journal = await PostgresJournal.open(shape.postgres.url)
    try:
        records = await everything(journal)
        engine = Engine(tour)
        saved = SavedState(state_path(shape.tmp / "data" / part, TOUR), tour)
        assert await saved.resume(engine, journal) is not None
        for record in records[engine.position :]:
            engine.apply(record)
    finally:
        await journal.close()
    return undisturbed(tour, records), engine.digest()


async def everything(journal: PostgresJournal) -> list[Record]:
    records: list[Record] = []
    while page := await journal.read(TOUR, len(records), 1000):
        records += page
    return records


def undisturbed(tour: Tour, records: list[Record]) -> str:
    """As if every ping had come in the order in which it was taken."""
    in_order = sorted(records, key=lambda record: getattr(record.body, "fix_time_ms", None) or 0)
    return rebuilt_digest(tour, in_order)
